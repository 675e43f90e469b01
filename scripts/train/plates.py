# SPDX-License-Identifier: GPL-2.0-or-later
"""Flat things to place into photos: plates that never existed, and what is no plate.

Made to span what the photos lack: aspect ratios 1.2 to 5, one and two lines, several
scripts, light on dark and dark on light, country bands, stickers, state names, embossed
letters, frames, screws and dirt. Everything is a pair of arrays (luma uint8, alpha uint8).
"""
import glob
import os
import string

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

HEIGHT = 96
LATIN = string.ascii_uppercase + string.digits * 3
SCRIPTS = {
    "truetype/noto/NotoSansArabic-Bold.ttf": "ابتثجحدرسصطعقكلمنهوي٠١٢٣٤٥٦٧٨٩",
    "truetype/noto/NotoSansThai-Bold.ttf": "กขคงจฉชฌญฎฐณดตถทธนบผพฟภมยรลวศษสหอฮ0123456789",
    "truetype/noto/NotoSansDevanagari-Bold.ttf": "कखगघचछजझटठडढतथदधनपफबभमयरलवशसह०१२३४५६७८९",
    "truetype/wqy/wqy-zenhei.ttc":
        "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新あいうえかきくけこ",
}
FONT_DIR = "/usr/share/fonts"
FONTS = ("truetype/dejavu/DejaVuSans*-Bold.ttf", "truetype/liberation/*Sans*-Bold.ttf",
         "truetype/roboto/unhinted/*/Roboto-Bold.ttf", "truetype/roboto/unhinted/RobotoCondensed-Bold.ttf",
         "truetype/roboto/unhinted/RobotoCondensed-Medium.ttf", "opentype/bebas-neue/BebasNeue-Bold.otf",
         "opentype/bebas-neue/BebasNeue-Regular.otf", "truetype/opendin/*.ttf",
         "truetype/roadgeek/*.ttf", "truetype/freefont/FreeSansBold.ttf", "truetype/freefont/FreeMonoBold.ttf")


def find_fonts():
    latin = sorted(f for p in FONTS for f in glob.glob(os.path.join(FONT_DIR, p)))
    if not latin:
        raise SystemExit("no fonts: run scripts/deps train")
    other = {os.path.join(FONT_DIR, f): letters for f, letters in SCRIPTS.items()}
    return latin, {f: letters for f, letters in other.items() if os.path.exists(f)}


def chars(rng, n, alphabet=LATIN):
    return "".join(alphabet[i] for i in rng.integers(len(alphabet), size=n))


def plate_text(rng, two_lines, fonts):
    """One or two lines in one of many countries' manners; a line is a list of (text, font path)."""
    latin, other = fonts
    font = latin[rng.integers(len(latin))]
    if other and rng.random() < 0.2:
        path = list(other)[rng.integers(len(other))]
        mixed = [(chars(rng, rng.integers(1, 3), other[path]), path), (chars(rng, 4, string.digits), font)]
        return [mixed, [(chars(rng, 4, string.digits), font)]] if two_lines else [mixed]
    joint = ("", " ", "-", "  ")[rng.integers(4)]
    if two_lines:
        return [[(chars(rng, rng.integers(2, 5)), font)], [(chars(rng, rng.integers(2, 6)), font)]]
    left = rng.integers(1, 4)
    return [[(chars(rng, left) + joint + chars(rng, rng.integers(5, 9) - left), font)]]


def draw_text(text, font_path):
    font = ImageFont.truetype(font_path, 64)
    left, top, right, bottom = font.getbbox(text)
    tile = Image.new("L", (max(right - left, 1), max(bottom - top, 1)), 0)
    ImageDraw.Draw(tile).text((-left, -top), text, font=font, fill=255)
    return tile


