"""Ways out of a complaint that are worth trying: the layer's own remedies as edits, and those that only the graph sees.

Nothing here knows whether a way helps; ``fixes`` tries them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import to_jsonable_python

from chalknet.datasets.base import DataSource
from chalknet.graph import blocks, budget, connect, expand, recipe
from chalknet.graph.complaints import (
    CANNOT_BYPASS,
    CANNOT_MUTE,
    CYCLE,
    DANGLING,
    EXTRA_WIRE,
    LOOSE_WIRE,
    MISSING_INPUT,
    NO_DATA,
    NO_LOSS,
    NO_SLOPE,
    OVER_BUDGET,
    UNKNOWN_PORT,
    Complaint,
)
from chalknet.graph.document import Document, Edge
from chalknet.graph.edits import Level
from chalknet.graph.flat import FlatNode, Wire, is_loss
from chalknet.graph.judge import BYTES, Judged
from chalknet.graph.problems import Edit
from chalknet.graph.structure import circles, upstream
from chalknet.layers.base import Insert, Remedy, Remove, Replace, Rewire, SetField, Widen, registry
from chalknet.layers.words import counted

MOST_UPSTREAM = 200
"""Nodes that are looked through for the one that decides a width."""
MOST_CONSTANTS = 3
"""Constants that are each proposed to be learned instead."""


@dataclass(frozen=True, slots=True)
class Way:
    """One thing to try."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint with the board that it is about."""

    document: Document
    judged: Judged
    complaint: Complaint
    memory: int

    @property
    def level(self) -> Level:
        return Level(self.document, self.complaint.block)

    @property
    def node(self) -> FlatNode | None:
        return self.judged.flat.nodes.get(self.complaint.path or "")


def propose(case: Case) -> Iterator[Way]:
    """Ways worth trying, the likeliest first."""
    node = case.node
    if node is not None:
        for remedy in case.complaint.remedies:
            yield from _remedy(case, node, remedy)
    found = _BY_CODE.get(case.complaint.code)
    if found is not None:
        yield from found(case)


def resort(case: Case) -> Iterator[Way]:
    """What may be tried where nothing better is known: back to the field's default, away with the wire."""
    if case.complaint.severity != "error":
        return
    yield from _default(case)
    node = case.node
    wires = case.judged.flat.wires.get(node.path, {}) if node is not None else {}
    for wire in wires.get(case.complaint.port or "", [])[case.complaint.wire :][:1]:
        if wire.edge:
            level = Level(case.document, wire.block)
            yield Way(f"Remove the wire {_ends(level, level.edges[wire.edge])}", (level.cut(wire.edge),))


# --- a layer's remedies -----


def _remedy(case: Case, node: FlatNode, remedy: Remedy) -> Iterator[Way]:
    if isinstance(remedy, SetField):
        yield from _set_field(case, node, remedy.field, remedy.value, remedy.title)
        return
    wires = case.judged.flat.wires.get(node.path, {}).get(remedy.port, [])
    number = 0 if isinstance(remedy, Widen | Replace) else remedy.wire
    if number >= len(wires):
        return
    wire = wires[number]
    if isinstance(remedy, Insert):
        yield from _insert(case, wire, remedy)
    elif isinstance(remedy, Widen):
        yield from _widen(case, wire, remedy)
    elif isinstance(remedy, Rewire):
        level = case.level
        if wire.edge in level.edges and level.edges[wire.edge].to == node.id:
            about = replace(case.complaint, port=remedy.port)
            found = connect.elsewhere(case.document, case.judged, about, wire.edge, remedy.title, remedy.same)
            yield from (Way(title, edits) for title, edits in found)
    elif isinstance(remedy, Replace):
        yield from _replace(case, node, wire, remedy)
    elif isinstance(remedy, Remove):
        source = case.judged.flat.nodes[wire.source]
        way = _bypass(Level(case.document, source.block), source.id)
        if way:
            yield Way(remedy.title, way)


