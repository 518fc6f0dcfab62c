"""One run as its watchers see it: the log of what happened, what it adds up to, and the newest pictures.

Watchers hold a position in the log and no copy of it, so one that stops reading costs nothing.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from chalknet import wire
from chalknet.live.curves import Curves
from chalknet.wire import Problem

log = logging.getLogger(__name__)

MOST_EVENTS = 512
"""Events that a watcher may be behind before it gets a snapshot instead."""
MOST_NOTES = 500
MOST_FRAME_BYTES = 32 << 20
"""Of the newest pictures of a run, all keys together."""
FILE = "events.jsonl"

_PROGRESS = ("state", "position", "message", "step", "steps", "epoch", "epochs", "seconds", "rate", "dials", "restarts")


@dataclass(eq=False)
class Entry:
    """An event in the log; its text is made once, for whoever asks first."""

    message: wire.RunMessage

    @property
    def seq(self) -> int:
        return self.message.seq

    @cached_property
    def text(self) -> str:
        return self.message.model_dump_json()


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture, stamped. ``number`` grows with every picture of the room."""

    key: str
    number: int
    data: bytes
    step: int = 0


class Room:
    """A run's events, folded. With a directory they are also appended to its ``events.jsonl``, so that the history
    outlives the server."""

    def __init__(self, summary: wire.RunSummary, directory: Path | None = None) -> None:
        self.id = summary.id
        self.seq = 0
        self.ended = False
        """Whether its last event, ``End``, was told."""
        self.problem: Problem | None = None
        self._final: dict[str, float] = {}
        self._summary = summary.model_copy()
        self._curves = Curves()
        self._notes: deque[wire.Noted] = deque(maxlen=MOST_NOTES)
        self.kept: list[wire.Checkpoint] = []
        self._transfer: wire.Transfer | None = None
        self._log: deque[Entry] = deque(maxlen=MOST_EVENTS)
        self._frames: OrderedDict[str, Frame] = OrderedDict()
        self._frame_bytes = 0
        self._frame_number = 0
        self._snapshot: Entry | None = None
        self._directory = directory
        self._file: IO[bytes] | None = None

    @classmethod
    def load(cls, summary: wire.RunSummary, directory: Path) -> Room:
        """The room of a run that may have a history on disk. A line that a crash left unfinished is cut off."""
        room = cls(summary, directory)
        path = directory / FILE
        if not path.exists():
            return room
        whole = 0
        with path.open("rb") as file:
            for line in file:
                try:
                    room._fold(wire.run_message.validate_json(line))
                except ValidationError:
                    if line.endswith(b"\n"):
                        log.warning("%s: a line that is no event was left out", path)
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
        if whole < path.stat().st_size:
            with path.open("r+b") as file:
                file.truncate(whole)
        return room

    # --- what happens ------------------------------------------------------------------------------------------------

    def add(self, event: dict[str, Any]) -> None:
        """An event without run and seq. Raises ValidationError if it is none."""
        message = wire.run_message.validate_python({**_finite(event), "run": self.id, "seq": self.seq + 1})
        entry = Entry(message)
        self._write(entry.text)
        self._fold(message)
        self._log.append(entry)

    def add_frame(self, data: bytes) -> Frame:
        """A packed picture. Raises ValueError if it is none."""
        data = wire.stamped(data, self.id, self.seq)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:4], "little")])
        key = str(header["key"])
        self._frame_number += 1
        frame = Frame(key, self._frame_number, data, int(header["step"]))
        old = self._frames.pop(key, None)
        self._frames[key] = frame
        self._frame_bytes += len(data) - (len(old.data) if old else 0)
        while self._frame_bytes > MOST_FRAME_BYTES and len(self._frames) > 1:
            _, dropped = self._frames.popitem(last=False)
            self._frame_bytes -= len(dropped.data)
        return frame

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    # --- what is told ------------------------------------------------------------------------------------------------

    @property
    def summary(self) -> wire.RunSummary:
        metrics = {**self._summary.metrics, **self._curves.latest(), **self._final}
        return self._summary.model_copy(update={"metrics": metrics})

    def points(self, step: int) -> list[wire.Curve]:
        """The curves up to a step."""
        return [point for point in self._curves.points() if point.step <= step]

    def extremes(self) -> dict[str, tuple[float, float]]:
        """The least and the greatest value of every series, and of what was measured at the end."""
        return {**self._curves.extremes(), **{name: (value, value) for name, value in self._final.items()}}

    def series(self, name: str) -> list[tuple[int, float, float, float]]:
        """(step, epoch, seconds, value) of one series."""
        return self._curves.series(name)

    def since(self, seq: int) -> Iterator[Entry] | None:
        """The events after ``seq``, or None when the log does not reach that far back, or ``seq`` is of another log."""
        if seq > self.seq:
            return None
        behind = self.seq - seq
        if behind > len(self._log):
            return None
        return islice(self._log, len(self._log) - behind, None)

    def snapshot(self) -> Entry:
        """All that happened so far, as one event."""
        if self._snapshot is None or self._snapshot.seq != self.seq:
            self._snapshot = Entry(
                wire.Snapshot.model_construct(
                    run=self.id, seq=self.seq, summary=self.summary, points=self._curves.points(),
                    notes=list(self._notes), kept=self.kept, transfer=self._transfer, problem=self.problem,
                )
            )  # fmt: skip
        return self._snapshot

    def frame(self, key: str) -> Frame | None:
        """The newest picture of a key."""
        return self._frames.get(key)

    def lacks(self, wanted: wire.Subscription) -> bool:
        """Whether there is no picture of what is wanted; or, when the run has ended, only one from before its end."""
        frame = self._frames.get(wanted.key)
        last = self.kept[-1].step if self.kept else self._summary.step
        return frame is None or (self.ended and wanted.at == wire.NOW and frame.step < last)

    # --- folding -----------------------------------------------------------------------------------------------------

    def _fold(self, message: wire.RunMessage) -> None:
        self.seq = message.seq
        summary = self._summary
        match message:
            case wire.State():
                for name in _PROGRESS:
                    setattr(summary, name, getattr(message, name))
            case wire.Metrics():
                self._curves.add(message.points)
                if message.points:
                    last = message.points[-1]
                    summary.step, summary.epoch, summary.seconds = last.step, last.epoch, last.seconds
            case wire.Rewound():
                self._curves.rewind(message.step)
                self._notes = deque((note for note in self._notes if note.step <= message.step), MOST_NOTES)
                summary.step = message.step
                self.kept = [each for each in self.kept if each.step <= message.step]
            case wire.Transferred():
                self._transfer = message.report
            case wire.Kept():
                self.kept = message.checkpoints
            case wire.Noted():
                self._notes.append(message)
            case wire.Failed():
                self.problem = message.problem
                summary.message = message.problem.message
            case wire.End():
                summary.state, summary.position = message.state, 0
                self._final, self.ended = message.metrics, True

    def _write(self, text: str) -> None:
        if self._directory is None:
            return
        try:
            if self._file is None:
                self._directory.mkdir(parents=True, exist_ok=True)
                self._file = (self._directory / FILE).open("ab")
            self._file.write(text.encode() + b"\n")
            self._file.flush()
        except OSError as error:  # a full disk: the run goes on, and so does what is seen of it
            log.error("run %s: its history could not be written: %s", self.id, error)


def _finite(event: dict[str, Any]) -> dict[str, Any]:
    """Without values that JSON cannot hold: a loss that is NaN is left out of its point."""
    if event.get("event") != "metrics":
        return event
    points = []
    for point in event["points"]:
        values = {name: value for name, value in point["values"].items() if value - value == 0}
        points.append({**point, "values": values})
    return {**event, "points": points}
