"""A layer whose rule a person types (L-088, notes 2:18): read by a grammar of our own, never run as Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from chalknet.layers import grammar
from chalknet.layers.base import Example, Family, Fault, Inputs, Layer, Port, Source, TensorType, register
from chalknet.layers.words import named, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn

LETTERS = "abcd"


@lru_cache(maxsize=1024)
def _read(text: str) -> grammar.Tree:
    return grammar.folded(grammar.parse(text))


@register
class Formula(Layer):
    """y = f(a, b, c, d), number by number; inputs are of one shape, or single numbers beside it."""

    type = "formula"
    title = "Formula"
    family: ClassVar[Family] = "arithmetic"
    sentence = "Computes what you type, number by number, from what arrives at a, b, c and d."
    formula = r"y = f(a, b, c, d)"
    icon = "square-function"
    aliases = ("expression", "custom", "own function", "lambda", "calculator", "swish")
    purposes = ("try an own activation", "work a graph by hand")
    inputs = (
        Port("a"),
        Port("b", optional=True),
        Port("c", optional=True),
        Port("d", optional=True),
    )
    beware = (
        "A function without a slope, such as round or sign, is refused: nothing before it could learn.",
        "It is taken as it is written: the logarithm or the root of a negative number is no number, and stops a run.",
    )
    examples = (
        Example("x(y + z).", inputs={"a": 2.0, "b": 1.0, "c": 0.0}, fields={"text": "a*(b + c)"}, outputs={"y": 2.0}),
        Example("Swish.", inputs={"a": [0, 1]}, fields={"text": "a * sigmoid(a)"}, outputs={"y": [0, 0.731059]}),
    )

    text: str = Field(
        "a * sigmoid(a)",
        max_length=grammar.MOST_TEXT,
        title="Formula",
        description="Of a, b, c, d and numbers: + − * / ^ ( ) sin cos tan exp ln sqrt abs tanh sigmoid relu max min.",
        examples=[
            "a * sigmoid(a)",
            "a*0.5 + 1",
            "max(a, 0)",
            "exp(-a^2)",
            "a - a^3/6",
            "-relu(-a)",
            "2^tanh(a)",
            "abs(a)",
        ],
    )

    def _tree(self) -> grammar.Tree:
        return _read(self.text)

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        used = grammar.names(self._tree())
        arriving = {letter: kind for letter in LETTERS if (kind := inputs.get(letter)) is not None}
        for name in sorted(used):
            if name not in LETTERS:
                raise Fault("formula", f"there is no input {name!r}; its inputs are a, b, c and d.", field="text")
            if name not in arriving:
                raise Fault("formula", f"its formula speaks of {name}, but nothing is connected there.", port=name)
        for letter, kind in arriving.items():
            if kind.element != "float":
                raise unfit(letter, "numbers", kind)
            if letter not in used:
                raise Fault(
                    "formula",
                    f"{letter} is connected, but its formula does not speak of it.",
                    field="text",
                    port=letter,
                )
        full = max(arriving.values(), key=lambda kind: len(kind.axes))
        for letter, kind in arriving.items():
            if kind.axes and (kind.names, kind.sizes) != (full.names, full.sizes):
                raise Fault(
                    "unequal_shapes",
                    f"needs equal shapes at its inputs, or single numbers; {named(full)} and {named(kind)} arrive.",
                    port=letter,
                )
        varying = next((kind for kind in arriving.values() if any(axis.varies for axis in kind.axes)), full)
        return {"y": replace(varying, meaning="")}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["y"].numel * grammar.operations(self._tree())

    def summary(self) -> str:
        text = " ".join(self.text.split())
        return text if len(text) <= 40 else f"{text[:39]}…"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        count, each = outputs["y"].numel, grammar.operations(self._tree())
        return rows(
            ("y", grammar.katex(grammar.parse(self.text))),
            ("operations", rf"{tex(count)} \cdot {tex(each)} = {tex(self.operations(inputs, outputs))}"),
        )

    def _missing(self, inputs: Inputs) -> dict[str, int]:
        """How many axes each input lacks beside the fullest."""
        found = {letter: len(kind.axes) for letter in LETTERS if (kind := inputs.get(letter)) is not None}
        return {letter: max(found.values()) - count for letter, count in found.items()}

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        tree, missing = self._tree(), self._missing(inputs)

        def value(part: grammar.Tree, given: Mapping[str, Tensor]) -> Any:
            if isinstance(part, grammar.Number):
                return part.value
            if isinstance(part, grammar.Name):
                return given[part.name]
            parts = [value(each, given) for each in part.parts]
            if part.what in grammar.ARITHMETIC:
                return grammar.ARITHMETIC[part.what](*parts)
            if part.what in ("max", "min") and any(isinstance(each, float) for each in parts):
                # Beside a number, a bound: torch.maximum takes tensors only.
                parts.sort(key=lambda each: isinstance(each, float))
                return torch.clamp(parts[0], **{"min" if part.what == "max" else "max": parts[1]})
            return getattr(torch, grammar.TORCH.get(part.what, part.what))(*parts)

        class Formula(nn.Module):
            """What a person typed, number by number."""

            def forward(self, *x: Tensor | None) -> Tensor:
                given = {
                    letter: each[(..., *[None] * missing[letter])] if missing[letter] else each
                    for letter, each in zip(LETTERS, x, strict=False)
                    if each is not None
                }
                made: Tensor = value(tree, given)
                return made

        return Formula()

    def source(self, inputs: Inputs) -> Source:
        places = {}
        for i, letter in enumerate(LETTERS):
            lacking = self._missing(inputs).get(letter, 0)
            places[letter] = f"{{{i}}}[..., {', '.join(['None'] * lacking)}]" if lacking else f"{{{i}}}"
        return Source(call=grammar.python(self._tree(), places))
