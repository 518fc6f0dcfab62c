"""Blocks from outside: their ports, their size, and how often an instance repeats them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from chalknet.graph.document import Block, Node

INSTANCE = "block"
BLOCK_INPUT = "block_input"
BLOCK_OUTPUT = "block_output"
OVER_TIME = "over_time"


def ports(nodes: Mapping[str, Node], type: str) -> tuple[str, ...]:
    """Names of a block's ports of one side (``block_input`` or ``block_output``), in their order."""

    def place(id: str) -> tuple[float, str]:
        order = nodes[id].fields.get("order", 0)
        return (order if isinstance(order, int | float) else 0, id)

    return tuple(sorted((id for id, node in nodes.items() if node.type == type), key=place))


def sizes(blocks: Mapping[str, Block]) -> dict[str, tuple[int, int]]:
    """For every block: how many nodes one copy is when unrolled, and how many levels deep.

    Blocks that contain themselves are left out, as are those that contain such a block.
    """
    inner = {
        name: [node for node in block.nodes.values() if node.type == INSTANCE and node.block in blocks]
        for name, block in blocks.items()
    }
    waiting = {name: len(nodes) for name, nodes in inner.items()}
    users: dict[str, list[str]] = {name: [] for name in blocks}
    for name, nodes in inner.items():
        for node in nodes:
            users[node.block].append(name)
    ready = deque(name for name, count in waiting.items() if count == 0)
    found: dict[str, tuple[int, int]] = {}
    while ready:
        name = ready.popleft()
        nodes = inner[name]
        count = len(blocks[name].nodes) - len(nodes) + sum(copies(node) * found[node.block][0] for node in nodes)
        found[name] = (count, 1 + max((found[node.block][1] for node in nodes), default=0))
        for user in users[name]:
            waiting[user] -= 1
            if waiting[user] == 0:
                ready.append(user)
    return found


def copies(node: Node) -> int:
    return node.times if node.mode == "repeat" else 1


@dataclass(frozen=True, slots=True)
class Roles:
    """What the ports of a block are where it runs over time. ``states``: by input, the output that feeds it.
    ``masks``: of those that are cut, the ones that say which steps count."""

    cut: tuple[str, ...]
    states: Mapping[str, str]
    masks: tuple[str, ...] = ()


def roles(nodes: Mapping[str, Node]) -> Roles:
    """The first input that is neither state nor mask is cut in steps, and others that say so; masks are too."""
    inputs = ports(nodes, BLOCK_INPUT)
    fed = {id: state for id in inputs if isinstance(state := nodes[id].fields.get("state", ""), str) and state}
    masks = tuple(id for id in inputs if id not in fed and nodes[id].fields.get("mask") is True)
    plain = [id for id in inputs if id not in fed and id not in masks]
    cut = tuple(id for number, id in enumerate(plain) if number == 0 or nodes[id].fields.get("cut") is True)
    return Roles((*cut, *masks), fed, masks)
