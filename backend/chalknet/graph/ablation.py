"""Muted and bypassed nodes: what the rest of a board computes without them.

*Bypassed*, a node or a block passes on what arrives at its first input, under its first output. *Muted*, it gives
nothing: a layer that takes several wires (Add, Concat) or may do without one leaves the wire out, and what is left
without an input it needs gives nothing either. A loss that nothing reaches is a mistake, told at the muted node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from chalknet.graph.complaints import CANNOT_BYPASS, CANNOT_MUTE, Complaint
from chalknet.graph.flat import Flat, FlatNode, Instance, Wire, is_data, is_loss, sort, spares
from chalknet.layers.base import Layer, registry

Value = tuple[str, str]
"""What leaves a node: its path and the name of its output port."""

Why = Literal["muted", "bypassed", "starved"]


@dataclass(frozen=True, slots=True)
class Passed:
    """A bypassed node or block, what it would have put out, and what is passed on in its place."""

    part: FlatNode | Instance
    own: Value
    instead: Value


@dataclass(frozen=True, slots=True)
class Idle:
    """The part of a board that is not computed. ``flat`` holds its nodes with the wires that end at them, from live
    nodes too; ``why`` says of nodes and instances in one of three words how they came to be idle."""

    flat: Flat
    why: Mapping[str, Why] = field(default_factory=dict)
    passed: tuple[Passed, ...] = ()


def split(flat: Flat) -> tuple[Flat, Idle | None]:
    """The graph that is computed, and what stays idle (None where nothing was muted or bypassed)."""
    parts = [part for part in _parts(flat) if part.node.ablation]
    if not parts:
        return flat, None
    return _Split(flat, parts).run()


def _parts(flat: Flat) -> Iterator[FlatNode | Instance]:
    yield from flat.nodes.values()
    yield from flat.instances.values()


class _Split:
    def __init__(self, flat: Flat, parts: Iterable[FlatNode | Instance]) -> None:
        self.flat = flat
        self.parts = sorted(parts, key=lambda part: part.path.count("/"))
        self.why: dict[str, Why] = {}
        self.cause: dict[str, FlatNode | Instance] = {}
        self.given: dict[Value, Value | None] = {}
        """What stands in for an idle output; None: nothing."""
        self.passed: list[Passed] = []
        self.complaints: list[Complaint] = []
        self.unreached: set[str] = set()

    def run(self) -> tuple[Flat, Idle]:
        for part in self.parts:
            self._leave(part)
        wires = self._starve()
        live = {path: node for path, node in self.flat.nodes.items() if path not in self.why}
        instances = self._instances(live)
        led = {path: ports for path, ports in wires.items() if path in live}
        order, cyclic = sort(live, led)
        kept = replace(
            self.flat,
            nodes={path: live[path] for path in order},
            wires=led,
            spares=spares(live, led),
            instances=instances,
            cyclic=cyclic,
            complaints=(
                *(each for each in self.flat.complaints if each.path is None or each.path not in self.why),
                *self.complaints,
            ),
        )
        idle = replace(
            self.flat,
            nodes={path: node for path, node in self.flat.nodes.items() if path in self.why},
            wires={path: ports for path, ports in self.flat.wires.items() if path in self.why},
            instances={path: each for path, each in self.flat.instances.items() if path not in instances},
            complaints=(),
            types={},
        )
        return kept, Idle(idle, self.why, tuple(self.passed))

    # --- what was taken out by hand -----

    def _leave(self, part: FlatNode | Instance) -> None:
        if part.path in self.why:
            return  # inside a block that is idle as a whole
        muted = part.node.ablation == "mute"
        inputs, outputs = _border(part)
        if not muted and (not inputs or not outputs or _is_end(part)):
            what = "a loss" if isinstance(part, FlatNode) and is_loss(part) else "what has no input and output"
            self._refuse(
                CANNOT_BYPASS,
                part,
                f"it cannot be bypassed: {what} has nothing to pass on.",
                "Mute it, or make it active again.",
            )
            return
        for path in self._inside(part):
            self.why[path] = "muted" if muted else "bypassed"
            self.cause[path] = part
        self.given.update(dict.fromkeys(outputs))
        if muted:
            return
        first = outputs[0]
        arriving = self.flat.wires.get(inputs[0][0], {}).get(inputs[0][1], [])
        if arriving:
            self.given[first] = (arriving[0].source, arriving[0].out)
            self.passed.append(Passed(part, first, self.given[first] or first))

    def _inside(self, part: FlatNode | Instance) -> Iterator[str]:
        yield part.path
        if isinstance(part, Instance):
            head = part.path + "/"
            yield from (path for path in (*self.flat.nodes, *self.flat.instances) if path.startswith(head))

    # --- what follows -----

    def _resolved(self, value: Value) -> Value | None:
        """What stands in for a value, through any number of bypassed nodes; the value itself where it is live."""
        seen: set[Value] = set()
        while value in self.given and value not in seen:
            seen.add(value)
            other = self.given[value]
            if other is None:
                return None
            value = other
        return value

    def _starve(self) -> dict[str, dict[str, list[Wire]]]:
        """The wires without what is idle. Nodes that are left without an input they need become idle too."""
        wires: dict[str, dict[str, list[Wire]]] = {}
        # Nodes stand in order, so that the second turn mostly finds nothing new; past a block a wire may lead back.
        again = True
        while again:
            again = False
            for path, ports in self.flat.wires.items():
                if path in self.why or path not in self.flat.nodes:
                    continue
                wires[path], cause = self._rewired(path, ports)
                node = self.flat.nodes[path]
                if cause is None or path in self.unreached:
                    continue
                if is_loss(node):
                    self.unreached.add(path)
                    self._refuse_muting(cause, node)
                    continue
                self.why[path], self.cause[path] = "starved", cause
                self.given.update(dict.fromkeys(_border(node)[1]))
                again = True
        return wires

    def _rewired(
        self, path: str, ports: Mapping[str, list[Wire]]
    ) -> tuple[dict[str, list[Wire]], FlatNode | Instance | None]:
        """A node's wires led past what is idle; and what muted it where a port that it needs is left empty."""
        needed = {port.name for port in _kind(self.flat.nodes[path]).inputs if not port.optional}
        kept: dict[str, list[Wire]] = {}
        missing: FlatNode | Instance | None = None
        for port, at_port in ports.items():
            left_out: FlatNode | Instance | None = None
            for wire in at_port:
                value = self._resolved((wire.source, wire.out))
                if value is None:
                    left_out = left_out or self.cause.get(wire.source)
                else:
                    kept.setdefault(port, []).append(wire._replace(source=value[0], out=value[1]))
            if port not in kept and port in needed:
                missing = missing or left_out
        return kept, missing

    def _instances(self, live: Mapping[str, FlatNode]) -> dict[str, Instance]:
        holding: set[str] = set()
        for node in live.values():
            parent = node.parent
            while parent and parent not in holding:
                holding.add(parent)
                parent = self.flat.instances[parent].parent
        found = {}
        for path, instance in self.flat.instances.items():
            if path in holding:
                outputs = {port: inner for port, inner in instance.outputs.items() if inner in live}
                found[path] = replace(instance, outputs=outputs)
            else:
                self.why.setdefault(path, "starved")
        return found

    # --- words -----

    def _refuse(self, code: str, part: FlatNode | Instance, message: str, hint: str) -> None:
        self.complaints.append(
            Complaint(code, f"{part.label}: {message}", part.path, part.block, part.id, field="ablation", hint=hint)
        )

    def _refuse_muting(self, cause: FlatNode | Instance, loss: FlatNode) -> None:
        bypassed = cause.node.ablation == "bypass"
        self._refuse(
            CANNOT_MUTE,
            cause,
            f"it is {'bypassed' if bypassed else 'muted'}, so nothing is left that reaches the loss {loss.label}.",
            "Make it active again, or mute the loss as well."
            if bypassed or _is_data(cause)
            else "Bypass it, which passes on what arrives; or mute the loss as well.",
        )


def _is_data(part: FlatNode | Instance) -> bool:
    return isinstance(part, FlatNode) and is_data(part)


def _is_end(part: FlatNode | Instance) -> bool:
    return isinstance(part, FlatNode) and (is_loss(part) or is_data(part))


def _kind(node: FlatNode) -> type[Layer] | Layer:
    return node.layer if node.layer is not None else registry.get(node.node.type, Layer)


def _border(part: FlatNode | Instance) -> tuple[list[Value], list[Value]]:
    """The inputs of a node or a block, and its outputs, in their order."""
    if isinstance(part, Instance):
        inputs = [(inner[0], "x") for inner in part.inputs.values()]
        return inputs, [(inner, "y") for inner in part.outputs.values()]
    kind = _kind(part)
    return [(part.path, port.name) for port in kind.inputs], [(part.path, port.name) for port in kind.outputs]
