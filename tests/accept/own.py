"""Data of one's own, brought and trained on as a person would, through a server: MNIST, diabetes, and a messy table.

MNIST lies beside the project, in ``../shared/data/mnist`` (8,000 and 2,000 digits). Exits with 1 if a figure is missed.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy
from sklearn.datasets import load_diabetes

from chalknet.datasets import shelf
from chalknet.datasets.base import Split
from chalknet.datasets.own_table import OwnTable
from chalknet.graph import gallery
from tests.conftest import Server

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"
LONGEST = 600.0
missed: list[str] = []


def row(name: str, asked: str, got: str, reached: bool) -> None:
    print(f"{name} | {asked} | {got}{'' if reached else ' – missed'}", flush=True)
    if not reached:
        missed.append(name)


def bring(person: httpx.Client, files: dict[str, bytes]) -> dict[str, Any]:
    answer = person.post("/api/data", files=[("file", (name, data)) for name, data in files.items()])
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def train(person: httpx.Client, document: dict[str, Any]) -> tuple[dict[str, float], float]:
    """The last metrics of a board's run, and the seconds from the press on Train to its end."""
    board = person.post("/api/boards", json={"document": document}).json()["id"]
    start = time.perf_counter()
    answer = person.post(f"/api/boards/{board}/runs", json={})
    assert answer.status_code == 202, answer.text
    while time.perf_counter() - start < LONGEST:
        run = person.get(f"/api/runs/{answer.json()['id']}").json()
        if run["state"] in ("finished", "failed", "stopped"):
            assert run["state"] == "finished", run
            return run["metrics"], time.perf_counter() - start
        time.sleep(0.2)
    raise AssertionError(f"it is not done after {LONGEST:.0f} s")


def mnist(person: httpx.Client) -> None:
    if not MNIST.exists():
        row("MNIST: accuracy on the 2,000", "≥ 98.5 %", "not shown: no ../shared/data/mnist", True)
        return
    start = time.perf_counter()
    brought = bring(person, {file.name: file.read_bytes() for file in sorted(MNIST.iterdir())})
    about = brought["about"]
    row(
        "MNIST: brought as its four files",
        "8,000 and 2,000",
        f"{about['count'] - about['tested']:,} and {about['tested']:,}, {time.perf_counter() - start:.1f} s",
        (about["count"], about["tested"]) == (10_000, 2_000),
    )
    document = gallery.boards()["lenet-relu"].dump()
    # As a person would where there are but 8,000: the digits are moved and turned a little, and seen more often.
    augment = {"shift": {"type": "shift", "pixels": 2}, "turn": {"type": "turn", "smallest": 0.9, "largest": 1.1}}
    fields = {"data": brought["info"]["id"], "augment": augment}
    document["nodes"]["data"] = {"type": "own_images", "fields": fields}
    document["recipe"]["split"] = {"validation": 0.05}
    document["recipe"]["epochs"] = 30
    metrics, seconds = train(person, document)
    accuracy = metrics["test.accuracy"]
    row("MNIST: LeNet on the 2,000", "≥ 98.5 %", f"{accuracy:.2%}", accuracy >= 0.985)
    row("MNIST: time", "≤ 300 s", f"{seconds:.0f} s", seconds <= 300)


def linear(id: str, epochs: int = 400, **fields: Any) -> dict[str, Any]:
    """A line through a table's rows, found by descent."""
    return {
        "version": 1,
        "nodes": {
            "data": {"type": "own_table", "fields": {"data": id, **fields}},
            "out": {"type": "linear", "fields": {"units": 1}},
            "loss": {"type": "mse"},
        },
        "edges": {
            "a": {"from": "data", "out": "x", "to": "out", "in": "x"},
            "b": {"from": "out", "to": "loss", "in": "prediction"},
            "c": {"from": "data", "out": "y", "to": "loss", "in": "target"},
        },
        "recipe": {
            "epochs": epochs,
            "batch": 64,
            "phases": {"main": {"optimizer": {"type": "adam", "fields": {"lr": 2.0}}, "schedule": {"type": "cosine"}}},
        },
    }


