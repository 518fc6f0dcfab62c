"""Every board of the gallery is fixture and lesson at once (STYLE 9)."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from chalknet import wire
from chalknet.datasets.base import DataSource, Split
from chalknet.graph import gallery
from chalknet.graph.document import Document, Unreadable
from chalknet.graph.document import Node as DocumentNode
from chalknet.graph.infer import infer, infer_flat
from chalknet.graph.templates import TEMPLATES
from chalknet.layers.base import registry
from chalknet.training.compile import compile
from chalknet.training.loop import loop
from chalknet.training.plan import plan

ROOT = Path(__file__).resolve().parents[2]
BOARDS = sorted(path.stem for path in (ROOT / "models").glob("*.json"))
SMALL = {
    "points": {"samples": 60},
    "shapes": {"samples": 40},
    "reversal": {"samples": 300},
    "digits": {"variants": 0},
    "line": {"samples": 40},
}
"""Fields that make a data source small enough to learn from for an epoch in a moment."""
LARGE = [name for name in BOARDS if gallery.boards()[name].about.section in ("cnn", "depth")]
"""Boards that are fed generated pictures; their training is tried in ``test_family``."""
ACROSS, DOWN = 250, 120
"""Room for a card with its chip, in pixels."""


@pytest.fixture(params=BOARDS)
def board(request: pytest.FixtureRequest) -> Document:
    return gallery.boards()[request.param]


def small(document: Document) -> Document:
    nodes = {
        id: node.model_copy(update={"fields": {**node.fields, **SMALL.get(node.type, {})}})
        for id, node in document.nodes.items()
    }
    return document.model_copy(update={"nodes": nodes})


def levels(document: Document) -> Iterator[tuple[str, dict[str, DocumentNode]]]:
    """The board's own nodes and each block's, with the lead of their positions' keys."""
    yield "", document.nodes
    for id, block in document.blocks.items():
        yield f"{id}/", block.nodes


def test_the_gallery_is_the_folder() -> None:
    boards = gallery.boards()
    assert sorted(boards) == BOARDS
    assert {"spiral", "lenet-5-digits", "shapes-detector", "reversal-transformer"} <= boards.keys()
    places = [list(gallery.SECTIONS).index(document.about.section) for document in boards.values()]
    assert places == sorted(places), "section by section"
    sizes = [board.about.declared["parameters"] for board in boards.values() if board.about.section == "start"]
    assert sizes == sorted(sizes) and len(sizes) == 4, "small networks come first"
    years = [re.findall(r"\b1[789]\d\d|20\d\d\b", board.about.origin) for board in boards.values()]
    assert all(years[4:]), "who thought of it, and when"


def test_it_infers_without_a_complaint(board: Document) -> None:
    assert [problem.message for problem in infer(board).problems] == []


def test_it_matches_its_declared_counts(board: Document) -> None:
    facts = infer(board)
    assert board.about.declared == {"parameters": facts.parameters, "macs": facts.macs}


def test_torch_counts_the_same(board: Document) -> None:
    with torch.device("meta"):
        module = compile(board).module
    assert sum(parameter.numel() for parameter in module.parameters()) == board.about.declared["parameters"]


@pytest.mark.parametrize("name", [name for name in BOARDS if name not in LARGE])
def test_it_takes_a_step_and_the_loss_is_finite(name: str) -> None:
    board = gallery.boards()[name]
    planned = plan(small(board), epochs=1, test="at_end", threads=1)
    before = {name: values.clone() for name, values in planned.compiled.parameters().items()}
    ended = [event for event in loop(planned) if isinstance(event, wire.End)]
    assert ended[-1].state == "finished"
    losses = {name: value for name, value in ended[-1].metrics.items() if name.endswith(".loss")}
    unseen = {"validation.loss", "test.loss"} if board.about.section != "hand" else set()
    assert losses.keys() >= {"train.loss"} | unseen
    assert all(math.isfinite(value) for value in losses.values())
    unmoved = [name for name, values in planned.compiled.parameters().items() if torch.equal(values, before[name])]
    assert not unmoved, "some parameters learn nothing"


def test_it_says_what_it_is_and_what_to_try(board: Document) -> None:
    assert board.title and 150 <= len(board.about.summary) <= 600
    assert 3 <= len(board.about.tries) <= 5 and all(len(each) <= 180 for each in board.about.tries)
    assert "\n" not in board.about.summary


