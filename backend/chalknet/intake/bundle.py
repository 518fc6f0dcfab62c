"""The files of an upload, unpacked from whatever they came in: one by one, never more than was asked for at once."""

from __future__ import annotations

import gzip
import io
import re
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chalknet.intake import limits
from chalknet.intake.report import Refused, Report, plain

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
EMPTY_ZIP = b"PK\x05\x06"
IGNORED = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._|\.git/)", re.IGNORECASE)
"""What systems leave beside the files of a folder."""
BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, NotImplementedError, RuntimeError)
"""What reading an archive that is damaged, encrypted or made up may raise."""


@dataclass
class Member:
    """A file of an upload. ``size``: its bytes as far as they are known before it is read."""

    path: str
    size: int
    opened: Callable[[], BinaryIO]
    depth: int = 0
    """In how many archives it lay."""

    def open(self) -> BinaryIO:
        """The file; reading more of it than an upload may hold raises Refused."""
        return io.BufferedReader(_Capped(self.opened(), limits.MOST_EXPANDED, self.path), 1 << 16)

    def head(self, count: int = 512) -> bytes:
        try:
            with self.open() as file:
                return file.read(count)
        except BROKEN:
            return b""

    def read(self, most: int) -> bytes:
        """All of it. Raises Refused where it is longer than ``most``, and BROKEN."""
        data = bytearray()
        with self.open() as file:
            # Piece by piece: to ask for the most at once would take the memory for it at once.
            while piece := file.read(1 << 20):
                data += piece
                if len(data) > most:
                    raise Refused(f"{plain(self.path, 80)} is longer than {most:,} bytes.")
        return bytes(data)

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def ending(self) -> str:
        """Of the name, small letters, without ``.gz``."""
        return self.name.lower().removesuffix(".gz").rpartition(".")[2]


class _Capped(io.RawIOBase):
    """A stream that ends in a refusal after ``most`` bytes."""

    def __init__(self, inner: BinaryIO, most: int, path: str) -> None:
        self._inner, self._left, self._path = inner, most, path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._inner.read(len(view))
        self._left -= len(data)
        if self._left < 0:
            raise Refused(f"{plain(self._path, 80)} unpacks to more than {limits.MOST_EXPANDED / 1e9:.0f} GB.")
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


def of_files(files: list[tuple[str, Path]]) -> list[Member]:
    """The files that were sent, each with the path that it had where it came from."""
    return [Member(path, file.stat().st_size, _opener(file)) for path, file in files]


def _opener(file: Path) -> Callable[[], BinaryIO]:
    return lambda: file.open("rb")


def unpacked(members: list[Member], report: Report, held: ExitStack) -> list[Member]:
    """The same with every archive replaced by what it holds. Raises Refused. What should not be in an archive (a path
    out of it, a link, a second archive) is reported and left where it is. Archives stay open as long as ``held``."""
    found: list[Member] = []
    seen: set[str] = set()
    for member in _all(members, report, held):
        if IGNORED.search(member.path):
            continue
        if member.path in seen:
            report.trouble(member.path, "the same name comes a second time; this file was left out.")
            continue
        seen.add(member.path)
        found.append(member)
        if len(found) > limits.MOST_FILES:
            raise Refused(f"It holds more than {limits.MOST_FILES:,} files.")
    return found


def _all(members: list[Member], report: Report, held: ExitStack) -> Iterator[Member]:
    for member in members:
        head = member.head()
        if head.startswith(GZIP):
            member = _gunzipped(member)
            head = member.head()
        if head.startswith((ZIP, EMPTY_ZIP)):
            inside = list(_of_zip(member, report, held))
            # What NumPy calls .npz is a ZIP of arrays, and is read as a whole.
            if inside and all(each.ending == "npy" for each in inside):
                yield member
            else:
                yield from _without_archives(inside, report)
        elif head[257:262] == b"ustar":
            yield from _without_archives(_of_tar(member, report, held), report)
        else:
            yield member


def _without_archives(inside: list[Member] | Iterator[Member], report: Report) -> Iterator[Member]:
    for each in inside:
        head = each.head(4)
        if head.startswith(GZIP):
            yield _gunzipped(each)
        elif head.startswith(ZIP) and each.ending != "npz":
            report.trouble(each.path, "is an archive inside an archive; unpack it and send what it holds.")
        else:
            yield each


