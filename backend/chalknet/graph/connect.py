"""What could be wired to what: the ends that lie near and whose types really fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalknet.datasets.base import DataSource
from chalknet.graph import blocks, forms
from chalknet.graph.complaints import Complaint
from chalknet.graph.document import Document
from chalknet.graph.edits import Level
from chalknet.graph.flat import Flat, is_data, is_loss
from chalknet.graph.judge import Judged
from chalknet.graph.problems import Edit
from chalknet.graph.rules import rule
from chalknet.graph.structure import upstream
from chalknet.layers.base import Layer, Loss, TensorType, registry

MOST_TRIED = 5
APART = 220.0
"""Distance at which a new node is drawn from the one that it is wired to."""

Proposal = tuple[str, tuple[Edit, ...]]


@dataclass(frozen=True, slots=True)
class Ports:
    """A node's ports by name, whatever kind of node it is."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    many: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Output:
    """An output on a level, with its type."""

    node: str
    port: str
    type: TensorType


def ports(document: Document, level: Level, id: str) -> Ports:
    """The ports of a node of a level; none for a type that is not known."""
    node = level.nodes.get(id)
    if node is None:
        return Ports()
    if node.type == blocks.INSTANCE:
        block = document.blocks.get(node.block)
        if block is None:
            return Ports()
        inputs = blocks.ports(block.nodes, blocks.BLOCK_INPUT)
        optional = frozenset(port for port in inputs if block.nodes[port].fields.get("optional") is True)
        return Ports(inputs, blocks.ports(block.nodes, blocks.BLOCK_OUTPUT), frozenset(), optional)
    kind = registry.get(node.type)
    if kind is None:
        return Ports()
    return Ports(
        tuple(port.name for port in kind.inputs) if node.type != blocks.BLOCK_INPUT else (),
        tuple(port.name for port in kind.outputs) if node.type != blocks.BLOCK_OUTPUT else (),
        frozenset(port.name for port in kind.inputs if port.many),
        frozenset(port.name for port in kind.inputs if port.optional),
    )


def outputs(flat: Flat, level: Level, prefix: str) -> list[Output]:
    """The outputs of a level's nodes whose types are known, in one of its copies."""
    found = []
    for id in level.nodes:
        path = prefix + id
        instance = flat.instances.get(path)
        if instance is not None:
            ends = {port: flat.types.get(inner, {}).get("y") for port, inner in instance.outputs.items()}
        elif path in flat.nodes and level.nodes[id].type != blocks.BLOCK_OUTPUT:
            ends = dict(flat.types.get(path, {}))
        else:
            continue
        found += [Output(id, port, type) for port, type in ends.items() if type is not None]
    return found


def accepts(flat: Flat, path: str, port: str, type: TensorType) -> bool | None:
    """Whether a node takes a type at a port, its other wires as they are; None if that cannot be told yet."""
    arriving = arriving_with(flat, path, port, type)
    layer = flat.nodes[path].layer
    if layer is None or arriving is None or any(not p.optional and not arriving.get(p.name) for p in layer.inputs):
        return None
    return takes(layer, arriving)


def arriving_with(flat: Flat, path: str, port: str, type: TensorType) -> dict[str, tuple[TensorType, ...]] | None:
    """The types at a node's ports if a type came to one of them; None where a wire's type is not known."""
    layer = flat.nodes[path].layer
    arriving: dict[str, tuple[TensorType, ...]] = {}
    for each in layer.inputs if layer is not None else ():
        wires = flat.wires.get(path, {}).get(each.name, []) if each.many or each.name != port else []
        types = [flat.types.get(wire.source, {}).get(wire.out) for wire in wires]
        known = [known for known in types if known is not None]
        if len(known) < len(types):
            return None
        arriving[each.name] = (*known, type) if each.name == port else tuple(known)
    return arriving


def takes(layer: Layer, arriving: Mapping[str, tuple[TensorType, ...]]) -> bool:
    """Whether a layer takes these types; every required port must be there."""
    return rule(layer, key_of(layer, arriving)).fault is None


def key_of(
    layer: Layer, arriving: Mapping[str, tuple[TensorType, ...]]
) -> tuple[tuple[str, tuple[TensorType, ...], tuple[str, ...]], ...]:
    """Types at ports as a rule's key, in the order of the layer's ports."""
    return tuple(
        (port.name, arriving[port.name], tuple(type.meaning for type in arriving[port.name]))
        for port in layer.inputs
        if arriving.get(port.name)
    )


# --- an input that is empty, an output that leads nowhere -----


def into(document: Document, judged: Judged, complaint: Complaint) -> Iterator[Proposal]:
    """Wires to an empty input: from outputs that nothing uses first, then from the nearest."""
    level = Level(document, complaint.block)
    for output in _fitting(document, judged, complaint)[:MOST_TRIED]:
        yield (
            f"Connect {_called(document, level, output)}",
            (level.set_edge(level.new_edge(), output.node, output.port, complaint.id, complaint.port or ""),),
        )