def test_nothing_overlaps_in_its_drawing(board: Document) -> None:
    positions = board.drawing.positions
    placed = [f"{lead}{id}" for lead, nodes in levels(board) for id in nodes]
    assert sorted(positions) == sorted(placed)
    for lead, nodes in levels(board):
        for one in nodes:
            for other in nodes:
                if one < other:
                    a, b = positions[lead + one], positions[lead + other]
                    assert abs(a.x - b.x) >= ACROSS or abs(a.y - b.y) >= DOWN, f"{lead}{one} and {lead}{other}"


def test_it_is_drawn_from_left_to_right(board: Document) -> None:
    """A wire leads to the right, or back to the left end of the next row."""
    positions = board.drawing.positions
    for edges, lead in [(board.edges, ""), *((block.edges, f"{id}/") for id, block in board.blocks.items())]:
        for edge in edges.values():
            start, end = positions[lead + edge.source], positions[lead + edge.to]
            assert end.x - start.x >= ACROSS or end.y - start.y >= DOWN, f"{edge.source} → {edge.to}"


def test_only_what_differs_from_the_defaults_is_written(board: Document) -> None:
    library = {template.block.title for template in TEMPLATES}
    own = [board.nodes, *(block.nodes for block in board.blocks.values() if block.title not in library)]
    for nodes in own:
        for id, node in nodes.items():
            defaults = registry[node.type].model_fields if node.type in registry else {}
            same = [name for name, field in defaults.items() if node.fields.get(name, ...) == field.default]
            assert not same, f"{id} repeats {same}"


def test_its_data_can_be_changed_for_other_data_of_its_kind() -> None:
    """The spiral board's data node offers circle, xor, gauss and moons, and stays whole with each."""
    spiral = gallery.boards()["spiral"]
    for kind in ("circle", "xor", "gauss", "moons"):
        points = spiral.nodes["points"].model_copy(update={"fields": {"kind": kind}})
        assert not infer(spiral.model_copy(update={"nodes": {**spiral.nodes, "points": points}})).problems


def test_lenet_is_that_of_1998() -> None:
    """A-010: 6-16-120-84 with tanh and average pooling has 61,706 parameters at 32×32."""
    lenet = gallery.boards()["lenet-5-digits"]
    flat, facts = infer_flat(lenet)
    assert facts.parameters == 61_706
    types = [node.layer.type for node in flat.nodes.values() if node.layer is not None]
    assert types.count("tanh") == 4 and types.count("avg_pool2d") == 2
    assert [facts.nodes[id].outputs["y"] for id in ("conv1", "conv2", "full1", "full2")] == [
        *("float[C 6, H 28, W 28]", "float[C 16, H 10, W 10]"),
        *("float[D 120]", "float[D 84]"),
    ]


def test_the_detector_is_tested_on_500_unseen_pictures() -> None:
    detector = gallery.boards()["shapes-detector"]
    flat, _ = infer_flat(detector)
    (source,) = [node.layer for node in flat.nodes.values() if isinstance(node.layer, DataSource)]
    assert isinstance(detector.recipe.split, Split)
    assert source.count() * detector.recipe.split.test == 500


def test_the_encoder_is_the_library_s() -> None:
    (library,) = [template.block for template in TEMPLATES if template.type == "encoder_layer"]
    board = gallery.boards()["reversal-transformer"]
    assert board.blocks["encoder_layer"] == library
    assert [(node.mode, node.times) for node in board.nodes.values() if node.block] == [("repeat", 2)]


def test_a_wheel_carries_the_boards() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert built["force-include"]["models"] == "chalknet/models"


def test_boards_beside_the_package_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "chalknet"
    (package / "graph").mkdir(parents=True)
    monkeypatch.setattr(gallery, "__file__", str(package / "graph" / "gallery.py"))
    assert gallery.folder() == tmp_path.parent / "models"
    (package / "models").mkdir()
    assert gallery.folder() == package / "models"


def test_a_damaged_board_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.json").write_text('{"nodes": []}')
    monkeypatch.setattr(gallery, "folder", lambda: tmp_path)
    with pytest.raises(Unreadable, match=r"broken\.json: nodes"):
        gallery.boards.__wrapped__()
