"""A plan: everything that a run needs, made from a document – network, data on the device, phases, sizes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from chalknet.datasets import shelf
from chalknet.datasets.base import DataSource
from chalknet.graph.document import Document
from chalknet.training.batches import Batches, Source
from chalknet.training.compile import Compiled, compile, refuse
from chalknet.training.dials import Dials
from chalknet.training.phases import Phase
from chalknet.training.start import Start

SERIAL_MACS = 4_000_000
"""Multiply-adds of one batch's forward pass from which on several threads are used. Two threads slow a small MLP
(below a million) by a few per cent, because handing out the work costs more than it saves, and speed up LeNet (27
million)."""


@dataclass
class Plan:
    """What ``loop`` runs."""

    document: Document
    compiled: Compiled
    train: dict[str, Source]
    validation: dict[str, Source]
    test: dict[str, Source]
    batches: Batches
    phases: list[Phase]
    epochs: int
    seed: int
    device: torch.device
    threads: int
    dials: Dials
    directory: Path | None = None
    """Where checkpoints are kept; None: nowhere."""
    cache: Path | None = None
    """Where data sets are kept once made."""

    start: Start | None = None
    """What it begins with instead of first weights."""

    def run_to(self, epochs: int) -> None:
        """Trains to the end of another epoch than the recipe's last; schedules stretch with it."""
        self.epochs = epochs
        for phase in self.phases:
            phase.steps = self.steps

    @property
    def steps(self) -> int:
        return self.epochs * self.batches.per_epoch


def plan(
    document: Document,
    *,
    epochs: int | None = None,
    seed: int | None = None,
    test: Literal["at_end", "locked"] | None = None,
    device: str = "auto",
    threads: int | None = None,
    directory: Path | None = None,
    cache: Path | None = None,
    progress: Callable[[str, float], None] | None = None,
    start: Start | None = None,
) -> Plan:
    """A plan for a document; ``epochs``, ``seed`` and ``test`` replace the recipe's.

    ``device``: ``cpu``, ``cuda``, ``cuda:1``, or ``auto`` for a GPU if there is one. ``threads``: the most that it
    may use (None: as many as the process has cores). ``cache``: where data sets are kept once made;
    beside it lie those that people brought. ``progress`` is
    told which data are being made and a share from 0 to 1. Raises Refused for a board with errors.
    """
    if cache is not None:
        shelf.stand(cache.parent / "datasets")
    recipe = document.recipe
    changed = {name: value for name, value in (("epochs", epochs), ("seed", seed), ("test", test)) if value is not None}
    if changed:
        recipe = recipe.model_copy(update=changed)
        document = document.model_copy(update={"recipe": recipe})
    compiled = compile(document)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    chosen = torch.device(device)
    if chosen.type == "cuda" and chosen.index is None:
        chosen = torch.device("cuda", torch.cuda.current_device())
    compiled.module.to(chosen)
    train: dict[str, Source] = {}
    validation: dict[str, Source] = {}
    test: dict[str, Source] = {}
    for path, node in compiled.flat.nodes.items():
        layer = node.layer
        if not isinstance(layer, DataSource):
            continue
        label = node.node.name or layer.title
        told = None if progress is None else lambda share, label=label: progress(label, share)
        parts = layer.load(recipe.split, cache=cache, progress=told)
        for found, samples in (
            (train, parts["train"]),
            (validation, parts["validation"]),
            (test, parts["test"]),
        ):
            found[path] = Source(path, layer, {port.name: samples[port.name].to(chosen) for port in layer.outputs})
        if train[path].goes_by_measures and train[path].count:
            measured = train[path].measure()
            for found in (train, validation, test):
                found[path].measured = measured
        if train[path].count == 0:
            raise refuse(
                "no_samples", f"{label} leaves no samples to train on.", node=path, hint="Ask it for more samples."
            )
    if not any(source.layer.parted for source in train.values()):
        # Nothing is unseen of numbers that were typed in, so there is nothing to validate or to test on.
        validation, test = ({path: source.none() for path, source in train.items()} for _ in range(2))
    if not train:
        raise refuse("no_data", "There is no data to train on.", hint="Drag a data source onto the board.")
    if not compiled.losses:
        raise refuse("no_loss", "There is no loss to minimise.", hint="Drag a loss onto the board.")
    batches = Batches(train, compiled.inputs, recipe.batch, recipe.seed)
    steps = recipe.epochs * batches.per_epoch
    ordered = sorted(recipe.phases.items(), key=lambda item: (item[1].order, item[0]))
    within = None
    if recipe.precision == "bf16":
        within = partial(torch.autocast, chosen.type, torch.bfloat16)
        for path in compiled.losses:
            compiled.modules[path].register_forward_pre_hook(in_full)
    phases = [Phase(id, part, compiled, steps, within) for id, part in ordered]
    return Plan(
        document=document,
        compiled=compiled,
        train=train,
        validation=validation,
        test=test,
        batches=batches,
        phases=phases,
        dials=Dials(compiled, phases, train),
        epochs=recipe.epochs,
        seed=recipe.seed,
        device=chosen,
        threads=thread_count(compiled.facts.macs * batches.size, threads),
        directory=directory,
        cache=cache,
        start=start,
    )


def in_full(module: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a loss is given, in 32 bits."""
    return tuple([each.float() if isinstance(each, Tensor) and each.is_floating_point() else each for each in given])


def thread_count(macs: int, most: int | None = None) -> int:
    """Threads for a network whose forward pass of a batch has so many multiply-adds. The same for the same board and
    ``most``, because another number of threads adds in another order and rounds otherwise."""
    cores = most or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else most or os.cpu_count() or 1
    return 1 if macs < SERIAL_MACS else cores