class _Gunzip(gzip.GzipFile):
    """A packed stream; closes what it reads from."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._packed = packed

    def close(self) -> None:
        super().close()
        self._packed.close()


def _gunzipped(member: Member) -> Member:
    path = member.path[:-3] if member.path.lower().endswith(".gz") else member.path
    return Member(path, member.size, lambda: _Gunzip(member.opened()), member.depth)  # type: ignore[return-value]


def _why_not(path: str) -> str:
    """Why a name in an archive is not taken; empty where it is."""
    if path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path):
        return "has a path from the root of a disk, which an archive's files have not."
    if ".." in re.split(r"[/\\]", path):
        return "has a path that leads out of the archive."
    if "\0" in path or len(path) > 1000:
        return "has a name that is none."
    return ""


def _of_zip(member: Member, report: Report, held: ExitStack) -> Iterator[Member]:
    try:
        archive = held.enter_context(zipfile.ZipFile(held.enter_context(member.opened())))
        infos = archive.infolist()
    except BROKEN as error:
        raise Refused(f"{plain(member.path, 80)} is a damaged ZIP file: {plain(str(error), 120)}.") from None
    if len(infos) > limits.MOST_FILES:
        raise Refused(f"The ZIP file holds {len(infos):,} files; at most {limits.MOST_FILES:,} are taken.")
    total, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    _check_expansion(total, max(1, min(packed, member.size)))
    for info in infos:
        if info.is_dir():
            continue
        why = _why_not(info.filename)
        if stat.S_ISLNK(info.external_attr >> 16):
            why = "is a link to another place, which is not followed."
        elif info.flag_bits & 1:
            why = "is locked with a password."
        if why:
            report.trouble(info.filename, why)
            continue
        yield Member(info.filename.replace("\\", "/"), info.file_size, _of_info(archive, info), member.depth + 1)


def _of_info(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: archive.open(info)  # type: ignore[return-value]


def _check_expansion(total: int, packed: int) -> None:
    if total > limits.MOST_EXPANDED:
        raise Refused(
            f"Unpacked it would be {total / 1e9:,.1f} GB; at most {limits.MOST_EXPANDED / 1e9:.0f} GB are taken."
        )
    if total > limits.RATIO_FROM and total > limits.MOST_RATIO * packed:
        raise Refused(
            f"Unpacked it would be {total / packed:,.0f} times as large ({total / 1e6:,.0f} MB): no picture or table "
            "is packed so tightly, so this is taken for a trap."
        )


def _of_tar(member: Member, report: Report, held: ExitStack) -> Iterator[Member]:
    try:
        archive = tarfile.TarFile(fileobj=_spooled(member, held))
        held.callback(archive.close)
        total = 0
        for info in archive:
            if info.isdir():
                continue
            total += info.size
            _check_expansion(total, max(1, member.size))
            why = _why_not(info.name)
            if not info.isfile():
                why = "is a link or a device, which is not followed."
            if why:
                report.trouble(info.name, why)
                continue
            yield Member(info.name.removeprefix("./"), info.size, _of_tarinfo(archive, info), member.depth + 1)
    except BROKEN as error:
        raise Refused(f"{plain(member.path, 80)} is a damaged TAR file: {plain(str(error), 120)}.") from None


def _spooled(member: Member, held: ExitStack) -> BinaryIO:
    """An archive in which one can go back: unpacked to a file that is gone when it is closed, where it was packed."""
    file = held.enter_context(member.opened())
    if not isinstance(file, gzip.GzipFile):
        return file
    spool = held.enter_context(tempfile.SpooledTemporaryFile(limits.MOST_TEXT))  # noqa: SIM115
    with member.open() as packed:
        while piece := packed.read(1 << 20):
            spool.write(piece)
            _check_expansion(spool.tell(), max(1, member.size))
    spool.seek(0)
    return spool  # type: ignore[return-value]


def _of_tarinfo(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        file = archive.extractfile(info)
        assert file is not None
        return file  # type: ignore[return-value]

    return opened
