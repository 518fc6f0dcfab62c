"""The flattened board: every block unrolled to single layers, each with the path of its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from chalknet.datasets.base import DataSource
from chalknet.graph.complaints import Complaint, label
from chalknet.graph.document import Node
from chalknet.layers.base import Inputs, Layer, Loss, TensorType, registry

NOTHING: frozenset[str] = frozenset()


class Wire(NamedTuple):
    """A wire that ends at a port. ``edge`` is its id in the edges of ``block`` (empty: the board's own), or empty for
    the link between two copies of a repeated block."""

    source: str
    out: str
    edge: str
    block: str = ""


class FlatNode(NamedTuple):
    """One layer in its place. ``block`` is the block whose nodes hold it (empty: the board's own), ``parent`` the path
    of the instance that it belongs to. ``layer`` is None where its type or its fields are wrong.

    ``weights``: nodes of equal, non-empty ``weights`` share one module. ``trainable`` is False where the node, an
    instance round it, or a node that it shares with is frozen. ``loop``: the innermost instance round it that runs
    over time.
    """

    path: str
    id: str
    block: str
    parent: str
    layer: Layer | None
    node: Node
    weights: str = ""
    trainable: bool = True
    loop: str = ""

    @property
    def label(self) -> str:
        return label(self.id, self.node)


@dataclass(frozen=True, slots=True)
class Instance:
    """A block's instance that was unrolled. ``inputs`` and ``outputs`` give the paths of its ports, in their order: all
    the inner nodes that a wire to the input ends at, and the one that a wire from the output begins at."""

    path: str
    id: str
    block: str
    parent: str
    node: Node
    copies: int
    inputs: dict[str, tuple[str, ...]]
    outputs: dict[str, str]
    loop: str = ""
    """The innermost instance round it that runs over time, not itself."""
    cut: tuple[str, ...] = ()
    """Over time: the inputs that are cut in steps; masks stand last."""
    states: Mapping[str, str] = field(default_factory=dict)
    """Over time: by input that is a state, the output that feeds it."""
    masks: tuple[str, ...] = ()
    """Over time: of those that are cut, the ones that say which steps count."""

    @property
    def over_time(self) -> bool:
        return self.node.mode == "over_time"

    @property
    def label(self) -> str:
        return label(self.id, self.node)


@dataclass(frozen=True, slots=True)
class Flat:
    """``nodes`` in topological order, the same for the same meaning; those on a cycle or behind one stand last, and in
    ``cyclic``. ``wires`` by node and port, in the order of a port that takes several. ``types`` by node and output
    port, filled by ``infer_flat``.

    ``silenced``: nodes with a refused wire, about whose other wires nothing more is said.
    """

    nodes: dict[str, FlatNode]
    wires: dict[str, dict[str, list[Wire]]]
    instances: dict[str, Instance] = field(default_factory=dict)
    cyclic: frozenset[str] = frozenset()
    silenced: frozenset[str] = frozenset()
    spares: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By node, its spare outputs that a wire begins at."""
    complaints: tuple[Complaint, ...] = ()
    types: dict[str, dict[str, TensorType]] = field(default_factory=dict)

    def inputs(self, path: str) -> Inputs:
        """The types that arrive at a node's ports. Raises KeyError where one is not known."""
        return Inputs(
            {
                port: [self.types[wire.source][wire.out] for wire in wires]
                for port, wires in self.wires.get(path, {}).items()
            },
            self.wanted(path),
        )

    def wanted(self, path: str) -> frozenset[str]:
        """A node's spare outputs that something is wired to."""
        return self.spares.get(path, NOTHING)

    def consumers(self) -> dict[str, list[str]]:
        """For every node, the nodes that its wires lead to."""
        found: dict[str, list[str]] = {path: [] for path in self.nodes}
        for path, wire in self.all_wires():
            found[wire.source].append(path)
        return found

    def all_wires(self) -> Iterator[tuple[str, Wire]]:
        """Every wire with the path of the node that it ends at."""
        for path, ports in self.wires.items():
            for wires in ports.values():
                for wire in wires:
                    yield path, wire


def is_loss(flat: FlatNode) -> bool:
    """Whether a node is a loss, also one whose fields are wrong."""
    return _is(flat.node.type, Loss)


def is_data(flat: FlatNode) -> bool:
    """Whether a node is a data source, also one whose fields are wrong."""
    return _is(flat.node.type, DataSource)


@lru_cache(maxsize=1024)
def _is(type: str, kind: type[Layer]) -> bool:
    return issubclass(registry.get(type, Layer), kind)


def spares(nodes: Mapping[str, FlatNode], wires: Mapping[str, Mapping[str, list[Wire]]]) -> dict[str, frozenset[str]]:
    """By node, its spare outputs that a wire begins at."""
    able = {path: names for path, node in nodes.items() if (names := spare_ports(node))}
    found: dict[str, frozenset[str]] = {}
    if able:
        for path, by_port in wires.items():
            for wire in (wire for at_port in by_port.values() for wire in at_port) if path in nodes else ():
                if wire.out in able.get(wire.source, ()):
                    found[wire.source] = found.get(wire.source, NOTHING) | {wire.out}
    return found


def spare_ports(node: FlatNode) -> frozenset[str]:
    """The spare outputs that a node has, wired or not."""
    return _spare(type(node.layer)) if node.layer is not None else NOTHING


@lru_cache(maxsize=1024)
def _spare(kind: type[Layer]) -> frozenset[str]:
    return frozenset(port.name for port in kind.outputs if port.spare)


def sort(
    nodes: Mapping[str, FlatNode], wires: Mapping[str, Mapping[str, list[Wire]]]
) -> tuple[list[str], frozenset[str]]:
    """Paths in topological order (Kahn), and those that have none, being on a cycle or behind one; these stand last."""
    waiting = dict.fromkeys(nodes, 0)
    after: dict[str, list[str]] = {}
    for path, by_port in wires.items():
        for at_port in by_port.values():
            waiting[path] += len(at_port)
            for wire in at_port:
                after.setdefault(wire.source, []).append(path)
    order = [path for path, count in waiting.items() if count == 0]
    for path in order:
        for follower in after.get(path, ()):
            waiting[follower] -= 1
            if waiting[follower] == 0:
                order.append(follower)
    if len(order) == len(nodes):
        return order, frozenset()
    placed = set(order)
    left = [path for path in nodes if path not in placed]
    return order + left, frozenset(left)
