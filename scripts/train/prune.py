# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes out of the first stage the residual blocks that say least.

  prune.py --worth CHECKPOINT.pt BLOCKS FOLDER     what is found in FOLDER's photos without each of them
  prune.py CHECKPOINT.pt BLOCKS OUT.pt BLOCK...    a checkpoint without these

BLOCKS is how many CHECKPOINT has a level, as 3,6,4; a BLOCK is level.number, counted from 0. A block
adds to what is there already, so a network without one still says nearly the same, and training on
mends the rest.
"""
import sys

import torch

import data
import evaluate
from network import PlateNet, plan


def residuals(p):
    """For each width of p's blocks: the values (depthwise, pointwise, sum) of each block."""
    found = {}
    for i, op in enumerate(p.ops, 1):
        if op["kind"] == "add" and p.ops[i - 3].get("depthwise") and p.ops[i - 3]["src"] == op["src"]:
            found.setdefault(p.channels[i], []).append((i - 2, i - 1, i))
    return list(found.values())


def renumbered(weights, old, new, drop=(), until=None):
    """A state dict of old's layers under the numbers they have in new: block by block, `drop` (level,
    number) left out, and in between in order, up to new's value `until`."""
    left = [[b for k, b in enumerate(level) if (n, k) not in drop] for n, level in enumerate(residuals(old))]
    plain = [[i for i in range(1, len(p.ops) + 1) if not any(i in b for level in residuals(p) for b in level)]
             for p in (old, new)]
    to = dict(zip(*plain))
    for ours, theirs in zip(left, residuals(new)):
        for a, b in zip(ours, theirs):
            to.update(zip(a, b))
    out = {}
    for key, v in weights.items():
        _, number, rest = key.split(".", 2)
        n = to.get(int(number))
        if n and n <= (until or n):
            out[f"layers.{n}.{rest}"] = v
    return out


def worth(weights, blocks, folder):
    """Prints, at 0.1, 1 and 3 false finds a photo, how many plates of 8 pixels and more are found."""
    photos = data.load(folder)
    levels = residuals(plan(blocks=blocks))
    for block in [None] + [(n, k) for n, level in enumerate(levels) for k in range(len(level))]:
        net = PlateNet(plan(blocks=blocks))
        net.load_state_dict(weights)
        if block:
            norm = net.layers[str(levels[block[0]][block[1]][1])][1]
            torch.nn.init.zeros_(norm.weight)
            torch.nn.init.zeros_(norm.bias)
        finds = [evaluate.judged(net, p) for p in photos]
        figures = evaluate.measure(photos, finds, 8, (0.1, 1.0, 3.0)).values()
        print("all of them" if not block else f"without {block[0]}.{block[1]}",
              " ".join(f"{100 * hit:.1f}" for _, _, hit in figures), flush=True)


def main():
    arguments = sys.argv[1:]
    ask = arguments[:1] == ["--worth"]
    if len(arguments) < 4:
        sys.exit(__doc__)
    weights = torch.load(arguments[ask], map_location="cpu")
    blocks = tuple(int(n) for n in arguments[ask + 1].split(","))
    if ask:
        worth(weights, blocks, arguments[3])
        return
    drop = [tuple(int(n) for n in b.split(".")) for b in arguments[3:]]
    fewer = [n - sum(level == at for level, _ in drop) for at, n in enumerate(blocks)]
    new = PlateNet(plan(blocks=fewer))
    new.load_state_dict(renumbered(weights, plan(blocks=blocks), new.plan, drop))
    torch.save(new.state_dict(), arguments[2])


if __name__ == "__main__":
    main()
