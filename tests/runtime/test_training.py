"""The local executor with the real training: what comes back after a death is the same run, bit for bit."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from chalknet import wire
from chalknet.runtime.carried import Limits
from chalknet.runtime.executor import Run
from chalknet.runtime.local import LocalExecutor

from .conftest import Told, children

pytestmark = pytest.mark.anyio
BOARD = Path(__file__).parent / "spiral_dropout.json"


def board(**recipe: Any) -> bytes:
    return json.dumps({**json.loads(BOARD.read_text()), "recipe": recipe}).encode()


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[LocalExecutor, Told]]:
    told = Told()
    executor = LocalExecutor(told.publish, limits=Limits(slots=1))
    await executor.open()
    await executor.warmed()
    try:
        yield executor, told
    finally:
        await executor.close()


async def kill(executor: LocalExecutor, told: Told, run: str) -> None:
    """Ends the run's process a little after a checkpoint, and returns when it is back."""
    back = len(told.of(run, "rewound"))
    heard = len(told.steps(run))
    await told.until(lambda: len(told.steps(run)) > heard)
    pauses = told.states(run).count("paused")
    executor.command(run, wire.Pause())  # which writes a checkpoint
    await told.until(lambda: told.states(run).count("paused") > pauses)
    executor.command(run, wire.Resume())
    heard = len(told.steps(run))
    await told.until(lambda: len(told.steps(run)) > heard)
    os.kill(executor.pid(run), signal.SIGKILL)
    await told.until(lambda: len(told.of(run, "rewound")) > back)


async def test_a_run_that_was_killed_ends_with_the_weights_of_one_that_was_not(tmp_path: Path):
    document = board(epochs=400, seed=3)
    async with opened() as (executor, told):
        for run in ("calm", "killed"):
            executor.start(Run(run, "ann", "board", document, tmp_path / run))
        await told.end("calm")
        await kill(executor, told, "killed")
        await kill(executor, told, "killed")
        assert (await told.end("killed"))["state"] == "finished"
    assert told.of("calm", "state")[-1]["restarts"] == 0
    assert told.of("killed", "state")[-1]["restarts"] == 2
    assert all(event["step"] > 0 for event in told.of("killed", "rewound"))
    one, other = (load_file(tmp_path / name / "checkpoint.safetensors") for name in ("calm", "killed"))
    assert one.keys() == other.keys()
    assert any(name.startswith("model.") for name in one)
    assert [name for name in one if one[name].tobytes() != other[name].tobytes()] == []
    tested = [told.of(run, "end")[0]["metrics"]["test.accuracy"] for run in ("calm", "killed")]
    assert tested[0] == tested[1] > 0.5


async def test_a_board_that_cannot_train_fails_with_its_problem(tmp_path: Path):
    document = json.dumps({"version": 1, "nodes": {"loss": {"type": "cross_entropy"}}}).encode()
    async with opened() as (executor, told):
        executor.start(Run("r", "ann", "board", document, tmp_path))
        assert (await told.end("r"))["state"] == "failed"
        assert told.of("r", "failed")[0]["problem"]["message"]
        assert told.of("r", "state")[-1]["restarts"] == 0


async def test_the_process_that_forks_has_one_thread():
    """A thread pool that was started before a fork hangs in every child."""
    async with opened():
        (fork_server,) = children()
        loaded = {Path(mapped.path).name for mapped in fork_server.memory_maps()}
        assert "libtorch_cpu.so" in loaded
        assert fork_server.num_threads() == 1
