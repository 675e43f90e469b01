# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes out of the first stage the channels that matter least.

  slim.py CHECKPOINT.pt PLAN FOLDER OUT.pt

PLAN is CHECKPOINT's, as "24,48,96,128 48,64 48,64,64 2,4,3"; OUT.pt has the one that network.py makes by
default. What a channel matters is what the loss on crops of FOLDER's photos would change by without it,
to the first order (Molchanov et al. 2019). Values that are added have their channels in common. What is
left then learns to say what CHECKPOINT says: train.py --teacher.
"""
import sys

import torch

import data
import plates
from network import PlateNet, cells, plan_called
from train import CROP_H, CROP_W, batch_loss, make_batch

BATCHES, CROPS = 40, 24


def kinships(p):
    """For each value the first of those that share its channels."""
    kin = list(range(len(p.ops) + 1))
    for i, op in enumerate(p.ops, 1):
        if op["kind"] == "conv" and not op["depthwise"]:
            continue
        kin[i] = kin[op["src"]]
        if op["kind"] == "add":
            other, ours = kin[op["other"]], kin[i]
            kin = [ours if k == other else k for k in kin]
    return kin


def worth(net, photos, kin, seed=3):
    """{kinship: what each of its channels matters}"""
    crops = data.Crops(photos, CROP_W, CROP_H, seed, plates.make_bank(seed))
    crops.harsh = 0.35
    grid = cells(CROP_H, CROP_W)
    kept, total = [], {}
    whole = net.values

    def watched(x):
        kept[:] = whole(x)
        for v in kept[1:]:
            v.retain_grad()
        return kept

    net.values = watched
    net.eval()
    for _ in range(BATCHES):
        batch_loss(net, make_batch(crops, CROPS, grid.numpy(), "cpu"), grid, True).backward()
        for i, v in enumerate(kept):
            if i and v.grad is not None:
                each = (v.detach() * v.grad).sum((2, 3)).square().sum(0)
                total[kin[i]] = total.get(kin[i], 0) + each
    return total


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    checkpoint, name, folder, out = sys.argv[1:]
    old = PlateNet(plan_called(name))
    old.load_state_dict(torch.load(checkpoint, map_location="cpu"))
    new = PlateNet()
    kin = kinships(old.plan)
    matters = worth(old, data.load(folder)[::4], kin)
    keep = {}
    for i, (had, has) in enumerate(zip(old.plan.channels, new.plan.channels)):
        if kin[i] not in keep:
            keep[kin[i]] = torch.arange(had) if had == has else matters[kin[i]].topk(has).indices.sort().values
            if had != has:
                m = matters[kin[i]]
                print(f"value {i}: {had} -> {has} channels, which matter {m[keep[kin[i]]].sum() / m.sum():.3f}", flush=True)
    weights = old.state_dict()
    for key in old.layers:
        op = old.plan.ops[int(key) - 1]
        for name in [n for n in weights if n.startswith(f"layers.{key}.") and weights[n].dim()]:
            weights[name] = weights[name][keep[kin[int(key)]]]
        if not op["depthwise"]:
            name = f"layers.{key}.0.weight"
            weights[name] = weights[name][:, keep[kin[op["src"]]]]
    new.load_state_dict(weights)
    torch.save(new.state_dict(), out)


if __name__ == "__main__":
    main()
