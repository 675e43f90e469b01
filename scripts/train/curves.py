# SPDX-License-Identifier: GPL-2.0-or-later
"""A run's curves from its log.csv: curves.py LOG OUT.png"""
import csv
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402


def draw(log, out):
    with open(log, newline="") as f:
        rows = list(csv.DictReader(f))
    steps = [int(r["step"]) for r in rows]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    left.plot(steps, [float(r["loss"]) for r in rows])
    left.set(title="loss", xlabel="step")
    for rate in ("0.1", "0.2", "1.0"):
        right.plot(steps, [100 * float(r[f"coverage_{rate}"]) for r in rows], label=f"{rate} false/photo")
    right.set(title="coverage on dev, plates of 12 px and more, %", xlabel="step")
    right.legend(loc="lower right")
    right.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(out, dpi=80)
    pyplot.close(figure)


if __name__ == "__main__":
    draw(*sys.argv[1:3])
