"""Who comes next: round-robin between owners, first come first served within one owner's runs."""

from __future__ import annotations

import heapq
from collections import deque
from itertools import count


class FairQueue:
    """Run ids in the order in which they will be served. One person with ten runs delays another's first by one run."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[tuple[int, str]]] = {}
        self._served: dict[str, int] = {}
        self._turns = count(1)
        self._arrivals = count()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def push(self, run: str, owner: str) -> None:
        self._waiting.setdefault(owner, deque()).append((next(self._arrivals), run))

    def remove(self, run: str) -> bool:
        """Whether it was waiting."""
        for owner, runs in self._waiting.items():
            for entry in runs:
                if entry[1] == run:
                    runs.remove(entry)
                    if not runs:
                        del self._waiting[owner]
                    return True
        return False

    def pop(self) -> str | None:
        """The next run; its owner now comes after everyone who was served before."""
        if not self._waiting:
            return None
        owner = min(self._waiting, key=self._rank)
        _, run = self._waiting[owner].popleft()
        if not self._waiting[owner]:
            del self._waiting[owner]
        self._served[owner] = next(self._turns)
        if not self._waiting:
            self._served = {owner: self._served[owner]}  # whoever comes next: only the last one served has to give way
        return run

    def order(self) -> list[str]:
        """All waiting runs, next one first, as they would be popped if nobody came."""
        heap = [(*self._rank(owner), owner, 0) for owner in self._waiting]
        heapq.heapify(heap)
        turn = max(self._served.values(), default=0)
        order = []
        while heap:
            _, _, owner, index = heapq.heappop(heap)
            runs = self._waiting[owner]
            order.append(runs[index][1])
            turn += 1
            if index + 1 < len(runs):
                heapq.heappush(heap, (turn, runs[index + 1][0], owner, index + 1))
        return order

    def _rank(self, owner: str) -> tuple[int, int]:
        return self._served.get(owner, 0), self._waiting[owner][0][0]
