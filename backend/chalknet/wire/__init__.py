"""Every event and command that crosses a process or a socket, in one place, with one version.

JSON messages are closed unions, told apart by ``event`` (from the server or a worker) or ``command`` (to them).
Pictures are binary frames: ``u32 little-endian header length | JSON header padded with spaces to a multiple of 8 |
raw bytes``; the header's length counts the padding, so with the four bytes of the length and four zero bytes before
the header the payload is aligned to 8. The browser's types are generated from this file.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, TypeAdapter, model_validator

from chalknet.graph.facts import Fit as Fit  # part of the wire: the answer of POST /api/fits is a list of them
from chalknet.graph.facts import MacsByKind, Memory, NodeFacts
from chalknet.graph.problems import Problem as Problem

VERSION = 1
NOW = -1
"""In place of a checkpoint's step: the newest state that there is."""
MOST_STEP = 2**53


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True)


# --- files of a run that more than one process reads ----------------------------------------------------------------

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


# --- questions ----------------------------------------------------------------------------------------------------


class Weights(Message):
    """The learned numbers of one node. The answer's arrays are its tensors by name, float32; ``about`` {shapes}."""

    question: Literal["weights"] = "weights"
    node: Annotated[str, Field(max_length=400)]


class Trained(Message):
    """What a network sees of a data node while it trains: some training samples as they are, and augmented and scaled.

    The answer's arrays: ``plain`` and ``seen`` uint8 [n,C,H,W], each picture with the scale of its kind, and ``boxes``
    float32 [n,N,5] of what is seen, where there are any; or ``plain`` and ``seen`` float32 [n,D]. ``labels`` int32 [n]
    where each has a class. ``about`` {classes, parts}: how many samples each part of the data has.
    """

    question: Literal["trained"] = "trained"
    node: Annotated[str, Field(max_length=400)]
    draw: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Another number shows the same samples changed in another way."""


class Sampled(Message):
    """What is asked of one sample: of one of the fixed samples, or of one's own."""

    node: Annotated[str, Field(max_length=400)]
    """The data node."""
    sample: Annotated[int, Field(ge=0, lt=4096)] = 0
    picture: Annotated[str, Field(max_length=3 * 2**20)] = ""
    """One's own picture: bytes [C,H,W] in base64, 0 the darkest that the data hold, 255 the lightest."""
    numbers: Annotated[list[float], Field(max_length=65_536)] = []
    """One's own row of numbers, or of tokens."""


