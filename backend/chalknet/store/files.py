"""Folders under the data directory."""

from __future__ import annotations

import shutil
from pathlib import Path

from chalknet.store.ids import PATTERN


class Files:
    """``runs/<id>`` for checkpoints and events, ``cache`` for prepared data."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self) -> None:
        for folder in (self.root, self.root / "runs", self.cache):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    def run(self, run: str) -> Path:
        """The folder of a run; the name must be one that the server gave."""
        if not PATTERN.fullmatch(run):
            raise ValueError(f"{run!r} is no run")
        return self.root / "runs" / run

    def remove_run(self, run: str) -> None:
        shutil.rmtree(self.run(run), ignore_errors=True)
