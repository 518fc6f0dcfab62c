"""Axes named by a person: reading the names, finding them, and what the error says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chalknet.layers.base import Axis, Fault, SetField, TensorType
from chalknet.layers.words import named

MOST_AXES = 8
MOST_TEXT = 120
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,11}")


def listed(names: Iterable[str]) -> str:
    """``C, H and W``."""
    *most, last = list(names) or ["none"]
    return f"{', '.join(most)} and {last}" if most else last


def names(text: str, field: str) -> list[str]:
    """``"H, W"`` → H, W. Raises Fault."""
    found = re.split(r"[\s,×]+", text.strip()) if text.strip() else []
    for each in found:
        if not _NAME.fullmatch(each):
            raise Fault("axes", f"{each!r} is no name of an axis; names look like T, C, H or W.", field=field)
    if len(set(found)) < len(found):
        twice = next(each for each in found if found.count(each) > 1)
        raise Fault("axes", f"names the axis {twice} twice.", field=field)
    return found


def place(x: TensorType, name: str, field: str, port: str = "x") -> int:
    """Where an axis stands, by its name; empty: the features. Raises Fault."""
    if not x.axes:
        raise Fault("kind", f"needs several numbers along an axis; {named(x)} arrives.", port=port)
    if not name.strip():
        return x.feature or 0
    (wanted, *more) = names(name, field)
    if more:
        raise Fault("axes", f"works along one axis, but {listed([wanted, *more])} are named.", field=field)
    if wanted not in x.names:
        raise missing(x, wanted, field)
    return x.names.index(wanted)


def missing(x: TensorType, wanted: str, field: str) -> Fault:
    return Fault(
        "axes",
        f"has no axis {wanted} to work along: {named(x)} has {listed(x.names)}.",
        field=field,
        remedies=[SetField(field, axis.name, f"Work along {axis.name} ({axis.size:,})") for axis in x.axes],
    )


def target(text: str, field: str) -> list[tuple[str, int]]:
    """``"C 16, H 4, W -1"`` → [("C", 16), ("H", 4), ("W", −1)]. Raises Fault."""
    found: list[tuple[str, int]] = []
    for part in filter(None, (each.strip() for each in text.replace("−", "-").split(","))):
        match = re.fullmatch(rf"({_NAME.pattern})\s+(-?\d{{1,10}})", part)
        if match is None:
            raise Fault(
                "axes",
                f"cannot read {part!r}: every axis is a name and a size, such as C 16, H 4, W 4.",
                field=field,
            )
        size = int(match[2])
        if size < 1 and size != -1:
            raise Fault("axes", f"the axis {match[1]} cannot have the size {size}.", field=field)
        found.append((match[1], size))
    if not found:
        raise Fault("axes", "says no axes; expected a name and a size for each, such as C 16, H 4, W 4.", field=field)
    if len(found) > MOST_AXES:
        raise Fault("axes", f"asks for {len(found)} axes; at most {MOST_AXES} are possible.", field=field)
    names(" ".join(name for name, _ in found), field)
    if sum(size == -1 for _, size in found) > 1:
        raise Fault("axes", "leaves more than one size open; −1 may stand once.", field=field)
    return found


def settled(x: TensorType, axes: tuple[Axis, ...]) -> TensorType:
    """A type with other axes: numbers along a single axis of fixed length are a vector, whatever it was called."""
    if x.element == "float" and len(axes) == 1 and not axes[0].varies:
        axes = (Axis("D", axes[0].size),)
    return TensorType(x.element, axes, x.classes)
