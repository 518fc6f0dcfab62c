"""L-001 to L-089 as they stand on boards, T-065: a board as one file of PyTorch does what its run does."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from chalknet.export.pytorch import Refused, export, write
from chalknet.graph.document import Document, load, read
from chalknet.graph.gallery import boards

QUOTES = ["--config", "format.quote-style='preserve'"]
MODELS = Path(__file__).parents[2] / "models"
SMALL = {
    "digits": {"variants": 0},
    "shapes": {"samples": 60},
    "reversal": {"samples": 200},
    "points": {"samples": 100},
    "pictures": {"size": 32, "samples": 40},
    "dropout": {"rate": 0},
}
NAMES = sorted(path.stem for path in MODELS.glob("*.json"))
MOST = 12_000_000
"""Parameters of a board that is run twice and compared; the larger ones are made of the same blocks as these."""


def gallery(name: str) -> Document:
    """A board of the gallery on few samples, so that they are made at once, and without dropout, which no two
    processes draw alike."""
    value = json.loads((MODELS / f"{name}.json").read_text())
    for part in (value, *value.get("blocks", {}).values()):
        for node in part["nodes"].values():
            node["fields"] = {**node.get("fields", {}), **SMALL.get(node["type"], {})}
            if node["type"] == "pictures" and name.startswith("alexnet"):
                node["fields"]["size"] = 67  # the least that its last pooling can take
    return load(value)


@pytest.mark.parametrize("name", [name for name in NAMES if boards()[name].about.declared["parameters"] <= MOST])
def test_gallery_boards_export(name: str, trial: Any, same: Any) -> None:
    """T-065: every board of the gallery runs on its own and does what its run does."""
    same(trial(gallery(name)))


@pytest.mark.parametrize("name", NAMES)
def test_gallery_text_is_tidy_without_a_formatter(name: str) -> None:
    """What a person reads is formatted and clean even where ruff is not installed."""
    text = write(gallery(name), tidy=False).text
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    assert ruff is not None
    for command in (
        ["check", "--select", "E,F,I,W"],
        ["format", "--diff", *QUOTES],
    ):
        done = subprocess.run(
            [ruff, *command, "--isolated", "--no-cache", "--line-length", "120", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    assert export(gallery(name)).count("\n") >= text.count("\n") - 5


def test_shapes_stand_in_the_comments() -> None:
    text = export(read((MODELS / "lenet-5-digits.json").read_text()))
    assert "# (B, 6, 28, 28)" in text and "nn.Conv2d(1, 6, kernel_size=5)" in text
    assert 'if __name__ == "__main__":' in text


def test_a_locked_test_is_asked_for() -> None:
    """T-043: the file tests only when it is run with ``--test``; that of a board that tests itself always does."""
    board = read((MODELS / "spiral.json").read_text())
    short = board.model_copy(update={"recipe": board.recipe.model_copy(update={"epochs": 1})})
    unlocked = short.model_copy(update={"recipe": short.recipe.model_copy(update={"test": "at_end"})})
    for document, words, tests in ((short, [], False), (short, ["--test"], True), (unlocked, [], True)):
        done = subprocess.run(
            [sys.executable, "-", *words], input=export(document), capture_output=True, text=True, check=True
        )
        assert ("\ntest: " in done.stdout) == tests and "epoch 1: " in done.stdout


HOSTILE = [
    '"""\nimport os\nos.system("echo gone")\n"""',
    "'''; raise SystemExit #",
    "line\u2028separator\u0085next\x0c\x0b\x1c\rreturn",
    "back\\slash\\",
    "{{ 7 * 7 }}{% raw %}{0}{self}{all}{name}?",
    "\u202etxt.exe \u200b",
    "# -*- coding: utf-7 -*-",
    "# imports",
]
IDS = [
    "train",
    "1-2",
    "_modules",
    "a-b",
    "a_b",
    "torch",
    "forward",
    "graph",
    "nn",
    "F",
    "losses",
    "match",
    "sum",
    "class",
    "self",
]


def hostile(board: Any, text: str, inner: str = "import") -> Document:
    """A chain of layers with names that want out of their strings, and ids that want to be something else."""
    block = {
        "title": text[:80],
        "nodes": {"x": {"type": "block_input"}, inner: {"type": "tanh"}, "y": {"type": "block_output"}},
        "edges": [f"x > {inner}", f"{inner} > y"],
    }
    nodes: dict[str, Any] = {"data": {"type": "points", "fields": {"samples": 100}}}
    chain = ["data.x"]
    for number, id in enumerate(IDS):
        nodes[id] = {"type": ["linear", "tanh"][number % 2], "name": text[:80]}
        chain.append(id)
    nodes["_super"] = {"type": "block", "block": "def", "mode": "repeat", "times": 2, "name": text[:80]}
    nodes["scores"] = {"type": "linear", "fields": {"units": 2}}
    nodes["cross_entropy"] = {"type": "cross_entropy", "name": text[:80]}
    chain += ["_super", "scores", "cross_entropy.logits"]
    path = [f"{a} > {b}" for a, b in pairwise(chain)]
    path[path.index("_super > scores")] = "_super.y > scores"
    value = board(
        nodes,
        *path,
        "data.label > cross_entropy.target",
        title=text[:120],
        about={"summary": text},
        blocks={"def": block},
    )
    phase = value.recipe.phases["main"].model_copy(update={"losses": ["cross_entropy"]})
    return value.model_copy(update={"recipe": value.recipe.model_copy(update={"phases": {"main": phase}})})


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_names_stay_names(number: int, board: Any) -> None:
    """Whatever a title or a name is, the file is what it is without it: the same statements, in the same order."""
    plain, text = write(hostile(board, "Plain"), tidy=False), write(hostile(board, HOSTILE[number]), tidy=False)

    def statements(source: str) -> list[str]:
        return [type(node).__name__ for node in ast.walk(ast.parse(source))]

    assert statements(text.text) == statements(plain.text)
    compile(text.text, "exported", "exec")
    assert not any(character in text.text for character in "\r\x0b\x0c\x1c\x85\u2028\u202e\u200b")
    text.text.encode("utf-8")


def test_ids_that_mean_something_else_run(trial: Any, board: Any, same: Any) -> None:
    """An id that is a method of nn.Module, a name of this file, no name at all, or one that reads as another's."""
    same(trial(hostile(board, HOSTILE[0], inner="import")))


