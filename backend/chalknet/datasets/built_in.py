"""Data sets that come with the house: scikit-learn's tables and digits, read from its files without importing it;
tables and signals made by a rule, and said to be; and a sonnet."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalknet.datasets import columns, shelf
from chalknet.datasets.shelf import About, Kind

if TYPE_CHECKING:
    import numpy

    Values = dict[str, numpy.ndarray[Any, Any]]

SEED = 20260101


@dataclass(frozen=True)
class Set:
    title: str
    kind: Kind
    count: int
    sentence: str
    make: Callable[[], tuple[About, Values]]
    generated: bool = False


def about(id: str) -> About:
    return _made(id)[0]


def arrays(id: str) -> Values:
    return _made(id)[1]


@cache
def _made(id: str) -> tuple[About, Values]:
    about, values = SETS[id].make()
    held = {
        name: shelf.Array(dtype=str(array.dtype), shape=list(map(int, array.shape))) for name, array in values.items()
    }
    size = sum(array.nbytes for array in values.values())
    return about.model_copy(update={"name": id, "arrays": held, "bytes": size}), values


def of_table(found: dict[str, Any], names: dict[str, list[str]] | None = None) -> tuple[About, Values]:
    """A table of columns of numbers; those in ``names`` are categories, numbered in that order."""
    import numpy

    numbers, categories, described = [], [], []
    for name, values in found.items():
        if names and name in names:
            codes = numpy.asarray(values, numpy.int32)
            described.append(columns.of_categories(name, codes, names[name], len(categories)))
            categories.append(codes)
        else:
            floats = numpy.asarray(values, numpy.float64)
            described.append(columns.of_numbers(name, floats, len(numbers)))
            numbers.append(floats)
    count = len(next(iter(found.values())))
    values = {
        "numbers": numpy.stack(numbers) if numbers else numpy.zeros((0, count)),
        "categories": numpy.stack(categories) if categories else numpy.zeros((0, count), numpy.int32),
    }
    return About(kind="table", name="", count=count, columns=described), values


# --- scikit-learn's ---------------------------------------------------------------------------------------------------


def _file(name: str) -> list[str]:
    """The lines of one of scikit-learn's data files."""
    spec = find_spec("sklearn")
    assert spec is not None and spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "data" / name
    data = path.read_bytes()
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode().splitlines()


def _rows(lines: list[str], separator: str | None = ",") -> Any:
    """Numbers, float64 [columns, rows]."""
    import numpy

    return numpy.array([[float(cell) for cell in line.split(separator)] for line in lines if line.strip()]).T


def _classified(file: str, names: list[str], target: str, classes: list[str]) -> tuple[About, Values]:
    rows = _rows(_file(file)[1:])
    return of_table({**dict(zip(names, rows[:-1], strict=True)), target: rows[-1]}, {target: classes})


def _iris() -> tuple[About, Values]:
    names = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
    return _classified("iris.csv", names, "species", ["setosa", "versicolor", "virginica"])


def _wine() -> tuple[About, Values]:
    names = [
        *("alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids"),
        *("nonflavanoid phenols", "proanthocyanins", "color intensity", "hue", "OD280/OD315", "proline"),
    ]
    return _classified("wine_data.csv", names, "cultivar", ["first", "second", "third"])


def _breast_cancer() -> tuple[About, Values]:
    parts = [
        *("radius", "texture", "perimeter", "area", "smoothness"),
        *("compactness", "concavity", "concave points", "symmetry", "fractal dimension"),
    ]
    names = [f"{how} {part}" for how in ("mean", "error of", "worst") for part in parts]
    return _classified("breast_cancer.csv", names, "tumour", ["malignant", "benign"])


def _diabetes() -> tuple[About, Values]:
    names = [
        *("age", "sex", "body mass index", "blood pressure", "total cholesterol"),
        *("LDL", "HDL", "cholesterol / HDL", "log triglycerides", "blood sugar"),
    ]
    rows = _rows(_file("diabetes_data_raw.csv.gz"), None)
    target = _rows(_file("diabetes_target.csv.gz"))
    found = dict(zip(names, rows, strict=True))
    found["sex"] = found["sex"] - 1
    return of_table({**found, "progression after a year": target[0]}, {"sex": ["1", "2"]})


def _digits() -> tuple[About, Values]:
    import numpy

    rows = _rows(_file("digits.csv.gz")).T
    label = rows[:, -1].astype(numpy.int64)
    # 17 grey levels, 0 to 16.
    images = numpy.round(rows[:, :-1] * (255 / 16)).astype(numpy.uint8).reshape(-1, 1, 8, 8)
    counts = numpy.bincount(label, minlength=10).tolist()
    classes = [str(digit) for digit in range(10)]
    about = About(kind="images", name="", count=len(label), classes=classes, class_counts=counts)
    return about, {"images": images, "label": label}


# --- made by a rule ---------------------------------------------------------------------------------------------------


