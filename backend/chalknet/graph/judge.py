"""What holds at every node of a board, and every complaint, before they are put into words for people.

Rules are plain Python integers: nothing is built, so a Linear of 10⁹ units costs no more to judge than one of ten.
Everything upstream of a fault is computed; nothing downstream of it repeats the complaint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from chalknet.datasets.base import DataSource
from chalknet.graph import advice, blocks, expand, guard, merging, recipe, structure
from chalknet.graph.ablation import Idle
from chalknet.graph.complaints import CANNOT_BYPASS, MISSING_INPUT, Complaint, once
from chalknet.graph.document import Document
from chalknet.graph.facts import Memory
from chalknet.graph.flat import Flat, FlatNode
from chalknet.graph.rules import Key, Rule, places, rule
from chalknet.graph.sight import Sight
from chalknet.layers.base import Layer, Multiplying, TensorType
from chalknet.layers.over_time import time

MEMORY = 8 * 1024**3
"""Bytes that training a board may take."""
BYTES = 4
"""Of one float."""


@dataclass(slots=True)
class Totals:
    """Sums over nodes; shared parameters are counted once."""

    parameters: int = 0
    trainable_parameters: int = 0
    macs: int = 0
    operations: int = 0
    activation_bytes: int = 0
    shared: set[str] = field(default_factory=set)
    kinds: dict[Multiplying, int] = field(default_factory=dict)
    """Multiply-adds by kind."""

    def add(self, node: FlatNode, rule: Rule, times: int = 1) -> None:
        """``times``: how many steps of a sequence the node makes."""
        if rule.macs:
            kind = multiplying(node.layer)
            self.macs += rule.macs * times
            self.kinds[kind] = self.kinds.get(kind, 0) + rule.macs * times
        self.operations += rule.operations * times
        self.activation_bytes += rule.activation_bytes * times
        if rule.parameters and (not node.weights or node.weights not in self.shared):
            self.shared.add(node.weights)
            self.parameters += rule.parameters
            if node.trainable:
                self.trainable_parameters += rule.parameters

    def training_bytes(self, batch: int, slots: int) -> int:
        """Bytes to train: parameters, gradients, optimizer state, and a batch's activations, which backward needs."""
        return BYTES * (self.parameters + self.trainable_parameters * (1 + slots)) + self.activation_bytes * batch

    def memory(self, batch: int, slots: int) -> Memory:
        """The same, by what takes it."""
        return memory_of(self.parameters, self.trainable_parameters, self.activation_bytes, batch, slots)


def memory_of(parameters: int, trainable: int, activation_bytes: int, batch: int, slots: int) -> Memory:
    return Memory(
        parameters=BYTES * parameters,
        gradients=BYTES * trainable,
        optimizer=BYTES * trainable * slots,
        activations=activation_bytes * batch,
    )


KINDS: dict[str, Multiplying] = {
    "convolution": "convolution",
    "dense": "linear",
    "attention": "attention",
    "recurrent": "recurrent",
}
"""Kinds of multiply-adds by the family of a layer."""


def multiplying(layer: Layer | None) -> Multiplying:
    """What a layer's multiply-adds are spent on."""
    if layer is None:
        return "other"
    return layer.multiplies or KINDS.get(layer.family, "other")


