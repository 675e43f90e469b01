# SPDX-License-Identifier: GPL-2.0-or-later
"""What the second look sees of a candidate: two views of it, one above the other.

The tight one shows the candidate's box and a margin, the wide one three times as much: what the
plate is on. userspace/detect/second.c cuts them the same way out of the picture or of its halves.
"""
import cv2
import numpy as np

VIEW_W, VIEW_H = 96, 48     # pixels of a view
FILL_W, FILL_H = 54, 27     # of those, what the box fills of the tight one, at most
WIDE = 3                    # how much more the wide one shows
UNIT = 16.0                 # view pixels to one of the network's box values
SHARE, RIM = 0.4, 0.04      # how far a box is moved to where the network puts it, and made larger (second.c)
CONTRAST = 45.0             # mean distance from the mean that a view is brought to
GAIN = (0.5, 12.0)          # but for this


def size(box):
    """Picture pixels to one of the tight view's, for x0 y0 x1 y1."""
    return max((box[2] - box[0]) / FILL_W, (box[3] - box[1]) / FILL_H)


def level(step):
    """Which half of the picture (0 itself) a view of so many pixels a pixel is cut from."""
    return max(0, int(np.floor(np.log2(max(step, 1e-6)) + 0.5)))


def halves(luma):
    """The picture and its halves, while they have pixels."""
    out = [luma]
    while min(out[-1].shape) > 8:
        h, w = out[-1].shape
        out.append(cv2.resize(out[-1], (max(1, w // 2), max(1, h // 2)), interpolation=cv2.INTER_AREA))
    return out


def normal(view, inside):
    """A view brought to one brightness and contrast: int8, 0 outside the picture."""
    x0, y0, x1, y1 = inside
    out = np.zeros((VIEW_H, VIEW_W), np.int8)
    part = view[y0:y1, x0:x1]
    if part.size:
        part = part - part.mean()
        gain = np.clip(CONTRAST / max(float(np.abs(part).mean()), 0.1), *GAIN)
        out[y0:y1, x0:x1] = np.rint(np.clip(part * gain, -128, 127))
    return out


def warp(picture, sx, sy, cx, cy, width, height):
    """The view of picture round (cx, cy), sx by sy of its pixels a pixel."""
    ox, oy = cx - VIEW_W / 2 * sx, cy - VIEW_H / 2 * sy
    # A pixel's value is that of its middle.
    m = np.float32([[sx, 0, ox + sx / 2 - 0.5], [0, sy, oy + sy / 2 - 0.5]])
    view = cv2.warpAffine(picture, m, (VIEW_W, VIEW_H), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                          borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    edge = lambda at, o, s, n: int(np.clip(np.ceil((at - o) / s - 0.5), 0, n))
    return normal(view, (edge(0, ox, sx, VIEW_W), edge(0, oy, sy, VIEW_H),
                         edge(width, ox, sx, VIEW_W), edge(height, oy, sy, VIEW_H)))


def cut(pyramid, box):
    """(2 * VIEW_H, VIEW_W) int8 of a box, from the picture's halves."""
    s = size(box)
    cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    out = []
    for step in (s, WIDE * s):
        n = min(level(step), len(pyramid) - 1)
        h, w = pyramid[n].shape
        kx, ky = pyramid[0].shape[1] / w, pyramid[0].shape[0] / h
        out.append(warp(pyramid[n], step / kx, step / ky, cx / kx, cy / ky, w, h))
    return np.concatenate(out)


def mend(box, raw):
    """The box that a candidate's becomes, of the network's four values."""
    box, raw = np.asarray(box, np.float32), np.asarray(raw, np.float32)
    box = box + SHARE * raw * np.float32(UNIT * size(box))
    rim = RIM * np.maximum(box[2:] - box[:2], 0)
    return np.concatenate([box[:2] - rim, box[2:] + rim])
