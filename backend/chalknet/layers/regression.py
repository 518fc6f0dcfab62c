"""Losses between numbers: how far what came out is from what was wanted (T-016…T-019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from chalknet.layers.base import Example, Fault, Inputs, Loss, Port, Source, TensorType, register, scalar
from chalknet.layers.loss import unequal
from chalknet.layers.words import call, named, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


class Distance(Loss):
    """Base: prediction and target, float of one shape, compared number by number."""

    inputs = (Port("prediction", "Prediction"), Port("target", "Target"))
    purposes: ClassVar[tuple[str, ...]] = ("predict a number", "train a regression")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        prediction, target = inputs["prediction"], inputs["target"]
        if prediction.element != "float":
            raise unfit("prediction", "numbers", prediction)
        if target.element != "float":
            hint = "Classes have no distances: take Cross-entropy." if target.element == "index" else ""
            raise Fault("kind", f"needs numbers as its target; {named(target)} arrives.", hint=hint, port="target")
        if (prediction.names, prediction.sizes) != (target.names, target.sizes):
            raise unequal("prediction", "number", prediction, target)
        return {"loss": scalar()}


@register
class MSE(Distance):
    """Mean of the squared differences over all numbers (T-016)."""

    type = "mse"
    title = "Mean squared error"
    sentence = "The mean of the squared distances between what came out and what was wanted."
    formula = r"L = \dfrac{1}{n} \sum_i (y_i - t_i)^2"
    icon = "ruler-dimension-line"
    aliases = ("squared error", "l2 loss", "regression loss", "reconstruction loss")
    metrics = ("mae",)

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.MSELoss()

    def source(self, inputs: Inputs) -> Source:
        return Source("nn.MSELoss()", "{self}({0}, {1})")


@register
class HalfSquared(Distance):
    """½ Σ (y − t)² over the numbers of a sample, mean over the batch (T-017): its gradient is just y − t."""

    type = "half_squared"
    title = "Half the squared error"
    sentence = "Half the sum of a sample's squared distances: the half is there so that the gradient is the distance."
    formula = r"L = \tfrac12 \sum_i (y_i - t_i)^2"
    icon = "ruler-dimension-line"
    aliases = ("half sse", "sum of squared errors", "half mse", "½sse")
    metrics = ("mse", "mae")
    beware = ("It grows with the numbers that a sample has: the same learning rate steps further than with the mean.",)
    examples = (
        Example(
            "½ · (1² + 2²) = 2.5.",
            inputs={"prediction": [3, 5], "target": [2, 3]},
            outputs={"loss": 2.5},
        ),
    )

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class HalfSquared(nn.Module):
            """Half the sum of squares of a sample, mean over the batch (axis 0)."""

            def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
                return (prediction - target).square().sum() / (2 * len(prediction))

        return HalfSquared()

    def source(self, inputs: Inputs) -> Source:
        return Source("HalfSquared()", classes=("HalfSquared",))


@register
class MAE(Distance):
    """Mean of the absolute differences over all numbers (T-018)."""

    type = "mae"
    title = "Mean absolute error"
    sentence = (
        "The mean distance between what came out and what was wanted: twice as far is twice as bad, not four times."
    )
    formula = r"L = \dfrac{1}{n} \sum_i |y_i - t_i|"
    icon = "ruler-dimension-line"
    aliases = ("absolute error", "l1 loss", "l1")
    metrics = ("mae", "mse")
    beware = ("It asks for the median, the squared error for the mean: a few wild targets hardly move it.",)
    examples = (Example("(1 + 2) / 2.", inputs={"prediction": [3, 5], "target": [2, 3]}, outputs={"loss": 1.5}),)

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.L1Loss()

    def source(self, inputs: Inputs) -> Source:
        return Source("nn.L1Loss()", "{self}({0}, {1})")


@register
class Huber(Distance):
    """½d² up to δ, δ(|d| − δ/2) beyond, mean over all numbers (Huber 1964; T-019). Smooth L1 is it at δ = 1."""

    type = "huber"
    title = "Huber loss"
    sentence = "Squared where it is near, straight where it is far: gentle at the end, and not torn by wild targets."
    formula = (
        r"L = \begin{cases} \tfrac12 d^2 & |d| \le \delta \\ \delta\,(|d| - \tfrac12 \delta) & |d| > \delta "
        r"\end{cases}, \quad d = y - t"
    )
    icon = "ruler-dimension-line"
    aliases = ("smooth l1", "robust regression")
    purposes = (*Distance.purposes, "ignore outliers")
    metrics = ("mae", "mse")
    examples = (
        Example(
            "½ · 0.5² = 0.125 for the near one, 1 · (3 − ½) = 2.5 for the far one: 1.3125 on average.",
            inputs={"prediction": [0.5, 3], "target": [0, 0]},
            outputs={"loss": 1.3125},
        ),
    )

    delta: float = Field(
        1.0, gt=0, le=1e6, title="δ", description="The distance from which on it is straight.",
        json_schema_extra={"log": True},
    )  # fmt: skip

    def summary(self) -> str:
        return f"δ {self.delta:g}"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.HuberLoss(delta=self.delta)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("nn.HuberLoss", delta=(self.delta, 1.0)), "{self}({0}, {1})")
