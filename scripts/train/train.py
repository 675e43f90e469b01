# SPDX-License-Identifier: GPL-2.0-or-later
"""Trains the plate network: photos in, a checkpoint and a weights file out.

  train.py --data FOLDER [--dev FOLDER] --out RUN [--steps 16000] [--device cpu]

FOLDER has images/ and labels.csv (see data.py). RUN gets last.pt (the same command
again goes on from it, until it is done), network.pt (weights alone), log.csv, curves.png and network.pvn,
the file that is compiled into the program. What is drawn in a step depends on --seed
and the step alone, so a run that was stopped and resumed ends as one that was not; the
same command gives the same weights on the same machine (--device cuda: nearly).

On a CPU two one-thread processes share the work (--workers) and average their
gradients: one process of two threads is far slower when the machine is busy.

Loss: quality focal loss for scores (Li et al. 2020: the score learns the box's IoU;
here half of it and a half) and distance-IoU for boxes (Zheng et al. 2020). Every
--report steps the averaged network is measured on dev, and searches photos for what it
takes for plates and is not, and for plates it is not sure of: crops are then drawn
round those, too (mining).
"""
import argparse
import math
import os
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn import functional as F

import curves
import data
import evaluate
import export
import keep
import plates
from network import PlateNet, cells, decode, flatten_outputs, fold_luma

CROP_W, CROP_H = 384, 256
MINED, KEPT = 400, 1200  # photos searched a time and worker, places and plates remembered
MISSED = 0.4             # a plate of which nothing better than this was found


def box_loss(pred, true):
    """(1 - DIoU, IoU) for rows of x0 y0 x1 y1."""
    lt, rb = torch.maximum(pred[:, :2], true[:, :2]), torch.minimum(pred[:, 2:], true[:, 2:])
    wh = (rb - lt).clamp(min=0)
    inter = wh[:, 0] * wh[:, 1]
    area = lambda v: (v[:, 2] - v[:, 0]) * (v[:, 3] - v[:, 1])
    iou = inter / (area(pred) + area(true) - inter).clamp(min=1e-6)
    hull = torch.maximum(pred[:, 2:], true[:, 2:]) - torch.minimum(pred[:, :2], true[:, :2])
    gap = (pred[:, :2] + pred[:, 2:] - true[:, :2] - true[:, 2:]) / 2
    return 1 - iou + (gap ** 2).sum(1) / (hull ** 2).sum(1).clamp(min=1e-6), iou


def batch_loss(net, batch, grid, trust):
    luma, state, true, doubt = batch
    logits, raw = flatten_outputs(net(fold_luma(luma).contiguous(memory_format=torch.channels_last)))
    plate = state == 1
    n = plate.sum().clamp(min=1)
    quality = torch.zeros_like(logits)
    loss_box = logits.sum() * 0
    if plate.any():
        where = plate.nonzero()
        pred = decode(raw[plate], grid[where[:, 1]])
        loss, iou = box_loss(pred, true[plate])
        # A plate is one, however its box may be: of one seen steeply a wrong box is no reason for doubt.
        quality[plate] = 0.5 + iou.detach() / 2
        loss_box = loss.sum() / n
    p = torch.sigmoid(logits)
    focal = (quality - p).abs().detach() ** 2 * F.binary_cross_entropy_with_logits(
        logits, quality, reduction="none")
    weight = (state >= 0).float()
    if trust:  # where labels are known to be missing, do not argue with a sure network
        weight = torch.where((state == 0) & (p.detach() > 0.45), weight * doubt[:, None], weight)
    return (focal * weight).sum() / n * 2 + loss_box


def make_batch(crops, size, grid, device):
    luma, state, true, doubt = [], [], [], []
    for _ in range(size):
        image, boxes, skip, source = crops.draw()
        s, t = data.targets(boxes, skip, grid)
        luma.append(image)
        state.append(s)
        true.append(t)
        doubt.append(data.UNBOXED.get(source, 1.0))
    return (torch.from_numpy(np.stack(luma)).to(device), torch.from_numpy(np.stack(state)).to(device),
            torch.from_numpy(np.stack(true)).to(device), torch.tensor(doubt).to(device))


def average_gradients(net, world):
    flat = torch.cat([p.grad.flatten() for p in net.parameters()])
    dist.all_reduce(flat)
    flat /= world
    at = 0
    for p in net.parameters():
        p.grad.copy_(flat[at:at + p.numel()].view_as(p))
        at += p.numel()


