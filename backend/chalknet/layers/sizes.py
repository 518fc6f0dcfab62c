"""Spatial sizes: fields that hold one number or a pair, and the arithmetic of sliding windows (C-001 to C-006)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chalknet.layers.words import tex

MOST = 1024

Positive = Annotated[int, Field(ge=1, le=MOST)]
Natural = Annotated[int, Field(ge=0, le=MOST)]
Size = Positive | tuple[Positive, Positive]
"""One number, or (height, width)."""
Margin = Natural | tuple[Natural, Natural]
Padding = Margin | Literal["same"]


def size(
    default: Any, title: str, help: str, *, least: int = 1, choices: tuple[str, ...] = (), unit: str = "px"
) -> Any:
    """A field of kind ``size``: one number, or a pair (height, width)."""
    extra: dict[str, Any] = {"kind": "size", "minimum": least, "maximum": MOST, "unit": unit}
    if choices:
        extra["choices"] = list(choices)
    return Field(default, title=title, description=help, json_schema_extra=extra)


def pair(value: int | tuple[int, int]) -> tuple[int, int]:
    """(height, width) of a field."""
    return (value, value) if isinstance(value, int) else value


def span(kernel: int, dilation: int = 1) -> int:
    """How many inputs a dilated kernel reaches over."""
    return dilation * (kernel - 1) + 1


def slid(length: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """How many places a window finds: ⌊(I + 2P − D(K−1) − 1)/S⌋ + 1; not above 0 where it does not fit."""
    return (length + 2 * padding - span(kernel, dilation)) // stride + 1


def slid_tex(length: int, kernel: int, stride: int, padding: int, dilation: int) -> str:
    """The same with its numbers, in KaTeX."""
    reach = tex(kernel) if dilation == 1 else rf"({dilation} \cdot ({kernel} - 1) + 1)"
    margin = rf" + 2 \cdot {padding}" if padding else ""
    top = f"{tex(length)} - {reach}{margin}"
    found = tex(slid(length, kernel, stride, padding, dilation))
    if stride == 1:
        return f"{top} + 1 = {found}"
    return rf"\left\lfloor \dfrac{{{top}}}{{{stride}}} \right\rfloor + 1 = {found}"


def widest(length: int, padding: int, dilation: int) -> int:
    """The widest kernel that fits, odd where that leaves at least 1."""
    most = (length + 2 * padding - 1) // dilation + 1
    return most if most % 2 else max(1, most - 1)


def margin(length: int, kernel: int, dilation: int) -> int:
    """The least padding with which the kernel fits once."""
    return max(0, -(-(span(kernel, dilation) - length) // 2))