class Predict(Sampled):
    """What a network says of a sample, and why.

    The answer's arrays: ``scores`` float32 [K] as they go into the loss, ``shares`` float32 [K] where they are of
    classes; the sample, as ``image`` uint8 [C,H,W], ``row`` float32 [D] or ``tokens`` int32 [T]; for ``why`` also
    ``map`` float32, [H,W] of a picture (of Grad-CAM and of occlusion as coarse as it is), [D] of a row; and for each of
    ``views`` its frame as bytes, uint8, by its key. ``about`` {kind: classes | numbers, names, winner, target, of, why,
    sample: kind of sample, columns or tokens: what its numbers are called, and of relevance: score, sum, absorbed; of
    Grad-CAM: layer, layers: those with maps}.

    Where the answer is a class at each place of a sequence (kind: steps): ``winners`` int32 [T], ``shares`` float32 [T]
    of the winners, ``targets`` int32 [T] of a fixed sample, and ``counted`` int32 [T], 0 where the loss is masked.

    ``about`` also says which nodes on the way drop something while training: {drops}. With ``passes``, ``passes``
    float32 [n, k] are the shares, or the numbers, of every pass, for the k places {drawn}: all, or of many those with
    the largest mean; ``mean`` and ``spread`` float32 [K] are mean and standard deviation of all places, and of classes
    {entropy, entropy_each} the entropy of the mean and the mean of every pass's own, in nats. With ``mirror``,
    ``shares`` (of numbers ``scores``) are the mean with those of the mirror image, and ``alone`` float32 [2, K] those
    of the picture and of its mirror image.
    """

    question: Literal["predict"] = "predict"
    why: Literal["", "saliency", "grad_cam", "relevance", "occlusion"] = ""
    of: Annotated[int, Field(ge=-1, lt=100_000)] = -1
    """The class, or the number, that is explained; −1: the one that wins. Of yes (1) or no (0) there is one score: it
    speaks for yes, its opposite for no."""
    layer: Annotated[str, Field(max_length=400)] = ""
    """For Grad-CAM, the node whose maps are weighed; empty: the last one with maps."""
    passes: Annotated[int, Field(ge=0, le=1000)] = 0
    """How often it is asked with dropout on."""
    draw: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Another number drops others."""
    mirror: bool = False
    """The mean of the answers to a picture and to its mirror image."""
    views: Annotated[list[Subscription], Field(max_length=64)] = []
    """What of the way through the network is shown too; their samples count for nothing."""


MOST_VALUES = 2**22
"""Numbers of one tensor that an answer carries."""


class Values(Sampled):
    """All that leaves a node for a sample.

    The answer's arrays: ``values`` float32, or int32 of indices and of yes and no, in the tensor's own shape without
    the batch. ``about`` {port, ports: all that the node has, axes: names, element, least, most, mean, deviation: of the
    finite ones, odd: how many are not finite}.
    """

    question: Literal["values"] = "values"
    of: Annotated[str, Field(max_length=400)]
    """The node that is looked at."""
    port: Annotated[str, Field(max_length=64)] = ""


class Differences(Message):
    """A layer's gradient beside centred differences of the loss (T-013): (L(w + ε) − L(w − ε)) / 2ε for a few weights.

    The answer has no arrays. ``about`` {loss, samples: how many of the fixed ones, step: ε, rows: [{parameter, place,
    value, gradient, difference, error: |a − b| / (|a| + |b|)}]}.
    """

    question: Literal["differences"] = "differences"
    node: Annotated[str, Field(max_length=400)]
    count: Annotated[int, Field(ge=1, le=64)] = 8
    """Weights that are checked."""


class Excites(Message):
    """What excites a unit of a node most (V-019): the fixed samples in which it is excited most, and a sample made for
    it.

    The answer's arrays, n samples in order, the strongest first: ``samples`` int32 [n], ``activations`` float32 [n],
    ``units`` int32 [n,2]: row and column of the unit that is, ``patches`` int32 [n,4]: top, left, height, width of all
    that it sees; the samples, as ``images`` uint8 [n,C,H,W], ``rows`` float32 [n,D] or ``tokens`` int32 [n,T];
    ``labels`` int32 [n] where they have a class. Of the made one ``course`` float32: the activation from step to step,
    ``input`` float32 as the network was given it, and ``made``, uint8 [C,H,W] or float32 [D], as the data are.
    ``about`` {channels: how many there are, of: all samples, looked: how many were looked at, steps, decay, blur, seed,
    begun: noise | sample | nothing, reached, unit, patch, sample: kind of sample, columns, tokens, classes}.
    """

    question: Literal["excites"] = "excites"
    node: Annotated[str, Field(max_length=400)]
    port: Annotated[str, Field(max_length=64)] = ""
    channel: Annotated[int, Field(ge=0, lt=1_000_000)] = 0


Part = Literal["validation", "test"]
"""Samples that a network is judged by. Those of the test are answered of only where they were opened."""


class _OfPart(Message):
    """Of all samples of a part, as a loss sees them. Every answer's ``about`` holds {loss, losses: all of the board,
    kind: classes | numbers | loss, count: samples, mean: of their losses}."""

    part: Part = "validation"
    loss: Annotated[str, Field(max_length=400)] = ""
    """The loss's path; empty: the first."""


class Judge(_OfPart):
    """How good a network is on a whole part (C-055, C-058, V-016).

    Of classes: ``counts`` int32 [K,K], rows the truth, columns the answer, where there are not too many; ``table``
    float32 [K,4]: precision, recall, F1, support, 0 where a quotient has no divisor; ``about`` {classes, accuracy: of
    all places, right: share of samples without a mistake, wrong: how many have one, places, averages: {macro, micro,
    weighted}: each [precision, recall, F1]}. Of numbers: ``table`` float32 [D,3]: RMSE, MAE, R² of each, which is
    NaN where its targets are all alike; ``samples``
    int32 [n], ``truth`` and ``answer`` float32 [n]: some of them to be drawn, of output ``drawn``; ``about`` {columns,
    rmse, mae, r2, outputs: D}, R² their mean, None where one has none.
    """

    question: Literal["judge"] = "judge"
    learned: bool = False
    """Of the samples that it learned from, as they are, in place of the part's: what is avoidable of its error is told
    apart from what is variance (M-004)."""
    drawn: Annotated[int, Field(ge=0, lt=100_000)] = 0


MOST_CASES, MOST_BARE = 60, 1000


