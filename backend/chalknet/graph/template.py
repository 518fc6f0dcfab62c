"""What a library block is made of, and how one is written briefly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalknet.graph.document import Block, Edge, Exposed, Node

Field = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Template:
    """A block of the library. ``type`` is also the id that a board gives the block; ``instance`` its first instance."""

    type: str
    title: str
    sentence: str
    icon: str
    block: Block
    instance: Node
    aliases: tuple[str, ...] = ()


def node(type: str, **fields: Field) -> Node:
    return Node(type=type, fields=dict(fields))


def wired(*wires: str) -> dict[str, Edge]:
    """Wires from texts such as ``x > norm1`` or ``attention > add1 b``: from, to, and the order at a port of several.
    A port is named behind a dot where it is not the usual one."""
    edges = {}
    for number, wire in enumerate(wires):
        start, end = wire.split(" > ")
        end, _, order = end.partition(" ")
        source, _, out = start.partition(".")
        to, _, into = end.partition(".")
        edges[f"w{number:02}"] = Edge(source=source, out=out or "y", to=to, into=into or "x", order=order)
    return edges


def block(title: str, nodes: Mapping[str, Node], wires: Sequence[str], exposed: Mapping[str, Exposed]) -> Block:
    return Block(title=title, nodes=dict(nodes), edges=wired(*wires), exposed=dict(exposed))


def expose(title: str, field: str, node: str, *others: str) -> Exposed:
    return Exposed(node=node, field=field, title=title, others=list(others))
