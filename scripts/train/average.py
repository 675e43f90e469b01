# SPDX-License-Identifier: GPL-2.0-or-later
"""The mean of two checkpoints, of which one goes on from the other: average.py A.pt B.pt SHARE OUT.pt

OUT is B by SHARE (0..1), A by the rest. Such a mean often does better on what neither has seen
than either (Wortsman et al. 2022). Scores want calibrating after it: second.py --steps 0.
"""
import sys

import torch


def mean(a, b, share):
    return {k: (1 - share) * a[k] + share * b[k] if b[k].dtype.is_floating_point else b[k] for k in b}


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    a, b = (torch.load(f, map_location="cpu") for f in sys.argv[1:3])
    torch.save(mean(a, b, float(sys.argv[3])), sys.argv[4])


if __name__ == "__main__":
    main()
