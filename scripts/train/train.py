# SPDX-License-Identifier: GPL-2.0-or-later
"""Trains the plate network: photos in, a checkpoint and a weights file out.

  train.py --data FOLDER [--dev FOLDER] --out RUN [--minutes 120] [--device cpu]

FOLDER has images/ and labels.csv (see data.py). RUN gets last.pt (to go on from:
the same command again resumes), best.pt, log.csv and network.pvn, the file that
is compiled into the program. The learning rate falls along a cosine over the
minutes given, so a busy machine trains less, never half.

On a CPU two one-thread processes share the work (--workers) and average their
gradients: one process of two threads is far slower when the machine is busy.

Loss: quality focal loss for scores (Li et al. 2020: the score learns the box's
IoU) and distance-IoU for boxes (Zheng et al. 2020).
"""
import argparse
import csv
import math
import os
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn import functional as F

import data
import evaluate
import export
import synth
from network import PlateNet, cells, decode, flatten_outputs, fold_luma

CROP_W, CROP_H = 384, 256


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
        quality[plate] = iou.detach().clamp(0.1, 1)
        loss_box = loss.sum() / n
    p = torch.sigmoid(logits)
    focal = (quality - p).abs().detach() ** 2 * F.binary_cross_entropy_with_logits(
        logits, quality, reduction="none")
    weight = (state >= 0).float()
    if trust:  # where labels are known to be missing, do not argue with a sure network
        weight = torch.where((state == 0) & (p.detach() > 0.45), weight * doubt[:, None], weight)
    return (focal * weight).sum() / n * 2 + loss_box, n


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


def rate_at(args, step, progress):
    return args.rate * min(1, (step + 1) / 200) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))


def update_average(average, net, step):
    keep = min(0.999, (step + 1) / (step + 20))
    with torch.no_grad():
        for a, b in zip(average.state_dict().values(), net.state_dict().values()):
            if a.dtype.is_floating_point:
                a.lerp_(b, 1 - keep)
            else:
                a.copy_(b)


def report(args, average, photos, best, row):
    """Measures the averaged network on dev, keeps it if it is the best so far."""
    figures = evaluate.run(average, photos)
    value = sum(figures[r][1] for r in (0.1, 0.2, 1.0)) / 3
    text = "  ".join(f"{r}fp: cov {c:.3f} iou {i:.3f} (min {a:.2f})" for r, (a, c, i) in figures.items())
    print(f"step {row['step']} loss {row['loss']:.3f} {row['minutes']:.1f} min  {text}", flush=True)
    with open(os.path.join(args.out, "log.csv"), "a", newline="") as f:
        row.update({f"coverage_{r}": round(c, 4) for r, (_, c, _) in figures.items()})
        csv.DictWriter(f, row).writerow(row)
    if value >= best:
        torch.save(average.state_dict(), os.path.join(args.out, "best.pt"))
        export.write(average, photos, os.path.join(args.out, "network.pvn"))
    return max(best, value)


