"""Generated pictures of coloured shapes, with a box around each: detection in the small (D-006…D-008)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.datasets import kept
from chalknet.datasets.base import Parts, Split
from chalknet.datasets.readied import Pictured
from chalknet.datasets.split import divide
from chalknet.layers.base import Inputs, Port, Source, TensorType, boxes, image, register

if TYPE_CHECKING:
    from torch import Tensor

CLASSES = ["circle", "square", "triangle"]


def shapes(
    size: int,
    samples: int,
    objects: int,
    noise: float,
    rotation: float,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Tensor]:
    """Pictures of 1 to ``objects`` overlapping circles, squares and triangles, later ones in front.

    ``image`` uint8 [samples, 3, size, size] and ``boxes`` float32 [samples, objects, 5]: rows of class (0 circle,
    1 square, 2 triangle; −1 where there is no box), centre x, y, width, height of what is seen of the shape, relative
    to the picture. A shape is never placed where less than 45 % of it or of another would be seen. ``noise`` is the
    most that a pixel is disturbed, ``rotation`` the most degrees that a triangle is turned.
    """
    import math

    import numpy
    import torch

    rng = numpy.random.default_rng(20260101)
    pictures = numpy.empty((samples, 3, size, size), numpy.uint8)
    found = numpy.full((samples, objects, 5), (-1, 0, 0, 0, 0), numpy.float32)
    ramp = numpy.linspace(-1, 1, size, dtype=numpy.float32)
    for n in range(samples):
        # A dark ground of a faint colour that grows lighter to one side.
        tint = rng.uniform(0.08, 0.4) + rng.uniform(-0.06, 0.06, 3)
        slope = rng.uniform(-0.08, 0.08, 2)
        shade = slope[0] * ramp[:, None] + slope[1] * ramp
        picture = (tint[:, None, None] + shade).astype(numpy.float32)
        # Which shape is in front at each pixel, and how many pixels each shape has and shows.
        front = numpy.full((size, size), -1, numpy.int8)
        area, seen, kinds = [], [], []
        wanted = int(rng.integers(1, objects + 1))
        for _ in range(12 * objects):
            if len(kinds) == wanted:
                break
            kind = int(rng.integers(3))
            reach = rng.uniform(0.07, 0.2) * size
            x, y = rng.uniform(reach, size - reach, 2)
            left, right = max(0, int(x - 1.2 * reach) - 1), min(size, int(x + 1.2 * reach) + 2)
            top, bottom = max(0, int(y - 1.2 * reach) - 1), min(size, int(y + 1.2 * reach) + 2)
            # Distance of each pixel's centre to the outline, negative inside; half a pixel either way is blended.
            dx = numpy.arange(left, right, dtype=numpy.float32)[None, :] + 0.5 - x
            dy = numpy.arange(top, bottom, dtype=numpy.float32)[:, None] + 0.5 - y
            if kind == 0:
                distance = numpy.sqrt(dx * dx + dy * dy) - reach
            elif kind == 1:
                distance = numpy.maximum(numpy.abs(dx), numpy.abs(dy)) - 0.88 * reach
            else:
                turn = math.radians(rng.uniform(-rotation, rotation))
                sides = [turn + math.radians(angle) for angle in (90, 210, 330)]
                slopes = [math.cos(side) * dx + math.sin(side) * dy for side in sides]
                distance = numpy.maximum(numpy.maximum(slopes[0], slopes[1]), slopes[2]) - 0.58 * reach
            inside = distance < 0
            window = front[top:bottom, left:right]
            hidden = numpy.bincount(window[inside] + 1, minlength=len(kinds) + 1)[1:]
            pixels = int(inside.sum())
            if pixels < 12 or any(s - h < 0.45 * a for s, h, a in zip(seen, hidden, area, strict=True)):
                continue
            seen = [int(s - h) for s, h in zip(seen, hidden, strict=True)] + [pixels]
            area.append(pixels)
            window[inside] = len(kinds)
            kinds.append(kind)
            # A vivid colour: one channel full, one empty, one between, then brightened a little.
            vivid = rng.permutation([0, rng.random(), 1])
            colour = (0.12 + 0.88 * vivid) * rng.uniform(0.7, 1) + rng.uniform(0, 0.15)
            cover = numpy.clip(0.5 - distance, 0, 1)
            region = picture[:, top:bottom, left:right]
            region += cover * (colour.astype(numpy.float32)[:, None, None] - region)
        for k, kind in enumerate(kinds):
            mine = front == k
            rows, columns = numpy.flatnonzero(mine.any(1)), numpy.flatnonzero(mine.any(0))
            top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
            box = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
            found[n, k] = (kind, *(side / size for side in box))
        grain = rng.integers(0, 256, picture.shape, numpy.uint8).astype(numpy.float32) / 127.5 - 1
        pictures[n] = numpy.clip((picture + noise * grain) * 255, 0, 255)
        if progress is not None and n % 50 == 0:
            progress(n / samples)
    return {"image": torch.from_numpy(pictures), "boxes": torch.from_numpy(found)}


def as_floats(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The batch with its pictures' bytes as numbers from −1 to 1."""
    return {**batch, "image": batch["image"].float() / 127.5 - 1}


