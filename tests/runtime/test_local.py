"""The local executor against a worker that only counts, started the way a training is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from chalknet import wire
from chalknet.runtime.carried import Limits
from chalknet.runtime.local import LocalExecutor
from chalknet.runtime.warm import Spares

from .conftest import Stage, Told, children

pytestmark = pytest.mark.anyio
BOTH_LOOPS = pytest.mark.parametrize(
    "anyio_backend", [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})], ids=["asyncio", "uvloop"]
)
WATCHED = wire.Subscription(view="maps", node="conv")


async def gone(pid: int) -> None:
    """Returns when the process is no more."""
    await asyncio.to_thread(wait_for_end, pid)


def wait_for_end(pid: int) -> None:
    """Raises psutil.TimeoutExpired when the process is still there after a minute."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            process.wait(60)


@BOTH_LOOPS
async def test_a_run_is_prepared_runs_and_ends(stage: Any):
    async with stage() as it:
        it.start("r", steps=3)
        end = await it.told.end("r")
        assert end == {"event": "end", "state": "finished", "metrics": {"train.loss": 3.0}}
        assert it.told.states("r") == ["preparing", "running", "finished"]
        assert it.told.steps("r") == [1, 2, 3]


async def test_waiting_runs_are_told_their_position_whenever_it_changes(stage: Any):
    async with stage() as it:
        it.start("a1", "ann", steps=10**6, pause=0.01)
        it.start("a2", "ann", steps=1)
        it.start("a3", "ann", steps=1)
        it.start("b1", "ben", steps=1)
        await it.told.until(lambda: it.told.steps("a1"))
        assert it.executor.waiting == ["b1", "a2", "a3"]
        positions = {run: [event["position"] for event in it.told.of(run, "state")] for run in ("a2", "a3", "b1")}
        assert positions == {"a2": [1, 2], "a3": [2, 3], "b1": [1]}
        it.executor.stop("a1")
        await it.told.end("a3")
        ends = [run for run, event in it.told.events if isinstance(event, dict) and event["event"] == "end"]
        assert ends == ["a1", "b1", "a2", "a3"]
        assert [event.get("position", 0) for event in it.told.of("a3", "state")] == [2, 3, 2, 1, 0, 0]


async def test_a_waiting_run_can_be_stopped(stage: Any):
    async with stage() as it:
        it.start("a", steps=10**6, pause=0.01)
        it.start("b", steps=1)
        it.start("c", steps=1)
        it.executor.stop("b")
        assert (await it.told.end("b"))["state"] == "stopped"
        assert it.executor.waiting == ["c"]
        assert not (it.run("b").directory / "starts").exists()


async def test_two_slots_execute_two_runs(stage: Any):
    async with stage(slots=2) as it:
        it.start("a", steps=10**6, pause=0.01)
        it.start("b", steps=10**6, pause=0.01)
        await it.told.until(lambda: it.told.steps("a") and it.told.steps("b"))
        assert it.executor.pid("a") != it.executor.pid("b")


async def test_commands_and_subscriptions_reach_the_worker(stage: Any):
    async with stage() as it:
        it.start("r", steps=10**6, pause=0.005)
        it.executor.watch("r", [WATCHED])  # before there is a process
        await it.told.until(lambda: it.told.of("r", "noted"))
        it.executor.command("r", wire.Pause())
        await it.told.until(lambda: "paused" in it.told.states("r"))
        it.executor.command("r", wire.Rate(value=0.5))
        it.executor.command("r", wire.Turn(dial="dropout", value=0.3))
        it.executor.command("r", wire.Watch(views=[]))
        it.executor.command("r", wire.Resume())
        await it.told.until(lambda: it.told.states("r")[-1] == "running")
        assert [event["text"] for event in it.told.of("r", "noted")] == [
            "watched conv", "rate 0.5", "dropout 0.3", "watched "
        ]  # fmt: skip
        it.executor.command("r", wire.Stop())
        assert (await it.told.end("r"))["state"] == "stopped"


async def test_commands_for_a_run_that_has_ended_are_ignored(stage: Any):
    async with stage() as it:
        it.start("r", steps=1)
        await it.told.end("r")
        it.executor.command("r", wire.Pause())
        it.executor.watch("r", [WATCHED])
        it.executor.stop("r")
        assert len(it.told.of("r", "end")) == 1


