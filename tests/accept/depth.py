"""Is deeper better? plain-20 against plain-56, and the same two with skip connections (A-015), after He et al. 2015.

The four boards of the gallery are trained on small pictures: only the data node's fields and the recipe's length are
changed, and every pair has the same seed, so the same samples in the same order. What is told is the *training* loss,
the mean over the last two epochs: that the deeper plain network is worse there shows that it is harder to train, not
that it overfits. Exits with 1 if the curves do not show it.

``--write`` keeps what was measured in ``tests/accept/depth.json``, which the lessons of the boards quote and a test
holds them to.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from chalknet import wire
from chalknet.graph import gallery
from chalknet.graph.document import Document
from chalknet.training.loop import loop
from chalknet.training.plan import plan

KEPT = Path(__file__).with_suffix(".json")
BOARDS = ("plain-20", "plain-56", "resnet-20", "resnet-56")
SEEDS = (0, 1)
DATA = {"size": 16, "samples": 3000}
EPOCHS, BATCH, RATE = 12, 32, 0.03


def shortened(board: str) -> Document:
    """The gallery's board with small pictures and a short schedule."""
    document = gallery.boards()[board]
    data = document.nodes["data"].model_copy(update={"fields": DATA})
    (phase,) = document.recipe.phases.values()
    optimizer = phase.optimizer.model_copy(update={"fields": {**phase.optimizer.fields, "lr": RATE}})
    phases = {"main": phase.model_copy(update={"optimizer": optimizer})}
    recipe = document.recipe.model_copy(update={"epochs": EPOCHS, "batch": BATCH, "phases": phases})
    return document.model_copy(update={"nodes": {**document.nodes, "data": data}, "recipe": recipe})


def curve(board: str, seed: int, cache: Path) -> list[float]:
    """Mean training loss of every epoch."""
    planned = plan(shortened(board), seed=seed, threads=1, device="cpu", cache=cache)
    losses: dict[int, list[tuple[int, float]]] = {}
    before = 0
    for event in loop(planned):
        if isinstance(event, wire.Metrics):
            for point in event.points:
                value = point.values.get("train.loss")
                # A point is the mean over the steps since the one before; the last event of a run has no steps.
                if value is not None and point.step > before:
                    epoch = math.ceil(point.step / planned.batches.per_epoch)
                    losses.setdefault(epoch, []).append((point.step - before, value))
                    before = point.step
    return [sum(n * v for n, v in each) / sum(n for n, _ in each) for _, each in sorted(losses.items())]


def final(curve: Sequence[float]) -> float:
    return sum(curve[-2:]) / 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"keep what was measured in {KEPT.name}")
    write = parser.parse_args().write
    ended: dict[str, list[float]] = {board: [] for board in BOARDS}
    curves: dict[str, list[list[float]]] = {board: [] for board in BOARDS}
    with tempfile.TemporaryDirectory(prefix="chalknet-") as folder:
        for seed in SEEDS:
            for board in BOARDS:
                start = time.perf_counter()
                curves[board].append(curve(board, seed, Path(folder)))
                ended[board].append(round(final(curves[board][-1]), 1))
                told = ", ".join(f"{value:.2f}" for value in curves[board][-1])
                print(f"{board}, seed {seed}: training loss by epoch | told | {told}", flush=True)
                print(f"{board}, seed {seed}: time | told | {time.perf_counter() - start:.0f} s", flush=True)
    worse = all(deep > shallow for deep, shallow in zip(ended["plain-56"], ended["plain-20"], strict=True))
    cured = all(deep < plain for deep, plain in zip(ended["resnet-56"], ended["plain-56"], strict=True))
    gaps = {
        kind: sum(ended[f"{kind}-56"]) / len(SEEDS) - sum(ended[f"{kind}-20"]) / len(SEEDS)
        for kind in ("plain", "resnet")
    }
    closed = gaps["resnet"] < 0.5 * gaps["plain"]
    print(f"plain: training loss of 56 layers above that of 20 | for every seed | {ended['plain-56']} against "
          f"{ended['plain-20']}{'' if worse else ' – missed'}")  # fmt: skip
    print(f"56 layers: with skips below without | for every seed | {ended['resnet-56']} against "
          f"{ended['plain-56']}{'' if cured else ' – missed'}")  # fmt: skip
    print(f"what depth adds to the loss, with skips against without | less than half | {gaps['resnet']:+.2f} against "
          f"{gaps['plain']:+.2f}{'' if closed else ' – missed'}")  # fmt: skip
    if write:
        text = json.dumps({"data": DATA, "epochs": EPOCHS, "batch": BATCH, "loss": ended}, indent=2) + "\n"
        KEPT.write_text(re.sub(r"\[\s+(.+?),\s+(.+?)\s+\]", r"[\1, \2]", text))
    raise SystemExit(0 if worse and cured and closed else 1)


if __name__ == "__main__":
    main()
