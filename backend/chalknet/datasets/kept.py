"""Keeping on disk what takes long to make: safetensors, written atomically, read without copying."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalknet.datasets.base import DataSource, Part, Parts, Split
from chalknet.datasets.split import divide

if TYPE_CHECKING:
    from torch import Tensor

PARTS: tuple[Part, ...] = ("train", "validation", "test")
MOST_BYTES = 4 * 10**9
"""How much is kept; every change of a detector's noise makes 200 MB more."""


def load(
    source: DataSource,
    split: Split,
    cache: Path | None,
    make: Callable[[], dict[str, Tensor]],
    *made_by: Callable[..., Any],
) -> Parts:
    """The parts of ``source``: read from ``cache`` if they are there, else made, divided and kept.

    The parts are kept, not the samples, because picking rows copies and a mapped file need not be read to begin.
    Without ``cache`` nothing is kept. The file's name covers fields, split and the text of ``made_by``, so that other
    fields or other code make another file.
    """
    file = cache / name(source, split, *made_by, divide) if cache is not None else None
    ports = source.schema()
    stored = recall(file) if file is not None else None
    if stored is not None and stored.keys() == {f"{part}/{port}" for part in PARTS for port in ports}:
        return {part: {port: stored[f"{part}/{port}"] for port in ports} for part in PARTS}
    parts = divide(make(), split.validation, split.test, split.seed, split.drawn)
    if file is not None:
        keep(file, {f"{part}/{port}": values for part in PARTS for port, values in parts[part].items()})
    return parts


def name(source: DataSource, split: Split, *made_by: Callable[..., Any]) -> str:
    """A file name for what ``made_by`` makes of the source's fields and the split."""
    meaning = json.dumps({"fields": source.made_of(), "split": split.model_dump()}, sort_keys=True)
    text = meaning + "".join(inspect.getsource(function) for function in made_by)
    return f"{source.type}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.safetensors"


def recall(file: Path) -> dict[str, Tensor] | None:
    """The tensors of a kept file, or None where there is none or it is damaged. The file counts as used just now."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        found: dict[str, Tensor] = load_file(file)
        os.utime(file)
        return found
    except (OSError, SafetensorError):
        return None


def keep(file: Path, tensors: dict[str, Tensor]) -> None:
    """Write ``tensors`` so that a reader sees the whole file or none; others, used longest ago first, make way."""
    from safetensors.torch import save_file

    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f"{file.stem}-", suffix=".part")
    os.close(handle)
    try:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, temporary)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    make_room(file)


def make_room(newest: Path) -> None:
    """Remove kept files beside ``newest``, used longest ago first, until at most ``MOST_BYTES`` are left, and what a
    killed process left half-written a day ago. A run that has one of them mapped goes on reading it."""
    found = []
    # Another process may be making room as well, so any file may be gone.
    for file in newest.parent.glob("*.safetensors"):
        with contextlib.suppress(OSError):
            found.append((file.stat().st_mtime_ns, file.stat().st_size, file))
    total = sum(size for _, size, _ in found)
    for _, size, file in sorted(found):
        if total > MOST_BYTES and file != newest:
            with contextlib.suppress(OSError):
                file.unlink()
            total -= size
    for file in newest.parent.glob("*.part"):
        with contextlib.suppress(OSError):
            if file.stat().st_mtime < newest.stat().st_mtime - 86_400:
                file.unlink()
