"""Where warm worker processes come from: a fork server on a CPU, spare spawned processes for CUDA."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections import deque
from typing import Any, Protocol

from chalknet.runtime.channel import Channel

PATIENCE = 120.0
"""Seconds for the imports of a process on a busy machine."""


class Unavailable(RuntimeError):
    """No worker process could be made; the message says why."""


class Worker:
    """One process, leader of its group, and the connection to it. ``exited`` gives its exit status, negative for a
    signal; None when the process that could have told has been lost."""

    def __init__(self, pid: int, channel: Channel) -> None:
        self.pid = pid
        self.channel = channel
        self.exited: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    def signal(self, number: signal.Signals) -> None:
        """To the process and what it started, unless it has been seen to exit."""
        if not self.exited.done() or self.exited.result() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                try:
                    os.killpg(self.pid, number)
                except ProcessLookupError:  # just forked, it leads no group yet
                    os.kill(self.pid, number)

    async def end(self, grace: float = 3.0) -> int | None:
        """Ends the process, SIGTERM, then SIGKILL, and closes its connection. Returns its exit status."""
        if self.exited.done():
            self.signal(signal.SIGKILL)  # an orphan, if it is still there: its end will not be told
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.exited.done():
                self.signal(number)
                await asyncio.wait([self.exited], timeout=grace)
        self.channel.close()
        return self.exited.result() if self.exited.done() else None


class Source(Protocol):
    """``take`` gives a process that waits for its job. Raises Unavailable."""

    async def open(self) -> None: ...
    async def take(self, device: str) -> Worker: ...
    async def close(self) -> None: ...


class ForkServer:
    """Forks workers from one process that has done the imports. It is started again when it was lost."""

    def __init__(self, modules: list[str]) -> None:
        self._modules = modules
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._ready: asyncio.Future[None] | None = None
        self._wishes: deque[tuple[Channel, asyncio.Future[Worker]]] = deque()
        self._workers: dict[int, Worker] = {}
        self._listening: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def open(self) -> None:
        """Returns when the imports are done. Raises Unavailable."""
        async with self._lock:
            if self._process is None:
                ours, theirs = socket.socketpair()
                with theirs:
                    self._process = await asyncio.create_subprocess_exec(
                        sys.executable, "-m", "chalknet.runtime.forkserver", str(theirs.fileno()), *self._modules,
                        pass_fds=[theirs.fileno()], stdin=asyncio.subprocess.DEVNULL, start_new_session=True,
                        # NumPy's library starts its threads when it is imported, and threads do not survive a fork.
                        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
                    )  # fmt: skip
                self._control = ours.dup()
                self._ready = asyncio.get_running_loop().create_future()
                self._listening = asyncio.create_task(self._listen(ours, self._process, self._ready))
            ready = self._ready
        assert ready is not None
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(ready)
        except TimeoutError:
            raise Unavailable(f"The process that starts training was not ready after {PATIENCE:.0f} s.") from None

    async def take(self, device: str) -> Worker:
        await self.open()
        ours, theirs = socket.socketpair()
        with theirs:
            channel = await Channel.over(ours)
            try:
                if self._control is None:
                    raise Unavailable("The process that starts training has ended.")
                socket.send_fds(self._control, [b"w"], [theirs.fileno()])
            except OSError as error:
                channel.close()
                raise Unavailable(f"The process that starts training does not answer: {error}.") from None
            except Unavailable:
                channel.close()
                raise
        wish: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._wishes.append((channel, wish))
        try:
            return await wish
        except BaseException:
            channel.close()  # a worker that was forked all the same reads the end of its connection, and ends
            raise

    async def close(self) -> None:
        async with self._lock:
            process, listening = self._process, self._listening
            self._drop_control()
            ready = self._ready
        if process is None or listening is None or ready is None:
            return
        if not ready.done():  # it would hear of the end only after its imports
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        try:
            async with asyncio.timeout(3):
                await asyncio.shield(listening)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await listening

    def _drop_control(self) -> None:
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)
            self._control.close()
            self._control = None

    async def _listen(
        self, ours: socket.socket, process: asyncio.subprocess.Process, ready: asyncio.Future[None]
    ) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        status = None
        try:
            while line := await reader.readline():
                self._hear(line, ready)
            status = await process.wait()
        finally:
            writer.transport.abort()
            self._lose(ready, status)

    def _hear(self, line: bytes, ready: asyncio.Future[None]) -> None:
        word, *numbers = line.split()
        if word == b"ready":
            ready.set_result(None)
        elif word == b"started":
            channel, wish = self._wishes.popleft()
            self._workers[int(numbers[0])] = worker = Worker(int(numbers[0]), channel)
            if not wish.done():
                wish.set_result(worker)
        elif word == b"exited" and (gone := self._workers.pop(int(numbers[0]), None)):
            gone.exited.set_result(int(numbers[1]))

    def _lose(self, ready: asyncio.Future[None], status: int | None) -> None:
        """Nothing more will be told of the workers; the next one wanted starts a new process."""
        lost = Unavailable(f"The process that starts training ended (status {status}); the server's log says more.")
        waiting: list[asyncio.Future[Any]] = [ready, *(wish for _, wish in self._wishes)]
        for future in waiting:
            if not future.done():
                future.set_exception(lost)
                future.exception()  # nobody may be waiting for it
        self._wishes.clear()
        for worker in self._workers.values():
            worker.exited.set_result(None)
        self._workers.clear()
        self._process = None
        self._drop_control()


class Spares:
    """One spawned process a device, ready before it is needed, for CUDA: a context does not survive a fork."""

    def __init__(self, modules: list[str], devices: list[str]) -> None:
        self._modules = modules
        self._ready: dict[str, asyncio.Task[Worker]] = {}
        self._devices = devices
        self._watching: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        for device in dict.fromkeys(self._devices):
            self._prepare(device)

    async def take(self, device: str) -> Worker:
        spare = self._ready.pop(device, None) or asyncio.create_task(self._spawn(device))
        worker = await spare
        if worker.exited.done():
            worker.channel.close()
            worker = await self._spawn(device)
        # The next spare is made when this one has ended: two contexts on one device would halve its memory for nothing.
        worker.exited.add_done_callback(lambda _: self._prepare(device) if self._devices else None)
        return worker

    async def close(self) -> None:
        self._devices = []
        for spare in list(self._ready.values()):
            with contextlib.suppress(Unavailable):
                await (await spare).end()
        self._ready.clear()
        if self._watching:
            await asyncio.wait(self._watching)

    def _prepare(self, device: str) -> None:
        if device not in self._ready:
            task = self._ready[device] = asyncio.create_task(self._spawn(device))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # told to whoever takes it

    async def _spawn(self, device: str) -> Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            channel = await Channel.over(ours)
            try:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "chalknet.runtime.spare", str(theirs.fileno()), device, *self._modules,
                    pass_fds=[theirs.fileno()], stdin=asyncio.subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                channel.close()
                raise Unavailable(f"No process could be started: {error}.") from None
        worker = Worker(process.pid, channel)

        async def watch() -> None:
            worker.exited.set_result(await process.wait())

        watching = asyncio.create_task(watch())
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)
        return worker
