"""A change to a handout, brought onto boards that are worked on: what somebody made stays as they made it.

Three states of one board are laid beside each other, map by map: as it was handed out, as it is handed out now, as it
stands. Where only the teacher changed something, the change is taken over; where somebody else did, theirs stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pydantic_core
from pycrdt import Doc, Map

from chalknet.boards import binding
from chalknet.boards.moves import maps
from chalknet.boards.update import ROOTS
from chalknet.graph.document import Document

_ABSENT: Any = object()
SHARED = tuple(root for root in ROOTS if root in ("meta", "about", "nodes", "edges", "blocks", "recipe", "drawing"))


def raw(document: Document) -> dict[str, Any]:
    """A document as it stands in a shared one, root by root."""
    doc = binding.new_doc()
    binding.write(doc, document)
    return _roots(doc)


def revise(doc: Doc, before: dict[str, Any], now: dict[str, Any]) -> int:
    """Brings the change from ``before`` to ``now`` onto a shared document; how many places were left as somebody had
    made them meanwhile."""
    theirs = _roots(doc)
    merged, kept = merge(before, now, theirs)
    for part in (merged, *(block for block in merged["blocks"].values() if isinstance(block, dict))):
        for edge in _loose(part):
            del part["edges"][edge]
    with doc.transaction():
        for root in SHARED:
            _put(doc.get(root, type=Map), theirs[root], merged[root])
    return kept


def merge(before: Any, now: Any, theirs: Any) -> tuple[Any, int]:
    """(the three made one, places where theirs stayed). Absent values are told by a mark of their own."""
    if now in (before, theirs):
        return theirs, 0
    if theirs == before:
        return now, 0
    if not (isinstance(now, dict) and isinstance(theirs, dict)):
        return theirs, 1
    known = before if isinstance(before, dict) else {}
    merged: dict[str, Any] = {}
    kept = 0
    for key in {**theirs, **now}:
        value, left = merge(known.get(key, _ABSENT), now.get(key, _ABSENT), theirs.get(key, _ABSENT))
        kept += left
        if value is not _ABSENT:
            merged[key] = value
    return merged, kept


def _roots(doc: Doc) -> dict[str, Any]:
    return {root: pydantic_core.from_json(str(doc.get(root, type=Map))) for root in SHARED}


def _loose(part: dict[str, Any]) -> Iterator[str]:
    """Wires whose end is gone on one side and not on the other."""
    nodes = part.get("nodes", {})
    for id, edge in list(part.get("edges", {}).items()):
        if isinstance(edge, dict) and not {edge.get("from"), edge.get("to")} <= nodes.keys():
            yield id


def _put(target: Map, was: dict[str, Any], now: dict[str, Any]) -> None:
    """Writes only what differs, so that whoever edits at the same time loses nothing."""
    for key in was.keys() - now.keys():
        del target[key]
    for key, value in now.items():
        if key in was and was[key] == value:
            continue
        inner = target.get(key) if key in was else None
        if isinstance(value, dict) and isinstance(inner, Map):
            _put(inner, was[key], value)
        else:
            target[key] = maps(value)
