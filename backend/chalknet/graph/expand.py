"""Document → flat graph: blocks are unrolled, exposed fields applied, shared weights named.

Nothing here recurses, and the size of the result is computed before anything is unrolled, so that a small document
cannot ask for a large graph: twenty blocks that hold each other twice are a million nodes in a kilobyte.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import chalknet.datasets
import chalknet.layers  # noqa: F401 — both fill the registry
from chalknet.datasets.base import DataSource
from chalknet.graph import ablation, forms
from chalknet.graph.ablation import Idle
from chalknet.graph.blocks import BLOCK_INPUT, BLOCK_OUTPUT, INSTANCE, OVER_TIME, Roles, copies, ports, roles, sizes
from chalknet.graph.complaints import EXTRA_WIRE, LOOSE_WIRE, UNKNOWN_PORT, Complaint, label, listed
from chalknet.graph.document import Block, Document, Edge, Node
from chalknet.graph.flat import Flat, FlatNode, Instance, Wire, sort, spares
from chalknet.layers.base import Layer, Loss, SetField, registry
from chalknet.layers.block import BlockPort
from chalknet.layers.over_time import CutInput, MaskInput, SameInput, StateInput, StepOutput

MOST_EXPANDED = 10_000
"""Nodes of a flat graph, all copies of all blocks together."""
MOST_DEEP = 16
"""Blocks within blocks."""


@dataclass(frozen=True, slots=True)
class _Ports:
    """A block from outside: its input and output ports in order, and which inputs may stay empty."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """One level to be unrolled: the board itself (``block`` empty), or one copy of a block."""

    prefix: str = ""
    block: str = ""
    parent: str = ""
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Fields that the instance sets, by inner node."""
    scope: str = ""
    """Where names of shared weights hold."""
    shared: bool = False
    trainable: bool = True
    loop: str = ""
    """The innermost instance round it, or itself, that runs over time."""
    roles: Roles | None = None
    """What its ports are, where it runs over time itself."""


def expand(document: Document) -> Flat:
    """The flat graph of a board. Never raises: what cannot be unrolled is left out, with a complaint."""
    return Expansion(document).run()[0]


