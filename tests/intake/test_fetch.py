"""MNIST and its like by name (D-003, D-004): fetched with checksum and progress from a server with the real formats,
going on where it broke off; and what is said where there is no way there."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import numpy
import pytest

from chalknet.datasets import famous
from chalknet.datasets.famous import Famous, File
from chalknet.intake.fetch import fetch
from chalknet.intake.read import Wishes, read
from chalknet.intake.report import Refused
from tests.intake.conftest import idx

RNG = numpy.random.default_rng(0)
PATIENCE = 60.0


def mnist() -> dict[str, bytes]:
    """The four files, small."""
    files = {}
    for part, count in (("train", 60), ("t10k", 20)):
        images = RNG.integers(0, 256, (count, 28, 28), numpy.uint8)
        files[f"{part}-images-idx3-ubyte.gz"] = gzip.compress(idx(images))
        files[f"{part}-labels-idx1-ubyte.gz"] = gzip.compress(idx(numpy.arange(count, dtype=numpy.uint8) % 10))
    return files


def cifar() -> dict[str, bytes]:
    """The archive of the binary version, small: two batches and the test's."""
    made = io.BytesIO()
    names = "airplane automobile bird cat deer dog frog horse ship truck"
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, count in (("data_batch_1.bin", 20), ("data_batch_2.bin", 20), ("test_batch.bin", 10)):
            rows = RNG.integers(0, 256, (count, 3073), numpy.uint8)
            rows[:, 0] = numpy.arange(count) % 10
            rows[:, 1] = rows[:, 0]
            _add(archive, f"cifar-10-batches-bin/{name}", rows.tobytes())
        _add(archive, "cifar-10-batches-bin/batches.meta.txt", "\n".join(names.split()).encode())
        _add(archive, "cifar-10-batches-bin/readme.html", b"<html>")
    return {"cifar-10-binary.tar.gz": made.getvalue()}


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


class Published:
    """A server of files: ``breaks`` after so many bytes of an answer; knows ``ranges`` or not."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.breaks: int | None = None
        self.ranges = True
        self.asked: list[tuple[str, str | None]] = []
        published = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                begin = self.headers["Range"]
                published.asked.append((self.path, begin))
                data = published.files.get(self.path.rsplit("/", 1)[1])
                if data is None:
                    self.send_error(404)
                    return
                at = int(begin.removeprefix("bytes=").removesuffix("-")) if begin and published.ranges else 0
                self.send_response(206 if at else 200)
                self.send_header("Content-Length", str(len(data) - at))
                self.end_headers()
                body = data[at:]
                self.wfile.write(body if published.breaks is None else body[: published.breaks])

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/mnist"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def published() -> Iterator[Published]:
    running = Published()
    yield running
    running.close()


def named(files: dict[str, bytes], title: str = "MNIST") -> Famous:
    listed = tuple(File(name, hashlib.md5(data).hexdigest(), len(data)) for name, data in files.items())
    return Famous(title, "", (), listed, 0)


def test_mnist_is_fetched_and_read(published: Published, tmp_path: Path) -> None:
    published.files = mnist()
    shares: list[float] = []
    files = fetch(named(published.files), tmp_path / "fetched", published.url, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) >= 4
    about = read(files, tmp_path, Wishes())
    assert (about.count, about.tested, len(about.classes), about.troubled) == (80, 20, 10, 0)
    before = len(published.asked)
    fetch(named(published.files), tmp_path / "fetched", published.url, shares.append)
    assert len(published.asked) == before, "what is here is not fetched again"


def test_fashion_mnists_classes_have_names(published: Published, tmp_path: Path) -> None:
    published.files = mnist()
    files = fetch(named(published.files), tmp_path / "fetched", published.url, lambda _: None)
    about = read(files, tmp_path, Wishes(classes=list(famous.SETS["fashion-mnist"].classes)))
    assert about.classes[0] == "T-shirt" and about.classes[9] == "ankle boot"


def test_cifar_is_fetched_and_read(published: Published, tmp_path: Path) -> None:
    published.files = cifar()
    files = fetch(named(published.files), tmp_path / "fetched", published.url, lambda _: None)
    about = read(files, tmp_path, Wishes())
    assert (about.count, about.tested) == (50, 10) and about.classes[3] == "cat"
    assert about.arrays["images"].shape == [50, 3, 32, 32]
    from safetensors.numpy import load_file

    held = load_file(tmp_path / "data.safetensors")
    assert (held["images"][:, 0, 0, 0] == held["label"]).all(), "red comes first, row by row"


@pytest.mark.parametrize("ranges", [True, False])
def test_it_goes_on_where_it_broke_off(published: Published, tmp_path: Path, ranges: bool) -> None:
    published.files, published.breaks, published.ranges = mnist(), 3_000, ranges
    sought = named(published.files)
    with pytest.raises(Refused, match=r"broke off.*Another try goes on") as broken:
        fetch(sought, tmp_path, published.url, lambda _: None)
    assert "upload together" in str(broken.value)
    assert (tmp_path / f"{sought.files[0].name}.part").stat().st_size == 3_000
    published.breaks = None
    found = fetch(sought, tmp_path, published.url, lambda _: None)
    assert published.asked[1][1] == "bytes=3000-"
    assert {name: place.read_bytes() for name, place in found} == published.files


def test_other_bytes_than_those_published_are_not_taken(published: Published, tmp_path: Path) -> None:
    published.files = mnist()
    sought = named(published.files)
    name = sought.files[0].name
    published.files[name] = bytes(len(published.files[name]))
    with pytest.raises(Refused, match="checksum differs"):
        fetch(sought, tmp_path, published.url, lambda _: None)
    assert not list(tmp_path.iterdir())
    published.files[name] = bytes(10**6)
    with pytest.raises(Refused, match="sends more than"):
        fetch(sought, tmp_path, published.url, lambda _: None)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/mnist", "{url}/nothing/here"])
def test_where_there_is_no_way_there(published: Published, tmp_path: Path, address: str) -> None:
    sought = named(mnist())
    with pytest.raises(Refused, match=r"127\.0\.0\.1.*(cannot be reached|answers 404)") as refused:
        fetch(sought, tmp_path, address.format(url=published.url), lambda _: None)
    assert all(file.name in str(refused.value) for file in sought.files)


def test_what_is_listed_is_as_published() -> None:
    for each in famous.SETS.values():
        assert all(re.fullmatch(r"[0-9a-f]{32}", file.md5) and file.size > 1000 for file in each.files)
        assert all(base.startswith("http") and base.endswith("/") for base in each.bases)


def test_a_server_that_finds_nothing_says_so(new_server: Callable[..., Any]) -> None:
    """Pressed once more, it tries once more; a board's node says how to go on."""
    server = new_server(CHALKNET_MIRROR="http://127.0.0.1:9/")
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as person:
        for _ in range(2):
            begun = person.post("/api/data/mnist/fetch")
            assert begun.status_code == 202 and begun.json()["share"] == 0
            end = time.monotonic() + PATIENCE
            while (info := _of(person, "mnist"))["share"] is not None and time.monotonic() < end:
                time.sleep(0.05)
            assert "cannot be reached" in info["message"] and "train-images-idx3-ubyte.gz" in info["message"]
        assert person.get("/api/data/mnist").json()["about"] is None
    assert not list((server.data / "incoming").iterdir())


def _of(person: httpx.Client, id: str) -> dict[str, Any]:
    return next(info for info in person.get("/api/data").json() if info["id"] == id)
