# SPDX-License-Identifier: GPL-2.0-or-later
"""Trains the second look: the first stage's candidates in, a checkpoint and a weights file out.

  second.py --data FOLDER --dev FOLDER --found CSV... --found-dev CSV --start CHECKPOINT.pt --out RUN

FOLDER has images/ and labels.csv (see data.py); CSV is what `accuracy -l` lists of it. The
first stage's checkpoint gives the trunk to start from; with --weights a run goes on from the
second look's own. RUN gets last.pt (the same command again goes on from it), second.pt (weights
alone), log.csv and second.pvn, the file that is compiled into the program, its scores calibrated.
What is learnt in a step depends on --seed and the step alone.

What a candidate looks like is said in views.py. One process draws examples, this one learns: an
example is used --reuse times, as drawing one takes as long as learning from it.
"""
import argparse
import math
import os
import time
from collections import deque

import cv2
import numpy as np
import torch
import torch.multiprocessing as mp
from torch.nn import functional as F

import candidates
import data
import evaluate
import export
import keep
import network
import plates
import prune
import views
import widen
from network import PlateNet, Plan, fold_luma, macs
from train import box_loss, rate_at, update_average

BLOCK, BLOCKS = 192, 120    # examples drawn together; so many of those are chosen from
LEAST, LOOKS = 0.1, 32      # what candidates score at least, how many of a photo (second.h)
DOUBT = 0.0                 # logit below which the network's score counts (second.h says why)
INWARD = 1.4                # an edge within the plate leaves some of it bare: worse than one outside


def plan(widths=(32, 64, 128, 192), blocks=(3, 6, 4)):
    """The first stage's trunk, but wider, then all of both views drawn together into one cell."""
    p = Plan()
    x = p.conv(0, widths[0], 3, 2)
    for width, count in zip(widths[1:], blocks):
        x = p.separable(x, width, stride=2)
        for _ in range(count):
            x = p.residual(x)
    p.trunk = x
    x = p.separable(p.separable(x, widths[-1], stride=2), widths[-1], stride=2)
    p.strides = (views.VIEW_W,)
    p.outputs.append((p.conv(x, 1, relu=False, norm=False), p.conv(x, 4, relu=False, norm=False)))
    return p


def begin(start=None):
    """A new network, its trunk from a checkpoint of the first stage."""
    net = PlateNet(plan())
    if start:
        for *_, last in (b for level in prune.residuals(net.plan) for b in level):
            torch.nn.init.zeros_(net.layers[str(last - 1)][1].weight)   # blocks that the first stage has not
        trunk = prune.renumbered(torch.load(start, map_location="cpu"), network.plan(), net.plan, until=net.plan.trunk)
        net.load_state_dict(widen.widened(trunk, net), strict=False)
    for values in net.plan.outputs:
        for v in values:
            torch.nn.init.zeros_(net.layers[str(v)][0].bias)
    return net


def look(net, crops):
    """(logits (n), raw boxes (n, 4)) of int8 views (n, h, w)."""
    x = fold_luma(torch.from_numpy((crops.astype(np.int16) + 128).astype(np.uint8)))
    logits, raw = net(x.contiguous(memory_format=torch.channels_last))[0]
    return logits.flatten(), raw.flatten(1)


def batch_loss(net, crops, plate, raw, edges, trust):
    logits, got = look(net, crops)
    plate = torch.from_numpy(plate)
    score = F.binary_cross_entropy_with_logits(logits, plate.float() * 0.96 + 0.02)
    edges, raw, trust = (torch.from_numpy(v)[plate] for v in (edges, raw, trust))
    pred, true = edges + views.UNIT * got[plate], edges + views.UNIT * raw
    far, _ = box_loss(pred, true)
    off = (pred - true) / (true[:, 2:] - true[:, :2]).repeat(1, 2)
    inward = torch.cat([off[:, :2], -off[:, 2:]], 1) > 0
    fine = F.smooth_l1_loss(off, torch.zeros_like(off), beta=0.05, reduction="none")
    fine = (fine * torch.where(inward, INWARD, 1.0)).sum(1)
    return score + 0.5 * (trust * (far + fine)).sum() / max(1, len(trust))


# --- examples --------------------------------------------------------------------

SOURCE = None   # the drawing process inherits it


def draw(seed):
    cv2.setNumThreads(1)
    SOURCE.reseed(*seed)
    rows = [SOURCE.draw() for _ in range(BLOCK)]
    return [np.stack([r[k] for r in rows]).astype(t) for k, t in
            enumerate((np.int8, bool) + 3 * (np.float32,))]