def worker(rank, args, photos, dev, bank):
    torch.set_num_threads(1 if args.workers > 1 else torch.get_num_threads())
    torch.manual_seed(args.seed)
    if args.workers > 1:
        dist.init_process_group("gloo", init_method=f"file://{args.out}/rendezvous", rank=rank,
                                world_size=args.workers)
    net = PlateNet().to(args.device).to(memory_format=torch.channels_last)
    average = PlateNet().to(memory_format=torch.channels_last)
    average.load_state_dict(net.state_dict())
    opt = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=args.decay)
    step, spent, best = 0, 0.0, 0.0
    last = os.path.join(args.out, "last.pt")
    if os.path.exists(last):
        saved = torch.load(last, map_location=args.device)
        net.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        opt.load_state_dict(saved["opt"])
        step, spent, best = saved["step"], saved["spent"], saved["best"]
    elif args.start:
        net.load_state_dict(torch.load(args.start, map_location=args.device))
        average.load_state_dict(net.state_dict())
        step = 1500  # past what a beginner is spared
    crops = data.Crops(photos, CROP_W, CROP_H, args.seed * 1000 + rank + step * 17, bank)
    grid = cells(CROP_H, CROP_W)
    grid_np, grid = grid.numpy(), grid.to(args.device)
    begun, reported, losses = time.time() - spent, time.time(), []
    # Every worker must stop at the same step: rank 0's clock decides.
    progress = torch.zeros(1)
    while True:
        progress[0] = (time.time() - begun) / (args.minutes * 60)
        if args.workers > 1:
            dist.broadcast(progress, 0)
        if progress[0] >= 1:
            break
        for group in opt.param_groups:
            group["lr"] = rate_at(args, step, float(progress))
        # Crops near to what cameras give, in the end: that is what it will be judged on.
        crops.harsh = args.harsh * (1.0 if float(progress) < 0.75 else 0.35)
        net.train()
        opt.zero_grad(set_to_none=False)
        loss, _ = batch_loss(net, make_batch(crops, args.batch, grid_np, args.device), grid,
                             trust=float(progress) > 0.1 or step > 1500)
        loss.backward()
        if args.workers > 1:
            average_gradients(net, args.workers)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        step += 1
        losses.append(float(loss))
        if rank == 0:
            update_average(average, net, step)
            if time.time() - reported > args.report * 60:
                row = dict(step=step, minutes=round((time.time() - begun) / 60, 1),
                           loss=round(float(np.mean(losses)), 4))
                best = report(args, average, dev, best, row)
                torch.save(dict(net=net.state_dict(), average=average.state_dict(), opt=opt.state_dict(),
                                step=step, spent=time.time() - begun, best=best), last + ".new")
                os.replace(last + ".new", last)
                losses, reported = [], time.time()
    if rank == 0:
        report(args, average, dev, best, dict(step=step, minutes=args.minutes,
                                              loss=round(float(np.mean(losses or [0])), 4)))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--data", required=True, help="folder with images/ and labels.csv")
    a.add_argument("--dev", help="another such folder, to choose by (default: a tenth of DATA)")
    a.add_argument("--out", required=True, help="folder for checkpoints and the weights file")
    a.add_argument("--start", help="weights (.pt) to start from instead of chance")
    a.add_argument("--minutes", type=float, default=120)
    a.add_argument("--device", default="cpu", help="cpu or cuda")
    a.add_argument("--workers", type=int, default=min(2, os.cpu_count()))
    a.add_argument("--batch", type=int, default=24, help="crops a step and worker")
    a.add_argument("--rate", type=float, default=2e-3)
    a.add_argument("--decay", type=float, default=1e-3)
    a.add_argument("--harsh", type=float, default=1.0,
                   help="how often crops are degraded; the last quarter of a run is at 0.35 of it")
    a.add_argument("--report", type=float, default=5, help="minutes between measurements")
    a.add_argument("--seed", type=int, default=1)
    args = a.parse_args()
    args.out = os.path.abspath(args.out)
    os.makedirs(args.out, exist_ok=True)
    if args.device != "cpu":
        args.workers = 1
    meet = os.path.join(args.out, "rendezvous")
    if os.path.exists(meet):
        os.unlink(meet)
    photos = data.load(args.data)
    dev = data.load(args.dev) if args.dev else photos[::10]
    if not args.dev:
        photos = [p for i, p in enumerate(photos) if i % 10]
    print(f"{len(photos)} photos to train on, {len(dev)} to choose by", flush=True)
    bank = synth.make_bank(args.seed)
    if args.workers > 1:
        torch.set_num_threads(1)
        mp.start_processes(worker, (args, photos, dev, bank), nprocs=args.workers, start_method="fork")
    else:
        worker(0, args, photos, dev, bank)


if __name__ == "__main__":
    main()
