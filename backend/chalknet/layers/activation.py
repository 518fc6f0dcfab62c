"""Activations: one number in, one number out, everywhere the same; softmax alone looks at its neighbours."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import Example, Family, Fault, Inputs, Layer, Source, TensorType, register
from chalknet.layers.words import call, named, rows, unfit

if TYPE_CHECKING:
    from torch import nn


FLAT = 0.05
"""Share of the steepest slope below which a tail counts as saturated."""


@dataclass(frozen=True, slots=True)
class Curve:
    """An activation drawn: ``y`` and ``slope`` (f′) at every ``x``. ``saturated``: the tails in which f′ is below 5 %
    of the steepest, each (from, to), None where it goes on for ever."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    slope: tuple[float, ...]
    saturated: tuple[tuple[float | None, float | None], ...]


def sigmoid(x: float) -> float:
    """1/(1+e⁻ˣ), without overflow on either side."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def normal_share(x: float) -> float:
    """Φ(x): how likely a number of the normal distribution is smaller."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


class Activation(Layer):
    """Base: applied to every number of a float tensor of any shape, which it keeps."""

    family: ClassVar[Family] = "activation"
    per_number: ClassVar[int] = 1
    keeps_width = True
    module: ClassVar[str]
    """Name of the class in torch.nn."""
    reach: ClassVar[str] = ""
    """What its outputs are limited to, in words; empty where they can be any number."""
    flat: ClassVar[Literal["", "dead", "saturated"]] = ""
    """What its units can become, so that they hardly learn: dead where the slope is exactly 0 for every sample,
    saturated where it is below 5 % of the steepest. Empty where a gradient always passes."""

    def value(self, x: float) -> float | None:
        """f(x), to be drawn; None where one number alone does not decide it."""
        return None

    def derivative(self, x: float) -> float | None:
        """f′(x); at a corner that of the right side or of the left, as torch takes it."""
        return None

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float":
            raise unfit("x", "numbers", x)
        return {"y": replace(x, meaning="")}

    def curve(self, reach: float = 8.0, points: int = 161) -> Curve | None:
        """f and f′ from −reach to reach, with the tails where hardly any gradient passes; None for softmax."""
        places = [reach * (2 * i / (points - 1) - 1) for i in range(points)]
        values = [self.value(x) for x in places]
        slopes = [self.derivative(x) for x in places]
        y = tuple(each for each in values if each is not None)
        slope = tuple(each for each in slopes if each is not None)
        if len(y) < points or len(slope) < points:
            return None
        limit = FLAT * max(map(abs, slope))
        low = next((i for i, each in enumerate(slope) if abs(each) >= limit), points)
        high = next((i for i, each in enumerate(reversed(slope)) if abs(each) >= limit), points)
        tails: list[tuple[float | None, float | None]] = []
        if 0 < low < points:
            tails.append((None, places[low]))
        if 0 < high < points:
            tails.append((places[points - 1 - high], None))
        return Curve(tuple(places), y, slope, tuple(tails))

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
    answers = True
    sentence = "Squeezes every number between 0 and 1; far from zero it is nearly flat, so little gradient passes."
    formula = r"\sigma(x) = \dfrac{1}{1 + e^{-x}}"
    icon = "spline"
    aliases = ("logistic", "σ")
    purposes = ("probability of yes", "squash between 0 and 1")
    module = "Sigmoid"
    reach = "between 0 and 1"
    flat = "saturated"
    views = ("flat",)
    beware = (
        "Its slope is at most 1/4, at 0. Behind four sigmoids in a row at most (1/4)⁴ ≈ 0.4 % of a gradient is left.",
        "It saturates: far from 0 on either side it is flat, and a unit there hardly learns.",
    )
    examples = (Example("At 0 it is a half.", inputs={"x": [0, 2, -2]}, outputs={"y": [0.5, 0.8808, 0.1192]}),)

    def value(self, x: float) -> float:
        return sigmoid(x)

    def derivative(self, x: float) -> float:
        return sigmoid(x) * sigmoid(-x)

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
    reach = "between −1 and 1"
    flat = "saturated"
    views = ("flat",)
    beware = ("It saturates like the sigmoid, but its slope at 0 is 1, and its outputs lie around 0.",)
    examples = (Example("Odd: tanh(−x) = −tanh(x).", inputs={"x": [0, 1, -1]}, outputs={"y": [0, 0.7616, -0.7616]}),)

    def value(self, x: float) -> float:
        return math.tanh(x)

    def derivative(self, x: float) -> float:
        return 1 - math.tanh(x) ** 2


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
    reach = "never below 0"
    flat = "dead"
    views = ("flat",)
    beware = (
        "It does not saturate, it dies: a unit whose input is negative for every sample gets no gradient and stays so.",
    )
    examples = (Example("Negative numbers become 0.", inputs={"x": [-3, 0, 2]}, outputs={"y": [0, 0, 2]}),)

    def value(self, x: float) -> float:
        return max(0.0, x)

    def derivative(self, x: float) -> float:
        return float(x > 0)


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
    examples = (
        Example("A tenth of what is negative leaks through.", inputs={"x": [-3, 0, 2]}, fields={"slope": 0.1},
                outputs={"y": [-0.3, 0, 2]}),
    )  # fmt: skip

    slope: float = Field(
        0.01, ge=0, le=1, title="Slope", description="What negative numbers are multiplied by.",
        json_schema_extra={"step": 0.01},
    )  # fmt: skip

    def arguments(self, inputs: Inputs) -> dict[str, tuple[float, float]]:
        return {"negative_slope": (self.slope, 0.01)}

    def value(self, x: float) -> float:
        return x if x > 0 else self.slope * x

    def derivative(self, x: float) -> float:
        return 1.0 if x > 0 else self.slope

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
    reach = "between 0 and 6"
    flat = "dead"
    views = ("flat",)
    examples = (Example("It stops at 6.", inputs={"x": [-3, 2, 8]}, outputs={"y": [0, 2, 6]}),)

    def value(self, x: float) -> float:
        return min(max(0.0, x), 6.0)

    def derivative(self, x: float) -> float:
        return float(0 < x < 6)


