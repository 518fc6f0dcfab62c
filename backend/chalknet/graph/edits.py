"""Edits of a document: applying them, and building the common ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import to_jsonable_python

from chalknet.graph.document import Block, Document, Edge, Node, Unreadable
from chalknet.graph.problems import Edit

P = TypeVar("P", bound=BaseModel)


def apply(document: Document, edits: Iterable[Edit]) -> Document:
    """A new document with the edits made, in order; what they do not touch is shared with the old one.

    Raises Unreadable where a path leads nowhere or a value does not fit there.
    """
    for edit in edits:
        if not edit.path:
            raise Unreadable("An edit names no place in the document.")
        document = _changed(document, edit.path, edit)
    return document


def _changed(part: P, path: list[str], edit: Edit) -> P:
    name = _attribute(part, path[0])
    value = getattr(part, name)
    if len(path) == 1:
        if edit.remove:
            default = type(part).model_fields[name].get_default(call_default_factory=True)
            kept = part.model_copy(update={name: default})
            kept.model_fields_set.discard(name)
            return kept
        return _assigned(part, name, edit.value, path)
    if isinstance(value, BaseModel):
        return part.model_copy(update={name: _changed(value, path[1:], edit)})
    if not isinstance(value, dict):
        raise _nowhere(path)
    items = dict(value)
    key = path[1]
    if len(path) == 2 and edit.remove:
        items.pop(key, None)
    elif len(path) == 2:
        # What is there already was checked when it came: only the entry is.
        items |= getattr(_assigned(part, name, {key: edit.value}, path), name)
    else:
        inner = items.get(key)
        if not isinstance(inner, BaseModel):
            raise _nowhere(path)
        items[key] = _changed(inner, path[2:], edit)
    return part.model_copy(update={name: items})


def _attribute(part: BaseModel, key: str) -> str:
    for name, info in type(part).model_fields.items():
        if key in (name, info.alias):
            return name
    raise Unreadable(f"An edit names {key!r}, which is no part of a document.")


def _assigned(part: P, name: str, value: Any, path: list[str]) -> P:
    changed = part.model_copy()
    try:
        type(part).__pydantic_validator__.validate_assignment(changed, name, value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise Unreadable(f"{' › '.join(path)}: {first['msg'].lower()}.") from None
    return changed


def _nowhere(path: list[str]) -> Unreadable:
    return Unreadable(f"An edit leads to {' › '.join(path)}, which is not in the document.")


# --- building edits -----


class Level:
    """The board's own nodes and edges (``block`` empty), or those of one block, and edits of them."""

    def __init__(self, document: Document, block: str = "") -> None:
        self.document = document
        self.block = block
        inside: Document | Block = document.blocks[block] if block else document
        self.nodes: Mapping[str, Node] = inside.nodes
        self.edges: Mapping[str, Edge] = inside.edges
        self.root = ["blocks", block] if block else []

    def node(self, id: str, *path: str) -> list[str]:
        """The path of a node, or of something in it."""
        return [*self.root, "nodes", id, *path]

    def edge(self, id: str, *path: str) -> list[str]:
        return [*self.root, "edges", id, *path]

    def set_node(self, id: str, type: str, fields: Mapping[str, Any], trainable: bool = True) -> Edit:
        value: dict[str, JsonValue] = {"type": type} if trainable else {"type": type, "trainable": False}
        if fields:
            value["fields"] = to_jsonable_python(dict(fields))
        return Edit(path=self.node(id), value=value)

    def set_edge(self, id: str, source: str, out: str, to: str, into: str, order: str = "") -> Edit:
        value: dict[str, JsonValue] = {"from": source, "out": out, "to": to, "in": into}
        if order:
            value["order"] = order
        return Edit(path=self.edge(id), value=value)

    def cut(self, edge: str) -> Edit:
        return Edit(path=self.edge(edge), remove=True)

    def delete(self, id: str) -> list[Edit]:
        """Deletes a node with its wires."""
        wires = [self.cut(edge) for edge, each in self.edges.items() if id in (each.source, each.to)]
        place = self.place(id)
        drawn = [Edit(path=["drawing", "positions", place], remove=True)]
        return [*wires, Edit(path=self.node(id), remove=True), *(drawn if self._drawn(place) else [])]

    def place(self, id: str) -> str:
        """A node's key in the drawing."""
        return f"{self.block}/{id}" if self.block else id

    def _drawn(self, place: str) -> bool:
        return place in self.document.drawing.positions

    def draw_along(self, ids: Sequence[str], start: str, end: str) -> list[Edit]:
        """Puts new nodes at equal distances from one to another; nothing where these are not drawn."""
        if not (self._drawn(self.place(start)) and self._drawn(self.place(end))):
            return []
        first, last = (self.document.drawing.positions[self.place(each)] for each in (start, end))
        edits = []
        for number, id in enumerate(ids, 1):
            share = number / (len(ids) + 1)
            point: JsonValue = {
                "x": round(first.x + share * (last.x - first.x), 1),
                "y": round(first.y + share * (last.y - first.y), 1),
            }
            edits.append(Edit(path=["drawing", "positions", self.place(id)], value=point))
        return edits

    def draw_between(self, id: str, *ends: str) -> list[Edit]:
        """Puts a new node midway between others; nothing where they are not drawn."""
        points = [
            self.document.drawing.positions[self.place(end)]
            for end in dict.fromkeys(ends)
            if self._drawn(self.place(end))
        ]
        if not points:
            return []
        x = round(sum(point.x for point in points) / len(points), 1)
        y = round(sum(point.y for point in points) / len(points), 1)
        return [Edit(path=["drawing", "positions", self.place(id)], value={"x": x, "y": y})]

    def draw_beside(self, id: str, end: str, dx: float) -> list[Edit]:
        """Puts a new node to the right of another (to the left for a negative distance)."""
        point = self.document.drawing.positions.get(self.place(end))
        if point is None:
            return []
        return [Edit(path=["drawing", "positions", self.place(id)], value={"x": point.x + dx, "y": point.y})]

    def new_node(self, type: str) -> str:
        """An id that no node has: ``flatten``, ``flatten2``, …"""
        return _fresh(type, self.nodes)

    def new_nodes(self, types: Iterable[str]) -> list[str]:
        """Ids of several new nodes, none of them taken."""
        made: list[str] = []
        for type in types:
            made.append(_fresh(type, [*self.nodes, *made]))
        return made

    def new_edge(self, number: int = 0) -> str:
        """An id that no edge has. ``number`` tells several new ones apart."""
        taken = set(self.edges)
        for _ in range(number):
            taken.add(_fresh("e", taken))
        return _fresh("e", taken)


def _fresh(stem: str, taken: Iterable[str]) -> str:
    taken = set(taken)
    if stem not in taken:
        return stem
    return next(name for i in range(2, len(taken) + 3) if (name := f"{stem}{i}") not in taken)
