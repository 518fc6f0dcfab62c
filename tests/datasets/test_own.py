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
from chalknet.export.pytorch import export
from chalknet.graph.document import load
from chalknet.intake.read import Wishes, read
from chalknet.layers.base import Fault, Inputs
from chalknet.server.preview import write_npz

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


@pytest.mark.parametrize("how", ["mean", "median", "frequent"])
def test_what_is_missing_is_filled_as_scikit_learn_fills_it(tmp_path: Path, how: str) -> None:
    """``SimpleImputer`` fitted on the training rows alone; a category's most frequent value, where it has no middle."""
    from sklearn.impute import SimpleImputer

    rng = numpy.random.default_rng(3)
    size = rng.integers(1, 9, 90).astype(float)
    size[rng.random(90) < 0.2] = numpy.nan
    towns = rng.choice(["Bonn", "Kiel", "Ulm", ""], 90, p=[0.5, 0.2, 0.1, 0.2])
    lines = [
        f"{'' if value != value else int(value)},{town},{n % 3}"
        for n, (value, town) in enumerate(zip(size, towns, strict=True))
    ]
    id = put(tmp_path, "\n".join(["size,town,kind", *lines]))
    layer = OwnTable(data=id, target="kind", missing=how, as_categories="kind")
    split = Split(validation=0.2, test=0.2, seed=7)
    parts = layer.load(split)
    # The same division of the rows' numbers tells which rows each part has.
    label = torch.tensor([n % 3 for n in range(90)])
    rows = divide({"label": label, "row": torch.arange(90)}, 0.2, 0.2, 7)
    codes = (towns[:, None] == ["Bonn", "Kiel", "Ulm"]).astype(float)
    codes[towns == ""] = numpy.nan
    table = numpy.column_stack([size, codes])
    train = table[rows["train"]["row"].numpy()]
    strategy = {"mean": "mean", "median": "median", "frequent": "most_frequent"}[how]
    numbers = SimpleImputer(strategy=strategy).fit(train[:, :1])
    if how == "mean":
        categories = SimpleImputer(strategy="mean").fit(train[:, 1:]).statistics_
    else:
        named = towns[rows["train"]["row"].numpy()].astype(object)
        named[named == ""] = None
        most = SimpleImputer(strategy="most_frequent", missing_values=None).fit(named[:, None]).statistics_[0]
        categories = (numpy.array(["Bonn", "Kiel", "Ulm"]) == most).astype(float)
    known = numpy.concatenate([numbers.statistics_, categories])
    for part, found in parts.items():
        theirs = table[rows[part]["row"].numpy()]
        expected = numpy.where(numpy.isnan(theirs), known, theirs)
        assert found["x"].numpy() == pytest.approx(expected.astype(numpy.float32)), part
        assert found["y"].tolist() == rows[part]["label"].tolist()
    shelf.stand(None)


def put(folder: Path, text: str) -> str:
    """A table on a shelf of its own."""
    (folder / "sent").write_text(text, encoding="utf-8")
    (folder / ID).mkdir()
    read([("a.csv", folder / "sent")], folder / ID, Wishes())
    shelf.stand(folder)
    return ID


def test_columns_are_taken_as_a_person_says(tmp_path: Path) -> None:
    """Numbers as names, words as numbers with what is lost, dates as days (D-052)."""
    lines = ["code,grade,length,day,y"]
    for n in range(60):
        grade = ("1", "2,5", "four", "3")[n % 4]
        lines.append(f'{n % 3},"{grade}",{"unknown" if n % 3 == 0 else f"{n}.25"},2024-03-{n % 28 + 1:02},{n}.5')
    id = put(tmp_path, "\n".join(lines))
    about = shelf.find(id)
    assert about is not None
    kinds = {column.name: column.kind for column in about.columns}
    assert kinds == {"code": "number", "grade": "category", "length": "text", "day": "number", "y": "number"}
    assert about.column("length").readable == 40 and any("days since" in note for note in about.notes)
    plain = OwnTable(data=id, features="code; grade; day")
    assert plain.column_names() == ["code", "grade: 1", "grade: 2,5", "grade: 3", "grade: four", "day"]
    told = OwnTable(
        data=id, features="code; grade; length", as_categories="code", as_numbers="grade; length", missing="own"
    )
    assert told.column_names() == [
        *("code: 0", "code: 1", "code: 2", "grade", "grade: missing", "length", "length: missing")
    ]
    parts = told.load(Split(validation=0, test=0))["train"]
    assert len(parts["x"]) == told.count() == 60 and told.schema()["x"].sizes == (7,)
    mean = numpy.mean([1, 2.5, 3])  # of the grades that are numbers, each of which comes equally often
    for n in range(60):
        grade = [1, 2.5, mean, 3][n % 4]
        row = parts["x"][n].tolist()
        assert row[:3] == [float(n % 3 == each) for each in range(3)]
        assert row[3] == pytest.approx(grade) and row[4] == float(n % 4 == 2) and row[6] == float(n % 3 == 0)
        assert n % 3 == 0 or row[5] == n + 0.25
    from datetime import date

    days = plain.load(Split(validation=0, test=0))["train"]["x"][:, -1]
    assert days[0] == (date(2024, 3, 1) - date(1970, 1, 1)).days and days[1] == days[0] + 1
    # Rows whose target is no number are left out.
    wanted = OwnTable(data=id, target="grade", features="code", as_numbers="grade")
    assert wanted.count() == len(wanted.load(Split(validation=0, test=0))["train"]["y"]) == 45
    assert wanted.class_names() == [] and str(wanted.schema()["y"]) == "float[D 1]"
    named = OwnTable(data=id, target="code", features="y", as_categories="code")
    assert named.class_names() == ["0", "1", "2"]
    for fields, words in (
        ({"as_numbers": "nothing"}, "has no column 'nothing'"),
        ({"as_categories": "y"}, "60 different numbers"),
        ({"as_categories": "length"}, "free text"),
    ):
        with pytest.raises(Fault, match=words):
            OwnTable(data=id, target="y", features="day", **fields).schema()
    shelf.stand(None)


def test_an_exported_board_fills_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fields = {"data": "life-expectancy", "missing": "median"}
    document = load(
        {
            "nodes": {
                "data": {"type": "own_table", "fields": fields},
                "out": {"type": "linear", "fields": {"units": 1}},
            }
            | {"loss": {"type": "mse"}},
            "edges": {
                "a": {"from": "data", "out": "x", "to": "out"},
                "b": {"from": "out", "to": "loss", "in": "prediction"},
                "c": {"from": "data", "out": "y", "to": "loss", "in": "target"},
            },
        }
    )
    layer = OwnTable.model_validate(fields)
    with Path(layer.file()).open("wb") as file:
        write_npz("life-expectancy", file)
    space: dict[str, object] = {"__name__": "exported"}
    exec(compile(export(document), "exported", "exec"), space)
    theirs, ours = space["load"](), layer.load(document.recipe.split)  # type: ignore[operator]
    for part in ours:
        assert torch.equal(theirs[part]["x"], ours[part]["x"]) and torch.equal(theirs[part]["y"], ours[part]["y"])