@register
class Softmax(Activation):
    """eˣⁱ/Σeˣʲ along the features: D of a vector or sequence, C of an image (per pixel)."""

    type = "softmax"
    title = "Softmax"
    answers = True
    sentence = "Turns scores into shares: every number becomes positive and together they make 1."
    formula = r"\operatorname{softmax}(x)_i = \dfrac{e^{x_i}}{\sum_j e^{x_j}}"
    icon = "chart-bar"
    aliases = ("probabilities", "normalised exponential")
    purposes = ("turn scores into probabilities", "choose one of several")
    module = "Softmax"
    per_number = 3  # exp, a sum, a division
    reach = "shares that add up to 1"
    views = ("choice",)
    beware = (
        "Cross-entropy applies it itself: give the loss the plain scores.",
        "The shares are not in proportion to the scores: 21, 8 and 11 become 0.99995, 0.000002 and 0.00005.",
    )
    examples = (Example("Scores 21, 8, 11.", inputs={"x": [21, 8, 11]}, outputs={"y": [0.99995, 0.0, 0.00005]}),)

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

    def value(self, x: float) -> float:
        return x if x > 0 else self.init * x

    def derivative(self, x: float) -> float:
        return 1.0 if x > 0 else self.init

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
    examples = (Example("1 is weighed by 0.8413.", inputs={"x": [-1, 0, 1]}, outputs={"y": [-0.1587, 0, 0.8413]}),)
    reach = "never below −0.17"

    def value(self, x: float) -> float:
        return x * normal_share(x)

    def derivative(self, x: float) -> float:
        return normal_share(x) + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


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
    examples = (Example("1 is weighed by 0.7311.", inputs={"x": [-1, 0, 1]}, outputs={"y": [-0.2689, 0, 0.7311]}),)
    reach = "never below −0.28"

    def value(self, x: float) -> float:
        return x * sigmoid(x)

    def derivative(self, x: float) -> float:
        return sigmoid(x) * (1 + x * sigmoid(-x))


@register
class ELU(Activation):
    """x above 0, α(eˣ − 1) below (Clevert et al. 2015)."""

    type = "elu"
    title = "ELU"
    sentence = "Like ReLU, but negative numbers level off smoothly at −α, so that the mean stays near zero."
    formula = r"f(x) = \begin{cases} x & x > 0 \\ \alpha (e^{x} - 1) & x \le 0 \end{cases}"
    icon = "trending-up"
    aliases = ("exponential linear unit",)
    purposes = ("nonlinearity", "revive dead units")
    module = "ELU"
    examples = (Example("−1 becomes e⁻¹ − 1.", inputs={"x": [-1, 0, 2]}, outputs={"y": [-0.6321, 0, 2]}),)
    reach = "never below −α"

    alpha: float = Field(
        1.0, gt=0, le=100, title="α", description="Where negative numbers level off.",
        json_schema_extra={"step": 0.1},
    )  # fmt: skip

    def arguments(self, inputs: Inputs) -> dict[str, tuple[float, float]]:
        return {"alpha": (self.alpha, 1.0)}

    def summary(self) -> str:
        return f"α {self.alpha:g}"

    def value(self, x: float) -> float:
        return x if x > 0 else self.alpha * math.expm1(x)

    def derivative(self, x: float) -> float:
        return 1.0 if x > 0 else self.alpha * math.exp(x)


@register
class Softplus(Activation):
    """ln(1 + e^(βx))/β: a ReLU without a corner, whose slope is the sigmoid of βx."""

    type = "softplus"
    title = "Softplus"
    sentence = "A ReLU with a rounded corner: every output is above zero."
    formula = r"f(x) = \dfrac{1}{\beta} \ln\left(1 + e^{\beta x}\right)"
    icon = "trending-up"
    aliases = ("smooth relu",)
    purposes = ("positive numbers", "smooth nonlinearity")
    module = "Softplus"
    examples = (Example("At 0 it is ln 2.", inputs={"x": [-2, 0, 2]}, outputs={"y": [0.1269, 0.6931, 2.1269]}),)
    reach = "above 0"

    beta: float = Field(
        1.0, ge=0.01, le=100, title="β", description="How sharp the corner is: the larger, the nearer to ReLU.",
        json_schema_extra={"log": True},
    )  # fmt: skip

    def arguments(self, inputs: Inputs) -> dict[str, tuple[float, float]]:
        return {"beta": (self.beta, 1.0)}

    def summary(self) -> str:
        return f"β {self.beta:g}"

    def value(self, x: float) -> float:
        # e^(−|βx|) cannot overflow.
        return max(x, 0.0) + math.log1p(math.exp(-abs(self.beta * x))) / self.beta

    def derivative(self, x: float) -> float:
        return sigmoid(self.beta * x)
