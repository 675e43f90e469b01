# SPDX-License-Identifier: GPL-2.0-or-later
"""Plates that never existed, and things that are not plates, to paste into photos.

A bank of flat luma plates is drawn once; each paste warps one through a random
homography, matches its light to the photo around it and blurs it like the photo.
Made to span what the photos lack: aspect ratios 1.3 to 5, one and two lines,
several scripts, light on dark and dark on light, frames, screws and dirt.
"""
import glob
import os
import string

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

LATIN = string.ascii_uppercase + string.digits * 3
SCRIPTS = {
    "Arabic": "ابتثجحدرسصطعقكلمنهوي٠١٢٣٤٥٦٧٨٩",
    "Thai": "กขคงจฉชฌญฎฐณดตถทธนบผพฟภมยรลวศษสหอฮ0123456789",
    "Devanagari": "कखगघचछजझटठडढतथदधनपफबभमयरलवशसह०१२३४५६७८९",
    "wqy": "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新あいうえかきくけこ",
}
FONT_DIR = "/usr/share/fonts/truetype"


def find_fonts():
    latin = [f for p in ("dejavu/*Bold.ttf", "liberation/*Bold.ttf", "noto/NotoSans-Bold.ttf")
             for f in glob.glob(os.path.join(FONT_DIR, p))]
    if not latin:
        raise SystemExit("no fonts: install fonts-dejavu-core, fonts-liberation, fonts-noto-core")
    other = {"Arabic": "noto/NotoSansArabic-Bold.ttf", "Thai": "noto/NotoSansThai-Bold.ttf",
             "Devanagari": "noto/NotoSansDevanagari-Bold.ttf", "wqy": "wqy/wqy-zenhei.ttc"}
    other = {k: os.path.join(FONT_DIR, v) for k, v in other.items()}
    return latin, {k: v for k, v in other.items() if os.path.exists(v)}


def plate_text(rng, two_lines, fonts):
    """One or two (text, font path) lines in one of many countries' manners."""
    latin, other = fonts
    font = latin[rng.integers(len(latin))]

    def chars(n, alphabet=LATIN):
        return "".join(alphabet[i] for i in rng.integers(len(alphabet), size=n))

    if other and rng.random() < 0.2:
        script = list(other)[rng.integers(len(other))]
        mixed = chars(rng.integers(1, 3), SCRIPTS[script]) + " " + chars(4, string.digits)
        return [(mixed, other[script])] if not two_lines else [
            (chars(2, SCRIPTS[script]) + " " + chars(2, string.digits), other[script]),
            (chars(4, string.digits), font)]
    joint = ("", " ", "-", "·", " ")[rng.integers(5)]
    if two_lines:
        return [(chars(rng.integers(2, 5)), font), (chars(rng.integers(2, 6)), font)]
    left = rng.integers(1, 4)
    return [(chars(left) + joint + chars(rng.integers(5, 9) - left), font)]


