"""Folders under the data directory."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from chalknet import wire
from chalknet.store.ids import PATTERN


class Files:
    """``runs/<id>`` for checkpoints and events, ``cache`` for prepared data, ``datasets/<id>`` for what people brought,
    ``incoming`` for what is still on its way."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self) -> None:
        # What was on its way when the server stopped never arrives.
        shutil.rmtree(self.incoming, ignore_errors=True)
        for folder in (self.root, self.root / "runs", self.cache, self.datasets, self.incoming):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    def run(self, run: str) -> Path:
        """The folder of a run; the name must be one that the server gave."""
        if not PATTERN.fullmatch(run):
            raise ValueError(f"{run!r} is no run")
        return self.root / "runs" / run

    def state(self, run: str, step: int) -> Path | None:
        """The file with a run's state after so many steps (``wire.NOW``: the newest); None where it is not kept."""
        path = self.run(run) / (wire.CHECKPOINT if step == wire.NOW else wire.kept_file(step))
        return path if path.exists() else None

    def lay_start(self, run: str, state: Path, about: bytes) -> int:
        """Lays another run's state into a new run's folder, for it to begin with, so that it outlives the other one;
        gives its step. Raises OSError, or ValueError where it is no state."""
        folder = self.run(run)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.link(state, folder / wire.START)
        except FileNotFoundError:
            raise
        except OSError:  # a file system that knows no second names
            shutil.copyfile(state, folder / wire.START)
        (folder / wire.START_ABOUT).write_bytes(about)
        return _step(folder / wire.START)

    def remove_run(self, run: str) -> None:
        shutil.rmtree(self.run(run), ignore_errors=True)


MOST_HEADER = 16 << 20


def _step(path: Path) -> int:
    """Of a state: ``u64 header length | JSON header``, in whose metadata the state's own header stands."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > MOST_HEADER:
            raise ValueError(f"{path.name} is no state")
        header = json.loads(file.read(length))
    try:
        return int(json.loads(header["__metadata__"]["chalknet"])["step"])
    except KeyError:
        raise ValueError(f"{path.name} is no state") from None