def squares(id: str, **fields: Any) -> tuple[float, float]:
    """Mean squares that are left on the training and the test rows by the normal equations' line (C-032), which knows
    no steps: what descent is held against."""
    parts = OwnTable(data=id, **fields).load(Split())
    x, y = (
        {part: parts[part][port].double().numpy() for part in ("train", "test")}  # type: ignore[index]
        for port in ("x", "y")
    )
    mean, spread = x["train"].mean(0), x["train"].std(0)
    with_one = {
        part: numpy.concatenate([(values - mean) / numpy.where(spread > 0, spread, 1), numpy.ones((len(values), 1))], 1)
        for part, values in x.items()
    }
    weights = numpy.linalg.lstsq(with_one["train"], y["train"], rcond=None)[0]
    return tuple(float(((with_one[part] @ weights - y[part]) ** 2).mean()) for part in ("train", "test"))  # type: ignore[return-value]


def diabetes(person: httpx.Client) -> None:
    data, target = load_diabetes(return_X_y=True, scaled=False)
    names = load_diabetes().feature_names
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow([*names, "progression"])
    writer.writerows(numpy.column_stack([data, target]).tolist())
    brought = bring(person, {"diabetes.csv": made.getvalue().encode()})
    about = brought["about"]
    row(
        "diabetes: brought as CSV",
        "442 rows, 11 columns, all numbers",
        f"{about['count']} rows, {len(about['columns'])} columns, {about['troubled']} troubles",
        about["count"] == 442 and {column["kind"] for column in about["columns"]} == {"number"},
    )
    id = brought["info"]["id"]
    metrics, seconds = train(person, linear(id))
    least, unseen = squares(id)
    row(
        "diabetes: mean square on unseen rows, descent beside least squares (C-032)",
        "within 2 %",
        f"{metrics['test.loss']:,.1f} beside {unseen:,.1f} ({least:,.1f} on training rows), {seconds:.0f} s",
        abs(metrics["test.loss"] - unseen) <= 0.02 * unseen,
    )


def messy(person: httpx.Client) -> None:
    """Quotes, blanks, mixed types, 200 columns, a mark before the first letter, semicolons, decimal commas."""
    rng = numpy.random.default_rng(0)
    count, width = 600, 198
    numbers = rng.standard_normal((count, width))
    kind = numpy.array(["früh", 'sp"ät', "nie; oder"])[rng.integers(0, 3, count)]
    wanted = 3 * numbers[:, 0] - 2 * numbers[:, 5] + 4 * (kind == "früh") + 0.1 * rng.standard_normal(count)
    lines = [";".join([*(f"Spalte {place}" for place in range(width)), "Art", "Ziel"])]
    for at in range(count):
        cells = [f"{value:.4f}".replace(".", ",") for value in numbers[at]]
        cells[7] = "" if at % 11 == 0 else " n/a " if at % 13 == 0 else cells[7]
        cells[9] = "viel" if at % 97 == 0 else cells[9]
        quoted = '"' + kind[at].replace('"', '""') + '"'
        lines.append(";".join([*cells, quoted, f"{wanted[at]:.4f}".replace(".", ",")]))
        if at % 100 == 3:
            lines += ["", "kaputt;1;2"]
    brought = bring(person, {"messy.csv": ("\ufeff" + "\r\n".join(lines)).encode()})
    about = brought["about"]
    kinds = [column["kind"] for column in about["columns"]]
    row(
        "messy table: brought",
        "600 rows, 200 columns, what is broken told",
        f"{about['count']} rows, {len(kinds)} columns, {about['troubled']} troubles",
        about["count"] == count and kinds == ["number"] * width + ["category", "number"] and about["troubled"] == 7,
    )
    fields = {"target": "Ziel", "features": "Spalte 0; Spalte 5; Spalte 7; Spalte 9; Art"}
    metrics, _ = train(person, linear(brought["info"]["id"], 200, **fields))
    spread = float(wanted.var())
    share = 1 - metrics["test.loss"] / spread
    row("messy table: share of the target's variance that is explained", "≥ 99 %", f"{share:.2%}", share >= 0.99)


def main() -> None:
    chosen = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="chalknet-") as folder:
        server = Server(Path(folder) / "data")
        shelf.stand(server.data / "datasets")
        try:
            with httpx.Client(base_url=server.url, timeout=60) as person:
                person.get("/api/me")
                for each in (mnist, diabetes, messy):
                    if not chosen or each.__name__ in chosen:
                        each(person)
        finally:
            server.stop()
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
