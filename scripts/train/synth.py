# SPDX-License-Identifier: GPL-2.0-or-later
"""Places drawn plates and signs into photos so that they look as if they had been there.

A plate goes onto a real one (the place, light, sharpness and contrast are then those of
the one it hides), or onto a drawn bit of bodywork anywhere in the photo. Photos are
float32 luma and are changed in place; boxes are x0, y0, x1, y1 in pixels.
"""
import cv2
import numpy as np


def corners(rng, cx, cy, width, height, much=1.0):
    """A plate's four corners as a camera might see it: turned, slanted, in perspective."""
    quad = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32) * (width / 2, height / 2)
    if rng.random() < 0.25 * much:  # steeply from the side
        quad[:, 0] *= rng.uniform(0.35, 0.8)
        quad[:, 1] += quad[:, 0] * rng.uniform(-0.6, 0.6)
        quad[[0, 3], 1] *= np.exp(rng.normal(0, 0.12))
    quad[:, 1] += quad[:, 0] * rng.normal(0, 0.12 * much)
    quad[[0, 3], 1] *= np.exp(rng.normal(0, 0.1))
    angle = rng.normal(0, 0.07 * much)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (quad @ turn.T + (cx, cy)).astype(np.float32)


def smear(luma, rng):
    """As movement of a few pixels does."""
    n = int(rng.integers(3, 8))
    kernel = np.zeros((n, n), np.float32)
    kernel[n // 2] = 1 / n
    turn = cv2.getRotationMatrix2D((n / 2 - .5, n / 2 - .5), rng.uniform(0, 180), 1)
    kernel = cv2.warpAffine(kernel, turn, (n, n))
    return cv2.filter2D(luma, -1, kernel / max(kernel.sum(), 1e-3))


def warp(item, quad):
    """(luma, alpha, x0, y0) of item with its corners at quad."""
    luma, alpha = item
    x0, y0 = np.floor(quad.min(0)).astype(int)
    x1, y1 = np.ceil(quad.max(0)).astype(int)
    ih, iw = luma.shape
    # Shrink by area first: a warp alone would alias.
    k = min(1.0, 1.5 * max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1])) / ih)
    size = (max(4, int(iw * k)), max(4, int(ih * k)))
    luma, alpha = (cv2.resize(a, size, interpolation=cv2.INTER_AREA).astype(np.float32) for a in (luma, alpha))
    src = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32)
    m = cv2.getPerspectiveTransform(src, (quad - (x0, y0)).astype(np.float32))
    out = (int(x1 - x0 + 1), int(y1 - y0 + 1))
    luma = cv2.warpPerspective(luma, m, out, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpPerspective(alpha, m, out, flags=cv2.INTER_LINEAR) / 255
    return luma, alpha, x0, y0


def sharpness(a):
    return np.abs(np.diff(a, axis=1)).mean() / max(float(a.std()), 1.0)


def soften(luma, alpha, like, rng):
    """Blurs a warped plate until it is no sharper than the photo was in its place."""
    want = sharpness(like) * rng.uniform(0.9, 1.3)
    for sigma in (0, 0.5, 0.8, 1.1, 1.5, 2.0):
        soft = cv2.GaussianBlur(luma, (0, 0), sigma) if sigma else luma
        if sharpness(soft) <= want:
            break
    return soft, cv2.GaussianBlur(alpha, (0, 0), 0.4 + sigma / 2)


def blend(photo, luma, alpha, x0, y0):
    h, w = luma.shape
    cx0, cy0 = max(x0, 0), max(y0, 0)
    cx1, cy1 = min(x0 + w, photo.shape[1]), min(y0 + h, photo.shape[0])
    if cx1 <= cx0 or cy1 <= cy0:
        return
    cut = np.s_[cy0 - y0:cy1 - y0, cx0 - x0:cx1 - x0]
    spot = photo[cy0:cy1, cx0:cx1]
    spot[:] = spot * (1 - alpha[cut]) + np.clip(luma[cut], 0, 255) * alpha[cut]


def erase(photo, x0, y0, x1, y1):
    """Fills a box from the rows above and below it, so that no old plate peeks out."""
    h, w = photo.shape
    x0, x1 = int(max(x0, 0)), int(min(x1, w))
    y0, y1 = int(max(y0, 1)), int(min(y1, h - 1))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    t = np.linspace(0, 1, y1 - y0)[:, None]
    above = cv2.blur(photo[y0 - 1:y0, x0:x1], (5, 1))
    below = cv2.blur(photo[y1:y1 + 1, x0:x1], (5, 1))
    photo[y0:y1, x0:x1] = above * (1 - t) + below * t


def replace(rng, photo, box, plates):
    """Puts a drawn plate in the place of a real one; returns its box, or None."""
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    ph, pw = photo.shape
    if h < 7 or w < 9 or x0 < 2 or y0 < 2 or x1 > pw - 2 or y1 > ph - 2:
        return None
    tries = [plates[rng.integers(len(plates))] for _ in range(12)]
    item = min(tries, key=lambda p: abs(np.log(p[0].shape[1] / p[0].shape[0] / (w / h))))
    old = photo[int(y0):int(y1) + 1, int(x0):int(x1) + 1].copy()
    aspect = item[0].shape[1] / item[0].shape[0]
    grown = rng.uniform(1.0, 1.1)
    width, height = w * grown, h * grown
    if aspect < w / h:
        width = max(height * aspect, 0.75 * width)
    else:
        height = max(width / aspect, 0.75 * height)
    quad = corners(rng, (x0 + x1) / 2, (y0 + y1) / 2, width, height, 0.5)
    if quad.min() < 0 or (quad.max(0) >= (pw, ph)).any():
        return None
    luma, alpha, qx, qy = warp(item, quad)
    # Light as the old plate had it: its dark, its bright, its shadows.
    low, high = np.percentile(old, (5, 92))
    mine = np.percentile(luma[alpha > 0.5] if (alpha > 0.5).any() else luma, (5, 92))
    gain = np.clip((high - low) / max(mine[1] - mine[0], 20), 0.08, 1.8) * np.exp(rng.normal(0, 0.12))
    luma = (luma - mine[1]) * gain + high
    shade = cv2.resize(cv2.resize(old, (3, 2), interpolation=cv2.INTER_AREA), luma.shape[::-1],
                       interpolation=cv2.INTER_LINEAR)
    luma = luma * np.clip(shade / max(float(shade.mean()), 1), 0.75, 1.25)
    luma, alpha = soften(luma, alpha, old, rng)
    erase(photo, x0 - 0.06 * w, y0 - 0.08 * h, x1 + 0.06 * w, y1 + 0.08 * h)
    blend(photo, luma, alpha, qx, qy)
    return [*quad.min(0), *quad.max(0)]


def bodywork(rng, item):
    """item in the middle of a drawn bit of bumper or boot lid: (luma, alpha, inner corners)."""
    luma, alpha = item
    h, w = luma.shape
    bw, bh = int(w * rng.uniform(1.3, 2.4)), int(h * rng.uniform(1.5, 3.0))
    tone = rng.uniform(15, 235)
    panel = np.linspace(tone * rng.uniform(0.6, 1.2), tone * rng.uniform(0.6, 1.2), bh)[:, None] * np.ones((1, bw))
    for _ in range(rng.integers(0, 4)):  # creases
        y = int(rng.uniform(0, bh))
        panel[y:y + int(rng.integers(1, 5))] *= rng.uniform(0.4, 1.5)
    x, y = (bw - w) // 2 + int(rng.normal(0, 3)), int((bh - h) * rng.uniform(0.25, 0.75))
    x = int(np.clip(x, 0, bw - w))
    if rng.random() < 0.6:  # the recess the plate sits in, and its shadow
        e = int(rng.integers(3, 16))
        panel[max(0, y - e):y + h + e, max(0, x - e):x + w + e] *= rng.uniform(0.45, 0.95)
    if rng.random() < 0.4:  # lamps
        for at in (0, bw - (bw - w) // 3):
            panel[int(bh * .1):int(bh * .6), at:at + (bw - w) // 3] = rng.uniform(20, 250)
    panel = cv2.GaussianBlur(panel.astype(np.float32), (0, 0), rng.uniform(1, 4))
    a = alpha.astype(np.float32) / 255
    panel[y:y + h, x:x + w] = panel[y:y + h, x:x + w] * (1 - a) + luma * a
    edge = np.zeros((bh, bw), np.float32)
    cv2.rectangle(edge, (6, 6), (bw - 7, bh - 7), 255, -1)
    edge = cv2.GaussianBlur(edge, (0, 0), 4)
    edge[y:y + h, x:x + w] = np.maximum(edge[y:y + h, x:x + w], alpha)
    return (panel.clip(0, 255).astype(np.uint8), edge.astype(np.uint8)), \
        np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32), (bw, bh)


def paint(rng, photo, item, quad):
    """Puts item with its corners at quad, in the light that is there."""
    luma, alpha, qx, qy = warp(item, quad)
    spot = photo[max(qy, 0):qy + luma.shape[0], max(qx, 0):qx + luma.shape[1]]
    if not spot.size:
        return
    gain = np.clip(spot.mean() / 128 * np.exp(rng.normal(0.15, 0.35)), 0.12, 1.6)
    luma = luma * gain * np.linspace(1 + rng.normal(0, .12), 1 + rng.normal(0, .12), len(luma))[:, None]
    sigma = abs(rng.normal(0, 0.6)) + (0.02 * np.ptp(quad[:, 1]) if rng.random() < 0.15 else 0)
    if sigma > 0.2:
        luma, alpha = cv2.GaussianBlur(luma, (0, 0), sigma), cv2.GaussianBlur(alpha, (0, 0), 0.5)
    blend(photo, luma, alpha, qx, qy)


def scatter(rng, photo, item, taken, is_plate):
    """Places item anywhere but over the boxes in taken; returns the plate's box, or None."""
    ph, pw = photo.shape
    inner, size = None, item[0].shape[::-1]
    ih, iw = item[0].shape
    height = np.exp(rng.uniform(np.log(6), np.log(90)))
    if is_plate and rng.random() < 0.6:
        item, inner, size = bodywork(rng, item)
    height *= size[1] / ih
    width = height * size[0] / size[1] * rng.uniform(0.75, 1.1)
    if width > pw * 0.8 or height > ph * 0.8:
        return None
    quad = corners(rng, rng.uniform(width / 2, pw - width / 2), rng.uniform(height / 2, ph - height / 2),
                   width, height)
    x0, y0, x1, y1 = *quad.min(0), *quad.max(0)
    if x0 < 0 or y0 < 0 or x1 >= pw - 1 or y1 >= ph - 1:
        return None
    for tx0, ty0, tx1, ty1 in taken:
        if x0 < tx1 + 4 and tx0 < x1 + 4 and y0 < ty1 + 4 and ty0 < y1 + 4:
            return None
    paint(rng, photo, item, quad)
    if not is_plate:
        return None
    if inner is None:
        return [x0, y0, x1, y1]
    m = cv2.getPerspectiveTransform(np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32), quad)
    plate = cv2.perspectiveTransform(inner[None], m)[0]
    return [*plate.min(0), *plate.max(0)]
