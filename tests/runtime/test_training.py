"""The local executor with the real training: what comes back after a death is the same run, bit for bit."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
from safetensors.numpy import load_file

from chalknet import wire
from chalknet.runtime.executor import Run
from chalknet.runtime.local import Limits, LocalExecutor

from .conftest import Told

pytestmark = pytest.mark.anyio
BOARD: dict[str, Any] = {
    "version": 1,
    "nodes": {
        "data": {"type": "points", "fields": {"kind": "spiral", "samples": 200}},
        "hidden": {"type": "linear", "fields": {"units": 8}},
        "norm": {"type": "batch_norm1d"},
        "relu": {"type": "relu"},
        "dropout": {"type": "dropout", "fields": {"rate": 0.2}},
        "scores": {"type": "linear", "fields": {"units": 2}},
        "loss": {"type": "cross_entropy"},
    },
    "edges": {
        "a": {"from": "data", "out": "x", "to": "hidden"},
        "b": {"from": "hidden", "to": "norm"},
        "c": {"from": "norm", "to": "relu"},
        "d": {"from": "relu", "to": "dropout"},
        "e": {"from": "dropout", "to": "scores"},
        "f": {"from": "scores", "to": "loss", "in": "logits"},
        "g": {"from": "data", "out": "label", "to": "loss", "in": "target"},
    },
}


def board(**recipe: Any) -> bytes:
    return json.dumps({**BOARD, "recipe": recipe}).encode()


async def train(directory: Path, document: bytes, kills: int) -> Told:
    """A whole run, killed after each of so many pauses, at which a checkpoint is written."""
    told = Told()
    executor = LocalExecutor(told.publish, limits=Limits(slots=1))
    await executor.open()
    try:
        executor.start(Run("r", "ann", "board", document, directory))
        for kill in range(kills):
            await told.until(lambda kill=kill: len(told.of("r", "rewound")) == kill)
            heard = len(told.steps("r"))
            await told.until(lambda heard=heard: len(told.steps("r")) > heard)
            executor.command("r", wire.Pause())
            await told.until(lambda kill=kill: told.states("r").count("paused") == kill + 1)
            executor.command("r", wire.Resume())
            heard = len(told.steps("r"))
            await told.until(lambda heard=heard: len(told.steps("r")) > heard)
            os.kill(executor.pid("r"), signal.SIGKILL)
        await told.end("r")
        return told
    finally:
        await executor.close()


async def test_a_run_that_was_killed_ends_with_the_weights_of_one_that_was_not(tmp_path: Path):
    document = board(epochs=800, seed=3)
    calm = await train(tmp_path / "calm", document, kills=0)
    killed = await train(tmp_path / "killed", document, kills=2)
    assert killed.of("r", "end")[0]["state"] == "finished"
    assert killed.of("r", "state")[-1]["restarts"] == 2
    assert all(event["step"] > 0 for event in killed.of("r", "rewound"))
    one, other = (load_file(tmp_path / name / "checkpoint.safetensors") for name in ("calm", "killed"))
    assert one.keys() == other.keys()
    assert any(name.startswith("model.") for name in one)
    different = [name for name in one if one[name].tobytes() != other[name].tobytes()]
    assert different == []
    assert {name: value for name, value in killed.of("r", "end")[0]["metrics"].items() if "test" in name} == {
        name: value for name, value in calm.of("r", "end")[0]["metrics"].items() if "test" in name
    }


async def test_a_board_that_cannot_train_fails_with_its_problem(tmp_path: Path):
    document = json.dumps({"version": 1, "nodes": {"loss": {"type": "cross_entropy"}}}).encode()
    told = await train(tmp_path, document, kills=0)
    assert told.of("r", "end")[0]["state"] == "failed"
    assert told.of("r", "failed")[0]["problem"]["message"]
    assert told.of("r", "state")[-1]["restarts"] == 0


async def test_the_process_that_forks_has_one_thread(tmp_path: Path):
    """A thread pool that was started before a fork hangs in every child."""
    told = Told()
    executor = LocalExecutor(told.publish, limits=Limits(slots=1))
    await executor.open()
    await executor.warmed()
    try:
        (fork_server,) = psutil.Process().children()
        loaded = {Path(mapped.path).name for mapped in fork_server.memory_maps()}
        assert "libtorch_cpu.so" in loaded
        assert fork_server.num_threads() == 1
    finally:
        await executor.close()
