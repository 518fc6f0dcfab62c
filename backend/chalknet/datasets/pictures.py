"""Generated pictures of a thing each, of up to 1,000 kinds: any network for classification can be fed, at any size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.datasets import kept
from chalknet.datasets.base import Parts, Split
from chalknet.datasets.readied import Pictured
from chalknet.datasets.split import divide
from chalknet.layers.base import Inputs, Port, Source, TensorType, image, index, register

if TYPE_CHECKING:
    from torch import Tensor

SHAPES = ["disc", "square", "triangle", "diamond", "plus", "ring", "star", "hexagon", "moon", "bars"]
TEXTURES = ["plain", "lying", "upright", "slanting", "chequered", "dotted", "circled", "fading", "hollow", "spoked"]
COLOURS = ["red", "orange", "yellow", "green", "turquoise", "blue", "violet", "pink", "brown", "white"]


def pictures(
    size: int,
    channels: int,
    classes: int,
    samples: int,
    noise: float,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Tensor]:
    """Pictures of one thing each: ``image`` uint8 [samples, channels, size, size] and ``label`` int64 [samples].

    A class is a shape (its last digit), a texture (its tens) and a colour (its hundreds), as far as ``classes`` needs
    them; what does not tell the classes apart is drawn at random. Things are moved, larger or smaller, and turned up
    to 12°, on a dark ground of a faint colour. ``noise`` is the most that a pixel is disturbed, as a share of full
    brightness. Every class comes as often as every other.
    """
    import math

    import numpy
    import torch

    rng = numpy.random.default_rng(20260101)
    label = numpy.arange(samples) % classes
    # Red, orange, yellow, green, turquoise, blue, violet, pink, brown, white.
    palette = numpy.array(
        [
            *([1, 0.15, 0.12], [1, 0.55, 0.05], [1, 0.95, 0.15], [0.2, 0.8, 0.2], [0.1, 0.85, 0.8]),
            *([0.2, 0.35, 1], [0.6, 0.25, 0.95], [1, 0.5, 0.8], [0.6, 0.35, 0.15], [1, 1, 1]),
        ],
        numpy.float32,
    )
    found = numpy.empty((samples, channels, size, size), numpy.uint8)
    ramp = (numpy.arange(size, dtype=numpy.float32) + 0.5) / size * 2 - 1
    for n in range(samples):
        shape = label[n] % 10
        texture = label[n] // 10 % 10 if classes > 10 else rng.integers(10)
        colour = palette[label[n] // 100 if classes > 100 else rng.integers(10)]
        reach = rng.uniform(0.5, 0.75)
        across, down = rng.uniform(-0.9, 0.9) * (1 - reach), rng.uniform(-0.9, 0.9) * (1 - reach)
        turn = rng.uniform(-0.21, 0.21)
        cos, sin = math.cos(turn), math.sin(turn)
        # The pixels' places in the thing's own measure: its middle is (0, 0), and it reaches from −1 to 1.
        x, y = (ramp[None, :] - across) / reach, (ramp[:, None] - down) / reach
        u, v = cos * x + sin * y, cos * y - sin * x
        r, angle = numpy.hypot(u, v), numpy.arctan2(v, u)
        # About the distance to the outline, negative inside.
        if shape == 0:
            edge = r - 0.95
        elif shape == 1:
            edge = numpy.maximum(abs(u), abs(v)) - 0.82
        elif shape == 2:
            edge = numpy.maximum(numpy.maximum(0.87 * u - 0.5 * v, -0.87 * u - 0.5 * v), v) - 0.55
        elif shape == 3:
            edge = (abs(u) + 0.62 * abs(v)) * 0.85 - 0.55
        elif shape == 4:
            edge = numpy.maximum(numpy.maximum(abs(u), abs(v)) - 0.95, numpy.minimum(abs(u), abs(v)) - 0.3)
        elif shape == 5:
            edge = abs(r - 0.72) - 0.24
        elif shape == 6:
            edge = 0.7 * (r - 0.66 - 0.32 * numpy.cos(5 * angle))
        elif shape == 7:
            edge = numpy.maximum(numpy.maximum(abs(0.87 * u + 0.5 * v), abs(0.87 * u - 0.5 * v)), abs(v)) - 0.82
        elif shape == 8:
            edge = numpy.maximum(r - 0.95, 0.75 - numpy.hypot(u - 0.5, v))
        else:
            edge = numpy.maximum(abs(u) - 0.9, abs(abs(v) - 0.5) - 0.24)
        if texture == 0:
            wave = numpy.ones_like(r)
        elif texture == 1:
            wave = numpy.sin(10 * v)
        elif texture == 2:
            wave = numpy.sin(10 * u)
        elif texture == 3:
            wave = numpy.sin(7 * (u + v))
        elif texture == 4:
            wave = 2 * numpy.sin(7 * u) * numpy.sin(7 * v)
        elif texture == 5:
            wave = numpy.cos(9 * u) + numpy.cos(9 * v) - 0.7
        elif texture == 6:
            wave = numpy.sin(13 * r)
        elif texture == 7:
            wave = 0.35 * v
        elif texture == 8:
            wave = 6 * edge + 1
        else:
            wave = numpy.sin(6 * angle)
        ground = (rng.uniform(0.05, 0.3) + rng.uniform(-0.05, 0.05, 3)).astype(numpy.float32)
        bright = colour * rng.uniform(0.75, 1)
        # Half a pixel either way of the outline is blended; in the troughs of the texture little of the colour is left.
        cover = numpy.clip(0.5 - edge * reach * size / 2, 0, 1)[None]
        share = 0.25 + 0.75 * numpy.clip(0.5 + 1.5 * wave, 0, 1)[None]
        thing = bright[:, None, None] * share
        picture = ground[:, None, None] * (1 - cover) + thing * cover
        if channels == 1:
            picture = (numpy.array([0.3, 0.59, 0.11], numpy.float32)[:, None, None] * picture).sum(0, keepdims=True)
        grain = rng.integers(0, 256, picture.shape, numpy.uint8).astype(numpy.float32) / 127.5 - 1
        found[n] = numpy.clip((picture + noise * grain) * 255, 0, 255)
        if progress is not None and n % 50 == 0:
            progress(n / samples)
    return {"image": torch.from_numpy(found), "label": torch.from_numpy(label.astype(numpy.int64))}


def as_floats(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The batch with its pictures' bytes as numbers from −1 to 1."""
    return {**batch, "image": batch["image"].float() / 127.5 - 1}