def _set_field(case: Case, node: FlatNode, field: str, value: Any, title: str) -> Iterator[Way]:
    """At the node; or at the instance round it that sets this field, whose value would win."""
    block, id, parent = node.block, node.id, node.parent
    value = to_jsonable_python(value)  # a pair is a tuple to the layer, a list to the document
    yield Way(title, (Edit(path=Level(case.document, block).node(id, "fields", field), value=value),))
    while parent:
        instance = case.judged.flat.instances[parent]
        exposed = case.document.blocks[instance.node.block].exposed
        name = next((name for name, e in exposed.items() if (id, field) in e.targets()), None)
        if name is None:
            return
        block, id, parent, field = instance.block, instance.id, instance.parent, name
        edit = Edit(path=Level(case.document, block).node(id, "fields", field), value=value)
        yield Way(f"{title} (of {instance.label})", (edit,))


def _insert(case: Case, wire: Wire, remedy: Insert) -> Iterator[Way]:
    """On the wire itself; or, where it comes from a block's port, on the wire outside that leads there."""
    kind = registry.get(remedy.type)
    if kind is None or not kind.inputs or not kind.outputs:
        return
    flat = case.judged.flat
    for _ in range(expand.MOST_DEEP):
        if wire.edge:
            level = Level(case.document, wire.block)
            edge = level.edges[wire.edge]
            new = level.new_node(remedy.type)
            yield Way(
                remedy.title,
                (
                    level.set_node(new, remedy.type, remedy.fields),
                    level.set_edge(wire.edge, edge.source, edge.out, new, kind.inputs[0].name),
                    level.set_edge(level.new_edge(), new, kind.outputs[0].name, edge.to, edge.into, edge.order),
                    *level.draw_between(new, edge.source, edge.to),
                ),
            )
        source = flat.nodes[wire.source]
        before = flat.wires.get(source.path, {}).get("x", [])
        if source.node.type not in (blocks.BLOCK_INPUT, blocks.BLOCK_OUTPUT) or not before:
            return
        wire = before[0]


def _replace(case: Case, node: FlatNode, wire: Wire, remedy: Replace) -> Iterator[Way]:
    """On the wire at the node's own level. Not where others share its weights, nor where a block's instances set a
    field of it: what is new would not follow them."""
    level = Level(case.document, node.block)
    edge = level.edges.get(wire.edge)
    inside = case.document.blocks.get(node.block)
    exposed = {id for each in inside.exposed.values() for id, _ in each.targets()} if inside else set()
    if node.node.weights or node.id in exposed or edge is None or edge.to != node.id:
        return
    *before, (last, fields) = remedy.chain
    new = level.new_nodes(type for type, _ in before)
    wires, source, out = [], edge.source, edge.out
    for number, (id, (type, _)) in enumerate(zip([*new, node.id], remedy.chain, strict=True)):
        name = level.new_edge(number - 1) if number else wire.edge
        order = edge.order if id == node.id else ""
        wires.append(level.set_edge(name, source, out, id, registry[type].inputs[0].name, order))
        source, out = id, registry[type].outputs[0].name
    trainable = level.nodes[node.id].trainable
    yield Way(
        remedy.title,
        (
            *(level.set_node(id, type, fields, trainable) for id, (type, fields) in zip(new, before, strict=True)),
            *([Edit(path=level.node(node.id, "type"), value=last)] if last != level.nodes[node.id].type else []),
            Edit(path=level.node(node.id, "fields"), value=to_jsonable_python(dict(fields))),
            *wires,
            *_learn_with(case, node, new),
            *level.draw_along(new, edge.source, edge.to),
        ),
    )


def _learn_with(case: Case, node: FlatNode, new: list[str]) -> Iterator[Edit]:
    """Edits by which a phase that updates a node by its name updates what comes new beside it."""
    flat = case.judged.flat
    for name, phase in case.document.recipe.phases.items():
        listed = []
        for path in phase.updates:
            there = flat.nodes.get(path)
            listed.append(path)
            if there is not None and (there.block, there.id) == (node.block, node.id):
                listed += [path[: len(path) - len(node.id)] + id for id in new]
        if listed != phase.updates:
            yield Edit(path=["recipe", "phases", name, "updates"], value=to_jsonable_python(listed))


