"""All rooms, and who is in them."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalknet import wire
from chalknet.live.room import Room
from chalknet.live.subscriber import Subscriber

log = logging.getLogger(__name__)

MOST_IDLE = 32
"""Rooms of ended runs that nobody watches, kept for whoever comes back; older ones are read from disk again."""

STARTING: frozenset[wire.RunState] = frozenset({"queued", "preparing", "resuming"})

OnWatch = Callable[[str, list[wire.Subscription]], None]
"""Told the union of all watchers' subscriptions of a run whenever it changes, when the run starts, and when somebody
comes to a run that has ended and there is no picture for them; of equal keys the highest rate."""


class Hub:
    """Lives in one event loop. ``publish`` costs a watcher's wake-up for each watcher, and never waits for one."""

    def __init__(self, on_watch: OnWatch) -> None:
        self._on_watch = on_watch
        self._rooms: dict[str, Room] = {}
        self._loading: dict[str, asyncio.Task[Room]] = {}
        self._watchers: dict[str, set[Subscriber]] = {}
        self._unions: dict[str, dict[str, wire.Subscription]] = {}

    async def open(self, summary: wire.RunSummary, directory: Path) -> None:
        """Makes a run's room, with the history that is in its directory. A room that is open stays as it is."""
        run = summary.id
        if run in self._rooms:
            self._rooms[run] = self._rooms.pop(run)  # the last one to be forgotten
            return
        task = self._loading.get(run)
        if task is None:
            task = self._loading[run] = asyncio.create_task(asyncio.to_thread(Room.load, summary, directory))
            task.add_done_callback(lambda done: self._loaded(run, done))
        await asyncio.shield(task)

    def publish(self, run: str, event: dict[str, Any] | bytes) -> None:
        """An event (a ``wire.RunMessage`` without run and seq) or a picture. Raises KeyError when the room is not open;
        what is neither is left out, and logged."""
        room = self._rooms[run]
        watchers = self._watchers.get(run, ())
        try:
            if isinstance(event, dict):
                room.add(event)
                for watcher in watchers:
                    watcher.notice()
                if event.get("state") in STARTING and run in self._unions:
                    # Who came before the run was started asked for pictures that nobody could compute yet.
                    self._on_watch(run, list(self._unions[run].values()))
            else:
                frame = room.add_frame(event)
                for watcher in watchers:
                    watcher.offer(frame)
        except (ValueError, KeyError, TypeError, struct.error):  # a ValidationError is a ValueError
            log.exception("run %s told something that is no event", run)
        if room.ended:
            room.close()
            self._rooms[run] = self._rooms.pop(run)  # the last one to be forgotten
            self._forget()

    def undrawn(self, run: str) -> list[wire.Subscription]:
        """What watchers of a run want to see and the room has no picture of, or one from before the run's last step."""
        room = self._rooms.get(run)
        return [each for each in self._unions.get(run, {}).values() if room is not None and room.lacks(each)]

    def points(self, run: str, step: int) -> list[wire.Curve]:
        """A run's curves up to a step. Raises KeyError when the room is not open."""
        return self._rooms[run].points(step)

    def extremes(self, run: str) -> dict[str, tuple[float, float]]:
        """The least and the greatest of a run's series. Raises KeyError when the room is not open."""
        return self._rooms[run].extremes()

    def series(self, run: str, name: str) -> list[tuple[int, float, float, float]]:
        """(step, epoch, seconds, value) of one of a run's series. Raises KeyError when the room is not open."""
        return self._rooms[run].series(name)

    def summary(self, run: str) -> wire.RunSummary:
        """A run as a list shows it, as of now. Raises KeyError."""
        return self._rooms[run].summary

    def subscribe(self, run: str, since: int | None = None) -> Subscriber:
        """A watcher that has seen everything up to ``since``, or nothing. Raises KeyError when the room is not open."""
        room = self._rooms[run]
        watcher = Subscriber(room, since, lambda changed: self._changed(run, changed))
        self._watchers.setdefault(run, set()).add(watcher)
        return watcher

    def watching(self, run: str) -> int:
        """How many watch a run."""
        return len(self._watchers.get(run, ()))

    async def close(self) -> None:
        if self._loading:
            await asyncio.wait(self._loading.values())
        for room in self._rooms.values():
            room.close()

    def _loaded(self, run: str, task: asyncio.Task[Room]) -> None:
        del self._loading[run]
        if not task.cancelled() and task.exception() is None:
            self._rooms[run] = task.result()
            self._forget()

    def _changed(self, run: str, watcher: Subscriber) -> None:
        watchers = self._watchers.get(run, set())
        if watcher.closed:
            watchers.discard(watcher)
            if not watchers:
                self._watchers.pop(run, None)
        union: dict[str, wire.Subscription] = {}
        for other in watchers:
            for subscription in other.subscriptions:
                known = union.get(subscription.key)
                if known is None or known.rate < subscription.rate:
                    union[subscription.key] = subscription
        room = self._rooms.get(run)
        lacking = room is not None and room.ended and any(map(room.lacks, union.values()))
        if union != self._unions.get(run, {}) or lacking:
            self._unions[run] = union
            if not union:
                self._unions.pop(run, None)
            self._on_watch(run, list(union.values()))
        self._forget()

    def _forget(self) -> None:
        """Lets go of the rooms that nobody needs in memory, oldest first."""
        idle = [run for run, room in self._rooms.items() if room.ended and run not in self._watchers]
        for run in idle[: max(0, len(idle) - MOST_IDLE)]:
            self._rooms.pop(run).close()
