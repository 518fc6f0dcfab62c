"""Fully connected layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import (
    POINTWISE,
    WHOLE,
    Family,
    Inputs,
    Insert,
    Layer,
    Remedy,
    Source,
    TensorType,
    Window,
    register,
)
from chalknet.layers.words import call, counted, rows, tex, unfit

if TYPE_CHECKING:
    from torch import nn


@register
class Linear(Layer):
    """y = Wx + b on a vector, or on every position of a sequence with the same W and b.

    float[D n] → float[D units] · float[T t, D n] → float[T t, D units]; units·n + units parameters.
    """

    type = "linear"
    title = "Linear"
    family: ClassVar[Family] = "dense"
    per_number: ClassVar[int] = 0
    sentence = "Every output is a weighted sum of all inputs plus a bias; the weights are learned."
    formula = r"y = W x + b"
    icon = "align-vertical-distribute-center"
    aliases = ("fc", "dense", "fully connected", "affine", "projection", "perceptron", "neuron")
    purposes = ("classify", "predict a number", "connect everything", "change the width")
    width = "units"

    units: int = Field(16, ge=1, le=10**9, title="Units", description="How many numbers come out.")
    bias: bool = Field(True, title="Bias", description="Add a learned number to every output.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not (x.is_vector or x.is_sequence):
            remedies: list[Remedy] = []
            if x.is_image or x.is_signal:
                remedies = [
                    Insert("x", "flatten", "Insert Flatten"),
                    Insert("x", "global_avg_pool", "Insert global average pooling"),
                ]
            raise unfit("x", "a vector, or a sequence of vectors", x, remedies)
        return {"y": x.resized(D=self.units)}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {"weight": (self.units, inputs["x"].sizes[-1])}
        return {**shapes, "bias": (self.units,)} if self.bias else shapes

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return inputs["x"].numel * self.units

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return POINTWISE if inputs["x"].is_sequence else WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        n, m = inputs["x"].sizes[-1], self.units
        places = inputs["x"].numel // n
        bias = f" + {tex(m)}" if self.bias else ""
        each = rf"{tex(places)} \cdot " if places > 1 else ""
        return rows(
            ("parameters", rf"{tex(m)} \cdot {tex(n)}{bias} = {tex(m * n + (m if self.bias else 0))}"),
            ("multiply-adds", rf"{each}{tex(m)} \cdot {tex(n)} = {tex(places * m * n)}"),
        )

    def summary(self) -> str:
        return counted(self.units, "unit")

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.Linear(inputs["x"].sizes[-1], self.units, bias=self.bias)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("nn.Linear", inputs["x"].sizes[-1], self.units, bias=(self.bias, True)))
