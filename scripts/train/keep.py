# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run keeps in its folder: last.pt, from which the same command goes on, and log.csv."""
import contextlib
import csv
import os

import torch

ELSEWHERE = ("out",)  # of a command, what its result does not hang on


def command(args):
    """What makes a run this one and no other."""
    path = lambda v: os.path.abspath(v) if isinstance(v, str) and os.path.exists(v) else v
    return {k: [path(e) for e in v] if isinstance(v, list) else path(v)
            for k, v in vars(args).items() if k not in ELSEWHERE}


def load(args, device="cpu"):
    """The state that was saved last, or None; ends the program if it is another run's."""
    last = os.path.join(args.out, "last.pt")
    if not os.path.exists(last):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(args.out, "log.csv"))  # of a run before
        return None
    saved, mine = torch.load(last, map_location=device), command(args)
    other = [k for k, v in mine.items() if saved.get("command", {}).get(k) != v]
    if other:
        raise SystemExit(f"{last} is of a run with another --{' and --'.join(other)}: give that command again to go "
                         "on, or remove the file to begin anew")
    return saved


def save(args, **state):
    last = os.path.join(args.out, "last.pt")
    torch.save(dict(state, command=command(args)), last + ".new")
    os.replace(last + ".new", last)


def done(args):
    """The weights are written: the same command begins a new run."""
    last = os.path.join(args.out, "last.pt")
    if os.path.exists(last):    # not of a run of no steps
        os.unlink(last)


def log(args, row):
    """Adds a row; returns the file's name."""
    path = os.path.join(args.out, "log.csv")
    new = not os.path.exists(path)
    with open(path, "a", newline="") as f:
        writer = csv.DictWriter(f, row)
        if new:
            writer.writeheader()
        writer.writerow(row)
    return path