def _widen(case: Case, wire: Wire, remedy: Widen) -> Iterator[Way]:
    flat = case.judged.flat
    for _ in range(MOST_UPSTREAM):
        source = flat.nodes[wire.source]
        if source.layer is None:
            return
        if source.layer.width is not None:
            yield from _set_field(case, source, source.layer.width, remedy.size, f"{remedy.title}: {source.label}")
            return
        ports = flat.wires.get(source.path, {})
        before = ports.get(source.layer.inputs[0].name) if source.layer.keeps_width and source.layer.inputs else None
        if not before:
            return
        wire = before[0]


def _bypass(level: Level, id: str) -> tuple[Edit, ...]:
    """Edits that take a node out and join its wires; none where it has no input."""
    arriving = sorted((e.order, name) for name, e in level.edges.items() if e.to == id)
    if not arriving:
        return ()
    first = level.edges[arriving[0][1]]
    joined = [
        level.set_edge(name, first.source, first.out, edge.to, edge.into, edge.order)
        for name, edge in level.edges.items()
        if edge.source == id and edge.to != id
    ]
    kept = {edit.path[-1] for edit in joined}
    gone = [edit for edit in level.delete(id) if edit.path[-1] not in kept]
    return (*joined, *gone)


# --- by code -----


def _take_away(case: Case) -> Iterator[Way]:
    """The layer without a slope goes, with what only made numbers of its answer again (a one-hot)."""
    node, level = case.node, case.level
    arriving = sorted((e.order, name) for name, e in level.edges.items() if node is not None and e.to == node.id)
    if node is None or not arriving:
        return
    first = level.edges[arriving[0][1]]
    behind = {e.to for e in level.edges.values() if e.source == node.id and not _is_loss(level, e.to)}
    for gone in ({node.id, *behind}, {node.id}):
        joined = [
            level.set_edge(name, first.source, first.out, edge.to, edge.into, edge.order)
            for name, edge in level.edges.items()
            if edge.source in gone and edge.to not in gone
        ]
        kept = {edit.path[-1] for edit in joined}
        cut = [edit for id in sorted(gone) for edit in level.delete(id) if edit.path[-1] not in kept]
        names = " and ".join(level.nodes[id].name.strip() or id for id in sorted(gone, key=lambda id: id != node.id))
        yield Way(f"Take {names} away", (*joined, *cut))


def _is_loss(level: Level, id: str) -> bool:
    return level.nodes[id].type in registry and registry[level.nodes[id].type].family == "loss"


def _cycle(case: Case) -> Iterator[Way]:
    for circle in circles(case.judged.flat):
        wires = [wire for _, wire in circle if wire.edge]
        if not any(wire.edge == case.complaint.edge and wire.block == case.complaint.block for wire in wires):
            continue
        wires.sort(key=lambda wire: (wire.edge != case.complaint.edge, wire.block != case.complaint.block))
        for wire in wires[:4]:
            level = Level(case.document, wire.block)
            yield Way(f"Cut the wire {_ends(level, level.edges[wire.edge])}", (level.cut(wire.edge),))
        return


def _ends(level: Level, edge: Edge) -> str:
    def name(id: str) -> str:
        return (level.nodes[id].name.strip() or id) if id in level.nodes else id

    return f"from {name(edge.source)} to {name(edge.to)}"


