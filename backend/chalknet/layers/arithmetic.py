"""Arithmetic number by number: two wires into one, and functions of one wire (L-080, for graphs worked by hand)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from chalknet.layers.base import (
    Example,
    Family,
    Fault,
    Inputs,
    Layer,
    Port,
    SetField,
    Source,
    TensorType,
    Warn,
    register,
)
from chalknet.layers.combine import Elementwise
from chalknet.layers.words import named, rows, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn

LEAST = 1e-6
"""What a number below counts as where a logarithm, a root or a power asks for more than 0."""


@register
class Maximum(Elementwise):
    """max(x₁, x₂, …), of one shape or single numbers beside it; backward, the gradient goes to the wire that had the
    largest number."""

    type = "maximum"
    title = "Maximum"
    sentence = "Keeps the largest of the numbers that stand at the same place; the others are not heard."
    formula = r"y = \max(x_1, x_2, \dots)"
    icon = "chevrons-up"
    aliases = ("max", "elementwise max", "maxout", "gradient router")
    purposes = ("keep the larger",)
    beware = (
        "Backward it is a router: the whole gradient goes to the wire that won, and the others get 0. Where two are "
        "equal, they share it.",
    )
    examples = (
        Example("Place by place, the larger.", inputs={"x": [[1, 5], [4, 2]]}, outputs={"y": [4, 5]}),
        Example("max(w·x + b, 0) of a single number below 0.", inputs={"x": [-1.5, 0.0]}, outputs={"y": 0.0}),
    )
    sign = "max"
    verb = "compare"


@register
class Minimum(Elementwise):
    """min(x₁, x₂, …), of one shape or single numbers beside it; backward, the gradient goes to the wire that had the
    smallest number."""

    type = "minimum"
    title = "Minimum"
    sentence = "Keeps the smallest of the numbers that stand at the same place; the others are not heard."
    formula = r"y = \min(x_1, x_2, \dots)"
    icon = "chevrons-down"
    aliases = ("min", "elementwise min", "gradient router")
    beware = ("Backward it is a router: the whole gradient goes to the wire that won, and the others get 0.",)
    examples = (Example("Place by place, the smaller.", inputs={"x": [[1, 5], [4, 2]]}, outputs={"y": [1, 2]}),)
    sign = "min"
    verb = "compare"


class Pair(Layer):
    """Base: a and b of one shape, or b a single number → the shape of a."""

    family: ClassVar[Family] = "combine"
    per_number: ClassVar[int] = 1
    inputs = (Port("a"), Port("b"))
    sign: ClassVar[str]

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        a, b = inputs["a"], inputs["b"]
        for port, kind in (("a", a), ("b", b)):
            if kind.element != "float":
                raise unfit(port, "numbers", kind)
        if b.axes and (a.names, a.sizes) != (b.names, b.sizes):
            raise Fault(
                "unequal_shapes",
                f"needs equal shapes at a and b, or a single number at b; {named(a)} and {named(b)} arrive.",
                port="b",
            )
        return {"y": replace(b if any(axis.varies for axis in b.axes) else a, meaning="")}

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        divides = self.sign == "/"
        spread = (..., *[None] * (len(inputs["a"].axes) - len(inputs["b"].axes)))

        class Pair(nn.Module):
            """Difference or quotient of two tensors; a single number meets every number of its sample."""

            def forward(self, a: Tensor, b: Tensor) -> Tensor:
                return a / b[spread] if divides else a - b[spread]

        return Pair()

    def source(self, inputs: Inputs) -> Source:
        missing = len(inputs["a"].axes) - len(inputs["b"].axes)
        index = f"[..., {', '.join(['None'] * missing)}]" if missing else ""
        return Source(call=f"{{0}} {self.sign} {{1}}{index}")


@register
class Subtract(Pair):
    """a − b; backward, a gets the gradient as it is and b gets it with the other sign."""

    type = "subtract"
    title = "Subtract"
    sentence = "Takes what arrives at b away from what arrives at a, number by number."
    formula = r"y = a - b"
    icon = "minus"
    aliases = ("difference", "minus", "-")
    purposes = ("compare two branches",)
    examples = (Example("The difference of two vectors.", inputs={"a": [5, 1], "b": [2, 4]}, outputs={"y": [3, -3]}),)
    sign = "-"


@register
class Divide(Pair):
    """a / b; backward, a's gradient is divided by b, and b's is multiplied by −a/b²."""

    type = "divide"
    title = "Divide"
    sentence = "Divides what arrives at a by what arrives at b, number by number."
    formula = r"y = \dfrac{a}{b}"
    icon = "divide"
    aliases = ("quotient", "ratio", "÷", "/")
    beware = ("Nothing holds b away from 0: there the result is infinite, and a run stops at it.",)
    examples = (
        Example(
            "Shares of a sum: b may be a single number.", inputs={"a": [1, 3], "b": 4.0}, outputs={"y": [0.25, 0.75]}
        ),
    )
    sign = "/"


class Function(Layer):
    """Base: applied to every number of a float tensor of any shape, which it keeps."""

    family: ClassVar[Family] = "arithmetic"
    per_number: ClassVar[int] = 1
    keeps_width = True
    expression: ClassVar[str] = ""
    """What exported PyTorch computes of ``{0}``."""

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float":
            raise unfit("x", "numbers", x)
        return {"y": replace(x, meaning="")}

    def function(self) -> Callable[[Any], Any]:
        """The same as the expression, of a tensor."""
        raise NotImplementedError

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        function = self.function()

        class Function(nn.Module):
            """One number in, one number out."""

            def forward(self, x: Tensor) -> Tensor:
                made: Tensor = function(x)
                return made

        return Function()

    def source(self, inputs: Inputs) -> Source:
        return Source(call=self.expression)


@register
class Scale(Function):
    """factor·x + offset; backward, the gradient is multiplied by the factor."""

    type = "scale"
    title = "Scale and shift"
    sentence = "Multiplies every number by one fixed number and adds another; nothing in it is learned."
    formula = r"y = s\,x + t"
    icon = "scaling"
    aliases = ("multiply by a constant", "add a constant", "negate", "temperature", "rescale", "normalise pixels")
    purposes = ("change the range",)
    examples = (
        Example(
            "Pictures from 0…1 to −1…1.", inputs={"x": [0, 0.5, 1]}, fields={"factor": 2, "offset": -1},
            outputs={"y": [-1, 0, 1]},
        ),
    )  # fmt: skip

    factor: float = Field(
        1.0, ge=-1e6, le=1e6, title="Factor", description="What every number is multiplied by.",
        json_schema_extra={"step": 0.1},
    )  # fmt: skip
    offset: float = Field(
        0.0, ge=-1e6, le=1e6, title="Offset", description="What is added then.", json_schema_extra={"step": 0.1}
    )

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        if self.factor != 0:
            return ()
        return [
            Warn(
                "no_slope",
                "times 0 every number is the same, so nothing before it could learn.",
                field="factor",
                remedies=(SetField("factor", 1.0, "Set the factor to 1"),),
            )
        ]

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["y"].numel * (2 if self.offset else 1)

    def summary(self) -> str:
        shift = f" {'−' if self.offset < 0 else '+'} {abs(self.offset):g}" if self.offset else ""
        return f"× {self.factor:g}{shift}".replace("-", "−")

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows(("y", rf"{self.factor:g} \cdot x {self.offset:+g}"))

    def function(self) -> Callable[[Any], Any]:
        factor, offset = self.factor, self.offset
        return lambda x: factor * x + offset

    def source(self, inputs: Inputs) -> Source:
        shift = f" {'-' if self.offset < 0 else '+'} {abs(self.offset)!r}" if self.offset else ""
        return Source(call=f"{self.factor!r} * {{0}}{shift}")


@register
class Clamp(Function):
    """min(max(x, low), high); backward, the gradient passes only where nothing was cut off."""

    type = "clamp"
    title = "Clamp"
    sentence = "Holds every number between a smallest and a largest one."
    formula = r"y = \min(\max(x, l), h)"
    icon = "brackets"
    per_number = 2
    aliases = ("clip", "limit", "hard tanh", "saturate")
    purposes = ("limit the range",)
    beware = ("A number that was cut off gets no gradient: it does not learn to come back.",)
    examples = (
        Example(
            "Between 0 and 1.", inputs={"x": [-2, 0.5, 3]}, fields={"low": 0, "high": 1}, outputs={"y": [0, 0.5, 1]}
        ),
    )

    low: float = Field(
        -1.0, ge=-1e6, le=1e6, title="Smallest", description="What smaller numbers become.",
        json_schema_extra={"step": 0.1},
    )  # fmt: skip
    high: float = Field(
        1.0, ge=-1e6, le=1e6, title="Largest", description="What larger numbers become.",
        json_schema_extra={"step": 0.1},
    )  # fmt: skip

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        if self.low >= self.high:
            raise Fault(
                "empty_range",
                f"its smallest number, {self.low:g}, is not below its largest, {self.high:g}.",
                field="low",
                remedies=[SetField("high", min(self.low + 1, 1e6), f"Set the largest to {min(self.low + 1, 1e6):g}")]
                if self.low < 1e6
                else [SetField("low", self.high - 1, f"Set the smallest to {self.high - 1:g}")],
            )
        return super().infer(inputs)

    def summary(self) -> str:
        return f"{self.low:g} … {self.high:g}".replace("-", "−")

    def function(self) -> Callable[[Any], Any]:
        low, high = self.low, self.high
        return lambda x: x.clamp(low, high)

    def source(self, inputs: Inputs) -> Source:
        return Source(call=f"{{0}}.clamp({self.low!r}, {self.high!r})")


@register
class Exp(Function):
    """eˣ; backward, the gradient is multiplied by eˣ itself."""

    type = "exp"
    title = "Exponential"
    sentence = "Raises e to the power of every number: sums become products, and everything becomes positive."
    formula = r"y = e^{x}"
    icon = "superscript"
    aliases = ("exp", "e^x", "exponential function")
    purposes = ("make positive",)
    beware = ("It grows fast: from x = 89 on, the result no longer fits into a 32-bit number.",)
    examples = (Example("e⁰ and e¹.", inputs={"x": [0, 1]}, outputs={"y": [1, 2.71828]}),)
    expression = "{0}.exp()"

    def function(self) -> Callable[[Any], Any]:
        return lambda x: x.exp()


@register
class Ln(Function):
    """ln max(x, 10⁻⁶); backward, the gradient is divided by x, and is 0 where x was below."""

    type = "ln"
    title = "Logarithm"
    sentence = "The natural logarithm of every number: products become sums."
    formula = r"y = \ln \max(x, 10^{-6})"
    icon = "square-function"
    aliases = ("log", "ln", "natural logarithm")
    beware = ("There is no logarithm of 0 or less: numbers below 0.000001 count as that, and get no gradient.",)
    examples = (Example("ln 1 and ln e.", inputs={"x": [1, 2.718282]}, outputs={"y": [0, 1]}),)
    expression = f"{{0}}.clamp(min={LEAST!r}).log()"

    def function(self) -> Callable[[Any], Any]:
        return lambda x: x.clamp(min=LEAST).log()


@register
class SquareRoot(Function):
    """√max(x, 10⁻⁶); backward, the gradient is divided by 2√x, and is 0 where x was below."""

    type = "sqrt"
    title = "Square root"
    sentence = "The square root of every number."
    formula = r"y = \sqrt{\max(x, 10^{-6})}"
    icon = "radical"
    aliases = ("sqrt", "root")
    beware = ("At 0 the root is infinitely steep: numbers below 0.000001 count as that, and get no gradient.",)
    examples = (Example("Of 4 and 9.", inputs={"x": [4, 9]}, outputs={"y": [2, 3]}),)
    expression = f"{{0}}.clamp(min={LEAST!r}).sqrt()"

    def function(self) -> Callable[[Any], Any]:
        return lambda x: x.clamp(min=LEAST).sqrt()


@register
class Power(Function):
    """xᵖ; of a base below 10⁻⁶ where p is no whole number, that of 10⁻⁶; backward, times p·xᵖ⁻¹."""

    type = "power"
    title = "Power"
    sentence = "Raises every number to a fixed power: 2 squares it, −1 turns it over."
    formula = r"y = x^{p}"
    icon = "superscript"
    aliases = ("square", "cube", "reciprocal", "x^2", "exponent")
    beware = ("A negative number has only whole powers: for others, numbers below 0.000001 count as that.",)
    examples = (
        Example("Squares.", inputs={"x": [-3, 2]}, outputs={"y": [9, 4]}),
        Example("Turned over.", inputs={"x": [-4, 0.5]}, fields={"exponent": -1}, outputs={"y": [-0.25, 2]}),
    )

    exponent: float = Field(
        2.0, ge=-4, le=8, title="Exponent", description="The power.", json_schema_extra={"step": 0.5}
    )

    def summary(self) -> str:
        return f"to the {self.exponent:g}".replace("-", "−")

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows(
            ("y", rf"x^{{{self.exponent:g}}}"), ("slope", rf"{self.exponent:g} \cdot x^{{{self.exponent - 1:g}}}")
        )

    def function(self) -> Callable[[Any], Any]:
        exponent, whole = self.exponent, float(self.exponent).is_integer()
        return lambda x: x**exponent if whole else x.clamp(min=LEAST) ** exponent

    def source(self, inputs: Inputs) -> Source:
        base = "{0}" if float(self.exponent).is_integer() else f"{{0}}.clamp(min={LEAST!r})"
        return Source(call=f"{base} ** {self.exponent!r}")


@register
class Abs(Function):
    """|x|; backward, the gradient keeps its sign where x is positive and changes it where x is negative."""

    type = "abs"
    title = "Absolute value"
    sentence = "How far every number is from zero, whatever its sign."
    formula = r"y = |x|"
    icon = "tally-2"
    aliases = ("abs", "magnitude", "modulus")
    purposes = ("measure a distance",)
    examples = (Example("Of −3 and 2.", inputs={"x": [-3, 2]}, outputs={"y": [3, 2]}),)
    expression = "{0}.abs()"

    def function(self) -> Callable[[Any], Any]:
        return lambda x: x.abs()
