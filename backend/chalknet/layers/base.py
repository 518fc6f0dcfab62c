"""What a layer is.

A layer is one class in the file of its family: fields, ports, shape rule, parameters, MACs, receptive field, torch
builder, export line, sentence and formula. Palette, inspector, inference, compiler, export and tests all derive from
it, so a new layer touches one file.

Nothing here imports torch: rules are plain Python, so that an edit is answered in milliseconds.
``build`` alone imports it, and the tests hold every rule against what it builds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from torch import nn

Family = Literal[
    "data",
    "dense",
    "convolution",
    "pooling",
    "normalisation",
    "activation",
    "attention",
    "recurrent",
    "combine",
    "arithmetic",
    "shape",
    "head",
    "loss",
    "block",
]
Element = Literal["float", "bool", "index", "boxes", "place"]
Multiplying = Literal["convolution", "linear", "attention", "recurrent", "other"]
"""What multiply-adds are spent on."""


@dataclass(frozen=True, slots=True)
class Window:
    """How a layer looks at space, for the receptive field: rf += (k − 1)·d·Πs (C-023). Pairs are (height, width).

    ``padding``: how far before the input's first place the first window begins; negative where it begins later.
    ``up``: the input is first spread out, each place so far from the next, with nothing between; kernel, stride and
    padding are then counted in these finer places. A layer that makes its input larger is such a window: doubling by
    repeating is a kernel of 2 over an input spread by 2.
    """

    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    up: tuple[int, int] = (1, 1)

    def back(self) -> Window:
        """What each of this window's inputs is touched by: how a layer looks that goes the other way, such as a
        transposed convolution. Of strides alone, with an input that is not spread out."""
        (kh, kw), (dh, dw), (ph, pw) = self.kernel, self.dilation, self.padding
        return Window(
            self.kernel, dilation=self.dilation, padding=(dh * (kh - 1) - ph, dw * (kw - 1) - pw), up=self.stride
        )


POINTWISE = Window()
WHOLE: Literal["whole"] = "whole"
"""The layer sees all of its input (dense, attention, global pooling)."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """Where a pooling took its numbers from: the sizes of space before it, and how its window slid over them."""

    space: tuple[int, ...]
    window: Window


@dataclass(frozen=True, slots=True)
class Axis:
    """One named axis of a tensor, without the batch.

    ``varies`` marks a length that may be smaller in a batch (a sequence's T): ``size`` is then its upper bound, so
    every rule stays arithmetic and every cost is a bound.
    """

    name: str
    size: int
    varies: bool = False

    def __str__(self) -> str:
        return f"{self.name} {'≤' if self.varies else ''}{self.size}"


@dataclass(frozen=True, slots=True)
class TensorType:
    """The type on a wire: an element and named axes, the batch left out.

    ``float[C 3, H 32, W 32]`` a picture · ``float[T 12, D 64]`` a sequence of vectors ·
    ``float[D 84]`` a vector · ``float[]`` a scalar · ``index<10>[]`` one of ten classes ·
    ``bool[T 12]`` a mask · ``boxes<3>[N 6]`` up to six boxes of three classes, held as rows (class, cx, cy, w, h)
    relative to the picture, class −1 where there is none · ``place<28×28>[C 6, H 14, W 14]`` for each number that a
    pooling kept, where in its 28×28 map it stood, counted along the rows.
    """

    element: Element = "float"
    axes: tuple[Axis, ...] = ()
    classes: int | None = None
    meaning: Literal["", "probability"] = field(default="", compare=False)
    """What the numbers are where a layer has fixed it, such as probabilities after a softmax. No part of equality."""
    pooled: Pooled | None = None
    """Of places: the pooling that they are from."""
    sizes: tuple[int, ...] = field(init=False, repr=False, compare=False)
    names: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Every rule asks for them several times: read off the axes once.
        object.__setattr__(self, "sizes", tuple([axis.size for axis in self.axes]))
        object.__setattr__(self, "names", tuple([axis.name for axis in self.axes]))

    def __str__(self) -> str:
        of = f"<{self.classes}>" if self.classes is not None else ""
        if self.pooled is not None:
            of = f"<{'×'.join(map(str, self.pooled.space))}>"
        return f"{self.element}{of}[{', '.join(map(str, self.axes))}]"

    @property
    def shape(self) -> tuple[int, ...]:
        """The tensor's shape without the batch (a box is a row of five numbers)."""
        return (*self.sizes, 5) if self.element == "boxes" else self.sizes

    @property
    def numel(self) -> int:
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Bytes for one sample: float 4, index and place 8, bool 1."""
        return self.numel * {"float": 4, "boxes": 4, "index": 8, "bool": 1, "place": 8}[self.element]

    @property
    def compact(self) -> str:
        """For a sentence: ``3×32×32``, ``84``, ``a single number``."""
        return "×".join(map(str, self.sizes)) if self.axes else "a single number"

    @property
    def feature(self) -> int | None:
        """Position of the axis that holds the features: channels ``C``, else the last one; None for a single number."""
        if not self.axes:
            return None
        return self.names.index("C") if "C" in self.names else len(self.axes) - 1

    @property
    def is_image(self) -> bool:
        return self.element == "float" and self.names == ("C", "H", "W")

    @property
    def is_sequence(self) -> bool:
        return self.element == "float" and self.names == ("T", "D")

    @property
    def is_signal(self) -> bool:
        return self.element == "float" and self.names == ("C", "L")

    @property
    def is_vector(self) -> bool:
        return self.element == "float" and self.names == ("D",)

    def resized(self, **sizes: int) -> TensorType:
        """The same type with some axes' sizes replaced, by name."""
        axes = tuple(Axis(a.name, sizes.get(a.name, a.size), a.varies and a.name not in sizes) for a in self.axes)
        return TensorType(self.element, axes, self.classes)


def image(channels: int, height: int, width: int) -> TensorType:
    return TensorType(axes=(Axis("C", channels), Axis("H", height), Axis("W", width)))


def vector(size: int) -> TensorType:
    return TensorType(axes=(Axis("D", size),))


def signal(channels: int, length: int) -> TensorType:
    return TensorType(axes=(Axis("C", channels), Axis("L", length)))


def sequence(length: int, width: int, varies: bool = False) -> TensorType:
    return TensorType(axes=(Axis("T", length, varies), Axis("D", width)))


def scalar() -> TensorType:
    return TensorType()


def index(classes: int, *axes: Axis) -> TensorType:
    return TensorType("index", axes, classes)


def boxes(classes: int, most: int) -> TensorType:
    return TensorType("boxes", (Axis("N", most),), classes)


class Inputs:
    """The types that arrive at a layer's ports; a ``many`` port holds several, in order. ``wanted``: the spare outputs
    that something is wired to."""

    __slots__ = ("_wanted", "_wires")

    def __init__(self, wires: Mapping[str, Sequence[TensorType]], wanted: Collection[str] = ()) -> None:
        self._wires = wires
        self._wanted = wanted

    def __getitem__(self, port: str) -> TensorType:
        return self._wires[port][0]

    def get(self, port: str) -> TensorType | None:
        wires = self._wires.get(port)
        return wires[0] if wires else None

    def all(self, port: str) -> tuple[TensorType, ...]:
        return tuple(self._wires.get(port, ()))

    def wants(self, port: str) -> bool:
        """Whether anything is wired to this spare output."""
        return port in self._wanted


@dataclass(frozen=True, slots=True)
class Port:
    """A place where wires end or begin. ``many`` takes several wires; ``optional`` may stay empty; of what arrives at
    ``shape_only`` only the shape matters, so no gradient goes back. A ``spare`` output is computed, held and counted
    only where a wire begins at it."""

    name: str
    title: str = ""
    many: bool = False
    optional: bool = False
    shape_only: bool = False
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """How exported PyTorch speaks of a layer.

    ``init``: the constructor's expression, e.g. ``nn.Conv2d(1, 6, kernel_size=5)``; None if the layer has no module.
    ``call``: the expression of its output where it is not ``self.name(x)``; ``{0}``, ``{1}`` … stand for the inputs
    in port order (``None`` for an empty optional one), ``{all}`` for all of them separated by commas; ``{self}`` for
    the module.
    ``classes``: names of our own module classes, defined inside this layer's ``build`` (so that a layer stays one
    class in one file) and closed over nothing but torch, ``nn``, ``F`` and ``math``; their text is written out in the
    file.
    ``functions``: module-level functions of ours whose text is written out too; they import what they need.
    ``answer``: of a loss on classes, the expression of the classes that its inputs stand for, of the target's shape.
    """

    init: str | None = None
    call: str | None = None
    classes: tuple[str, ...] = ()
    functions: tuple[Callable[..., Any], ...] = ()
    answer: str | None = None


# Remedies: what a layer may propose when its inputs do not fit. The graph turns them into edits with their cost.


@dataclass(frozen=True, slots=True)
class SetField:
    """Set this layer's own field."""

    field: str
    value: Any
    title: str


@dataclass(frozen=True, slots=True)
class Insert:
    """Put a new layer on the wire that ends at this layer's port (``wire`` counts the wires of a many port)."""

    port: str
    type: str
    title: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    wire: int = 0


@dataclass(frozen=True, slots=True)
class Widen:
    """Set the feature width of what flows into the port, at the nearest layer upstream that decides it (its ``width``
    field)."""

    port: str
    size: int
    title: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away the layer from which the wire into the port comes, and join the wire to what fed that layer."""

    port: str
    title: str
    wire: int = 0


@dataclass(frozen=True, slots=True)
class Replace:
    """Put a chain of layers, each a type with its fields, in this layer's place, first to last.

    The node itself becomes the last of them, so that its name and the wires behind it stay; the others go on the wire
    into the port.
    """

    chain: tuple[tuple[str, Mapping[str, Any]], ...]
    title: str
    port: str = "x"


@dataclass(frozen=True, slots=True)
class Rewire:
    """Let the wire into the port begin elsewhere: at an output on the board that the port takes, the nearest first; or
    only at another output of the node where it begins now (``same``). ``title`` ends with what is found."""

    port: str
    title: str = "Connect"
    same: bool = False
    wire: int = 0


Remedy = SetField | Insert | Widen | Remove | Replace | Rewire

Severity = Literal["error", "warning", "info"]
"""An error stops training, a warning doubts a choice, an info is an idea: nothing is wrong."""


class Fault(Exception):
    """A layer cannot work with its inputs or fields. ``message`` says what was wrong, expected and received, in
    numbers."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        field: str | None = None,
        port: str | None = None,
        wire: int = 0,
        remedies: Sequence[Remedy] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.field = field
        self.port = port
        self.wire = wire
        self.remedies = tuple(remedies)


@dataclass(frozen=True, slots=True)
class Warn:
    """A doubtful choice that is allowed: a double softmax, a sigmoid deep in a network. As an ``info`` it is an idea:
    the same for less."""

    code: str
    message: str
    hint: str = ""
    field: str | None = None
    remedies: tuple[Remedy, ...] = ()
    severity: Literal["warning", "info"] = "warning"


@dataclass(frozen=True, slots=True)
class Example:
    """A small case worked by hand: shown where the layer is explained, and run by a test on the module.

    ``inputs``, ``weights`` and ``outputs`` are nested lists without the batch, by port and by parameter name;
    ``fields`` are those that differ from the defaults. What is not named in ``outputs`` is not compared.
    """

    says: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, Any] = field(default_factory=dict)
    axes: Mapping[str, str] = field(default_factory=dict)
    """Names of an input's axes, one letter each (``CHW``, ``TD``), where they are not those of its rank: D, TD, CHW;
    ``index<10>`` before them makes it an index, ``place<4×4>`` the places that a pooling of 4×4 kept,
    ``boxes<3>`` rows of boxes."""