class Cases(_OfPart):
    """Samples of a part with what the network says of them, page by page (V-015, V-016).

    ``samples`` int32 [n] their numbers, ``losses`` float32 [n], ``wrong`` int32 [n] (0 or 1); of classes ``truth`` and
    ``answer`` int32 [n,P] at each place, −1 where it does not count, ``confidence`` float32 [n]: the share of the
    answer, at its least sure place; of numbers ``truth`` and ``answer`` float32 [n,P]; and the samples, as ``images``
    uint8 [n,C,H,W], ``rows`` float32 [n,D] or ``tokens`` int32 [n,T]. ``about`` {total: how many there are to page
    through, sample: kind of sample, names: of the classes, columns, tokens}.
    """

    question: Literal["cases"] = "cases"
    order: Literal["worst", "best", "number"] = "worst"
    """By their loss, or as they lie."""
    wrong: bool = False
    """Only those with a mistake; of numbers every one has."""
    truth: Annotated[int, Field(ge=-1, lt=100_000)] = -1
    answer: Annotated[int, Field(ge=-1, lt=100_000)] = -1
    """Only those of this class, and taken for that one, at one place at least; −1: any."""
    among: Annotated[list[Annotated[int, Field(ge=0, lt=2**31)]], Field(max_length=5000)] | None = None
    """Only these."""
    first: Annotated[int, Field(ge=0, lt=2**31)] = 0
    count: Annotated[int, Field(ge=1, le=MOST_BARE)] = 12
    bare: bool = False
    """Without the samples themselves."""

    @model_validator(mode="after")
    def _a_page(self) -> Cases:
        if not self.bare and self.count > MOST_CASES:
            raise ValueError(f"at most {MOST_CASES} samples are shown at once")
        return self


Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
"""What a person calls a mistake."""


class Tally(_OfPart):
    """How much each kind of mistake matters (M-008). ``about`` {now: share of samples without a mistake, of numbers the
    RMSE, else the mean loss; wrong, tags: {tag: {count: tagged samples, wrong: those of them with a mistake, share: of
    all mistakes, of numbers of the squared error, else of the loss; ceiling: what ``now`` would be without these}}}."""

    question: Literal["tally"] = "tally"
    tags: Annotated[
        dict[Tag, Annotated[list[Annotated[int, Field(ge=0, lt=2**31)]], Field(max_length=5000)]],
        Field(max_length=100),
    ]


class Tagged(Message):
    """What a person calls what is wrong with a sample."""

    sample: Annotated[int, Field(ge=0, lt=2**31)]
    tags: Annotated[list[Tag], Field(max_length=10)]


Question = Annotated[
    Weights | Trained | Predict | Values | Differences | Excites | Judge | Cases | Tally,
    Field(discriminator="question"),
]
"""What can be asked once of a run, at any of its kept checkpoints, or of a board that was never trained. ``Answer``
says how it is answered; one file in ``training/answers/`` answers a question."""


MOST_TOGETHER = 16
"""Runs that are asked together."""


class Looks(Message):
    """Draw these views, of whichever checkpoints they look at: asked for whoever watches a run that has ended."""

    question: Literal["looks"] = "looks"
    views: list[Subscription]


class Fitting(Message):
    """Which weights of a checkpoint fit the board that is asked. ``about`` is a ``Transfer``."""

    question: Literal["fitting"] = "fitting"
    document: str
    """The board that the checkpoint was made of, as JSON."""
    keep: Literal["state", "weights"]


class Testing(Message):
    """How good the network is on its test samples. ``about`` {values: by series, means: [{values, text}] of several
    answers as one}."""

    question: Literal["testing"] = "testing"


class Member(Message):
    """A run as a process opens it: what a person calls it, the board that it trained as JSON, its folder."""

    name: str
    document: str
    directory: str


class Together(Message):
    """What several runs say of the same samples, each alone and all together: the mean of their shares, or of their
    numbers, and the vote. Asked by the server for a person, who names runs (``POST /api/boards/{board}/together``).

    ``about`` {kind: classes | numbers, names: of the members, count, of: how many samples were asked about, and how
    many there are, samples: the places of the n most disputed ones}. Of classes {classes, alone, mean, vote:
    accuracies, loss_alone, loss_mean: cross-entropies where there are shares, differ: samples that not all name the
    same class for, differ_right: those of them that the mean is right about, none_right}, and arrays ``answers`` int32
    [M, n], ``means``, ``votes``, ``targets`` int32 [n], ``apart`` float32 [M, M]: the share of the samples that two
    differ about. Of numbers {alone, mean: roots of the mean squared error, spread: root of the members' mean variance,
    so that mean² = mean of alone² − spread², width}, and ``answers``, ``means``, ``targets`` float32. ``images`` uint8
    [n, C, H, W] or ``rows`` float32 [n, D]: the n samples.
    """

    question: Literal["together"] = "together"
    members: Annotated[list[Member], Field(min_length=2, max_length=MOST_TOGETHER)]
    part: Part = "validation"


