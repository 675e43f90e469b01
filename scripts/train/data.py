# SPDX-License-Identifier: GPL-2.0-or-later
"""Annotated photos in, training crops and targets out.

A data folder has images/ and labels.csv (source,file,width,height,x,y,w,h in
pixels; a row with an empty box: no plate in that photo). What is wrong in it is
mended by corrections.csv beside this program (file,action,x,y,w,h): `add` a plate
that nobody boxed, `drop` the label with just this box, `ignore` a place that
neither teaches nor counts, `not` what a network took for a plate and a person did not.
Rows of files that the folder does not list are no matter.
"""
import csv
import os
from collections import OrderedDict
from typing import NamedTuple

import cv2
import numpy as np

import contrast
import occlusion
import synth
from network import STRIDES

CORRECTIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corrections.csv")
# Sources that may still hold plates nobody boxed: the weight of a cell that scores
# high where no label is (0 ignores it, 1 trusts the label's absence).
UNBOXED = {"robert": 0.85, "openimages": 0.85, "kaggle433": 0.85}
CUT, HIDDEN = 0.1, 0.1      # crops whose edge cuts a plate; that have something before one


class Photo(NamedTuple):
    name: str
    source: str
    luma: np.ndarray    # uint8 (h, w)
    boxes: np.ndarray   # float32 (n, 4), x0 y0 x1 y1 in pixels
    ignore: np.ndarray  # the same, places that are not judged
    hard: np.ndarray    # the same, places known to be no plates
    chroma: np.ndarray  # uint8 (h / 2, w / 2, 2), Cr and Cb; None where they were not asked for


def array(boxes):
    return np.array(boxes, np.float32).reshape(-1, 4)


def correct(rows, path):
    """Applies a file of corrections to {file: (source, boxes, ignore, hard)}."""
    with open(path, newline="") as f:
        for line, r in enumerate(csv.DictReader(f), 2):
            if r["file"] not in rows:
                continue
            _, boxes, ignore, hard = rows[r["file"]]
            x, y, w, h = (float(r[k]) for k in "xywh")
            box = (x, y, x + w, y + h)
            if r["action"] == "drop":
                near = [b for b in boxes if max(abs(p - q) for p, q in zip(b, box)) < 0.2]
                if not near:
                    raise SystemExit(f"{path}:{line}: {r['file']} has no such label to drop")
                boxes.remove(near[0])
            elif r["action"] in ("add", "ignore", "not"):
                {"add": boxes, "ignore": ignore, "not": hard}[r["action"]].append(box)
            else:
                raise SystemExit(f"{path}:{line}: action {r['action']}: none of add, drop, ignore, not")


def load(folder, corrections=CORRECTIONS, colour=False):
    """The folder's photos, a list of Photo."""
    rows, sizes = OrderedDict(), {}
    with open(os.path.join(folder, "labels.csv"), newline="") as f:
        for r in csv.DictReader(f):
            photo = rows.setdefault(r["file"], (r["source"], [], [], []))
            sizes[r["file"]] = (int(r["height"]), int(r["width"]))
            if r["x"]:
                x, y, w, h = (float(r[k]) for k in "xywh")
                photo[1].append((x, y, x + w, y + h))
    if corrections and os.path.exists(corrections):
        correct(rows, corrections)
    out = []
    for name, (source, boxes, ignore, hard) in rows.items():
        path = os.path.join(folder, "images", name)
        # As it is stored, whichever way up: so its labels are meant.
        luma = cv2.imread(path, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION)
        if luma is None:
            raise SystemExit(f"{path}: cannot be read; mend or drop its row")
        if luma.shape != sizes[name]:
            raise SystemExit("{}: it is {}x{}, and not as its row says".format(path, *luma.shape[::-1]))
        chroma = None
        if colour:
            chroma = cv2.cvtColor(cv2.imread(path, cv2.IMREAD_REDUCED_COLOR_2 | cv2.IMREAD_IGNORE_ORIENTATION), cv2.COLOR_BGR2YCrCb)[..., 1:]
        out.append(Photo(name, source, luma, array(boxes), array(ignore), array(hard), chroma))
    if not any(len(photo.boxes) for photo in out):
        raise SystemExit(f"{folder}/labels.csv: no plate in it")
    return out


