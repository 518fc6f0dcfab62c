"""The states of a run that are kept besides the newest one: of its whole life, thinned as it goes on.

A state is kept whole, the optimizer's with the weights, so that a run forked from it goes on exactly. It is the newest
checkpoint's own file under a second name (a hard link): keeping it writes nothing. What it takes on disk is bounded by
``MOST`` files and ``MOST_BYTES``; larger states are kept more sparsely.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open

from chalknet import wire

SUFFIX = ".safetensors"
MOST = 20
MOST_BYTES = 500_000_000
CLOSER = 4
"""So many times closer than usual a state may follow the last one kept when it is the best so far."""


class Kept:
    """The kept states of the run in ``directory``, in the order of their steps."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.folder = directory / wire.KEPT
        self.checkpoints: list[wire.Checkpoint] = []

    def begin(self) -> None:
        """A run that begins anew: nothing of another one is left here."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.checkpoints = []

    def go_on(self, step: int) -> None:
        """A run that came back at ``step``: what was kept of later steps is void."""
        self.checkpoints = []
        for path in sorted(self.folder.glob("*" + SUFFIX)):
            found = _read(path)
            if found is not None and found.step <= step:
                self.checkpoints.append(found)
            else:
                path.unlink(missing_ok=True)

    def consider(self, newest: Path, checkpoint: wire.Checkpoint, *, last: bool = False) -> bool:
        """Keeps the newest state, if its turn has come or it is the ``last``; whether anything changed. Raises
        OSError."""
        if not (last or self._due(checkpoint)):
            return False
        self.folder.mkdir(exist_ok=True)
        _link(newest, self.path(checkpoint.step))
        others = [each for each in self.checkpoints if each.step != checkpoint.step]
        chosen = thinned([*others, checkpoint], max(1, min(MOST, MOST_BYTES // max(1, newest.stat().st_size))))
        for each in others:
            if each not in chosen:
                self.path(each.step).unlink(missing_ok=True)
        self.checkpoints = chosen
        return True

    def path(self, step: int) -> Path:
        return self.directory / wire.kept_file(step)

    def _due(self, checkpoint: wire.Checkpoint) -> bool:
        if not self.checkpoints:
            return True
        past, width = checkpoint.step - self.checkpoints[-1].step, checkpoint.step // MOST
        losses = [each.loss for each in self.checkpoints if each.loss is not None]
        best = checkpoint.loss is not None and all(checkpoint.loss < loss for loss in losses)
        return past >= max(1, width // CLOSER if best else width)


def thinned(checkpoints: Sequence[wire.Checkpoint], most: int) -> list[wire.Checkpoint]:
    """At most so many, spread over the steps: first goes what leaves the narrowest gap; the last, the first and the
    best stay longest."""
    kept = list(checkpoints)
    while len(kept) > most:
        best = min((each for each in kept if each.loss is not None), key=lambda each: each.loss or 0.0, default=None)
        inner = [place for place in range(1, len(kept) - 1) if kept[place] is not best]
        gone = min(inner, key=lambda place: kept[place + 1].step - kept[place - 1].step, default=None)
        if gone is None:
            gone = 0 if kept[0] is not best or len(kept) == 2 else 1
        del kept[gone]
    return kept


def nearest(directory: Path, step: int) -> Path | None:
    """The kept state whose step is nearest; None where none is kept."""
    found = {int(path.stem): path for path in (directory / wire.KEPT).glob("*" + SUFFIX) if path.stem.isdigit()}
    return found[min(found, key=lambda each: (abs(each - step), each))] if found else None


def _link(path: Path, target: Path) -> None:
    beside = target.with_name(target.name + ".new")
    beside.unlink(missing_ok=True)
    try:
        os.link(path, beside)
    except OSError:  # a file system that knows no second names
        shutil.copyfile(path, beside)
    beside.replace(target)
    beside.unlink(missing_ok=True)  # where both were names of one file already, replacing does nothing


def _read(path: Path) -> wire.Checkpoint | None:
    try:
        with safe_open(path, framework="pt") as file:
            return wire.Checkpoint.model_validate(json.loads(file.metadata()["chalknet"])["told"])
    except (OSError, SafetensorError, ValueError, KeyError):
        return None
