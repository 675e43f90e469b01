# SPDX-License-Identifier: GPL-2.0-or-later
"""The plate network, as a list of operations.

One list describes the network for three readers: PyTorch (PlateNet below), the
weights file (export.py) and the C program (userspace/detect/network.c), which
rebuilds the same graph from the file. Every operation makes one value; values
are named by their place in the list, value 0 being the input.

Input: (N, 4, H/2, W/2), the luma plane scaled to Y / 128 - 1 and folded 2x2
into four channels (top left, top right, bottom left, bottom right). H and W are
multiples of 32.

Output: for each stride 8, 16, 32 a score (logit, one channel) and a box (four
channels: log of the distance, in strides, from the cell's centre to the left,
top, right and bottom edge).

The shape of it (depthwise-separable blocks, a top-down feature pyramid, a head
a level, anchor-free boxes as in FCOS, Tian et al. 2019) is common; the sizes are
ours.
"""
import torch
from torch import nn
from torch.nn import functional as F

STRIDES = (8, 16, 32)


class Plan:
    """Collects the operations; each method returns the number of its value."""

    def __init__(self):
        self.ops = []
        self.outputs = []  # (score value, box value) a stride
        self.strides = STRIDES
        self.channels = [4]

    def _push(self, channels, **op):
        self.ops.append(op)
        self.channels.append(channels)
        return len(self.ops)

    def conv(self, src, cout, kernel=1, stride=1, depthwise=False, relu=True, norm=True):
        return self._push(cout, kind="conv", src=src, cin=self.channels[src], cout=cout,
                          kernel=kernel, stride=stride, depthwise=depthwise, relu=relu,
                          norm=norm)

    def add(self, a, b, relu=True):
        return self._push(self.channels[a], kind="add", src=a, other=b, relu=relu)

    def up(self, src):
        return self._push(self.channels[src], kind="up", src=src)

    def separable(self, src, cout, stride=1, relu=True):
        cin = self.channels[src]
        return self.conv(self.conv(src, cin, 3, stride, depthwise=True), cout, relu=relu)

    def residual(self, src):
        return self.add(src, self.separable(src, self.channels[src], relu=False))


def plan(widths=(24, 48, 96, 128), neck=(48, 64), blocks=(2, 4, 3)):
    p = Plan()
    x = p.conv(0, widths[0], 3, 2)
    levels = []
    for width, count in zip(widths[1:], blocks):
        x = p.separable(x, width, stride=2)
        for _ in range(count):
            x = p.residual(x)
        levels.append(x)
    c3, c4, c5 = levels
    p5 = p.conv(c5, neck[1])
    p4 = p.separable(p.add(p.conv(c4, neck[1], relu=False), p.up(p5)), neck[1])
    up4 = p.up(p.conv(p4, neck[0], relu=False))
    p3 = p.separable(p.add(p.conv(c3, neck[0], relu=False), up4), neck[0])
    for feature in (p3, p4, p5):
        h = p.separable(feature, p.channels[feature])
        score = p.conv(h, 1, relu=False, norm=False)
        box = p.conv(h, 4, relu=False, norm=False)
        p.outputs.append((score, box))
    return p


class PlateNet(nn.Module):
    def __init__(self, p=None):
        super().__init__()
        self.plan = p or plan()
        self.layers = nn.ModuleDict()
        for i, op in enumerate(self.plan.ops, 1):
            if op["kind"] != "conv":
                continue
            conv = nn.Conv2d(op["cin"], op["cout"], op["kernel"], op["stride"],
                             op["kernel"] // 2, groups=op["cin"] if op["depthwise"] else 1,
                             bias=not op["norm"])
            parts = [conv]
            if op["norm"]:
                nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
                parts.append(nn.BatchNorm2d(op["cout"], momentum=0.05))
            else:
                nn.init.normal_(conv.weight, std=0.01)
                # A score starts near 0.01: plates are rare.
                nn.init.constant_(conv.bias, -4.6 if op["cout"] == 1 else 0.5)
            self.layers[str(i)] = nn.Sequential(*parts)

    def values(self, x):
        """Every value, the input first."""
        values = [x]
        for i, op in enumerate(self.plan.ops, 1):
            if op["kind"] == "conv":
                y = self.layers[str(i)](values[op["src"]])
            elif op["kind"] == "add":
                y = values[op["src"]] + values[op["other"]]
            else:
                y = F.interpolate(values[op["src"]], scale_factor=2, mode="bilinear",
                                  align_corners=False)
            values.append(F.relu(y, inplace=True) if op.get("relu") else y)
        return values

    def forward(self, x):
        values = self.values(x)
        return [(values[s], values[b]) for s, b in self.plan.outputs]

    def folded(self):
        """(weight, bias) of each conv with its batch norm folded in, by value number."""
        out = {}
        for key, seq in self.layers.items():
            w, b = seq[0].weight.detach(), seq[0].bias
            if len(seq) > 1:
                bn = seq[1]
                scale = bn.weight.detach() / torch.sqrt(bn.running_var + bn.eps)
                w, b = w * scale[:, None, None, None], bn.bias.detach() - bn.running_mean * scale
            out[int(key)] = (w.float(), b.detach().float())
        return out


def fold_luma(y):
    """uint8 (N, H, W) luma -> the network's float (N, 4, H/2, W/2) input."""
    x = y.float() / 128 - 1
    return torch.stack([x[:, 0::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 0::2], x[:, 1::2, 1::2]], 1)


def cells(height, width):
    """Centres (x, y) and strides of all output cells, in the order of flatten_outputs."""
    rows = []
    for s in STRIDES:
        ys, xs = torch.meshgrid(torch.arange(height // s), torch.arange(width // s), indexing="ij")
        centre = torch.stack([(xs + 0.5) * s, (ys + 0.5) * s, torch.full_like(xs, s).float()], -1)
        rows.append(centre.reshape(-1, 3))
    return torch.cat(rows)


def flatten_outputs(outputs):
    """Per-stride maps -> scores (N, cells) as logits, raw boxes (N, cells, 4)."""
    scores = torch.cat([s.flatten(1) for s, _ in outputs], 1)
    boxes = torch.cat([b.flatten(2).transpose(1, 2) for _, b in outputs], 1)
    return scores, boxes


def decode(raw, grid):
    """Raw boxes -> x0, y0, x1, y1 in input pixels."""
    d = torch.exp(raw.clamp(-4, 4)) * grid[:, 2:3]
    x, y = grid[:, 0], grid[:, 1]
    return torch.stack([x - d[..., 0], y - d[..., 1], x + d[..., 2], y + d[..., 3]], -1)


def macs(p, height, width):
    total, sizes = 0, [(height // 2, width // 2)]
    for op in p.ops:
        h, w = sizes[op["src"]]
        if op["kind"] == "conv":
            h, w = -(-h // op["stride"]), -(-w // op["stride"])
            fan = op["kernel"] ** 2 * (1 if op["depthwise"] else op["cin"])
            total += h * w * fan * op["cout"]
        elif op["kind"] == "up":
            h, w = 2 * h, 2 * w
        sizes.append((h, w))
    return total


if __name__ == "__main__":
    net = PlateNet()
    print("parameters", sum(t.numel() for t in net.parameters()),
          "MMAC at 640x384", macs(net.plan, 384, 640) / 1e6, "operations", len(net.plan.ops))