def test_modules_are_named_as_in_a_run(trial: Any) -> None:
    """Weights of a run load into the file's network by name."""
    made = trial(gallery("reversal-transformer"))
    assert set(made.weights()) == set(made.compiled.module.state_dict())


def names_of_module() -> set[str]:
    return {name for name in dir(torch.fx.GraphModule(torch.nn.Module(), torch.fx.Graph())) if not name.startswith("_")}


def test_names_of_torchs_module_are_known() -> None:
    """A node called as a method of nn.Module gets an underscore, in a run and here."""
    from chalknet.export.names import MODULE

    assert names_of_module() <= MODULE


def test_a_board_with_errors_is_refused(board: Any) -> None:
    with pytest.raises(Refused) as caught:
        export(board({"conv": {"type": "conv2d"}}))
    assert caught.value.problems


def test_export_needs_no_torch() -> None:
    code = (
        "import sys; from chalknet.export.pytorch import export; from chalknet.graph.document import read; "
        f"text = export(read(open({str(MODELS / 'lenet-5-digits.json')!r}).read())); "
        "print(len(text) > 1000, [m for m in ('torch', 'numpy', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"


def test_library_blocks_are_classes() -> None:
    """L-040, L-059, L-060: an instance is a class of the block's name; a repeated one a loop."""
    text = export(gallery("reversal-transformer"))
    assert "class EncoderLayer(nn.Module):" in text
    assert "nn.ModuleList([EncoderLayer() for _ in range(2)])" in text and "for layer in self.encoder:" in text