@dataclass(slots=True)
class Judged:
    """A flat graph with the rules that hold at its nodes."""

    flat: Flat
    rules: dict[str, Rule] = field(default_factory=dict)
    sights: dict[str, Sight | None] = field(default_factory=dict)
    totals: Totals = field(default_factory=Totals)
    complaints: list[Complaint] = field(default_factory=list)
    idle: Idle | None = None
    """What was muted or bypassed; its rules stand in ``idle_rules``, its costs nowhere."""
    idle_rules: dict[str, Rule] = field(default_factory=dict)
    at: dict[str, list[Complaint]] = field(default_factory=dict)
    """Of the complaints those about single nodes, by path."""
    expansion: expand.Expansion | None = None
    ends: structure.Ends = field(default_factory=structure.Ends)
    lengths: dict[str, int] = field(default_factory=dict)
    """Steps of instances that run over time, those round them counted in."""

    def times(self, loop: str) -> int:
        """How often a node inside an instance that runs over time is computed for one sample (``loop`` empty: once)."""
        instance = self.flat.instances.get(loop) if loop else None
        if instance is None:
            return 1
        known = self.lengths.get(loop)
        if known is None:
            known = self.times(instance.loop)
            for port in instance.cut[:1]:
                for wire in self.flat.wires.get(instance.inputs[port][0], {}).get("x", []):
                    kind = self.flat.types.get(wire.source, {}).get(wire.out)
                    axis = time(kind) if kind is not None else None
                    known *= axis.size if axis is not None else 1
            self.lengths[loop] = known
        return known


def judge(document: Document, *, memory: int = MEMORY) -> Judged:
    """Types, costs and complaints, without texts and fixes: all that is needed to tell whether an edit helps."""
    expansion = expand.Expansion(document)
    flat, idle = expansion.run()
    judged = Judged(flat, complaints=list(flat.complaints), idle=idle, expansion=expansion, ends=structure.ends(flat))
    for path, node in flat.nodes.items():
        if node.layer is not None and path not in flat.cyclic:
            judge_node(judged, path, node)
    if idle is not None:
        _judge_idle(judged, idle)
    judged.complaints += overall(document, judged)
    judged.complaints += advice.fading(flat)
    judged.complaints += _shared_differently(judged)
    judged.complaints += _too_large(document, judged, memory)
    judged.complaints = once(judged.complaints)
    return judged


def overall(document: Document, judged: Judged) -> Iterator[Complaint]:
    """Complaints about how the board hangs together, whatever the order of its nodes."""
    parameters = _Parameters(judged.rules)
    yield from structure.complaints(judged.flat, judged.ends, parameters)
    yield from recipe.complaints(document, judged.flat, parameters)
    yield from advice.heads(judged.flat, judged.ends.losses)
    yield from merging.complaints(document, judged.flat, judged.ends.linears, parameters)
    yield from guard.complaints(document, judged.flat, judged.ends.losses, parameters)


