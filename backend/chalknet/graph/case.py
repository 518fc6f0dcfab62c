"""A complaint with the board that it is about, and one thing to try against it."""

from __future__ import annotations

from dataclasses import dataclass

from chalknet.graph.complaints import (
    Complaint,
)
from chalknet.graph.document import Document
from chalknet.graph.edits import Level
from chalknet.graph.flat import FlatNode
from chalknet.graph.judge import Judged
from chalknet.graph.problems import Edit


@dataclass(frozen=True, slots=True)
class Way:
    """One thing to try."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint with the board that it is about."""

    document: Document
    judged: Judged
    complaint: Complaint
    memory: int

    @property
    def level(self) -> Level:
        return Level(self.document, self.complaint.block)

    @property
    def node(self) -> FlatNode | None:
        return self.judged.flat.nodes.get(self.complaint.path or "")
