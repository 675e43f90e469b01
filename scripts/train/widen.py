# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a network wider that goes on saying the same (Net2Net, Chen et al. 2016).

Every channel stays and some are there twice; what took from one takes from both, a random share from
each, so that they learn apart from then on.
"""
import numpy as np
import torch


def widened(weights, net, seed=5):
    """weights, a state dict of some or all layers of a network like net but narrower, brought to net's widths."""
    rng = np.random.default_rng(seed)
    copies = {}

    def channels(narrow, wide):
        """Which of the narrow network's channels each of the wide one's is."""
        if narrow != wide and (narrow, wide) not in copies:     # what is added must match: one choice a width
            copies[narrow, wide] = np.concatenate([np.arange(narrow), rng.permutation(narrow)[:wide - narrow]])
        return copies.get((narrow, wide), np.arange(narrow))

    out = {}
    for key, op in ((k, net.plan.ops[int(k) - 1]) for k in net.layers):
        mine = {k: v for k, v in weights.items() if k.startswith(f"layers.{key}.")}
        if not mine:
            continue
        w = mine[f"layers.{key}.0.weight"]
        to = channels(w.shape[0], op["cout"])
        for k, v in mine.items():
            out[k] = v[to] if v.dim() else v
        if not op["depthwise"]:
            of = channels(w.shape[1], op["cin"])
            w = out[f"layers.{key}.0.weight"][:, of]
            for twice in np.flatnonzero(np.bincount(of) == 2):
                share = torch.from_numpy(rng.uniform(0.2, 0.8, (len(w), 1, 1)).astype(np.float32))
                first, second = np.flatnonzero(of == twice)
                w[:, first] *= share
                w[:, second] *= 1 - share
            out[f"layers.{key}.0.weight"] = w
    return out
