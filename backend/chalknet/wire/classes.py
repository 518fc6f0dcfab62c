"""What a class's pages and the server say to each other.

Over the socket of a class, JSON told apart by ``event``: first everything that this member may know
(``class_welcome``), then what changed. What a member does goes by routes; only what is light and often comes over the
socket (``command``).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from chalknet.wire.base import Message
from chalknet.wire.runs import RunState

ClassRole = Literal["teacher", "helper", "pupil"]
"""``teacher``: who opened the class; ``helper``: a second teacher, who may do all but end it and name helpers."""
Standing = Literal["in", "waiting", "removed"]
"""``waiting``: has the code, and is to be let in by hand."""
HandoutKind = Literal["own", "groups", "one"]
"""A copy for everybody, one for each group, one for all."""


class ClassMember(Message):
    id: str
    """The person's."""
    name: str
    color: str
    role: ClassRole
    standing: Standing
    joined: float
    """Seconds since 1970."""
    here: bool = False
    """Has a page of the class open now."""
    hand: float = 0
    """Since when the hand is raised, in seconds since 1970; 0: it is not."""


class Handout(Message):
    """A board that was handed out."""

    id: str
    title: str
    kind: HandoutKind
    version: int
    """1, and one more for every change that was handed out later."""
    created: float
    board: str = ""
    """This member's own copy; a teacher has none."""
    group: str = ""


class Spotlight(Message):
    """A board that stands on every screen."""

    board: str
    title: str
    by: str
    """Whose board, as it is to be called; empty: nobody is named."""


class ClassInfo(Message):
    id: str
    title: str
    role: ClassRole
    standing: Standing
    code: str = ""
    """Six characters for the wall, known to teachers."""
    code_ends: float = 0
    """Until when the code lets people in, in seconds since 1970."""
    locked: bool = False
    """Nobody new comes in, whatever they type."""
    by_hand: bool = False
    """A teacher lets everyone in one by one."""
    frozen: bool = False
    """Pupils look on; nothing on their boards changes."""
    spotlight: Spotlight | None = None
    keep_days: int = 30
    """What was made here is deleted so many days after the class was last used."""
    created: float = 0
    handouts: list[Handout] = []


Stroke = tuple[int, int, str]
"""A node in small: its upper left corner in pixels of the board, and its layer's family (empty: none is known)."""


class Card(Message):
    """A board on the wall."""

    board: str
    handout: str
    group: str = ""
    people: list[str] = []
    """Who works on it."""
    added: int = 0
    changed: int = 0
    removed: int = 0
    """Nodes, against the board as it was handed out."""
    strokes: list[Stroke] = []
    wires: list[tuple[int, int]] = []
    """From which stroke to which."""
    problems: int = 0
    parameters: int = 0
    edited: float = 0
    """Last change, in seconds since 1970; 0: none since it was handed out."""
    run: RunState | None = None
    """Of its newest run."""
    epoch: float = 0
    epochs: int = 0
    losses: list[float] = []
    """The newest run's training loss so far, at most 24 points."""
    metric: str = ""
    value: float | None = None
    """The newest run's accuracy, or what else tells how good it is."""


class ReturnCard(Message):
    """Words that let a pupil come back on another device. Shown once: what is kept is a hash."""

    name: str
    words: list[str]


class Revision(Message):
    """What became of a change that was handed out."""

    boards: int = 0
    """That have it now."""
    kept: int = 0
    """Of these, where something stayed as somebody had made it meanwhile."""
    refused: int = 0
    """That would have become too large."""


# --- from the server ------------------------------------------------------------------------------------------------


class ClassWelcome(Message):
    event: Literal["class_welcome"] = "class_welcome"
    you: str
    info: ClassInfo
    members: list[ClassMember]
    """All, for teachers; for pupils themselves, and who teaches."""


class ClassChanged(Message):
    event: Literal["class"] = "class"
    info: ClassInfo


class MembersChanged(Message):
    event: Literal["members"] = "members"
    members: list[ClassMember]
    gone: list[str] = []


class WallChanged(Message):
    event: Literal["wall"] = "wall"
    cards: list[Card] = []
    gone: list[str] = []


ClassMessage = Annotated[ClassWelcome | ClassChanged | MembersChanged | WallChanged, Field(discriminator="event")]
class_message: TypeAdapter[ClassMessage] = TypeAdapter(ClassMessage)


# --- to the server --------------------------------------------------------------------------------------------------


class RaiseHand(Message):
    command: Literal["hand"] = "hand"
    up: bool


class LookAtWall(Message):
    """A teacher's page shows the wall, or does not: nobody looking costs nothing."""

    command: Literal["wall"] = "wall"
    shown: bool


ClassCommand = Annotated[RaiseHand | LookAtWall, Field(discriminator="command")]
class_command: TypeAdapter[ClassCommand] = TypeAdapter(ClassCommand)
