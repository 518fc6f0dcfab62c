"""The training loop against the same training as a bare PyTorch loop, unwatched and watched at 10 Hz.

The bare loop has the same module, batches, threads and kernels (``torch.optim``, fused) and validates at the same
epochs. All three take turns in one process, a second each, so that whatever else the machine does meets them alike;
what is told is the median of the ratios. Events and pictures go out over a pipe to a process that reads them, as they
do to the server.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from chalknet import wire
from chalknet.graph import descent, gallery, rates, recipe
from chalknet.graph.document import Document, load
from chalknet.training.compile import Compiled
from chalknet.training.evaluate import Evaluator
from chalknet.training.loop import VALIDATION, Event, loop
from chalknet.training.plan import Plan, plan
from chalknet.training.worker import Sender

RATE = 10.0
VIEWS = {"spiral": "plane", "lenet-5-digits": "maps", "shapes-detector": "boxes", "reversal-transformer": "matrix"}
PANELS = ("mlp", "lenet-5-digits", "resnet-20")
"""Boards that are also watched as a page with four panels watches them: the norms of all layers, and of the first node
that offers it each of ``FOUR``."""
FOUR = ("maps", "matrix", "flat")


def tiny() -> Document:
    """2-4-2-1 with tanh, ten samples a batch."""
    widths, last = {"a": 4, "b": 2, "c": 1}, ("data", "x")
    nodes: dict[str, object] = {"data": {"type": "points"}}
    edges: dict[str, object] = {}
    for name, units in widths.items():
        nodes[name] = {"type": "linear", "fields": {"units": units}}
        edges[name] = {"from": last[0], "out": last[1], "to": name}
        last = (name, "y")
        if name != "c":
            nodes[f"{name}_act"] = {"type": "tanh"}
            edges[f"{name}_act"] = {"from": name, "to": f"{name}_act"}
            last = (f"{name}_act", "y")
    nodes["loss"] = {"type": "bce"}
    edges["logits"] = {"from": "c", "to": "loss", "in": "logits"}
    edges["target"] = {"from": "data", "out": "label", "to": "loss", "in": "target"}
    return load({"nodes": nodes, "edges": edges, "recipe": {"batch": 10}})


def bare(made: Plan, compiled: Compiled) -> Iterator[int]:
    """A training loop as one writes it by hand; yields the number of steps after each. Validation as often as ours."""
    import torch  # after chalknet.training, which says how its threads wait

    (phase,) = made.document.recipe.phases.values()
    form, schedule = recipe.optimizer(phase.optimizer), recipe.schedule(phase.schedule)
    assert isinstance(form, descent.Optimizer) and isinstance(schedule, rates.Schedule)
    adam = isinstance(form, descent.Adam)
    kind = torch.optim.AdamW if isinstance(form, descent.AdamW) else torch.optim.Adam if adam else torch.optim.SGD
    module = compiled.module
    rolling = {} if adam else {"momentum": form.momentum, "nesterov": form.nesterov}
    optimizer = kind(module.parameters(), lr=form.lr, weight_decay=form.weight_decay, fused=True, **rolling)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: schedule.factor(step, made.steps))
    validate, validated, steps = Evaluator(compiled), 0.0, 0
    module.train()
    for epoch in range(made.epochs):
        for batch in made.batches.epoch(epoch):
            (loss,) = module(*batch)
            optimizer.zero_grad()
            loss.backward()
            if phase.clip is not None:
                torch.nn.utils.clip_grad_norm_(module.parameters(), phase.clip)
            optimizer.step()
            scheduler.step()
            steps += 1
            yield steps
        if time.perf_counter() > validated + VALIDATION:
            validate(made.validation, "validation")
            validated = time.perf_counter()


def reader() -> tuple[Connection, subprocess.Popen[bytes]]:
    """A process that reads whatever is sent to it."""
    here, there = Pipe()
    code = (
        "import sys; from multiprocessing.connection import Connection\n"
        "end = Connection(int(sys.argv[1]))\n"
        "try:\n while True: end.recv_bytes()\nexcept EOFError: pass"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(there.fileno())], pass_fds=[there.fileno()])
    there.close()
    return here, process


class Ours:
    """A run of the loop whose time can be stopped."""

    def __init__(
        self, document: Document, folder: Path, cache: Path, threads: int | None, views: list[wire.Subscription]
    ) -> None:
        self.plan = plan(document, directory=folder, cache=cache, threads=threads)
        self.commands: SimpleQueue[wire.RunCommand] = SimpleQueue()
        self.commands.put(wire.Watch(views=views))
        self.connection, self.process = reader()
        self.sender = Sender(self.connection)
        self.run: Iterator[Event] = loop(self.plan, self.commands)
        self.frames = 0

    def rate(self, seconds: float) -> float:
        """Steps a second, over at least so long."""
        begun, first, step = time.perf_counter(), None, 0
        for event in self.run:
            self.sender.send(event)
            self.frames += isinstance(event, bytes)
            # Only points say exactly where the run is.
            if isinstance(event, wire.Metrics) and "train.loss" in event.points[-1].values:
                now, step = time.perf_counter(), event.points[-1].step
                if first is None:
                    first = (now, step)
                elif now - first[0] >= seconds:
                    return (step - first[1]) / (now - first[0])
        raise RuntimeError(f"the run ended after {time.perf_counter() - begun:.1f} s, at step {step}")

    def close(self) -> None:
        self.run.close()  # type: ignore[attr-defined]
        self.sender.close()
        self.connection.close()
        self.process.wait(10)


def panels(compiled: Compiled) -> list[wire.Subscription]:
    """What a page with four panels asks for."""
    nodes = compiled.facts.nodes
    first = {view: next((path for path, facts in nodes.items() if view in facts.views), None) for view in FOUR}
    found = [wire.Subscription(view=view, node=path, samples=[0], rate=RATE) for view, path in first.items() if path]
    return [wire.Subscription(view="norms", node="", rate=RATE), *found]


def measure(
    name: str, document: Document, folder: Path, rounds: int, seconds: float, most: int | None, four: bool = False
) -> None:
    """Prints the rows of one board. ``four``: watched with four panels, otherwise at every node of its view."""
    document = document.model_copy(update={"recipe": document.recipe.model_copy(update={"epochs": 100_000})})
    cache = folder / "cache"
    reference = plan(document, cache=cache)
    by_hand = bare(reference, reference.compiled)
    # Every node that offers the board's view.
    view = VIEWS.get(name, "plane")
    nodes = [path for path, facts in reference.compiled.facts.nodes.items() if view in facts.views]
    views = [wire.Subscription(view=view, node=path, samples=[0], rate=RATE) for path in nodes]
    if four:
        views = panels(reference.compiled)
    here = folder / f"{name}-{four}"
    calm, seen = Ours(document, here / "calm", cache, most, []), Ours(document, here / "seen", cache, most, views)

    def bare_rate() -> float:
        begun = time.perf_counter()
        first = next(by_hand)
        for step in by_hand:
            spent = time.perf_counter() - begun
            if spent >= seconds:
                return (step - first + 1) / spent
        raise RuntimeError("the bare loop ended")

    ratios: dict[str, list[float]] = {"unwatched": [], "watched": []}
    rates: list[float] = []
    calm.rate(seconds / 2), seen.rate(seconds / 2), bare_rate()  # warm
    seen.frames, spent = 0, 0.0
    for number in range(rounds):
        turns = [
            ("bare", bare_rate),
            ("unwatched", lambda: calm.rate(seconds)),
            ("watched", lambda: seen.rate(seconds)),
        ]
        found = {}
        for which, turn in turns[number % 3 :] + turns[: number % 3]:
            begun = time.perf_counter()
            found[which] = turn()
            spent += (time.perf_counter() - begun) if which == "watched" else 0.0
        for which, each in ratios.items():
            each.append(found[which] / found["bare"])
        rates.append(found["watched"])
    frames = seen.frames / spent / len(views)
    calm.close(), seen.close()
    threads = calm.plan.threads
    per_second = statistics.median(rates)
    what = f"{len(views)} panels" if four else f"{len(views)} × {view}"
    if name == "tiny":
        print(f"loop, 2-4-2-1, updates a second with {what} watched | ≥ 1,500 | {per_second:,.0f}", flush=True)
    for which, least in (("unwatched", "≥ 0.99"), ("watched", "≥ 0.95")):
        how = f"{what}, {frames:.1f} Hz seen" if which == "watched" else f"{threads} thread{'s' if threads > 1 else ''}"
        print(f"loop, {name}, {which} ({how}) | {least} | {statistics.median(ratios[which]):.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("boards", nargs="*", help="boards of the gallery, tiny, or panels (default: all)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--threads", type=int, help="the most (default: the cores)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.boards or ["tiny", *VIEWS, "panels"]:
            if name == "panels":
                for each in PANELS:
                    board = gallery.boards()[each]
                    measure(each, board, Path(folder), chosen.rounds, chosen.seconds, chosen.threads, four=True)
                continue
            document = tiny() if name == "tiny" else gallery.boards()[name]
            measure(name, document, Path(folder), chosen.rounds, chosen.seconds, chosen.threads)


if __name__ == "__main__":
    main()