Asked = Annotated[
    Weights
    | Trained
    | Predict
    | Values
    | Differences
    | Excites
    | Judge
    | Cases
    | Tally
    | Looks
    | Fitting
    | Testing
    | Together,
    Field(discriminator="question"),
]
"""What a process is asked: by a person, or for those who watch."""


class Ask(Message):
    """A question to a process: to one that trains, between two of its steps, or to one that has opened a run, or a
    board, only to answer."""

    command: Literal["ask"] = "ask"
    id: int
    """Comes back with the answer."""
    question: Asked
    at: Annotated[int, Field(ge=-1, le=MOST_STEP)] = NOW


WorkerCommand = Annotated[Watch | Pause | Resume | Step | Stop | Rate | Turn | Ask, Field(discriminator="command")]
worker_command: TypeAdapter[WorkerCommand] = TypeAdapter(WorkerCommand)


# --- pictures -----------------------------------------------------------------------------------------------------


class Array(Message):
    """One array in a frame's payload. ``lo``, ``hi``: what 0 and 255 of a uint8 stand for, one for all or one a
    leading index."""

    name: str
    dtype: Literal["uint8", "int32", "float32"]
    shape: list[int]
    offset: int = 0
    lo: list[float] = []
    hi: list[float] = []


class FrameHeader(RunEvent):
    """Header of a binary frame."""

    event: Literal["view"] = "view"
    key: str
    view: str
    node: str
    port: str = ""
    samples: list[int] = []
    step: int = 0
    epoch: float = 0
    arrays: list[Array] = []
    about: dict[str, JsonValue] = {}
    """What the view needs besides arrays: class names, tokens, titles."""


class Answer(Message):
    """Header of the answer to a question: a binary frame too, with whatever arrays belong to it."""

    event: Literal["answer"] = "answer"
    question: str = ""
    """The kind of question."""
    step: int = 0
    """After how many updates the weights were as they are looked at here."""
    arrays: list[Array] = []
    about: dict[str, JsonValue] = {}
    problem: Problem | None = None
    """Why there is no answer."""


def pack(header: FrameHeader | Answer, arrays: Mapping[str, bytes]) -> bytes:
    """A binary frame; offsets are filled in. Every array starts at a multiple of 8."""
    offset, chunks, placed = 0, [], []
    for array in header.arrays:
        raw = arrays[array.name]
        padding = -len(raw) % 8
        placed.append(array.model_copy(update={"offset": offset}))
        chunks += [raw, b"\0" * padding]
        offset += len(raw) + padding
    text = header.model_copy(update={"arrays": placed}).model_dump_json().encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<II", len(text), 0), text, *chunks])


def unpack(frame: bytes) -> tuple[FrameHeader, bytes]:
    """Header and payload of a frame."""
    (length, _) = struct.unpack_from("<II", frame)
    return FrameHeader.model_validate_json(frame[8 : 8 + length]), frame[8 + length :]


def opened(frame: bytes) -> tuple[Answer, bytes]:
    """Header and payload of an answer."""
    (length, _) = struct.unpack_from("<II", frame)
    return Answer.model_validate_json(frame[8 : 8 + length]), frame[8 + length :]


def stamped(frame: bytes, run: str, seq: int) -> bytes:
    """The same frame with ``run`` and ``seq`` set; the payload is not copied into objects."""
    (length, _) = struct.unpack_from("<II", frame)
    header: dict[str, Any] = json.loads(frame[8 : 8 + length])
    header["run"], header["seq"] = run, seq
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<II", len(text), 0), text, memoryview(frame)[8 + length :]])


# --- boards -------------------------------------------------------------------------------------------------------

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


# --- what the palette is drawn from -------------------------------------------------------------------------------


class FieldInfo(Message):
    """One field of a layer's form."""

    name: str
    title: str
    kind: Literal["int", "float", "bool", "choice", "text", "lines", "size", "forms"]
    """``size``: one number, or a pair (height, width); may also offer ``choices`` such as ``same``. ``forms``: a map of
    forms, each with its ``type`` (one of ``choices``), its ``order`` and its fields; they are in
    ``Catalogue.augmentations``."""
    default: JsonValue = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: list[str] = []
    labels: list[str] = []
    """A readable name for every choice, in order; empty: the choices themselves."""
    unit: str = ""
    help: str = ""