def rate_at(args, step):
    """A short rise, a cosine's fall."""
    return args.rate * min(1, (step + 1) / 200) * (0.01 + 0.495 * (1 + math.cos(math.pi * step / args.steps)))


def update_average(average, net, step):
    share = min(0.999, (step + 1) / (step + 20))
    with torch.no_grad():
        for a, b in zip(average.state_dict().values(), net.state_dict().values()):
            if a.dtype.is_floating_point:
                a.lerp_(b.to(a.device), 1 - share)
            else:
                a.copy_(b)


def mine(net, photos, rng):
    """(places (photo, x, y) where the network is sure of a plate and no label is near, plates
    (photo, box) of 8 pixels of height and more at 640 wide that it is not sure of)"""
    hard, missed = [], []
    for i in rng.integers(len(photos), size=MINED):
        photo = photos[i]
        k = photo.luma.shape[1] / evaluate.WIDTH
        finds = evaluate.judged(net, photo, floor=0.25)
        if data.UNBOXED.get(photo.source, 1) >= rng.random():
            hard += [(int(i), float(b[0] + b[2]) / 2 * k, float(b[1] + b[3]) / 2 * k)
                     for b, _, kind in finds if kind == "false"]
        sure = data.array([b for b, score, _ in finds if score >= MISSED])
        missed += [(int(i), n) for n, b in enumerate(photo.boxes / k)
                   if b[3] - b[1] >= 8 and evaluate.iou(b, sure).max(initial=0) < 0.3]
    return hard, missed


class Run:
    """One worker's part of a training run."""

    def __init__(self, rank, args, photos, dev, bank):
        self.rank, self.args, self.photos, self.dev = rank, args, photos, dev
        torch.manual_seed(args.seed)
        self.net = PlateNet().to(args.device).to(memory_format=torch.channels_last)
        self.average = PlateNet().to(memory_format=torch.channels_last)
        self.opt = torch.optim.AdamW(self.net.parameters(), lr=args.rate, weight_decay=args.decay)
        self.crops = data.Crops(photos, CROP_W, CROP_H, args.seed, bank)
        self.step, self.spent = 0, 0.0
        saved = keep.load(args, args.device)
        if saved:
            self.resume(saved)
        elif args.start:
            self.net.load_state_dict(torch.load(args.start, map_location=args.device))
        if not self.step:
            self.average.load_state_dict(self.net.state_dict())
        grid = cells(CROP_H, CROP_W)
        self.grid_np, self.grid = grid.numpy(), grid.to(args.device)
        self.losses, self.begun = [], time.time()

    def resume(self, saved):
        self.net.load_state_dict(saved["net"])
        self.average.load_state_dict(saved["average"])
        self.opt.load_state_dict(saved["opt"])
        self.step, self.spent = saved["step"], saved["spent"]
        self.crops.hard, self.crops.missed = saved["hard"], saved["missed"]

    def save(self):
        keep.save(self.args, net=self.net.state_dict(), average=self.average.state_dict(),
                  opt=self.opt.state_dict(), step=self.step, spent=self.spent + time.time() - self.begun,
                  hard=self.crops.hard, missed=self.crops.missed)

    def train_step(self):
        args = self.args
        for group in self.opt.param_groups:
            group["lr"] = rate_at(args, self.step)
        # Crops near to what cameras give, in the end: that is what it will be judged on.
        self.crops.harsh = args.harsh * (1.0 if self.step < 0.75 * args.steps else 0.35)
        self.crops.reseed(args.seed, self.rank, self.step)
        self.net.train()
        self.opt.zero_grad(set_to_none=False)
        batch = make_batch(self.crops, args.batch, self.grid_np, args.device)
        loss = batch_loss(self.net, batch, self.grid, trust=bool(args.start) or self.step > 0.1 * args.steps)
        loss.backward()
        if args.workers > 1:
            average_gradients(self.net, args.workers)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.opt.step()
        self.step += 1
        self.losses.append(float(loss))
        update_average(self.average, self.net, self.step)

    def search_photos(self):
        if self.args.workers > 1:  # each has norms of its own, and the first one's are what is saved
            for norm in (*self.net.buffers(), *self.average.buffers()):
                dist.broadcast(norm, 0)
        rng = np.random.default_rng((self.args.seed, self.rank, self.step, 1))
        mined = mine(self.average, self.photos, rng)
        everyone = [mined]
        if self.args.workers > 1:
            everyone = [None] * self.args.workers
            dist.all_gather_object(everyone, mined)
        for hard, missed in everyone:
            self.crops.hard = (self.crops.hard + hard)[-KEPT:]
            self.crops.missed = (self.crops.missed + missed)[-KEPT:]

    def report(self):
        """Measures the averaged network on dev."""
        args = self.args
        figures = evaluate.run(self.average, self.dev)
        spent = self.spent + time.time() - self.begun
        row = dict(step=self.step, minutes=round(spent / 60, 1), loss=round(float(np.mean(self.losses)), 4),
                   hard=len(self.crops.hard), missed=len(self.crops.missed))
        text = "  ".join(f"{r}fp: cov {c:.3f} iou {i:.3f} (min {a:.2f})" for r, (a, c, i) in figures.items())
        left = spent / self.step * (args.steps - self.step) / 60
        print(f"step {self.step}/{args.steps}  loss {row['loss']:.3f}  {row['minutes']:.0f} min, {left:.0f} to go  "
              f"{text}", flush=True)
        row.update({f"coverage_{r}": round(c, 4) for r, (_, c, _) in figures.items()})
        curves.draw(keep.log(args, row), os.path.join(args.out, "curves.png"))
        self.losses = []