@register
class Pictures(Pictured):
    """Ten shapes, ten textures, ten colours: 10 classes are shapes, 100 shapes with textures, 1,000 all three.

    Kept as bytes, and under the cache, since a picture of 224×224 takes milliseconds to draw.
    """

    type: ClassVar[str] = "pictures"
    title: ClassVar[str] = "Pictures"
    sentence: ClassVar[str] = "Generated pictures of one thing each, of any size, in up to 1,000 classes."
    formula: ClassVar[str] = r"x \in [-1, 1]^{C \times H \times W},\quad y \in \{0, \dots, K - 1\}"
    icon: ClassVar[str] = "images"
    aliases: ClassVar[tuple[str, ...]] = ("classification", "ImageNet", "CIFAR", "photos", "images", "1000 classes")
    outputs: ClassVar[tuple[Port, ...]] = (Port("image", "Picture"), Port("label", "Class"))
    sample: ClassVar[Literal["points", "image", "tokens", "numbers"]] = "image"

    size: int = Field(
        32,
        ge=8,
        le=320,
        title="Size",
        description="Height and width of the pictures.",
        json_schema_extra={"unit": "px"},
    )
    channels: int = Field(
        3,
        ge=1,
        le=3,
        title="Channels",
        description="3 for red, green and blue, 1 for grey.",
        json_schema_extra={"step": 2},
    )
    classes: int = Field(
        10,
        ge=2,
        le=1000,
        title="Classes",
        description="Up to 10 are shapes; up to 100 shapes with textures; above that, colours count too.",
    )
    samples: int = Field(
        2000, ge=20, le=50_000, title="Samples", description="How many pictures are made, all parts together."
    )
    noise: float = Field(
        0.06,
        ge=0,
        le=1,
        title="Noise",
        description="How far a pixel is disturbed at most, as a share of full brightness.",
        json_schema_extra={"step": 0.02},
    )

    @property
    def planes(self) -> int:
        """Channels: grey is one, and what lies between one and three is taken for colour."""
        return 1 if self.channels == 1 else 3

    def schema(self) -> dict[str, TensorType]:
        return {"image": image(self.planes, self.size, self.size), "label": index(self.classes)}

    def count(self) -> int:
        return self.samples

    def stored(self) -> int:
        """Pictures are kept as bytes."""
        ports = self.schema()
        return self.samples * (ports["image"].numel + ports["label"].bytes)

    def class_names(self) -> list[str]:
        def name(number: int) -> str:
            words = [SHAPES[number % 10]]
            if self.classes > 10:
                words.insert(0, TEXTURES[number // 10 % 10])
            if self.classes > 100:
                words.insert(0, COLOURS[number // 100])
            return " ".join(words)

        return [name(number) for number in range(self.classes)]

    def summary(self) -> str:
        return f"{self.planes}×{self.size}×{self.size}, {self.classes:,} classes"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        count = f"{self.samples:,}".replace(",", "{,}")
        return (
            rf"{count} \text{{ pictures}} \in [-1, 1]^{{{self.planes} \times {self.size} \times {self.size}}}"
            rf"\text{{ of }} {self.classes} \text{{ classes}}"
        )

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        def make() -> dict[str, Tensor]:
            return pictures(self.size, self.planes, self.classes, self.samples, self.noise, progress)

        parts = kept.load(self, split, cache, make, pictures)
        if progress is not None:
            progress(1.0)
        return parts

    def prepare(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return as_floats(dict(batch))

    def source(self, inputs: Inputs) -> Source:
        fields = {**self.made_of(), "channels": self.planes}
        written = ", ".join(f"{name}={value!r}" for name, value in fields.items())
        return Source(init=f"pictures({written})", call="as_floats({0})", functions=(pictures, divide, as_floats))
