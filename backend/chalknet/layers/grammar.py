"""The small language of the formula node: text → tree → KaTeX, torch text, or a tensor. Nothing here runs text.

    sum     = product (("+" | "-") product)*
    product = sign (("*" | "·" | "×" | "/" | "÷") sign)*
    sign    = "-" sign | "+" sign | power
    power   = atom ("^" sign)?            right to left: a^b^c is a^(b^c); −a^2 is −(a²)
    atom    = number | name | name "(" sum ("," sum)* ")" | "(" sum ")"

Wherever something cannot be read, a Fault says so and marks the place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from chalknet.layers.base import Fault

MOST_TEXT = 500
MOST_DEEP = 32
MOST_PARTS = 200
"""Numbers, names and operations in one formula."""
FIELD = "text"

FUNCTIONS: dict[str, int] = {
    "sin": 1, "cos": 1, "tan": 1, "exp": 1, "ln": 1, "log": 1, "sqrt": 1, "abs": 1, "tanh": 1, "sigmoid": 1, "relu": 1,
    "max": 2, "min": 2,
}  # fmt: skip
"""Functions with how many values each takes; of max and min, the least."""
CONSTANTS = {"pi": math.pi, "e": math.e}
FLAT = frozenset(
    {"floor", "ceil", "round", "trunc", "sign", "sgn", "argmax", "argmin", "step", "heaviside", "int", "mod"}
)
"""Functions without a slope: nothing before them could learn."""


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """An input."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation (``+ - * / ^``, ``neg``) or a function of FUNCTIONS."""

    what: str
    parts: tuple[Tree, ...]


Tree = Number | Name | Apply

_TOKEN = re.compile(
    r"\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_][A-Za-z_0-9]*)|(.))", re.S | re.A
)
_SIGNS = {"·": "*", "×": "*", "÷": "/", "−": "-", "[": "(", "]": ")"}


