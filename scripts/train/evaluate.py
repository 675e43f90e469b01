# SPDX-License-Identifier: GPL-2.0-or-later
"""Quick figures while training; the product's own are `make accuracy`.

Photos are scaled to 640 wide. A plate is covered when at least 90% of it lies
under the boxes, each grown by 10% a side; a box is false when less than a tenth
of it lies on any labelled plate and its overlap with each is small.
"""
import cv2
import numpy as np
import torch

from network import cells, decode, flatten_outputs, fold_luma

WIDTH = 640


def detect(net, luma, floor=0.02):
    """Boxes (n, 4) in luma's pixels and scores (n), best first, after NMS."""
    h, w = luma.shape
    padded = np.full((-(-h // 32) * 32, -(-w // 32) * 32), 128, np.uint8)
    padded[:h, :w] = luma
    x = fold_luma(torch.from_numpy(padded)[None])
    with torch.no_grad():
        logits, raw = flatten_outputs(net(x.contiguous(memory_format=torch.channels_last)))
    scores = torch.sigmoid(logits[0])
    keep = scores > floor
    boxes = decode(raw[0], cells(*padded.shape))[keep].numpy().clip(0, (w, h, w, h))
    scores = scores[keep].numpy()
    order = np.argsort(-scores)[:300]
    boxes, scores = boxes[order], scores[order]
    chosen = []
    alive = np.ones(len(boxes), bool)
    for i in range(len(boxes)):
        if alive[i]:
            chosen.append(i)
            alive &= iou(boxes[i], boxes) < 0.4
    return boxes[chosen], scores[chosen]


def iou(a, b):
    lt, rb = np.maximum(a[:2], b[:, :2]), np.minimum(a[2:], b[:, 2:])
    wh = np.clip(rb - lt, 0, None)
    inter = wh[:, 0] * wh[:, 1]
    area = lambda v: (v[..., 2] - v[..., 0]) * (v[..., 3] - v[..., 1])
    return inter / np.maximum(area(a) + area(b) - inter, 1e-6)


def covered(plate, boxes):
    """Share of plate's area under the boxes grown by 10% a side."""
    x0, y0, x1, y1 = plate
    grid = np.zeros((24, 48), bool)
    xs = x0 + (np.arange(48) + 0.5) / 48 * (x1 - x0)
    ys = y0 + (np.arange(24) + 0.5) / 24 * (y1 - y0)
    for b in boxes:
        mx, my = 0.1 * (b[2] - b[0]), 0.1 * (b[3] - b[1])
        grid |= ((xs > b[0] - mx) & (xs < b[2] + mx))[None] & ((ys > b[1] - my) & (ys < b[3] + my))[:, None]
    return grid.mean()


def run(net, photos, min_height=12):
    """{false regions a photo: (minimum score, coverage, recall at IoU .5)}"""
    net.eval()
    plates, false, found = [], [], []
    for name, _, luma, boxes in photos:
        k = WIDTH / luma.shape[1]
        small = cv2.resize(luma, (WIDTH, max(32, round(luma.shape[0] * k))),
                           interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR)
        det, score = detect(net, small)
        found.append((name, det, score))
        for b in boxes * k:
            if b[3] - b[1] >= min_height:
                plates.append((b, det, score))
        for d, s in zip(det, score):
            if not len(boxes) or iou(d, boxes * k).max() < 0.1:
                false.append(s)
    false = np.sort(false)[::-1]
    out = {}
    for rate in (0.1, 0.2, 1.0):
        n = int(rate * len(photos))
        at = max(0.02, float(false[n]) + 1e-6) if len(false) > n else 0.02
        cov = np.mean([covered(b, d[s >= at]) >= 0.9 for b, d, s in plates])
        hit = np.mean([(iou(b, d[s >= at]).max() if (s >= at).any() else 0) >= 0.5 for b, d, s in plates])
        out[rate] = (at, float(cov), float(hit))
    return out
