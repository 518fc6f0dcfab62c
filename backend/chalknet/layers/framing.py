"""Another frame for a picture: crop, pad, resize; boxes and masks follow (notes 0:561, 3:241, 4:390)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import (
    Axis,
    Example,
    Family,
    Fault,
    Inputs,
    Insert,
    Layer,
    Port,
    Remedy,
    SetField,
    Source,
    TensorType,
    Window,
    register,
)
from chalknet.layers.sizes import MOST, Margin, Size, pair
from chalknet.layers.sizes import size as sized
from chalknet.layers.words import call, named, rows, tex, times, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn

Pair = tuple[int, int]
LIKE = Port("like", "As large as", optional=True, shape_only=True)


@dataclass(frozen=True, slots=True)
class Part:
    """A module as it is made: its class, of torch or of ours, and its arguments; a keyword is (value, default)."""

    name: str
    positional: tuple[Any, ...] = ()
    keywords: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    def made(self, classes: Mapping[str, Any], torch_nn: Any) -> nn.Module:
        kind = classes.get(self.name) or getattr(torch_nn, self.name.removeprefix("nn."))
        module: nn.Module = kind(*self.positional, **{name: value for name, (value, _) in self.keywords.items()})
        return module

    def __str__(self) -> str:
        return call(self.name, *self.positional, **self.keywords)


class Framing(Layer):
    """Base: float[C c, H h, W w] → float[C c, H h′, W w′], and with it boxes<k>[N n] relative to the new picture, and a
    mask or a map of classes, bool or index<k>[H h, W w] → [H h′, W w′].

    A box that is cut keeps its part; one of which too little stays is gone (class −1).
    """

    family: ClassVar[Family] = "shape"
    per_number: ClassVar[int] = 0
    keeps_width: ClassVar[bool] = True
    inputs: ClassVar[tuple[Port, ...]] = (
        Port("x", "Image"),
        Port("boxes", "Boxes", optional=True),
        Port("mask", "Mask", optional=True),
    )
    outputs = (Port("y", "Image"), Port("boxes", "Boxes", spare=True), Port("mask", "Mask", spare=True))
    purposes = ("change the size of an image", "preprocess images", "boxes and masks follow")
    relative: ClassVar[bool] = True
    """Whether what is told relative to the picture must be told anew."""

    @property
    def limit(self) -> float:
        """Of a box, the share that must stay."""
        return 0.0

    def framed(self, inputs: Inputs) -> tuple[Pair, Pair]:
        """(height, width) of the new picture, and (rows, columns) by which the old one is moved in it. Raises Fault."""
        raise NotImplementedError

    def part(self, inputs: Inputs, *, mask: bool = False) -> Part:
        """What does it to an image; or to a mask, whose numbers are no quantities."""
        raise NotImplementedError

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x, boxes, mask = inputs["x"], inputs.get("boxes"), inputs.get("mask")
        if not x.is_image:
            raise unfit("x", "an image (channels × height × width)", x)
        if boxes is not None and boxes.element != "boxes":
            raise unfit("boxes", "boxes", boxes)
        space = (("H", x.sizes[1]), ("W", x.sizes[2]))
        if mask is not None and (
            mask.element not in ("bool", "index") or tuple((axis.name, axis.size) for axis in mask.axes) != space
        ):
            raise unfit("mask", f"a yes or no, or a class, at each of the {times(x.sizes[1:])} pixels", mask)
        for port, found in (("boxes", boxes), ("mask", mask)):
            if found is None and inputs.wants(port):
                raise Fault(
                    "missing_input",
                    f"gives {'boxes' if port == 'boxes' else 'a mask'} only where such arrive, "
                    f"and nothing is connected to its input {port!r}.",
                    hint="Draw a wire to it.",
                    port=port,
                )
        (height, width), _ = self.framed(inputs)
        made = {"y": x.resized(H=height, W=width)}
        if boxes is not None:
            made["boxes"] = boxes
        if mask is not None:
            made["mask"] = TensorType(mask.element, (Axis("H", height), Axis("W", width)), mask.classes)
        return made

    def _like(self, inputs: Inputs) -> Pair | None:
        """The size of what is wired to ``like``. Raises Fault."""
        like = inputs.get("like")
        if like is None:
            return None
        found = {axis.name: axis.size for axis in like.axes}
        if not {"H", "W"} <= set(found):
            raise Fault("kind", f"needs something with a height and a width to be as large as; {named(like)} arrives.",
                        port="like")  # fmt: skip
        return found["H"], found["W"]

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        before, (after, moved) = inputs["x"].sizes[1:], self.framed(inputs)
        return rows(
            *(
                (name, rf"{tex(old)} \to {tex(new)}{self._moved(by)}")
                for name, old, new, by in zip("HW", before, after, moved, strict=True)
            )
        )

    def _moved(self, by: int) -> str:
        if not by:
            return ""
        return rf",\ \text{{{abs(by)} {'cut off before' if by < 0 else 'put before'}}}"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class Cut(nn.Module):
            """A part of a picture (B, C, H, W)."""

            def __init__(self, top: int, left: int, height: int, width: int) -> None:
                super().__init__()
                self.rows, self.columns = slice(top, top + height), slice(left, left + width)

            def forward(self, x: Tensor) -> Tensor:
                return x[:, :, self.rows, self.columns]

        class Framed(nn.Module):
            """A picture (B, C, H, W) in another frame; with it boxes (B, N, 5), rows of class, cx, cy, w, h relative to
            the picture, and a mask (B, H, W).

            ``before`` and ``after``: height and width of the picture; ``moved``: rows and columns by which the old one
            is moved in the new one. A box of which less than ``least`` stays gets the class -1.
            """

            def __init__(
                self,
                picture: nn.Module,
                mask: nn.Module,
                gives: tuple[str, ...],
                before: tuple[int, int] = (1, 1),
                after: tuple[int, int] = (1, 1),
                moved: tuple[int, int] = (0, 0),
                least: float = 0.0,
            ) -> None:
                super().__init__()
                self.picture, self.mask, self.gives = picture, mask, gives
                self.before, self.after, self.moved = before[::-1], after[::-1], moved[::-1]  # across before down
                self.least = least

            def forward(
                self, x: Tensor, boxes: Tensor | None = None, mask: Tensor | None = None, like: Tensor | None = None
            ) -> Tensor | tuple[Tensor, ...]:
                found = [self.picture(x)]
                if boxes is not None and "boxes" in self.gives:
                    found.append(self.follow(boxes))
                if mask is not None and "mask" in self.gives:
                    found.append(self.mask(mask[:, None].float())[:, 0].to(mask.dtype))
                return tuple(found) if len(found) > 1 else found[0]

            def follow(self, boxes: Tensor) -> Tensor:
                if self.before == self.after and not any(self.moved):
                    return boxes
                kind, centre, size = boxes[..., :1], boxes[..., 1:3], boxes[..., 3:]
                before, after, moved = (boxes.new_tensor(each) for each in (self.before, self.after, self.moved))
                low, high = (((centre + half * size) * before + moved) / after for half in (-0.5, 0.5))
                kept_low, kept_high = low.clamp(0, 1), high.clamp(0, 1)
                kept = (kept_high - kept_low).prod(-1, keepdim=True)
                there = (kind >= 0) & (kept > 0) & (kept >= self.least * (high - low).prod(-1, keepdim=True))
                rows = torch.cat([kind, (kept_low + kept_high) / 2, kept_high - kept_low], -1)
                return torch.where(there, rows, boxes.new_tensor([-1.0, 0.0, 0.0, 0.0, 0.0]))

        classes = {"Cut": Cut}
        gives, keywords = self._arguments(inputs)
        image, mask = (self.part(inputs, mask=mask).made(classes, nn) for mask in (False, True))
        return Framed(image, mask, gives, **{name: value for name, (value, _) in keywords.items()})

    def _arguments(self, inputs: Inputs) -> tuple[tuple[str, ...], dict[str, tuple[Any, Any]]]:
        """What is given, and where the picture was and is, with the defaults."""
        gives = tuple(port.name for port in self.gives(inputs))
        if not self.relative:
            return gives, {}
        after, moved = self.framed(inputs)
        return gives, {
            "before": (inputs["x"].sizes[1:], (1, 1)),
            "after": (after, (1, 1)),
            "moved": (moved, (0, 0)),
            "least": (self.limit, 0.0),
        }

    def source(self, inputs: Inputs) -> Source:
        gives, keywords = self._arguments(inputs)
        image, mask = (self.part(inputs, mask=mask) for mask in (False, True))
        own = () if image.name.startswith("nn.") else (image.name,)
        if gives == ("y",):
            return Source(str(image), call="{self}({0})", classes=own)
        told = call("", gives, **keywords)[1:-1]
        return Source(f"Framed({image}, {mask}, {told})", call="{self}({0}, {1}, {2})", classes=(*own, "Framed"))


@register
class Crop(Framing):
    """float[C c, H h, W w] → float[C c, H height, W width], or as large as what is wired to ``like``: U-Net's copy and
    crop. From the centre, ⌊(h − height)/2⌋ rows and ⌊(w − width)/2⌋ columns are cut off before it."""

    type = "crop"
    title = "Crop"
    sentence = "Keeps a part of an image, as large as you say or as another one; boxes and masks are cut with it."
    formula = r"y_c[i, j] = x_c[i + a,\, j + b], \quad a = \left\lfloor \tfrac{H - H'}{2} \right\rfloor"
    icon = "crop"
    aliases = ("centre crop", "center crop", "cut out", "copy and crop", "crop to size", "u-net skip")
    inputs = (*Framing.inputs, LIKE)
    beware = (
        "What is cut off is gone for all layers behind it. A skip connection that needs equal sizes can pad instead.",
        "Relative to a smaller picture every box is larger: its numbers change though it stays in its place.",
    )
    examples = (
        Example(
            "The middle 2×2 of 4×4 numbers.",
            inputs={"x": [[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]]]},
            fields={"size": 2},
            outputs={"y": [[[6, 7], [10, 11]]]},
        ),
        Example(
            "Of a 4×4 picture the left half is kept. The first box, over the middle, loses its right half; the second, "
            "at the right, is gone.",
            inputs={
                "x": [[[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]],
                "boxes": [[0, 0.5, 0.5, 0.5, 0.5], [2, 0.75, 0.5, 0.25, 0.5]],
            },
            axes={"boxes": "boxes<3>N"},
            fields={"size": [4, 2], "place": "top left"},
            outputs={
                "y": [[[1, 2], [1, 2], [1, 2], [1, 2]]],
                "boxes": [[0, 0.75, 0.5, 0.5, 0.5], [-1, 0, 0, 0, 0]],
            },
        ),
    )

    size: Size = sized(24, "Size", "Height and width that are kept, where nothing is wired to “As large as”.")
    place: Literal["centre", "top left", "top right", "bottom left", "bottom right", "offset"] = Field(
        "centre", title="From", description="Which part is kept."
    )
    offset: Margin = sized(0, "Offset", "Rows and columns cut off before it, if taken from an offset.", least=0)
    least: float = Field(
        0.1, ge=0, le=1, title="Least of a box", description="A box that keeps a smaller share of its area is gone.",
        json_schema_extra={"step": 0.05},
    )  # fmt: skip

    @property
    def limit(self) -> float:
        return self.least

    def framed(self, inputs: Inputs) -> tuple[Pair, Pair]:
        high, wide = inputs["x"].sizes[1:]
        like = self._like(inputs)
        height, width = like or pair(self.size)
        down, across = high - height, wide - width
        if min(down, across) < 0:
            raise self._too_large((high, wide), (height, width), like is not None)
        top, left = {
            "centre": (down // 2, across // 2),
            "top left": (0, 0),
            "top right": (0, across),
            "bottom left": (down, 0),
            "bottom right": (down, across),
            "offset": pair(self.offset),
        }[self.place]
        if top > down or left > across:
            most = (min(top, down), min(left, across))
            raise Fault(
                "offset_too_large",
                f"from {times((top, left))} on, only {times((high - min(top, high), wide - min(left, wide)))} of the "
                f"{times((high, wide))} image are left; {times((height, width))} are to be kept.",
                field="offset",
                port="x",
                remedies=[
                    SetField("offset", most, f"Set the offset to {times(most)}"),
                    SetField("place", "centre", "Take it from the centre"),
                ],
            )
        return (height, width), (-top, -left)

    def _too_large(self, space: Pair, wanted: Pair, told: bool) -> Fault:
        fitting = (min(space[0], wanted[0]), min(space[1], wanted[1]))
        ways: list[Remedy] = [] if told else [SetField("size", fitting, f"Keep {times(fitting)}")]
        if max(wanted) <= MOST:
            ways.append(Insert("x", "resize", f"Resize the image to {times(wanted)}", {"size": wanted}))
            rows, columns = (max(0, want - have) for want, have in zip(wanted, space, strict=True))
            pads = {"top": rows - rows // 2, "bottom": rows // 2, "left": columns - columns // 2, "right": columns // 2}
            ways.append(Insert("x", "pad", f"Pad the image to {times(wanted)} at least", pads))
        return Fault(
            "crop_too_large",
            f"{times(wanted)} are to be kept, but the image is only {times(space)}.",
            hint="The smaller one of two is the one to be as large as." if told else "",
            field=None if told else "size",
            port="x",
            remedies=ways,
        )

    def part(self, inputs: Inputs, *, mask: bool = False) -> Part:
        (height, width), (down, across) = self.framed(inputs)
        return Part("Cut", (-down, -across, height, width))

    def window(self, inputs: Inputs) -> Window:
        _, moved = self.framed(inputs)
        return Window(padding=moved)

    def summary(self) -> str:
        return f"{times(pair(self.size))}, {self.place}"


@register
class Pad(Framing):
    """float[C c, H h, W w] → float[C c, H top + h + bottom, W left + w + right]."""

    type = "pad"
    title = "Pad"
    sentence = "Puts a border round an image; boxes move with the picture, and a mask is empty on the border."
    formula = r"H' = t + H + b, \quad W' = l + W + r"
    icon = "frame"
    aliases = ("padding", "zero padding", "border", "reflect", "letterbox")
    beware = ("A convolution can pad by itself; this is for borders of another kind, or of unequal width.",)
    examples = (
        Example(
            "A border of zeros on the left and below.",
            inputs={"x": [[[1, 2], [3, 4]]]},
            fields={"top": 0, "bottom": 1, "left": 1, "right": 0},
            outputs={"y": [[[0, 1, 2], [0, 3, 4], [0, 0, 0]]]},
        ),
        Example(
            "Mirrored: the row and the column beside the edge once more.",
            inputs={"x": [[[1, 2, 3], [4, 5, 6]]]},
            fields={"top": 1, "bottom": 0, "left": 0, "right": 1, "kind": "mirror"},
            outputs={"y": [[[4, 5, 6, 5], [1, 2, 3, 2], [4, 5, 6, 5]]]},
        ),
    )

    top: int = Field(2, ge=0, le=MOST, title="Above", description="Rows put above.", json_schema_extra={"unit": "px"})
    bottom: int = Field(
        2, ge=0, le=MOST, title="Below", description="Rows put below.", json_schema_extra={"unit": "px"}
    )
    left: int = Field(2, ge=0, le=MOST, title="Left", description="Columns put left.", json_schema_extra={"unit": "px"})
    right: int = Field(
        2, ge=0, le=MOST, title="Right", description="Columns put right.", json_schema_extra={"unit": "px"}
    )
    kind: Literal["number", "mirror", "repeat"] = Field(
        "number", title="With", description="One number, the picture mirrored at its edge, or its edge repeated."
    )
    value: float = Field(0, ge=-1000, le=1000, title="Number", description="What the border is filled with.")

    def framed(self, inputs: Inputs) -> tuple[Pair, Pair]:
        high, wide = inputs["x"].sizes[1:]
        if self.kind == "mirror" and (max(self.top, self.bottom) >= high or max(self.left, self.right) >= wide):
            most = (max(self.top, self.bottom), max(self.left, self.right))
            raise Fault(
                "padding_too_large",
                f"a border of {times(most)} cannot be mirrored in a {times((high, wide))} image: it must be smaller.",
                field="kind",
                port="x",
                remedies=[
                    SetField("kind", "repeat", "Repeat the edge instead"),
                    SetField("kind", "number", "Fill it with a number instead"),
                ],
            )
        return (self.top + high + self.bottom, self.left + wide + self.right), (self.top, self.left)

    def part(self, inputs: Inputs, *, mask: bool = False) -> Part:
        margins = (self.left, self.right, self.top, self.bottom)
        if self.kind == "number" and not mask and self.value:
            return Part("nn.ConstantPad2d", (margins, float(self.value)))
        name = {"number": "Zero", "mirror": "Reflection", "repeat": "Replication"}["number" if mask else self.kind]
        return Part(f"nn.{name}Pad2d", (margins,))

    def window(self, inputs: Inputs) -> Window:
        if self.kind == "number":
            return Window(padding=(self.top, self.left))
        # What stands on the border is found at most twice its width further in: an upper bound.
        down, across = 2 * max(self.top, self.bottom), 2 * max(self.left, self.right)
        return Window((2 * down + 1, 2 * across + 1), padding=(self.top + down, self.left + across))

    def summary(self) -> str:
        what = f"{self.value:g}" if self.kind == "number" else self.kind
        return f"{self.top} {self.right} {self.bottom} {self.left}, {what}"


@register
class Resize(Framing):
    """float[C c, H h, W w] → float[C c, H height, W width], or as large as what is wired to ``like``. Boxes, which are
    relative to the picture, stay as they are; of a mask the nearest pixel is taken."""

    type = "resize"
    title = "Resize"
    sentence = "Makes an image as large as you say, or as large as another one; masks too, and boxes fit as they are."
    formula = (
        r"y[i, j] = x\left[\left\lfloor i\, \tfrac{H}{H'} \right\rfloor,"
        r" \left\lfloor j\, \tfrac{W}{W'} \right\rfloor\right]"
    )
    icon = "scaling"
    aliases = ("scale", "interpolate", "rescale", "image size", "thumbnail", "upsample to size")
    inputs = (*Framing.inputs, LIKE)
    relative = False
    beware = (
        "Blending looks at four neighbours only: to make an image much smaller, pool it, or most of its pixels are "
        "never looked at.",
        "Another proportion makes things wider or higher than they are; pad first to keep it.",
    )
    examples = (
        Example(
            "3 columns become 6: each twice.",
            inputs={"x": [[[1, 2, 3]]]},
            fields={"size": [1, 6], "mode": "nearest"},
            outputs={"y": [[[1, 1, 2, 2, 3, 3]]]},
        ),
        Example(
            "4 columns become 2, blended: the mean of each pair, (0 + 4)/2 and (8 + 2)/2.",
            inputs={"x": [[[0, 4, 8, 2]]]},
            fields={"size": [1, 2]},
            outputs={"y": [[[2, 5]]]},
        ),
    )

    size: Size = sized(32, "Size", "Height and width that come out, where nothing is wired to “As large as”.")
    mode: Literal["nearest", "bilinear"] = Field(
        "bilinear", title="Kind", description="Take the nearest pixel, or blend neighbours."
    )

    def framed(self, inputs: Inputs) -> tuple[Pair, Pair]:
        return self._like(inputs) or pair(self.size), (0, 0)

    def part(self, inputs: Inputs, *, mask: bool = False) -> Part:
        after, _ = self.framed(inputs)
        return Part("nn.Upsample", (), {"size": (after, None), "mode": ("nearest" if mask else self.mode, "nearest")})

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["y"].numel * (7 if self.mode == "bilinear" else 0)  # 4 products, 3 sums

    def window(self, inputs: Inputs) -> Window:
        """⌊i·I/O⌋; or the two places round (i + ½)·I/O − ½: over an input spread by O, or by 2O."""
        after, _ = self.framed(inputs)
        kernel, stride, padding, up = [], [], [], []
        for before, behind in zip(inputs["x"].sizes[1:], after, strict=True):
            common = math.gcd(before, behind)
            i, o = before // common, behind // common
            blended = self.mode == "bilinear"
            kernel.append(4 * o - 1 if blended else o)
            stride.append(2 * i if blended else i)
            padding.append(3 * o - i - 1 if blended else o - 1)
            up.append(2 * o if blended else o)
        return Window(
            (kernel[0], kernel[1]), (stride[0], stride[1]), padding=(padding[0], padding[1]), up=(up[0], up[1])
        )

    def summary(self) -> str:
        return f"to {times(pair(self.size))}, {self.mode}"