class Examples:
    """The last BLOCKS of an endless row of blocks, drawn ahead by another process."""

    def __init__(self, seed):
        self.seed = seed
        self.pool = mp.get_context("fork").Pool(1)
        self.coming, self.blocks, self.next = deque(), deque(maxlen=BLOCKS), 0

    def upto(self, n):
        """Goes on until there are n blocks or more in the row."""
        self.next = max(self.next, n - BLOCKS)
        while self.next < n:
            while len(self.coming) < 6:
                at = self.next + len(self.coming)
                self.coming.append(self.pool.apply_async(draw, ((self.seed, at),)))
            self.blocks.append(self.coming.popleft().get())
            self.next += 1

    def batch(self, rng, size):
        picks = [(self.blocks[b], r) for b, r in
                 zip(rng.integers(len(self.blocks), size=size), rng.integers(BLOCK, size=size))]
        return [np.stack([b[k][r] for b, r in picks]) for k in range(len(self.blocks[0]))]


# --- dev -------------------------------------------------------------------------

class Dev:
    """Photos at 640 wide with their candidates' views, cut once."""

    def __init__(self, photos, found):
        self.photos, self.rows = photos, []
        for i, photo in enumerate(photos):
            c = found.get(i, np.zeros((0, 5), np.float32)).copy()
            c[:, :4] *= evaluate.WIDTH / photo.luma.shape[1]
            c = c[c[:, 4] >= LEAST][:LOOKS]
            halves = views.halves(evaluate.shrunk(photo.luma))
            crops = [views.cut(halves, b[:4]) for b in c]
            self.rows.append((c, np.stack(crops) if crops else np.zeros((0, 2 * views.VIEW_H, views.VIEW_W), np.int8)))

    def look(self, net):
        """For each photo, of its candidates: the first stage's logits, how much this network's are below
        DOUBT, and boxes as they are mended."""
        net.eval()
        out = []
        with torch.no_grad():
            for c, crops in self.rows:
                logits, raw = (t.numpy() for t in look(net, crops)) if len(c) else (c[:, 0], c[:, :4])
                boxes = np.array([views.mend(b[:4], r) for b, r in zip(c, raw)]).reshape(-1, 4)
                out.append((evaluate.logit(c[:, 4]).numpy(), np.minimum(logits - DOUBT, 0), boxes))
        return out

    def judge(self, seen, fit):
        """As evaluate.judge; fit: weights of the two columns of look(), and a shift."""
        score = lambda a, b: 1 / (1 + np.exp(-(fit[0] * a + fit[1] * b + fit[2])))
        return [evaluate.judge(p, *evaluate.apart(boxes, score(a, b))) for p, (a, b, boxes) in zip(self.photos, seen)]

    def calibrate(self, seen):
        """Such weights that of finds that score p a share p are plates."""
        fit = [1.0, 1.0, 0.0]
        for _ in range(3):  # which finds there are hangs on the weights
            columns, plate = [], []
            for found, (a, b, boxes) in zip(self.judge(seen, fit), seen):
                for box, _, kind in found:
                    k = int(np.abs(boxes - box).sum(1).argmin())
                    if kind != "ignored":
                        columns.append((a[k], b[k]))
                        plate.append(kind == "plate")
            fit = evaluate.platt(np.array(columns), plate)
        return fit


# --- training --------------------------------------------------------------------

