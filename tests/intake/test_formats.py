"""What comes of good files of every kind (D-001…D-005, D-052)."""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from chalknet.intake import picture, png
from chalknet.intake.spreadsheet import number, written
from tests.intake.conftest import idx, npz, zipped
from tests.intake.conftest import picture as noise

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"

MESSY = """\ufeff"Name";Größe;"Preis; netto";Art;leer;Größe
"Müller; Hans";1,80;1.234,50;A;;1
"Frau ""X"" Y";1,65;99,90;B;;2
Anna;NA;12,00;A;;3

Otto;1,70;viel;B;;4
Ida;1,75;15,00;;;5
Uwe;1,75
Eva;1,60;16,00;A;;6
Max;1,91;17,00;A;;7
Pia;1,66;18,00;B;;8
Leo;1,77;19,00;A;;9
Ute;1,59;20,00;B;;10
Kai;1,81;21,00;A;;11
"""


def test_a_messy_table(take: Callable[..., Any]) -> None:
    """Quotes, blanks, a mark before the first letter, semicolons, decimal commas, an empty column, a double name."""
    about, values = take({"kunden.csv": MESSY.encode()})
    columns = {column.name: column for column in about.columns}
    assert list(columns) == ["Name", "Größe", "Preis, netto", "Art", "leer", "Größe (2)"]
    kinds = {name: column.kind for name, column in columns.items()}
    assert kinds["Größe"] == kinds["Preis, netto"] == kinds["Größe (2)"] == "number"
    assert kinds["Art"] == "category" and kinds["leer"] == "empty"
    assert about.count == 11 and columns["Art"].names == ["A", "B"] and columns["Art"].counts == [6, 4]
    assert columns["Größe"].missing == 1 and columns["Preis, netto"].missing == 1 and columns["Art"].missing == 1
    prices = values["numbers"][columns["Preis, netto"].place]
    assert prices[0] == 1234.5 and prices[1] == 99.9 and math.isnan(prices[3])
    told = {trouble.place: trouble.message for trouble in about.troubles}
    assert "2 cells where 6 belong" in told["line 8"]
    assert "'viel' is no number" in told["line 6, Preis, netto"]


@pytest.mark.parametrize(
    ("text", "separator", "decimal", "header"),
    [
        ("a,b\n1,2\n3,4\n", ",", ".", True),
        ("1,2\n3,4\n", ",", ".", False),
        ("a;b\n1,5;2\n3,5;4\n", ";", ",", True),
        ("a;b\n1.5;2\n3.5;4\n", ";", ".", True),
        ("a\tb\n1\t2\n", "\t", ".", True),
        ("a|b|c\n1|2|3\n", "|", ".", True),
        ("1 2 3\n4 5 6\n", " ", ".", False),
        ('a,b\n"1,5",2\n"2,5",3\n', ",", ",", True),
        ('n,b\n"1,500",2\n"2,500",3\n', ",", ".", True),
        ("red,cat\nblue,dog\nred,dog\nblue,cat\n", ",", ".", False),
        ("colour,pet\nblue,dog\nred,dog\nblue,cat\n", ",", ".", True),
        ('"one, two",b\n"three, four",2\n', ",", ".", True),
    ],
)
def test_how_a_table_is_written(text: str, separator: str, decimal: str, header: bool) -> None:
    found = written(text.splitlines(keepends=True))
    assert (found.separator, found.decimal, found.header) == (separator, decimal, header)


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("12", ".", 12), ("-1.5e3", ".", -1500), (".5", ".", 0.5), ("1,234.5", ".", 1234.5), ("1_0", ".", None),
        ("1,5", ",", 1.5), ("1.234,5", ",", 1234.5), ("1.5", ",", 1.5), ("inf", ".", None), ("1e999", ".", None),
        ("12 kg", ".", None), ("", ".", None), ("9" * 400, ".", None),
    ],
)  # fmt: skip
def test_a_cell_as_a_number(cell: str, decimal: str, value: float | None) -> None:
    assert number(cell, decimal) == value


def test_two_hundred_columns(take: Callable[..., Any]) -> None:
    rng = numpy.random.default_rng(0)
    table = rng.standard_normal((300, 200)).round(4)
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow([f"c{place}" for place in range(200)])
    writer.writerows(table.tolist())
    about, values = take({"wide.csv": made.getvalue().encode()})
    assert len(about.columns) == 200 and numpy.array_equal(values["numbers"], table.T)
    column = about.columns[7]
    assert column.mean == pytest.approx(table[:, 7].mean()) and column.deviation == pytest.approx(table[:, 7].std())
    expected = numpy.histogram(table[:, 7], 20)[0]
    assert column.histogram == expected.tolist()


@pytest.mark.skipif(not MNIST.exists(), reason="no MNIST here")
def test_mnist_as_it_is_published(take: Callable[..., Any]) -> None:
    files = {file.name: file.read_bytes() for file in MNIST.iterdir()}
    about, values = take(files)
    assert (about.kind, about.count, about.tested) == ("images", 10_000, 2_000)
    assert about.classes == [str(digit) for digit in range(10)] and not about.troubles
    raw = gzip.decompress(files["t10k-labels-idx1-ubyte.gz"])[8:]
    assert values["label"][-2_000:].tolist() == list(raw) and values["images"].shape == (10_000, 1, 28, 28)


