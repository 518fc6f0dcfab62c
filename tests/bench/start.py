"""From Train to the first loss on a warm server: twenty starts of the spiral board, one after another."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from chalknet.runtime.carried import Limits
from chalknet.runtime.executor import Run
from chalknet.runtime.local import LocalExecutor

BOARD = Path(__file__).parents[2] / "models" / "spiral.json"


def document() -> bytes:
    """The spiral board, to be trained for longer than it is watched."""
    board = json.loads(BOARD.read_text())
    board["recipe"] = {**board.get("recipe", {}), "epochs": 100_000}
    return json.dumps(board).encode()


async def measure(starts: int, folder: Path) -> list[float]:
    """Seconds from ``start`` to the first metrics, of every start, ascending."""
    heard: asyncio.Queue[tuple[float, str]] = asyncio.Queue()

    def publish(run: str, event: dict[str, Any] | bytes) -> None:
        if isinstance(event, dict) and event["event"] in ("metrics", "end"):
            heard.put_nowait((time.perf_counter(), event["event"]))

    executor = LocalExecutor(publish, limits=Limits(slots=1))
    await executor.open()
    await executor.warmed()
    times = []
    for index in range(starts):
        run = f"run{index}"
        begun = time.perf_counter()
        executor.start(Run(run, "ann", "board", document(), folder / run))
        at, event = await heard.get()
        assert event == "metrics", f"run {index} ended before it told a loss"
        times.append(at - begun)
        executor.stop(run)
        while event != "end":
            _, event = await heard.get()
        await executor.idle()
    await executor.close()
    return sorted(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=20)
    starts = parser.parse_args().starts
    with tempfile.TemporaryDirectory(prefix="chalknet-") as folder:
        times = [1000 * seconds for seconds in asyncio.run(measure(starts, Path(folder)))]
    p95 = times[int(0.95 * (len(times) - 1))]
    print(
        f"Train → first loss, warm, p95 of {starts} | ≤ 300 ms | {p95:.0f} ms (median {times[len(times) // 2]:.0f} ms)"
    )


if __name__ == "__main__":
    main()
