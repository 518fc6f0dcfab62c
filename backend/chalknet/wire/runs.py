"""Runs: how they go, what is told of them, what they may be told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter

from chalknet.graph.problems import Problem
from chalknet.wire.base import MOST_STEP, NOW, Message

# --- files that more than one process reads -----------------------------------------------------------------------

CHECKPOINT = "checkpoint.safetensors"
"""The newest state."""
KEPT = "kept"
"""Folder of the states that are kept besides."""
START, START_ABOUT = "start.safetensors", "start.json"
"""A state of another run that this one begins with; {keep, document: the board that it was made of}."""


def kept_file(step: int) -> str:
    return f"{KEPT}/{step:015}.safetensors"


# --- runs ---------------------------------------------------------------------------------------------------------

RunState = Literal["queued", "preparing", "running", "paused", "resuming", "finished", "stopped", "failed"]
ENDED: frozenset[RunState] = frozenset({"finished", "stopped", "failed"})

Series = Annotated[str, Field(max_length=160)]
"""``train.loss`` · ``validation.loss`` · ``validation.accuracy`` · ``test.accuracy`` · ``rate`` ·
``updates_per_second``; with several losses also ``train.loss.<node>``."""


Dial = Literal["decay", "l1", "l2", "dropout", "augment"]
"""What can be set otherwise while a run lasts, besides the learning rate."""


class Origin(Message):
    """What a run began with: another one's weights."""

    run: str
    board: str
    title: str = ""
    step: int = 0
    keep: Literal["state", "weights"] = "state"


class StartFrom(Message):
    """Another run's state to begin with. ``state``: its step, its optimizer and its curve go on as far as they fit;
    ``weights``: only those are taken over. ``graph``: train the board as it is now, or the one that that run trained,
    with this board's recipe."""

    run: Annotated[str, Field(max_length=64)]
    step: Annotated[int, Field(ge=-1, le=MOST_STEP)] = NOW
    keep: Literal["state", "weights"] = "state"
    graph: Literal["board", "run"] = "board"


class RunSummary(Message):
    """A run as a list shows it."""

    id: str
    board: str
    title: str = ""
    state: RunState = "queued"
    position: int = 0
    """Place in the queue, 1 is next; 0 when not queued."""
    message: str = ""
    """What a person should know of the state: what is prepared, why it failed."""
    step: int = 0
    steps: int = 0
    epoch: float = 0
    epochs: int = 0
    seconds: float = 0
    """Time spent training."""
    rate: float = 0
    """Current learning rate of the first phase."""
    dials: dict[Dial, float] = {}
    """What can be set otherwise while the run lasts, as it stands."""
    seed: int = 0
    hash: str = ""
    restarts: int = 0
    """How often the worker died and came back from a checkpoint."""
    metrics: dict[str, float] = {}
    """The latest value of every series."""
    created: float = 0
    """Seconds since 1970."""
    origin: Origin | None = None


class RunRow(Message):
    """A run beside the others of its board."""

    run: RunSummary
    note: str = ""
    star: bool = False
    sweep: str = ""
    """The sweep that started it, and which of its settings it has."""
    place: int = 0
    parameters: int = 0
    macs: int = 0
    """Of one sample, forwards; 0 where it is not known."""
    least: dict[Series, float] = {}
    most: dict[Series, float] = {}
    """Of every series over the whole run."""
    settings: dict[str, JsonValue] = {}
    """What it was trained with, of what differs between the runs, by its path in the document."""


class Opening(Message):
    """The test samples of a board were opened for a run."""

    run: str
    opened: float
    """Seconds since 1970."""
    trained: str
    """What the run trained: equal for equal boards, whatever their seed."""


class Curve(Message):
    """Values at one moment of a run."""

    step: int
    epoch: float
    seconds: float
    values: dict[Series, float]


class RunEvent(Message):
    run: str = ""
    seq: int = 0
    """Given by the server: grows by one with every event of a run."""


class State(RunEvent):
    """The run's state or progress changed."""

    event: Literal["state"] = "state"
    state: RunState
    position: int = 0
    message: str = ""
    step: int = 0
    steps: int = 0
    epoch: float = 0
    epochs: int = 0
    seconds: float = 0
    rate: float = 0
    dials: dict[Dial, float] = {}
    restarts: int = 0


class Metrics(RunEvent):
    event: Literal["metrics"] = "metrics"
    points: list[Curve]


class Rewound(RunEvent):
    """The run came back from a checkpoint: whatever was told of later steps is void."""

    event: Literal["rewound"] = "rewound"
    step: int


class Noted(RunEvent):
    """A mark on the curve: the rate was changed by hand, the worker came back."""

    event: Literal["noted"] = "noted"
    step: int
    text: str


class Failed(RunEvent):
    """The run cannot go on: NaN at a node, out of memory, a board with problems."""

    event: Literal["failed"] = "failed"
    problem: Problem


