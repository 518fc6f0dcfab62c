"""Beginning with what another run learned (T-046): which of its weights fit, by node, and how far its state goes on.

Fork, going on after an edit of the board, and a reused backbone are one thing: a run that finds ``wire.START`` in its
folder begins with those weights. A node's are taken whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from chalknet import wire
from chalknet.graph.compare import TooLong, align
from chalknet.graph.document import Document
from chalknet.training.averaging import LEAD as MEAN
from chalknet.training.best import LEAD as BEST
from chalknet.training.checkpoint import Snapshot
from chalknet.training.compile import Compiled, Refused, compile, refuse
from chalknet.training.ensemble import LEAD as MEMBER
from chalknet.training.phases import Change
from chalknet.training.plan import Plan
from chalknet.training.start import Keep, Start


@dataclass(frozen=True)
class Weighted:
    """A node with weights: of its tensors, by their own names, the name in a checkpoint and the shape."""

    type: str
    name: str
    tensors: Mapping[str, tuple[str, tuple[int, ...]]]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: shape for name, (_, shape) in self.tensors.items()}


def weighted(compiled: Compiled) -> dict[str, Weighted]:
    """Every node with weights, by path, in the order in which data flow."""
    first: dict[int, str] = {}
    for name, tensor in compiled.module.state_dict(keep_vars=True).items():
        first.setdefault(id(tensor), f"model.{name}")
    nodes = {}
    for path, module in compiled.modules.items():
        tensors = module.state_dict(keep_vars=True)
        if tensors:
            held = {name: (first[id(tensor)], tuple(tensor.shape)) for name, tensor in tensors.items()}
            nodes[path] = Weighted(compiled.layer(path).type, compiled.flat.nodes[path].node.name, held)
    return nodes


@dataclass
class Fit:
    """``names``: by name of a tensor here, the name of the one that it takes over."""

    names: dict[str, str]
    report: wire.Transfer

    @property
    def whole(self) -> bool:
        """Whether every node has its weights, and under the same names."""
        return not (self.report.new or self.report.other) and all(a == b for a, b in self.names.items())


def fit(ours: Mapping[str, Weighted], theirs: Mapping[str, Weighted], keep: Keep) -> Fit:
    """Nodes of equal path and type belong together; where only weights are taken over, also those of equal type and
    shapes that stand in the same order, whatever they are called."""
    pairs = {path: path for path, node in ours.items() if path in theirs and theirs[path].type == node.type}
    if keep == "weights":
        pairs |= _in_order(ours, theirs, pairs)
    report = wire.Transfer(unused=[path for path in theirs if path not in set(pairs.values())])
    names: dict[str, str] = {}
    for path, node in ours.items():
        other = theirs.get(pairs.get(path, path))
        if other is None:
            report.new.append(path)
        elif other.type != node.type:
            report.other.append(wire.Misfit(node=path, type=other.type))
        elif other.shapes != node.shapes:
            report.other.append(_misfit(path, node, other))
        else:
            report.fitted.append(path)
            names |= {key: other.tensors[name][0] for name, (key, _) in node.tensors.items()}
    return Fit(names, report)


def _in_order(ours: Mapping[str, Weighted], theirs: Mapping[str, Weighted], pairs: Mapping[str, str]) -> dict[str, str]:
    """Pairs among the nodes that have none."""
    taken = set(pairs.values())
    left = [path for path in ours if path not in pairs]
    right = [path for path in theirs if path not in taken]
    keys = [[(f"{node.type} {node.shapes}", node.name) for node in map(of.__getitem__, paths)]
            for of, paths in ((ours, left), (theirs, right))]  # fmt: skip
    try:
        aligned = align(*keys)
    except TooLong:
        return {}
    return {left[a]: right[b] for a, b in aligned if a is not None and b is not None and keys[0][a][0] == keys[1][b][0]}


def _misfit(path: str, node: Weighted, other: Weighted) -> wire.Misfit:
    """The first tensor that differs."""
    names = [*node.tensors, *(name for name in other.tensors if name not in node.tensors)]
    name = next(name for name in names if node.shapes.get(name) != other.shapes.get(name))
    here, there = node.shapes.get(name), other.shapes.get(name)
    return wire.Misfit(
        node=path, tensor=name, here=None if here is None else list(here), there=None if there is None else list(there)
    )


def compared(document: Document, start: Start) -> wire.Transfer:
    """What would fit, without making either network: what a person sees before a run begins."""
    with torch.device("meta"):
        compiled = compile(document)
        return _fitted(compiled, start, document).report


def begin(plan: Plan, start: Start) -> tuple[Snapshot, wire.Transfer]:
    """The state in which a run begins: what fits of another's. Raises Refused where nothing does, or where it cannot be
    read."""
    fitted = _fitted(plan.compiled, start, plan.document)
    try:
        with safe_open(start.path, framework="pt") as file:
            header = json.loads(file.metadata()["chalknet"])
            tensors = {name: file.get_tensor(there) for name, there in fitted.names.items()}
            if start.keep == "state":
                there = set(file.keys())
                tensors |= {name: file.get_tensor(name) for name in _going_on(plan, start, fitted, header, there)}
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise _unreadable(str(error)) from None
    if start.keep == "weights":
        return Snapshot(0, tensors, {}, plan.threads), fitted.report
    per_epoch = plan.batches.per_epoch
    step = round(header["told"]["epoch"] * per_epoch) if "told" in header else header["step"]
    changes = {
        phase: [Change(at, rate) for at, rate in header["changes"].get(phase, ())]
        for phase in fitted.report.state
        if _same_rates(plan.document, start.document, phase)
    }
    notes = _notes(plan, start, fitted, header["notes"])
    threads = header["threads"] if fitted.whole else plan.threads
    fitted.report.step = step
    dials = header.get("dials", {}) if plan.document.hash() == start.document.hash() else {}
    return Snapshot(step, tensors, changes, threads, notes, dials), fitted.report


def _fitted(compiled: Compiled, start: Start, document: Document) -> Fit:
    """Which weights fit, and which phases' optimizers go on. Raises Refused where nothing fits."""
    try:
        with torch.device("meta"):
            theirs = weighted(compile(start.document))
    except Refused as refused:
        raise _unreadable(str(refused)) from None
    fitted = fit(weighted(compiled), theirs, start.keep)
    report = fitted.report
    if not report.fitted:
        raise refuse(
            "nothing_fits",
            "None of the weights of that run fit this board: no layer has the type and the shapes of one there.",
            hint="Choose a run of a board with some of the same layers.",
        )
    for id, phase in document.recipe.phases.items():
        other = start.document.recipe.phases.get(id)
        alike = other is not None and other.optimizer.type == phase.optimizer.type and other.updates == phase.updates
        goes_on = start.keep == "state" and alike and fitted.whole
        (report.state if goes_on else report.anew).append(id)
    return fitted


