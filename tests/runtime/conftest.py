from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from chalknet import wire
from chalknet.runtime.carried import Limits
from chalknet.runtime.executor import Run
from chalknet.runtime.local import LocalExecutor

PATIENCE = 60
"""Seconds after which a condition that was waited for counts as never coming, on a busy machine."""


_before: set[int] = set()


@pytest.fixture(autouse=True)
def _others() -> None:
    """Other tests' fixtures may keep processes for a whole session; they are not ours to count."""
    _before.clear()
    _before.update(process.pid for process in psutil.Process().children())


def children(*, recursive: bool = False) -> list[psutil.Process]:
    """This process's children that began with this test; ``recursive``: theirs too."""
    ours = [process for process in psutil.Process().children() if process.pid not in _before]
    return ours + [below for process in ours for below in process.children(recursive=True) if recursive]


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The server's event loop."""
    return "asyncio", {"use_uvloop": True}


class Told:
    """What an executor told, and a way to wait for more."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any] | bytes]] = []
        self._more = asyncio.Condition()
        self._notices: set[asyncio.Task[None]] = set()

    def publish(self, run: str, event: dict[str, Any] | bytes) -> None:
        if isinstance(event, dict):
            wire.run_message.validate_python(event)
        self.events.append((run, event))
        notice = asyncio.ensure_future(self._notify())
        self._notices.add(notice)
        notice.add_done_callback(self._notices.discard)

    async def _notify(self) -> None:
        async with self._more:
            self._more.notify_all()

    async def until(self, condition: Callable[[], Any]) -> Any:
        async with asyncio.timeout(PATIENCE), self._more:
            return await self._more.wait_for(condition)

    def of(self, run: str, *kinds: str) -> list[dict[str, Any]]:
        return [
            event
            for owner, event in self.events
            if owner == run and isinstance(event, dict) and (not kinds or event["event"] in kinds)
        ]

    def states(self, run: str) -> list[str]:
        return [event["state"] for event in self.of(run, "state", "end")]

    def steps(self, run: str) -> list[int]:
        return [event["points"][0]["step"] for event in self.of(run, "metrics")]

    async def end(self, run: str) -> dict[str, Any]:
        await self.until(lambda: self.of(run, "end"))
        return self.of(run, "end")[0]


class Stage:
    """An executor of fake workers and what it told."""

    def __init__(self, executor: LocalExecutor, told: Told, directory: Path) -> None:
        self.executor, self.told, self._directory = executor, told, directory

    def run(self, id_: str, owner: str = "ann", restarts: int = 0, **plan: Any) -> Run:
        return Run(id_, owner, "board", json.dumps(plan).encode(), self._directory / id_, 1, restarts)

    def start(self, id_: str, owner: str = "ann", *, resume: bool = False, **plan: Any) -> None:
        self.executor.start(self.run(id_, owner, **plan), resume=resume)

    def starts(self, id_: str) -> list[list[str]]:
        """What every worker of the run wrote of itself: pid, whether it resumes, threads."""
        return [line.split() for line in (self._directory / id_ / "starts").read_text().splitlines()]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))

    @asynccontextmanager
    async def open_(**limits: Any) -> AsyncIterator[Stage]:
        told = Told()
        limits.setdefault("slots", 1)
        executor = LocalExecutor(told.publish, limits=Limits(**limits), worker="fake_worker", preload=())
        await executor.open()
        try:
            yield Stage(executor, told, tmp_path)
        finally:
            await executor.close()

    return open_
