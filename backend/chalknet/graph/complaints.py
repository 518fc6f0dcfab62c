"""A problem as it is found: with what a fix needs to know, before it is put in the document's terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from chalknet.graph.document import Node
from chalknet.layers.base import Remedy, Severity

# Codes of problems that fixes or other rooms ask for by name.
CANNOT_BYPASS = "cannot_bypass"
CANNOT_MUTE = "cannot_mute"
CYCLE = "cycle"
DANGLING = "dangling"
EXTRA_WIRE = "extra_wire"
LOOSE_WIRE = "loose_wire"
MISSING_INPUT = "missing_input"
NO_DATA = "no_data"
NO_LOSS = "no_loss"
NO_SLOPE = "no_slope"
ONE_LINEAR = "one_linear"
OVER_BUDGET = "over_budget"
UNKNOWN_PORT = "unknown_port"


@dataclass(frozen=True, slots=True)
class Complaint:
    """``path`` is where it is shown; ``block`` and ``id`` where the node stands in the document (``block`` empty at the
    top); ``edge`` stands at that same level. ``port`` and ``wire`` say which input of the node it is about."""

    code: str
    message: str
    path: str | None = None
    block: str = ""
    id: str = ""
    edge: str | None = None
    field: str | None = None
    port: str | None = None
    wire: int = 0
    hint: str = ""
    severity: Severity = "error"
    remedies: tuple[Remedy, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for the complaints of two copies of a block about one and the same thing."""
        return (self.code, self.block, self.id, self.edge or "", self.field or "", self.port or "", self.message)


def label(id: str, node: Node) -> str:
    """What a message calls a node."""
    return node.name.strip() or id


def once(complaints: Iterable[Complaint]) -> list[Complaint]:
    """Without repetitions: errors, warnings, infos, each in the order found."""
    kept: dict[tuple[str, ...], Complaint] = {}
    for complaint in complaints:
        kept.setdefault(complaint.key, complaint)
    return sorted(kept.values(), key=lambda complaint: get_args(Severity).index(complaint.severity))


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names for a sentence: ``x, y, z`` and how many more there are."""
    all_of_them = list(names)
    more = len(all_of_them) - most
    return ", ".join(all_of_them[:most]) + (f" and {more:,} more" if more > 0 else "")
