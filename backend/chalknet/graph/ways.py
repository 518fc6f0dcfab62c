"""Ways out of a complaint that are worth trying: the layer's own remedies as edits, and those that only the graph sees.

Nothing here knows whether a way helps; ``fixes`` tries them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chalknet.graph import blocks, connect, expand, merging, recipe_ways
from chalknet.graph.case import Case, Way
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
    ONE_LINEAR,
    OVER_BUDGET,
    UNKNOWN_PORT,
)
from chalknet.graph.document import Edge
from chalknet.graph.edits import Level
from chalknet.graph.flat import FlatNode
from chalknet.graph.problems import Edit
from chalknet.graph.remedies import bypass, insert, set_field, translated, widen
from chalknet.graph.structure import circles, upstream
from chalknet.layers.base import Insert, Widen, registry
from chalknet.layers.dense import Linear


def propose(case: Case) -> Iterator[Way]:
    """Ways worth trying, the likeliest first."""
    node = case.node
    if node is not None:
        for remedy in case.complaint.remedies:
            yield from translated(case, node, remedy)
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
            yield from set_field(case, pooling, "stride", kernel, f"Let {pooling.label} move by its own size")


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


def _merged(case: Case) -> Iterator[Way]:
    """An activation between the two, so that both are of use; or the second does the work of both."""
    node, level = case.node, case.level
    first = merging.before(case.document, case.judged.flat, node) if node is not None else None
    if node is None or first is None or not isinstance(first.layer, Linear):
        return
    wire = case.judged.flat.wires[node.path]["x"][0]
    yield from insert(case, wire, Insert("x", "relu", f"Put ReLU between {first.label} and {node.label}"))
    arriving = next(edge for edge in level.edges.values() if edge.to == first.id)
    bias = (Edit(path=level.node(node.id, "fields", "bias"), remove=True),) if _gains_bias(level, first, node) else ()
    listed = [
        Edit(path=["recipe", "phases", name, "updates"], value=[path for path in phase.updates if path != first.path])
        for name, phase in case.document.recipe.phases.items()
        if first.path in phase.updates
    ]
    joined = level.set_edge(wire.edge, arriving.source, arriving.out, node.id, "x", arriving.order)
    gone = [edit for edit in level.delete(first.id) if edit.path != joined.path]
    yield Way(f"Merge {first.label} into {node.label}", (joined, *gone, *bias, *listed))


def _gains_bias(level: Level, first: FlatNode, second: FlatNode) -> bool:
    """Whether only the first of two has a bias, which the one that is left needs."""
    return isinstance(first.layer, Linear) and first.layer.bias and level.nodes[second.id].fields.get("bias") is False


def _without(case: Case) -> Iterator[Way]:
    edits = bypass(case.level, case.complaint.id)
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
            yield from widen(case, wire, Widen(case.complaint.port, other, f"Set the outputs to {other:,}"))


def _fewer_times(case: Case) -> Iterator[Way]:
    complaint = case.complaint
    node = case.level.nodes[complaint.id]
    size, _ = blocks.sizes(case.document.blocks)[node.block]
    room = expand.MOST_EXPANDED - len(case.judged.flat.nodes) + 1
    if node.mode == "repeat" and size and room >= size:
        times = min(room // size, node.times - 1)
        if times >= 1:
            yield Way(f"Repeat it {times:,} times", (Edit(path=case.level.node(complaint.id, "times"), value=times),))


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


def _cross_entropy(case: Case) -> Iterator[Way]:
    """The loss of classes in place of the squared error: it takes the class itself, not zeros and a 1; and scores, not
    shares."""
    node, level = case.node, case.level
    if node is None:
        return
    into = {edge.into: (name, edge) for name, edge in level.edges.items() if edge.to == node.id}
    one_hot = into["target"][1].source if "target" in into else ""
    given = next((edge for edge in level.edges.values() if edge.to == one_hot), None)
    if given is None or "prediction" not in into:
        return
    name, scores = into["prediction"]
    out, source = scores.out, scores.source
    if level.nodes[source].type == "softmax":
        before = next((edge for edge in level.edges.values() if edge.to == source), None)
        if before is None:
            return
        source, out = before.source, before.out
    gone = {id for id in (one_hot, scores.source if source != scores.source else "") if id}
    gone = {id for id in gone if sum(edge.source == id for edge in level.edges.values()) == 1}
    kept = {name, into["target"][0]}
    yield Way(
        "Use cross-entropy on the scores",
        (
            *(edit for id in sorted(gone) for edit in level.delete(id) if edit.path[-1] not in kept),
            Edit(path=level.node(node.id, "type"), value="cross_entropy"),
            Edit(path=level.node(node.id, "fields"), value={}),
            level.set_edge(name, source, out, node.id, "logits", scores.order),
            level.set_edge(into["target"][0], given.source, given.out, node.id, "target", given.order),
        ),
    )


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
    OVER_BUDGET: recipe_ways.within_budget,
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
    "memory": recipe_ways.smaller,
    "nothing_to_learn": recipe_ways.unfreeze,
    "weights_differ": _own_weights,
    "unequal_shapes": _even_widths,
    "fading_gradient": _relu_instead,
    "bounded_head": _without,
    ONE_LINEAR: _merged,
    "bad_recipe": recipe_ways.recipe_part,
    "unknown_in_phase": recipe_ways.recipe_list,
    "no_phase": recipe_ways.new_phase,
    "no_validation": recipe_ways.validated,
    "doubtful_rate": recipe_ways.usual_rate,
    "long_warm_up": recipe_ways.shorter_warm_up,
    "heavy_penalty": recipe_ways.lighter,
    "batch_of_one": recipe_ways.larger_batch,
    "unscaled": recipe_ways.scaled,
    "zero_weights": recipe_ways.drawn,
    "dropped_answer": _without,
    "squared_classes": _cross_entropy,
}