def worker(rank, args, photos, dev, bank):
    if args.workers > 1:
        torch.set_num_threads(1)
        dist.init_process_group("gloo", init_method=f"file://{args.out}/rendezvous", rank=rank,
                                world_size=args.workers)
    run = Run(rank, args, photos, dev, bank)
    if args.start and not run.step:
        run.search_photos()
    while run.step < args.steps:
        run.train_step()
        if run.step % args.report and run.step < args.steps:
            continue
        if run.step < args.steps:
            run.search_photos()
        if rank == 0:
            run.report()
            run.save()
    if rank == 0:
        # Not the best that dev has seen: between two reports that is chance.
        net = run.average
        evaluate.calibrate(net, dev)
        torch.save(net.state_dict(), os.path.join(args.out, "network.pt"))
        export.write(net, export.inputs(photos[::20]), os.path.join(args.out, "network.pvn"))
        keep.done(args)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--data", required=True, help="folder with images/ and labels.csv")
    a.add_argument("--dev", help="another such folder, to choose by (default: a tenth of DATA)")
    a.add_argument("--out", required=True, help="folder for checkpoints and the weights file")
    a.add_argument("--start", help="weights (.pt) to start from instead of chance")
    a.add_argument("--steps", type=int, default=16000)
    a.add_argument("--device", default="cpu", help="cpu or cuda")
    a.add_argument("--workers", type=int, default=2)
    a.add_argument("--batch", type=int, default=24, help="crops a step and worker")
    a.add_argument("--rate", type=float, default=2e-3)
    a.add_argument("--decay", type=float, default=1e-3)
    a.add_argument("--harsh", type=float, default=1.0,
                   help="how often crops are degraded; the last quarter of a run is at 0.35 of it")
    a.add_argument("--report", type=int, default=400, help="steps between measurements")
    a.add_argument("--seed", type=int, default=1)
    args = a.parse_args()
    args.out = os.path.abspath(args.out)
    os.makedirs(args.out, exist_ok=True)
    if args.device != "cpu":
        args.batch, args.workers = args.batch * args.workers, 1
    keep.load(args)  # ends here if it is another run's
    meet = os.path.join(args.out, "rendezvous")
    if os.path.exists(meet):
        os.unlink(meet)
    photos = data.load(args.data)
    dev = data.load(args.dev) if args.dev else photos[::10]
    if not args.dev:
        photos = [p for i, p in enumerate(photos) if i % 10]
    print(f"{len(photos)} photos to train on, {len(dev)} to choose by; drawing plates", flush=True)
    bank = plates.make_bank(args.seed)
    if args.workers > 1:
        torch.set_num_threads(1)
        mp.start_processes(worker, (args, photos, dev, bank), nprocs=args.workers, start_method="fork")
    else:
        worker(0, args, photos, dev, bank)


if __name__ == "__main__":
    main()
