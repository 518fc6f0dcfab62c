"""Where nodes went that stand out of sight at the place that they left; why they do, ``moves`` says."""

from __future__ import annotations

from typing import Any, Final

from pycrdt import Doc, Map
from pydantic import BaseModel, ConfigDict, Field, ValidationError

ROOT: Final = "moved"
KEPT: Final = 24 * 3600
"""Seconds for which an empty room keeps what is out of sight: whoever was without a connection longer edits a node that
is gone."""
MOST_TARGETS: Final = 500
"""Nodes that one may become: the copies of a repeated block."""
Scope = str
"""The board itself (empty), or a block's id."""


class Target(BaseModel):
    """Where a node went. ``x``, ``y``: by how much its card moved, in pixels. ``fields``: an instance that was taken
    apart went into its parts; which fields of this part each of its own sets (None: it is the same node)."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    scope: str = Field("", max_length=64)
    node: str = Field(max_length=64)
    x: float = 0
    y: float = 0
    fields: dict[str, list[str]] | None = None

    @property
    def place(self) -> str:
        return place(self.scope, self.node)


class Trace(BaseModel):
    """What stands in ``moved`` at a node's old place, as JSON text. ``base``: the node as it left; ``at``: when, in
    seconds since 1970 by the mover's clock."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    to: list[Target] = Field([], max_length=MOST_TARGETS)
    base: dict[str, Any] = {}
    at: float = 0


def place(scope: Scope, node: str) -> str:
    """A node's place: its id, inside a block ``block/node``; of a whole block that was taken apart ``/block``."""
    return f"{scope}/{node}" if scope else node


def split(at: str) -> tuple[Scope, str]:
    """The scope and the node of a place."""
    scope, slash, node = at.partition("/")
    return (scope, node) if slash else ("", at)


def out_of_sight(doc: Doc) -> set[str]:
    """The places whose nodes have moved on."""
    return set(doc.get(ROOT, type=Map))


def hide(value: dict[str, Any], moved: set[str]) -> None:
    """Takes nodes out of a document's JSON values that have moved on, and blocks that were taken apart."""
    blocks = value.get("blocks") or {}
    for at in moved:
        scope, node = split(at)
        if at.startswith("/"):
            blocks.pop(node, None)
            continue
        part = blocks.get(scope) if scope else value
        if isinstance(part, dict) and isinstance(part.get("nodes"), dict):
            part["nodes"].pop(node, None)


def read(text: object) -> Trace | None:
    """The trace in a text; None where there is none, or where what is said makes no sense."""
    if not isinstance(text, str):
        return None
    try:
        return Trace.model_validate_json(text)
    except ValidationError:
        return None


def is_old(trace: Trace | None, now: float) -> bool:
    """Whether what is out of sight may be deleted for good."""
    return trace is None or not 0 <= now - trace.at < KEPT
