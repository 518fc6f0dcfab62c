"""Broken and hostile files (D-005, D-052): each is refused or reported in words, and takes the server no memory."""

from __future__ import annotations

import gzip
import io
import pickle
import stat
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import numpy
import psutil
import pytest

from tests.intake.conftest import huge_png, idx, npz, picture, zipped

MOST_GROWTH = 50 * 2**20
"""Bytes that the server's process may grow by over all of them."""
MOST_SECONDS = 30
"""For each, a process that starts on a busy machine included: none is waited out."""

GOOD = {f"{name}/{number}.png": picture(number) for name in ("cat", "dog") for number in range(3)}


def symlink() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("cat/link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def lying_npz() -> bytes:
    """A head that says 80 GB, over 8 bytes."""
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (100000, 100000), }"
    head = head.ljust(118) + b"\n"
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + bytes(8)
    return zipped({"x.npy": array, "y.npy": array})


def pickled_npz() -> bytes:
    class Harm:
        def __reduce__(self) -> Any:
            return (exec, ("raise SystemExit('it ran')",))

    head = b"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }".ljust(118) + b"\n"
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + pickle.dumps(Harm())
    return zipped({"x.npy": array, "y.npy": array})


def tar_with_device() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        link = tarfile.TarInfo("data.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return made.getvalue()


def overlapped() -> bytes:
    """A ZIP whose directory says that one small file is many large ones."""
    data = bytearray(zipped({"a.csv": b"0" * 1_000_000}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 4_000_000_000)
    return bytes(data)


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a bomb": ("bomb.zip", lambda: zipped({f"{n}.csv": bytes(30_000_000) for n in range(5)}), "taken for a trap"),
    "a directory that lies": ("a.zip", overlapped, r"4\.0 GB; at most 2 GB"),
    "an archive in an archive": ("a.zip", lambda: zipped({"inner.zip": zipped(GOOD)}), "archive inside an archive"),
    "a gzip bomb": ("a.csv.gz", lambda: gzip.compress(b"1,2,3\n" * 5_000_000, 1), "more than 1,000,000 rows"),
    "a long line in gzip": ("a.csv.gz", lambda: gzip.compress(b"1," * 10_000_000, 1), "more than 4,000,000 char"),
    "a path out of it": ("a.zip", lambda: zipped({"../../etc/cron": b"x,y\n1,2\n"}), "leads out of the archive"),
    "an absolute path": ("a.zip", lambda: zipped({"/etc/passwd": b"x,y\n1,2\n"}), "from the root of a disk"),
    "a drive's path": ("a.zip", lambda: zipped({"C:\\x.csv": b"x,y\n1,2\n"}), "from the root of a disk"),
    "a link": ("a.zip", lambda: zipped({symlink(): b"/etc/passwd"}), "link to another place"),
    "a link in a tar": ("a.tar", tar_with_device, "link or a device"),
    "a million columns": ("a.csv", lambda: b",".join([b"1"] * 10**6) + b"\n", r"1,000,000 columns; at most 2,000"),
    "an endless line": ("a.csv", lambda: b"a" * 10_000_000, "more than 4,000,000 characters"),
    "endless quotes": ("a.csv", lambda: b'a,b\n"' + b"a\n" * 3_000_000, "cannot be taken apart"),
    "NUL bytes": ("a.csv", lambda: bytes(5_000), "no text"),
    "a program": ("a.csv", lambda: b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 100, "no text"),
    "a pickle": ("a.npz", pickled_npz, "holds Python objects"),
    "an array that lies": ("a.npz", lying_npz, r"80,000,000,000 bytes, but \d+ are there"),
    "a broken ZIP": ("a.zip", lambda: zipped(GOOD)[:-60], "damaged ZIP"),
    "nothing": ("a.csv", lambda: b"", "is empty"),
    "blanks": ("a.csv", lambda: b"\n  \n\n", "is empty"),
    "a head only": ("a.csv", lambda: b"height,weight\n", "only a head"),
    "one column": ("a.csv", lambda: b"height\n1\n2\n", "one column only"),
    "one picture": ("a.png", lambda: picture(0), "One picture is no data set"),
    "a picture of 13,000²": ("a.zip", lambda: zipped({"cat/a.png": huge_png(13_000)}), "13,000 × 13,000 pixels"),
    "an empty ZIP": ("a.zip", lambda: zipped({}), "no file in it"),
    "images without classes": ("x.idx", lambda: idx(numpy.zeros((3, 4, 4), numpy.uint8)), "y_train.*missing|belong"),
    "a text of one word": ("a.txt", lambda: b"Hello", "too few to learn from"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_words(take: Callable[..., Any], name: str) -> None:
    from chalknet.intake.report import Refused

    file, make, words = REFUSED[name]
    with pytest.raises(Refused, match=words):
        take({file: make()})


def reported(about: Any, place: str) -> str:
    return next(trouble.message for trouble in about.troubles if place in trouble.place)


def test_bad_files_among_good_ones_are_reported_with_their_place(take: Callable[..., Any]) -> None:
    """Nothing else is lost."""
    bad = {
        "cat/torn.png": picture(9)[:-30],
        "cat/text.png": b"this is no picture",
        "cat/large.png": huge_png(7_000),
        "dog/readme.md": b"# Dogs",
        "dog/torn.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(40),
        "fish/only.png": picture(4),
        "loose.png": picture(5),
        "../out.png": picture(6),
        "__MACOSX/cat/._0.png": b"x",
        "cat/.DS_Store": b"x",
    }
    about, values = take({"animals.zip": zipped({**GOOD, **bad})})
    assert (about.kind, about.count, about.classes) == ("images", 7, ["cat", "dog", "fish"])
    assert about.class_counts == [3, 3, 1] and values["images"].shape == (7, 1, 6, 6)
    assert "breaks off" in reported(about, "torn.png") and "no picture" in reported(about, "text.png")
    assert "7,000 × 7,000" in reported(about, "large.png") and "no picture" in reported(about, "readme.md")
    assert "damaged JPEG" in reported(about, "torn.jpg") and "only one picture" in reported(about, "fish")
    assert "no folder" in reported(about, "loose.png") and "leads out" in reported(about, "out.png")
    assert about.troubled == 8


def test_a_name_that_comes_twice_is_reported(take: Callable[..., Any]) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        for number, name in enumerate(("cat/0.png", "cat/0.png", "dog/0.png", "dog/1.png")):
            archive.writestr(name, picture(number))
    about, _ = take({"a.zip": made.getvalue()})
    assert about.count == 3 and "second time" in reported(about, "cat/0.png")


def test_a_count_that_lies_is_reported(take: Callable[..., Any]) -> None:
    images, labels = numpy.zeros((5, 4, 4), numpy.uint8), numpy.arange(5, dtype=numpy.uint8) % 2
    about, _ = take({"train-images.idx3": idx(images, 4_000_000_000), "train-labels.idx1": idx(labels)})
    assert about.count == 5 and "4,000,000,000, but breaks off after 5" in reported(about, "images")


def test_one_class_is_told(take: Callable[..., Any]) -> None:
    about, _ = take({"a.zip": zipped({f"cat/{number}.png": picture(number) for number in range(3)})})
    assert about.classes == ["cat"] and any("one class" in note for note in about.notes)


def test_letters_of_another_alphabet_are_read(take: Callable[..., Any]) -> None:
    about, _ = take({"a.csv": "Größe;Farbe\n1,5;grün\n2,5;weiß\n3,5;grün\n".encode("latin-1")})
    assert [column.name for column in about.columns] == ["Größe", "Farbe"]
    assert about.columns[1].names == ["grün", "weiß"] and any("Windows-1252" in note for note in about.notes)


def test_memory_stays_flat(server: Any) -> None:
    """The server's own process neither decodes nor unpacks: it hands on what it wrote to disk."""
    with httpx.Client(base_url=server.url, timeout=120) as person:
        person.get("/api/me")
        _stays_flat(server, person)


def _stays_flat(server: Any, person: httpx.Client) -> None:
    process = psutil.Process(server.pid)
    assert person.post("/api/data?name=a.csv", content=b"a,b\n1,2\n3,4\n").status_code == 201
    before = process.memory_info().rss
    for name, (file, make, _) in REFUSED.items():
        start = time.monotonic()
        answer = person.post(f"/api/data?name={file}", content=make())
        assert answer.status_code == 422 and len(answer.json()["detail"]) >= 15, (name, answer.text)
        assert time.monotonic() - start < MOST_SECONDS, name
    grown = process.memory_info().rss - before
    assert grown < MOST_GROWTH, f"{grown / 2**20:.0f} MB"
    assert not list((server.data / "incoming").iterdir())
    listed = [info for info in person.get("/api/data").json() if info["mine"]]
    assert len(listed) == 1
    assert person.delete(f"/api/data/{listed[0]['id']}").status_code == 204


def test_arrays_that_do_not_belong_together(take: Callable[..., Any]) -> None:
    from chalknet.intake.report import Refused

    with pytest.raises(Refused, match="No two arrays"):
        take({"a.npz": npz(alpha=numpy.zeros((3, 2)))})
    about, _ = take({"a.npz": npz(x=numpy.zeros((5, 2)), y=numpy.array([0, 1, 0, 1]))})
    assert about.count == 4 and "5 samples, but y has 4" in reported(about, "x")