class Layer(BaseModel):
    """Base of every layer; an instance holds one node's fields, checked.

    Field metadata comes from pydantic's ``Field``: ``title``, ``description`` (one line of help),
    ``ge``/``le``/``gt``/``lt``,
    ``json_schema_extra={"unit": …, "step": …, "log": True}``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=False)

    type: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[Family]
    sentence: ClassVar[str]
    """What it does, in one sentence that a pupil understands."""
    formula: ClassVar[str]
    """KaTeX."""
    icon: ClassVar[str]
    """Name of a lucide icon, kebab-case."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names that people type."""
    purposes: ClassVar[tuple[str, ...]] = ()
    """What one wants when one looks for it: “make smaller”, “prevent overfitting”."""
    inputs: ClassVar[tuple[Port, ...]] = (Port("x"),)
    outputs: ClassVar[tuple[Port, ...]] = (Port("y"),)
    width: ClassVar[str | None] = None
    """The field that decides the feature size of the output (a Linear's ``units``), for fixes that set it."""
    keeps_width: ClassVar[bool] = False
    """The feature size of the output is that of the input (an activation, a norm): a fix may look through it."""
    rearranges: ClassVar[bool] = False
    """In evaluation its output holds the numbers of its input, each as it is, perhaps in another arrangement."""
    beware: ClassVar[tuple[str, ...]] = ()
    """What is often got wrong about it, each set right in a sentence or two."""
    examples: ClassVar[tuple[Example, ...]] = ()
    per_number: ClassVar[int] = 0
    """Operations besides multiply-adds for every number that it puts out; every layer says it, or how it counts them
    (``operations``)."""
    multiplies: ClassVar[Multiplying | None] = None
    """What its multiply-adds are counted as, where that does not follow from its family."""
    differentiable: ClassVar[bool] = True
    """Whether a gradient finds its way through it; nothing that leads to a loss only through one that says no can
    learn."""
    answers: ClassVar[bool] = False
    """People read its output as what the network says: it may be drawn to be looked at only, with no loss behind it."""
    views: ClassVar[tuple[str, ...]] = ()
    """Views beyond those that its output types give by default."""

    @classmethod
    def gives(cls, inputs: Inputs) -> tuple[Port, ...]:
        """The outputs that its module has: all but the spare ones that nothing is wired to."""
        return tuple(port for port in cls.outputs if not port.spare or inputs.wants(port.name))

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        """Output types from input types, those of spare outputs too, wired or not, where they are known; raises
        Fault."""
        raise NotImplementedError

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        """Doubtful choices, given inputs that infer accepted."""
        return ()

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        """Shapes of the trainable tensors, by their name in the module's ``state_dict``."""
        return {}

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        """Multiply-accumulates for one sample: convolutions, matrix products, attention; 1 MAC = 2 FLOPs.

        The convention is torch's FlopCounterMode: biases, norms, activations, pooling and look-ups count 0.
        """
        return 0

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        """What it computes for one sample in evaluation besides its multiply-adds.

        A sum, difference, product, quotient, comparison, or function of one number (root, exp, tanh) is 1 each. Copies,
        look-ups and rearranging are 0. So are biases, with which a weighted sum begins, and what masks leave out.
        """
        return self.per_number * next(iter(outputs.values())).numel

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return POINTWISE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        """The formula with this node's numbers substituted, KaTeX; empty where there is nothing to compute."""
        return ""

    def summary(self) -> str:
        """The line under the node's name: ``5×5, 6, s1``."""
        return ""

    def build(self, inputs: Inputs) -> nn.Module:
        """The torch module. Called as ``module(*inputs in port order)``; an empty optional port is None; a many port
        (then the only port) is splatted. Returns a tensor, or a tuple in the order of ``gives``."""
        raise NotImplementedError

    def source(self, inputs: Inputs) -> Source:
        raise NotImplementedError


class Loss(Layer):
    """A layer whose output is a scalar to be minimised: the mean over the batch."""

    family: ClassVar[Family] = "loss"
    per_number: ClassVar[int] = 0
    """It is computed while training only."""
    outputs: ClassVar[tuple[Port, ...]] = (Port("loss"),)
    metrics: ClassVar[tuple[str, ...]] = ()
    """Names of the metrics of ``training.metrics`` that are computed from this loss's inputs, the leading one first."""


registry: dict[str, type[Layer]] = {}


L = TypeVar("L", bound=type[Layer])


def register(cls: L) -> L:
    """Class decorator: makes a layer known to palette, inference, compiler and tests."""
    if cls.type in registry:
        raise ValueError(f"layer type {cls.type!r} is registered twice")
    registry[cls.type] = cls
    return cls