def test_idx_in_a_zip(take: Callable[..., Any]) -> None:
    images, labels = numpy.arange(48, dtype=numpy.uint8).reshape(3, 4, 4), numpy.array([2, 5, 2], numpy.uint8)
    about, values = take(
        {"a.zip": zipped({"mnist/train-images.idx": idx(images), "mnist/train-labels.idx": idx(labels)})}
    )
    assert about.classes == ["2", "5"] and values["label"].tolist() == [0, 1, 0]
    assert numpy.array_equal(values["images"][:, 0], images)


def test_arrays(take: Callable[..., Any]) -> None:
    x, y = numpy.random.default_rng(0).standard_normal((6, 3, 5)), numpy.array([0.5, 1, 2, 3, 4, 5])
    about, values = take({"a.npz": npz(x_train=x[:4], y_train=y[:4], x_test=x[4:], y_test=y[4:])})
    assert (about.kind, about.count, about.tested, about.classes) == ("arrays", 6, 2, [])
    assert numpy.array_equal(values["x"], x.astype(numpy.float32)) and values["y"].dtype == numpy.float32


def test_arrays_of_pictures(take: Callable[..., Any]) -> None:
    x = numpy.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), numpy.uint8)
    about, values = take({"a.npz": npz(x=x, y=numpy.array([0, 1, 2, 0, 1, 2]))})
    assert about.kind == "images" and numpy.array_equal(values["images"], x.transpose(0, 3, 1, 2))


def test_folders_of_pictures(take: Callable[..., Any]) -> None:
    """As a browser sends a folder: a path a file. Sizes that differ are brought to one."""
    files = {
        "pets/train/cat/1.png": noise(1, 40, 60, 3),
        "pets/train/cat/2.png": noise(2, 50, 50),
        "pets/train/dog/1.png": noise(3, 64, 64, 3),
        "pets/test/dog/2.png": noise(4, 30, 90, 3),
    }
    about, values = take(files, size=16)
    assert about.name == "pets" and about.classes == ["cat", "dog"] and about.tested == 1
    assert values["images"].shape == (4, 3, 16, 16) and values["label"].tolist() == [0, 0, 1, 1]
    assert any("brought to 16 × 16" in note for note in about.notes)
    assert take(files, size=16, colour="grey")[1]["images"].shape == (4, 1, 16, 16)


def test_pictures_of_one_size_are_kept_to_the_pixel(take: Callable[..., Any]) -> None:
    pixels = numpy.random.default_rng(0).integers(0, 256, (4, 7, 5, 3), numpy.uint8)
    files = {f"{name}/{number}.png": png.encode(pixels[number]) for number, name in enumerate("aabb")}
    _, values = take({"a.zip": zipped(files)})
    assert numpy.array_equal(values["images"], pixels.transpose(0, 3, 1, 2))


def test_a_text(take: Callable[..., Any]) -> None:
    about, values = take({"a.txt": b"To be, or not to be: that is the question.\r\n"})
    assert about.kind == "text" and about.words[:2] == ["be", "to"]
    assert bytes(values["text"]).decode().endswith("question.\n") and about.count == 43


@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 7, 1), (9, 4, 3), (33, 17, 3)])
def test_png_there_and_back(shape: tuple[int, int, int]) -> None:
    pixels = numpy.random.default_rng(1).integers(0, 256, shape, numpy.uint8)
    assert numpy.array_equal(png.decode(png.encode(pixels)), pixels)


@pytest.mark.parametrize("filters", [[0] * 6, [1] * 6, [2] * 6, [3] * 6, [4] * 6, [0, 1, 2, 3, 4, 1]])
def test_every_filter_of_a_png(filters: list[int]) -> None:
    """Written by the specification, a byte at a time."""
    import struct
    import zlib

    pixels = numpy.random.default_rng(2).integers(0, 256, (6, 5, 3), numpy.uint8)
    lines = pixels.reshape(6, 15).astype(int)
    raw = b""
    for row, kind in enumerate(filters):
        raw += bytes([kind])
        for at in range(15):
            left = lines[row, at - 3] if at >= 3 else 0
            above = lines[row - 1, at] if row else 0
            corner = lines[row - 1, at - 3] if row and at >= 3 else 0
            guess = left + above - corner
            near = min((left, above, corner), key=lambda value: abs(guess - value))
            raw += bytes([(lines[row, at] - (0, left, above, (left + above) // 2, near)[kind]) % 256])
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", 5, 6, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    data = png.SIGNATURE + b"".join(struct.pack(">I", len(b)) + k + b + bytes(4) for k, b in chunks)
    assert numpy.array_equal(png.decode(data), pixels)


def test_a_smaller_picture_is_the_mean_of_what_it_covers() -> None:
    pixels = numpy.zeros((8, 8, 1), numpy.uint8)
    pixels[:, 4:] = 200
    small = picture.fitted(pixels, 2, 2, "stretch")[:, :, 0]
    assert small[:, 0].max() < 40 and small[:, 1].min() > 160
    assert (picture.fitted(numpy.full((9, 30, 3), 77, numpy.uint8), 16, 16, "crop") == 77).all()


def test_other_kinds_of_pictures_are_read_where_pillow_is() -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    pixels = numpy.full((12, 20, 3), (200, 30, 60), numpy.uint8)
    for kind in ("JPEG", "BMP", "PNG"):
        made = io.BytesIO()
        image.fromarray(pixels).save(made, kind)
        assert picture.size(made.getvalue()) == (20, 12)
        assert abs(picture.pixels(made.getvalue()).astype(int) - pixels).max() < 4
