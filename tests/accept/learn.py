"""What the figures under /learn quote: networks of several widths and depths, with and without batch norm, and remedies
of overfitting, each trained by the product. ``--write`` keeps what was measured for the page."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from chalknet.graph.document import Document
from chalknet.graph.infer import infer

KEPT = Path(__file__).parents[2] / "frontend" / "src" / "learn" / "measured.json"
CHALKNET = Path(sys.executable).with_name("chalknet")
DEPTHS, WIDTHS, SEEDS = (1, 2, 4, 8), (2, 4, 8, 16), (0, 1, 2)
RATES = (0.05, 0.5)
REMEDIES = ("none", "data", "smaller", "decay", "dropout", "stopping", "ema")

Layers = Sequence[tuple[str, str, dict[str, Any]]]
"""Name, type and fields of each, one behind the other."""


def board(title: str, data: dict[str, Any], out: str, layers: Layers, recipe: dict[str, Any]) -> dict[str, Any]:
    """Layers in a row between data and a cross-entropy."""
    nodes: dict[str, Any] = {"data": data}
    nodes |= {name: {"type": type, "fields": fields} for name, type, fields in layers}
    nodes["loss"] = {"type": "cross_entropy"}
    names = ["data", *(name for name, _, _ in layers)]
    edges = {
        f"e{number:02}": {"from": a, "out": out if a == "data" else "y", "to": b, "in": "x"}
        for number, (a, b) in enumerate(pairwise(names))
    }
    edges["scores"] = {"from": names[-1], "out": "y", "to": "loss", "in": "logits"}
    edges["truth"] = {"from": "data", "out": "label", "to": "loss", "in": "target"}
    return {"version": 1, "title": title, "nodes": nodes, "edges": edges, "recipe": recipe}


def phase(optimizer: str, rate: float, schedule: str, **more: Any) -> dict[str, Any]:
    main = {"optimizer": {"type": optimizer, "fields": {"lr": rate}}, "schedule": {"type": schedule}, **more}
    return {"main": main}


def hidden(depth: int, width: int, *kinds: tuple[str, str, dict[str, Any]]) -> Layers:
    """``depth`` times a linear layer and what follows it; then the scores are still missing."""
    return [
        (f"{name}{number}", type, fields)
        for number in range(1, depth + 1)
        for name, type, fields in (("hidden", "linear", {"units": width}), *kinds)
    ]


def spiral(width: int, depth: int) -> dict[str, Any]:
    """M-015, V-036."""
    layers = [*hidden(depth, width, ("tanh", "tanh", {})), ("scores", "linear", {"units": 2})]
    recipe = {"batch": 20, "epochs": 120, "phases": phase("adam", 0.02, "cosine")}
    data = {"type": "points", "fields": {"samples": 600}}
    return board(f"Spiral, {depth} × {width}", data, "x", layers, recipe)


def sigmoids(norm: bool, rate: float) -> dict[str, Any]:
    """V-044."""
    kinds = [("norm", "batch_norm1d", {})] if norm else []
    layers = [
        ("flatten", "flatten", {}),
        *hidden(5, 32, *kinds, ("sigmoid", "sigmoid", {})),
        ("scores", "linear", {"units": 10}),
    ]
    recipe = {"batch": 32, "epochs": 15, "phases": phase("sgd", rate, "constant")}
    title = f"Five sigmoid layers, {'with' if norm else 'without'} batch norm"
    return board(title, {"type": "digits", "fields": {"size": 8}}, "image", layers, recipe)


def overfitted(remedy: str) -> dict[str, Any]:
    """M-018: few noisy points and a network that is too large for them, and one remedy."""
    kinds: list[tuple[str, str, dict[str, Any]]] = [("tanh", "tanh", {})]
    if remedy == "dropout":
        kinds.append(("dropout", "dropout", {"rate": 0.3}))
    layers = [*hidden(2, 4 if remedy == "smaller" else 32, *kinds), ("scores", "linear", {"units": 2})]
    more = remedy == "data"
    data = {"type": "points", "fields": {"kind": "moons", "samples": 4000 if more else 200, "noise": 0.5}}
    penalty = {"penalty": {"l2": 0.02}} if remedy == "decay" else {}
    recipe: dict[str, Any] = {
        "batch": 10,
        "epochs": 40 if more else 300,
        "split": {"validation": 0.6, "test": 0.1},
        "phases": phase("adam", 0.01, "constant", **penalty),
    }
    if remedy == "stopping":
        recipe["stopping"] = {"patience": 15}
    if remedy == "ema":
        recipe["averaging"] = {"kind": "ema", "decay": 0.99}
    return board(f"Overfitting: {remedy}", data, "x", layers, recipe)


def trained(board: dict[str, Any], seed: int, folder: Path) -> dict[str, Any]:
    """{loss: the training loss of each epoch, as the mean of what was told in it; accuracy, validation: at the end}."""
    file = folder / "board.json"
    file.write_text(json.dumps(board))
    done = subprocess.run(
        [CHALKNET, "train", file, "--seed", str(seed), "--json"],
        env={**os.environ, "CHALKNET_DATA": str(folder / "data")},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    told: dict[int, list[float]] = {}
    for event in events:
        for point in event.get("points", ()) if event["event"] == "metrics" else ():
            if (loss := point["values"].get("train.loss")) is not None:
                # The last step of an epoch is told as a whole number of epochs.
                told.setdefault(max(0, -(-point["epoch"] // 1) - 1), []).append(loss)
    metrics = events[-1]["metrics"]
    return {
        "loss": [round(statistics.fmean(told[epoch]), 4) for epoch in sorted(told)],
        "accuracy": round(metrics["validation.accuracy"], 4),
        "validation": round(metrics["validation.loss"], 4),
    }


def middle(values: Sequence[float]) -> float:
    """The one in the middle of several seeds'."""
    return statistics.median(values)