def _extra_wire(case: Case) -> Iterator[Way]:
    level, complaint = case.level, case.complaint
    second = level.edges[complaint.edge or ""]
    others = sorted(
        (e.order, name)
        for name, e in level.edges.items()
        if e.to == second.to and e.into == second.into and name != complaint.edge
    )
    yield Way(f"Remove the wire {_ends(level, second)}", (level.cut(complaint.edge or ""),))
    if len(others) != 1:
        return
    first_id = others[0][1]
    first = level.edges[first_id]
    yield Way(f"Remove the wire {_ends(level, first)}", (level.cut(first_id),))
    for type, title in (("add", "Add them up"), ("concat", "Put them side by side")):
        new = level.new_node(type)
        yield Way(
            title,
            (
                level.set_node(new, type, {}),
                level.set_edge(first_id, first.source, first.out, new, "x", "a"),
                level.set_edge(complaint.edge or "", second.source, second.out, new, "x", "b"),
                level.set_edge(level.new_edge(), new, "y", second.to, second.into, second.order),
                *level.draw_between(new, first.source, second.source, second.to),
            ),
        )


def _cut(case: Case) -> Iterator[Way]:
    if case.complaint.edge:
        yield Way("Remove the wire", (case.level.cut(case.complaint.edge),))


def _unknown_port(case: Case) -> Iterator[Way]:
    """Another port of the same node, or no wire."""
    level = case.level
    edge = level.edges[case.complaint.edge or ""]
    source, target = connect.ports(case.document, level, edge.source), connect.ports(case.document, level, edge.to)
    if edge.out not in source.outputs:
        for port in source.outputs[:3]:
            edit = Edit(path=level.edge(case.complaint.edge or "", "out"), value=port)
            yield Way(f"Begin at the output {port!r}", (edit,))
    else:
        taken = {each.into for each in level.edges.values() if each.to == edge.to}
        for port in [port for port in target.inputs if port not in taken or port in target.many][:3]:
            edit = Edit(path=level.edge(case.complaint.edge or "", "in"), value=port)
            yield Way(f"End at the input {port!r}", (edit,))
    yield from _cut(case)


def _default(case: Case) -> Iterator[Way]:
    """Back to the default, in the node or in the instance that sets the field."""
    complaint = case.complaint
    field = complaint.field
    if field is None or complaint.id not in case.level.nodes:
        return
    if field in case.level.nodes[complaint.id].fields:
        edit = Edit(path=case.level.node(complaint.id, "fields", field), remove=True)
        yield Way(f"Use the default for {field}", (edit,))
    parent = case.node.parent if case.node is not None else ""
    inner = complaint.id
    if parent:
        instance = case.judged.flat.instances[parent]
        for name, exposed in case.document.blocks[instance.node.block].exposed.items():
            if (inner, field) in exposed.targets():
                path = Level(case.document, instance.block).node(instance.id, "fields", name)
                yield Way(f"Use the default for {name} of {instance.label}", (Edit(path=path, remove=True),))


def _unknown_field(case: Case) -> Iterator[Way]:
    for way in _default(case):
        yield Way(way.title.replace("Use the default for", "Remove the field"), way.edits)


def _delete(case: Case) -> Iterator[Way]:
    id = case.complaint.id
    if id in case.level.nodes:
        yield Way(f"Delete {case.level.nodes[id].name.strip() or id}", tuple(case.level.delete(id)))


def _dangling(case: Case) -> Iterator[Way]:
    yield from (Way(title, edits) for title, edits in connect.onward(case.document, case.judged, case.complaint))
    yield from _delete(case)


def _formula(case: Case) -> Iterator[Way]:
    """Of an input that the formula speaks of, a wire to it."""
    if case.complaint.port is not None:
        yield from _missing(case)


def _missing(case: Case) -> Iterator[Way]:
    yield from (Way(title, edits) for title, edits in connect.into(case.document, case.judged, case.complaint))


def _no_loss(case: Case) -> Iterator[Way]:
    yield from (Way(title, edits) for title, edits in connect.losses(case.document, case.judged))


def _no_data(case: Case) -> Iterator[Way]:
    yield from (Way(title, edits) for title, edits in connect.sources(case.document, case.judged))


def _unfreeze(case: Case) -> Iterator[Way]:
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
            yield from _insert(case, wire, Insert(port.name, layer[0], title, layer[1]))


