"""Checkpoints: all that a run needs to go on bit for bit, in one file, written so that it is whole or not there.

The file is safetensors with JSON in its header: numbers and text only, so that reading one can run nothing.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from chalknet import wire
from chalknet.training import kept
from chalknet.training.kept import MOST, Kept
from chalknet.training.phases import Change
from chalknet.training.plan import Plan

VERSION = 1
FILE = wire.CHECKPOINT


@dataclass
class Snapshot:
    """The state of a run after ``step`` updates. ``tensors`` are copies; ``notes`` are JSON values of the loop's
    own."""

    step: int
    tensors: dict[str, Tensor]
    changes: dict[str, list[Change]]
    threads: int
    notes: dict[str, Any] = field(default_factory=dict)
    dials: dict[str, float] = field(default_factory=dict)
    """What was set otherwise by hand."""
    epoch: float = 0.0
    loss: float | None = None
    """The validation loss, where it was computed at this step."""

    @property
    def told(self) -> wire.Checkpoint:
        """As a list of kept states shows it."""
        seconds = float(self.notes.get("seconds", 0))
        return wire.Checkpoint(step=self.step, epoch=self.epoch, seconds=seconds, loss=self.loss)

    def has(self, lead: str) -> bool:
        """Whether it holds tensors whose names begin so."""
        return any(name.startswith(lead) for name in self.tensors)

    def finite(self) -> bool:
        """Whether every number of the model and of the optimizers is finite."""
        floats = [each for each in self.tensors.values() if each.is_floating_point() and each.numel()]
        return bool(torch.stack([each.isfinite().all() for each in floats]).all())


def take(plan: Plan, step: int, notes: Mapping[str, Any]) -> Snapshot:
    """A copy of the plan's state, on the CPU."""
    tensors = {name: tensor.detach().to("cpu", copy=True) for name, tensor in _live(plan).items()}
    tensors["rng.cpu"] = torch.get_rng_state()
    if plan.device.type == "cuda":
        tensors["rng.cuda"] = torch.cuda.get_rng_state(plan.device)
    changes = {phase.id: list(phase.changes) for phase in plan.phases}
    epoch = step / plan.batches.per_epoch
    return Snapshot(step, tensors, changes, plan.threads, dict(notes), plan.dials.changed, epoch)


def restore(plan: Plan, snapshot: Snapshot) -> None:
    """Puts a snapshot's state into the plan, in place, as far as it goes, with the random number generators and the
    number of threads."""
    with torch.no_grad():
        for name, tensor in _live(plan).items():
            # A parameter that its phase's losses do not reach has no state to bring back.
            if name in snapshot.tensors:
                tensor.copy_(snapshot.tensors[name])
    if "rng.cpu" in snapshot.tensors:
        torch.set_rng_state(snapshot.tensors["rng.cpu"])
    if plan.device.type == "cuda" and "rng.cuda" in snapshot.tensors:
        torch.cuda.set_rng_state(snapshot.tensors["rng.cuda"], plan.device)
    for phase in plan.phases:
        phase.restore(snapshot.changes.get(phase.id, ()))
    plan.dials.restore(snapshot.dials)
    plan.threads = snapshot.threads


def _live(plan: Plan) -> dict[str, Tensor]:
    """Every tensor that training changes, by name; shared ones once."""
    live = _weights(plan)
    for phase in plan.phases:
        for slot, tensors in phase.optimizer.state.items():
            live |= {f"optimizer.{phase.id}.{slot}.{name}": t for name, t in zip(phase.names, tensors, strict=True)}
        live |= {f"optimizer.{phase.id}.{name}": tensor for name, tensor in phase.optimizer.counters.items()}
    return live


def _weights(plan: Plan) -> dict[str, Tensor]:
    """The network's tensors by name; shared ones once."""
    found: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in plan.compiled.module.state_dict(keep_vars=True).items():
        found.setdefault(id(tensor), (f"model.{name}", tensor))
    return dict(found.values())


def _identity(plan: Plan) -> dict[str, Any]:
    """What must be the same for a checkpoint to be this run's."""
    return {"version": VERSION, "board": plan.document.hash(), "device": plan.device.type}


def write(path: Path, plan: Plan, snapshot: Snapshot) -> None:
    """Writes a snapshot: to a file beside, to the disk, then in place of the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = {
        **_identity(plan),
        "step": snapshot.step,
        "told": snapshot.told.model_dump(mode="json"),
        "threads": snapshot.threads,
        "changes": {id: [[change.step, change.rate] for change in made] for id, made in snapshot.changes.items()},
        "notes": snapshot.notes,
        "dials": snapshot.dials,
    }
    beside = path.with_name(path.name + ".new")
    # Contiguous copies: safetensors refuses views and channels-last strides; copying back ignores strides anyway.
    tensors = {name: tensor.contiguous() for name, tensor in snapshot.tensors.items()}
    save_file(tensors, beside, metadata={"chalknet": json.dumps(header, allow_nan=False)})
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read(path: Path, plan: Plan) -> Snapshot | None:
    """The snapshot in a file; None if there is none, or it is another board's, or damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("chalknet", "{}"))
            if any(header.get(name) != value for name, value in _identity(plan).items()):
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 — not a dict
    except (FileNotFoundError, SafetensorError, ValueError):
        return None
    wanted = {name: tensor.shape for name, tensor in _live(plan).items() if name.startswith("model.")}
    if any(name not in tensors or tensors[name].shape != shape for name, shape in wanted.items()):
        return None
    changes = {id: [Change(step, rate) for step, rate in made] for id, made in header["changes"].items()}
    return Snapshot(header["step"], tensors, changes, header["threads"], header["notes"], header.get("dials", {}))