def _going_on(plan: Plan, start: Start, fitted: Fit, header: Mapping[str, Any], there: set[str]) -> list[str]:
    """Names of what else is taken over than weights: the optimizers' state, means, the random numbers."""
    recipe, before = plan.document.recipe, start.document.recipe
    lead = tuple(f"optimizer.{phase}." for phase in fitted.report.state)
    if fitted.whole and recipe.averaging == before.averaging:
        lead += (MEAN,)
    if fitted.whole and (recipe.ensemble, recipe.epochs) == (before.ensemble, before.epochs):
        lead += (MEMBER,)
    if fitted.whole and _same_stopping(plan.document, start.document):
        lead += (BEST,)
    names = [name for name in there if name.startswith(lead)] if lead else []
    return [*names, "rng.cpu", *({"rng.cuda"} & there)] if recipe.seed == before.seed else names


def _notes(plan: Plan, start: Start, fitted: Fit, notes: Mapping[str, Any]) -> dict[str, Any]:
    """What the loop goes on with: its time, and what was being gathered, where that is the same."""
    losses = set(plan.compiled.losses)
    kept: dict[str, Any] = {
        "seconds": notes["seconds"],
        "paused": False,
        "latest": notes["latest"],
        "gathered": {path: each for path, each in notes["gathered"].items() if path in losses},
    }
    if "best" in notes and fitted.whole and _same_stopping(plan.document, start.document):
        # One that had stopped early is asked to go on: its patience begins anew.
        kept["best"] = {**notes["best"], "over": False, "since": 0} if notes["best"]["over"] else notes["best"]
    return kept


def _same_stopping(a: Document, b: Document) -> bool:
    schedules = [{id: phase.schedule for id, phase in each.recipe.phases.items()} for each in (a, b)]
    return a.recipe.stopping == b.recipe.stopping and schedules[0] == schedules[1]


def _same_rates(a: Document, b: Document, phase: str) -> bool:
    """Whether changes of the rate by hand still mean the same."""
    one, other = a.recipe.phases[phase], b.recipe.phases[phase]
    return (one.optimizer, one.schedule) == (other.optimizer, other.schedule)


def _unreadable(why: str) -> Refused:
    return refuse("start_unreadable", f"The state that this run was to begin with cannot be read: {why}")


def words(report: wire.Transfer) -> str:
    """What a mark on the curve says."""
    whole = len(report.fitted) + len(report.other) + len(report.new)
    fitted = "all weights" if len(report.fitted) == whole else f"the weights of {len(report.fitted)} of {whole} layers"
    if report.step:
        return f"Goes on from step {report.step:,} of another run, with {fitted}"
    return f"Begins with {fitted} of another run"