class End(RunEvent):
    """The last event of a run."""

    event: Literal["end"] = "end"
    state: RunState = "finished"
    metrics: dict[str, float] = {}


class Checkpointed(RunEvent):
    """A checkpoint of this step is safe on disk (between worker and server)."""

    event: Literal["checkpointed"] = "checkpointed"
    step: int


class Checkpoint(Message):
    """A state of a run that is kept besides the newest: it can be looked at, and trained from."""

    step: int
    epoch: float
    seconds: float
    loss: float | None = None
    """The validation loss, where it was computed at this very step."""


class Kept(RunEvent):
    """Which states of the run are kept, in the order of their steps: of its whole life, thinned as it goes on. The
    first, the newest told of, and the one with the least validation loss are among them."""

    event: Literal["kept"] = "kept"
    checkpoints: list[Checkpoint]


class Misfit(Message):
    """A node whose weights cannot be taken over: it is of another ``type`` there, or a ``tensor`` has another shape,
    or is only in one of the two."""

    node: str
    type: str = ""
    tensor: str = ""
    here: list[int] | None = None
    there: list[int] | None = None


class Transfer(Message):
    """Which of another run's weights fit a board: paths of nodes. ``fitted`` have them, ``other`` are there too but
    differ, ``new`` are not there; those begin with first weights. ``unused`` are there only. ``state``: phases whose
    optimizer goes on with its state; ``anew``: those that begin without."""

    step: int = 0
    """Where the run goes on."""
    fitted: list[str] = []
    other: list[Misfit] = []
    new: list[str] = []
    unused: list[str] = []
    state: list[str] = []
    anew: list[str] = []


class Transferred(RunEvent):
    """The run began with another one's weights."""

    event: Literal["transferred"] = "transferred"
    report: Transfer


class Snapshot(RunEvent):
    """The first message on a run's socket: all that happened up to ``seq``."""

    event: Literal["snapshot"] = "snapshot"
    summary: RunSummary
    points: list[Curve] = []
    notes: list[Noted] = []
    kept: list[Checkpoint] = []
    transfer: Transfer | None = None
    problem: Problem | None = None


RunMessage = Annotated[
    State | Metrics | Rewound | Noted | Failed | End | Checkpointed | Kept | Transferred | Snapshot,
    Field(discriminator="event"),
]
run_message: TypeAdapter[RunMessage] = TypeAdapter(RunMessage)


class Subscription(Message):
    """What a watcher wants to see. ``node`` is a path; ``samples`` index the run's fixed validation samples."""

    view: Annotated[str, Field(max_length=32)]
    node: Annotated[str, Field(max_length=400)]
    port: Annotated[str, Field(max_length=64)] = ""
    samples: Annotated[list[Annotated[int, Field(ge=0, lt=4096)]], Field(max_length=64)] = [0]
    size: Annotated[int, Field(ge=0, le=256)] = 0
    """Resolution asked for: side of a plane's grid, most channels of maps; 0 leaves it to the view."""
    rate: Annotated[float, Field(gt=0, le=30)] = 5
    """Frames a second, at most."""
    at: Annotated[int, Field(ge=-1, le=MOST_STEP)] = NOW
    """Step of the kept checkpoint that it looks at; −1: the run as it is now, or as it ended."""

    @property
    def key(self) -> str:
        """Frames of equal keys replace each other."""
        at = "" if self.at == NOW else f"|{self.at}"
        return f"{self.view}|{self.node}|{self.port}|{','.join(map(str, self.samples))}|{self.size}{at}"


class Watch(Message):
    """Replaces everything this watcher was subscribed to."""

    command: Literal["watch"] = "watch"
    views: Annotated[list[Subscription], Field(max_length=200)]


class Pause(Message):
    command: Literal["pause"] = "pause"


class Resume(Message):
    command: Literal["resume"] = "resume"


StepPart = Literal["whole", "forward", "backward", "update"]


class Step(Message):
    """On to the end of this part of a step (``whole``: of the step), then pause. A part that is done already is that of
    the next step."""

    command: Literal["step"] = "step"
    part: StepPart = "whole"


class Stop(Message):
    command: Literal["stop"] = "stop"


class Rate(Message):
    """A new base learning rate; the schedule goes on from there."""

    command: Literal["rate"] = "rate"
    value: Annotated[float, Field(gt=0, le=1000)]
    phase: Annotated[str, Field(max_length=64)] = ""
    """Empty: every phase."""


class Turn(Message):
    """Another setting from the next step on: of weight decay, a penalty, or the share that dropout drops."""

    command: Literal["turn"] = "turn"
    dial: Dial
    value: Annotated[float, Field(ge=0, le=10)]
    of: Annotated[str, Field(max_length=400)] = ""
    """The phase, or of dropout the node's path; empty: every one."""


RunCommand = Annotated[Watch | Pause | Resume | Step | Stop | Rate | Turn, Field(discriminator="command")]
run_command: TypeAdapter[RunCommand] = TypeAdapter(RunCommand)