def refuse(text: str, at: int, message: str, code: str = "formula") -> NoReturn:
    """``cannot read "a + ?": … at character 5: a + ▸?``."""
    start = max(0, at - 20)
    marked = f"{'…' if start else ''}{text[start:at]}▸{text[at : at + 20]}{'…' if at + 20 < len(text) else ''}"
    shown = " ".join(marked.split())
    raise Fault(code, f"{message} at character {at + 1}: {shown}", field=FIELD)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        place = 0
        while place < len(text.rstrip()):
            match = _TOKEN.match(text, place)
            assert match is not None, "any character is a token"
            kind = "number" if match[1] else "name" if match[2] else "sign"
            word = match[match.lastindex or 0]
            self.tokens.append((kind, _SIGNS.get(word, word), match.start(match.lastindex or 0)))
            place = match.end()
        self.at = 0
        self.deep = 0
        self.parts = 0

    def peek(self) -> tuple[str, str, int]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "", len(self.text))

    def take(self) -> tuple[str, str, int]:
        found = self.peek()
        self.at += 1
        return found

    def count(self) -> None:
        self.parts += 1
        if self.parts > MOST_PARTS:
            refuse(self.text, self.peek()[2], f"the formula has more than {MOST_PARTS} parts")

    def whole(self) -> Tree:
        tree = self.sum()
        kind, word, at = self.peek()
        if word == ")":
            refuse(self.text, at, "a bracket is closed that was never opened,")
        if kind != "end":
            refuse(self.text, at, self.unexpected(word))
        return tree

    def unexpected(self, word: str) -> str:
        if word in "<>=!&|?:" and word:
            return f"a comparison has no slope, so nothing before it could learn; {word!r} is not allowed"
        if word == ",":
            return "a comma stands outside of a function's brackets"
        return f"an operation such as + or * was expected before {word!r}"

    def sum(self) -> Tree:
        self.deep += 1
        if self.deep > MOST_DEEP:
            refuse(self.text, self.peek()[2], f"brackets are nested more than {MOST_DEEP} deep")
        left = self.product()
        while self.peek()[:2] in (("sign", "+"), ("sign", "-")):
            word = self.take()[1]
            self.count()
            left = Apply(word, (left, self.product()))
        self.deep -= 1
        return left

    def product(self) -> Tree:
        left = self.sign()
        while self.peek()[:2] in (("sign", "*"), ("sign", "/")):
            _, word, at = self.take()
            if self.peek()[:2] == ("sign", "*"):
                refuse(self.text, at, "a power is written ^, not **,")
            self.count()
            left = Apply(word, (left, self.sign()))
        return left

    def sign(self) -> Tree:
        self.deep += 1
        if self.deep > MOST_DEEP:
            refuse(self.text, self.peek()[2], f"brackets, signs and powers are nested more than {MOST_DEEP} deep")
        if self.peek()[:2] == ("sign", "-"):
            self.take()
            self.count()
            literal = self.peek()[0] == "number"
            inner = self.sign()
            found: Tree = Number(-inner.value) if literal and isinstance(inner, Number) else Apply("neg", (inner,))
        elif self.peek()[:2] == ("sign", "+"):
            self.take()
            found = self.sign()
        else:
            found = self.power()
        self.deep -= 1
        return found

    def power(self) -> Tree:
        base = self.atom()
        if self.peek()[:2] == ("sign", "^"):
            self.take()
            self.count()
            return Apply("^", (base, self.sign()))
        return base

    def atom(self) -> Tree:
        kind, word, at = self.take()
        self.count()
        if kind == "number":
            value = float(word)
            if not abs(value) <= 1e30:
                refuse(self.text, at, "a number is too large")
            return Number(value)
        if kind == "name":
            return self.named(word, at)
        if word == "(":
            inner = self.sum()
            self.close(at)
            return inner
        if kind == "end":
            refuse(self.text, at, "the formula ends where a number, an input or a bracket was expected,")
        if word == ")":
            refuse(self.text, at, "a bracket is closed where a number or an input was expected,")
        if word in "+-*/^," or word not in "<>=!&|?:%":
            refuse(self.text, at, f"a number, an input or a bracket was expected before {word!r}")
        refuse(self.text, at, self.unexpected(word))

    def close(self, opened: int) -> None:
        kind, word, at = self.take()
        if kind == "end":
            refuse(self.text, opened, "a bracket is opened and never closed,")
        if word != ")":
            refuse(self.text, at, self.unexpected(word))

    def named(self, word: str, at: int) -> Tree:
        if self.peek()[:2] != ("sign", "("):
            if word in CONSTANTS:
                return Number(CONSTANTS[word])
            if word in FUNCTIONS or word in FLAT:
                refuse(self.text, at, f"the function {word} needs brackets, such as {word}(a),")
            return Name(word)
        if word in FLAT:
            refuse(
                self.text, at, f"{word} has no slope, so nothing before it could learn; it is not allowed", "no_slope"
            )
        if word not in FUNCTIONS:
            refuse(self.text, at, f"there is no function {word!r} (known: {', '.join(FUNCTIONS)})")
        opened = self.take()[2]
        given = [self.sum()]
        while self.peek()[:2] == ("sign", ","):
            self.take()
            given.append(self.sum())
        self.close(opened)
        least = FUNCTIONS[word]
        if len(given) < least or (least == 1 and len(given) > 1):
            wanted = "one value" if least == 1 else "two values or more"
            refuse(self.text, at, f"{word} takes {wanted}, but {len(given)} are given,")
        tree = given[0] if least == 2 else Apply(word, (given[0],))
        for other in given[1:]:
            tree = Apply(word, (tree, other))
        return tree


def parse(text: str) -> Tree:
    """The tree of a formula. Raises Fault, and nothing else."""
    if len(text) > MOST_TEXT:
        raise Fault("formula", f"has {len(text):,} characters; at most {MOST_TEXT} are read.", field=FIELD)
    if not text.strip():
        raise Fault("formula", "has no formula yet; expected something such as a * b + 1.", field=FIELD)
    return _Reader(text).whole()


def names(tree: Tree) -> set[str]:
    if isinstance(tree, Apply):
        return set().union(*(names(part) for part in tree.parts))
    return {tree.name} if isinstance(tree, Name) else set()


def operations(tree: Tree) -> int:
    """How many operations and functions it takes for one number."""
    return 1 + sum(map(operations, tree.parts)) if isinstance(tree, Apply) else 0


# --- written again -----

_RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "^": 4}


def _rank(tree: Tree) -> int:
    if isinstance(tree, Apply):
        return _RANK.get(tree.what, 5)
    return 3 if isinstance(tree, Number) and (tree.value < 0 or math.copysign(1, tree.value) < 0) else 5


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 and math.copysign(1, value) > 0 else repr(value)


