"""Questions to a state of a run, or to several: what a network says of a sample, how well it does on its data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from chalknet.wire.base import MOST_STEP, NOW, Message
from chalknet.wire.runs import Pause, Rate, Resume, Step, Stop, Subscription, Turn, Watch


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
