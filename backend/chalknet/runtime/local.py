"""Runs on this machine: each in a warm process of its own, as many at once as there are slots, the rest in a queue."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalknet import wire
from chalknet.graph.problems import Problem
from chalknet.runtime import devices
from chalknet.runtime.executor import Publish, Run
from chalknet.runtime.queue import FairQueue
from chalknet.runtime.warm import ForkServer, Source, Spares, Unavailable, Worker
from chalknet.runtime.work import Job

log = logging.getLogger(__name__)

WORKER = "chalknet.training.worker"
PRELOAD = ("torch", "torch._dynamo")
"""Without ``_dynamo`` the first optimizer imports it: a second before the first step."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What runs may take."""

    slots: int | None = None
    """Runs at the same time; None: one a CUDA device, else one for two cores."""
    memory: int | None = None
    """Bytes of private memory a run, on a CPU; None: three quarters of the machine over the slots; 0: no limit."""
    seconds: float = 12 * 3600
    """Wall time of a run, its pauses included."""
    deaths: int = 3
    """So many deaths in a row without a checkpoint between them end a run."""
    stopping: float = 10
    """Seconds that a run may take to stop by itself."""


@dataclass(slots=True)
class _Carried:
    """A run that waits or executes here."""

    run: Run
    resume: bool
    restarts: int
    views: list[dict[str, Any]] = field(default_factory=list)
    paused: bool = False
    rates: list[dict[str, Any]] = field(default_factory=list)
    """Rates set by hand since the last checkpoint, which a restart would lose."""
    stopping: bool = False
    position: int = 0
    saved: int = -1
    """Step of the newest checkpoint; −1: none was told of."""
    saved_at_death: int = -1
    deaths: int = 0
    """Since the last checkpoint."""
    progress: dict[str, Any] = field(default_factory=dict)
    rewinding: bool = False
    """The worker was told to resume and has not said from where."""
    failed: bool = False
    worker: Worker | None = None
    task: asyncio.Task[None] | None = None


class _Ended(Exception):
    """The worker has told the run's end."""


