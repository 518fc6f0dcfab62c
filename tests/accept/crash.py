"""``kill -9`` of the training process ten times in one run: the weights end as an undisturbed run's, bit for bit.

The board has dropout and batch normalisation, so that random numbers and running statistics must come back too. A kill
waits for a checkpoint since the one before, as a run without progress between deaths is given up; where there is none
yet, a pause makes one. Whatever is trained between that checkpoint and the kill is lost and trained again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

from safetensors.numpy import load_file

from chalknet import wire
from chalknet.runtime.carried import Limits
from chalknet.runtime.executor import Run
from chalknet.runtime.local import LocalExecutor

BOARD = Path(__file__).parents[1] / "runtime" / "spiral_dropout.json"
CHECKPOINT = "checkpoint.safetensors"


class Trial:
    """One run, and what it told."""

    def __init__(self, folder: Path, epochs: int) -> None:
        document = json.dumps({**json.loads(BOARD.read_text()), "recipe": {"epochs": epochs}}).encode()
        self.run = Run("run", "ann", "board", document, folder)
        self.told: list[dict[str, Any]] = []
        self._more = asyncio.Event()
        self.executor = LocalExecutor(self._hear, limits=Limits(slots=1))
        self.away: list[float] = []
        """Seconds from each kill to the first event of the process that came back."""
        self.lost: list[int] = []
        """Steps that each kill took back."""

    def _hear(self, run: str, event: dict[str, Any] | bytes) -> None:
        if isinstance(event, dict):
            self.told.append(event)
            self._more.set()

    async def next(self, *, event: str = "", state: str = "", step: int = 0) -> dict[str, Any]:
        """The next event of that kind, or the end."""
        seen = len(self.told)
        while True:
            for each in self.told[seen:]:
                if each["event"] == "end" or (
                    (not event or each["event"] == event)
                    and (not state or each.get("state") == state)
                    and self._step(each) >= step
                ):
                    return each
            seen = len(self.told)
            self._more.clear()
            await self._more.wait()

    @staticmethod
    def _step(event: dict[str, Any]) -> int:
        return event["points"][-1]["step"] if event["event"] == "metrics" else event.get("step", 0)

    async def whole(self, kills: int, steps: int) -> dict[str, Any]:
        """Trains to the end; the process is killed at about ``kills`` places, evenly spread. Returns the last event."""
        await self.executor.open()
        await self.executor.warmed()
        try:
            self.executor.start(self.run)
            moment = random.Random(0)
            kept = 0
            for kill in range(kills):
                await self.next(event="metrics", step=(kill + 1) * steps // (kills + 1))
                if self._kept() == kept:
                    self.executor.command("run", wire.Pause())
                    await self.next(state="paused")
                    self.executor.command("run", wire.Resume())
                    await self.next(event="metrics")
                await asyncio.sleep(moment.uniform(0, 0.2))
                pid = self.executor.pid("run")
                if pid is None:
                    break  # it ended before
                at = self._step(next(each for each in reversed(self.told) if each["event"] == "metrics"))
                killed = time.perf_counter()
                os.kill(pid, signal.SIGKILL)
                back = await self.next(event="rewound")
                if back["event"] != "rewound":
                    break
                self.away.append(time.perf_counter() - killed)
                self.lost.append(at - back["step"])
                kept = self._kept()
            return next((each for each in self.told if each["event"] == "end"), None) or await self.next(event="end")
        finally:
            await self.executor.close()

    def _kept(self) -> int:
        """Tells one checkpoint from another."""
        file = self.run.directory / CHECKPOINT
        return file.stat().st_mtime_ns if file.exists() else 0


def differences(one: Path, other: Path) -> list[str]:
    """Names of the tensors that differ in any bit: weights, statistics, optimizer, random numbers."""
    a, b = load_file(one / CHECKPOINT), load_file(other / CHECKPOINT)
    if a.keys() != b.keys():
        return sorted(a.keys() ^ b.keys())
    return [name for name in a if a[name].shape != b[name].shape or a[name].tobytes() != b[name].tobytes()]


async def compare(kills: int, epochs: int, folder: Path) -> None:
    calm = Trial(folder / "calm", epochs)
    end = await calm.whole(0, 0)
    assert end["state"] == "finished", end
    steps = max(Trial._step(event) for event in calm.told)
    disturbed = Trial(folder / "disturbed", epochs)
    end = await disturbed.whole(kills, steps)
    count = len(load_file(folder / "calm" / CHECKPOINT))
    differing = differences(folder / "calm", folder / "disturbed") if end["state"] == "finished" else [end["state"]]
    restarts = max(event.get("restarts", 0) for event in disturbed.told)
    print(f"kill -9 in one run of {steps:,} steps | {kills} | {len(disturbed.away)} ({restarts} restarts told)")
    same = "identical" if not differing else f"different: {', '.join(differing[:5])}"
    print(f"final weights against the undisturbed run | identical | {same} ({count} tensors)")
    print(f"running again after a kill, the slowest | ≤ 10 s | {max(disturbed.away, default=0):.2f} s")
    if differing or len(disturbed.away) < kills:
        raise SystemExit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=1500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chalknet-") as folder:
        asyncio.run(compare(arguments.kills, arguments.epochs, Path(folder)))


if __name__ == "__main__":
    main()