@BOTH_LOOPS
async def test_a_killed_worker_comes_back_from_its_checkpoint(stage: Any):
    async with stage() as it:
        it.start("r", steps=10**6, pause=0.002, checkpoint=5)
        it.executor.watch("r", [WATCHED])
        await it.told.until(lambda: 12 in it.told.steps("r"))
        it.executor.command("r", wire.Rate(value=0.25))
        killed = it.executor.pid("r")
        os.kill(killed, signal.SIGKILL)
        await it.told.until(lambda: it.told.of("r", "rewound"))
        rewound = it.told.of("r", "rewound")[0]["step"]
        await it.told.until(lambda: it.told.steps("r")[-1] > rewound + 10)
        assert rewound % 5 == 0
        assert rewound >= 10
        states = [(event["state"], event["restarts"]) for event in it.told.of("r", "state")]
        assert states[-2:] == [("resuming", 1), ("running", 1)]
        resuming = next(event for event in it.told.of("r", "state") if event["state"] == "resuming")
        assert resuming["steps"] == 10**6
        notes = [event["text"] for event in it.told.of("r", "noted")]
        assert notes.count("watched conv") == 2, "the new worker must know what is watched"
        assert f"The training process came back from step {rewound:,}." in notes
        steps = it.told.steps("r")
        back = len(steps) - steps[::-1].index(rewound + 1) - 1
        assert steps[back:] == list(range(rewound + 1, rewound + 1 + len(steps) - back))
        assert not it.told.of("r", "checkpointed")
        assert killed != it.executor.pid("r")


async def test_a_paused_run_comes_back_paused(stage: Any):
    async with stage() as it:
        it.start("r", steps=10**6, pause=0.002, checkpoint=1)
        await it.told.until(lambda: it.told.steps("r"))
        it.executor.command("r", wire.Pause())
        await it.told.until(lambda: "paused" in it.told.states("r"))
        os.kill(it.executor.pid("r"), signal.SIGKILL)
        await it.told.until(lambda: it.told.states("r").count("paused") == 2)


async def test_ten_deaths_with_progress_between_them_are_survived(stage: Any):
    async with stage() as it:
        it.start("r", steps=100, pause=0.001, checkpoint=1)
        for death in range(1, 11):
            told = len(it.told.steps("r"))
            await it.told.until(lambda told=told: len(it.told.steps("r")) > told + 1)  # the first of them is saved then
            os.kill(it.executor.pid("r"), signal.SIGKILL)
            await it.told.until(lambda death=death: len(it.told.of("r", "rewound")) == death)
        assert (await it.told.end("r"))["state"] == "finished"
        assert it.told.of("r", "state")[-1]["restarts"] == 10


async def test_a_run_that_always_dies_at_the_same_place_fails_in_words(stage: Any):
    async with stage() as it:
        it.start("r", steps=100, checkpoint=4, dies=6)
        it.start("next", steps=1)
        end = await it.told.end("r")
        assert end["state"] == "failed"
        (failed,) = it.told.of("r", "failed")
        assert failed["problem"]["code"] == "worker_died"
        assert "3 times in a row since the checkpoint of step 4" in failed["problem"]["message"]
        assert "SIGKILL" in failed["problem"]["message"]
        assert failed["problem"]["hint"]
        assert len(it.starts("r")) == 3
        assert (await it.told.end("next"))["state"] == "finished"


async def test_a_run_that_dies_before_any_checkpoint_fails_too(stage: Any):
    async with stage() as it:
        it.start("r", steps=100, dies=2)
        await it.told.end("r")
        assert "before a checkpoint" in it.told.of("r", "failed")[0]["problem"]["message"]


async def test_an_exception_fails_at_once_and_is_logged(stage: Any):
    async with stage() as it:
        it.start("r", raises="no such axis")
        assert (await it.told.end("r"))["state"] == "failed"
        problem = it.told.of("r", "failed")[0]["problem"]
        assert problem["code"] == "crashed"
        assert "ValueError: no such axis" in problem["message"]
        assert len(it.starts("r")) == 1
        assert "Traceback" in (it.run("r").directory / "worker.log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits private memory")
async def test_a_run_that_takes_too_much_memory_fails_in_words(stage: Any):
    async with stage(memory=64 << 20) as it:
        it.start("r", hungry=256 << 20)
        assert (await it.told.end("r"))["state"] == "failed"
        problem = it.told.of("r", "failed")[0]["problem"]
        assert problem["code"] == "out_of_memory"
        assert "64 MB" in problem["message"]
        assert "batch size" in problem["hint"]


async def test_memory_within_the_limit_is_granted(stage: Any):
    async with stage(memory=128 << 20) as it:
        it.start("r", hungry=64 << 20, steps=1)
        assert (await it.told.end("r"))["state"] == "finished"