class Crops:
    """An endless source of crops. What is drawn depends on the seed given last alone."""

    def __init__(self, photos, width, height, seed, bank):
        self.photos, self.w, self.h = photos, width, height
        self.plates, self.signs = bank
        self.harsh = 1.0  # 0 to 1: how often crops are degraded and pasted into
        self.hard = []    # (photo, x, y): where something was taken for a plate
        self.missed = []  # (photo, box): plates that were not found
        self.known = [(i, (b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for i, p in enumerate(photos) for b in p.hard]
        self.with_plate = [i for i, p in enumerate(photos) if len(p.boxes)]
        self.without = [i for i, p in enumerate(photos) if not len(p.boxes)]
        self.reseed(seed)

    def reseed(self, *seed):
        self.rng = np.random.default_rng(seed)

    def _choose(self):
        """(photo, scale, x, y): which photo, and scale and place of the crop in it."""
        rng = self.rng
        hard = self.hard if self.hard and (not self.known or rng.random() < 0.5) else self.known
        if hard and rng.random() < 0.15:
            i, cx, cy = hard[rng.integers(len(hard))]
            scale = np.exp(rng.uniform(np.log(0.5), np.log(1.6))) * 640 / self.photos[i].luma.shape[1]
            return (self.photos[i], scale, cx - rng.uniform(.15, .85) * self.w / scale,
                    cy - rng.uniform(.15, .85) * self.h / scale)
        if self.missed and rng.random() < 0.15:
            i, which = self.missed[rng.integers(len(self.missed))]
            return (self.photos[i], *self._window(self.photos[i].luma, self.photos[i].boxes[which:which + 1]))
        pool = self.with_plate if not self.without or rng.random() < 0.82 else self.without
        photo = self.photos[pool[rng.integers(len(pool))]]
        return (photo, *self._window(photo.luma, photo.boxes))

    def _window(self, luma, boxes):
        rng = self.rng
        ph, pw = luma.shape
        if len(boxes) and rng.random() < 0.8:
            b = boxes[rng.integers(len(boxes))]
            bw, bh = b[2] - b[0], b[3] - b[1]
            want = np.exp(rng.uniform(np.log(6), np.log(140)))
            scale = np.clip(want / max(bh, 1), 0.45 * 640 / pw, 2.0)
            scale = min(scale, 0.9 * self.w / max(bw, 1), 0.9 * self.h / max(bh, 1))
            cw, ch = self.w / scale, self.h / scale
            x = rng.uniform(b[2] - cw, b[0]) if cw > bw else b[0]
            y = rng.uniform(b[3] - ch, b[1]) if ch > bh else b[1]
            if rng.random() < CUT:  # as of a car that comes into the picture
                part = rng.uniform(occlusion.LEAST, 0.95)
                if rng.random() < 0.75:
                    x = rng.choice((b[2] - part * bw, b[0] + part * bw - cw))
                else:
                    y = rng.choice((b[3] - part * bh, b[1] + part * bh - ch))
        else:
            scale = np.exp(rng.uniform(np.log(0.4), np.log(1.4))) * 640 / pw
            cw, ch = self.w / scale, self.h / scale
            x = rng.uniform(min(0, pw - cw), max(0, pw - cw))
            y = rng.uniform(min(0, ph - ch), max(0, ph - ch))
        return scale, x, y

    def _cut(self, photo, scale, x, y, stretch):
        """A crop as it comes: (float32 luma, its boxes, which of them are ignored, the part
        of the crop that the photo fills). Outside the photo it is grey."""
        luma = photo.luma
        cw, ch = self.w / scale / stretch, self.h / scale
        x0, y0 = int(max(0, np.floor(x))), int(max(0, np.floor(y)))
        x1 = int(min(luma.shape[1], np.ceil(x + cw)))
        y1 = int(min(luma.shape[0], np.ceil(y + ch)))
        out = np.full((self.h, self.w), 128, np.float32)
        boxes = np.concatenate([photo.boxes, photo.ignore])
        ignored = np.arange(len(boxes)) >= len(photo.boxes)
        if x1 - x0 < 4 or y1 - y0 < 4:
            return out, array([]), ignored[:0], (0, 0, 0, 0)
        sx, sy = scale * stretch, scale
        tw, th = max(1, round((x1 - x0) * sx)), max(1, round((y1 - y0) * sy))
        how = cv2.INTER_AREA if scale < 0.9 else cv2.INTER_LINEAR
        part = cv2.resize(luma[y0:y1, x0:x1], (tw, th), interpolation=how)
        dx, dy = max(0, round((x0 - x) * sx)), max(0, round((y0 - y) * sy))
        part = part[:max(0, self.h - dy), :max(0, self.w - dx)]
        out[dy:dy + part.shape[0], dx:dx + part.shape[1]] = part
        ox, oy = x0 - dx / sx, y0 - dy / sy
        boxes = (boxes - (ox, oy, ox, oy)) * (sx, sy, sx, sy)
        return out, boxes, ignored, (dx, dy, dx + part.shape[1], dy + part.shape[0])

    def _one(self):
        """The source of a photo, and a crop of it as _cut gives it."""
        photo, *window = self._choose()
        return (photo.source, *self._cut(photo, *window, np.exp(self.rng.normal(0, 0.1))))

    def _fill(self, crop, boxes, ignored, filled, depth=0):
        """Fills what the photo leaves of the crop with another one, so that no crop is wasted."""
        x0, y0, x1, y1 = filled
        bands = ((0, 0, x0, self.h), (x1, 0, self.w, self.h), (x0, 0, x1, y0), (x0, y1, x1, self.h))
        for bx0, by0, bx1, by1 in bands:
            if depth == 2 or bx1 - bx0 < 64 or by1 - by0 < 48:
                continue
            _, other, b, ignore, part = self._one()
            other, b, ignore = self._fill(other, b, ignore, part, depth + 1)
            # Slide the other crop so that the middle of one of its plates is in the band.
            mx, my = b[0, :2] / 2 + b[0, 2:] / 2 if len(b) else (self.w / 2, self.h / 2)
            sx = int(np.clip(mx - (bx1 - bx0) / 2, 0, self.w - (bx1 - bx0)))
            sy = int(np.clip(my - (by1 - by0) / 2, 0, self.h - (by1 - by0)))
            crop[by0:by1, bx0:bx1] = other[sy:sy + by1 - by0, sx:sx + bx1 - bx0]
            b = b + (bx0 - sx, by0 - sy, bx0 - sx, by0 - sy)
            c = np.clip(b, (bx0, by0) * 2, (bx1, by1) * 2)
            area, seen = ((v[:, 2] - v[:, 0]) * (v[:, 3] - v[:, 1]) for v in (b, c))
            seen = seen / np.maximum(area, 1e-6)
            boxes = np.concatenate([boxes, c[seen > 0.05]])
            ignored = np.concatenate([ignored, (ignore | (seen < occlusion.LEAST))[seen > 0.05]])
        return crop, boxes, ignored

    def _slant(self, crop, boxes):
        """Sees the crop from the side: narrower, and one side higher than the other."""
        rng = self.rng
        narrow, shear = np.exp(rng.uniform(np.log(0.4), 0)), np.clip(rng.normal(0, 0.22), -0.5, 0.5)
        sx, sy = np.sqrt(narrow), 1 / np.sqrt(narrow)
        m = np.array([[sx, 0, 0], [shear * sx, sy, 0]])
        m[:, 2] = (self.w / 2, self.h / 2) - m[:, :2] @ (self.w / 2, self.h / 2)
        of_middles = m + np.array([[0, 0, v] for v in m[:, :2].sum(1) / 2 - 0.5])   # a pixel's value is that of its middle
        crop = cv2.warpAffine(crop, of_middles, (self.w, self.h), flags=cv2.INTER_AREA, borderValue=128)
        at = np.stack([boxes[:, [0, 1]], boxes[:, [2, 1]], boxes[:, [2, 3]], boxes[:, [0, 3]]], 1)
        at = at @ m[:, :2].T + m[:, 2]
        return crop, np.concatenate([at.min(1), at.max(1)], 1)

    def _dim(self, crop, boxes):
        """Dusk and glare: little contrast, and lamps that bloom, some of them beside a plate."""
        rng = self.rng
        if rng.random() < 0.6:
            crop = (crop - crop.mean()) * rng.uniform(0.12, 0.6) + rng.uniform(15, 170)
        y, x = np.mgrid[:self.h, :self.w].astype(np.float32)
        for _ in range(rng.integers(0, 4)):
            cx, cy, r = rng.uniform(0, self.w), rng.uniform(0, self.h), np.exp(rng.uniform(1, 3.5))
            if len(boxes) and rng.random() < 0.7:
                b = boxes[rng.integers(len(boxes))]
                w, h = b[2] - b[0], b[3] - b[1]
                side = rng.choice((-1, 1)) * rng.uniform(0.6, 1.6) * w
                cx, cy, r = (b[0] + b[2]) / 2 + side, (b[1] + b[3]) / 2 - rng.uniform(-1, 3) * h, h * rng.uniform(0.4, 2)
            crop = crop + rng.uniform(60, 300) * np.exp(-np.sqrt((x - cx) ** 2 + (y - cy) ** 2) / r)
        return crop.astype(np.float32)

    def _degrade(self, crop, boxes):
        """Camera troubles: light, blur, movement, noise, JPEG."""
        rng, harsh = self.rng, self.harsh
        if rng.random() < 0.12:
            crop = self._dim(crop, boxes)
        if rng.random() < 0.25 * harsh:
            crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 1.2))
        if rng.random() < 0.12 * harsh:
            crop = synth.smear(crop, rng)
        if rng.random() < 0.7 * harsh:
            gamma = np.exp(rng.normal(0, 0.35))
            crop = 255 * np.power(np.clip(crop, 0, 255) / 255, gamma)
            crop = (crop - 128) * np.exp(rng.normal(0, 0.22)) + 128 + rng.normal(0, 18)
        if rng.random() < 0.3 * harsh:
            crop = crop + rng.normal(0, rng.uniform(2, 12), crop.shape).astype(np.float32)
        crop = np.clip(crop, 0, 255).astype(np.uint8)
        if rng.random() < 0.3 * harsh:
            _, jpeg = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))])
            crop = cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
        if rng.random() < 0.03 * harsh:
            crop = 255 - crop
        return crop

    def _plant(self, crop, b, skip):
        """Draws plates over some of the real ones and here and there, and signs."""
        rng = self.rng
        for i, box in enumerate(b):
            if not skip[i] and rng.random() < 0.3 * self.harsh:
                b[i] = synth.replace(rng, crop, box, self.plates) or box
        for chance, items, is_plate in ((0.25, self.plates, True), (0.15, self.signs, False)):
            while rng.random() < chance * self.harsh:
                box = synth.scatter(rng, crop, items[rng.integers(len(items))], b, is_plate)
                if box is not None:
                    b.append(box)
                    skip.append(False)

    def _hide(self, crop, b, skip):
        """Puts a bar before one of the plates, and whatever else it meets."""
        large = [box for box, s in zip(b, skip) if not s and box[2] - box[0] > 16]
        if not large or self.rng.random() >= HIDDEN:
            return b, skip
        box = large[self.rng.integers(len(large))]
        bar = occlusion.before(self.rng, box)
        occlusion.paint(self.rng, crop, bar)
        seen = [occlusion.left(bar, v) for v in b]
        skip = [s or part < occlusion.LEAST for s, (v, part) in zip(skip, seen) if v is not None]
        return [list(v) for v, _ in seen if v is not None], skip

    def draw(self):
        """(luma uint8 (h, w), boxes (n, 4), skip (n), source)"""
        rng = self.rng
        source, *first = self._one()
        crop, b, ignored = self._fill(*first)
        if rng.random() < 0.2:
            crop, b = self._slant(crop, b)
        cut = np.clip(b, 0, (self.w, self.h, self.w, self.h))
        area = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
        seen = (cut[:, 2] - cut[:, 0]) * (cut[:, 3] - cut[:, 1]) / np.maximum(area, 1e-6)
        keep = seen > 0.05
        # A sliver at the edge is neither plate nor ground: training skips it.
        skip = list((seen[keep] < occlusion.LEAST) | ignored[keep])
        b = [list(v) for v in cut[keep]]
        self._plant(crop, b, skip)
        b, skip = self._hide(crop, b, skip)
        if rng.random() < 0.5:
            crop = np.ascontiguousarray(crop[:, ::-1])
            b = [[self.w - v[2], v[1], self.w - v[0], v[3]] for v in b]
        return contrast.raised(self._degrade(crop, b)), array(b), np.array(skip, bool), source


