"""Pictures of one's own, each of a class: folders of them, MNIST and what is written like it (D-003…D-005, D-039…D-041,
D-046, D-047)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.datasets import shelf
from chalknet.datasets.base import Parts, Split
from chalknet.datasets.own import Own
from chalknet.datasets.readied import Pictured
from chalknet.datasets.shelf import About, Kind
from chalknet.datasets.split import divide
from chalknet.layers.base import Inputs, Port, Source, TensorType, image, index, register
from chalknet.layers.words import counted

if TYPE_CHECKING:
    from torch import Tensor


def own_images(file: Any, size: int, tested: int) -> dict[str, Tensor]:
    """``image`` uint8 [n, C, H, W] and ``label`` int64 [n] of an .npz or of tensors. ``size``: height and width, 0 for
    those that the pictures have; the last ``tested`` are marked as the test part."""
    import numpy
    import torch
    from torch.nn.functional import interpolate

    held = numpy.load(file) if isinstance(file, str) else file
    images, label = (torch.as_tensor(held[name]) for name in ("images", "label"))
    if size and tuple(images.shape[2:]) != (size, size):
        pieces = [
            interpolate(piece.float(), size=(size, size), mode="bilinear", antialias=True).round().clamp(0, 255).byte()
            for piece in images.split(256)
        ]
        images = torch.cat(pieces)
    samples = {"image": images, "label": label}
    if tested:
        samples["tested"] = torch.arange(len(label)) >= len(label) - tested
    return samples


def in_colours(batch: dict[str, Tensor], space: str, signed: bool) -> dict[str, Tensor]:
    """The batch with its pictures' bytes as numbers from 0 to 1, or from −1 to 1 (``signed``), in a colour space.

    grey: 0.299 R + 0.587 G + 0.114 B · hsv: hue (a turn is 1), saturation, brightness · ycbcr: the grey, and how far
    blue and red are from it, as in a JPEG · lab: CIE L*a*b* of sRGB under daylight (D65) as L / 100 and 0.5 + a / 256.
    """
    import torch

    image = batch["image"].float() / 255
    if space not in ("kept", "grey") and image.shape[1] == 1:
        image = image.expand(-1, 3, -1, -1)
    if space == "grey" and image.shape[1] == 3:
        image = (image * torch.tensor([0.299, 0.587, 0.114], device=image.device)[:, None, None]).sum(1, keepdim=True)
    elif space == "hsv":
        high, which = image.max(1)
        width = high - image.min(1).values
        red, green, blue = image.unbind(1)
        safe = torch.where(width > 0, width, 1.0)
        turns = torch.stack([(green - blue) / safe % 6, (blue - red) / safe + 2, (red - green) / safe + 4])
        hue = torch.where(width > 0, turns.gather(0, which[None])[0] / 6, 0.0)
        image = torch.stack([hue, torch.where(high > 0, width / high.clamp(min=1e-12), 0.0), high], 1)
    elif space == "ycbcr":
        red, green, blue = image.unbind(1)
        grey = 0.299 * red + 0.587 * green + 0.114 * blue
        image = torch.stack([grey, 0.5 + (blue - grey) / 1.772, 0.5 + (red - grey) / 1.402], 1)
    elif space == "lab":
        light = torch.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
        # Rows for X, Y and Z, each divided by the white of daylight.
        to = torch.tensor(
            [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
            device=image.device,
        ) / torch.tensor([[0.95047], [1.0], [1.08883]], device=image.device)
        part = torch.einsum("kc,nchw->nkhw", to, light)
        x, y, z = torch.where(
            part > 216 / 24389, part.clamp(min=1e-12) ** (1 / 3), (24389 / 27 * part + 16) / 116
        ).unbind(1)
        image = torch.stack([1.16 * y - 0.16, 0.5 + 500 / 256 * (x - y), 0.5 + 200 / 256 * (y - z)], 1)
    return {**batch, "image": 2 * image - 1 if signed else image}


@register
class OwnImages(Own, Pictured):
    """Pictures of one size with their classes, kept as bytes."""

    type: ClassVar[str] = "own_images"
    title: ClassVar[str] = "Own pictures"
    sentence: ClassVar[str] = "Pictures that you brought, or MNIST and its like, each with its class."
    formula: ClassVar[str] = r"x \in [0, 1]^{C \times H \times W},\quad y \in \{1, \dots, K\}"
    icon: ClassVar[str] = "images"
    aliases: ClassVar[tuple[str, ...]] = (
        *("own data", "upload", "photos", "folder", "MNIST", "Fashion-MNIST", "CIFAR-10", "ImageNet", "HSV", "Lab"),
        "YCbCr",
    )
    purposes: ClassVar[tuple[str, ...]] = ("use my own data", "tell pictures apart")
    beware: ClassVar[tuple[str, ...]] = (
        "A network learns whatever tells the classes apart: if all cats were photographed indoors, it may learn what a "
        "carpet looks like.",
    )
    outputs: ClassVar[tuple[Port, ...]] = (Port("image", "Picture"), Port("label", "Class"))
    sample: ClassVar[Literal["points", "image", "tokens", "numbers"]] = "image"
    reads: ClassVar[Kind] = "images"

    data: str = Field(
        "digits",
        max_length=32,
        title="Data set",
        description="Which pictures: chosen on the data page, or the name of some that come with Chalknet.",
        examples=["digits", "mnist", "fashion-mnist", "cifar-10"],
    )
    size: int = Field(
        0,
        ge=0,
        le=320,
        title="Size",
        description="Height and width; 0 leaves the pictures as large as they are.",
        json_schema_extra={"unit": "px"},
    )
    colour: Literal["kept", "grey", "rgb", "hsv", "ycbcr", "lab"] = Field(
        "kept",
        title="Colours",
        description="What the numbers of a pixel are: as the pictures were brought, or turned into these.",
        json_schema_extra={"labels": ["as brought", "grey", "RGB", "HSV", "YCbCr", "L*a*b*"]},
    )
    signed: bool = Field(
        False, title="From −1", description="Numbers from −1 to 1, so that a mean grey is 0; otherwise from 0 to 1."
    )
    keep_test: bool = Field(
        True,
        title="Test part as brought",
        description="Where some pictures were brought as the test part, they are it, whatever the split says.",
    )

    def _channels(self, about: About) -> int:
        if self.colour == "kept":
            return about.arrays["images"].shape[1]
        return 1 if self.colour == "grey" else 3

    def _sides(self, about: About) -> tuple[int, int]:
        height, width = about.arrays["images"].shape[2:]
        return (self.size, self.size) if self.size else (height, width)

    def schema(self) -> dict[str, TensorType]:
        about = self.there()
        return {"image": image(self._channels(about), *self._sides(about)), "label": index(len(about.classes))}

    def stored(self) -> int:
        """Pictures are kept as bytes."""
        about = self.there()
        height, width = self._sides(about)
        return about.count * (about.arrays["images"].shape[1] * height * width + 8)

    def summary(self) -> str:
        about = self.about()
        return f"{about.count:,}, {counted(len(about.classes), 'class')}"[:40] if about else "no data"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        about = self.there()
        count = f"{about.count:,}".replace(",", "{,}")
        height, width = self._sides(about)
        return (
            rf"{count} \text{{ pictures}} \in \mathbb{{R}}^{{{self._channels(about)} \times {height} \times {width}}}"
            rf"\text{{ of }} {len(about.classes)} \text{{ classes}}"
        )

    def _tested(self) -> int:
        return self.there().tested if self.keep_test else 0

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        samples = own_images(shelf.tensors(self.data), self.size, self._tested())
        return divide(samples, split.validation, split.test, split.seed, split.drawn)

    def prepare(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return in_colours(dict(batch), self.colour, self.signed)

    def source(self, inputs: Inputs) -> Source:
        return Source(
            init=f"own_images({self.file()!r}, {self.size}, {self._tested()})",
            call=f"in_colours({{0}}, {self.colour!r}, {self.signed})",
            functions=(own_images, divide, in_colours),
        )