def draw_line(ink, box, parts, stretch):
    """Fits a line into box of the mask `ink`."""
    x0, y0, x1, y1 = box
    tiles = [draw_text(*p) for p in parts]
    height = max(y1 - y0, 1)
    widths = [t.width / t.height * height * stretch for t in tiles]
    gap = height * 0.25
    squeeze = min(1, (x1 - x0) / (sum(widths) + gap * (len(tiles) - 1)))
    x = (x0 + x1 - (sum(widths) + gap * (len(tiles) - 1)) * squeeze) / 2
    for tile, width in zip(tiles, widths):
        ink.paste(tile.resize((max(1, int(width * squeeze)), height), Image.BILINEAR), (int(x), y0))
        x += (width + gap) * squeeze


def small_print(rng, ink, w, fonts, top, bottom):
    """A state's name or a slogan above, below or both; returns the new top and bottom."""
    font = ImageFont.truetype(fonts[0][rng.integers(len(fonts[0]))], int(rng.integers(11, 18)))
    d = ImageDraw.Draw(ink)
    if rng.random() < 0.8:
        d.text((w * rng.uniform(0.15, 0.4), 2), chars(rng, rng.integers(5, 13), string.ascii_uppercase),
               font=font, fill=220)
        top = 0.24
    if rng.random() < 0.5:
        d.text((w * rng.uniform(0.15, 0.4), HEIGHT - 19),
               chars(rng, rng.integers(5, 16), string.ascii_letters), font=font, fill=220)
        bottom = 0.24
    return top, bottom


def stickers(rng, ground, w):
    """Registration stickers: discs between the groups, or squares in the corners."""
    d = ImageDraw.Draw(ground)
    if rng.random() < 0.5:
        x, r = w * rng.uniform(0.25, 0.45), rng.uniform(7, 12)
        for y in ((30, 66) if rng.random() < 0.6 else (48,)):
            d.ellipse([x - r, y - r, x + r, y + r], fill=int(rng.uniform(60, 255)),
                      outline=int(rng.uniform(30, 120)))
    else:
        for x in (4, w - 24):
            if rng.random() < 0.7:
                d.rectangle([x, 3, x + 20, 17], fill=int(rng.uniform(40, 240)))


def emboss(luma, ink, depth):
    """Letters pressed out of the metal: a light edge above left, a dark one below right."""
    soft = cv2.GaussianBlur(ink, (0, 0), 1.2)
    light = np.roll(soft, (1, 1), (0, 1)) - np.roll(soft, (-1, -1), (0, 1))
    return luma - depth * light