class _Parameters(Mapping[str, int]):
    """How many each node has, where that is known."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = rules

    def __getitem__(self, path: str) -> int:
        return self._rules[path].parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)


def _judge_idle(judged: Judged, idle: Idle) -> None:
    """What idle nodes would give. Of what is wrong with them nothing is said, but for a type that a bypass breaks."""
    flat = replace(idle.flat, types=dict(judged.flat.types))
    shadow = Judged(flat)
    for path, node in flat.nodes.items():
        if node.layer is not None and path not in flat.cyclic:
            judge_node(shadow, path, node)
    judged.idle_rules = shadow.rules
    for passed in idle.passed:
        own = flat.types.get(passed.own[0], {}).get(passed.own[1])
        instead = flat.types.get(passed.instead[0], {}).get(passed.instead[1])
        if own is None or instead is None or own == instead:
            continue
        part = passed.part
        judged.complaints.append(
            Complaint(
                CANNOT_BYPASS,
                f"{part.label}: it cannot be bypassed, since it gives another type than arrives: expected {own}. "
                f"Received {instead}.",
                part.path,
                part.block,
                part.id,
                field="ablation",
                hint="Mute it instead, or make it active again.",
            )
        )


def judge_node(judged: Judged, path: str, node: FlatNode) -> None:
    """One node: its types from those of the nodes before it."""
    flat = judged.flat
    found = ruled(flat, node)
    if found is None:
        return
    told = [found] if isinstance(found, Complaint) else of_rule(flat, node, found)
    if told:
        judged.at[path] = told
        judged.complaints += told
    if isinstance(found, Complaint):
        return
    judged.rules[path] = found
    if found.fault is not None:
        return
    flat.types[path] = found.outputs
    if node.weights and not found.parameters:
        # Where there is nothing to share, a module may depend on its input: a Flatten of 10 numbers is none of 20.
        node = flat.nodes[path] = node._replace(weights="")
    judged.sights[path] = _sight(judged, path, node, found)
    judged.totals.add(node, found, judged.times(node.loop))


def ruled(flat: Flat, node: FlatNode) -> Rule | Complaint | None:
    """The rule that holds at a node, or that it misses an input; None where the fault is further up, and was told
    there."""
    layer = node.layer
    assert layer is not None
    wires = flat.wires.get(node.path, {})
    arriving: list[tuple[str, tuple[TensorType, ...], tuple[str, ...]]] = []
    for port in layer.inputs:
        at_port = wires.get(port.name)
        if not at_port:
            if not port.optional:
                return _missing(flat, node, port.name) if node.path not in flat.silenced else None
            continue
        types = []
        for wire in at_port:
            type = flat.types.get(wire.source, {}).get(wire.out)
            if type is None:
                return None
            types.append(type)
        arriving.append((port.name, tuple(types), tuple([type.meaning for type in types])))
    key: Key = tuple(arriving)
    return rule(layer, key, flat.wanted(node.path))


def of_rule(flat: Flat, node: FlatNode, rule: Rule) -> list[Complaint]:
    """What a node's rule complains of."""
    if rule.fault is not None:
        return [_faulted(flat, node, rule)]
    return [
        Complaint(
            warn.code,
            f"{node.label}: {warn.message}",
            node.path,
            node.block,
            node.id,
            field=warn.field,
            hint=warn.hint,
            severity=warn.severity,
            remedies=warn.remedies,
        )
        for warn in rule.warns
    ]


def _faulted(flat: Flat, node: FlatNode, rule: Rule) -> Complaint:
    fault = rule.fault
    assert fault is not None
    wires = flat.wires.get(node.path, {}).get(fault.port, []) if fault.port else []
    wire = wires[fault.wire] if fault.wire < len(wires) else None
    return Complaint(
        fault.code,
        f"{node.label}: {fault.message}",
        node.path,
        node.block,
        node.id,
        edge=wire.edge if wire is not None and wire.block == node.block and wire.edge else None,
        field=fault.field,
        port=fault.port,
        wire=fault.wire,
        hint=fault.hint,
        remedies=fault.remedies,
    )


def _missing(flat: Flat, node: FlatNode, port: str) -> Complaint:
    """A required port without a wire. That of a block is told of the instance."""
    if node.node.type == blocks.BLOCK_INPUT:
        instance = flat.instances[node.parent]
        return Complaint(
            MISSING_INPUT,
            f"{instance.label}: nothing is connected to its input {node.id!r}.",
            instance.path,
            instance.block,
            instance.id,
            port=node.id,
            hint="Draw a wire to it.",
        )
    assert node.layer is not None
    title = next((each.title for each in node.layer.inputs if each.name == port), "")
    one = len(node.layer.inputs) == 1
    return Complaint(
        MISSING_INPUT,
        f"{node.label}: nothing is connected to its input{'' if one else f' {port!r}'}"
        f"{f' ({title})' if title and not one else ''}.",
        node.path,
        node.block,
        node.id,
        port=port,
        hint="Draw a wire to it.",
    )


def _sight(judged: Judged, path: str, node: FlatNode, rule: Rule) -> Sight | None:
    """None where no part of a spatial input can be told from another."""
    if node.layer is None or node.layer.family == "loss":
        return None
    if isinstance(node.layer, DataSource):
        return Sight.over(rule.leaving) if rule.leaving and node.layer.parted else None
    seen: Sight | None = None
    blind = _blind(type(node.layer))
    for port, wires in judged.flat.wires.get(path, {}).items():
        for wire in wires if port not in blind else ():
            sight = judged.sights.get(wire.source)
            # Of a data source some outputs have places and some, its labels, have none.
            if sight is None or (sight.source and places(judged.flat.types[wire.source][wire.out]) is None):
                continue
            seen = sight if seen is None or seen is sight else seen.joined(sight)
    return seen.through(rule.window, rule.arriving, rule.leaving) if seen is not None else None


