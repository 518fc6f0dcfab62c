"""A board in small, and what became of it since it was handed out: what the teacher's wall shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chalknet.graph.document import Block, Document
from chalknet.layers.base import registry
from chalknet.wire.classes import Stroke

MOST_STROKES = 120
"""Nodes that are drawn; a pupil's board has some twenty."""
ACROSS, DOWN = 260, 120
"""From one node to the next where nobody has put them anywhere."""


class Difference(NamedTuple):
    """Nodes of the board and of its blocks."""

    added: int
    changed: int
    removed: int


def difference(handed_out: Document, now: Document) -> Difference:
    """Nodes that are new, that are otherwise (their type, a field, what flows into them), that are gone."""
    before, after = dict(_nodes(handed_out)), dict(_nodes(now))
    changed = sum(after[path] != node for path, node in before.items() if path in after)
    return Difference(len(after.keys() - before.keys()), changed, len(before.keys() - after.keys()))


def _nodes(document: Document) -> Iterator[tuple[str, object]]:
    """Every node with what makes it what it is, under its place."""
    parts: list[tuple[str, Document | Block]] = [("", document)]
    parts += [(f"{id}/", block) for id, block in document.blocks.items()]
    for place, part in parts:
        into: dict[str, list[tuple[str, str, str]]] = {}
        for edge in part.edges.values():
            into.setdefault(edge.to, []).append((edge.source, edge.out, edge.into))
        for id, node in part.nodes.items():
            yield place + id, (node, sorted(into.get(id, ())))


def sketch(document: Document) -> tuple[list[Stroke], list[tuple[int, int]]]:
    """The nodes of the board's top level, and which are wired to which, by their place in that list."""
    ids = list(document.nodes)[:MOST_STROKES]
    column = _columns(document)
    rows: dict[int, int] = {}
    strokes: list[Stroke] = []
    for id in ids:
        kind = registry.get(document.nodes[id].type)
        at = document.drawing.positions.get(id)
        row = rows[column[id]] = rows.get(column[id], -1) + 1
        x, y = (at.x, at.y) if at else (column[id] * ACROSS, row * DOWN)
        strokes.append((round(_bounded(x)), round(_bounded(y)), kind.family if kind else ""))
    place = {id: index for index, id in enumerate(ids)}
    wires = {
        (place[edge.source], place[edge.to])
        for edge in document.edges.values()
        if edge.source in place and edge.to in place
    }
    return strokes, sorted(wires)


def _bounded(value: float) -> float:
    return max(-1e6, min(1e6, value))


def _columns(document: Document) -> dict[str, int]:
    """How many wires lie before a node at most; a node on a cycle stands where the cycle was entered."""
    waiting = dict.fromkeys(document.nodes, 0)
    behind: dict[str, list[str]] = {id: [] for id in document.nodes}
    for edge in document.edges.values():
        if edge.source in behind and edge.to in behind:
            behind[edge.source].append(edge.to)
            waiting[edge.to] += 1
    column = dict.fromkeys(document.nodes, 0)
    ready = [id for id, count in waiting.items() if count == 0]
    while ready:
        id = ready.pop()
        for next in behind[id]:
            column[next] = max(column[next], column[id] + 1)
            waiting[next] -= 1
            if waiting[next] == 0:
                ready.append(next)
    return column
