# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a network as the 8-bit file that the C program reads.

  export.py CHECKPOINT.pt FOLDER OUT.pvn

FOLDER has images/ and labels.csv (see data.py); some of its photos show what range
each value has. The layout of the file is described in userspace/detect/network.h.

Weights are quantised a channel each, values a tensor each, as in Jacob et al. 2018; but what a
depthwise convolution alone reads has its channels brought to one range first (Nagel et al. 2019).
"""
import copy
import struct
import sys
import zlib

import cv2
import numpy as np
import torch

import contrast
import data
from network import STRIDES, PlateNet, fold_luma

KINDS = {"conv": 1, "add": 3, "up": 4}
PHOTOS = 48


def inputs(photos):
    """Photos as the first stage sees them: 640 wide, sides multiples of 32."""
    for photo in photos[:: max(1, len(photos) // PHOTOS)]:
        luma = photo.luma
        height = max(32, round(luma.shape[0] * 640 / luma.shape[1] / 32) * 32)
        small = cv2.resize(luma, (640, height), interpolation=cv2.INTER_AREA)
        yield fold_luma(torch.from_numpy(contrast.raised(small))[None])


def ranges(net, samples):
    """(least, most) of every value, but for a few outliers of a tensor."""
    low, high = {}, {}
    for sample in samples:
        with torch.no_grad():
            values = net.values(sample)
        for i, v in enumerate(values):
            flat = v.flatten()
            n = max(1, flat.numel() // 50000)
            low.setdefault(i, []).append(float(torch.topk(flat, n, largest=False).values[-1]))
            high.setdefault(i, []).append(float(torch.topk(flat, n).values[-1]))
    return {i: (min(low[i]), max(high[i])) for i in low}


def evened(net, samples):
    """A network that computes the same, but the channels of what a depthwise convolution alone reads have one range:
    what makes a channel is divided by a number, its filter multiplied. 8 bits do for the small ones, too, then."""
    net = copy.deepcopy(net)
    ops = net.plan.ops
    readers = [v for op in ops for v in (op["src"], op.get("other"))]
    pairs = [(op["src"], i) for i, op in enumerate(ops, 1) if op.get("depthwise") and
             readers.count(op["src"]) == 1 and ops[op["src"] - 1].get("norm") and ops[op["src"] - 1]["relu"]]
    high = {v: [] for v, _ in pairs}    # of each channel, by samples
    with torch.no_grad():
        for sample in samples:
            values = net.values(sample)
            for v in high:
                high[v].append(values[v].amax((0, 2, 3)))
        for maker, reader in pairs:
            most = torch.stack(high[maker]).quantile(0.9, 0)
            share = (most / most.max()).clamp(min=0.02)
            norm = net.layers[str(maker)][1]
            norm.weight.div_(share)
            norm.bias.div_(share)
            net.layers[str(reader)][0].weight.mul_(share[:, None, None, None])
    return net


def quantisation(net, samples, most):
    """(scale, zero point) of every value; scores are `most` at most."""
    found = ranges(net, samples)
    scores = {s for s, _ in net.plan.outputs}
    out = {0: (1 / 128, 0)}
    for i, op in enumerate(net.plan.ops, 1):
        if op["kind"] == "up":  # the same numbers, more of them
            out[i] = out[op["src"]]
            continue
        low, high = found[i]
        if i in scores:  # far below any threshold all are alike
            low, high = max(low, -8.0), min(high, most)
        low, high = min(low, 0.0), max(high, 0.01)
        scale = (high - low) / 255
        out[i] = (scale, int(round(-128 - low / scale)))
    return out


def write(net, samples, path, earlier=0.0, most=np.inf):
    """samples: inputs that show what values are like; earlier: see network.h; most: what a score is
    at most."""
    samples = list(samples)
    net = evened(net.eval().cpu(), samples)
    quant = quantisation(net, samples, most)
    folded = net.folded()
    records, blob = [], []
    for i, op in enumerate(net.plan.ops, 1):
        kind = 2 if op.get("depthwise") else KINDS[op["kind"]]
        channels = net.plan.channels
        records.append(struct.pack("<8Ifi", kind, op["src"], op.get("other", 0),
                                   channels[op["src"]], channels[i], op.get("kernel", 0),
                                   op.get("stride", 0), int(bool(op.get("relu"))), *quant[i]))
        if op["kind"] != "conv":
            continue
        weight, bias = (t.double().numpy() for t in folded[i])
        scale = np.maximum(np.abs(weight).reshape(len(weight), -1).max(1) / 127, 1e-8).astype("<f4")
        steps = np.rint(weight / scale[:, None, None, None]).clip(-127, 127).astype(np.int8)
        order = (2, 3, 0, 1) if op["depthwise"] else (0, 2, 3, 1)
        raw = steps.transpose(order).tobytes()
        offset = np.rint(bias / (quant[op["src"]][0] * scale)).clip(-2 ** 31, 2 ** 31 - 1)
        blob.append(raw + bytes(-len(raw) % 4) + scale.tobytes() + offset.astype("<i4").tobytes())
    for stride, (score, box) in zip(net.plan.strides, net.plan.outputs):
        records.append(struct.pack("<3If", stride, score, box, earlier))
    body = b"".join(records + blob)
    header = b"PVNET\0\0\2" + struct.pack("<4I8x", zlib.crc32(body), len(net.plan.ops),
                                              len(net.plan.outputs), sum(map(len, blob)))
    with open(path, "wb") as f:
        f.write(header + body)


def write_onnx(net, width, height, path):
    """As it was trained, in floats, for other engines. Input as PlateNet's, for luma of width x height; outputs the
    scores and boxes a stride."""
    names = [f"{kind}{s}" for s in STRIDES for kind in ("score", "box")]
    torch.onnx.export(net.eval(), torch.zeros(1, 4, height // 2, width // 2), path, opset_version=11,
                      input_names=["luma"], output_names=names)


def main():
    arguments = sys.argv[1:]
    if len(arguments) != 3:
        sys.exit(__doc__)
    model = PlateNet()
    model.load_state_dict(torch.load(arguments[0], map_location="cpu"))
    write(model, inputs(data.load(arguments[1])), arguments[2])


if __name__ == "__main__":
    main()