class Expansion:
    """The state of one ``expand``; kept, a small edit of the document is flattened from it (``patch.py``)."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.sizes = sizes(document.blocks)
        self.ports: dict[str, _Ports] = {}
        self.nodes: dict[str, FlatNode] = {}
        self.wires: dict[str, dict[str, list[Wire]]] = {}
        self.instances: dict[str, Instance] = {}
        self.complaints: list[Complaint] = []
        self.refused: dict[tuple[str, str], set[str]] = {}
        """Nodes that a refused wire silences, by the block that it stands in and its id."""
        self.copies: dict[str, list[Copy]] = {}
        """All copies of every block."""
        self.dropped = False
        """Whether optional inputs of blocks were taken out."""
        # Nodes still to come even if no further instance is unrolled.
        self.total = len(document.nodes)

    def run(self) -> tuple[Flat, Idle | None]:
        """The flat graph that is computed, and what was muted or bypassed."""
        waiting = deque([Copy()])
        while waiting:
            waiting.extend(self._level(waiting.popleft()))
        self._drop_empty_optional_inputs()
        for instance in self.instances.values():
            if instance.over_time:
                self._bind(instance)
        order, cyclic = sort(self.nodes, self.wires)
        flat = Flat(
            nodes={path: self.nodes[path] for path in order},
            wires=self.wires,
            instances=self.instances,
            cyclic=cyclic,
            silenced=self.silenced,
            spares=spares(self.nodes, self.wires),
            complaints=tuple(self.complaints),
        )
        live, idle = ablation.split(flat)
        _freeze_shared(live.nodes)
        return live, idle

    def _level(self, copy: Copy) -> list[Copy]:
        """Adds one level's nodes and wires; returns the copies of blocks inside it."""
        level: Document | Block = self.document.blocks[copy.block] if copy.block else self.document
        inside: list[Copy] = []
        self.copies.setdefault(copy.block, []).append(copy)
        # Keyed maps have no order of their own, a CRDT's least of all: by id, a board is always built the same way.
        for id in sorted(level.nodes):
            if level.nodes[id].type != INSTANCE:
                self.place(copy, level, id)
                continue
            node, path = _set(copy, level, id), copy.prefix + id
            if (why := self._refusal(copy, id, node)) is None:
                inside += self._unroll(copy, path, id, node)
            else:
                self.complaints.append(why)
                self.nodes[path] = self._flat(copy, path, id, node, None)
        for id, edge in sorted(level.edges.items(), key=lambda item: (item[1].order, item[0])):
            self.wire(copy, level, id, edge)
        return inside

    # --- nodes -----

    def place(self, copy: Copy, level: Document | Block, id: str) -> None:
        """Adds a node that is no instance."""
        node, path = _set(copy, level, id), copy.prefix + id
        self.nodes[path] = self._flat(copy, path, id, node, self._layer(copy, path, id, node))

    def _flat(self, copy: Copy, path: str, id: str, node: Node, layer: Layer | None) -> FlatNode:
        own = f"{copy.scope}~{node.weights}" if node.weights else f"{copy.scope}/{id}" if copy.shared else ""
        return FlatNode(
            path, id, copy.block, copy.parent, layer, node, own, node.trainable and copy.trainable, copy.loop
        )

    def _layer(self, copy: Copy, path: str, id: str, node: Node) -> Layer | None:
        if node.type not in registry:
            name = label(id, node)
            self._complain(
                copy,
                id,
                "unknown_layer",
                f"{name}: there is no layer of type {node.type!r}.",
                hint="Delete it, or open the board with a newer Chalknet.",
            )
            return None
        if node.type in (BLOCK_INPUT, BLOCK_OUTPUT) and not copy.block:
            name = label(id, node)
            self._complain(
                copy,
                id,
                "outside_block",
                f"{name}: a block's port stands inside a block, not on the board itself.",
                hint="Open a block and put it there, or delete it.",
            )
            return None
        if copy.loop and issubclass(registry[node.type], DataSource | Loss):
            name = label(id, node)
            what = "a loss" if issubclass(registry[node.type], Loss) else "data"
            self._complain(
                copy,
                id,
                "inside_over_time",
                f"{name}: {what} cannot stand in a block that runs over time.",
                hint="Put it outside, and wire the block's ports to it.",
            )
            return None
        layer = forms.layer(node.type, node.fields)
        if isinstance(layer, BlockPort) and copy.roles is not None:
            return _timed(layer, id in copy.roles.cut, id in copy.roles.states, id in copy.roles.masks)
        if isinstance(layer, Layer):
            return layer
        name = label(id, node)
        for fault in layer:
            self._complain(
                copy,
                id,
                "unknown_field" if fault.unknown else "bad_field",
                f"{name}: {fault.message}.",
                field=fault.field or None,
                remedies=()
                if fault.bound is None
                else (SetField(fault.field, fault.bound, f"Set {fault.field} to {fault.bound}"),),
            )
        return None

    def _refusal(self, copy: Copy, id: str, node: Node) -> Complaint | None:
        """Why an instance cannot be unrolled; None if it can."""
        name = label(id, node)
        blocks = self.document.blocks

        def because(code: str, message: str, hint: str) -> Complaint:
            return Complaint(code, f"{name}: {message}", copy.prefix + id, copy.block, id, hint=hint)

        if node.block not in blocks:
            return because(
                "unknown_block",
                f"there is no block {node.block!r} on this board."
                if node.block
                else "it does not say which block it is.",
                "Delete it, or draw the block.",
            )
        if node.block not in self.sizes:
            return because(
                "recursive_block",
                f"the block {node.block!r} contains itself, so it would never end.",
                "Take the inner copy out of the block.",
            )
        size, deep = self.sizes[node.block]
        if deep > MOST_DEEP:
            return because(
                "too_deep",
                f"its blocks are {deep} levels deep; at most {MOST_DEEP} are unrolled.",
                "Flatten some levels.",
            )
        if copy.block:
            return None  # counted with the instance on the board itself
        grown = self.total - 1 + copies(node) * size
        if grown > MOST_EXPANDED:
            return because(
                "too_many_nodes",
                f"unrolled, the board would have {grown:,} nodes; at most {MOST_EXPANDED:,} are computed.",
                "Repeat it fewer times.",
            )
        self.total = grown
        return None

    def _unroll(self, copy: Copy, path: str, id: str, node: Node) -> list[Copy]:
        block = self.document.blocks[node.block]
        ports = self._ports(node.block)
        fields = self._exposed(copy, id, node, block)
        count = copies(node)
        repeated = node.mode == "repeat"
        timed = self._over_time(copy, id, node, block, ports) if node.mode == OVER_TIME else None
        prefixes = [f"{path}/{i}/" if repeated else f"{path}/" for i in range(count)]
        entries = {
            port: tuple(prefix + port for prefix in (prefixes[:1] if number == 0 and ports.outputs else prefixes))
            for number, port in enumerate(ports.inputs)
        }
        self.instances[path] = Instance(
            path,
            id,
            copy.block,
            copy.parent,
            node,
            count,
            entries,
            {port: prefixes[-1] + port for port in ports.outputs},
            copy.loop,
            *(() if timed is None else (timed.cut, timed.states, timed.masks)),
        )
        if ports.inputs and ports.outputs:
            for before, after in pairwise(prefixes):
                link = Wire(before + ports.outputs[0], "y", "")
                self.wires[after + ports.inputs[0]] = {"x": [link]}
        named = f"{copy.scope}~{node.weights}" if node.weights else ""
        return [
            Copy(
                prefix=prefix,
                block=node.block,
                parent=path,
                fields=fields,
                scope=named or (f"{copy.scope}/{id}/{i}" if repeated else f"{copy.scope}/{id}"),
                shared=copy.shared or bool(named),
                trainable=copy.trainable and node.trainable,
                loop=path if timed is not None else copy.loop,
                roles=timed,
            )
            for i, prefix in enumerate(prefixes)
        ]

    def _over_time(self, copy: Copy, id: str, node: Node, block: Block, ports: _Ports) -> Roles:
        """What the ports of an instance are that runs over time, and what is wrong with them."""
        timed = roles(block.nodes)
        if len(timed.cut) == len(timed.masks):
            self._complain(
                copy,
                id,
                "no_sequence",
                f"{label(id, node)}: it runs over time, but the block {node.block!r} has no input for a sequence.",
                hint="Give the block an input that is no state: it is cut in steps.",
            )
        for port, state in timed.states.items():
            if state not in ports.outputs:
                self._complain(
                    copy,
                    id,
                    "unknown_state",
                    f"{label(id, node)}: the state {port!r} is fed by {state!r}, which is no output of the block "
                    f"{node.block!r}; it has: {listed(ports.outputs) or 'none'}.",
                    hint=f"Open the block, and choose for {port!r} one of its outputs.",
                    port=port,
                )
        return timed

    def _bind(self, instance: Instance) -> None:
        """Binds the ports of a block that runs over time to each other: inside, all wait for the sequences; an output
        waits for all inputs and for what the states become."""
        sequences = [
            Wire(wire.source, wire.out, "")
            for port in instance.cut
            for inner in instance.inputs[port]
            for wire in self.wires.get(inner, {}).get("x", [])
        ]
        inputs = {port: inner for port, (inner,) in instance.inputs.items() if inner in self.nodes}
        for port, inner in inputs.items():
            if port not in instance.cut and sequences:
                self.wires.setdefault(inner, {})["steps"] = list(sequences)
        before = [Wire(inner, "y", "") for inner in inputs.values()]
        for state in sorted({*instance.states.values()} & instance.outputs.keys()):
            before += [
                Wire(wire.source, wire.out, "") for wire in self.wires.get(instance.outputs[state], {}).get("x", [])
            ]
        for port, inner in instance.outputs.items():
            at_ports = self.wires.setdefault(inner, {})
            fed = [Wire(inputs[name], "y", "") for name, state in instance.states.items() if state == port]
            at_ports |= {"steps": list(sequences), "states": fed, "after": list(before)}

    def _ports(self, name: str) -> _Ports:
        known = self.ports.get(name)
        if known is None:
            nodes = self.document.blocks[name].nodes
            known = self.ports[name] = _Ports(ports(nodes, BLOCK_INPUT), ports(nodes, BLOCK_OUTPUT))
        return known

    def _exposed(self, copy: Copy, id: str, node: Node, block: Block) -> dict[str, dict[str, Any]]:
        """The instance's field values, sorted to the inner nodes that they are for."""
        fields: dict[str, dict[str, Any]] = {}
        for name, value in node.fields.items():
            exposed = block.exposed.get(name)
            if exposed is None:
                names = listed(block.exposed) or "none"
                self._complain(
                    copy,
                    id,
                    "unknown_field",
                    f"{label(id, node)}: the block {node.block!r} offers no field {name!r}; it offers: {names}.",
                    field=name,
                )
                continue
            behind = [(inner, of) for inner, of in exposed.targets() if inner in block.nodes]
            if not behind:
                self._complain(
                    copy,
                    id,
                    "unknown_field",
                    f"{label(id, node)}: {name!r} sets a field of {exposed.node!r}, "
                    f"which is not in the block {node.block!r}.",
                    field=name,
                )
            for inner, of in behind:
                fields.setdefault(inner, {})[of] = value
        return fields

    # --- wires -----

    def wire(self, copy: Copy, level: Document | Block, id: str, edge: Edge) -> None:
        """Adds a wire, in the order of the port that it ends at."""
        if edge.source not in level.nodes or edge.to not in level.nodes:
            missing = [end for end in (edge.source, edge.to) if end not in level.nodes]
            # Two people at one board: one deletes a node while the other wires it. Nothing is broken by what is left.
            self.complaints.append(
                Complaint(
                    LOOSE_WIRE,
                    f"A wire {'begins' if missing[0] == edge.source else 'ends'} at {missing[0]!r}, "
                    "which is not there.",
                    copy.parent or None,
                    copy.block,
                    edge=id,
                    hint="Delete the wire.",
                    severity="warning",
                )
            )
            return
        source, target = copy.prefix + edge.source, copy.prefix + edge.to
        outs, ins = _plain_ports(level.nodes[edge.source].type)[0], _plain_ports(level.nodes[edge.to].type)[1]
        if edge.out in outs and edge.into in ins:
            # Most wires: from one layer to another.
            at_port = self.wires.setdefault(target, {}).setdefault(edge.into, [])
            if not at_port or ins[edge.into]:
                at_port.append(Wire(source, edge.out, id, copy.block))
                return
        start = self._start(copy, level, edge)
        ends = self._ends(copy, level, edge)
        if isinstance(start, str) or isinstance(ends, str):
            at = edge.source if isinstance(start, str) else edge.to
            message = start if isinstance(start, str) else ends
            assert isinstance(message, str)
            self.complaints.append(
                Complaint(
                    UNKNOWN_PORT,
                    message,
                    copy.prefix + at,
                    copy.block,
                    at,
                    id,
                    hint="Delete the wire, or draw it anew.",
                )
            )
            self._silence(copy.block, id, source, target)
            return
        many, at_ports = ends
        for path, port in at_ports:
            at_port = self.wires.setdefault(path, {}).setdefault(port, [])
            if at_port and not many:
                self._extra(copy, level, id, edge, port=edge.into, first=at_port[0])
                self._silence(copy.block, id, source)
                return
            at_port.append(Wire(*start, id, copy.block))

    def _start(self, copy: Copy, level: Document | Block, edge: Edge) -> tuple[str, str] | str:
        """The flat output that a wire begins at, or why it cannot."""
        path = copy.prefix + edge.source
        node = level.nodes[edge.source]
        name = label(edge.source, node)
        instance = self.instances.get(path)
        if instance is not None:
            if edge.out in instance.outputs:
                return instance.outputs[edge.out], "y"
            return _without(name, f"the block {node.block!r}", "output", edge.out, instance.outputs)
        kind = registry.get(node.type)
        if node.type == BLOCK_OUTPUT:
            return f"{name}: a wire ends at a block's output; inside the block none begins there."
        if kind is not None and all(port.name != edge.out for port in kind.outputs):
            return _without(name, kind.title, "output", edge.out, (port.name for port in kind.outputs))
        return path, edge.out

    def _ends(self, copy: Copy, level: Document | Block, edge: Edge) -> tuple[bool, list[tuple[str, str]]] | str:
        """The flat inputs that a wire ends at, and whether they take several; or why it cannot end there."""
        path = copy.prefix + edge.to
        node = level.nodes[edge.to]
        name = label(edge.to, node)
        instance = self.instances.get(path)
        if instance is not None:
            if edge.into in instance.inputs:
                return False, [(inner, "x") for inner in instance.inputs[edge.into]]
            return _without(name, f"the block {node.block!r}", "input", edge.into, instance.inputs)
        kind = registry.get(node.type)
        if kind is None:
            return True, [(path, edge.into)]
        if node.type == BLOCK_INPUT and copy.block:
            return f"{name}: a wire begins at a block's input; inside the block none ends there."
        port = next((port for port in kind.inputs if port.name == edge.into), None)
        if port is None:
            return _without(name, kind.title, "input", edge.into, (port.name for port in kind.inputs))
        return port.many, [(path, edge.into)]

    def _extra(self, copy: Copy, level: Document | Block, id: str, edge: Edge, port: str, first: Wire) -> None:
        name = label(edge.to, level.nodes[edge.to])
        origin = level.nodes.get(level.edges[first.edge].source) if first.edge in level.edges else None
        held = f" from {label(level.edges[first.edge].source, origin)}" if origin is not None else ""
        self.complaints.append(
            Complaint(
                EXTRA_WIRE,
                f"{name}: its input {port!r} takes one wire and already has one{held}. "
                f"Received a second from {label(edge.source, level.nodes[edge.source])}.",
                copy.prefix + edge.to,
                copy.block,
                edge.to,
                id,
                port=port,
                hint="Remove one of the wires, or join them with Add or Concat.",
            )
        )

    def _silence(self, block: str, edge: str, *paths: str) -> None:
        silenced = self.refused.setdefault((block, edge), set())
        for path in paths:
            instance = self.instances.get(path)
            if instance is None:
                silenced.add(path)
            else:
                silenced.update(inner for inners in instance.inputs.values() for inner in inners)
                silenced.update(instance.outputs.values())

    @property
    def silenced(self) -> frozenset[str]:
        """Nodes with a refused wire."""
        return frozenset[str]().union(*self.refused.values())

    def _complain(self, copy: Copy, id: str, code: str, message: str, **more: Any) -> None:
        self.complaints.append(Complaint(code, message, copy.prefix + id, copy.block, id, **more))

    # --- the whole -----

    def _drop_empty_optional_inputs(self) -> None:
        """Takes out block inputs that may stay empty and do, with the wires that begin there, so that what is behind
        them is empty too: a mask that an instance leaves open, through any number of levels."""
        empty = deque(
            path for path, flat in self.nodes.items() if may_stay_empty(flat) and not self.wires.get(path, {}).get("x")
        )
        if not empty:
            return
        self.dropped = True
        behind: dict[str, list[tuple[str, str]]] = {}
        for path, by_port in self.wires.items():
            for port, wires in by_port.items():
                for wire in wires:
                    behind.setdefault(wire.source, []).append((path, port))
        while empty:
            gone = empty.popleft()
            del self.nodes[gone]
            for path, port in behind.get(gone, ()):
                left = [wire for wire in self.wires[path][port] if wire.source != gone]
                if left:
                    self.wires[path][port] = left
                    continue
                del self.wires[path][port]
                flat = self.nodes.get(path)
                if flat is not None and may_stay_empty(flat):
                    empty.append(path)


