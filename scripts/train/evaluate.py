# SPDX-License-Identifier: GPL-2.0-or-later
"""Quick figures while training; the product's own are `make accuracy`.

Photos are scaled to 640 wide and searched there and at half that, as the program does. A
plate is covered when at least 90% of it lies under the boxes, each grown by 10% a side; a
box is false when its IoU with every labelled plate is under 0.1.
"""
import cv2
import numpy as np
import torch

import contrast
from network import cells, decode, flatten_outputs, fold_luma

WIDTH = 640


def search(net, luma, floor):
    """Boxes (n, 4) in luma's pixels and scores (n) at this one scale."""
    h, w = luma.shape
    padded = np.full((-(-h // 32) * 32, -(-w // 32) * 32), 128, np.uint8)
    padded[:h, :w] = contrast.raised(luma)
    x = fold_luma(torch.from_numpy(padded)[None])
    with torch.no_grad():
        logits, raw = flatten_outputs(net(x.contiguous(memory_format=torch.channels_last)))
    scores = torch.sigmoid(logits[0])
    keep = scores > floor
    boxes = decode(raw[0], cells(*padded.shape))[keep].numpy().clip(0, (w, h, w, h))
    return boxes, scores[keep].numpy()


def detect(net, luma, floor=0.02):
    """Boxes (n, 4) in luma's pixels and scores (n), best first, one a plate."""
    half = cv2.resize(luma, (luma.shape[1] // 2, luma.shape[0] // 2), interpolation=cv2.INTER_AREA)
    (b1, s1), (b2, s2) = search(net, luma, floor), search(net, half, floor)
    return apart(np.concatenate([b1, 2 * b2]), np.concatenate([s1, s2]))


def apart(boxes, scores):
    """The best of boxes that overlap, best first."""
    order = np.argsort(-scores, kind="stable")[:300]
    boxes, scores = boxes[order], scores[order]
    chosen = []
    alive = np.ones(len(boxes), bool)
    for i in range(len(boxes)):
        if alive[i]:
            chosen.append(i)
            alive &= iou(boxes[i], boxes) < 0.33
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


def judge(photo, boxes, scores):
    """(box, score, "plate", "false" or "ignored") for every find in a photo at 640 wide."""
    k = WIDTH / photo.luma.shape[1]
    out = []
    for box, score in zip(boxes, scores):
        near = lambda places: len(places) and iou(box, places * k).max() >= 0.1
        inside = [max(0, min(box[2], p[2]) - max(box[0], p[0])) * max(0, min(box[3], p[3]) - max(box[1], p[1])) >
                  0.4 * (box[2] - box[0]) * (box[3] - box[1]) for p in photo.ignore * k]
        out.append((box, float(score), "plate" if near(photo.boxes) else
                    "ignored" if near(photo.ignore) or any(inside) else "false"))
    return out


def shrunk(luma):
    """A photo brought to 640 wide."""
    k = WIDTH / luma.shape[1]
    return cv2.resize(luma, (WIDTH, max(32, round(luma.shape[0] * k))),
                      interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR)


def judged(net, photo, floor=0.02):
    net.eval()
    return judge(photo, *detect(net, shrunk(photo.luma), floor))


def measure(photos, finds, min_height=12, rates=(0.1, 0.2, 1.0)):
    """{false regions a photo: (minimum score, coverage, recall at IoU .5)}, finds a photo being as
    judge() gives them."""
    plates, false = [], []
    for photo, found in zip(photos, finds):
        det = np.array([f[0] for f in found], np.float32).reshape(-1, 4)
        score = np.array([f[1] for f in found])
        false += [s for _, s, kind in found if kind == "false"]
        for b in photo.boxes * (WIDTH / photo.luma.shape[1]):
            if b[3] - b[1] >= min_height:
                plates.append((b, det, score))
    false = np.sort(false)[::-1]
    out = {}
    for rate in rates:
        n = int(rate * len(photos))
        at = max(0.02, float(false[n]) + 1e-6) if len(false) > n else 0.02
        cov = np.mean([covered(b, d[s >= at]) >= 0.9 for b, d, s in plates])
        hit = np.mean([(iou(b, d[s >= at]).max() if (s >= at).any() else 0) >= 0.5 for b, d, s in plates])
        out[rate] = (at, float(cov), float(hit))
    return out


def run(net, photos):
    return measure(photos, [judged(net, p) for p in photos])


def logit(scores):
    return torch.logit(torch.as_tensor(np.array(scores), dtype=torch.float64).clamp(1e-4, 1 - 1e-4))


def platt(columns, plate):
    """Weights of columns (n, k) and a shift, so that the sigmoid of their sum is the share of plates
    (Platt 1999)."""
    x, y = torch.as_tensor(columns).double(), torch.as_tensor(plate).double()
    fit = torch.tensor([1.0] * x.shape[1] + [0.0], dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([fit], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        solver.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(x @ fit[:-1] + fit[-1], y)
        loss.backward()
        return loss
    solver.step(closure)
    return [float(v) for v in fit.detach()]


def scale_scores(net, scale, shift):
    """Scales and shifts a network's scores (logits) in its last layers."""
    with torch.no_grad():
        for score, _ in net.plan.outputs:
            conv = net.layers[str(score)][0]
            conv.weight.mul_(scale)
            conv.bias.mul_(scale).add_(shift)


def calibrate(net, photos):
    """Makes scores mean something: of finds that score p a share p are plates, on these photos. The
    order of scores, and so what is found at a given rate, stays."""
    finds = [f for photo in photos for f in judged(net, photo, floor=0.01) if f[2] != "ignored"]
    scale, shift = platt(logit([f[1] for f in finds])[:, None], [f[2] == "plate" for f in finds])
    print(f"calibration on {len(finds)} finds: logit' = {scale:.3f} logit {shift:+.3f}")
    scale_scores(net, scale, shift)