async def test_a_run_that_takes_too_long_fails_in_words(stage: Any):
    async with stage(seconds=0.5) as it:
        it.start("r", steps=10**6, pause=0.01)
        assert (await it.told.end("r"))["state"] == "failed"
        assert it.told.of("r", "failed")[0]["problem"]["code"] == "time_limit"


async def test_a_worker_that_does_not_listen_is_killed_at_a_stop(stage: Any):
    async with stage(stopping=0.1) as it:
        it.start("r", deaf=True)
        await it.told.until(lambda: "running" in it.told.states("r"))
        pid = it.executor.pid("r")
        it.executor.stop("r")
        assert (await it.told.end("r"))["state"] == "stopped"
        await gone(pid)
        assert not it.told.of("r", "failed")


@BOTH_LOOPS
async def test_close_leaves_no_process_and_no_end(stage: Any):
    async with stage() as it:
        it.start("r", deaf=True)
        it.start("waiting", steps=1)
        await it.told.until(lambda: "running" in it.told.states("r"))
        pids = [process.pid for process in children(recursive=True)]
        assert it.executor.pid("r") in pids
    for pid in pids:
        await gone(pid)
    assert not it.told.of("r", "end")
    assert not it.told.of("waiting", "end"), "both can be resumed at the server's next start"


async def paused(it: Stage) -> int:
    """Starts a run and pauses it; the step at which it stands."""
    it.start("r", steps=10**6, pause=0.005, checkpoint=1000)
    await it.told.until(lambda: it.told.steps("r"))
    it.executor.command("r", wire.Pause())
    await it.told.until(lambda: "paused" in it.told.states("r"))
    return it.told.steps("r")[-1]


async def test_a_paused_run_gives_way_to_one_that_waits(stage: Any):
    async with stage(giving_way=0.2) as it:
        at = await paused(it)
        it.start("other", "ben", steps=3)
        assert (await it.told.end("other"))["state"] == "finished"
        aside = it.told.of("r", "state")[-1]
        assert (aside["state"], aside["step"], aside["restarts"]) == ("paused", at, 0)
        assert "takes its turn again" in aside["message"]
        it.executor.command("r", wire.Resume())
        it.executor.command("r", wire.Resume())
        await it.told.until(lambda: it.told.steps("r")[-1] > at)
        assert it.told.steps("r")[: at + 1] == list(range(1, at + 2)), "no step is lost, none is done twice"
        assert it.told.of("r", "state")[-1]["restarts"] == 0
        assert not it.told.of("r", "noted"), "nothing happened that a curve should be marked with"


async def test_a_run_that_paused_by_itself_does_not_come_back_unasked(stage: Any):
    """A board that is stepped by hand pauses without being told to. It gives way for good, until somebody goes on."""
    async with stage(giving_way=0.1) as it:
        it.start("r", steps=6, stands=3, checkpoint=1)
        await it.told.until(lambda: "paused" in it.told.states("r"))
        it.start("other", "ben", steps=1)
        await it.told.end("other")
        await it.executor.idle()
        assert it.executor.waiting == [] and it.executor.pid("r") is None
        assert it.told.states("r")[-1] == "paused"
        it.executor.command("r", wire.Resume())
        assert (await it.told.end("r"))["state"] == "finished"
        assert it.told.steps("r") == [1, 2, 3, 4, 5, 6]


async def test_a_run_that_gave_way_can_do_one_step_or_be_stopped(stage: Any):
    async with stage(giving_way=0.1) as it:
        at = await paused(it)
        it.start("other", "ben", steps=1)
        await it.told.end("other")
        it.executor.command("r", wire.Step())
        await it.told.until(lambda: it.told.steps("r")[-1] == at + 1)
        it.start("third", "ben", steps=1)
        await it.told.until(lambda: it.told.of("third", "end"))
        assert it.told.steps("r")[-1] == at + 1
        it.executor.stop("r")
        assert (await it.told.end("r"))["state"] == "stopped"


async def test_a_paused_run_stays_while_nobody_waits(stage: Any):
    async with stage(giving_way=0.1, slots=2) as it:
        await paused(it)
        process = it.executor.pid("r")
        it.start("other", steps=100, pause=0.005)
        await it.told.end("other")
        assert it.executor.pid("r") == process