def may_stay_empty(flat: FlatNode) -> bool:
    """Whether it is a block's input that nothing need arrive at."""
    if flat.node.type != BLOCK_INPUT or isinstance(flat.layer, StateInput):
        return False  # a state begins with zeros where nothing arrives
    return flat.layer is not None and bool(getattr(flat.layer, "optional", False))


def _set(copy: Copy, level: Document | Block, id: str) -> Node:
    """A node with the fields that the instance sets."""
    node, set_here = level.nodes[id], copy.fields.get(id)
    return node.model_copy(update={"fields": {**node.fields, **set_here}}) if set_here else node


@lru_cache(maxsize=4096)
def _timed(layer: BlockPort, cut: bool, state: bool, mask: bool) -> BlockPort:
    """A block's port as it is where the block runs over time."""
    kind: type[BlockPort] = StateInput if state else MaskInput if mask else CutInput if cut else SameInput
    if layer.type == BLOCK_OUTPUT:
        kind = StepOutput
    return kind(**dict(layer))


def _freeze_shared(nodes: dict[str, FlatNode]) -> None:
    """What is shared with a frozen node is frozen."""
    frozen = {flat.weights for flat in nodes.values() if flat.weights and not flat.trainable}
    if frozen:
        for path, flat in nodes.items():
            if flat.trainable and flat.weights in frozen:
                nodes[path] = flat._replace(trainable=False)


@lru_cache(maxsize=1024)
def _plain_ports(type: str) -> tuple[frozenset[str], dict[str, bool]]:
    """Names of a layer's outputs, and of its inputs with whether they take several wires; empty for whatever needs a
    closer look: instances, a block's ports, types that are not known."""
    kind = registry.get(type)
    if kind is None or type in (BLOCK_INPUT, BLOCK_OUTPUT):
        return frozenset(), {}
    return frozenset(port.name for port in kind.outputs), {port.name: port.many for port in kind.inputs}


def _without(name: str, what: str, side: str, port: str, there: Iterable[str]) -> str:
    return f"{name}: {what} has no {side} {port!r}; it has: {listed(there) or 'none'}."
