"""A loss that is drawn instead of chosen: whatever number the board computes is made small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalknet.layers.base import (
    Example,
    Fault,
    Inputs,
    Insert,
    Loss,
    Port,
    Remedy,
    Source,
    TensorType,
    Widen,
    register,
    scalar,
)
from chalknet.layers.words import counted, named, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class Minimise(Loss):
    """The mean over the batch of one number a sample: float[] or float[D 1]."""

    type = "minimise"
    title = "Minimise"
    sentence = "Makes the number that arrives here as small as it gets: the end of a loss that you draw yourself."
    formula = r"L = \dfrac{1}{B} \sum_{i=1}^{B} J_i"
    icon = "arrow-down-to-line"
    aliases = ("objective", "minimize", "cost", "own loss", "custom loss", "descend", "optimise")
    purposes = ("draw an own loss", "minimise a function", "work a graph by hand")
    inputs = (Port("x", "Number"),)
    beware = (
        "To make a number large, multiply it by −1 first. A number that has no smallest value falls for ever: J = 3·a "
        "goes to −∞.",
    )
    examples = (Example("The number itself.", inputs={"x": 33.0}, outputs={"loss": 33.0}),)

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float":
            raise unfit("x", "one number for every sample", x)
        if x.axes and (x.numel > 1 or any(axis.varies for axis in x.axes)):
            raise Fault(
                "kind",
                f"needs one number for every sample; {named(x)} arrives.",
                hint="Only one number can be made small: add them up, or take their mean.",
                port="x",
                remedies=self._gathered(x),
            )
        return {"loss": scalar()}

    def _gathered(self, x: TensorType) -> list[Remedy]:
        """Ways to one number."""
        axes = {"axis": " ".join(x.names)} if len(x.axes) > 1 else {}
        ways: list[Remedy] = [
            Insert("x", "reduce", f"Take the mean of the {counted(x.numel, 'number')}", axes),
            Insert("x", "reduce", "Add them up", {**axes, "how": "sum"}),
        ]
        if x.is_vector:
            ways.append(Widen("x", 1, "Set the outputs to 1"))
        return ways

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class Minimise(nn.Module):
            """The mean over the batch."""

            def forward(self, x: Tensor) -> Tensor:
                return x.mean()

        return Minimise()

    def source(self, inputs: Inputs) -> Source:
        return Source(call="{0}.mean()")
