"""Which features fire together: the Gram matrix, as style transfer compares it (notes 1:646)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import WHOLE, Axis, Example, Family, Inputs, Layer, Source, TensorType, Window, register
from chalknet.layers.words import call, product, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class GramMatrix(Layer):
    """float[C c, H h, W w] or float[C c, L l] → float[C c, D c]: G = F·Fᵀ over the places; ``normalised`` divides by
    c·h·w."""

    type = "gram_matrix"
    title = "Gram matrix"
    family: ClassVar[Family] = "arithmetic"
    sentence = "Says for each two maps how much they fire at the same places, wherever that is: the style of an image."
    formula = r"G_{ij} = \dfrac{1}{C H W} \sum_{u} F_{iu} F_{ju}"
    icon = "grid-3x3"
    aliases = ("style", "style transfer", "correlation", "covariance")
    purposes = ("style of an image",)
    beware = ("Where something is does not matter to it: shuffling the places of all maps alike leaves it as it is.",)
    examples = (
        Example(
            "Maps (1, 2) and (3, 4): 1·1 + 2·2 = 5, 1·3 + 2·4 = 11, 3·3 + 4·4 = 25.",
            inputs={"x": [[[1, 2]], [[3, 4]]]},
            fields={"normalised": False},
            outputs={"y": [[5, 11], [11, 25]]},
        ),
    )

    normalised: bool = Field(
        True, title="Normalised", description="Divide by the number of numbers, so that image sizes can be compared."
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not (x.is_image or x.is_signal):
            raise unfit("x", "an image, or a signal", x)
        return {"y": TensorType(axes=(Axis("C", x.sizes[0]), Axis("D", x.sizes[0])))}

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return inputs["x"].sizes[0] * inputs["x"].numel

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["y"].numel if self.normalised else 0

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        x = inputs["x"]
        return rows(
            ("multiply-adds", rf"{tex(x.sizes[0])}^2 \cdot {product(x.sizes[1:])} = {tex(self.macs(inputs, outputs))}"),
            ("divided by", f"{product(x.sizes)} = {tex(x.numel)}" if self.normalised else ""),
        )

    def summary(self) -> str:
        return "normalised" if self.normalised else "sums"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class GramMatrix(nn.Module):
            """(B, C, ...) → (B, C, C): products of each two maps, summed over the places."""

            def __init__(self, normalised: bool = True) -> None:
                super().__init__()
                self.normalised = normalised

            def forward(self, x: Tensor) -> Tensor:
                maps = x.flatten(2)
                gram = maps @ maps.transpose(1, 2)
                return gram / maps[0].numel() if self.normalised else gram

        return GramMatrix(self.normalised)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("GramMatrix", normalised=(self.normalised, True)), classes=("GramMatrix",))
