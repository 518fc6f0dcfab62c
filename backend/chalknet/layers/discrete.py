"""Between numbers and names: one-hot vectors of classes, and the class with the largest score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from chalknet.layers.base import (
    Axis,
    Example,
    Family,
    Fault,
    Inputs,
    Layer,
    Source,
    TensorType,
    register,
)
from chalknet.layers.words import named, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class OneHot(Layer):
    """index<n>[] → float[D n]; index<n>[T t] → float[T t, D n]; index<n>[H h, W w] → float[C n, H h, W w]."""

    type = "one_hot"
    title = "One-hot"
    answers = True
    family: ClassVar[Family] = "attention"
    per_number: ClassVar[int] = 0
    sentence = "Writes every class or token as a row of zeros with a single 1 at its own place."
    formula = r"y_i = \begin{cases} 1 & i = x \\ 0 & i \ne x \end{cases}"
    icon = "binary"
    aliases = ("one hot", "dummy variables", "indicator", "categorical")
    purposes = ("make numbers of classes", "condition on a class")
    views = ("choice",)
    beware = (
        "All one-hot vectors are equally far apart: dog is no nearer to cat than to car. An embedding can learn that.",
        "Cross-entropy takes classes as they are, not one-hot vectors.",
    )
    examples = (
        Example("Class 2 of 4.", inputs={"x": 2}, axes={"x": "index<4>"}, outputs={"y": [0, 0, 1, 0]}),
        Example(
            "Two tokens of 3.", inputs={"x": [0, 2]}, axes={"x": "index<3>T"}, outputs={"y": [[1, 0, 0], [0, 0, 1]]}
        ),
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "index" or x.names not in ((), ("T",), ("H", "W")):
            raise unfit("x", "classes or tokens", x)
        feature = Axis("C" if x.names == ("H", "W") else "D", x.classes or 0)
        return {"y": TensorType(axes=(feature, *x.axes) if feature.name == "C" else (*x.axes, feature))}

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows(("zeros for each 1", tex((inputs["x"].classes or 1) - 1)))

    def _classes(self, inputs: Inputs) -> tuple[int, bool]:
        return inputs["x"].classes or 0, inputs["x"].names == ("H", "W")

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class OneHot(nn.Module):
            """Classes (B, ...) → zeros and a one (B, ..., K), or (B, K, H, W) of a map."""

            def __init__(self, classes: int, maps: bool = False) -> None:
                super().__init__()
                self.classes = classes
                self.maps = maps

            def forward(self, x: Tensor) -> Tensor:
                places = torch.arange(self.classes, device=x.device)
                made = (x.unsqueeze(-1) == places).float()
                return made.movedim(-1, 1) if self.maps else made

        return OneHot(*self._classes(inputs))

    def source(self, inputs: Inputs) -> Source:
        classes, maps = self._classes(inputs)
        return Source(f"OneHot({classes}{', maps=True' if maps else ''})", classes=("OneHot",))


@register
class Argmax(Layer):
    """float[D k] → index<k>[] · float[T t, D k] → index<k>[T t] · float[C k, H h, W w] → index<k>[H h, W w]."""

    type = "argmax"
    title = "Argmax"
    answers = True
    family: ClassVar[Family] = "head"
    sentence = "Says which score is the largest: the answer as a class, for each place where there are places."
    formula = r"y = \arg\max_i x_i"
    icon = "trophy"
    aliases = ("prediction", "decision", "largest", "class of a pixel", "hard decision")
    purposes = ("decide on a class",)
    differentiable = False
    views = ("choice",)
    beware = (
        "It has no slope: a loss behind it teaches nothing to what comes before. Train on the scores; decide after.",
        "Of equal scores, the first is taken.",
    )
    examples = (
        Example("The second is the largest.", inputs={"x": [0.1, 2.5, -1]}, outputs={"y": 1}),
        Example("Pixel by pixel.", inputs={"x": [[[1, 0]], [[0, 1]]]}, outputs={"y": [[0, 1]]}),
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float":
            raise unfit("x", "scores", x)
        if x.feature is None:
            raise Fault("kind", f"needs several scores to choose from; {named(x)} arrives.", port="x")
        places = tuple(axis for i, axis in enumerate(x.axes) if i != x.feature)
        return {"y": TensorType("index", places, x.sizes[x.feature])}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return inputs["x"].numel - outputs["y"].numel

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows(("choices", tex(outputs["y"].classes or 0)))

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        at = (inputs["x"].feature or 0) + 1

        class Argmax(nn.Module):
            """The place of the largest score."""

            def forward(self, x: Tensor) -> Tensor:
                return x.argmax(at)

        return Argmax()

    def source(self, inputs: Inputs) -> Source:
        return Source(call=f"{{0}}.argmax({(inputs['x'].feature or 0) + 1})")
