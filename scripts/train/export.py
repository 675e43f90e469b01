# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a network as the file the C program reads (userspace/detect/network.h).

  export.py CHECKPOINT.pt OUT.pvn

Little-endian throughout. Header, 32 bytes: "PVNET\0\0\1", u32 CRC-32 (zlib's) of all that follows
the header, u32 operations, u32 outputs, u32 floats, 8 zero bytes. Then a record of
eight u32 an operation: kind (1 conv, 2 depthwise conv, 3 add, 4 upsample by 2),
source value, other value, channels in, channels out, kernel, stride, relu. Then
a record of four u32 an output: stride, score value, box value, 0. Then the
floats: for each conv in order its weights (out, kernel, kernel, in; depthwise:
kernel, kernel, channels) and its biases. Value 0 is the input; operation i makes
value i + 1.
"""
import struct
import sys
import zlib

import numpy as np
import torch

from network import STRIDES, PlateNet

KINDS = {"conv": 1, "add": 3, "up": 4}


def write(net, path):
    records, floats = [], []
    folded = net.cpu().folded()
    for i, op in enumerate(net.plan.ops, 1):
        kind = 2 if op.get("depthwise") else KINDS[op["kind"]]
        channels = net.plan.channels
        records.append(struct.pack("<8I", kind, op["src"], op.get("other", 0), channels[op["src"]],
                                   channels[i], op.get("kernel", 0), op.get("stride", 0),
                                   int(bool(op.get("relu")))))
        if op["kind"] == "conv":
            weight, bias = folded[i]
            order = (2, 3, 0, 1) if op["depthwise"] else (0, 2, 3, 1)
            floats += [weight.permute(*order).contiguous().numpy().ravel(), bias.numpy().ravel()]
    flat = np.concatenate(floats).astype("<f4")
    for stride, (score, box) in zip(STRIDES, net.plan.outputs):
        records.append(struct.pack("<4I", stride, score, box, 0))
    body = b"".join(records) + flat.tobytes()
    header = b"PVNET\0\0\1" + struct.pack("<4I8x", zlib.crc32(body), len(net.plan.ops),
                                              len(net.plan.outputs), flat.size)
    with open(path, "wb") as f:
        f.write(header + body)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    model = PlateNet()
    model.load_state_dict(torch.load(sys.argv[1], map_location="cpu"))
    write(model, sys.argv[2])