@register
class Shapes(Pictured):
    """Circles, squares and triangles with boxes. Making 4,000 takes seconds, so the parts are kept under the cache."""

    type: ClassVar[str] = "shapes"
    title: ClassVar[str] = "Shapes"
    sentence: ClassVar[str] = "Pictures of coloured shapes that cover each other, each with a box around what is seen."
    formula: ClassVar[str] = r"x \in [-1, 1]^{3 \times H \times W},\quad b_n = (c, c_x, c_y, w, h)"
    icon: ClassVar[str] = "shapes"
    aliases: ClassVar[tuple[str, ...]] = ("detection", "boxes", "circle", "square", "triangle", "objects")
    outputs: ClassVar[tuple[Port, ...]] = (Port("image", "Picture"), Port("boxes", "Boxes"))
    sample: ClassVar[Literal["points", "image", "tokens"]] = "image"

    size: int = Field(
        128,
        ge=32,
        le=256,
        title="Size",
        description="Height and width of the pictures.",
        json_schema_extra={"unit": "px"},
    )
    samples: int = Field(
        4000, ge=20, le=20_000, title="Samples", description="How many pictures are made, all parts together."
    )
    objects: int = Field(6, ge=1, le=12, title="Most shapes", description="A picture has one to this many shapes.")
    noise: float = Field(
        0.08,
        ge=0,
        le=1,
        title="Noise",
        description="How far a pixel is disturbed at most, as a share of full brightness.",
        json_schema_extra={"step": 0.02},
    )
    rotation: float = Field(
        180,
        ge=0,
        le=180,
        title="Turned by",
        description="How far triangles are turned at most, either way.",
        json_schema_extra={"unit": "°", "step": 5},
    )

    def schema(self) -> dict[str, TensorType]:
        return {"image": image(3, self.size, self.size), "boxes": boxes(len(CLASSES), self.objects)}

    def count(self) -> int:
        return self.samples

    def stored(self) -> int:
        """Pictures are kept as bytes."""
        ports = self.schema()
        return self.samples * (ports["image"].numel + ports["boxes"].bytes)

    def class_names(self) -> list[str]:
        return list(CLASSES)

    def summary(self) -> str:
        return f"{self.samples:,}, {self.size}×{self.size}, ≤ {self.objects}"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        pictures = f"{self.samples:,}".replace(",", "{,}")
        return rf"{pictures} \text{{ pictures}} \in [-1, 1]^{{3 \times {self.size} \times {self.size}}}"

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        def make() -> dict[str, Tensor]:
            return shapes(self.size, self.samples, self.objects, self.noise, self.rotation, progress)

        parts = kept.load(self, split, cache, make, shapes)
        if progress is not None:
            progress(1.0)
        return parts

    def prepare(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return as_floats(dict(batch))

    def source(self, inputs: Inputs) -> Source:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.made_of().items())
        return Source(init=f"shapes({fields})", call="as_floats({0})", functions=(shapes, divide, as_floats))
