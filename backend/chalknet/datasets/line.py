"""Numbers that follow a line, a plane or a curve, with noise: what a regression is learned on (A-001…A-003)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.datasets.base import Parts, Split
from chalknet.datasets.readied import Numbered
from chalknet.datasets.split import divide
from chalknet.layers.base import Inputs, Port, Source, TensorType, register, vector

if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["line", "plane", "curve"]


def line(kind: str, samples: int, noise: float, powers: int) -> dict[str, Tensor]:
    """Samples of y = f(x) + noise: ``x`` float32 [samples, D] and ``y`` float32 [samples, 1].

    line: y = 1.5 x − 0.5, D = 1 · plane: y = 1.5 x₁ − 0.8 x₂ − 0.5, D = 2 · curve: y = sin 2t, given to the network as
    the powers t, t² … t^``powers``, D = ``powers``. Numbers are drawn evenly from −1.5 to 1.5; ``noise`` is the
    deviation of what is added to y.
    """
    import numpy
    import torch

    rng = numpy.random.default_rng(20260101)
    if kind == "line":
        x = rng.uniform(-1.5, 1.5, (samples, 1))
        y = 1.5 * x[:, :1] - 0.5
    elif kind == "plane":
        x = rng.uniform(-1.5, 1.5, (samples, 2))
        y = 1.5 * x[:, :1] - 0.8 * x[:, 1:] - 0.5
    elif kind == "curve":
        along = rng.uniform(-1.5, 1.5, (samples, 1))
        x = along ** numpy.arange(1, powers + 1)
        y = numpy.sin(2 * along)
    else:
        raise ValueError(f"no such kind of line: {kind!r}")
    y = y + noise * rng.standard_normal(y.shape)
    return {"x": torch.from_numpy(x.astype(numpy.float32)), "y": torch.from_numpy(y.astype(numpy.float32))}


@register
class Line(Numbered):
    """A number to be told from numbers; made in a moment, so never kept."""

    type: ClassVar[str] = "line"
    title: ClassVar[str] = "Line"
    sentence: ClassVar[str] = "Numbers that lie along a line, a plane or a curve, each jittered: guess y from x."
    formula: ClassVar[str] = r"y = f(x) + \varepsilon"
    icon: ClassVar[str] = "chart-line"
    aliases: ClassVar[tuple[str, ...]] = ("regression", "linear", "plane", "curve", "polynomial", "fit")
    outputs: ClassVar[tuple[Port, ...]] = (Port("x", "Given"), Port("y", "Wanted"))
    sample: ClassVar[Literal["points", "image", "tokens", "numbers"]] = "numbers"

    kind: Kind = Field("line", title="Kind", description="What the numbers follow: a line, a plane, or a sine curve.")
    samples: int = Field(
        200, ge=10, le=100_000, title="Samples", description="How many samples there are, all parts together."
    )
    noise: float = Field(
        0.2,
        ge=0,
        le=5,
        title="Noise",
        description="How far y is jittered: the deviation of what is added to it.",
        json_schema_extra={"step": 0.05},
    )
    powers: int = Field(
        3,
        ge=1,
        le=16,
        title="Powers",
        description="Of a curve, how many powers of its number the network is given: x, x², x³ …",
    )

    def schema(self) -> dict[str, TensorType]:
        return {"x": vector({"line": 1, "plane": 2, "curve": self.powers}[self.kind]), "y": vector(1)}

    def count(self) -> int:
        return self.samples

    def summary(self) -> str:
        of = f" in {self.powers} powers" if self.kind == "curve" else ""
        return f"{self.kind}{of}, {self.samples:,}"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        rule = {
            "line": r"y = 1.5\,x - 0.5",
            "plane": r"y = 1.5\,x_1 - 0.8\,x_2 - 0.5",
            "curve": rf"y = \sin 2t,\; x = (t, \dots, t^{{{self.powers}}})",
        }[self.kind]
        return rf"{rule} \;\pm\; {self.noise:g}"

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        samples = line(self.kind, self.samples, self.noise, self.powers)
        return divide(samples, split.validation, split.test, split.seed, split.drawn)

    def source(self, inputs: Inputs) -> Source:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.made_of().items())
        return Source(init=f"line({fields})", functions=(line, divide))