class LocalExecutor:
    """``runtime.executor.Executor`` on this machine. ``cache`` is a directory for data sets that take time to make;
    ``worker`` names the module whose ``main`` trains; ``preload`` what else a worker needs at once."""

    def __init__(self, publish: Publish, *, limits: Limits | None = None, cache: Path | None = None,
                 worker: str = WORKER, preload: Sequence[str] = PRELOAD,
                 source: Source | None = None) -> None:  # fmt: skip
        limits = limits or Limits()
        self._publish_to = publish
        self._module = worker
        self._cache = str(cache) if cache else ""
        self._free = devices.slots(limits.slots)
        self._threads = max(1, devices.cores() // len(self._free))
        self._limits = limits
        self._memory = devices.memory() * 3 // 4 // len(self._free) if limits.memory is None else limits.memory
        modules = [*preload, worker]
        cuda = self._free[0] != "cpu"
        self._source: Source = source or (Spares(modules, self._free) if cuda else ForkServer(modules))
        self._queue = FairQueue()
        self._carried: dict[str, _Carried] = {}
        self._opening: asyncio.Task[None] | None = None
        self._closed = False

    async def open(self) -> None:
        self._opening = asyncio.create_task(self._warm())

    async def warmed(self) -> None:
        """Returns when a run would start without waiting for imports."""
        if self._opening is not None:
            await asyncio.shield(self._opening)

    def start(self, run: Run, *, resume: bool = False) -> None:
        if run.id in self._carried:
            raise ValueError(f"run {run.id} is here already")
        if self._closed:
            raise ValueError("the executor is closed")
        self._carried[run.id] = _Carried(run, resume, run.restarts + resume)
        self._queue.push(run.id, run.owner)
        self._serve()

    def command(self, run: str, command: wire.RunCommand) -> None:
        carried = self._carried.get(run)
        if carried is None:
            return
        if isinstance(command, wire.Watch):
            self.watch(run, command.views)
        elif isinstance(command, wire.Stop):
            self.stop(run)
        else:
            message = command.model_dump(mode="json")
            if isinstance(command, wire.Rate):
                carried.rates.append(message)
            else:
                carried.paused = not isinstance(command, wire.Resume)
            if carried.worker is not None:
                carried.worker.channel.send(message)

    def watch(self, run: str, subscriptions: Sequence[wire.Subscription]) -> None:
        carried = self._carried.get(run)
        if carried is None:
            return
        carried.views = [subscription.model_dump(mode="json") for subscription in subscriptions]
        if carried.worker is not None:
            carried.worker.channel.send({"command": "watch", "views": carried.views})

    def stop(self, run: str) -> None:
        carried = self._carried.get(run)
        if carried is None or carried.stopping:
            return
        carried.stopping = True
        if self._queue.remove(run):
            del self._carried[run]
            self._end(carried, "stopped")
            self._tell_positions()
            return
        if carried.worker is not None:
            carried.worker.channel.send({"command": "stop"})
        loop = asyncio.get_running_loop()
        for number, after in ((signal.SIGTERM, self._limits.stopping), (signal.SIGKILL, self._limits.stopping + 3)):
            loop.call_later(after, self._signal_late, run, carried, number)

    async def close(self) -> None:
        self._closed = True
        tasks = [carried.task for carried in self._carried.values() if carried.task is not None]
        if self._opening is not None:
            tasks.append(self._opening)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._carried.clear()
        await self._source.close()

    async def idle(self) -> None:
        """Returns when nothing waits or executes any more."""
        while tasks := [carried.task for carried in self._carried.values() if carried.task is not None]:
            await asyncio.wait(tasks)

    @property
    def waiting(self) -> list[str]:
        """Runs in the queue, next one first."""
        return self._queue.order()

    def pid(self, run: str) -> int | None:
        """Of the process that executes a run now."""
        carried = self._carried.get(run)
        return carried.worker.pid if carried is not None and carried.worker is not None else None

    async def _warm(self) -> None:
        try:
            await self._source.open()
        except Unavailable as error:
            log.error("%s", error)  # the first run tries again, and tells whoever started it

    # --- the queue ----------------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while self._free and not self._closed and (run := self._queue.pop()) is not None:
            carried = self._carried[run]
            carried.position = 0
            carried.task = asyncio.create_task(self._carry(carried, self._free.pop(0)), name=f"run {run}")
        self._tell_positions()

    def _tell_positions(self) -> None:
        for position, run in enumerate(self._queue.order(), start=1):
            carried = self._carried[run]
            if carried.position != position:
                carried.position = position
                self._tell_state(carried, "queued")

    # --- one run ------------------------------------------------------------------------------------------------------

    async def _carry(self, carried: _Carried, device: str) -> None:
        try:
            async with asyncio.timeout(self._limits.seconds):
                while True:
                    self._tell_state(carried, "resuming" if carried.resume else "preparing")
                    try:
                        status = await self._attempt(carried, device)
                    except Unavailable as error:
                        status, reason = None, str(error)
                    else:
                        reason = f"its process {_died(status)}"
                    if carried.stopping:
                        self._end(carried, "stopped")
                        return
                    if carried.failed:
                        self._end(carried, "failed")
                        return
                    if not self._survives(carried, reason):
                        return
        except _Ended:
            pass
        except TimeoutError:
            hours = self._limits.seconds / 3600
            self._fail(carried, "time_limit", f"Training took longer than the {hours:,.4g} hours that a run may take.",
                       "Train fewer epochs; the curves up to here are kept.")  # fmt: skip
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("run %s", carried.run.id)
            self._fail(carried, "crashed", "Chalknet itself made a mistake while it carried this run.",
                       "The server's log has the details.")  # fmt: skip
        finally:
            self._free.append(device)
            if not self._closed:
                self._carried.pop(carried.run.id, None)
                self._serve()

    async def _attempt(self, carried: _Carried, device: str) -> int | None:
        """Returns the exit status when the process dies, raises _Ended when the training has ended."""
        run = carried.run
        worker = await self._source.take(device)
        try:
            run.directory.mkdir(parents=True, exist_ok=True)
            channel = worker.channel
            options = {"run": run.id, "directory": str(run.directory), "resume": carried.resume, "device": device,
                       "threads": self._threads, "cache": self._cache}  # fmt: skip
            memory = self._memory if device == "cpu" else 0  # CUDA reserves more address space than there is memory
            channel.send(Job(self._module, run.document, options, str(run.directory / "worker.log"), memory).pack())
            carried.worker, carried.rewinding = worker, carried.resume
            if carried.views:
                channel.send({"command": "watch", "views": carried.views})
            for rate in carried.rates:
                channel.send(rate)
            if carried.paused:
                channel.send({"command": "pause"})
            if carried.stopping:
                channel.send({"command": "stop"})
            with contextlib.suppress(EOFError, ValueError):
                while True:
                    kind, payload = await channel.receive()
                    if kind == 1:
                        self._publish(run.id, payload)
                    elif self._hear(carried, payload):
                        await asyncio.wait([worker.exited], timeout=3)
                        raise _Ended
            await asyncio.wait([worker.exited], timeout=1)
            return await worker.end()
        finally:
            carried.worker = None
            await worker.end()

    def _hear(self, carried: _Carried, event: dict[str, Any]) -> bool:
        """Passes a worker's event on; whether it was the last one."""
        kind = event["event"]
        if kind == "checkpointed":
            carried.saved, carried.resume, carried.rates = event["step"], True, []
            return False
        if kind == "state":
            event["restarts"] = carried.restarts
            carried.progress = {name: event[name] for name in _PROGRESS if name in event}
        if kind == "rewound":
            self._rewind(carried, event["step"])
            return False
        if carried.rewinding and (kind == "metrics" or event.get("state") in ("running", "paused")):
            self._rewind(carried, 0)  # it found no checkpoint
        carried.failed = carried.failed or kind == "failed"
        self._publish(carried.run.id, event)
        return bool(kind == "end")

    def _rewind(self, carried: _Carried, step: int) -> None:
        carried.rewinding = False
        text = f"The training process came back from step {step:,}." if step else "Training began again."
        self._publish(carried.run.id, {"event": "rewound", "step": step})
        self._publish(carried.run.id, {"event": "noted", "step": step, "text": text})

    def _survives(self, carried: _Carried, reason: str) -> bool:
        """Counts a death; whether the run is tried again."""
        progressed = carried.saved > carried.saved_at_death
        carried.deaths = 1 if progressed else carried.deaths + 1
        carried.saved_at_death = carried.saved
        log.warning("run %s: %s at step %s", carried.run.id, reason, carried.progress.get("step", 0))
        if carried.deaths >= self._limits.deaths:
            since = f"since the checkpoint of step {carried.saved:,}" if carried.saved >= 0 else "before a checkpoint"
            self._fail(carried, "worker_died", f"Training broke off {carried.deaths} times in a row {since}: {reason}.",
                       "The machine may be out of memory: lower the batch size, or make the largest layers smaller. "
                       "The run's worker.log may say more.")  # fmt: skip
            return False
        carried.resume = True
        carried.restarts += 1
        return True

    def _fail(self, carried: _Carried, code: str, message: str, hint: str) -> None:
        problem = Problem(code=code, message=message, hint=hint).model_dump(mode="json")
        self._publish(carried.run.id, {"event": "failed", "problem": problem})
        self._end(carried, "failed")

    def _end(self, carried: _Carried, state: wire.RunState) -> None:
        self._publish(carried.run.id, {"event": "end", "state": state})

    def _tell_state(self, carried: _Carried, state: wire.RunState) -> None:
        message = {"resuming": "The training process starts again from its newest checkpoint."}.get(state, "")
        progress = carried.progress or {"epochs": carried.run.epochs}
        self._publish(carried.run.id, {"event": "state", "state": state, "position": carried.position,
                                       "message": message, "restarts": carried.restarts, **progress})  # fmt: skip

    def _publish(self, run: str, event: dict[str, Any] | bytes) -> None:
        try:
            self._publish_to(run, event)
        except Exception:  # a watcher's trouble must not end a training
            log.exception("an event of run %s could not be told", run)

    def _signal_late(self, run: str, carried: _Carried, number: signal.Signals) -> None:
        if self._carried.get(run) is carried and carried.worker is not None:
            carried.worker.signal(number)


_PROGRESS = ("step", "steps", "epoch", "epochs", "seconds", "rate")


def _died(status: int | None) -> str:
    """How a process ended, in words."""
    if status is None:
        return "was lost"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
        return f"was ended by signal {-status}"
    return f"ended with status {status} before the training did"
