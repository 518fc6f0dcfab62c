"""What a view saw before: thinned out as it grows, so that a whole run is told in as many rows as there is room for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from chalknet.training.views.base import Scene

T = TypeVar("T")


class History(Generic[T]):
    """Rows with the step that each is of. Where there are too many, every other one goes, but for the newest."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.every = 1
        """Steps that lie between two rows at least."""
        self.rows: list[tuple[int, T]] = []

    @classmethod
    def of(cls, scene: Scene, name: str, most: int) -> History[T]:
        """That of this run, the same whenever it is asked for."""
        found: History[T] = scene.kept.setdefault(name, cls(most))
        return found

    def add(self, step: int, row: T) -> None:
        """A run that was set back forgets what is void."""
        while self.rows and self.rows[-1][0] >= step:
            self.rows.pop()
        if len(self.rows) >= 2 and self.rows[-1][0] - self.rows[-2][0] < self.every:
            self.rows.pop()
        self.rows.append((step, row))
        if len(self.rows) > self.most:
            self.rows = self.rows[::-1][::2][::-1]
            steps = [each for each, _ in self.rows]
            self.every = max(1, (steps[-1] - steps[0]) // max(1, len(steps) - 1))

    @property
    def steps(self) -> list[int]:
        return [step for step, _ in self.rows]

    def __iter__(self) -> Iterator[T]:
        return (row for _, row in self.rows)
