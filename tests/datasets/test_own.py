"""Data of one's own as a board sees it: tables, colours, texts; and a data set that is gone (D-001, D-002, D-039…D-041,
D-046, D-047, D-051, D-052)."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest
import torch

from chalknet.datasets import built_in, shelf
from chalknet.datasets.base import Split
from chalknet.datasets.own_images import OwnImages, in_colours
from chalknet.datasets.own_table import OwnTable
from chalknet.datasets.own_text import OwnText
from chalknet.datasets.split import divide
from chalknet.intake.read import Wishes, read
from chalknet.layers.base import Fault, Inputs

NOTHING = Inputs({})
ID = "2" * 20
TABLE = (
    b"height,colour,weight,kind\n1,red,1,a\n2,,10,b\n,blue,100,a\n4,red,,b\n5,blue,1000,a\n6,red,10000,b\n7,red,70,\n"
)


@pytest.fixture
def brought(tmp_path: Path) -> Iterator[str]:
    """A table with gaps on a shelf of its own."""
    (tmp_path / "sent").write_bytes(TABLE)
    (tmp_path / ID).mkdir()
    read([("a.csv", tmp_path / "sent")], tmp_path / ID, Wishes())
    shelf.stand(tmp_path)
    yield ID
    shelf.stand(None)


def test_what_is_missing_becomes_the_mean_of_the_training_rows(brought: str) -> None:
    """Not of all rows: what is tested would have had its say (M-007)."""
    layer = OwnTable(data=brought, target="kind", features="weight")
    for seed in range(5):
        parts = layer.load(Split(validation=0, test=0.34, seed=seed))
        found = torch.cat([part["x"] for part in parts.values()])[:, 0]
        known = {1.0, 10.0, 100.0, 1000.0, 10000.0}
        (filled,) = [value for value in found.tolist() if value not in known]
        mean = numpy.mean([value for value in parts["train"]["x"][:, 0].tolist() if value in known])
        assert filled == pytest.approx(mean)
        assert len(found) == layer.count() == 6  # the row without a kind is left out


def test_missing_rows_are_left_out_or_told(brought: str) -> None:
    dropped = OwnTable(data=brought, target="weight", missing="drop")
    # Rows 1, 5 and 6 have everything that is asked for; the last has no kind.
    assert dropped.count() == 3 and len(dropped.load(Split(validation=0, test=0))["train"]["x"]) == 3
    told = OwnTable(data=brought, target="weight", features="height; colour", missing="own")
    assert told.column_names() == ["height", "height: missing", "colour: blue", "colour: red", "colour: missing"]
    x = told.load(Split(validation=0, test=0))["train"]["x"]
    assert x[1].tolist() == [2, 0, 0, 0, 1] and x[2, 1:].tolist() == [1, 1, 0, 0]


def test_a_target_says_what_it_is() -> None:
    assert OwnTable(data="houses", target="rooms").class_names()[:2] == ["1", "2"]
    assert str(OwnTable(data="houses", target="rooms", task="numbers").schema()["y"]) == "float[D 1]"
    assert str(OwnTable(data="diabetes").schema()["y"]) == "float[D 1]"
    assert OwnTable().class_names() == ["setosa", "versicolor", "virginica"]
    assert OwnTable(features="petal length (cm); petal width (cm)").sample == "points"


@pytest.mark.parametrize("name", ["iris", "wine", "breast-cancer", "diabetes", "digits"])
def test_scikit_learns_sets_are_read_as_it_reads_them(name: str) -> None:
    from sklearn import datasets

    load = {"diabetes": lambda: datasets.load_diabetes(scaled=False)}
    theirs = load.get(name, getattr(datasets, f"load_{name.replace('-', '_')}"))()
    if name == "digits":
        ours = built_in.arrays(name)
        assert numpy.array_equal(ours["label"], theirs.target)
        assert numpy.array_equal(numpy.rint(ours["images"].reshape(-1, 64) / 255 * 16), theirs.data)
        return
    layer = OwnTable(data=name)
    parts = layer.load(Split(validation=0, test=0))["train"]
    assert parts["y"].squeeze().tolist() == pytest.approx(theirs.target.tolist())
    if name != "diabetes":  # there sex is a category here
        assert numpy.allclose(parts["x"], theirs.data, rtol=1e-6)


def test_a_data_set_that_is_gone_says_so() -> None:
    with pytest.raises(Fault, match="not here: it was deleted") as gone:
        OwnTable(data=ID).infer(NOTHING)
    assert gone.value.remedies and OwnTable(data=ID).summary() == "no data" and OwnTable(data=ID).count() == 0
    with pytest.raises(Fault, match="wants MNIST, which is not on this machine yet") as absent:
        OwnImages(data="mnist").infer(NOTHING)
    assert "upload the same files" in absent.value.hint
    with pytest.raises(Fault, match="reads pictures, but iris is a table"):
        OwnImages(data="iris").infer(NOTHING)


def test_colours() -> None:
    rng = numpy.random.default_rng(0)
    pixels = rng.integers(0, 256, (40, 3))
    pixels[:4] = [[0, 0, 0], [255, 255, 255], [10, 10, 10], [255, 0, 0]]
    image = torch.tensor(pixels, dtype=torch.uint8)[:, :, None, None]

    def turned(space: str) -> list[list[float]]:
        found: list[list[float]] = in_colours({"image": image}, space, False)["image"][:, :, 0, 0].tolist()
        return found

    for given, hsv in zip(pixels / 255, turned("hsv"), strict=True):
        assert hsv == pytest.approx(colorsys.rgb_to_hsv(*given), abs=1e-5)
    # CIE L*a*b* of sRGB's red under D65, as published: 53.24, 80.09, 67.20.
    assert turned("lab")[3] == pytest.approx([0.5324, 0.5 + 80.09 / 256, 0.5 + 67.20 / 256], abs=1e-3)
    assert turned("lab")[1] == pytest.approx([1, 0.5, 0.5], abs=1e-3) and turned("lab")[0][0] == pytest.approx(0)
    # JPEG's (JFIF) red: Y 76, Cb 85, Cr 255 of 255.
    assert turned("ycbcr")[3] == pytest.approx([0.299, 0.5 - 0.168736, 1], abs=1e-4)
    assert turned("grey")[3] == pytest.approx([0.299])
    signed = in_colours({"image": image}, "kept", True)["image"]
    assert signed.min() == -1 and signed.max() == 1


def test_pieces_of_a_text_lead_on() -> None:
    parts = OwnText(length=5).load(Split(validation=0, test=0))["train"]
    names = OwnText().token_names()
    text = "".join(names[token] for token in parts["tokens"].flatten().tolist())
    assert text.startswith("Shall␣I␣compare␣thee␣to␣a␣summer's␣day?⏎Thou")
    assert torch.equal(parts["tokens"].flatten()[1:], parts["target"].flatten()[:-1])


def test_words_that_are_rare_are_unknown() -> None:
    layer = OwnText(unit="words", length=4, vocabulary=10)
    parts = layer.load(Split(validation=0, test=0))["train"]
    assert layer.token_names()[0] == "�" and len(layer.token_names()) == 11
    assert parts["tokens"].max() <= 10 and (parts["tokens"] == 0).any()


def test_a_test_part_that_was_brought_is_kept() -> None:
    tested = torch.arange(20) >= 15
    samples = {"x": torch.arange(20), "y": torch.arange(20) % 2, "tested": tested}
    for seed in (0, 1):
        parts = divide(samples, 0.2, 0.5, seed)
        assert parts["test"]["x"].tolist() == list(range(15, 20)) and "tested" not in parts["test"]
        assert len(parts["validation"]["x"]) == 3 and len(parts["train"]["x"]) == 12
