"""The shelf: data sets that people brought, and those that come with the house, by their ids.

A data set never changes once it is there. In its folder lie ``about.json`` (what a schema needs, read without torch and
remembered) and ``data.safetensors`` (its arrays). A process that looks for data sets says first where they lie.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    import numpy
    from torch import Tensor

Kind = Literal["table", "images", "text", "arrays"]
MOST_CLASSES = 10_000
"""Classes of a target."""
MOST_NAMES = 200
"""Different values of a column up to which it is a category; above, it is free text, which no network is given."""
ID = re.compile(r"[2-9a-z]{20}|[a-z][a-z0-9-]{1,30}")
"""Of a data set that somebody brought (twenty letters), or the name of one that is known to the house."""


class Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True)


class Column(Plain):
    """One column of a table, and what was counted of it. ``place``: its row in ``numbers`` or ``categories``."""

    name: str
    kind: Literal["number", "category", "text", "empty"]
    """A text has too many different values to be a category, an empty column has none: no network is given either."""
    place: int = 0
    missing: int = 0
    distinct: int = 0
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    deviation: float | None = None
    histogram: list[int] = []
    """Of numbers: how many lie in each of equal steps from ``low`` to ``high``."""
    whole: bool = False
    """Of numbers: every one is a whole one."""
    names: list[str] = []
    """The different values, in order: of a category, and of whole numbers of which there are few."""
    counts: list[int] = []
    """How often each of ``names`` comes."""
    readable: int = 0
    """Of free text: in how many rows it is a number all the same. Those are kept, at ``place`` in ``numbers``."""


class Trouble(Plain):
    """What could not be taken in, and where it stands: ``line 17``, ``cats/3.jpg``."""

    place: str
    message: str


class Array(Plain):
    dtype: str
    shape: list[int]
    """The samples first; of a table's ``numbers`` and ``categories`` the columns first."""


class AboutData(Plain):
    """What is known of a data set."""

    kind: Kind
    name: str
    """Of the file that was brought."""
    count: int
    """Samples; of a text, characters."""
    tested: int = 0
    """So many of them, the last ones, were brought as the test part."""
    arrays: dict[str, Array] = {}
    classes: list[str] = []
    class_counts: list[int] = []
    columns: list[Column] = []
    characters: list[str] = []
    """Of a text: the different characters, the most frequent first."""
    words: list[str] = []
    """Of a text: its most frequent words and marks, the most frequent first."""
    spans: int = 0
    """Of a text: how many words and marks it has."""
    troubles: list[Trouble] = []
    """The first of them."""
    troubled: int = 0
    """How many there are."""
    notes: list[str] = []
    """What was decided for the person: the separator, the size of the pictures."""
    bytes: Annotated[int, Field(ge=0)] = 0
    """Of the arrays."""
    hash: str = ""
    """SHA-256 of the arrays with their names, types and shapes."""

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


About = AboutData
"""Here it needs no longer name; on the wire, a board has an ``About`` of its own."""

_root: Path | None = None
_known: dict[str, tuple[Path | None, About]] = {}


def stand(root: Path | None) -> None:
    """Says where data sets lie, each in a folder by its id."""
    global _root
    if root != _root:
        _root = root
        _known.clear()


def folder(id: str) -> Path | None:
    """Where a data set lies or would lie; None where nothing was said or the id is none."""
    return _root / id if _root is not None and ID.fullmatch(id) else None


def find(id: str) -> About | None:
    """What is known of a data set; None where there is none of this id."""
    known = _known.get(id)
    if known is not None and (known[0] is None or known[0].exists()):
        return known[1]
    _known.pop(id, None)
    from chalknet.datasets import built_in

    if id in built_in.SETS:
        _known[id] = (None, built_in.about(id))
        return _known[id][1]
    here = folder(id)
    if here is None:
        return None
    file = here / "about.json"
    try:
        about = About.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
    _known[id] = (file, about)
    return about


def arrays(id: str) -> dict[str, numpy.ndarray[Any, Any]]:
    """The arrays of a data set. Raises KeyError where there is none."""
    from chalknet.datasets import built_in

    if id in built_in.SETS:
        return built_in.arrays(id)
    here = folder(id)
    if here is None or not (here / "data.safetensors").exists():
        raise KeyError(id)
    from safetensors.numpy import load_file

    found: dict[str, numpy.ndarray[Any, Any]] = load_file(here / "data.safetensors")
    return found


def tensors(id: str) -> dict[str, Tensor]:
    """The same as tensors; the file is mapped, not copied."""
    import torch

    from chalknet.datasets import built_in

    if id in built_in.SETS:
        return {name: torch.from_numpy(values) for name, values in built_in.arrays(id).items()}
    here = folder(id)
    if here is None or not (here / "data.safetensors").exists():
        raise KeyError(id)
    from safetensors.torch import load_file

    found: dict[str, Tensor] = load_file(here / "data.safetensors")
    return found


def write(here: Path, about: About, values: dict[str, numpy.ndarray[Any, Any]]) -> About:
    """A data set's two files in a folder; what is known of it, with its size and hash."""
    import hashlib

    import numpy
    from safetensors.numpy import save_file

    values = {name: numpy.ascontiguousarray(array) for name, array in values.items()}
    digest = hashlib.sha256()
    for name in sorted(values):
        array = values[name]
        digest.update(json.dumps([name, array.dtype.str, list(array.shape)]).encode())
        digest.update(memoryview(array.reshape(-1)).cast("B"))
    about = about.model_copy(
        update={
            "arrays": {name: Array(dtype=str(array.dtype), shape=list(array.shape)) for name, array in values.items()},
            "bytes": sum(array.nbytes for array in values.values()),
            "hash": digest.hexdigest(),
        }
    )
    save_file(values, here / "data.safetensors")
    (here / "about.json").write_text(about.model_dump_json(), encoding="utf-8")
    return about


def by_name(id: str) -> str | None:
    """The title of a data set that is fetched by its name."""
    from chalknet.datasets import famous

    return famous.SETS[id].title if id in famous.SETS else None