def _houses() -> tuple[About, Values]:
    """Prices of houses that never stood: living space, rooms and place decide, with noise."""
    import numpy

    rng = numpy.random.default_rng(SEED)
    count = 1200
    space = numpy.round(rng.gamma(9, 12, count).clip(25, 400))
    rooms = numpy.round(space / 28 + rng.normal(0, 0.8, count)).clip(1, 12)
    built = rng.integers(1900, 2026, count)
    place = rng.choice(3, count, p=[0.3, 0.45, 0.25])
    garden = numpy.where(place == 0, 0.0, numpy.round(rng.gamma(2, 120, count)))
    kind = numpy.where(space < 75, 0, numpy.where(garden > 250, 2, 1))
    kind = numpy.where(rng.random(count) < 0.1, rng.integers(0, 3, count), kind)
    worth = numpy.array([3400, 2500, 1700])[place]
    price = space * worth + 9000 * rooms + 60 * garden - 450 * (2026 - built) + rng.normal(0, 25_000, count)
    found = {
        "living space (m²)": space,
        "rooms": rooms,
        "year built": built,
        "garden (m²)": garden,
        "place": place,
        "type": kind,
        "price (€)": numpy.round(price.clip(20_000), -2),
    }
    return of_table(found, {"place": ["city", "suburb", "country"], "type": ["flat", "row house", "house"]})


def _life() -> tuple[About, Values]:
    """Countries that do not exist, and how long one lives there: income helps less the more there is of it."""
    import numpy

    rng = numpy.random.default_rng(SEED)
    count = 900
    income = numpy.exp(rng.normal(9.2, 1.1, count)).clip(400, 120_000)
    school = (3.2 * numpy.log10(income) - 3.5 + rng.normal(0, 1.6, count)).clip(0.5, 16)
    doctors = (0.35 * (numpy.log10(income) - 2.4) ** 2.6 + rng.gamma(2, 0.25, count)).clip(0.02, 8)
    vaccinated = (50 + 3.4 * school + rng.normal(0, 8, count)).clip(20, 99)
    smokers = rng.normal(22, 8, count).clip(3, 50)
    life = 33 + 7.2 * numpy.log10(income) + 0.45 * school + 0.5 * doctors + 0.05 * vaccinated - 0.14 * smokers
    found = {
        "income per head ($)": numpy.round(income),
        "years at school": numpy.round(school, 1),
        "doctors per 1,000": numpy.round(doctors, 2),
        "vaccinated (%)": numpy.round(vaccinated, 1),
        "smokers (%)": numpy.round(smokers, 1),
        "life expectancy (years)": numpy.round(life + rng.normal(0, 1.6, count), 1),
    }
    # As in tables of the kind, some of it is not known.
    for name, share in {"doctors per 1,000": 0.05, "smokers (%)": 0.08}.items():
        found[name] = numpy.where(rng.random(count) < share, numpy.nan, found[name])
    return of_table(found)


def _waves() -> tuple[About, Values]:
    import numpy

    rng = numpy.random.default_rng(SEED)
    count, length = 600, 64
    label = numpy.arange(count) % 3
    turns = rng.uniform(1.5, 4, (count, 1)) * numpy.linspace(0, 1, length) + rng.random((count, 1))
    sine, saw = numpy.sin(2 * numpy.pi * turns), 2 * (turns % 1) - 1
    square = numpy.sign(numpy.sin(2 * numpy.pi * turns))
    x = numpy.stack([sine, square, saw])[label, numpy.arange(count)] + 0.2 * rng.standard_normal((count, length))
    classes = ["sine", "square", "saw"]
    about = About(kind="arrays", name="", count=count, classes=classes, class_counts=[200] * 3)
    return about, {"x": x.astype(numpy.float32), "y": label.astype(numpy.int64)}


SONNET = """\
Shall I compare thee to a summer's day?
Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May,
And summer's lease hath all too short a date:
Sometime too hot the eye of heaven shines,
And often is his gold complexion dimm'd;
And every fair from fair sometime declines,
By chance or nature's changing course untrimm'd;
But thy eternal summer shall not fade,
Nor lose possession of that fair thou owest;
Nor shall Death brag thou wander'st in his shade,
When in eternal lines to time thou growest:
So long as men can breathe or eyes can see,
So long lives this and this gives life to thee.
"""


def _sonnet() -> tuple[About, Values]:
    from chalknet.datasets import tokens

    return tokens.of_text(SONNET)


SETS: dict[str, Set] = {
    "iris": Set("Iris", "table", 150, "Four lengths of 150 iris flowers of three species (Fisher 1936).", _iris),
    "wine": Set("Wine", "table", 178, "13 chemical measurements of 178 wines from three cultivars.", _wine),
    "breast-cancer": Set(
        "Breast cancer", "table", 569, "30 measurements of 569 tumours, benign or malignant.", _breast_cancer
    ),
    "diabetes": Set(
        "Diabetes", "table", 442, "Ten measurements of 442 patients, and how far the disease went in a year.", _diabetes
    ),
    "houses": Set(
        "House prices", "table", 1200, "1,200 houses and their prices; generated by a rule, with noise.", _houses, True
    ),
    "life-expectancy": Set(
        "Life expectancy",
        "table",
        900,
        "900 countries that do not exist, and how long one lives there; generated by a rule, with noise and gaps.",
        _life,
        True,
    ),
    "digits": Set("Digits", "images", 1797, "1,797 digits written by hand by 43 people, 8×8 pixels.", _digits),
    "sonnet": Set("A sonnet", "text", len(SONNET), "Shakespeare's 18th sonnet, of 1609.", _sonnet),
    "waves": Set(
        "Waves", "arrays", 600, "Sines, squares and saws of 64 numbers; generated by a rule, with noise.", _waves, True
    ),
}