def show(tree: Tree) -> str:
    """The formula as text that parses to the same tree."""
    if isinstance(tree, Number):
        return _number(tree.value)
    if isinstance(tree, Name):
        return tree.name

    def inner(part: Tree, least: int) -> str:
        text = show(part)
        return text if _rank(part) >= least else f"({text})"

    if tree.what == "neg":
        # A number behind the sign would be read as a negative number.
        (part,) = tree.parts
        return f"-({show(part)})" if isinstance(part, Number) else f"-{inner(part, 3)}"
    if tree.what == "^":
        return f"{inner(tree.parts[0], 5)}^{inner(tree.parts[1], 3)}"
    if tree.what in _RANK:
        rank = _RANK[tree.what]
        return f"{inner(tree.parts[0], rank)} {tree.what} {inner(tree.parts[1], rank + 1)}"
    return f"{tree.what}({', '.join(map(show, tree.parts))})"


_TEX = {"ln": r"\ln", "log": r"\ln", "sigmoid": r"\sigma", "relu": r"\operatorname{ReLU}"}


def katex(tree: Tree) -> str:
    """The formula as one writes it on a blackboard."""
    if isinstance(tree, Number):
        named_ = {math.pi: r"\pi", math.e: r"e"}
        return named_.get(tree.value, f"{tree.value:g}")
    if isinstance(tree, Name):
        return tree.name

    def inner(part: Tree, least: int) -> str:
        text = katex(part)
        return text if _rank(part) >= least else rf"\left({text}\right)"

    what, parts = tree.what, tree.parts
    if what == "/":
        return rf"\dfrac{{{katex(parts[0])}}}{{{katex(parts[1])}}}"
    if what == "^":
        return f"{{{inner(parts[0], 5)}}}^{{{katex(parts[1])}}}"
    if what == "neg":
        return f"-{inner(parts[0], 3)}"
    if what == "*":
        return rf"{inner(parts[0], 2)} \cdot {inner(parts[1], 3)}"
    if what in "+-":
        return f"{inner(parts[0], 1)} {what} {inner(parts[1], 2)}"
    if what == "exp":
        return f"e^{{{katex(parts[0])}}}"
    if what == "sqrt":
        return rf"\sqrt{{{katex(parts[0])}}}"
    if what == "abs":
        return rf"\left|{katex(parts[0])}\right|"
    return rf"{_TEX.get(what, chr(92) + what)}\left({', '.join(map(katex, parts))}\right)"


TORCH = {"ln": "log", "max": "maximum", "min": "minimum"}


def python(tree: Tree, arguments: Mapping[str, str]) -> str:
    """The formula as an expression of torch; ``arguments`` are the names of the inputs there."""
    if isinstance(tree, Number):
        return repr(tree.value)
    if isinstance(tree, Name):
        return arguments[tree.name]

    def inner(part: Tree, least: int) -> str:
        text = python(part, arguments)
        return text if _rank(part) >= least else f"({text})"

    what, parts = tree.what, tree.parts
    if what == "neg":
        return f"-{inner(parts[0], 3)}"
    if what == "^":
        return f"{inner(parts[0], 5)} ** {inner(parts[1], 3)}"
    if what in _RANK:
        return f"{inner(parts[0], _RANK[what])} {what} {inner(parts[1], _RANK[what] + 1)}"
    given = [python(part, arguments) for part in parts]
    if what in ("max", "min"):
        # torch.maximum takes tensors only; beside a number, a bound does the same.
        number = next((i for i, part in enumerate(parts) if isinstance(part, Number)), None)
        if number is not None:
            bound = "min" if what == "max" else "max"
            return f"torch.clamp({given[1 - number]}, {bound}={given[number]})"
    return f"torch.{TORCH.get(what, what)}({', '.join(given)})"


def folded(tree: Tree) -> Tree:
    """The same with what holds no input worked out, so that torch's functions meet tensors only. Raises Fault."""
    if not isinstance(tree, Apply):
        return tree
    parts = tuple(map(folded, tree.parts))
    if not all(isinstance(part, Number) for part in parts):
        return Apply(tree.what, parts)
    given = [part.value for part in parts if isinstance(part, Number)]
    try:
        value = _ON_NUMBERS[tree.what](*given)
    except (ArithmeticError, ValueError):
        value = math.nan
    if isinstance(value, complex) or not abs(value) <= 1e30:
        raise Fault("formula", f"{show(tree)} is no number that fits.", field=FIELD)
    return Number(float(value))


def _sigmoid(x: float) -> float:
    return 0.5 * (1 + math.tanh(x / 2))


ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "neg": lambda a: -a,
}
"""Of numbers and tensors alike."""
_ON_NUMBERS: dict[str, Callable[..., Any]] = {
    **ARITHMETIC,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
    "ln": math.log,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "tanh": math.tanh,
    "sigmoid": _sigmoid,
    "relu": lambda a: max(a, 0.0),
    "max": max,
    "min": min,
}
