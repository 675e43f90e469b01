# SPDX-License-Identifier: GPL-2.0-or-later
"""The network on XNNPACK (8 bits, as the program runs it) beside OpenCV's DNN running the same
network from ONNX (floats), in turn: opencv.py BENCH_DETECT CHECKPOINT.pt

One core each; medians of processor time, and their ratio.
"""
import os
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/train"))

import torch  # noqa: E402

import export  # noqa: E402
from network import PlateNet  # noqa: E402

SIZES = ((640, 384), (1280, 736), (1920, 1088))
RUNS = 31


def main():
    ours = subprocess.Popen([sys.argv[1], "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    net = PlateNet()
    net.load_state_dict(torch.load(sys.argv[2], map_location="cpu"))
    cv2.setNumThreads(1)
    print(f"{'the network alone, ms':24}{'ours':>8}{'OpenCV':>9}{'ratio':>8}")
    for width, height in SIZES:
        with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
            export.write_onnx(net, width, height, file.name)
            theirs = cv2.dnn.readNetFromONNX(file.name)
        outputs = theirs.getUnconnectedOutLayersNames()
        luma = np.random.default_rng(1).uniform(-1, 1, (1, 4, height // 2, width // 2)).astype(np.float32)
        a, b = [], []
        for _ in range(RUNS):
            ours.stdin.write(f"{width} {height}\n")
            ours.stdin.flush()
            a.append(float(ours.stdout.readline()))
            begun = time.thread_time()
            theirs.setInput(luma)
            theirs.forward(outputs)
            b.append(1000 * (time.thread_time() - begun))
        a, b = np.median(a), np.median(b)
        print(f"{f'{width}x{height}':24}{a:8.1f}{b:9.1f}{b / a:8.1f}")
    ours.stdin.close()
    ours.wait()


if __name__ == "__main__":
    main()