async def test_spare_processes_carry_runs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What CUDA needs, without CUDA: processes that are spawned, and ready before they are wanted."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    told = Told()
    spares = Spares(["fake_worker"], ["cpu"])
    executor = LocalExecutor(told.publish, limits=Limits(slots=1), worker="fake_worker", preload=(), source=spares)
    it = Stage(executor, told, tmp_path)
    await executor.open()
    it.start("r", steps=10**6, pause=0.002, checkpoint=2)
    await told.until(lambda: len(told.steps("r")) > 4)
    os.kill(executor.pid("r"), signal.SIGKILL)
    await told.until(lambda: told.of("r", "rewound"))
    await told.until(lambda: told.steps("r")[-1] > told.of("r", "rewound")[0]["step"] + 1)
    assert "SIGKILL" not in str(told.of("r", "failed"))
    it.executor.stop("r")
    assert (await told.end("r"))["state"] == "stopped"
    it.start("next", steps=2)
    assert (await told.end("next"))["state"] == "finished"
    pids = [process.pid for process in children(recursive=True)]
    await executor.close()
    for pid in pids:
        await gone(pid)


async def test_an_unfinished_run_goes_on_at_the_next_start(stage: Any):
    async with stage() as it:
        it.start("r", steps=40, pause=0.002, checkpoint=1)
        await it.told.until(lambda: len(it.told.steps("r")) > 5)
    async with stage() as it:
        it.start("r", steps=40, checkpoint=1, resume=True)
        assert (await it.told.end("r"))["state"] == "finished"
        rewound = it.told.of("r", "rewound")[0]["step"]
        assert it.told.steps("r") == list(range(rewound + 1, 41))
        assert it.told.of("r", "state")[-1]["restarts"] == 1
        assert "preparing" not in it.told.states("r")
        assert [resumed for _, resumed, _ in it.starts("r")] == ["False", "True"]


async def test_a_lost_fork_server_is_replaced_and_runs_go_on(stage: Any):
    async with stage() as it:
        it.start("r", steps=10**6, pause=0.01)
        await it.told.until(lambda: it.told.steps("r"))
        worker = it.executor.pid("r")
        os.kill(psutil.Process(worker).ppid(), signal.SIGKILL)
        told = len(it.told.steps("r"))
        await it.told.until(lambda: len(it.told.steps("r")) > told + 10)
        assert it.executor.pid("r") == worker
        it.executor.stop("r")
        assert (await it.told.end("r"))["state"] == "stopped"
        it.start("next", steps=1)
        assert (await it.told.end("next"))["state"] == "finished"


async def test_a_worker_that_cannot_be_made_fails_the_run_in_words(stage: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    async with stage() as it:
        it.start("r", steps=1)
        assert (await it.told.end("r"))["state"] == "failed"
        assert "process that starts training" in it.told.of("r", "failed")[0]["problem"]["message"]


async def test_a_run_cannot_be_here_twice(stage: Any):
    async with stage() as it:
        it.start("r", steps=10**6, pause=0.01)
        with pytest.raises(ValueError, match="is here already"):
            it.start("r", steps=1)


SERVER = """
import asyncio, json, signal, sys
from pathlib import Path
from chalknet.runtime.carried import Limits
from chalknet.runtime.executor import Run
from chalknet.runtime.local import LocalExecutor

async def main():
    def publish(run, event):
        if event["event"] == "state" and event["state"] == "running":
            print(executor.pid(run), flush=True)
    executor = LocalExecutor(publish, limits=Limits(slots=2), worker="fake_worker", preload=())
    for name, plan in json.loads(sys.argv[2]).items():
        executor.start(Run(name, "ann", "b", json.dumps(plan).encode(), Path(sys.argv[1]) / name))
    await asyncio.sleep(3600)

# Whoever is started in the background of a shell without job control inherits that Ctrl+C is not heard.
signal.signal(signal.SIGINT, signal.default_int_handler)
asyncio.run(main())
"""


READS = {"steps": 10**6, "pause": 0.01}


@pytest.mark.parametrize(
    "number, plans",
    [(signal.SIGKILL, {"reads": READS, "deaf": {"deaf": True}}), (signal.SIGINT, {"reads": READS}),
     (signal.SIGTERM, {"reads": READS})],
)  # fmt: skip
def test_workers_end_when_their_server_does(tmp_path: Path, number: signal.Signals, plans: dict[str, Any]):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-c", SERVER, str(tmp_path), json.dumps(plans)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        workers = [int(server.stdout.readline()) for _ in plans]
        fork_server = psutil.Process(workers[0]).ppid()
        server.send_signal(number)
        try:
            server.wait(60)
        finally:
            server.kill()  # one that does not end fails the test, and does not hold it for ever
    for pid in (*workers, fork_server):
        wait_for_end(pid)