def weather(rng, a):
    """Uneven light, dirt, scratches, glare."""
    h, w = a.shape
    a = a * np.linspace(1 + rng.normal(0, .08), 1 + rng.normal(0, .08), w)[None]
    if rng.random() < 0.4:
        blot = cv2.resize(rng.random((6, 12), np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
        a = a * (1 - rng.uniform(0, 0.5) * np.clip(blot, 0, 1))
    if rng.random() < 0.2:
        depth = np.linspace(-1, 1, h)[:, None] * rng.uniform(0.5, 2) + rng.normal(0, 0.3, (1, w))
        a = a * (1 - rng.uniform(0.1, 0.5) / (1 + np.exp(-4 * depth)))
    if rng.random() < 0.08:
        y, x = np.mgrid[:h, :w]
        spot = ((x - rng.uniform(0, w)) / (w * rng.uniform(.1, .4))) ** 2 + ((y - rng.uniform(0, h)) / h) ** 2
        a = a + 160 * np.exp(-spot)
    return a


def frame(rng, a):
    """A holder round the plate, sometimes with a dealer's line below."""
    edge, foot = int(rng.integers(2, 9)), int(rng.integers(0, 18))
    tone = float(rng.uniform(10, 90) if rng.random() < 0.8 else rng.uniform(120, 220))
    a = cv2.copyMakeBorder(a.astype(np.float32), edge, edge + foot, edge, edge, cv2.BORDER_CONSTANT, value=tone)
    if foot > 9:
        im = Image.fromarray(a.clip(0, 255).astype(np.uint8))
        font = ImageFont.truetype(f"{FONT_DIR}/truetype/dejavu/DejaVuSans-Bold.ttf", foot - 2)
        ImageDraw.Draw(im).text((a.shape[1] * rng.uniform(.1, .4), a.shape[0] - foot - edge // 2),
                                chars(rng, rng.integers(6, 20), string.ascii_letters), font=font,
                                fill=int((tone + 128) % 256))
        a = np.asarray(im, np.float32)
    return a


def draw_plate(rng, fonts):
    """(luma, alpha) of one plate."""
    two = rng.random() < 0.4
    w = int(HEIGHT * (rng.uniform(1.2, 2.3) if two else rng.uniform(1.9, 5.0)))
    dark = rng.random() < 0.15
    ground = int(rng.uniform(25, 110) if dark else rng.uniform(135, 255))
    tone = rng.uniform(190, 255) if dark else rng.uniform(0, min(90, ground - 70))
    base, ink = Image.new("L", (w, HEIGHT), ground), Image.new("L", (w, HEIGHT), 0)
    d = ImageDraw.Draw(base)
    left = 0
    if rng.random() < 0.2:  # a picture behind the letters
        a = np.asarray(base, np.float32) + rng.uniform(5, 40) * cv2.resize(
            rng.random((4, 6), np.float32) - .5, (w, HEIGHT), interpolation=cv2.INTER_CUBIC)
        base = Image.fromarray(a.clip(0, 255).astype(np.uint8))
        d = ImageDraw.Draw(base)
    if not two and rng.random() < 0.4:  # a country band
        left = int(w * rng.uniform(0.06, 0.11))
        d.rectangle([0, 0, left, HEIGHT], fill=int(rng.uniform(40, 110)))
        if rng.random() < 0.4:
            d.rectangle([w - left, 0, w, HEIGHT], fill=int(rng.uniform(40, 110)))
    top, bottom = rng.uniform(0.08, 0.2), rng.uniform(0.08, 0.2)
    if rng.random() < 0.3:
        top, bottom = small_print(rng, ink, w, fonts, top, bottom)
    lines = plate_text(rng, two, fonts)
    pad = int(w * rng.uniform(0.03, 0.08))
    y0, y1 = int(HEIGHT * top), int(HEIGHT * (1 - bottom))
    split = int(y0 + (y1 - y0) * (rng.uniform(0.35, 0.5) if two else 1))
    stretch = rng.uniform(0.9, 1.4)
    draw_line(ink, (left + pad, y0, w - pad, split - (4 if two else 0)), lines[0], stretch)
    if two:
        draw_line(ink, (left + pad, split + 4, w - pad, y1), lines[1], stretch)
    if rng.random() < 0.25:
        stickers(rng, base, w)
    if rng.random() < 0.5:  # a rim, of ink or of metal
        n = int(rng.integers(1, 5))
        ImageDraw.Draw(ink).rectangle([2, 2, w - 3, HEIGHT - 3], outline=255 if rng.random() < 0.7 else 110, width=n)
    a, m = np.asarray(base, np.float32), np.asarray(ink, np.float32) / 255
    a = a * (1 - m) + tone * m
    if rng.random() < 0.6:
        a = emboss(a, m, rng.uniform(15, 60))
    if rng.random() < 0.4:  # screws
        im = Image.fromarray(a.clip(0, 255).astype(np.uint8))
        for cx in (rng.uniform(.08, .25), rng.uniform(.75, .92)):
            r, y = rng.uniform(2, 5), rng.uniform(6, 14) if rng.random() < .8 else 48
            ImageDraw.Draw(im).ellipse([w * cx - r, y - r, w * cx + r, y + r], fill=int(rng.uniform(30, 200)))
        a = np.asarray(im, np.float32)
    a = weather(rng, a)
    if rng.random() < 0.5:
        a = frame(rng, a)
    alpha = Image.new("L", a.shape[::-1], 0)
    ImageDraw.Draw(alpha).rounded_rectangle([0, 0, a.shape[1] - 1, a.shape[0] - 1],
                                            int(rng.integers(0, 12)), fill=255)
    return np.clip(a, 0, 255).astype(np.uint8), np.asarray(alpha)


def words(rng, kinds=(0, 1, 2, 3)):
    kind = kinds[rng.integers(len(kinds))]
    if kind == 0:
        return chars(rng, rng.integers(3, 14), string.ascii_uppercase)
    if kind == 1:
        return chars(rng, rng.integers(3, 16), string.ascii_lowercase).capitalize()
    if kind == 2:
        return chars(rng, rng.integers(3, 6), string.digits) + "-" + chars(rng, 4, string.digits)
    return "www." + chars(rng, rng.integers(4, 10), string.ascii_lowercase) + ".com"


def draw_letters(rng, fonts):
    """Lettering right on the wall, the van or the boot lid, without a ground of its own: (luma, alpha)."""
    alpha = draw_text(words(rng, (0, 1, 3)), fonts[0][rng.integers(len(fonts[0]))])
    tone = 255 if rng.random() < 0.5 else rng.uniform(0, 60)
    return np.full(alpha.size[::-1], tone, np.uint8), np.asarray(alpha)


def draw_sign(rng, fonts):
    """A hard negative: lettering, a poster, a road sign, bars, lamps; (luma, alpha)."""
    w = int(HEIGHT * rng.uniform(0.8, 6))
    ground, ink = rng.uniform(0, 255, 2)
    im, alpha = Image.new("L", (w, HEIGHT), int(ground)), Image.new("L", (w, HEIGHT), 255)
    d, kind = ImageDraw.Draw(im), rng.random()
    font = ImageFont.truetype(fonts[0][rng.integers(len(fonts[0]))], int(rng.integers(14, 80)))
    if kind < 0.3:
        return draw_letters(rng, fonts)
    if kind < 0.55:  # a poster: several lines
        y = 2
        font = font.font_variant(size=int(rng.integers(12, 40)))
        while y < HEIGHT:
            d.text((rng.integers(0, 20), y), words(rng), font=font, fill=int(ink))
            y += int(font.size * rng.uniform(1.0, 1.6))
    elif kind < 0.8:  # bars: grilles, fences, blinds
        step = rng.uniform(4, 20)
        for i in range(int(max(w, HEIGHT) / step) + 1):
            d.rectangle([0, i * step, w, i * step + step * 0.5] if kind < 0.7 else
                        [i * step, 0, i * step + step * 0.5, HEIGHT], fill=int(ink))
    elif kind < 0.9:  # a light: a bright or dark rectangle
        d.rectangle([w * 0.1, HEIGHT * 0.1, w * 0.9, HEIGHT * 0.9], fill=int(ink))
    else:  # a round lamp or sign with something in it
        w = HEIGHT
        im, alpha = Image.new("L", (w, w), int(ground)), Image.new("L", (w, w), 0)
        ImageDraw.Draw(alpha).ellipse([0, 0, w - 1, w - 1], fill=255)
        ImageDraw.Draw(im).ellipse([8, 8, w - 9, w - 9], fill=int(ink))
        ImageDraw.Draw(im).text((22, 20), chars(rng, 2, string.digits), font=font.font_variant(size=46), fill=int(ground))
    return np.asarray(im), np.asarray(alpha)


def make_bank(seed, plates=3000, signs=800):
    """Lists of plates and of signs, each (luma, alpha)."""
    rng = np.random.default_rng(seed)
    fonts = find_fonts()
    return ([draw_plate(rng, fonts) for _ in range(plates)],
            [draw_sign(rng, fonts) for _ in range(signs)])


def make_letters(seed, count=600):
    """A list of lettering, each (luma, alpha)."""
    rng = np.random.default_rng((seed, 1))
    fonts = find_fonts()
    return [draw_letters(rng, fonts) for _ in range(count)]