def draw_line(draw, box, text, font_path, ink):
    x0, y0, x1, y1 = box
    font = ImageFont.truetype(font_path, 64)
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    tw, th = max(right - left, 1), max(bottom - top, 1)
    tile = Image.new("L", (tw, th), 0)
    ImageDraw.Draw(tile).text((-left, -top), text, font=font, fill=255)
    height = y1 - y0
    width = min(x1 - x0, int(tw / th * height * 1.25))
    tile = tile.resize((max(width, 1), max(height, 1)), Image.BILINEAR)
    draw.bitmap(((x0 + x1 - width) // 2, y0), tile, fill=ink)


def draw_plate(rng, fonts):
    two = rng.random() < 0.4
    aspect = rng.uniform(1.2, 2.3) if two else rng.uniform(1.9, 5.0)
    h = 96
    w = int(h * aspect)
    dark_ground = rng.random() < 0.15
    ground = int(rng.uniform(25, 110) if dark_ground else rng.uniform(135, 255))
    ink = int(rng.uniform(190, 255) if dark_ground else rng.uniform(0, min(90, ground - 70)))
    im = Image.new("L", (w, h), ground)
    d = ImageDraw.Draw(im)
    left = 0
    if rng.random() < 0.5:  # a rim, of ink or of metal
        d.rectangle([2, 2, w - 3, h - 3], outline=ink if rng.random() < 0.7 else 120,
                    width=int(rng.integers(1, 5)))
    if not two and rng.random() < 0.4:  # a country band
        left = int(w * rng.uniform(0.06, 0.11))
        d.rectangle([0, 0, left, h], fill=int(rng.uniform(40, 110)))
    top, bottom = rng.uniform(0.08, 0.2), rng.uniform(0.08, 0.2)
    if rng.random() < 0.3:  # state name or slogan above, below or both
        small = ImageFont.truetype(fonts[0][0], 14)
        word = "".join(chr(c) for c in rng.integers(65, 91, size=rng.integers(5, 13)))
        if rng.random() < 0.8:
            d.text((w * rng.uniform(0.2, 0.35), 2), word, font=small, fill=ink)
            top = 0.24
        if rng.random() < 0.5:
            d.text((w * rng.uniform(0.2, 0.35), h - 18), word[::-1], font=small, fill=ink)
            bottom = 0.24
    lines = plate_text(rng, two, fonts)
    pad = int(w * rng.uniform(0.03, 0.08))
    y0, y1 = int(h * top), int(h * (1 - bottom))
    split = int(y0 + (y1 - y0) * (rng.uniform(0.35, 0.5) if two else 1))
    draw_line(d, (left + pad, y0, w - pad, split - (4 if two else 0)), *lines[0], ink)
    if two:
        draw_line(d, (left + pad, split + 4, w - pad, y1), *lines[1], ink)
    if rng.random() < 0.4:  # screws
        for cx in (0.12, 0.88):
            d.ellipse([w * cx - 3, 5, w * cx + 3, 11], fill=int(rng.uniform(30, 200)))
    a = np.asarray(im, np.float32)
    if rng.random() < 0.4:  # dirt
        blot = cv2.resize(rng.random((6, 12), np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
        a = a * (1 - rng.uniform(0, 0.5) * np.clip(blot, 0, 1))
    if rng.random() < 0.5:  # a frame round the plate, sometimes with a dealer's line
        edge = int(rng.integers(2, 9))
        a = cv2.copyMakeBorder(a, edge, edge + int(rng.integers(0, 10)), edge, edge,
                               cv2.BORDER_CONSTANT, value=float(rng.uniform(10, 90)))
    return np.clip(a, 0, 255).astype(np.uint8)


def draw_sign(rng, fonts):
    """A hard negative: a shop sign, poster or window grid that is no plate."""
    h, w = 96, int(96 * rng.uniform(0.8, 6))
    ground, ink = rng.uniform(0, 255, 2)
    im = Image.new("L", (w, h), int(ground))
    d = ImageDraw.Draw(im)
    kind = rng.random()
    if kind < 0.5:
        font = ImageFont.truetype(fonts[0][rng.integers(len(fonts[0]))], int(rng.integers(14, 60)))
        y = 2
        while y < h:
            word = "".join(chr(c) for c in rng.integers(97, 123, size=rng.integers(3, 16)))
            d.text((rng.integers(0, 20), y), word, font=font, fill=int(ink))
            y += int(font.size * rng.uniform(1.0, 1.6))
    elif kind < 0.8:  # bars: grilles, fences, blinds
        step = rng.uniform(4, 20)
        for i in range(int(max(w, h) / step) + 1):
            box = [0, i * step, w, i * step + step * 0.5] if rng.random() < 0.97 and kind < 0.7 \
                else [i * step, 0, i * step + step * 0.5, h]
            d.rectangle(box, fill=int(ink))
    else:  # a light: a bright or dark rectangle
        d.rectangle([w * 0.1, h * 0.1, w * 0.9, h * 0.9], fill=int(ink))
    return np.asarray(im)


def make_bank(seed, plates=1500, signs=400):
    rng = np.random.default_rng(seed)
    fonts = find_fonts()
    return ([draw_plate(rng, fonts) for _ in range(plates)],
            [draw_sign(rng, fonts) for _ in range(signs)])


def paste(rng, photo, item, taken, is_plate):
    """Warps item into photo (float32 luma, changed in place); returns its box or None.

    taken: boxes (x0, y0, x1, y1) that must stay uncovered."""
    ph, pw = photo.shape
    ih, iw = item.shape
    height = np.exp(rng.uniform(np.log(6), np.log(90)))
    width = height * iw / ih * rng.uniform(0.75, 1.1)
    if width > pw * 0.8 or height > ph * 0.8:
        return None
    cx, cy = rng.uniform(width / 2, pw - width / 2), rng.uniform(height / 2, ph - height / 2)
    quad = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32) * (width / 2, height / 2)
    skew = rng.normal(0, 0.12)
    squeeze = np.exp(rng.normal(0, 0.1))
    quad[:, 1] += quad[:, 0] * skew
    quad[[0, 3], 1] *= squeeze
    angle = rng.normal(0, 0.07)
    rot = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    quad = (quad @ rot.T + (cx, cy)).astype(np.float32)
    x0, y0 = np.floor(quad.min(0)).astype(int)
    x1, y1 = np.ceil(quad.max(0)).astype(int)
    if x0 < 0 or y0 < 0 or x1 >= pw or y1 >= ph:
        return None
    for tx0, ty0, tx1, ty1 in taken:
        if x0 < tx1 + 4 and tx0 < x1 + 4 and y0 < ty1 + 4 and ty0 < y1 + 4:
            return None
    # Shrink by area first: a warp alone would alias.
    k = min(1.0, height / ih * 1.5)
    small = cv2.resize(item, (max(4, int(iw * k)), max(4, int(ih * k))), interpolation=cv2.INTER_AREA)
    sh, sw = small.shape
    src = np.array([[0, 0], [sw, 0], [sw, sh], [0, sh]], np.float32)
    m = cv2.getPerspectiveTransform(src, (quad - (x0, y0)).astype(np.float32))
    size = (x1 - x0 + 1, y1 - y0 + 1)
    warped = cv2.warpPerspective(small.astype(np.float32), m, size, flags=cv2.INTER_LINEAR,
                                 borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpPerspective(np.ones((sh, sw), np.float32), m, size, flags=cv2.INTER_LINEAR)
    spot = photo[y0:y1 + 1, x0:x1 + 1]
    local = spot.mean() / 128
    gain = np.clip(local * np.exp(rng.normal(0.15, 0.35)), 0.12, 1.6)
    shade = np.linspace(1 + rng.normal(0, .12), 1 + rng.normal(0, .12), size[1])[:, None]
    warped = warped * gain * shade
    sigma = abs(rng.normal(0, 0.6)) + (0.02 * height if rng.random() < 0.15 else 0)
    if sigma > 0.2:
        warped, mask = cv2.GaussianBlur(warped, (0, 0), sigma), cv2.GaussianBlur(mask, (0, 0), 0.5)
    spot[:] = spot * (1 - mask) + np.clip(warped, 0, 255) * mask
    return [*quad.min(0), *quad.max(0)] if is_plate else None
