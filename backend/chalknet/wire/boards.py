"""Boards: who one is there, what is told of one besides its shared document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from chalknet.graph.facts import MacsByKind, Memory, NodeFacts
from chalknet.graph.problems import Problem
from chalknet.wire.base import VERSION, Message
from chalknet.wire.runs import RunSummary

Role = Literal["owner", "editor", "viewer"]


class Person(Message):
    id: str
    name: str
    color: str


class BoardInfo(Message):
    id: str
    title: str
    role: Role
    link_role: Literal["editor", "viewer", "none"]
    """What anyone who opens the board's link may do."""
    created: float
    changed: float
    parameters: int = 0
    data: str = ""
    classroom: str = ""
    """The class that it was handed out in."""


class Welcome(Message):
    """The first message on a board's socket."""

    event: Literal["welcome"] = "welcome"
    version: int = VERSION
    you: Person
    board: BoardInfo
    runs: list[RunSummary] = []


class Saved(Message):
    """The first ``count`` update frames that this socket sent are on disk."""

    event: Literal["saved"] = "saved"
    count: int


class Inferred(Message):
    """Facts of the board after an edit: the nodes whose facts changed since the last one on this socket, and those
    gone."""

    event: Literal["inferred"] = "inferred"
    full: bool
    parameters: int
    trainable_parameters: int
    macs: int
    flops: int
    operations: int
    activation_bytes: int
    training_bytes: int
    macs_by_kind: MacsByKind
    memory: Memory
    narrowest: str
    """Of what arrives at the losses, the node that sees least of the picture; empty without pictures."""
    problems: list[Problem]
    seeking: bool
    """Ways out of the problems are still looked for: they come with a message of their own."""
    nodes: dict[str, NodeFacts]
    removed: list[str] = []


class BoardChanged(Message):
    """Title, role or sharing changed."""

    event: Literal["board"] = "board"
    board: BoardInfo


class Runs(Message):
    """Runs of this board that are new or changed; ids of those that were deleted. One that is had back is changed."""

    event: Literal["runs"] = "runs"
    runs: list[RunSummary] = []
    gone: list[str] = []


class Refused(Message):
    """Something that this socket sent was not done, and why."""

    event: Literal["refused"] = "refused"
    message: str


BoardMessage = Annotated[Welcome | Saved | Inferred | BoardChanged | Runs | Refused, Field(discriminator="event")]
board_message: TypeAdapter[BoardMessage] = TypeAdapter(BoardMessage)
