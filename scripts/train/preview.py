# SPDX-License-Identifier: GPL-2.0-or-later
"""Contact sheets of what training sees: `make train-preview DATA=FOLDER`.

  preview.py FOLDER OUT

OUT/crops.png: training crops with their boxes (green: plate, grey: not judged).
OUT/plates.png: plates cut out of crops, drawn and real ones mixed. OUT/answers.txt
says which are which: guess first.
"""
import os
import sys

import cv2
import numpy as np

import data
import plates
import synth


def crop_sheet(crops, path, across=4, down=5):
    rows = []
    for _ in range(down):
        row = []
        for _ in range(across):
            luma, boxes, skip, _ = crops.draw()
            picture = cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR)
            for b, s in zip(boxes.astype(int), skip):
                cv2.rectangle(picture, tuple(b[:2].tolist()), tuple(b[2:].tolist()), (128, 128, 128) if s else (0, 220, 0), 1)
            row.append(picture)
        rows.append(np.hstack(row))
    cv2.imwrite(path, np.vstack(rows))


def guess_sheet(photos, bank, rng, path, answers, across=6, down=8):
    """Real plates, half of them replaced by drawn ones, each with what is around it."""
    tiles, real = [], []
    while len(tiles) < across * down:
        photo = photos[rng.integers(len(photos))]
        luma, boxes = photo.luma, photo.boxes
        if not len(boxes):
            continue
        x0, y0, x1, y1 = box = boxes[rng.integers(len(boxes))]
        if y1 - y0 < 20:
            continue
        picture = luma.astype(np.float32)
        drawn = rng.random() < 0.5
        if drawn:
            box = synth.replace(rng, picture, box, bank[0])
            if box is None:
                continue
        w, h = (x1 - x0) * 0.5, (y1 - y0) * 1.2
        cut = picture[int(max(0, y0 - h)):int(y1 + h), int(max(0, x0 - w)):int(x1 + w)]
        tiles.append(cv2.resize(np.clip(cut, 0, 255).astype(np.uint8), (200, 130), interpolation=cv2.INTER_AREA))
        real.append(not drawn)
    cv2.imwrite(path, np.vstack([np.hstack(tiles[i:i + across]) for i in range(0, len(tiles), across)]))
    with open(answers, "w") as f:
        for i in range(0, len(real), across):
            f.write("  ".join("real " if r else "drawn" for r in real[i:i + across]) + "\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    photos, bank = data.load(folder), plates.make_bank(1)
    crop_sheet(data.Crops(photos, 384, 256, 1, bank), os.path.join(out, "crops.png"))
    guess_sheet(photos, bank, np.random.default_rng(2), os.path.join(out, "plates.png"),
                os.path.join(out, "answers.txt"))
    print(f"look at {out}/crops.png and {out}/plates.png; {out}/answers.txt says which are drawn")


if __name__ == "__main__":
    main()
