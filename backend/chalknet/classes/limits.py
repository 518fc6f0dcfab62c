"""How often something may fail. Counted by what was guessed at, never by who guesses: a school is one address."""

from __future__ import annotations

import time
from collections import OrderedDict

MOST_KEPT = 10_000
"""Things whose failures are counted at once; the one that failed longest ago is forgotten first."""


class Failures:
    """So many failures of one thing in so many seconds; then it is refused unseen until the first of them is over."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._failed: OrderedDict[str, list[float]] = OrderedDict()

    def wait(self, thing: str) -> float:
        """Seconds until it may be tried again; 0: now."""
        times = self._recent(thing)
        return self._seconds - (time.monotonic() - times[0]) if len(times) >= self._most else 0.0

    def failed(self, thing: str) -> None:
        self._failed[thing] = [*self._recent(thing), time.monotonic()]
        self._failed.move_to_end(thing)
        while len(self._failed) > MOST_KEPT:
            self._failed.popitem(last=False)

    def _recent(self, thing: str) -> list[float]:
        since = time.monotonic() - self._seconds
        return [moment for moment in self._failed.get(thing, ()) if moment > since]
