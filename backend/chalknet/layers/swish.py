"""Swish with its β learned: between half a straight line and a ReLU, and training chooses where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from chalknet.layers.activation import Activation, sigmoid
from chalknet.layers.base import Example, Inputs, Source, TensorType, register
from chalknet.layers.words import call, rows, tex

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class SwishBeta(Activation):
    """x·σ(βx), one β for every channel, all learned (Ramachandran, Zoph and Le 2017)."""

    type = "swish_beta"
    title = "Swish-β"
    sentence = "A smooth ReLU that learns how sharp its bend is, for every channel by itself."
    formula = r"f(x)_c = x_c\,\sigma(\beta_c\,x_c), \quad \beta \text{ learned}"
    icon = "trending-up"
    aliases = ("swish beta", "learned swish")
    purposes = ("smooth nonlinearity", "learn the slope")
    beware = ("Weight decay pulls β to 0, where only half a straight line is left: x/2.",)
    examples = (
        Example(
            "The first channel has β = 1, the second β = 0: a half of what comes in.",
            inputs={"x": [1, 1]},
            weights={"beta": [1, 0]},
            outputs={"y": [0.7311, 0.5]},
        ),
    )

    init: float = Field(
        1.0, ge=-10, le=10, title="First β", description="β of every channel before any learning; 1 is SiLU.",
        json_schema_extra={"step": 0.1},
    )  # fmt: skip

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        x = inputs["x"]
        return {"beta": (1 if x.feature is None else x.sizes[x.feature],)}

    def value(self, x: float) -> float:
        return x * sigmoid(self.init * x)

    def derivative(self, x: float) -> float:
        share = sigmoid(self.init * x)
        return share + x * self.init * share * (1 - share)

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows(("parameters", rf"{tex(self.parameters(inputs)['beta'][0])} \text{{, one a channel}}"))

    def summary(self) -> str:
        return f"β from {self.init:g}"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class SwishBeta(nn.Module):
            """x·σ(βx) with a learned β for each of ``channels`` along ``axis`` (the batch is axis 0)."""

            def __init__(self, channels: int, axis: int, init: float) -> None:
                super().__init__()
                self.axis = axis
                self.beta = nn.Parameter(torch.full((channels,), init))

            def forward(self, x: Tensor) -> Tensor:
                shape = [1] * x.dim()
                shape[self.axis] = -1
                return x * torch.sigmoid(self.beta.view(shape) * x)

        return SwishBeta(*self._places(inputs))

    def source(self, inputs: Inputs) -> Source:
        return Source(call("SwishBeta", *self._places(inputs)), classes=("SwishBeta",))

    def _places(self, inputs: Inputs) -> tuple[int, int, float]:
        """Channels, the axis that they lie along (0 is the batch, which a lone number has only), the first β."""
        feature = inputs["x"].feature
        return self.parameters(inputs)["beta"][0], 0 if feature is None else feature + 1, self.init