def nearest(directory: Path, at: int) -> Path | None:
    """The newest checkpoint, or the kept one whose step is nearest to ``at``; None: nothing is kept."""
    found = None if at == wire.NOW else kept.nearest(directory, at)
    newest = directory / FILE
    return found or (newest if newest.exists() else None)


def show(path: Path, plan: Plan) -> int:
    """Puts the weights of a checkpoint into the network, and nothing else of it; returns their step. Raises OSError
    where it cannot be read, ValueError where it is another board's."""
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("chalknet", "{}"))
            if header.get("board") != plan.document.hash():
                raise ValueError(f"{path.name} is of another board")
            with torch.no_grad():
                for name, tensor in _weights(plan).items():
                    tensor.copy_(file.get_tensor(name))
    except SafetensorError as error:
        raise ValueError(f"{path.name} cannot be read: {error}") from None
    return int(header["step"])


def tensors(path: Path, lead: str) -> dict[str, Tensor]:
    """The tensors of a checkpoint whose names begin so; none where it cannot be read."""
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys() if name.startswith(lead)}  # noqa: SIM118
    except (FileNotFoundError, SafetensorError):
        return {}


@dataclass(frozen=True)
class Written:
    """A checkpoint that is safe on disk. ``kept``: the states that are kept now, if that changed."""

    step: int
    kept: list[wire.Checkpoint] | None


class Keeper:
    """Writes snapshots in a thread of its own, one at a time, so that training waits for no disk."""

    INTERVAL = 2.0
    """Seconds between checkpoints, where they are cheap …"""
    EARLY = 0.25
    """… and in the first seconds of a run, so that a short one can be looked back on too."""
    SHARE = 0.005
    """The most of a run's time that they may cost."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.path = None if plan.directory is None else plan.directory / FILE
        self.cost = 0.0
        self._writer: ThreadPoolExecutor | None = None
        self._writing: Future[Written] | None = None
        self.kept = None if plan.directory is None else Kept(plan.directory)
        if self.path is not None:
            with contextlib.suppress(FileNotFoundError):
                self.path.with_name(self.path.name + ".new").unlink()

    def interval(self, seconds: float) -> float:
        """Seconds until the next checkpoint of a run that has trained for so long is due: as close as the kept states
        of its life may be, and so that their cost stays within its share."""
        return max(min(self.INTERVAL, max(self.EARLY, seconds / MOST)), self.least)

    @property
    def least(self) -> float:
        """Seconds between two checkpoints so that their cost stays within its share."""
        return self.cost / self.SHARE

    def begin(self, step: int | None) -> None:
        """The run begins anew, or goes on from a checkpoint of this ``step``."""
        if self.kept is not None:
            if step is None:
                self.kept.begin()
            else:
                self.kept.go_on(step)

    @property
    def lowest(self) -> float:
        """The least validation loss of a kept state."""
        kept = [] if self.kept is None else self.kept.checkpoints
        return min((each.loss for each in kept if each.loss is not None), default=math.inf)

    @property
    def busy(self) -> bool:
        return self._writing is not None and not self._writing.done()

    def save(self, snapshot: Snapshot, seconds: float, *, last: bool = False) -> None:
        """Begins to write; waits for the one before. ``seconds``: what taking the snapshot cost. The ``last`` one of a
        run is always kept."""
        if self.path is None:
            self.cost = seconds
            return
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        if self._writing is not None:
            self._writing.result()
        self._writing = self._writer.submit(self._write, self.path, snapshot, seconds, last)

    def _write(self, path: Path, snapshot: Snapshot, seconds: float, last: bool) -> Written:
        start = time.thread_time()
        write(path, self.plan, snapshot)
        assert self.kept is not None
        changed = self.kept.consider(path, snapshot.told, last=last)
        self.cost = seconds + time.thread_time() - start
        return Written(snapshot.step, list(self.kept.checkpoints) if changed else None)

    def written(self, *, wait: bool = False) -> Written | None:
        """The checkpoint that has come safe on disk since the last call, if one has. Raises OSError where it could not
        be written."""
        if self._writing is None or not (wait or self._writing.done()):
            return None
        writing, self._writing = self._writing, None
        return writing.result()

    def close(self) -> None:
        """Waits until what was begun is written."""
        if self._writer is not None:
            self._writer.shutdown()
