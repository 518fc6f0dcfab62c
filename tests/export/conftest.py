"""Boards to export, and a process that runs what was exported without Chalknet."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from chalknet.datasets.base import DataSource
from chalknet.export.pytorch import Exported, write
from chalknet.graph.document import Document, load
from chalknet.training.compile import Compiled, compile, module_name
from chalknet.training.phases import Phase

DRIVER = Path(__file__).with_name("driver.txt")


def wires(*texts: str) -> dict[str, dict[str, str]]:
    """Edges from texts such as ``data.image > conv1`` or ``a > add.x``, in this order at a port of several."""
    edges = {}
    for number, text in enumerate(texts):
        (source, _, out), (to, _, into) = (end.partition(".") for end in text.split(" > "))
        edges[f"w{number:03}"] = {
            "from": source,
            "out": out or "y",
            "to": to,
            "in": into or "x",
            "order": f"{number:03}",
        }
    return edges


@pytest.fixture
def board() -> Callable[..., Document]:
    """A board from its nodes, its wires as texts, and the rest of the document by name."""

    def made(nodes: dict[str, dict[str, Any]], *texts: str, **more: Any) -> Document:
        blocks = {
            id: {**block, "edges": wires(*block.get("edges", ()))} for id, block in more.pop("blocks", {}).items()
        }
        return load({"version": 1, "nodes": nodes, "edges": wires(*texts), "blocks": blocks, **more})

    return made


class Trial:
    """A board compiled here and exported there, on the same weights and samples."""

    def __init__(self, document: Document, folder: Path, runner: Runner) -> None:
        self.runner = runner
        self.document = document
        self.folder = folder
        self.exported: Exported = write(document, tidy=False)
        self.compiled: Compiled = compile(document)
        self.file = folder / "exported.py"
        self.file.write_text(self.exported.text, encoding="utf-8")
        self.parts: dict[str, Tensor] = {}
        self.batch: dict[tuple[str, str], Tensor] = {}
        for path, node in self.compiled.flat.nodes.items():
            if isinstance(node.layer, DataSource):
                samples = {p: v[:24] for p, v in node.layer.load(document.recipe.split)["train"].items()}
                self.parts |= {self.exported.data[path, port]: values for port, values in samples.items()}
                ready = node.layer.prepare(samples)
                self.batch |= {(path, port): values for port, values in ready.items()}
        most = max(map(len, self.parts.values()), default=0)
        # A number that was typed in is the same for every sample of other data.
        self.parts = {name: values.expand(most, *values.shape[1:]) if len(values) == 1 else values
                      for name, values in self.parts.items()}  # fmt: skip
        self.batch = {value: values.expand(most, *values.shape[1:]) if len(values) == 1 else values
                      for value, values in self.batch.items()}  # fmt: skip

    def weights(self) -> dict[str, Tensor]:
        """The compiled network's state under the exported names."""
        found = {}
        for path, place in self.exported.modules.items():
            node = self.compiled.flat.nodes.get(path)
            if node is not None:
                state = self.state(path)
                found |= {f"{place}.{name}": value.detach().clone() for name, value in state.items()}
        return found

    def state(self, path: str) -> dict[str, Tensor]:
        """Of one node; block ports have no module."""
        name = module_name(path)
        known = dict(self.compiled.module.named_modules(remove_duplicate=False))
        return known[name].state_dict() if name in known else {}

    def arguments(self) -> list[Tensor]:
        return [self.batch[value] for value in self.compiled.inputs]

    def outputs(self) -> list[Tensor]:
        """What the network gives, in evaluation."""
        self.compiled.module.eval()
        with torch.no_grad():
            return list(self.compiled.select(self.exported.outputs)(*self.arguments()))

    def losses(self) -> dict[str, Tensor]:
        self.compiled.module.eval()
        with torch.no_grad():
            return dict(zip(self.compiled.losses, self.compiled.module(*self.arguments()), strict=True))

    def update(self) -> dict[str, Tensor]:
        """The weights after one step of every phase."""
        self.compiled.learn()
        ordered = sorted(self.document.recipe.phases.items(), key=lambda item: (item[1].order, item[0]))
        for phase in [Phase(id, part, self.compiled, 1) for id, part in ordered]:
            phase.step(self.arguments(), 0)
        return self.weights()

    def run(self) -> dict[str, Any]:
        """The same in a process of its own, by the exported file alone."""
        given = self.folder / "given.pt"
        torch.save({"weights": self.weights(), "parts": self.parts, "network": self.exported.network}, given)
        result = self.folder / "result.pt"
        self.runner.run(self.file, given, result)
        found: dict[str, Any] = torch.load(result, weights_only=True)
        return found


class Runner:
    """A process that knows torch but not Chalknet, and forks a child for every file that it is to run."""

    def __init__(self) -> None:
        # -I: neither the working directory nor the environment helps the exported file.
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-I", "-c", DRIVER.read_text()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *paths: Path) -> None:
        """Raises AssertionError with the child's traceback."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(path) for path in paths]) + "\n")
        self.process.stdin.flush()
        error = json.loads(self.process.stdout.readline())
        assert not error, f"{error}\n{paths[0].read_text()}"

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    made = Runner()
    yield made
    made.close()


@pytest.fixture
def trial(tmp_path: Path, runner: Runner) -> Callable[[Document], Trial]:
    return lambda document: Trial(document, tmp_path, runner)


def compare(trial: Trial) -> None:
    """Outputs, losses and one training step are those of the compiled board."""
    outputs, losses = trial.outputs(), trial.losses()
    ran = trial.run()
    assert len(ran["outputs"]) == len(outputs)
    for theirs, ours in zip(ran["outputs"], outputs, strict=True):
        torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-5)
    assert set(ran["losses"]) == set(losses)
    for path, loss in losses.items():
        torch.testing.assert_close(ran["losses"][path], loss, rtol=1e-5, atol=1e-6)
    before, after = trial.weights(), trial.update()
    moved = 0
    for name, ours in after.items():
        torch.testing.assert_close(ran["weights"][name], ours, rtol=1e-4, atol=2e-5, msg=lambda m, n=name: f"{n}: {m}")
        moved += not torch.equal(before[name], ours)
    assert moved


@pytest.fixture
def same() -> Callable[[Trial], None]:
    return compare
