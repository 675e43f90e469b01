# SPDX-License-Identifier: GPL-2.0-or-later
"""Local contrast, as userspace/detect/contrast.h has it: what the first stage sees is brought to it."""
import cv2
import numpy as np

BLOCK, AROUND = 16, 5           # pixels a side of a block, blocks a side that count for one
LEAST, MOST = 30.0, 4.0         # levels of luma, times


def raised(luma):
    """uint8 (h, w) -> the same with the contrast raised where it is low."""
    h, w = luma.shape
    rows, columns = -(-h // BLOCK), -(-w // BLOCK)
    full = np.zeros((rows * BLOCK, columns * BLOCK), np.float32)
    full[:h, :w] = luma.astype(np.float32) - 128
    inside = np.zeros_like(full)
    inside[:h, :w] = 1
    # Sums of blocks, then of the blocks round each.
    add = lambda a: cv2.boxFilter(cv2.resize(a, (columns, rows), interpolation=cv2.INTER_AREA), -1,
                                  (AROUND, AROUND), normalize=False, borderType=cv2.BORDER_CONSTANT)
    n = np.maximum(add(inside), 1e-6)
    mean = add(full) / n
    gain = LEAST / np.sqrt(np.maximum(add(full * full) / n - mean * mean, 0) + 1)
    gain = np.clip(gain, 1, MOST)
    if gain.max() == 1:
        return luma
    mean, gain = (cv2.resize(a, full.shape[::-1], interpolation=cv2.INTER_LINEAR)[:h, :w] for a in (mean, gain))
    return np.rint(np.clip((full[:h, :w] - mean) * gain + mean + 128, 0, 255)).astype(np.uint8)