class PortInfo(Message):
    name: str
    title: str
    many: bool = False
    optional: bool = False
    spare: bool = False
    """An output that is computed only where a wire begins at it."""


class ExampleInfo(Message):
    """A small case worked by hand: numbers without the batch, by port and by parameter name."""

    says: str
    inputs: dict[str, JsonValue]
    outputs: dict[str, JsonValue]
    fields: dict[str, JsonValue] = {}
    weights: dict[str, JsonValue] = {}


class CountsInfo(Message):
    """What a layer with its usual fields makes of a usual input, and what that costs for one sample."""

    inputs: dict[str, str]
    outputs: dict[str, str]
    parameters: dict[str, list[int]] = {}
    """Shapes of the trainable tensors."""
    macs: int = 0
    operations: int = 0
    numbers: str = ""


class CurveInfo(Message):
    """An activation drawn: ``y`` and ``slope`` (f′) at every ``x``. ``saturated``: the tails where hardly any gradient
    passes, each (from, to), None where it goes on for ever."""

    x: list[float]
    y: list[float]
    slope: list[float]
    saturated: list[tuple[float | None, float | None]] = []


class RatesInfo(Message):
    """A phase's learning rate over a run that has not begun: ``rates`` at each of ``at`` (updates from 0), of about
    ``steps`` updates in all, 0 where there is no data yet."""

    steps: int
    at: list[int]
    rates: list[float]


class LayerInfo(Message):
    """A layer as palette, inspector and reference show it."""

    type: str
    title: str
    family: str
    sentence: str
    formula: str
    icon: str
    aliases: list[str] = []
    purposes: list[str] = []
    fields: list[FieldInfo] = []
    inputs: list[PortInfo] = []
    outputs: list[PortInfo] = []
    width: str | None = None
    beware: list[str] = []
    """What is often got wrong about it, set right."""
    examples: list[ExampleInfo] = []
    counts: CountsInfo | None = None
    curved: bool = False
    """One number in, one number out: its curve can be asked for."""


class FormInfo(Message):
    """An optimizer, a schedule, or an augmentation: a name and its form."""

    type: str
    title: str
    sentence: str
    formula: str = ""
    fields: list[FieldInfo] = []


class TemplateInfo(Message):
    """A block from the library: one drag inserts ``block`` and an instance of it."""

    type: str
    title: str
    sentence: str
    icon: str
    aliases: list[str] = []
    block: JsonValue
    instance: JsonValue


class FamilyInfo(Message):
    id: str
    title: str


class Catalogue(Message):
    """Answer of ``GET /api/layers``."""

    families: list[FamilyInfo]
    layers: list[LayerInfo]
    templates: list[TemplateInfo]
    optimizers: list[FormInfo]
    schedules: list[FormInfo]
    augmentations: list[FormInfo]
    recipe: list[FieldInfo]
    node: list[FieldInfo]
    """What a layer that learns has besides its own fields, by its path in the node."""


class DataSetInfo(Message):
    """A data set as a list shows it: one that somebody brought, or one that is known to the house."""

    id: str
    title: str
    kind: Literal["table", "images", "text", "arrays"]
    count: int
    """Samples; of a text, characters."""
    layer: str
    """Type of the data node that reads it, with the id in its field ``data``."""
    source: Literal["own", "built_in", "by_name"] = "own"
    mine: bool = False
    sentence: str = ""
    """Of one that is known to the house."""
    generated: bool = False
    """It was made by a rule: nobody measured it."""
    here: bool = True
    """One that is known by name has to be fetched first."""
    share: float | None = None
    """While it is fetched: how much of it is here."""
    message: str = ""
    """Why it could not be fetched."""
    bytes: int = 0
    created: float = 0
    """Seconds since 1970."""
    troubled: int = 0
    """How many rows, files or values could not be taken in."""


class GalleryCard(Message):
    """A board of the gallery, or one of one's own; ``document`` is there to draw its picture from."""

    name: str
    title: str
    section: str = ""
    """Title of the section that it stands in."""
    origin: str = ""
    """Who thought of it, and when."""
    summary: str
    tries: list[str] = []
    lesson: bool = False
    """Whether a lesson comes with it; the document holds it."""
    parameters: int
    macs: int
    data: str
    document: JsonValue
