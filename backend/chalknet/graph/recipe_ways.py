"""Ways that change what is learned and how: the recipe, what is frozen, budgets, and how much is computed at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalknet.datasets.base import DataSource
from chalknet.graph import budget, recipe
from chalknet.graph.case import Case, Way
from chalknet.graph.edits import Level
from chalknet.graph.flat import is_loss
from chalknet.graph.judge import BYTES
from chalknet.graph.problems import Edit
from chalknet.graph.remedies import insert, set_field
from chalknet.graph.structure import upstream
from chalknet.layers.base import Insert
from chalknet.layers.words import counted

MOST_CONSTANTS = 3
"""Constants that are each proposed to be learned instead."""
MOST_LOOKING = 3
"""Convolutions whose kernels are each proposed to be larger."""


def unfreeze(case: Case) -> Iterator[Way]:
    flat = case.judged.flat
    if case.complaint.path is None:
        _, phase, part = (case.complaint.field or "..").split(".")
        yield Way("Let the phase update everything", (Edit(path=["recipe", "phases", phase, part], remove=True),))
        return
    frozen: dict[tuple[str, str], str] = {}
    before = upstream(flat, [case.complaint.path])
    for path in before:
        node: Any = flat.nodes[path]
        while True:
            if not node.node.trainable:
                frozen[node.block, node.id] = node.label
            if not node.parent:
                break
            node = flat.instances[node.parent]
    edits = tuple(
        Edit(path=Level(case.document, block).node(id, "trainable"), value=True) for block, id in sorted(frozen)
    )
    if edits:
        yield Way(f"Let {' and '.join(sorted(frozen.values())[:3])} learn", edits)
        return
    constants = {
        (node.block, node.id): node.label
        for path in flat.nodes
        if path in before and (node := flat.nodes[path]).node.type == "constant"
    }
    for (block, id), label in list(constants.items())[:MOST_CONSTANTS]:
        yield Way(f"Let {label} learn", (Edit(path=Level(case.document, block).node(id, "type"), value="learned"),))
    yield from _something_that_learns(case)


def _something_that_learns(case: Case) -> Iterator[Way]:
    """A layer with weights before a loss, which gives as much as it takes."""
    node = case.node
    if node is None or node.layer is None or not is_loss(node):
        return
    for port in node.layer.inputs[:1]:
        for wire in case.judged.flat.wires.get(node.path, {}).get(port.name, []):
            type = case.judged.flat.types[wire.source][wire.out]
            if type.is_image:
                layer: tuple[str, dict[str, int]] = ("conv2d", {"channels": type.sizes[0], "kernel": 1})
                title = f"Insert a 1×1 convolution to {counted(type.sizes[0], 'channel')}"
            elif type.element == "float" and type.feature is not None:
                units = type.sizes[type.feature]
                layer, title = ("linear", {"units": units}), f"Insert a Linear layer to {counted(units, 'unit')}"
            else:
                continue
            yield from insert(case, wire, Insert(port.name, layer[0], title, layer[1]))


def within_budget(case: Case) -> Iterator[Way]:
    """The layer that most sits in made narrower, or one that looks further; else another budget."""
    name = (case.complaint.field or ".").split(".")[1]
    value = budget.reached(case.document, case.judged, name, case.complaint.path or "")
    yield from _look_further(case) if name == "receptive_field" else _narrower(case, name, value)
    yield Way(f"Set the budget to {value:,}", (Edit(path=["recipe", "budget", name], value=value),))


def _narrower(case: Case, name: str, spent: int) -> Iterator[Way]:
    """As wide as its share of what is too much allows."""
    node = case.node
    field = node.layer.width if node is not None and node.layer is not None else None
    if node is None or field is None:
        return
    share = budget.share(case.document, case.judged, name, node.path)
    now, left = int(getattr(node.layer, field)), share - (spent - getattr(case.document.recipe.budget, name))
    # What follows becomes smaller with it or does not, hence the second try.
    for halves in (1, 2):
        width = now * left // (share * halves) if share else 0
        if 1 <= width < now:
            yield from set_field(case, node, field, width, f"Set {field} of {node.label} to {width:,}")


def _look_further(case: Case) -> Iterator[Way]:
    """A larger kernel, with as many more zeros round it: in the last convolution, or in one before it."""
    sight = case.judged.sights.get(case.complaint.path or "")
    least = case.document.recipe.budget.receptive_field
    if sight is None or least is None:
        return
    flat, tried = case.judged.flat, 0
    for path in reversed([path for path in flat.nodes if path in upstream(flat, [case.complaint.path or ""])]):
        node = flat.nodes[path]
        layer: Any = node.layer
        before = [case.judged.sights.get(wire.source) for wire in flat.wires.get(path, {}).get("x", [])]
        if tried == MOST_LOOKING or not before or before[0] is None or layer.family != "convolution":
            continue
        kernel, dilation, padding = (getattr(layer, name, None) for name in ("kernel", "dilation", "padding"))
        if not isinstance(kernel, int) or not isinstance(dilation, int) or not isinstance(padding, int | str):
            continue
        step = max(1, min(before[0].rows.step, before[0].columns.step)) * dilation
        # By an even number, so that as many zeros on both sides keep the size.
        more = -(-(least - min(sight.size)) // (2 * step))
        root = Level(case.document, node.block)
        edits = [Edit(path=root.node(node.id, "fields", "kernel"), value=kernel + 2 * more)]
        if isinstance(padding, int):
            edits.append(Edit(path=root.node(node.id, "fields", "padding"), value=padding + more * dilation))
        tried += 1
        yield Way(f"Set the kernel of {node.label} to {kernel + 2 * more}", tuple(edits))


def smaller(case: Case) -> Iterator[Way]:
    """A smaller batch, where the outputs are what is large; a narrower layer."""
    yield from _smaller_batch(case)
    node = case.node
    field = node.layer.width if node is not None and node.layer is not None else None
    if node is None or field is None:
        return
    needed = case.judged.totals.training_bytes(case.document.recipe.batch, recipe.state_slots(case.document))
    now = int(getattr(node.layer, field))
    # Some of it is not this layer's, hence the second try.
    for times in (1, 16):
        width = now * case.memory // (needed * times)
        if width >= 1:
            width = 1 << (width.bit_length() - 1)
            yield from set_field(case, node, field, width, f"Set {field} to {width:,}")


def _smaller_batch(case: Case) -> Iterator[Way]:
    totals = case.judged.totals
    slots = recipe.state_slots(case.document)
    room = case.memory - totals.training_bytes(0, slots)
    batch = min(room // max(totals.activation_bytes, BYTES), case.document.recipe.batch - 1)
    if batch >= 1:
        batch = 1 << (batch.bit_length() - 1)
        yield Way(f"Use batches of {batch:,}", (Edit(path=["recipe", "batch"], value=batch),))


def recipe_list(case: Case) -> Iterator[Way]:
    """The phase's list without what is not there."""
    _, phase, part = (case.complaint.field or "..").split(".")
    there = getattr(case.document.recipe.phases[phase], part)
    flat = case.judged.flat
    if part == "losses":
        known = {path for path, node in flat.nodes.items() if is_loss(node)}
    else:
        known = {*flat.nodes, *flat.instances}
    kept = [path for path in there if path in known]
    yield Way("Take it out of the recipe", (Edit(path=["recipe", "phases", phase, part], value=kept),))