def elsewhere(
    document: Document, judged: Judged, complaint: Complaint, edge: str, title: str, same: bool
) -> Iterator[Proposal]:
    """The wire that is there, begun at another output: likewise; or only at the same node (``same``)."""
    level = Level(document, complaint.block)
    now = level.edges[edge]
    found = [
        output
        for output in _fitting(document, judged, complaint)
        if (output.node, output.port) != (now.source, now.out) and (output.node == now.source or not same)
    ]
    for output in found[:MOST_TRIED]:
        yield (
            f"{title} {_called(document, level, output)}",
            (level.set_edge(edge, output.node, output.port, now.to, now.into, now.order),),
        )


def _called(document: Document, level: Level, output: Output) -> str:
    """An output in words: its node, and the port where that has several."""
    name = level.nodes[output.node].name.strip() or output.node
    return name if len(ports(document, level, output.node).outputs) == 1 else f"{name}’s {output.port}"


def _fitting(document: Document, judged: Judged, complaint: Complaint) -> list[Output]:
    """Outputs that the complaint's port takes, or may take: those that nothing uses first, then the nearest."""
    flat, level = judged.flat, Level(document, complaint.block)
    path, port = complaint.path or "", complaint.port or ""
    prefix = path[: len(path) - len(complaint.id)]
    target = flat.instances.get(path)
    entry, entry_port = (target.inputs[port][0], "x") if target is not None else (path, port)
    after = _downstream(flat, level, prefix, complaint.id)
    used = {(edge.source, edge.out) for edge in level.edges.values()}
    near = _distances(document, level, complaint.id)
    candidates = [
        output
        for output in outputs(flat, level, prefix)
        if output.node not in after and not _is_loss(level, output.node)
        if accepts(flat, entry, entry_port, output.type) is not False
    ]
    candidates.sort(key=lambda output: ((output.node, output.port) in used, near.get(output.node, 1e9), output.node))
    return candidates


def onward(document: Document, judged: Judged, complaint: Complaint) -> Iterator[Proposal]:
    """Wires from an output that nothing uses: to inputs that miss one first, then to those that take one more."""
    flat, level = judged.flat, Level(document, complaint.block)
    path = complaint.path or ""
    prefix = path[: len(path) - len(complaint.id)]
    before = _upstream(flat, prefix, path)
    near = _distances(document, level, complaint.id)
    filled = {(edge.to, edge.into) for edge in level.edges.values()}
    found: list[tuple[tuple[int, float, str], Output, str, str]] = []
    for output in outputs(flat, level, prefix):
        if output.node != complaint.id:
            continue
        for id in level.nodes:
            if id in before:
                continue
            there = ports(document, level, id)
            for port in there.inputs:
                empty = (id, port) not in filled
                if not empty and port not in there.many:
                    continue
                target = flat.instances.get(prefix + id)
                entry, entry_port = (target.inputs[port][0], "x") if target is not None else (prefix + id, port)
                if entry not in flat.nodes or accepts(flat, entry, entry_port, output.type) is False:
                    continue
                rank = 2 if port in there.optional else 0 if empty else 1
                found.append(((rank, near.get(id, 1e9), id), output, id, port))
    for _, output, id, port in sorted(found, key=lambda each: each[0])[:MOST_TRIED]:
        name = level.nodes[id].name.strip() or id
        shown = name if len(ports(document, level, id).inputs) == 1 else f"{name}’s {port}"
        yield f"Connect it to {shown}", (level.set_edge(level.new_edge(), output.node, output.port, id, port),)


def _is_loss(level: Level, id: str) -> bool:
    return issubclass(registry.get(level.nodes[id].type, Layer), Loss)


def _upstream(flat: Flat, prefix: str, path: str) -> set[str]:
    """Ids on this level that a node's value comes from, itself too."""
    instance = flat.instances.get(path)
    starts = list(instance.outputs.values()) if instance is not None else [path]
    return _on_level(upstream(flat, starts), prefix) | {path[len(prefix) :]}


def _downstream(flat: Flat, level: Level, prefix: str, id: str) -> set[str]:
    """Ids on this level that a node's value leads to, itself too."""
    followers: dict[str, list[str]] = {}
    for edge in level.edges.values():
        followers.setdefault(edge.source, []).append(edge.to)
    seen, queue = {id}, [id]
    for each in queue:
        for follower in followers.get(each, ()):
            if follower not in seen:
                seen.add(follower)
                queue.append(follower)
    return seen


def _on_level(paths: set[str], prefix: str) -> set[str]:
    return {path[len(prefix) :].split("/", 1)[0] for path in paths if path.startswith(prefix)}


