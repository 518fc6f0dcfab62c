"""``chalknet train``: a board learns in the terminal."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chalknet import wire
from chalknet.graph.document import Document
from chalknet.graph.problems import Problem
from chalknet.training.answers.base import Answered
from chalknet.training.compile import Refused
from chalknet.training.loop import Event, loop
from chalknet.training.plan import Plan, plan
from chalknet.training.probe import Frame

DONE, PROBLEMS, INTERRUPTED = 0, 1, 130


def train(
    document: Document,
    *,
    epochs: int | None = None,
    seed: int | None = None,
    test: bool = False,
    as_json: bool = False,
    cache: Path | None = None,
) -> int:
    """Trains a board and tells how it goes: a progress bar, or one event a line. ``cache``: where data sets are kept
    once made. ``test``: its end is tested, whether or not the board keeps its test samples locked.

    Returns the exit status: 0 when it finished, 1 for a board with problems or a run that failed, 130 when it was
    stopped by Ctrl-C (once: after the step that is being made; twice: at once).
    """
    told: Lines | Bar = Lines() if as_json else Bar()
    state: wire.RunState = "failed"
    with told:
        try:
            planned = plan(
                document,
                epochs=epochs,
                seed=seed,
                test="at_end" if test else None,
                cache=cache,
                progress=told.preparing,
            )
            for event in _events(planned):
                told.tell(event)
                if isinstance(event, wire.End):
                    state = event.state
        except (Refused, MemoryError, RuntimeError) as error:
            problems = error.problems if isinstance(error, Refused) else [out_of_memory(error)]
            for problem in problems:
                told.tell(wire.Failed(problem=problem))
            told.tell(wire.End(state="failed"))
    return {"finished": DONE, "stopped": INTERRUPTED}.get(state, PROBLEMS)


def out_of_memory(error: BaseException) -> Problem:
    """What a failed allocation is to a person. Any other error is raised again."""
    words = str(error).lower()
    if not (isinstance(error, MemoryError) or "allocate memory" in words or "out of memory" in words):
        raise error
    return Problem(
        code="out_of_memory",
        message="Training needed more memory than there is.",
        hint="Lower the batch size, or make the largest layers smaller.",
    )


def _events(planned: Plan) -> Iterator[Event]:
    commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
    before = signal.getsignal(signal.SIGINT)

    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        commands.put(wire.Stop())

    signal.signal(signal.SIGINT, stop)
    try:
        yield from loop(planned, commands)
    finally:
        signal.signal(signal.SIGINT, before)


class Lines:
    """One JSON event a line, on stdout."""

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()

    def preparing(self, label: str, share: float) -> None:
        self.tell(wire.State(state="preparing", message=f"{label}: {share:.0%} made"))

    def tell(self, event: Event) -> None:
        if not isinstance(event, Frame | Answered):
            # A reader that has seen enough (head) is no mistake.
            with contextlib.suppress(BrokenPipeError):
                print(json.dumps(event.model_dump(mode="json", exclude={"run", "seq"})), flush=True)


class Bar:
    """A progress bar on stderr with the latest losses; the final values, or the problems, on stdout."""

    def __init__(self) -> None:
        self._out = Console(highlight=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[values]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("Starting", total=None, values="")
        self._values: dict[str, float] = {}

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def preparing(self, label: str, share: float) -> None:
        self._bar.update(self._task, description=f"Making {label}", total=100, completed=round(100 * share))

    def tell(self, event: Event) -> None:
        match event:
            case wire.State(step=step, steps=steps, state=state):
                self._bar.update(self._task, description=state.capitalize(), total=steps or None, completed=step)
            case wire.Metrics(points=points):
                for point in points:
                    self._values |= point.values
                    self._bar.update(self._task, completed=point.step, values=self._line())
            case wire.Failed(problem=problem):
                where = f"{problem.node}: " if problem.node else ""
                self._out.print(f"{where}{problem.message}", style="red", markup=False)
                if problem.hint:
                    self._out.print(f"  {problem.hint}", markup=False)
            case wire.End(state=state, metrics=metrics):
                if state != "failed":
                    self._out.print(state.capitalize())
                    for name, value in metrics.items():
                        self._out.print(f"  {name:<24} {value:.6g}", markup=False)

    def _line(self) -> str:
        shown = ("train.loss", "validation.loss", "validation.accuracy", "validation.map50", "updates_per_second")
        return "  ".join(f"{name} {self._values[name]:.4g}" for name in shown if name in self._values)
