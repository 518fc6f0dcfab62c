"""What an executor knows of a run that is with it, and how much a run may take."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from chalknet.runtime.executor import Run
from chalknet.runtime.questions import Questions
from chalknet.runtime.warm import Worker


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
    giving_way: float = 5
    """Seconds after which a paused run gives its place to one that waits. Few: a class that steps its boards by hand
    stands still most of the time, and to come back takes a fraction of one."""


@dataclass(slots=True)
class Carried:
    """A run that waits or executes here."""

    run: Run
    resume: bool
    restarts: int
    views: list[dict[str, Any]] = field(default_factory=list)
    paused: bool = False
    """Whether it is meant to stand still: somebody said so, or it stopped by itself, as a stepwise board does."""
    going: bool = False
    """It was told to go on and has not said that it does: a pause that it tells of meanwhile is the one before."""
    paused_since: float | None = None
    """When it said that it does."""
    aside: Literal["no", "going", "gone"] = "no"
    """A paused run gives way: its process is ended, and comes back through the queue."""
    stepping: dict[str, Any] | None = None
    """The step that was asked for while it was aside."""
    settings: list[dict[str, Any]] = field(default_factory=list)
    """What was set by hand since the last checkpoint, which a restart would lose."""
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
    questions: Questions = field(default_factory=Questions)
    """To the worker."""
    task: asyncio.Task[None] | None = None