def _distances(document: Document, level: Level, id: str) -> dict[str, float]:
    """How far the drawn nodes of a level are from one of them."""
    drawn = document.drawing.positions
    here = drawn.get(level.place(id))
    if here is None:
        return {}
    found = {}
    for other in level.nodes:
        there = drawn.get(level.place(other))
        if there is not None:
            found[other] = abs(there.x - here.x) + abs(there.y - here.y)
    return found


# --- a board without a loss, without data -----


def losses(document: Document, judged: Judged) -> Iterator[Proposal]:
    """A new loss on the last output that leads nowhere, wired to what the data offer as its target."""
    flat, level = judged.flat, Level(document)
    used = {edge.source for edge in level.edges.values()}
    offered = outputs(flat, level, "")
    ends = [
        each
        for each in offered
        if each.node not in used and not _from_data(flat, each) and each.type.element == "float"
    ]
    given = [each for each in offered if _from_data(flat, each)]
    taken = {(edge.source, edge.out) for edge in level.edges.values()}
    # What the network already sees is a target only where the data have nothing else, as for an autoencoder.
    given = [each for each in given if (each.node, each.port) not in taken] or given
    order = {path: number for number, path in enumerate(flat.nodes)}
    ends.sort(key=lambda each: -order.get(each.node, 0))
    good: list[Proposal] = []
    fixable: list[Proposal] = []
    for end in ends[:2]:
        for type, kind in registry.items():
            layer = forms.layer(type, {})
            if not issubclass(kind, Loss) or not isinstance(layer, Loss):
                continue
            required = [port.name for port in layer.inputs if not port.optional]
            if len(required) != 2:
                continue
            for target in given:
                arriving: dict[str, tuple[TensorType, ...]] = {
                    required[0]: (end.type,),
                    required[1]: (target.type,),
                }
                wires = {required[0]: end, required[1]: target}
                _fill_optional(layer, arriving, wires, given)
                fault = rule(layer, key_of(layer, arriving)).fault
                if fault is None or fault.remedies:
                    new = level.new_node(type)
                    edits = (
                        level.set_node(new, type, {}),
                        *(
                            level.set_edge(level.new_edge(number), each.node, each.port, new, port)
                            for number, (port, each) in enumerate(wires.items())
                        ),
                        *level.draw_beside(new, end.node, APART),
                    )
                    (good if fault is None else fixable).append((f"Add {kind.title}", edits))
    yield from (good or fixable)[:MOST_TRIED]


def _fill_optional(
    layer: Layer, arriving: dict[str, tuple[TensorType, ...]], wires: dict[str, Output], given: list[Output]
) -> None:
    """Wires optional ports, such as a mask, to what the data offer for them, where the layer takes it."""
    for port in layer.inputs:
        if not port.optional:
            continue
        for each in given:
            if each in wires.values() or not takes(layer, {**arriving, port.name: (each.type,)}):
                continue
            arriving[port.name] = (each.type,)
            wires[port.name] = each
            break


def sources(document: Document, judged: Judged) -> Iterator[Proposal]:
    """A new data source, its outputs wired to the inputs that miss one and take them."""
    flat, level = judged.flat, Level(document)
    filled = {(edge.to, edge.into) for edge in level.edges.values()}
    empty = [
        (id, port)
        for id in level.nodes
        if id in flat.nodes
        for there in [ports(document, level, id)]
        for port in there.inputs
        if port not in there.optional and (id, port) not in filled
    ]
    found: list[tuple[int, str, tuple[Edit, ...]]] = []
    for type, kind in registry.items():
        layer = forms.layer(type, {})
        if not issubclass(kind, DataSource) or not isinstance(layer, DataSource) or not kind.parted:
            continue
        new = level.new_node(type)
        edits = [level.set_node(new, type, {})]
        ends: list[str] = []
        left = list(empty)
        for port, given in layer.schema().items():
            end = next((each for each in left if _may_end_at(flat, *each, given)), None)
            if end is not None:
                left.remove(end)
                ends.append(end[0])
                edits.append(level.set_edge(level.new_edge(len(ends) - 1), new, port, *end))
        drawn = level.draw_beside(new, ends[0], -APART) if ends else ()
        found.append((len(ends), f"Add {kind.title}", (*edits, *drawn)))
    # Those that fill most come first: not all can be tried.
    yield from ((title, edits) for _, title, edits in sorted(found, key=lambda each: -each[0]))


def _may_end_at(flat: Flat, path: str, port: str, type: TensorType) -> bool:
    """Whether an input takes a type; where that cannot be told yet, labels go to losses."""
    told = accepts(flat, path, port, type)
    return told or (told is None and type.element != "float" and is_loss(flat.nodes[path]))


def _from_data(flat: Flat, output: Output) -> bool:
    node = flat.nodes.get(output.node)
    return node is not None and (is_data(node) or is_loss(node))
