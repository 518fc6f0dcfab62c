"""Points of two classes in the plane: what a small network can be watched to separate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.datasets.base import Parts, Split
from chalknet.datasets.readied import Numbered
from chalknet.datasets.split import divide
from chalknet.layers.base import Inputs, Port, Source, TensorType, index, register, vector

if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["spiral", "circle", "xor", "gauss", "moons"]


def points(kind: str, samples: int, noise: float) -> dict[str, Tensor]:
    """Points of two classes, half and half: ``x`` float32 [samples, 2], about −2…2 wide, and ``label`` int64 [samples].

    ``kind`` is spiral, circle, xor, gauss or moons; ``noise`` is the jitter's share of the set's spread.
    """
    import numpy
    import torch

    rng = numpy.random.default_rng(20260101)
    label = numpy.arange(samples) % 2
    sign = 1 - 2 * label
    along = rng.random(samples)
    if kind == "spiral":
        # Two arms of one and a half turns, opposite each other; the root spreads the points evenly along an arm.
        turn = 2 * numpy.pi * (0.12 + 1.38 * numpy.sqrt(along))
        radius = turn / (3 * numpy.pi)
        x = numpy.stack([radius * numpy.sin(turn), radius * numpy.cos(turn)], 1) * sign[:, None]
    elif kind == "circle":
        # A disc inside a ring.
        radius = numpy.where(label == 0, 0.5 * numpy.sqrt(along), numpy.sqrt(0.49 + 0.51 * along))
        turn = 2 * numpy.pi * rng.random(samples)
        x = numpy.stack([radius * numpy.sin(turn), radius * numpy.cos(turn)], 1)
    elif kind == "xor":
        # Opposite corners share a class; a gap keeps the corners apart.
        x = rng.uniform(0.08, 1, (samples, 2)) * rng.choice([-1, 1], (samples, 1))
        x[:, 1] *= sign
    elif kind == "gauss":
        # Two round clouds.
        x = rng.standard_normal((samples, 2)) * 0.22 + 0.5 * sign[:, None]
    elif kind == "moons":
        # Two half circles that reach into each other.
        turn = numpy.pi * along
        x = numpy.stack([numpy.cos(turn) - 0.5, numpy.sin(turn) - 0.25], 1) * sign[:, None] / 1.5
    else:
        raise ValueError(f"no such kind of points: {kind!r}")
    x = x + rng.standard_normal(x.shape) * noise * x.std()
    return {
        "x": torch.from_numpy((2 * x).astype(numpy.float32)),
        "label": torch.from_numpy(label.astype(numpy.int64)),
    }


@register
class Points(Numbered):
    """Two classes of points (D-051, and TensorFlow Playground's sets); made in a few milliseconds, so never kept."""

    type: ClassVar[str] = "points"
    title: ClassVar[str] = "Points"
    sentence: ClassVar[str] = "Points in the plane, each of one of two classes; choose how the classes lie."
    formula: ClassVar[str] = r"(x_1, x_2) \in \mathbb{R}^2,\quad y \in \{0, 1\}"
    icon: ClassVar[str] = "chart-scatter"
    aliases: ClassVar[tuple[str, ...]] = ("spiral", "circle", "xor", "gauss", "moons", "2-D data", "scatter")
    outputs: ClassVar[tuple[Port, ...]] = (Port("x", "Position"), Port("label", "Class"))
    sample: ClassVar[Literal["points", "image", "tokens"]] = "points"

    kind: Kind = Field("spiral", title="Set", description="How the two classes lie in the plane.")
    samples: int = Field(
        1000,
        ge=20,
        le=100_000,
        title="Samples",
        description="How many points there are, all parts together; half of each class.",
    )
    noise: float = Field(
        0.1,
        ge=0,
        le=1,
        title="Noise",
        description="How far points are jittered, as a share of the set's spread.",
        json_schema_extra={"step": 0.05},
    )

    def schema(self) -> dict[str, TensorType]:
        return {"x": vector(2), "label": index(2)}

    def count(self) -> int:
        return self.samples

    def class_names(self) -> list[str]:
        return ["blue", "orange"]

    def summary(self) -> str:
        return f"{self.kind}, {self.samples:,}"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rf"{self.samples:,} \text{{ points in }} \mathbb{{R}}^2".replace(",", "{,}")

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        samples = points(self.kind, self.samples, self.noise)
        return divide(samples, split.validation, split.test, split.seed, split.drawn)

    def source(self, inputs: Inputs) -> Source:
        return Source(
            init=f"points(kind={self.kind!r}, samples={self.samples}, noise={self.noise!r})", functions=(points, divide)
        )