def shape(width: int, depth: int, folder: Path) -> dict[str, Any]:
    made = spiral(width, depth)
    runs = [trained(made, seed, folder) for seed in SEEDS]
    facts = infer(Document.model_validate(made))
    return {
        "width": width,
        "depth": depth,
        "board": made,
        "parameters": facts.parameters,
        "macs": facts.macs,
        "loss": [run["loss"][-1] for run in runs],
        "accuracy": [run["accuracy"] for run in runs],
    }


def remedied(remedy: str, folder: Path) -> dict[str, Any]:
    made = overfitted(remedy)
    run = trained(made, 0, folder)
    return {
        "remedy": remedy,
        "board": made,
        "train": run["loss"][-1],
        "validation": run["validation"],
        "accuracy": run["accuracy"],
    }


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="chalknet-") as name:
        folder = Path(name)
        shapes = [shape(width, depth, folder) for depth in DEPTHS for width in WIDTHS]
        norms = []
        for rate in RATES:
            for norm in (False, True):
                run = trained(sigmoids(norm, rate), 0, folder)
                about = {"norm": norm, "rate": rate, "board": sigmoids(norm, rate)}
                norms.append({**about, "loss": run["loss"], "accuracy": run["accuracy"]})
        remedies = [remedied(remedy, folder) for remedy in REMEDIES]
    for each in shapes:
        print(f"spiral, {each['depth']} × {each['width']}: accuracy | told | {middle(each['accuracy']):.1%}")
    for each in norms:
        norm = "with" if each["norm"] else "without"
        print(f"five sigmoid layers {norm} batch norm, rate {each['rate']}: loss | told | {each['loss'][-1]:.2f}")
    for each in remedies:
        print(f"overfitting, {each['remedy']}: validation loss | told | {each['validation']:.2f}")
    if "--write" in sys.argv:
        measured = {"shapes": shapes, "norms": norms, "remedies": remedies}
        KEPT.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
