"""How long a run has to wait, as far as that can be told: from what is under way, and how long its like took."""

from __future__ import annotations

import heapq
import statistics
from collections.abc import Mapping, Sequence

from chalknet.wire import RunSummary


def rest(run: RunSummary) -> float | None:
    """Seconds that a run under way has left at the pace so far; None while that cannot be told."""
    if run.steps <= 0 or run.step <= 0 or run.seconds <= 0:
        return None
    return run.seconds / run.step * max(0, run.steps - run.step)


def usual(run: RunSummary, ended: Sequence[RunSummary]) -> float | None:
    """Seconds that a run will take, as the median of those that were trained to their end: of its very graph and
    recipe, else of its board. None where there was none."""
    for like in (
        [each.seconds for each in ended if each.hash and each.hash == run.hash],
        [each.seconds for each in ended if each.board == run.board],
    ):
        if like:
            return statistics.median(like)
    return None


def waits(
    under_way: Sequence[RunSummary], waiting: Sequence[RunSummary], usual: Mapping[str, float | None], slots: int
) -> dict[str, float | None]:
    """Seconds until each of those that wait begins, next one first: every slot takes the next as it gets free. None
    from the first one on of which it cannot be told."""
    free: list[float] = []
    known = True
    for run in under_way:
        seconds = rest(run)
        seconds = usual.get(run.id) if seconds is None else seconds
        known = known and seconds is not None
        free.append(seconds or 0.0)
    free += [0.0] * (slots - len(free))
    heapq.heapify(free)
    told: dict[str, float | None] = {}
    for run in waiting:
        begins = heapq.heappop(free)
        told[run.id] = begins if known else None
        lasts = usual.get(run.id)
        known = known and lasts is not None
        heapq.heappush(free, begins + (lasts or 0.0))
    return told
