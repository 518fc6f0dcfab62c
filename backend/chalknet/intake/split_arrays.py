"""Arrays under the names that people give them, as samples with their answers: pictures of classes, or anything."""

from __future__ import annotations

from typing import Any

import numpy

from chalknet.datasets.shelf import MOST_CLASSES, About
from chalknet.intake import limits, pictures
from chalknet.intake.report import Refused, Report

Arrays = dict[str, Any]

NAMES: dict[str, tuple[str, ...]] = {
    "x": ("x", "data", "images", "features", "inputs", "arr_0"),
    "y": ("y", "label", "labels", "target", "targets", "outputs", "arr_1"),
    "x_train": ("x_train", "train_x", "xtrain", "train_images", "train_data", "images_train"),
    "y_train": ("y_train", "train_y", "ytrain", "train_labels", "train_targets", "labels_train"),
    "x_test": ("x_test", "test_x", "xtest", "test_images", "test_data", "images_test"),
    "y_test": ("y_test", "test_y", "ytest", "test_labels", "test_targets", "labels_test"),
}
HINT = "The arrays are called x and y, or x_train, y_train, x_test and y_test."


def read(arrays: Arrays, report: Report, names: list[str] | None = None) -> tuple[About, dict[str, Any]]:
    """Pictures where x is uint8 of 2 axes, or of 3 with 1 or 3 channels, and y are classes; else arrays as they are.
    ``names``: of the classes. Raises Refused."""
    plain = {name.lower().replace("-", "_"): array for name, array in arrays.items()}
    known = {key: plain[name] for key, names_ in NAMES.items() for name in reversed(names_) if name in plain}
    parts = []
    for x, y in (("x", "y"), ("x_train", "y_train"), ("x_test", "y_test")):
        if x in known and y in known:
            parts.append(_paired(known[x], known[y], report, x, y))
        elif x in known or y in known:
            missing = y if x in known else x
            report.trouble(missing, f"is missing beside {x if x in known else y}.")
    if not parts:
        there = ", ".join(sorted(arrays)) or "none"
        raise Refused(f"No two arrays in it belong together as samples and answers; there are {there}. {HINT}")
    parts = [part for part in parts if len(part[0])]
    if not parts:
        raise Refused(f"There is no sample in it.{report.first()}")
    if len({(part[0].shape[1:], part[1].shape[1:]) for part in parts}) > 1:
        raise Refused(
            f"The samples for training are {_shape(parts[0][0])} each and those for the test {_shape(parts[-1][0])}: "
            "they must be of the same shape."
        )
    tested = len(parts[-1][0]) if len(parts) > 1 else 0
    x = numpy.concatenate([part[0] for part in parts])
    y = numpy.concatenate([part[1] for part in parts])
    x, y = _whole_rows(x, y, report, tested)
    return _as_pictures(x, y, tested, report, names) or _as_arrays(x, y, tested, report, names)


def _shape(array: Any) -> str:
    return "×".join(map(str, array.shape[1:])) or "single numbers"


def _paired(x: Any, y: Any, report: Report, of: str, to: str) -> tuple[Any, Any]:
    if x.ndim == 0 or y.ndim == 0:
        raise Refused(f"{of if x.ndim == 0 else to} is a single number. {HINT}")
    if len(x) != len(y):
        count = min(len(x), len(y))
        report.trouble(of, f"{len(x):,} samples, but {to} has {len(y):,} answers; the first {count:,} are kept.")
        x, y = x[:count], y[:count]
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    return x, y


def _whole_rows(x: Any, y: Any, report: Report, tested: int) -> tuple[Any, Any]:
    """Without the samples in which a number is missing."""
    bad = numpy.zeros(len(x), bool)
    for values in (x, y):
        if values.dtype.kind == "f":
            bad |= ~numpy.isfinite(values.reshape(len(values), -1)).all(1)
    if not bad.any():
        return x, y
    first = int(numpy.flatnonzero(bad)[0])
    report.trouble(f"sample {first:,}", f"holds no number somewhere, as {int(bad.sum()):,} do; they are kept as 0.")
    return numpy.nan_to_num(x, posinf=0, neginf=0), numpy.nan_to_num(y, posinf=0, neginf=0)


def _classes(y: Any, report: Report, names: list[str] | None) -> tuple[Any, list[str]] | None:
    """Which class each is, counted from 0, and their names; None where y is no column of whole numbers."""
    if y.ndim != 1 or y.dtype.kind not in "biu":
        return None
    values, place = numpy.unique(y, return_inverse=True)
    if len(values) > MOST_CLASSES or (len(values) > 1000 and len(values) > len(y) / 2):
        return None
    if names is not None and values[0] >= 0 and values[-1] < len(names):
        return y.astype(numpy.int64), names
    if values[0] == 0 and values[-1] == len(values) - 1:
        return y.astype(numpy.int64), [str(value) for value in values]
    return place.astype(numpy.int64).reshape(-1), [str(value) for value in values]


def _as_pictures(
    x: Any, y: Any, tested: int, report: Report, names: list[str] | None
) -> tuple[About, dict[str, Any]] | None:
    classes = _classes(y, report, names)
    if x.dtype != numpy.uint8 or classes is None or x.ndim not in (3, 4) or 0 in x.shape:
        return None
    if x.ndim == 3:
        x = x[:, None]
    elif x.shape[1] not in (1, 3):
        if x.shape[3] not in (1, 3):
            return None
        x = x.transpose(0, 3, 1, 2)
    if max(x.shape[2:]) > limits.MOST_SIDE:
        raise Refused(f"Its pictures are {x.shape[3]} × {x.shape[2]} pixels; at most {limits.MOST_SIDE} a side fit.")
    _check(x.nbytes)
    return pictures.described(numpy.ascontiguousarray(x), *classes, tested, report)


def _as_arrays(x: Any, y: Any, tested: int, report: Report, names: list[str] | None) -> tuple[About, dict[str, Any]]:
    if x.ndim > 6 or y.ndim > 6 or 0 in x.shape or 0 in y.shape:
        raise Refused(f"Samples of {_shape(x)} with answers of {_shape(y)} cannot be used.")
    _check(4 * x.size + 4 * y.size)
    classes = _classes(y, report, names)
    counts = numpy.bincount(classes[0], minlength=len(classes[1])).tolist() if classes else []
    about = About(
        kind="arrays",
        name="",
        count=len(x),
        tested=tested,
        classes=classes[1] if classes else [],
        class_counts=counts,
    )
    if classes and len(classes[1]) == 1:
        report.note("All of it is one class: there is nothing to be told apart.")
    if classes:
        for name, often in zip(classes[1], counts, strict=True):
            if often == 1:
                report.trouble(f"class {name}", "has one sample only: too few to learn it from.")
    return about, {
        "x": x.astype(numpy.float32),
        "y": classes[0] if classes else y.astype(numpy.float32).reshape(len(y), *y.shape[1:]),
    }


def _check(size: int) -> None:
    if size > limits.MOST_KEPT:
        raise Refused(f"Its samples are {size / 1e9:.1f} GB; at most {limits.MOST_KEPT / 1e9:.0f} GB fits.")
