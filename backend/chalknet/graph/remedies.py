"""A layer's own remedies in the document's terms: a field set, a layer put into a wire, another width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic_core import to_jsonable_python

from chalknet.graph import blocks, connect, expand
from chalknet.graph.case import Case, Way
from chalknet.graph.edits import Level
from chalknet.graph.flat import FlatNode, Wire
from chalknet.graph.problems import Edit
from chalknet.layers.base import Insert, Remedy, Remove, Replace, Rewire, SetField, Widen, registry

MOST_UPSTREAM = 200
"""Nodes that are looked through for the one that decides a width."""


def translated(case: Case, node: FlatNode, remedy: Remedy) -> Iterator[Way]:
    if isinstance(remedy, SetField):
        yield from set_field(case, node, remedy.field, remedy.value, remedy.title)
        return
    wires = case.judged.flat.wires.get(node.path, {}).get(remedy.port, [])
    number = 0 if isinstance(remedy, Widen | Replace) else remedy.wire
    if number >= len(wires):
        return
    wire = wires[number]
    if isinstance(remedy, Insert):
        yield from insert(case, wire, remedy)
    elif isinstance(remedy, Widen):
        yield from widen(case, wire, remedy)
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
        way = bypass(Level(case.document, source.block), source.id)
        if way:
            yield Way(remedy.title, way)


def set_field(case: Case, node: FlatNode, field: str, value: Any, title: str) -> Iterator[Way]:
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


def insert(case: Case, wire: Wire, remedy: Insert) -> Iterator[Way]:
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


def widen(case: Case, wire: Wire, remedy: Widen) -> Iterator[Way]:
    flat = case.judged.flat
    for _ in range(MOST_UPSTREAM):
        source = flat.nodes[wire.source]
        if source.layer is None:
            return
        if source.layer.width is not None:
            yield from set_field(case, source, source.layer.width, remedy.size, f"{remedy.title}: {source.label}")
            return
        ports = flat.wires.get(source.path, {})
        before = ports.get(source.layer.inputs[0].name) if source.layer.keeps_width and source.layer.inputs else None
        if not before:
            return
        wire = before[0]


def bypass(level: Level, id: str) -> tuple[Edit, ...]:
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
