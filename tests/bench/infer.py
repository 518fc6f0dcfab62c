"""Measures inference: `python tests/bench/infer.py`. Prints milliseconds of this process, so that others on the machine
count little: the best and the median of several rounds.

Warm: rules are remembered, as in a server after an edit. Cold: as for a board never seen before.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable

from chalknet.graph import document, forms, gallery, rules
from chalknet.graph import infer as inference
from chalknet.graph.infer import infer
from chalknet.server.serve import RARELY


def chain(count: int) -> document.Document:
    """A board of ``count`` nodes, convolutions of fifty widths with norms and activations, and a classifier."""
    nodes: dict[str, object] = {"data": {"type": "digits"}}
    edges: dict[str, object] = {}
    last, out = "data", "image"
    for i in range(count - 4):
        kind = ("conv2d", "batch_norm2d", "relu")[i % 3]
        fields = {"channels": 8 + i % 50, "padding": 1} if kind == "conv2d" else {}
        nodes[f"n{i}"] = {"type": kind, "fields": fields}
        edges[f"e{i}"] = {"from": last, "out": out, "to": f"n{i}"}
        last, out = f"n{i}", "y"
    nodes |= {"flat": {"type": "flatten"}, "fc": {"type": "linear", "fields": {"units": 10}}}
    nodes["loss"] = {"type": "cross_entropy"}
    edges |= {
        "a": {"from": last, "out": out, "to": "flat"},
        "b": {"from": "flat", "to": "fc"},
        "c": {"from": "fc", "to": "loss", "in": "logits"},
        "d": {"from": "data", "out": "label", "to": "loss", "in": "target"},
    }
    return document.load({"nodes": nodes, "edges": edges})


def broken(count: int) -> document.Document:
    """The same with twenty faults."""
    board = chain(count).dump()
    names = [name for name, node in board["nodes"].items() if node["type"] == "conv2d"]
    for name in names[:: max(1, len(names) // 20)][:20]:
        board["nodes"][name]["fields"]["stride"] = 0
    return document.load(board)


def cycle(count: int) -> document.Document:
    """A circle of blocks, as many nodes as a document can unroll."""
    nodes = {f"n{i}": {"type": "relu"} for i in range(count)}
    edges = {f"e{i}": {"from": f"n{i}", "to": f"n{(i + 1) % count}"} for i in range(count)}
    return document.load({"nodes": nodes, "edges": edges})


def measure(work: Callable[[], object], before: Callable[[], object] = lambda: None, rounds: int = 15) -> list[float]:
    """Milliseconds of each round, ascending."""
    times = []
    for _ in range(rounds):
        before()
        start = time.process_time()
        work()
        times.append(1000 * (time.process_time() - start))
    return sorted(times)


def edited(count: int) -> list[float]:
    """With another number of channels in the first convolution each time, which changes what follows it."""
    boards = []
    for channels in range(60):
        written = chain(count).dump()
        written["nodes"]["n0"]["fields"]["channels"] = 100 + channels
        boards.append(document.load(written))
    infer(chain(count))
    return sorted(measure(lambda board=board: infer(board), rounds=1)[0] for board in boards)


def forget() -> None:
    rules.forget()
    forms.forget()
    inference.forget()


def figures() -> dict[str, list[float]]:
    """Every measured case, milliseconds ascending."""
    found: dict[str, list[float]] = {}
    for count in (100, 1000):
        board, faulty = chain(count), broken(count)
        found[f"{count} nodes, warm"] = measure(lambda board=board: infer(board), rounds=60)
        found[f"{count} nodes, cold"] = measure(lambda board=board: infer(board), forget)
        found[f"{count} nodes, 20 faults, warm"] = measure(lambda faulty=faulty: inference.find(faulty), rounds=60)
        found[f"{count} nodes, 20 faults, cold"] = measure(lambda faulty=faulty: inference.find(faulty), forget)
        # These are sent afterwards, in a message of their own.
        found[f"{count} nodes, 20 faults, with the ways out"] = measure(lambda faulty=faulty: infer(faulty), rounds=60)
    deep = gallery.boards()["resnet-152"]
    found[f"ResNet-152 ({len(infer(deep).nodes)} nodes), warm"] = measure(lambda: infer(deep), rounds=60)
    found["ResNet-152, cold"] = measure(lambda: infer(deep), forget)
    found |= {f"{count} nodes, after an edit": edited(count) for count in (100, 1000)}
    round_trip = cycle(5000)
    found["cycle of 5,000 nodes"] = measure(lambda: infer(round_trip), forget, 5)
    return found


def settle() -> None:
    """Looks for garbage as the server does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    arguments = parser.parse_args()
    settle()
    found = figures()
    if arguments.json:
        print(json.dumps({name: {"best": each[0], "median": statistics.median(each)} for name, each in found.items()}))
        return
    # What reading the same board costs here and now, so that a figure means something on another machine too.
    reading = {count: chain(count).dump() for count in (100, 1000)}
    reference = {count: measure(lambda board=board: document.load(board))[0] for count, board in reading.items()}
    for name, each in found.items():
        count = 100 if name.startswith("100 ") else 1000
        asked = "–" if "cycle" in name or "ways out" in name else "≤ 5 ms" if count == 100 else "≤ 50 ms"
        p95 = each[min(len(each) - 1, int(0.95 * len(each)))]
        ratio = each[0] / reference[count]
        print(
            f"infer, {name}, p50 and p95 | {asked} | {statistics.median(each):.1f} ms, {p95:.1f} ms "
            f"(best {ratio:.1f} × reading {count} nodes)"
        )


if __name__ == "__main__":
    main()
