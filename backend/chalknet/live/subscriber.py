"""One watcher of a run: where it stands in the log, and which pictures it wants, how often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from chalknet import wire
from chalknet.live.room import Entry, Frame, Room


class Subscriber:
    """``next`` gives the messages for a socket, one by one.

    Between two calls any number of events may pass: metrics are merged, of states only the last is told, of pictures
    only the newest of a key, and whoever is too far behind gets a snapshot. What a watcher holds is bounded by what it
    subscribed to, however long it does not read.
    """

    def __init__(self, room: Room, since: int | None, changed: Callable[[Subscriber], None]) -> None:
        self._room = room
        self._seq = since or -1  # before the first event: a page that knows nothing needs the snapshot
        self._changed = changed
        self._wake = asyncio.Event()
        self._wake.set()
        self._views: dict[str, _View] = {}
        self._texts: list[str] = []
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def subscriptions(self) -> list[wire.Subscription]:
        return [view.subscription for view in self._views.values()]

    def watch(self, subscriptions: Sequence[wire.Subscription]) -> None:
        """Replaces what is watched; the newest picture of what is new comes at once if there is one."""
        before, self._views = self._views, {}
        for subscription in subscriptions:
            key = subscription.key
            if key in self._views and self._views[key].subscription.rate >= subscription.rate:
                continue
            old = before.get(key)
            # Who looks closer does not wait as long as who only glanced.
            closer = 1 / old.subscription.rate - 1 / subscription.rate if old else 0.0
            self._views[key] = _View(subscription, *((old.shown, old.due - max(0.0, closer)) if old else (0, 0.0)))
        for key, view in self._views.items():
            frame = self._room.frame(key)
            view.waiting = frame is not None and frame.number != view.shown
        self._changed(self)
        self._wake.set()

    async def next(self) -> str | bytes:
        """The next message: the text of an event, or a picture; events go first. Waits while there is none."""
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            if self._texts or self._gather():
                return self._texts.pop(0)
            due, view = self._first_due()
            if self._room.ended:  # each picture is the last of its view: nothing is spared by waiting
                due = 0.0
            if view is None:
                await self._wake.wait()
                continue
            delay = due - loop.time()
            if delay > 0:
                # Not asyncio.timeout: it cancels the task from inside, where the socket's own cancellation may meet it.
                timer = loop.call_later(delay, self._wake.set)
                try:
                    await self._wake.wait()
                finally:
                    timer.cancel()
                continue
            frame = self._room.frame(view.subscription.key)
            view.waiting = False
            if frame is None or frame.number == view.shown:
                continue
            view.shown = frame.number
            period, now = 1 / view.subscription.rate, loop.time()
            # A picture that was a little late must not make all later ones late: those keep to the beat.
            view.due = (view.due if now - view.due < period / 2 else now) + period
            return frame.data

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._views = {}
            self._changed(self)

    # --- from the room -----------------------------------------------------------------------------------------------

    def notice(self) -> None:
        """There is a new event."""
        self._wake.set()

    def offer(self, frame: Frame) -> None:
        """There is a new picture."""
        view = self._views.get(frame.key)
        if view is not None:
            view.waiting = True
            self._wake.set()

    # --- to the socket -----------------------------------------------------------------------------------------------

    def _gather(self) -> bool:
        """Takes what happened since the last time; whether there is something to tell."""
        if self._seq == self._room.seq:
            return False
        entries = self._room.since(self._seq)
        self._seq = self._room.seq
        self._texts = [self._room.snapshot().text] if entries is None else merged(entries)
        return bool(self._texts)

    def _first_due(self) -> tuple[float, _View | None]:
        first: _View | None = None
        for view in self._views.values():
            if view.waiting and (first is None or view.due < first.due):
                first = view
        return (first.due, first) if first is not None else (0.0, None)


class _View:
    """A subscription, and what has been shown for it."""

    __slots__ = ("due", "shown", "subscription", "waiting")

    def __init__(self, subscription: wire.Subscription, shown: int = 0, due: float = 0.0) -> None:
        self.subscription = subscription
        self.shown = shown
        self.due = due
        self.waiting = False


def merged(entries: Iterable[Entry]) -> list[str]:
    """Texts of events in a row: of several states the last, neighbouring metrics as one, everything else as it is."""
    kept = list(entries)
    last = max((index for index, entry in enumerate(kept) if isinstance(entry.message, wire.State)), default=-1)
    kept = [entry for index, entry in enumerate(kept) if index >= last or not isinstance(entry.message, wire.State)]
    texts = []
    for metrics, group in groupby(kept, key=lambda entry: isinstance(entry.message, wire.Metrics)):
        neighbours = list(group)
        if metrics and len(neighbours) > 1:
            points = [point for entry in neighbours for point in getattr(entry.message, "points", ())]
            texts.append(neighbours[-1].message.model_copy(update={"points": points}).model_dump_json())
        else:
            texts += [entry.text for entry in neighbours]
    return texts
