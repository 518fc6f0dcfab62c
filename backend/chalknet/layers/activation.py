"""Activations: one number in, one number out, everywhere the same; softmax alone looks at its neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from chalknet.layers.base import Family, Fault, Inputs, Layer, Source, TensorType, register
from chalknet.layers.words import call, named, rows, unfit

if TYPE_CHECKING:
    from torch import nn


class Activation(Layer):
    """Base: applied to every number of a float tensor of any shape, which it keeps."""

    family: ClassVar[Family] = "activation"
    keeps_width = True
    module: ClassVar[str]
    """Name of the class in torch.nn."""

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float":
            raise unfit("x", "numbers", x)
        return {"y": replace(x, meaning="")}

    def arguments(self, inputs: Inputs) -> dict[str, tuple[float, float]]:
        """Keyword arguments of the torch module, each with its default there."""
        return {}

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        kwargs = {name: value for name, (value, _) in self.arguments(inputs).items()}
        built: nn.Module = getattr(nn, self.module)(**kwargs)
        return built

    def source(self, inputs: Inputs) -> Source:
        return Source(call(f"nn.{self.module}", **self.arguments(inputs)))


@register
class Sigmoid(Activation):
    """σ(x) = 1/(1+e⁻ˣ); σ′ ≤ 1/4 (notes 2:30)."""

    type = "sigmoid"
    title = "Sigmoid"
    sentence = "Squeezes every number between 0 and 1; far from zero it is nearly flat, so little gradient passes."
    formula = r"\sigma(x) = \dfrac{1}{1 + e^{-x}}"
    icon = "spline"
    aliases = ("logistic", "σ")
    purposes = ("probability of yes", "squash between 0 and 1")
    module = "Sigmoid"

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        return {"y": replace(super().infer(inputs)["y"], meaning="probability")}


@register
class Tanh(Activation):
    """tanh x, between −1 and 1; tanh′ ≤ 1."""

    type = "tanh"
    title = "Tanh"
    sentence = "Squeezes every number between −1 and 1, with zero staying zero."
    formula = r"\tanh(x) = \dfrac{e^{x} - e^{-x}}{e^{x} + e^{-x}}"
    icon = "spline"
    aliases = ("hyperbolic tangent",)
    purposes = ("squash between −1 and 1",)
    module = "Tanh"


@register
class ReLU(Activation):
    """max(0, x)."""

    type = "relu"
    title = "ReLU"
    sentence = "Lets positive numbers pass and sets negative ones to zero."
    formula = r"\operatorname{ReLU}(x) = \max(0, x)"
    icon = "trending-up"
    aliases = ("rectifier", "rectified linear unit")
    purposes = ("bend a straight line", "nonlinearity")
    module = "ReLU"


@register
class LeakyReLU(Activation):
    """max(slope·x, x) for a slope below 1."""

    type = "leaky_relu"
    title = "Leaky ReLU"
    sentence = "Like ReLU, but negative numbers leak through, made small, so that no unit dies."
    formula = r"f(x) = \begin{cases} x & x \ge 0 \\ a\,x & x < 0 \end{cases}"
    icon = "trending-up"
    aliases = ("lrelu",)
    purposes = ("revive dead units",)
    module = "LeakyReLU"

    slope: float = Field(
        0.01, ge=0, le=1, title="Slope", description="What negative numbers are multiplied by.",
        json_schema_extra={"step": 0.01},
    )  # fmt: skip

    def arguments(self, inputs: Inputs) -> dict[str, tuple[float, float]]:
        return {"negative_slope": (self.slope, 0.01)}

    def summary(self) -> str:
        return f"slope {self.slope:g}"


@register
class ReLU6(Activation):
    """min(max(0, x), 6): keeps activations in a range that 8 bits hold (MobileNet)."""

    type = "relu6"
    title = "ReLU6"
    sentence = "A ReLU that stops at 6, so that the numbers stay in a small range."
    formula = r"\operatorname{ReLU6}(x) = \min(\max(0, x), 6)"
    icon = "trending-up"
    aliases = ("clipped relu",)
    purposes = ("small numbers for phones",)
    module = "ReLU6"


@register
class Softmax(Activation):
    """eˣⁱ/Σeˣʲ along the features: D of a vector or sequence, C of an image (per pixel)."""

    type = "softmax"
    title = "Softmax"
    sentence = "Turns scores into shares: every number becomes positive and together they make 1."
    formula = r"\operatorname{softmax}(x)_i = \dfrac{e^{x_i}}{\sum_j e^{x_j}}"
    icon = "chart-bar"
    aliases = ("probabilities", "normalised exponential")
    purposes = ("turn scores into probabilities", "choose one of several")
    module = "Softmax"

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        y = super().infer(inputs)["y"]
        if y.feature is None:
            raise Fault(
                "kind",
                f"needs several numbers to share between; {named(y)} arrives.",
                hint="For a single yes-or-no score, take Sigmoid.",
                port="x",
            )
        return {"y": replace(y, meaning="probability")}

    def arguments(self, inputs: Inputs) -> dict[str, tuple[float, float]]:
        # The batch is axis 0 of the tensor.
        return {"dim": ((inputs["x"].feature or 0) + 1, -2)}


@register
class PReLU(Activation):
    """Leaky ReLU whose slope is learned: one number for the whole layer (He et al. 2015)."""

    type = "prelu"
    title = "PReLU"
    sentence = "A leaky ReLU that learns its own slope for negative numbers."
    formula = r"f(x) = \begin{cases} x & x \ge 0 \\ a\,x & x < 0 \end{cases}, \quad a \text{ learned}"
    icon = "trending-up"
    aliases = ("parametric relu",)
    purposes = ("revive dead units", "learn the slope")
    module = "PReLU"

    init: float = Field(
        0.25, ge=-1, le=1, title="First slope", description="The slope before any learning.",
        json_schema_extra={"step": 0.05},
    )  # fmt: skip

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {"weight": (1,)}

    def arguments(self, inputs: Inputs) -> dict[str, tuple[float, float]]:
        return {"init": (self.init, 0.25)}

    def numbers(self, inputs: Inputs, outputs: object) -> str:
        return rows(("parameters", "1"))

    def summary(self) -> str:
        return f"from {self.init:g}"


@register
class GELU(Activation):
    """x·Φ(x), Φ the normal distribution's share (Hendrycks and Gimpel 2016)."""

    type = "gelu"
    title = "GELU"
    sentence = "A smooth ReLU: every number is weighed by how likely a random one is to be smaller."
    formula = r"\operatorname{GELU}(x) = x\,\Phi(x)"
    icon = "trending-up"
    aliases = ("gaussian error linear unit",)
    purposes = ("nonlinearity of transformers",)
    module = "GELU"


@register
class SiLU(Activation):
    """x·σ(x), also called swish."""

    type = "silu"
    title = "SiLU"
    sentence = "A smooth ReLU: every number is weighed by its own sigmoid."
    formula = r"\operatorname{SiLU}(x) = x\,\sigma(x)"
    icon = "trending-up"
    aliases = ("swish",)
    purposes = ("smooth nonlinearity",)
    module = "SiLU"
