# SPDX-License-Identifier: GPL-2.0-or-later
"""What the second look learns from: views of plates, and of what the first stage takes for them.

Plates are the labelled ones, in boxes as wrong as the first stage's or its own, those that it is
least sure of most often; the rest are its candidates that are clear of labels, those that score more
more often, and the places that corrections.csv calls none.
"""
import csv
from typing import NamedTuple

import cv2
import numpy as np

import occlusion
import synth
import views
from evaluate import iou

FLOOR = 0.03        # what the first stage's boxes of plates score at least
DOUBTED = 0.08      # and what is no plate: the second look is not asked below (LEAST in second.py)
PLATE, GROUND = 0.2, 0.05   # IoU with a label from which, and up to which
BOX_TRUST = {"robert": 0.35}    # labels drawn too large teach less of where edges are
CUT, HIDDEN = 0.1, 0.12     # candidates cut by the picture's edge; that have something before them
TINTED, TILTED, ERASED = 0.4, 0.35, 0.15    # that are seen in another light, from aside, with less round them
BARE, LETTERING = 0.06, 0.3 # drawn on nothing: a plate needs no car. Of those, that are none


class Plate(NamedTuple):
    photo: int
    label: np.ndarray   # x0 y0 x1 y1, photo pixels
    found: np.ndarray   # (n, 4): the first stage's boxes of it
    score: float        # the best of theirs


class Ground(NamedTuple):
    photo: int
    box: tuple
    score: float


def read(paths, photos):
    """{photo's index: boxes with scores (n, 5) in photo pixels} of files of width,file,x0,y0,x1,y1,score."""
    index = {p.name: i for i, p in enumerate(photos)}
    found = {}
    for path in paths:
        with open(path, newline="") as f:
            for width, name, *values in csv.reader(f):
                if name not in index or float(values[4]) < FLOOR:
                    continue
                i = index[name]
                k = photos[i].luma.shape[1] / float(width)
                v = [float(x) for x in values]
                found.setdefault(i, []).append([k * x for x in v[:4]] + [v[4]])
    return {i: np.array(v, np.float32) for i, v in found.items()}


def apart(boxes, others):
    """Which boxes are clear of others: overlapping little, and with their middle outside."""
    clear = np.ones(len(boxes), bool)
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    for o in others:
        clear &= (iou(o, boxes[:, :4]) < GROUND) & ((x < o[0]) | (x > o[2]) | (y < o[1]) | (y > o[3]))
    return clear


def cumulated(weights):
    """The chance that one of those up to each is chosen."""
    return np.cumsum(weights) / np.sum(weights)


def places(photos, found):
    """(list of Plate, list of Ground)"""
    plates, ground = [], []
    for i, p in enumerate(photos):
        mine = found.get(i, np.zeros((0, 5), np.float32))
        for b in p.boxes:
            if b[3] - b[1] >= 5:
                its = mine[iou(b, mine[:, :4]) >= PLATE]
                plates.append(Plate(i, b, its[:, :4], its[:, 4].max(initial=0)))
        large = (mine[:, 2] - mine[:, 0] > 4) & (mine[:, 3] - mine[:, 1] > 3)
        for c in mine[large & (mine[:, 4] >= DOUBTED) & apart(mine, p.boxes) & apart(mine, p.ignore)]:
            ground.append(Ground(i, tuple(c[:4]), float(c[4])))
        ground += [Ground(i, tuple(b), 0.3) for b in p.hard[apart(p.hard, p.boxes)]]
    return plates, ground


