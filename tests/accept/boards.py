"""The four boards of the gallery, trained through the product from seed 0: what they reach, and in what time.

Times are wall clock of ``chalknet train`` from start to exit; data sets are made before, as a server has them from the
first run on. Exits with 1 if a figure is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from chalknet.datasets.base import DataSource
from chalknet.graph import gallery
from chalknet.graph.infer import infer_flat

CHALKNET = Path(sys.executable).with_name("chalknet")
missed: list[str] = []


def row(name: str, asked: str, got: str, reached: bool) -> None:
    print(f"{name} | {asked} | {got}{'' if reached else ' – missed'}", flush=True)
    if not reached:
        missed.append(name)


def make(board: str, cache: Path) -> None:
    """The board's data, kept where a training will look for them."""
    document = gallery.boards()[board]
    for node in infer_flat(document)[0].nodes.values():
        if isinstance(node.layer, DataSource):
            node.layer.load(document.recipe.split, cache=cache)


def train(board: str, data: Path) -> tuple[dict[str, float], float, list[dict[str, Any]]]:
    """Final metrics, seconds, and every event of ``chalknet train BOARD --seed 0 --test --json``."""
    make(board, data / "cache")
    start = time.perf_counter()
    done = subprocess.run(
        [CHALKNET, "train", gallery.folder() / f"{board}.json", "--seed", "0", "--test", "--json"],
        env={**os.environ, "CHALKNET_DATA": str(data)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return events[-1]["metrics"], seconds, events


def learned(board: str, data: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.accept._learned", str(gallery.folder() / f"{board}.json"), "0"]
    done = subprocess.run([*command, str(data / "cache")], stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def spiral(data: Path) -> None:
    metrics, seconds, events = train("spiral", data)
    accuracy = metrics["test.accuracy"]
    row("spiral: test accuracy", "≥ 97 %", f"{accuracy:.1%}", accuracy >= 0.97)
    row("spiral: time", "≤ 60 s", f"{seconds:.1f} s", seconds <= 60)
    last = [event for event in events if event["event"] == "state"][-1]
    rate = last["step"] / last["seconds"]
    row("spiral: updates", "≥ 1,500 /s", f"{rate:,.0f} /s", rate >= 1500)


def digits(data: Path) -> None:
    metrics, seconds, _ = train("lenet-5-digits", data)
    accuracy = metrics["test.accuracy"]
    row("digits: test accuracy", "≥ 98 %", f"{accuracy:.1%}", accuracy >= 0.98)
    row("digits: time", "≤ 120 s", f"{seconds:.1f} s", seconds <= 120)
    one, other = learned("lenet-5-digits", data), learned("lenet-5-digits", data)
    same = one["weights"] == other["weights"]
    hashes = f"{one['weights'][:12]} and {other['weights'][:12]}"
    row("digits: two runs of one seed", "bit-identical weights", hashes, same)


def shapes(data: Path) -> None:
    metrics, seconds, events = train("shapes-detector", data)
    found = metrics["test.map50"]
    row("shapes: mAP@0.5 on 500 unseen pictures", "≥ 0.85", f"{found:.3f}", found >= 0.85)
    row("shapes: mAP@[.5:.95]", "told", f"{metrics['test.map']:.3f}", True)
    row("shapes: time", "≤ 480 s", f"{seconds:.0f} s", seconds <= 480)
    points = [point["values"] for event in events if event["event"] == "metrics" for point in event["points"]]
    tightness = [values["validation.map"] for values in points if "validation.map" in values]
    first, last = tightness[0], tightness[-1]
    row(
        "shapes: boxes tighten (validation mAP@[.5:.95], first → last epoch)",
        "rises",
        f"{first:.2f} → {last:.2f}",
        last > first,
    )


def reversal(data: Path) -> None:
    metrics, seconds, _ = train("reversal-transformer", data)
    accuracy = metrics["test.accuracy"]
    row("reversal: tokens right on unseen sequences", "≥ 99 %", f"{accuracy:.2%}", accuracy >= 0.99)
    row("reversal: time", "told", f"{seconds:.0f} s", True)
    heads = learned("reversal-transformer", data)["heads"]
    best = max(heads, key=lambda head: heads[head]["weight"])
    weight, most = heads[best]["weight"], heads[best]["most"]
    got = f"{weight:.0%} of its attention, the most of all places for {most:.0%} of tokens ({best})"
    row("reversal: a head looks at the mirrored place", "≥ 50 %, most for ≥ 90 %", got, weight >= 0.5 and most >= 0.9)


BOARDS = {"spiral": spiral, "digits": digits, "shapes": shapes, "reversal": reversal}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("boards", nargs="*", choices=[*BOARDS, []], default=[], help="only these")
    chosen = parser.parse_args().boards or list(BOARDS)
    with tempfile.TemporaryDirectory(prefix="chalknet-") as folder:
        for name in chosen:
            BOARDS[name](Path(folder))
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