def _own_weights(case: Case) -> Iterator[Way]:
    id = case.complaint.id
    if id in case.level.nodes and case.level.nodes[id].weights:
        yield Way("Give it weights of its own", (Edit(path=case.level.node(id, "weights"), remove=True),))


def _choose_state(case: Case) -> Iterator[Way]:
    """Outputs of the block that could feed a state."""
    block = case.level.nodes[case.complaint.id].block
    for output in blocks.ports(case.document.blocks[block].nodes, blocks.BLOCK_OUTPUT):
        edit = Edit(path=["blocks", block, "nodes", case.complaint.port or "", "fields", "state"], value=output)
        yield Way(f"Feed it from {output!r}", (edit,))


def _no_time(case: Case) -> Iterator[Way]:
    id = case.complaint.id
    block = case.level.nodes[id].block
    for port in blocks.ports(case.document.blocks[block].nodes, blocks.BLOCK_INPUT):
        edit = Edit(path=["blocks", block, "nodes", port, "fields", "state"], remove=True)
        yield Way(f"Cut its input {port!r} in steps", (edit,))
    yield Way("Run it once", (Edit(path=case.level.node(id, "mode"), remove=True),))


def _move_by_size(case: Case) -> Iterator[Way]:
    """The pooling whose places arrive moves by the size of its window."""
    flat, node = case.judged.flat, case.node
    for wire in flat.wires.get(node.path, {}).get("indices", []) if node is not None else []:
        pooling = flat.nodes[wire.source]
        if pooling.layer is not None and {"kernel", "stride"} <= type(pooling.layer).model_fields.keys():
            kernel = pooling.layer.model_dump()["kernel"]
            yield from _set_field(case, pooling, "stride", kernel, f"Let {pooling.label} move by its own size")


def _set_budget(case: Case) -> Iterator[Way]:
    name = (case.complaint.field or ".").split(".")[1]
    value = budget.reached(case.document, case.judged, name, case.complaint.path or "")
    yield Way(f"Set the budget to {value:,}", (Edit(path=["recipe", "budget", name], value=value),))


def _relu_instead(case: Case) -> Iterator[Way]:
    flat, node = case.judged.flat, case.node
    if node is None:
        return
    type = node.node.type
    found = {
        (flat.nodes[path].block, flat.nodes[path].id)
        for path in upstream(flat, [node.path])
        if flat.nodes[path].node.type == type
    }
    edits = tuple(Edit(path=Level(case.document, block).node(id, "type"), value="relu") for block, id in sorted(found))
    yield Way(f"Use ReLU instead of these {len(edits)} {type}s" if len(edits) > 1 else "Use ReLU instead", edits)


def _without(case: Case) -> Iterator[Way]:
    edits = _bypass(case.level, case.complaint.id)
    if edits:
        yield Way(f"Remove {case.complaint.path}", edits)


def _even_widths(case: Case) -> Iterator[Way]:
    """As wide as another wire of the same port, set where the width is decided."""
    node = case.node
    if node is None or case.complaint.port is None:
        return
    wires = case.judged.flat.wires.get(node.path, {}).get(case.complaint.port, [])
    types = [case.judged.flat.types[wire.source][wire.out] for wire in wires]
    sizes = [type.sizes[type.feature] if type.feature is not None else 0 for type in types]
    for wire, size in zip(wires, sizes, strict=True):
        other = next((each for each in sizes if each not in (0, size)), None)
        if other is not None:
            yield from _widen(case, wire, Widen(case.complaint.port, other, f"Set the outputs to {other:,}"))


