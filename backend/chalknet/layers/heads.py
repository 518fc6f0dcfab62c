"""Ends of networks and the neuron that they are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import (
    POINTWISE,
    WHOLE,
    Example,
    Family,
    Inputs,
    Insert,
    Layer,
    Port,
    Source,
    TensorType,
    Window,
    image,
    register,
    vector,
)
from chalknet.layers.words import call, counted, product, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn

FLATTENED = (Insert("x", "flatten", "Insert Flatten"), Insert("x", "global_avg_pool", "Insert global average pooling"))


def vector_of(inputs: Inputs) -> TensorType:
    """The vector that arrives at x. Raises Fault."""
    x = inputs["x"]
    if not x.is_vector:
        raise unfit("x", "a vector", x, FLATTENED if x.is_image or x.is_signal else ())
    return x


@register
class Neuron(Layer):
    """y = g(w·x + b): float[D n] → float[]; n + 1 parameters (notes 1:41)."""

    type = "neuron"
    title = "Artificial neuron"
    family: ClassVar[Family] = "dense"
    sentence = "Weighs its inputs, adds them up with a bias, and bends the sum with an activation."
    formula = r"y = g(w \cdot x + b)"
    icon = "brain"
    aliases = ("perceptron", "unit", "single neuron", "mcculloch-pitts", "logistic regression")
    purposes = ("see one neuron work", "answer yes or no")
    beware = (
        "However it bends, one neuron draws one straight border: it cannot learn exclusive-or.",
        "Without the activation, many neurons in a row are no more than one.",
    )
    examples = (
        Example(
            "2·1 + (−1)·3 + 0.5 = −0.5, and ReLU makes 0 of it.", inputs={"x": [1, 3]}, fields={"activation": "relu"},
            weights={"weight": [[2, -1]], "bias": [0.5]}, outputs={"y": 0.0},
        ),
        Example(
            "The same sum through a sigmoid.", inputs={"x": [1, 3]},
            weights={"weight": [[2, -1]], "bias": [0.5]}, outputs={"y": 0.377541},
        ),
    )  # fmt: skip

    activation: Literal["identity", "sigmoid", "tanh", "relu"] = Field(
        "sigmoid",
        title="Activation",
        description="The function g that bends the sum.",
        json_schema_extra={"labels": ["None", "Sigmoid", "Tanh", "ReLU"]},
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        vector_of(inputs)
        return {"y": TensorType(meaning="probability" if self.activation == "sigmoid" else "")}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {"weight": (1, inputs["x"].sizes[0]), "bias": (1,)}

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return inputs["x"].sizes[0]

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return 0 if self.activation == "identity" else 1

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        n = inputs["x"].sizes[0]
        return rows(("parameters", f"{tex(n)} + 1 = {tex(n + 1)}"), ("multiply-adds", tex(n)))

    def summary(self) -> str:
        return {"identity": "no activation", "relu": "ReLU"}.get(self.activation, self.activation)

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class Neuron(nn.Linear):
            """(B, n) → (B,): g(w·x + b)."""

            def __init__(self, inputs: int, activation: str = "identity") -> None:
                super().__init__(inputs, 1)
                self.activation = activation

            def forward(self, x: Tensor) -> Tensor:
                total = super().forward(x).squeeze(1)
                bend = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}.get(self.activation)
                return total if bend is None else bend(total)

        return Neuron(inputs["x"].sizes[0], self.activation)

    def source(self, inputs: Inputs) -> Source:
        init = call("Neuron", inputs["x"].sizes[0], activation=(self.activation, "identity"))
        return Source(init, classes=("Neuron",))


@register
class BoxHead(Layer):
    """Two Linears side by side, (d + 1)·(k + 4) parameters: float[D d] → scores float[D k] and box float[D 4].

    On an image they are 1×1 convolutions, one answer at every place: float[C d, H h, W w] → scores float[C k, H h, W w]
    and box float[C 4, H h, W w].
    """

    type = "box_head"
    title = "Class and box head"
    family: ClassVar[Family] = "head"
    per_number: ClassVar[int] = 0
    multiplies = "linear"
    sentence = (
        "Says two things: what it is (a score for each class) and where (four numbers of a box); of an image, at every "
        "place of it."
    )
    formula = r"s = W_s x + b_s, \quad \Delta = W_b x + b_b \in \mathbb{R}^4"
    icon = "scan"
    aliases = (
        "two heads",
        "fast r-cnn head",
        "box regression",
        "localisation",
        "multi-task head",
        "dense prediction head",
    )
    purposes = ("say what and where",)
    outputs = (Port("scores", "Scores"), Port("box", "Box"))
    width = "classes"
    beware = (
        "Two heads need two losses: cross-entropy on the scores, a distance on the box. What they share learns from "
        "both.",
        "On an image the same weights answer at every place: it finds things wherever they are, and takes any size.",
    )
    examples = (
        Example(
            "The same weights answer at both places of a map of two channels.",
            inputs={"x": [[[1, 0]], [[0, 1]]]}, fields={"classes": 1},
            weights={
                "scores.weight": [[[[2]], [[-1]]]], "scores.bias": [0.5],
                "box.weight": [[[[1]], [[0]]], [[[0]], [[1]]], [[[0]], [[0]]], [[[1]], [[1]]]],
                "box.bias": [0, 0, 3, 0],
            },
            outputs={"scores": [[[2.5, -0.5]]], "box": [[[1, 0]], [[0, 1]], [[3, 3]], [[1, 1]]]},
        ),
    )  # fmt: skip

    classes: int = Field(10, ge=1, le=10**6, title="Classes", description="How many kinds there are.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.is_image:
            return {"scores": image(self.classes, *x.sizes[1:]), "box": image(4, *x.sizes[1:])}
        if not x.is_vector:
            raise unfit("x", "a vector or an image", x, FLATTENED if x.is_signal else ())
        return {"scores": vector(self.classes), "box": vector(4)}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        d, kernel = inputs["x"].sizes[0], (1, 1) if inputs["x"].is_image else ()
        return {
            "scores.weight": (self.classes, d, *kernel),
            "scores.bias": (self.classes,),
            "box.weight": (4, d, *kernel),
            "box.bias": (4,),
        }

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return inputs["x"].numel * (self.classes + 4)

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return POINTWISE if inputs["x"].is_image else WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        d, k = inputs["x"].sizes[0], self.classes
        each = rf"{tex(d)} \cdot ({tex(k)} + 4)"
        places = inputs["x"].sizes[1:]
        return rows(
            ("parameters", rf"({tex(d)} + 1) \cdot ({tex(k)} + 4) = {tex((d + 1) * (k + 4))}"),
            (
                "multiply-adds",
                rf"{product((*places,))} \cdot {each} = {tex(math.prod(places) * d * (k + 4))}"
                if places
                else rf"{each} = {tex(d * (k + 4))}",
            ),
        )

    def summary(self) -> str:
        return f"{counted(self.classes, 'class')}, 4 box numbers"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class BoxHead(nn.Module):
            """(B, D) → scores (B, K) and box (B, 4); of an image (B, C, H, W) the same at every place."""

            def __init__(self, width: int, classes: int, everywhere: bool = False) -> None:
                super().__init__()
                self.scores = nn.Conv2d(width, classes, 1) if everywhere else nn.Linear(width, classes)
                self.box = nn.Conv2d(width, 4, 1) if everywhere else nn.Linear(width, 4)

            def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
                return self.scores(x), self.box(x)

        return BoxHead(inputs["x"].sizes[0], self.classes, inputs["x"].is_image)

    def source(self, inputs: Inputs) -> Source:
        init = call("BoxHead", inputs["x"].sizes[0], self.classes, everywhere=(inputs["x"].is_image, False))
        return Source(init, classes=("BoxHead",))