class Source:
    """An endless source of views; what is drawn depends on the seed given last alone."""

    def __init__(self, photos, found, drawn, letters, share=0.4):
        self.photos, self.drawn, self.letters, self.share = photos, drawn, letters, share
        self.pyramids = [views.halves(p.luma) for p in photos]
        self.plates, self.ground = places(photos, found)
        # Much like a plate, but not all too much: that may be one which nobody boxed.
        self.ground_often = cumulated([min(g.score, 0.6) ** 1.5 for g in self.ground])
        self.plate_often = cumulated([1.4 - p.score for p in self.plates])

    def reseed(self, *seed):
        self.rng = np.random.default_rng(seed)

    def _pick(self, items, often):
        return items[min(np.searchsorted(often, self.rng.random()), len(items) - 1)]

    def _choose(self):
        """(photo, candidate's box, label or None)"""
        rng = self.rng
        if rng.random() >= self.share:
            g = self._pick(self.ground, self.ground_often)
            return g.photo, self._shift(g.box, 0.08), None
        i, label, found, _ = self._pick(self.plates, self.plate_often)
        if len(found) and rng.random() < 0.65:
            return i, self._shift(found[rng.integers(len(found))], 0.07), label
        while True:
            box = self._shift(label, 0.11)
            if iou(box, label[None])[0] >= PLATE:
                return i, box, label

    def _letter(self):
        """(photo, box, None, lettering to draw there): near a plate and clear of all."""
        rng = self.rng
        for _ in range(20):
            i, label, *_ = self.plates[rng.integers(len(self.plates))]
            item = self.letters[rng.integers(len(self.letters))]
            w, h = label[2] - label[0], label[3] - label[1]
            high = h * rng.uniform(0.35, 1.1)
            wide = high * item[0].shape[1] / item[0].shape[0] * rng.uniform(0.8, 1.3)
            cx = (label[0] + label[2]) / 2 + rng.uniform(-1.3, 1.3) * w
            cy = (label[1] + label[3]) / 2 + rng.uniform(-3.5, 1.5) * h
            box = np.array([cx - wide / 2, cy - high / 2, cx + wide / 2, cy + high / 2], np.float32)
            ph, pw = self.photos[i].luma.shape
            other = np.concatenate([self.photos[i].boxes, self.photos[i].ignore]) + (-4, -4, 4, 4)
            if wide < 3 * w and box.min() >= 0 and box[2] < pw and box[3] < ph and not (
                    (box[0] < other[:, 2]) & (box[2] > other[:, 0]) & (box[1] < other[:, 3]) & (box[3] > other[:, 1])).any():
                return i, box, None, item
        return *self._choose(), None

    def _shift(self, box, much):
        w, h = box[2] - box[0], box[3] - box[1]
        grow = np.exp(self.rng.normal(0, 1.3 * much, 2) + self.rng.normal(0, 0.7 * much))
        cx = (box[0] + box[2]) / 2 + self.rng.normal(0, much) * w
        cy = (box[1] + box[3]) / 2 + self.rng.normal(0, 1.3 * much) * h
        w, h = w * grow[0] / 2, h * grow[1] / 2
        return np.array([cx - w, cy - h, cx + w, cy + h], np.float32)

    def _scene(self, i, box, f):
        """What the wide view shows, of the photo at scale f, as large as the tight one has
        it: (float32 luma, photo pixels to one of its pixels, photo's x and y of its corner)."""
        pyramid = self.pyramids[i]
        s = views.size(box)
        q = 2.0 ** views.level(s * f) / f
        n = min(max(0, int(np.floor(np.log2(q)))), len(pyramid) - 1)
        part = pyramid[n]
        h, w = part.shape
        kx, ky = pyramid[0].shape[1] / w, pyramid[0].shape[0] / h
        cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        rx, ry = 0.56 * views.WIDE * s * views.VIEW_W, 0.56 * views.WIDE * s * views.VIEW_H
        x0, x1 = int(max(0, (cx - rx) / kx)), int(min(w, np.ceil((cx + rx) / kx)))
        y0, y1 = int(max(0, (cy - ry) / ky)), int(min(h, np.ceil((cy + ry) / ky)))
        tw, th = max(1, round((x1 - x0) * kx / q)), max(1, round((y1 - y0) * ky / q))
        how = cv2.INTER_AREA if q >= kx else cv2.INTER_LINEAR
        scene = cv2.resize(part[y0:y1, x0:x1], (tw, th), interpolation=how).astype(np.float32)
        return scene, ((x1 - x0) * kx / tw, (y1 - y0) * ky / th), (x0 * kx, y0 * ky)

    def _tint(self, i, scene, per, corner):
        """The scene as a camera would have it whose luma is another mixture of the colours."""
        photo = self.photos[i]
        if photo.chroma is None:
            return scene
        kx, ky = (s / l for s, l in zip(photo.chroma.shape[1::-1], photo.luma.shape[::-1]))
        sx, sy = per[0] * kx, per[1] * ky
        m = np.float32([[sx, 0, corner[0] * kx + sx / 2 - 0.5], [0, sy, corner[1] * ky + sy / 2 - 0.5]])
        chroma = cv2.warpAffine(photo.chroma, m, scene.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                                borderMode=cv2.BORDER_REPLICATE).astype(np.float32) - 128
        red, blue = self.rng.normal(0, 0.5, 2).astype(np.float32)
        return np.clip(scene + red * chroma[..., 0] + blue * chroma[..., 1], 0, 255)

    def _tilt(self, scene, here, there):
        """The scene sheared, as from another place: (scene, here, there), boxes that hold what they held."""
        h, w = scene.shape
        turn = np.float32([[1, self.rng.normal(0, 0.12)], [self.rng.normal(0, 0.06), 1]])
        middle = np.float32([(here[0] + here[2]) / 2, (here[1] + here[3]) / 2])
        m = np.concatenate([turn, (middle - turn @ middle)[:, None]], 1)

        def hull(box):
            at = np.float32([[x, y] for x in box[::2] for y in box[1::2]]) @ turn.T + m[:, 2]
            return np.clip(np.concatenate([at.min(0), at.max(0)]), 0, (w, h, w, h)).astype(np.float32)
        m[:, 2] += turn.sum(1) / 2 - 0.5    # a pixel's value is that of its middle
        return (cv2.warpAffine(scene, m, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101),
                hull(here), None if there is None else hull(there))

    def _erase(self, wide):
        """Takes a part of what is round a candidate out of the wide view."""
        rng = self.rng
        w, h = int(views.VIEW_W * rng.uniform(0.15, 0.5)), int(views.VIEW_H * rng.uniform(0.2, 0.7))
        x, y = int(rng.integers(0, views.VIEW_W - w + 1)), int(rng.integers(0, views.VIEW_H - h + 1))
        stays = np.s_[views.VIEW_H // 3:2 * views.VIEW_H // 3, views.VIEW_W // 3:2 * views.VIEW_W // 3]
        middle = wide[stays].copy()
        wide[y:y + h, x:x + w] = rng.integers(-90, 90)
        wide[stays] = middle

    def _cut(self, scene, here, there):
        """Ends the picture within a candidate, as one that comes into it: (scene, here, there). Of what
        is then outside nothing is known."""
        rng = self.rng
        of = here if there is None else there
        axis, part = int(rng.random() < 0.25), rng.uniform(occlusion.LEAST, 1)
        low = rng.random() < 0.5    # the left or upper end is outside
        at = of[axis] + (of[axis + 2] - of[axis]) * (1 - part if low else part)
        at = int(np.clip(round(at), 4, scene.shape[1 - axis] - 4))
        edge = np.array((0, 0, *scene.shape[::-1]), np.float32)
        edge[axis if low else axis + 2] = at
        boxes = [None if b is None else np.clip(b, np.tile(edge[:2], 2), np.tile(edge[2:], 2)) for b in (here, there)]
        if min((b[2:] - b[:2]).min() for b in boxes if b is not None) < 2:
            return scene, here, there
        x0, y0, x1, y1 = edge.astype(int)
        here, there = (None if b is None else b - np.tile(edge[:2], 2) for b in boxes)
        return np.ascontiguousarray(scene[y0:y1, x0:x1]), self._shift(here, 0.05), there

    def _hide(self, scene, here, there):
        """Puts a bar before a candidate: (here, there). The first stage may find a piece alone."""
        rng = self.rng
        of = here if there is None else there
        bar = occlusion.before(rng, of)
        hull, share = occlusion.left(bar, of)
        if share < occlusion.LEAST:
            return here, there
        occlusion.paint(rng, scene, bar)
        if rng.random() < 0.7:
            piece = max(occlusion.pieces(bar, of), key=lambda p: p[2] - p[0])
            here = self._shift(piece if rng.random() < 0.4 else hull, 0.07)
        return here, None if there is None else hull

    def _degrade(self, scene):
        """Camera troubles: blur, movement, light, noise, JPEG."""
        rng = self.rng
        if rng.random() < 0.2:
            scene = cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.4, 1.2))
        if rng.random() < 0.08:
            scene = synth.smear(scene, rng)
        if rng.random() < 0.5:
            scene = 255 * np.power(np.clip(scene, 0, 255) / 255, np.float32(np.exp(rng.normal(0, 0.35))))
            scene = (scene - 128) * np.float32(np.exp(rng.normal(-0.1, 0.25))) + np.float32(128 + rng.normal(0, 15))
        if rng.random() < 0.2:
            scene = scene + rng.standard_normal(scene.shape, np.float32) * np.float32(rng.uniform(1.5, 9))
        scene = np.clip(scene, 0, 255).astype(np.uint8)
        if rng.random() < 0.25 and min(scene.shape) > 8:
            _, jpeg = cv2.imencode(".jpg", scene, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 90))])
            scene = cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
        return scene

    def _views(self, scene, box, sx, sy):
        """Both views of a box in a scene, sx by sy of its pixels to one of the tight view's."""
        cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        pair = []
        for wide in (1, views.WIDE):
            small, step = scene, wide * views.size(box)
            while views.level(step) > 0 and min(small.shape) > 3:
                small = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
                step /= 2
            h, w = small.shape
            kx, ky = scene.shape[1] / w, scene.shape[0] / h
            pair.append(views.warp(small, wide * sx / kx, wide * sy / ky, cx / kx, cy / ky, w, h))
        return pair

    def _scale(self, photo, box):
        """At what size a camera may show a photo: small plates are hard, large ones all look alike."""
        rng, high = self.rng, box[3] - box[1]
        if rng.random() < 0.4:
            return 640 / photo.luma.shape[1]
        return min(1.5, np.exp(rng.uniform(np.log(8), np.log(max(9, min(1.2 * high, 60))))) / high)

    def _bare(self):
        """Bare ground with a drawn plate or other lettering in the middle: (scene, candidate, plate or None)."""
        rng, none = self.rng, self.rng.random() < LETTERING
        items = self.letters if none else self.drawn
        item = items[rng.integers(len(items))]
        high = np.exp(rng.uniform(np.log(6), np.log(40)))
        wide = high * item[0].shape[1] / item[0].shape[0] * rng.uniform(0.75, 1.1)
        wide = min(wide, 8 * high)
        size = max(wide, 2 * high)
        h, w = int(3.2 * size), int(6.4 * size)
        tones = np.clip(np.exp(rng.normal(np.log(90), 0.5)) + rng.normal(0, 12, (2, 2)), 5, 250)
        scene = cv2.resize(tones.astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR)
        rough = rng.standard_normal((max(2, h // 3), max(2, w // 3)), np.float32) * np.float32(rng.uniform(0, 6))
        scene += cv2.resize(rough, (w, h), interpolation=cv2.INTER_LINEAR)
        scene += rng.standard_normal(scene.shape, np.float32) * np.float32(rng.uniform(0, 5))
        quad = synth.corners(rng, w / 2, h / 2, wide, high, 0.5)
        synth.paint(rng, scene, item, quad)
        box = np.concatenate([quad.min(0), quad.max(0)])
        return scene, self._shift(box, 0.08), None if none else box

    def _seen(self):
        """A candidate in a photo, as a camera may show it: (scene, candidate, plate or None, trust in that)."""
        rng = self.rng
        i, box, label, item = self._letter() if rng.random() < 0.06 else (*self._choose(), None)
        photo = self.photos[i]
        f = self._scale(photo, box if label is None else label)
        scene, per, corner = self._scene(i, box, f)
        if rng.random() < TINTED:
            scene = self._tint(i, scene, per, corner)
        here = (box - corner * 2) / (per * 2)
        there = None if label is None else (label - corner * 2) / (per * 2)
        if there is not None and rng.random() < 0.25:
            there = np.array(synth.replace(rng, scene, there, self.drawn) or there)
        if item:
            synth.paint(rng, scene, item, synth.corners(rng, (here[0] + here[2]) / 2, (here[1] + here[3]) / 2,
                                                        here[2] - here[0], here[3] - here[1], 0.5))
            here = self._shift(here, 0.06)
        return scene, here, there, BOX_TRUST.get(photo.source, 1.0)

    def draw(self):
        """(int8 views, is it a plate, its box as the network is to put it, the candidate's edges in
        pixels of the tight view from its middle, trust in the box)"""
        rng = self.rng
        scene, here, there, trust = (*self._bare(), 1.0) if rng.random() < BARE else self._seen()
        if rng.random() < TILTED:
            scene, here, there = self._tilt(scene, here, there)
            trust /= 2
        if rng.random() < CUT:
            scene, here, there = self._cut(scene, here, there)
        if rng.random() < HIDDEN:
            here, there = self._hide(scene, here, there)
        if there is not None and iou(here, there[None])[0] < PLATE:
            here = self._shift(there, 0.11)
        scene = self._degrade(scene)
        stretch = np.exp(rng.normal(0, 0.06))
        sx, sy = views.size(here) * stretch, views.size(here) / stretch
        pair = self._views(scene, here, sx, sy)
        if rng.random() < ERASED:
            self._erase(pair[1])
        raw = np.zeros(4) if there is None else (there - here) / (sx, sy, sx, sy) / views.UNIT
        if rng.random() < 0.4:
            pair = [v[:, ::-1] for v in pair]
            raw = np.array([-raw[2], raw[1], -raw[0], raw[3]])
        w, h = (here[2] - here[0]) / sx / 2, (here[3] - here[1]) / sy / 2
        return np.concatenate(pair), there is not None, raw, (-w, -h, w, h), trust