class Run:
    def __init__(self, args, dev):
        self.args, self.dev = args, dev
        self.net, self.average = begin(args.start), begin()
        if args.weights:
            self.net.load_state_dict(widen.widened(torch.load(args.weights, map_location="cpu"), self.net))
        self.average.load_state_dict(self.net.state_dict())
        self.opt = torch.optim.AdamW(self.net.parameters(), lr=args.rate, weight_decay=args.decay)
        self.step, self.losses, self.begun = 0, [], time.time()
        self.examples = Examples(args.seed)
        saved = keep.load(args)
        if saved:
            self.net.load_state_dict(saved["net"])
            self.average.load_state_dict(saved["average"])
            self.opt.load_state_dict(saved["opt"])
            self.step = saved["step"]
            print(f"going on from step {self.step}", flush=True)
        self.from_step = self.step

    def train_step(self):
        args = self.args
        self.examples.upto(10 + int(self.step * args.batch / args.reuse / BLOCK))
        batch = self.examples.batch(np.random.default_rng((args.seed, self.step)), args.batch)
        for group in self.opt.param_groups:
            group["lr"] = rate_at(args, self.step)
        self.net.train()
        self.opt.zero_grad(set_to_none=False)
        loss = batch_loss(self.net, *batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.opt.step()
        self.step += 1
        self.losses.append(float(loss))
        update_average(self.average, self.net, self.step)

    def report(self):
        seen = self.dev.look(self.average)
        fit = self.dev.calibrate(seen)
        figures = evaluate.measure(self.dev.photos, self.dev.judge(seen, fit))
        minutes = (time.time() - self.begun) / 60
        left = minutes / (self.step - self.from_step) * (self.args.steps - self.step)
        row = dict(step=self.step, minutes=round(minutes, 1), loss=round(float(np.mean(self.losses)), 4))
        text = "  ".join(f"{r}fp: cov {c:.3f} iou {i:.3f} (min {a:.2f})" for r, (a, c, i) in figures.items())
        print(f"step {self.step}/{self.args.steps}  loss {row['loss']:.3f}  {minutes:.0f} min, {left:.0f} to go  {text}  "
              f"fit {' '.join(f'{v:.2f}' for v in fit)}", flush=True)
        row.update({f"coverage_{r}": round(c, 4) for r, (_, c, _) in figures.items()})
        keep.log(self.args, row)
        self.losses = []

    def save(self):
        keep.save(self.args, net=self.net.state_dict(), average=self.average.state_dict(),
                  opt=self.opt.state_dict(), step=self.step)


def write(net, dev, samples, out):
    """Calibrates the network on dev and writes it; samples: blocks of examples."""
    first, second, shift = dev.calibrate(dev.look(net))
    print(f"calibration: logit = {first:.3f} first + {second:.3f} min(second - {DOUBT}, 0) {shift:+.3f}")
    torch.save(net.state_dict(), os.path.join(out, "second.pt"))
    evaluate.scale_scores(net, second, shift - second * DOUBT)
    inputs = [fold_luma(torch.from_numpy((b[0].astype(np.int16) + 128).astype(np.uint8))) for b in samples]
    export.write(net, inputs, os.path.join(out, "second.pvn"), first, max(shift, 0.01))


def main():
    global SOURCE
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--data", required=True, help="folder with images/ and labels.csv")
    a.add_argument("--dev", required=True, help="another such folder, to calibrate on")
    a.add_argument("--found", nargs="+", required=True, help="what the first stage holds for plates in DATA")
    a.add_argument("--found-dev", required=True, help="the same of DEV, at 640 wide")
    a.add_argument("--out", required=True, help="folder for checkpoints and the weights file")
    a.add_argument("--start", help="the first stage's checkpoint (.pt), for the trunk")
    a.add_argument("--weights", help="the second look's weights (.pt) to go on from, or a narrower one's")
    a.add_argument("--steps", type=int, default=8000)
    a.add_argument("--batch", type=int, default=128)
    a.add_argument("--reuse", type=float, default=2)
    a.add_argument("--rate", type=float, default=2e-3)
    a.add_argument("--decay", type=float, default=5e-3)
    a.add_argument("--report", type=int, default=250, help="steps between measurements")
    a.add_argument("--seed", type=int, default=1)
    args = a.parse_args()
    torch.set_num_threads(1)
    os.makedirs(args.out, exist_ok=True)
    keep.load(args)  # ends here if it is another run's
    photos, dev = data.load(args.data, colour=True), data.load(args.dev)
    SOURCE = candidates.Source(photos, candidates.read(args.found, photos), plates.make_bank(args.seed)[0],
                               plates.make_letters(args.seed))
    run = Run(args, Dev(dev, candidates.read([args.found_dev], dev)))
    print(f"{len(SOURCE.plates)} plates, {len(SOURCE.ground)} places that are none, "
          f"{macs(run.net.plan, 2 * views.VIEW_H, views.VIEW_W) / 1e6:.1f} MMAC a candidate", flush=True)
    while run.step < args.steps:
        run.train_step()
        if run.step % args.report == 0 or run.step == args.steps:
            run.report()
            run.save()
    run.examples.upto(10 + int(run.step * args.batch / args.reuse / BLOCK))
    write(run.average, run.dev, list(run.examples.blocks)[-4:], args.out)
    keep.done(args)


if __name__ == "__main__":
    main()