def _fewer_times(case: Case) -> Iterator[Way]:
    complaint = case.complaint
    node = case.level.nodes[complaint.id]
    size, _ = blocks.sizes(case.document.blocks)[node.block]
    room = expand.MOST_EXPANDED - len(case.judged.flat.nodes) + 1
    if node.mode == "repeat" and size and room >= size:
        times = min(room // size, node.times - 1)
        if times >= 1:
            yield Way(f"Repeat it {times:,} times", (Edit(path=case.level.node(complaint.id, "times"), value=times),))


def _smaller(case: Case) -> Iterator[Way]:
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
            yield from _set_field(case, node, field, width, f"Set {field} to {width:,}")


def _smaller_batch(case: Case) -> Iterator[Way]:
    totals = case.judged.totals
    slots = recipe.state_slots(case.document)
    room = case.memory - totals.training_bytes(0, slots)
    batch = min(room // max(totals.activation_bytes, BYTES), case.document.recipe.batch - 1)
    if batch >= 1:
        batch = 1 << (batch.bit_length() - 1)
        yield Way(f"Use batches of {batch:,}", (Edit(path=["recipe", "batch"], value=batch),))


def _recipe_list(case: Case) -> Iterator[Way]:
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


def _recipe_part(case: Case) -> Iterator[Way]:
    _, phase, part = (case.complaint.field or "..").split(".")
    root = ["recipe", "phases", phase, part]
    yield Way(f"Use the {part}'s default values", (Edit(path=[*root, "fields"], remove=True),))
    yield Way(f"Use the default {part}", (Edit(path=root, remove=True),))


def _new_phase(case: Case) -> Iterator[Way]:
    yield Way("Add a phase that updates everything", (Edit(path=["recipe", "phases", "main"], value={}),))


def _validated(case: Case) -> Iterator[Way]:
    if any(isinstance(node.layer, DataSource) and node.layer.parted for node in case.judged.flat.nodes.values()):
        usual = Edit(path=["recipe", "split", "validation"], remove=True)
        yield Way("Leave 15 % of the samples out to validate on", (usual,))
    waiting = [id for id, phase in case.document.recipe.phases.items() if phase.schedule.type == "plateau"]
    edits = [Edit(path=["recipe", "phases", id, "schedule"], remove=True) for id in waiting]
    if case.document.recipe.stopping.patience:
        edits.append(Edit(path=["recipe", "stopping", "patience"], remove=True))
    yield Way("Train to the end, without it", tuple(edits))


def _active_again(case: Case) -> Iterator[Way]:
    """Another way to leave it out, or not at all."""
    id = case.complaint.id
    if id not in case.level.nodes:
        return
    node = case.level.nodes[id]
    path = case.level.node(id, "ablation")
    other = "mute" if node.ablation == "bypass" else "bypass"
    yield Way(f"{other.capitalize()} it instead", (Edit(path=path, value=other),))
    yield Way("Make it active again", (Edit(path=path, remove=True),))


_BY_CODE: dict[str, Callable[[Case], Iterator[Way]]] = {
    CANNOT_BYPASS: _active_again,
    CANNOT_MUTE: _active_again,
    CYCLE: _cycle,
    DANGLING: _dangling,
    EXTRA_WIRE: _extra_wire,
    LOOSE_WIRE: _cut,
    MISSING_INPUT: _missing,
    NO_DATA: _no_data,
    NO_LOSS: _no_loss,
    NO_SLOPE: _take_away,
    OVER_BUDGET: _set_budget,
    UNKNOWN_PORT: _unknown_port,
    "bad_field": _default,
    "unknown_field": _unknown_field,
    "unknown_layer": _delete,
    "unknown_block": _delete,
    "formula": _formula,
    "inside_over_time": _delete,
    "no_sequence": _no_time,
    "outside_block": _delete,
    "overlapping_windows": _move_by_size,
    "single_wire": _without,
    "unknown_state": _choose_state,
    "recursive_block": _delete,
    "too_deep": _delete,
    "too_many_nodes": _fewer_times,
    "memory": _smaller,
    "nothing_to_learn": _unfreeze,
    "weights_differ": _own_weights,
    "unequal_shapes": _even_widths,
    "fading_gradient": _relu_instead,
    "bounded_head": _without,
    "bad_recipe": _recipe_part,
    "unknown_in_phase": _recipe_list,
    "no_phase": _new_phase,
    "no_validation": _validated,
}
