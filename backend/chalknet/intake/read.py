"""An upload of any kind, told by its contents and not by its name, as a data set in a folder."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from chalknet.datasets import shelf, tokens
from chalknet.datasets.shelf import About, Plain
from chalknet.intake import bundle, cifar, idx, limits, npz, picture, pictures, split_arrays, spreadsheet
from chalknet.intake.bundle import Member
from chalknet.intake.report import Refused, Report, plain

TABLES = frozenset({"csv", "tsv", "tab", "dat", "data"})
TEXTS = frozenset({"txt", "md", "text"})


class Wishes(Plain):
    """What a person may say of an upload; usually nothing."""

    size: int = Field(0, ge=0, le=limits.MOST_SIDE)
    """Pixels of a side of pictures; 0: as most of them have."""
    fit: Literal["crop", "stretch"] = "crop"
    colour: Literal["auto", "grey", "rgb"] = "auto"
    kind: Literal["auto", "table", "text"] = "auto"
    """Of a file of text."""
    classes: list[str] = []
    """Names of classes that are numbered in the files."""


def read(files: list[tuple[str, Path]], here: Path, wishes: Wishes) -> About:
    """Reads an upload, each file with its path, into the folder ``here``. Raises Refused, and then leaves no file."""
    report = Report()
    with ExitStack() as held:
        members = bundle.unpacked(bundle.of_files(files), report, held)
        if not members:
            raise Refused(f"There is no file in it.{report.first()}")
        about, values = _read(members, report, wishes)
    about = about.model_copy(
        update={
            "name": _name(files),
            "troubles": report.troubles,
            "troubled": report.count,
            "notes": report.notes,
        }
    )
    return shelf.write(here, about, values)


def _name(files: list[tuple[str, Path]]) -> str:
    """What was sent is called: the file, the folder that all files lay in, or how many there were."""
    folders = {path.split("/")[0] for path, _ in files}
    if len(files) > 1 and (len(folders) > 1 or "/" not in files[0][0]):
        return f"{len(files):,} files"
    return plain(files[0][0].rpartition("/")[2] if len(files) == 1 else folders.pop(), 120)


def _read(members: list[Member], report: Report, wishes: Wishes) -> tuple[About, dict[str, Any]]:
    heads = {id(member): member.head() for member in members}
    if all(not head for head in heads.values()):
        raise Refused(f"{plain(members[0].path, 80)} is empty." if len(members) == 1 else "All of its files are empty.")
    arrays = [member for member in members if npz.is_npz(member, heads[id(member)])]
    if arrays:
        _leave_out(members, arrays[:1], report)
        return split_arrays.read(npz.read(arrays[0], report), report)
    batches = [member for member in members if cifar.FILE.fullmatch(member.name)]
    if batches:
        found, names = cifar.read(members, report)
        return split_arrays.read(found, report, names)
    indexed = [member for member in members if idx.is_idx(heads[id(member)])]
    if indexed:
        _leave_out(members, indexed, report)
        return split_arrays.read(idx.read(indexed, report), report, wishes.classes or None)
    drawn = [member for member in members if picture.kind(heads[id(member)]) or member.ending in picture.ENDINGS]
    if drawn:
        if len(members) == 1 and "/" not in members[0].path:
            raise Refused(
                "One picture is no data set. Send a folder, or a ZIP file, with a folder of pictures for each class."
            )
        return pictures.read(members, report, wishes.size, wishes.fit, wishes.colour)
    return _of_text(members, report, wishes)


def _leave_out(members: list[Member], taken: list[Member], report: Report) -> None:
    for member in members:
        if member not in taken:
            report.trouble(member.path, "does not belong to the others; it was left out.")


def _of_text(members: list[Member], report: Report, wishes: Wishes) -> tuple[About, dict[str, Any]]:
    tables = [member for member in members if member.ending in TABLES]
    texts = [member for member in members if member.ending in TEXTS]
    chosen = (tables or texts or members)[0]
    _leave_out(members, texts if texts and not tables and wishes.kind != "table" else [chosen], report)
    if wishes.kind == "text" or (wishes.kind == "auto" and texts and not tables):
        return _text(texts or [chosen], report)
    try:
        with chosen.open() as file:
            return spreadsheet.read(file, chosen.name, report)
    except bundle.BROKEN:
        raise Refused(f"{plain(chosen.path, 80)} breaks off, or is damaged.") from None


def _text(members: list[Member], report: Report) -> tuple[About, dict[str, Any]]:
    """Texts one after the other."""
    parts = []
    for member in members:
        try:
            data = member.read(limits.MOST_TEXT)
        except bundle.BROKEN:
            raise Refused(f"{plain(member.path, 80)} breaks off, or is damaged.") from None
        if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise Refused(f"{plain(member.path, 80)} is no text: it has bytes in it that no text has.")
        try:
            text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
            report.note("Its letters are not UTF-8; they were read as Western European (Windows-1252).")
        parts.append(text.replace("\r\n", "\n"))
    whole = "\n".join(parts)
    if len(whole.strip()) < 20:
        raise Refused(f"There are {len(whole.strip())} letters in it: too few to learn from.")
    about, values = tokens.of_text(whole)
    if len(set(whole)) > tokens.MOST_CHARACTERS:
        report.note(f"Only its {tokens.MOST_CHARACTERS:,} most frequent characters are kept apart.")
    return about, values