def recipe_part(case: Case) -> Iterator[Way]:
    _, phase, part = (case.complaint.field or "..").split(".")
    root = ["recipe", "phases", phase, part]
    yield Way(f"Use the {part}'s default values", (Edit(path=[*root, "fields"], remove=True),))
    yield Way(f"Use the default {part}", (Edit(path=root, remove=True),))


def new_phase(case: Case) -> Iterator[Way]:
    yield Way("Add a phase that updates everything", (Edit(path=["recipe", "phases", "main"], value={}),))


def validated(case: Case) -> Iterator[Way]:
    if any(isinstance(node.layer, DataSource) and node.layer.parted for node in case.judged.flat.nodes.values()):
        usual = Edit(path=["recipe", "split", "validation"], remove=True)
        yield Way("Leave 15 % of the samples out to validate on", (usual,))
    waiting = [id for id, phase in case.document.recipe.phases.items() if phase.schedule.type == "plateau"]
    edits = [Edit(path=["recipe", "phases", id, "schedule"], remove=True) for id in waiting]
    if case.document.recipe.stopping.patience:
        edits.append(Edit(path=["recipe", "stopping", "patience"], remove=True))
    yield Way("Train to the end, without it", tuple(edits))


def usual_rate(case: Case) -> Iterator[Way]:
    _, phase, part = (case.complaint.field or "..").split(".")
    form = recipe.optimizer(case.document.recipe.phases[phase].optimizer)
    if not isinstance(form, str):
        edit = Edit(path=["recipe", "phases", phase, part, "fields", "lr"], remove=True)
        yield Way(f"Set the learning rate to {type(form)().lr:g}, {form.title}'s usual one", (edit,))


def shorter_warm_up(case: Case) -> Iterator[Way]:
    _, phase, part = (case.complaint.field or "..").split(".")
    steps = max(1, recipe.steps(case.document, case.judged.flat) // 10)
    edit = Edit(path=["recipe", "phases", phase, part, "fields", "steps"], value=steps)
    yield Way(f"Warm up for {counted(steps, 'update')}", (edit,))


def lighter(case: Case) -> Iterator[Way]:
    root = ["recipe", *(case.complaint.field or "").split(".")]
    path = [*root, "fields", "weight_decay"] if root[-1] == "optimizer" else root
    yield Way("Set it to 0.0001", (Edit(path=path, value=0.0001),))
    yield Way("Do without it", (Edit(path=path, value=0.0),))


def larger_batch(case: Case) -> Iterator[Way]:
    yield Way("Use batches of 32", (Edit(path=["recipe", "batch"], value=32),))


def drawn(case: Case) -> Iterator[Way]:
    node = case.node
    if node is not None:
        root = Level(case.document, node.block).node(node.id, "init", "how")
        for how, title in (("he", "He"), ("xavier", "Xavier")):
            yield Way(f"Draw the first weights at random ({title})", (Edit(path=root, value=how),))


def scaled(case: Case) -> Iterator[Way]:
    node = case.node
    if node is not None:
        path = Level(case.document, node.block).node(node.id, "fields", "scaling")
        yield Way("Standardise the columns", (Edit(path=path, value="standard"),))
        yield Way("Scale the columns to 0 … 1", (Edit(path=path, value="range"),))
