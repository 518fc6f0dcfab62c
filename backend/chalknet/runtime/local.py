"""Runs on this machine: each in a warm process of its own, as many at once as there are slots, the rest in a queue."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chalknet import wire
from chalknet.runtime import devices
from chalknet.runtime.asking import Answering, Asking
from chalknet.runtime.carried import Carried, Limits
from chalknet.runtime.executor import Publish, Run, Subject
from chalknet.runtime.questions import Unanswered
from chalknet.runtime.queue import FairQueue
from chalknet.runtime.warm import ForkServer, Source, Spares, Unavailable
from chalknet.runtime.work import Job
from chalknet.wire import Problem

log = logging.getLogger(__name__)

WORKER = "chalknet.training.worker"
PRELOAD: tuple[str, ...] = ()
"""The worker brings all that training needs, and must come first: it sets up what torch reads when imported."""


PATIENCE = 60.0
"""Seconds for the answer of a run that is under way."""


class _Ended(Exception):
    """The worker has told the run's end."""


class LocalExecutor:
    """``runtime.executor.Executor`` on this machine. ``cache`` is a directory for data sets that take time to make;
    ``worker`` names the module whose ``main`` trains; ``preload`` what else a worker needs at once; ``answers`` is a
    file for what the processes say that answer questions."""

    def __init__(self, publish: Publish, *, limits: Limits | None = None, cache: Path | None = None,
                 worker: str = WORKER, preload: Sequence[str] = PRELOAD,
                 source: Source | None = None, answers: Path | None = None) -> None:  # fmt: skip
        limits = limits or Limits()
        self._publish_to = publish
        self._module = worker
        self._cache = str(cache) if cache else ""
        self._free = devices.slots(limits.slots)
        self.slots = len(self._free)
        self._threads = max(1, devices.cores() // len(self._free))
        self._limits = limits
        self._memory = devices.memory() * 3 // 4 // len(self._free) if limits.memory is None else limits.memory
        modules = [*preload, worker]
        cuda = self._free[0] != "cpu"
        self._source: Source = source or (Spares(modules, self._free) if cuda else ForkServer(modules))
        # What answers computes on the CPU, beside whatever trains on a device.
        self._apart = ForkServer(modules) if cuda and source is None else None
        self._asking = Asking(
            self._apart or self._source,
            self._publish,
            limits=Answering(memory=self._memory, threads=self._threads),
            cache=self._cache,
            log=answers,
        )
        self._queue = FairQueue()
        self._carried: dict[str, Carried] = {}
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
        self._carried[run.id] = Carried(run, resume, run.restarts + resume)
        self._wait(self._carried[run.id])

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
            if isinstance(command, wire.Rate | wire.Turn):
                carried.settings.append(message)
            else:
                carried.going = isinstance(command, wire.Resume)
                carried.paused = not carried.going
            if carried.worker is not None:
                carried.worker.channel.send(message)
            elif carried.aside == "gone" and not isinstance(command, wire.Pause | wire.Rate | wire.Turn):
                carried.stepping = message if isinstance(command, wire.Step) else None
                self._wait(carried)

    def watch(self, run: str, subscriptions: Sequence[wire.Subscription]) -> None:
        carried = self._carried.get(run)
        if carried is None:
            return
        carried.views = [subscription.model_dump(mode="json") for subscription in subscriptions]
        if carried.worker is not None:
            carried.worker.channel.send({"command": "watch", "views": carried.views})

    def executes(self, run: str) -> bool:
        carried = self._carried.get(run)
        return carried is not None and carried.aside != "gone"

    async def ask(self, subject: Subject, question: wire.Asked, at: int = wire.NOW) -> bytes:
        carried = self._carried.get(subject.key)
        if carried is not None and carried.worker is not None and at == wire.NOW:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await carried.questions.ask(carried.worker.channel, question)
            except TimeoutError:
                raise Unanswered(f"The run did not answer within {PATIENCE:g} seconds.") from None
            except Unanswered:
                pass  # it has ended meanwhile: what it left behind is asked
        return await self._asking.ask(subject, question, at)

    def draw(self, subject: Subject, wanted: Callable[[], Sequence[wire.Subscription]]) -> None:
        self._asking.draw(subject, wanted)

    def shut(self, key: str) -> None:
        self._asking.close_of(key)

    def stop(self, run: str) -> None:
        carried = self._carried.get(run)
        if carried is None or carried.stopping:
            return
        carried.stopping = True
        if self._queue.remove(run) or carried.aside == "gone":
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
        await self._asking.close()
        await self._source.close()
        if self._apart is not None:
            await self._apart.close()

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

    def _wait(self, carried: Carried) -> None:
        """Lets a run wait for its turn, which may be now."""
        carried.aside = "no"
        self._queue.push(carried.run.id, carried.run.owner)
        self._serve()

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
        self._make_room()

    def _make_room(self) -> None:
        """Asks paused runs to give way, the longest paused first, one for each that waits."""
        now = asyncio.get_running_loop().time()
        standing = sorted(
            (carried.paused_since, carried.run.id)
            for carried in self._carried.values()
            if carried.paused_since is not None and carried.aside == "no"
        )
        leaving = sum(carried.aside == "going" for carried in self._carried.values())
        for since, run in standing[: max(0, len(self._queue) - leaving)]:
            worker = self._carried[run].worker
            if now - since >= self._limits.giving_way and worker is not None:
                self._carried[run].aside = "going"
                worker.signal(signal.SIGTERM)

    # --- one run ------------------------------------------------------------------------------------------------------

    async def _carry(self, carried: Carried, device: str) -> None:
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
                    if carried.aside == "going":
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
                if carried.aside == "going":
                    self._set_aside(carried)
                else:
                    self._carried.pop(carried.run.id, None)
                self._serve()

    def _set_aside(self, carried: Carried) -> None:
        carried.aside, carried.paused_since, carried.task = "gone", None, None
        self._tell_state(carried, "paused")
        if not carried.paused:  # it was to go on, just when its process was ended
            self._wait(carried)

    async def _attempt(self, carried: Carried, device: str) -> int | None:
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
            for setting in carried.settings:
                channel.send(setting)
            if carried.paused:
                channel.send({"command": "pause"})
            if carried.stepping is not None:
                channel.send(carried.stepping)
                carried.stepping = None
            if carried.stopping:
                channel.send({"command": "stop"})
            with contextlib.suppress(EOFError, ValueError):
                while True:
                    kind, payload = await channel.receive()
                    if kind == 1:
                        self._publish(run.id, payload)
                    elif kind == 2:
                        carried.questions.hear(*payload)
                    elif self._hear(carried, payload):
                        await asyncio.wait([worker.exited], timeout=3)
                        raise _Ended
            await asyncio.wait([worker.exited], timeout=1)
            return await worker.end()
        finally:
            carried.worker = None
            carried.questions.lose()
            await worker.end()

    def _hear(self, carried: Carried, event: dict[str, Any]) -> bool:
        """Passes a worker's event on; whether it was the last one."""
        kind = event["event"]
        if kind == "checkpointed":
            carried.saved, carried.resume, carried.settings = event["step"], True, []
            return False
        if kind == "state":
            event["restarts"] = carried.restarts
            carried.progress = {name: event[name] for name in _PROGRESS if name in event}
            self._note_pause(carried, event["state"] == "paused")
        if kind == "rewound":
            self._rewind(carried, event["step"])
            return False
        if carried.rewinding and (kind == "metrics" or event.get("state") in ("running", "paused")):
            self._rewind(carried, 0)  # it found no checkpoint
        carried.failed = carried.failed or kind == "failed"
        self._publish(carried.run.id, event)
        if kind == "end":
            carried.aside = "no"
            return True
        return False

    def _rewind(self, carried: Carried, step: int) -> None:
        carried.rewinding = False
        self._publish(carried.run.id, {"event": "rewound", "step": step})
        if step != carried.progress.get("step"):  # nothing is lost where it was set aside
            text = f"The training process came back from step {step:,}." if step else "Training began again."
            self._publish(carried.run.id, {"event": "noted", "step": step, "text": text})

    def _note_pause(self, carried: Carried, paused: bool) -> None:
        """A run that stands still on a checkpoint of its step may have to give way."""
        loop = asyncio.get_running_loop()
        if not paused:
            carried.going = False
        elif not carried.going:
            carried.paused = True
        if not paused or carried.saved < carried.progress.get("step", 0):
            carried.paused_since = None
        elif carried.paused_since is None:
            carried.paused_since = loop.time()
            # A little later, as clocks are coarse: a call that came too early would be the last one.
            loop.call_later(self._limits.giving_way + 0.05, self._make_room)

    def _survives(self, carried: Carried, reason: str) -> bool:
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

    def _fail(self, carried: Carried, code: str, message: str, hint: str) -> None:
        problem = Problem(code=code, message=message, hint=hint).model_dump(mode="json")
        self._publish(carried.run.id, {"event": "failed", "problem": problem})
        self._end(carried, "failed")

    def _end(self, carried: Carried, state: wire.RunState) -> None:
        carried.aside = "no"
        self._publish(carried.run.id, {"event": "end", "state": state})

    def _tell_state(self, carried: Carried, state: wire.RunState) -> None:
        message = _WORDS.get(state, "")
        progress = carried.progress or {"epochs": carried.run.epochs}
        self._publish(carried.run.id, {"event": "state", "state": state, "position": carried.position,
                                       "message": message, "restarts": carried.restarts, **progress})  # fmt: skip

    def _publish(self, run: str, event: dict[str, Any] | bytes) -> None:
        try:
            self._publish_to(run, event)
        except Exception:  # a watcher's trouble must not end a training
            log.exception("an event of run %s could not be told", run)

    def _signal_late(self, run: str, carried: Carried, number: signal.Signals) -> None:
        if self._carried.get(run) is carried and carried.worker is not None:
            carried.worker.signal(number)


_WORDS: dict[wire.RunState, str] = {
    "resuming": "The training process starts again from its newest checkpoint.",
    "paused": "Others train meanwhile; this run takes its turn again when it goes on.",
}
_PROGRESS = ("step", "steps", "epoch", "epochs", "seconds", "rate", "dials")


def _died(status: int | None) -> str:
    """How a process ended, in words."""
    if status is None:
        return "was lost"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
        return f"was ended by signal {-status}"
    return f"ended with status {status} before the training did"
