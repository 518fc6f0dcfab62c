"""Lines of Python: a statement with its comment, a shape, a module class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chalknet.layers.base import TensorType

MOST = 120
"""Characters in a line."""


@dataclass
class Body:
    """A module class in the making: names of forward's arguments, the lines of ``__init__`` and ``forward``, what is
    returned."""

    arguments: list[str] = field(default_factory=list)
    init: list[str] = field(default_factory=list)
    forward: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)


def commented(line: str, comment: str) -> str:
    """A statement of a method with a comment at its end; without it where the line would grow too long."""
    full = f"{line}  # {comment}" if comment else line
    return full if len(full) <= MOST - 8 else line


def listed(place: str, items: Sequence[str], comment: str = "") -> list[str]:
    """``place = nn.ModuleList([…])`` in as many lines as it needs, broken as a formatter breaks it; the comment stands
    behind a single line alone."""
    inside = f"[{', '.join(items)}]"
    if len(line := f"{place} = nn.ModuleList({inside})") <= MOST - 8:
        return [commented(line, comment)]
    rows = [f"    {inside}"]
    if len(rows[0]) > MOST - 8:
        rows = ["    [", *(f"        {item}," for item in items), "    ]"]
    return [f"{place} = nn.ModuleList(", *rows, ")"]


def shape(kind: TensorType) -> str:
    """``(B, 6, 28, 28)``; ``(B,)`` for one number a sample."""
    return f"({', '.join(['B', *map(str, kind.shape)])}{',' if not kind.shape else ''})"


def access(place: str) -> str:
    """``encoder.0.attention`` → ``encoder[0].attention``."""
    first, *rest = place.split(".")
    return first + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in rest)


def tuple_of(kinds: Sequence[str]) -> str:
    """What a function says that it returns."""
    return "None" if not kinds else kinds[0] if len(kinds) == 1 else f"tuple[{', '.join(kinds)}]"


def module_class(name: str, about: str, body: Body, more: Iterable[str] = ()) -> str:
    """The text of a module class; ``more`` are lines of further methods."""
    signature = "".join(f", {argument}: Tensor" for argument in body.arguments)
    lines = [f"class {name}(nn.Module):", f'    """{about}"""', ""]
    if body.init:
        lines += ["    def __init__(self) -> None:", "        super().__init__()"]
        lines += [*(f"        {line}" for line in body.init), ""]
    lines.append(f"    def forward(self{signature}) -> {tuple_of(['Tensor'] * len(body.returned))}:")
    lines += (f"        {line}" for line in body.forward)
    if body.returned or not body.forward:
        lines.append(f"        return {', '.join(body.returned) or None}")
    return "\n".join([*lines, *more]) + "\n"