def targets(boxes, skip, grid):
    """For each cell: box (x0 y0 x1 y1), 1 plate / 0 ground / -1 not judged.

    A cell is a plate's when its centre lies in the plate's middle and its stride
    suits the plate's size; bands overlap, so most plates teach two levels."""
    state = np.zeros(len(grid), np.int8)
    box = np.zeros((len(grid), 4), np.float32)
    x, y, s = grid[:, 0], grid[:, 1], grid[:, 2]
    low = np.select([s == STRIDES[0], s == STRIDES[1]], [0, 40], 100)
    high = np.select([s == STRIDES[0], s == STRIDES[1]], [56, 136], 1e9)
    order = sorted(range(len(boxes)), key=lambda i: -np.prod(boxes[i, 2:] - boxes[i, :2]))
    for i in order:  # small plates last: they win a shared cell
        x0, y0, x1, y1 = boxes[i]
        w, h = x1 - x0, y1 - y0
        size = np.sqrt(max(w * h, 1))
        inside = (x > x0 - 2) & (x < x1 + 2) & (y > y0 - 2) & (y < y1 + 2)
        if skip[i] or h < 4.5:
            state[inside & (state == 0)] = -1
            continue
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        near = (abs(x - cx) < np.maximum(0.75 * s, 0.2 * w)) & \
               (abs(y - cy) < np.maximum(0.75 * s, 0.2 * h)) & \
               (abs(x - cx) < np.maximum(w / 2, 0.5 * s + .01))
        mine = near & (size >= low) & (size < high)
        state[inside & (state == 0)] = -1
        state[mine] = 1
        box[mine] = boxes[i]
    return state, box
