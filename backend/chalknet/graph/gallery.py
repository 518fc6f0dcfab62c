"""The gallery: boards that come with Chalknet, a JSON file each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from chalknet.graph.document import Document, Unreadable, read


def folder() -> Path:
    """Where the boards are: beside this package in an installation, else at the top of the repository."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "models"
    return installed if installed.is_dir() else package.parents[1] / "models"


@cache
def boards() -> dict[str, Document]:
    """Every board by its file's name without ending, small networks before large ones.

    Raises Unreadable, with the file's name, if one is no board.
    """
    found = {}
    for file in sorted(folder().glob("*.json")):
        try:
            found[file.stem] = read(file.read_bytes())
        except Unreadable as error:
            raise Unreadable(f"{file.name}: {error}") from None
    return dict(sorted(found.items(), key=lambda board: board[1].about.declared.get("parameters", 0)))
