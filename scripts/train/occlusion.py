# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts something before a plate, as posts, people and other cars are: an upright bar.

Pictures are float32 luma and are changed in place; boxes are x0, y0, x1, y1 in pixels. What is
left of a plate is a box round all its pieces that a letter has room in.
"""
from typing import NamedTuple

import cv2
import numpy as np

PIECE = 0.12    # of a plate's width: a piece that counts
LEAST = 0.4     # of a plate to be seen: one that still teaches


class Bar(NamedTuple):
    middle: float   # x where it crosses the plate's middle line
    y: float        # which is there
    half: float     # its width's half
    lean: float     # x a y
    top: float
    bottom: float


def before(rng, box):
    """A bar before some of a box."""
    w, h = box[2] - box[0], box[3] - box[1]
    half = w * np.exp(rng.uniform(np.log(0.1), np.log(1.2))) / 2
    return Bar(rng.uniform(box[0] - 0.8 * half, box[2] + 0.8 * half), (box[1] + box[3]) / 2, half, rng.normal(0, 0.08),
               box[1] - h * rng.uniform(0.3, 6), box[3] + h * rng.uniform(0.3, 6))


def pieces(bar, box):
    """What is to be seen of a box on either side of a bar: boxes, from the left."""
    x0, y0, x1, y1 = box
    middle = bar.middle + bar.lean * ((y0 + y1) / 2 - bar.y)
    ends = (x0, min(x1, middle - bar.half)), (max(x0, middle + bar.half), x1)
    return [np.array((a, y0, b, y1), np.float32) for a, b in ends if b - a > PIECE * (x1 - x0)]


def left(bar, box):
    """(what is to be seen of a box behind a bar or None, as a share of its width)"""
    if not bar.top < (box[1] + box[3]) / 2 < bar.bottom:
        return np.asarray(box, np.float32), 1.0
    seen = pieces(bar, box)
    if not seen:
        return None, 0.0
    hull = np.array((seen[0][0], box[1], seen[-1][2], box[3]), np.float32)
    return hull, sum(p[2] - p[0] for p in seen) / max(box[2] - box[0], 1e-6)


def paint(rng, picture, bar):
    """Draws a bar, plain or of what is elsewhere in the picture."""
    h, w = picture.shape
    x, y = np.arange(w, dtype=np.float32)[None] + 0.5, np.arange(h, dtype=np.float32)[:, None] + 0.5
    soft = rng.uniform(0.5, 2)
    inside = np.clip((bar.half - np.abs(x - bar.middle - bar.lean * (y - bar.y))) / soft + 0.5, 0, 1)
    inside = inside * np.clip(np.minimum(y - bar.top, bar.bottom - y) / soft + 0.5, 0, 1)
    if rng.random() < 0.5:
        tone = rng.uniform(5, 235)
        fill = tone + rng.normal(0, 0.25) * (x - bar.middle) + rng.normal(0, 8)
    else:
        # Turned, so that no plate in it can be taken for one.
        fill = cv2.resize(np.ascontiguousarray(np.rot90(picture)), (w, h), interpolation=cv2.INTER_LINEAR)
        fill = np.roll(fill, tuple(int(rng.integers(n)) for n in (h, w)), (0, 1)) * rng.uniform(0.6, 1.2)
    picture[:] = picture * (1 - inside) + np.clip(fill, 0, 255) * inside
