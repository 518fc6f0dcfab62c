"""How layers speak: types and sizes in words, numbers in KaTeX, arguments of exported calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalknet.layers.base import Fault, Insert, Remedy, Rewire, TensorType


def named(kind: TensorType) -> str:
    """A type in words: ``an image 3×32×32``, ``a vector of 84 numbers``, ``a sequence of 12 vectors of 64 numbers``."""
    most = "up to " if any(axis.varies for axis in kind.axes) else ""
    if kind.element == "boxes":
        return f"up to {kind.sizes[0]} boxes of {kind.classes} classes"
    if kind.element == "place":
        return f"a record of {kind.compact} places"
    if kind.element == "index":
        each = f"one of {kind.classes} classes"
        return f"{each} at each of {most}{kind.compact} places" if kind.axes else each
    if kind.element == "bool":
        return f"a mask of {most}{kind.compact}" if kind.axes else "a yes or no"
    if kind.is_image:
        return f"an image {kind.compact}"
    if kind.is_signal:
        return f"a signal of {counted(kind.sizes[0], 'channel')} × {kind.sizes[1]}"
    if kind.is_sequence:
        return f"a sequence of {most}{counted(kind.sizes[0], 'vector')} of {counted(kind.sizes[1], 'number')}"
    if kind.is_vector:
        return f"a vector of {counted(kind.sizes[0], 'number')}"
    return f"a grid {kind.compact}" if kind.axes else "a single number"


def counted(count: int, noun: str) -> str:
    """``1 number``, ``3 numbers``, ``2 classes``, ``2 boxes``."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun}{'es' if noun.endswith(('s', 'x')) else 's'}"


def times(pair: tuple[int, ...]) -> str:
    """``5×5``."""
    return "×".join(map(str, pair))


def tex(number: int) -> str:
    """A number in KaTeX, thousands apart."""
    return f"{number:,}".replace(",", "{,}")


def product(numbers: Iterable[int]) -> str:
    """A product in KaTeX."""
    return r" \cdot ".join(map(tex, numbers))


_BEGIN, _END = r"\begin{aligned} ", r" \end{aligned}"


def rows(*lines: tuple[str, str]) -> str:
    """Titled lines of arithmetic in KaTeX, aligned at their titles; empty lines are left out."""
    kept = [rf"\text{{{title}}} &: {line}" for title, line in lines if line]
    body = r" \\ ".join(kept)
    return f"{_BEGIN}{body}{_END}" if kept else ""


def more_rows(text: str, *lines: tuple[str, str]) -> str:
    """Lines that stand already, and further ones below them."""
    more = rows(*lines)
    if not (text and more):
        return text or more
    return rf"{text.removesuffix(_END)} \\ {more.removeprefix(_BEGIN)}"


def call(name: str, *positional: Any, **keywords: tuple[Any, Any]) -> str:
    """A constructor's expression. A keyword is (value, default), and is left out where they are equal."""
    parts = [_literal(value) for value in positional]
    parts += [f"{key}={_literal(value)}" for key, (value, default) in keywords.items() if value != default]
    return f"{name}({', '.join(parts)})"


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def nearest(value: int, fits: Iterable[int], most: int = 2) -> list[int]:
    """The nearest of some numbers, nearest first."""
    return sorted(set(fits), key=lambda number: (abs(number - value), -number))[:most]


def divisors(number: int) -> list[int]:
    """All divisors, ascending."""
    low = [d for d in range(1, int(number**0.5) + 1) if number % d == 0]
    return low + [number // d for d in reversed(low) if d * d != number]


def unfit(port: str, wants: str, got: TensorType, remedies: Iterable[Remedy] = (), hint: str = "") -> Fault:
    """The wrong kind of thing arrives. Indices are offered an embedding, and places the numbers that they belong to,
    whatever else is proposed."""
    ways = list(remedies)
    if got.element == "place":
        ways.append(Rewire(port, "Take", same=True))
        hint = hint or "Places say where a pooling found its largest numbers; max unpooling puts numbers back there."
    if got.element == "index" and got.names in ((), ("T",)):
        ways.append(Insert(port, "embedding", "Insert an embedding", {"units": 64}))
        hint = hint or "Indices are names, not quantities: an embedding gives each its own vector."
    return Fault("kind", f"needs {wants}; {named(got)} arrives.", hint=hint, port=port, remedies=ways)
