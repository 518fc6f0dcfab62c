"""The gallery: boards that come with Chalknet, a JSON file each."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from chalknet.graph.document import About, Document, Unreadable, read

SECTIONS: dict[str, str] = {
    "start": "Boards to begin with",
    "first": "First networks",
    "hand": "Worked by hand",
    "cnn": "The CNN family",
    "depth": "What depth does",
    "decode": "Encoders and decoders",
}
"""Titles of the gallery's sections, in its order; a board that names none stands behind them."""


def folder() -> Path:
    """Where the boards are: beside this package in an installation, else at the top of the repository."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "models"
    return installed if installed.is_dir() else package.parents[1] / "models"


@cache
def boards() -> dict[str, Document]:
    """Every board by its file's name without ending, section by section, in each by the year it is from, then small
    networks before large ones.

    Raises Unreadable, with the file's name, if one is no board.
    """
    found = {}
    for file in sorted(folder().glob("*.json")):
        try:
            found[file.stem] = read(file.read_bytes())
        except Unreadable as error:
            raise Unreadable(f"{file.name}: {error}") from None
    return dict(sorted(found.items(), key=lambda board: _place(board[1].about)))


def _place(about: About) -> tuple[int, int, int]:
    sections = list(SECTIONS)
    section = sections.index(about.section) if about.section in sections else len(sections)
    years = [int(year) for year in re.findall(r"\b(?:1[789]|20)\d\d\b", about.origin)]
    return section, min(years, default=0), about.declared.get("parameters", 0)