@lru_cache(maxsize=1024)
def _blind(kind: type[Layer]) -> frozenset[str]:
    """Ports where only the shape of what arrives is looked at."""
    return frozenset(port.name for port in kind.inputs if port.shape_only)


def _shared_differently(judged: Judged) -> list[Complaint]:
    """Nodes that share weights which cannot be the same tensors."""
    first: dict[str, FlatNode] = {}
    found = []
    for path, node in judged.flat.nodes.items():
        if not node.weights or path not in judged.flat.types:
            continue
        owner = first.setdefault(node.weights, node)
        ours, theirs = judged.rules[path].shapes, judged.rules[owner.path].shapes
        if owner is node or (ours == theirs and owner.layer == node.layer):
            continue
        name = node.node.weights or node.weights.rsplit("~", 1)[-1]
        if ours == theirs and node.node.type == owner.node.type:
            why = f"its fields differ: expected {_fields(owner, node)}. Received {_fields(node, owner)}."
        else:
            why = f"needs others: expected {_tensors(owner, theirs)}. Received {_tensors(node, ours)}."
        found.append(
            Complaint(
                "weights_differ",
                f"{node.label}: it shares the weights {name!r} with {owner.label}, but {why}",
                path,
                node.block,
                node.id,
                field="weights",
                hint="Nodes that share weights are of one type and have equal inputs and fields.",
            )
        )
    return found


def _fields(node: FlatNode, other: FlatNode) -> str:
    """The fields in which a node's layer differs from another of its type."""
    assert node.layer is not None and other.layer is not None
    return ", ".join(
        f"{name} {getattr(node.layer, name)}"
        for name in type(node.layer).model_fields
        if getattr(node.layer, name) != getattr(other.layer, name)
    )


def _tensors(node: FlatNode, shapes: Mapping[str, tuple[int, ...]]) -> str:
    inside = ", ".join(f"{name} {'×'.join(map(str, shape)) or '1'}" for name, shape in shapes.items())
    title = node.layer.title if node.layer is not None else node.node.type
    return f"{title} with {inside}" if inside else f"{title} without parameters"


def _too_large(document: Document, judged: Judged, memory: int) -> list[Complaint]:
    """Training would take more memory than there may be: the node that takes most of it is named."""
    batch = document.recipe.batch
    slots = recipe.state_slots(document)
    needed = judged.totals.training_bytes(batch, slots)
    if needed <= memory:
        return []

    def share(path: str) -> int:
        totals = Totals()
        node = judged.flat.nodes[path]
        totals.add(node, judged.rules[path], judged.times(node.loop))
        return totals.training_bytes(batch, slots)

    path = max(judged.flat.types, key=share)
    node, rule = judged.flat.nodes[path], judged.rules[path]
    return [
        Complaint(
            "memory",
            f"{node.label}: training this board would take {gigabytes(needed)} GB; "
            f"expected at most {gigabytes(memory)} GB. "
            f"Most of it is here: {rule.parameters:,} parameters, and {rule.activation_bytes:,} bytes of outputs "
            f"for each of the {batch:,} samples of a batch.",
            path,
            node.block,
            node.id,
            hint="Make the layer or its input smaller."
            if rule.parameters * BYTES > rule.activation_bytes * batch
            else "Use a smaller batch, or a smaller layer.",
        )
    ]


def gigabytes(count: int) -> str:
    """Bytes as gigabytes for a sentence. Whole numbers are not made floats, which have an end."""
    tenths = count * 10 // 1024**3
    return f"{tenths // 10:,}" if tenths % 10 == 0 else f"{tenths // 10:,}.{tenths % 10}"
