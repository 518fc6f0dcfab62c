"""Pictures in folders, each named as what its pictures show (D-005)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy

from chalknet.datasets.shelf import MOST_CLASSES, About
from chalknet.intake import limits, picture
from chalknet.intake.bundle import BROKEN, Member
from chalknet.intake.report import Refused, Report, plain

TESTED = {"test", "testing", "tests"}
LEARNED = {"train", "training", "validation", "valid", "val"}
USUAL = 64
"""Pixels of a side where the pictures are of many sizes and nobody says another."""


def read(members: list[Member], report: Report, size: int, fit: str, colour: str) -> tuple[About, dict[str, Any]]:
    """The pictures of all folders at one size. ``size``: a side in pixels, 0 to go by what they have; ``colour``:
    "auto", "grey" or "rgb". Raises Refused where none is left."""
    sizes: Counter[tuple[int, int]] = Counter()
    good: list[tuple[Member, str, bool]] = []
    for member in members:
        folders = member.path.split("/")[:-1]
        head = member.head(1 << 16)
        if picture.kind(head) is None:
            what = "is no picture, whatever its name says." if member.ending in picture.ENDINGS else "is no picture."
            report.trouble(member.path, what)
            continue
        if not folders:
            report.trouble(member.path, "lies in no folder, so nobody knows what it shows.")
            continue
        try:
            # What comes before its size may be long in a JPEG: a small picture within, a colour profile.
            sizes[picture.size(head if picture.kind(head) == "PNG" else member.read(limits.MOST_PICTURE))] += 1
        except (picture.Unreadable, Refused, *BROKEN) as error:
            report.trouble(member.path, str(error))
            continue
        good.append((member, folders[-1], any(folder.lower() in TESTED for folder in folders[:-1])))
    names = sorted({name for _, name, _ in good})
    if not good:
        raise Refused(
            "There is no picture in it that can be used. Put the pictures of each class in a folder with its name."
            + report.first()
        )
    if len(names) > MOST_CLASSES:
        raise Refused(f"There are {len(names):,} folders of pictures; at most {MOST_CLASSES:,} classes are taken.")
    height, width = _size(sizes, size, report, fit)
    if len(good) * height * width > limits.MOST_KEPT:
        raise Refused(
            f"{len(good):,} pictures of {width} × {height} pixels are more than the "
            f"{limits.MOST_KEPT / 1e9:.0f} GB that fit. Choose a smaller size."
        )
    return _taken(good, names, (height, width), report, fit, colour)


def _size(sizes: Counter[tuple[int, int]], size: int, report: Report, fit: str) -> tuple[int, int]:
    """Height and width that all pictures get."""
    if size:
        height = width = min(size, limits.MOST_SIDE)
    else:
        ((width, height), often), *others = sizes.most_common()
        if (others and often < 0.9 * sizes.total()) or max(width, height) > limits.MOST_SIDE:
            height = width = min(USUAL, min(min(pair) for pair in sizes))
            height = width = max(8, height)
    if set(sizes) != {(width, height)}:
        many = f"Pictures of {len(sizes):,} different sizes" if len(sizes) > 1 else "The pictures"
        how = "cut to the same proportions and " if fit == "crop" else ""
        report.note(f"{many} were {how}brought to {width} × {height} pixels.")
    return height, width


def _taken(
    good: list[tuple[Member, str, bool]], names: list[str], size: tuple[int, int], report: Report, fit: str, colour: str
) -> tuple[About, dict[str, Any]]:
    number = {name: place for place, name in enumerate(names)}
    kept = bytearray()
    channels = 1 if colour != "rgb" else 3
    rows: list[tuple[int, bool]] = []
    # Those that were set apart for the test come last.
    for member, name, tested in sorted(good, key=lambda each: each[2]):
        try:
            found = picture.pixels(member.read(limits.MOST_PICTURE))
        except (picture.Unreadable, Refused, *BROKEN) as error:
            report.trouble(member.path, str(error) or "cannot be read.")
            continue
        found = picture.fitted(found, *size, fit)
        if colour == "grey" and found.shape[2] == 3:
            found = numpy.rint(found @ numpy.array([[0.299], [0.587], [0.114]])).astype(numpy.uint8)
        if colour == "auto" and found.shape[2] == 3 and channels == 1:
            kept, channels = _in_colour(kept, size), 3
        if channels == 3 and found.shape[2] == 1:
            found = found.repeat(3, 2)
        kept += numpy.ascontiguousarray(found.transpose(2, 0, 1)).tobytes()
        rows.append((number[name], tested))
        if len(kept) > limits.MOST_KEPT:
            raise Refused(f"The pictures are more than the {limits.MOST_KEPT / 1e9:.0f} GB that fit at this size.")
    if not rows:
        raise Refused(f"No picture in it can be read.{report.first()}")
    images = numpy.frombuffer(kept, numpy.uint8).reshape(len(rows), channels, *size)
    label = numpy.array([row for row, _ in rows], numpy.int64)
    return described(images, label, names, sum(tested for _, tested in rows), report)


def _in_colour(kept: bytearray, size: tuple[int, int]) -> bytearray:
    """Grey pictures as ones of three equal colours."""
    return bytearray(numpy.frombuffer(kept, numpy.uint8).reshape(-1, 1, *size).repeat(3, 1).tobytes())


def described(images: Any, label: Any, names: list[str], tested: int, report: Report) -> tuple[About, dict[str, Any]]:
    """What is known of pictures, uint8 [n, C, H, W], with their classes; the last ``tested`` are a test part."""
    counts = numpy.bincount(label, minlength=len(names)).tolist()
    alone = [name for name, often in zip(names, counts, strict=True) if often == 1]
    for name in alone:
        report.trouble(name, "only one picture shows it: too few to learn it from and to be tested on it.")
    for name, often in zip(names, counts, strict=True):
        if often == 0:
            report.trouble(name, "no picture of it is left.")
    if sum(1 for often in counts if often) == 1:
        report.note("All of it is one class: there is nothing to be told apart.")
    about = About(
        kind="images",
        name="",
        count=len(label),
        tested=tested if tested < len(label) else 0,
        classes=[plain(name, 80) for name in names],
        class_counts=counts,
    )
    return about, {"images": images, "label": label}
