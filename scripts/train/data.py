# SPDX-License-Identifier: GPL-2.0-or-later
"""Annotated photos in, training crops and targets out.

A data folder has images/ and labels.csv (source,file,width,height,x,y,w,h in
pixels; a row with an empty box: no plate in that photo).
"""
import csv
import os
from collections import OrderedDict

import cv2
import numpy as np

import synth
from network import STRIDES

# Sources known to hold plates nobody boxed: the weight of a cell that scores
# high where no label is (0 ignores it, 1 trusts the label's absence).
UNBOXED = {"robert": 0.0, "openimages": 0.3, "kaggle433": 0.6}


def load(folder):
    """[(name, source, luma uint8, boxes float32 (n, 4) as x0 y0 x1 y1)]"""
    rows = OrderedDict()
    with open(os.path.join(folder, "labels.csv"), newline="") as f:
        for r in csv.DictReader(f):
            photo = rows.setdefault(r["file"], (r["source"], []))
            if r["x"]:
                x, y, w, h = (float(r[k]) for k in "xywh")
                photo[1].append((x, y, x + w, y + h))
    out = []
    for name, (source, boxes) in rows.items():
        luma = cv2.imread(os.path.join(folder, "images", name), cv2.IMREAD_GRAYSCALE)
        if luma is None:
            raise SystemExit(f"{folder}/images/{name}: cannot be read; mend or drop its row")
        out.append((name, source, luma, np.array(boxes, np.float32).reshape(-1, 4)))
    return out


class Crops:
    """An endless source of crops, drawn by its own generator."""

    def __init__(self, photos, width, height, seed, bank):
        self.photos, self.w, self.h = photos, width, height
        self.rng = np.random.default_rng(seed)
        self.plates, self.signs = bank
        self.harsh = 1.0  # 0 to 1: how often crops are degraded and pasted into
        self.with_plate = [i for i, p in enumerate(photos) if len(p[3])]
        self.without = [i for i, p in enumerate(photos) if not len(p[3])]

    def _window(self, luma, boxes):
        """Chooses scale and place: (scale, x, y) of the crop in the photo."""
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
        else:
            scale = np.exp(rng.uniform(np.log(0.4), np.log(1.4))) * 640 / pw
            cw, ch = self.w / scale, self.h / scale
            x = rng.uniform(min(0, pw - cw), max(0, pw - cw))
            y = rng.uniform(min(0, ph - ch), max(0, ph - ch))
        return scale, x, y

    def _cut(self, luma, scale, x, y, stretch):
        """The crop as float32; outside the photo it is grey."""
        cw, ch = self.w / scale / stretch, self.h / scale
        x0, y0 = int(max(0, np.floor(x))), int(max(0, np.floor(y)))
        x1 = int(min(luma.shape[1], np.ceil(x + cw)))
        y1 = int(min(luma.shape[0], np.ceil(y + ch)))
        out = np.full((self.h, self.w), 128, np.float32)
        if x1 - x0 < 4 or y1 - y0 < 4:
            return out, (scale * stretch, scale, x, y)
        sx, sy = scale * stretch, scale
        tw, th = max(1, round((x1 - x0) * sx)), max(1, round((y1 - y0) * sy))
        how = cv2.INTER_AREA if scale < 0.9 else cv2.INTER_LINEAR
        part = cv2.resize(luma[y0:y1, x0:x1], (tw, th), interpolation=how)
        dx, dy = round((x0 - x) * sx), round((y0 - y) * sy)
        dx, dy = max(0, dx), max(0, dy)
        part = part[:self.h - dy, :self.w - dx]
        out[dy:dy + part.shape[0], dx:dx + part.shape[1]] = part
        return out, (sx, sy, x0 - dx / sx, y0 - dy / sy)

    def _degrade(self, crop):
        """Camera troubles: light, blur, movement, noise, JPEG."""
        rng, harsh = self.rng, self.harsh
        if rng.random() < 0.25 * harsh:
            crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 1.2))
        if rng.random() < 0.12 * harsh:
            n = int(rng.integers(3, 8))
            kernel = np.zeros((n, n), np.float32)
            kernel[n // 2] = 1 / n
            turn = cv2.getRotationMatrix2D((n / 2 - .5, n / 2 - .5), rng.uniform(0, 180), 1)
            kernel = cv2.warpAffine(kernel, turn, (n, n))
            crop = cv2.filter2D(crop, -1, kernel / max(kernel.sum(), 1e-3))
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

    def draw(self):
        """(luma uint8 (h, w), boxes (n, 4), source)"""
        rng = self.rng
        pool = self.with_plate if not self.without or rng.random() < 0.82 else self.without
        _, source, luma, boxes = self.photos[pool[rng.integers(len(pool))]]
        scale, x, y = self._window(luma, boxes)
        crop, (sx, sy, ox, oy) = self._cut(luma, scale, x, y, np.exp(rng.normal(0, 0.1)))
        b = (boxes - (ox, oy, ox, oy)) * (sx, sy, sx, sy)
        cut = np.clip(b, 0, (self.w, self.h, self.w, self.h))
        area = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
        seen = (cut[:, 2] - cut[:, 0]) * (cut[:, 3] - cut[:, 1]) / np.maximum(area, 1e-6)
        keep = seen > 0.05
        b = cut[keep]
        # A sliver at the edge is neither plate nor ground: training skips it.
        skip = list(seen[keep] < 0.45)
        b = [list(v) for v in b]
        for chance, items, is_plate in ((0.3, self.plates, True), (0.15, self.signs, False)):
            while rng.random() < chance * self.harsh:
                box = synth.paste(rng, crop, items[rng.integers(len(items))], b, is_plate)
                if box is not None:
                    b.append(box)
                    skip.append(False)
        if rng.random() < 0.5:
            crop = np.ascontiguousarray(crop[:, ::-1])
            b = [[self.w - v[2], v[1], self.w - v[0], v[3]] for v in b]
        return (self._degrade(crop), np.array(b, np.float32).reshape(-1, 4),
                np.array(skip, bool), source)


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
