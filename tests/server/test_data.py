"""Data of one's own through the server: brought, looked at, trained on, exported, deleted (D-001, D-005, D-052)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import httpx
import numpy
import pytest

from chalknet.intake import png
from tests.intake.conftest import idx, picture
from tests.intake.test_formats import MESSY


def board(id: str, **fields: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "title": "Own data",
        "nodes": {
            "data": {"type": "own_table", "fields": {"data": id, **fields}},
            "out": {"type": "linear", "fields": {"units": 2}},
            "loss": {"type": "cross_entropy"},
        },
        "edges": {
            "a": {"from": "data", "out": "x", "to": "out", "in": "x"},
            "b": {"from": "out", "to": "loss", "in": "logits"},
            "c": {"from": "data", "out": "y", "to": "loss", "in": "target"},
        },
        "recipe": {"epochs": 2, "batch": 4},
    }


def test_a_messy_table_is_brought_trained_on_and_deleted(somebody: Callable[..., Any]) -> None:
    owner, other = somebody(), somebody()
    answer = owner.http.post("/api/data?name=kunden.csv&title=Customers", content=MESSY.encode())
    assert answer.status_code == 201, answer.text
    info, about = answer.json()["info"], answer.json()["about"]
    assert info["title"] == "Customers" and info["mine"] and about["troubled"] == info["troubled"] == 2
    id = info["id"]
    rows = other.http.get(f"/api/data/{id}/preview?start=1&count=2").json()["rows"]
    assert rows[0] == [None, 1.65, 99.9, "B", None, 2.0]
    assert other.http.get(f"/api/data/{id}").json()["info"]["mine"] is False
    assert id not in [each["id"] for each in other.http.get("/api/data").json()]
    held = numpy.load(io.BytesIO(owner.http.get(f"/api/data/{id}/arrays.npz").content))
    assert held["numbers"].shape == (3, 11)

    made = owner.board(board(id, target="Art"))
    run = owner.http.post(f"/api/boards/{made}/runs", json={})
    assert run.status_code == 202, run.text
    watch = owner.watch(run.json()["id"])
    watch.until(lambda: watch.event("end"), 120)
    assert watch.event("end")["state"] == "finished", watch.texts[-3:]
    text = owner.http.get(f"/api/boards/{made}/export/pytorch").text
    assert "kunden-csv.npz" in text

    assert owner.http.delete(f"/api/data/{id}").status_code == 204
    assert owner.http.get(f"/api/data/{id}").status_code == 404
    assert owner.http.get(f"/api/boards/{made}/document").json()["nodes"]["data"]["fields"]["data"] == id
    refused = owner.http.post(f"/api/boards/{made}/runs", json={})
    assert refused.status_code == 409 and "it was deleted" in refused.json()["detail"]


def test_a_folder_as_a_form(somebody: Callable[..., Any]) -> None:
    """Each file under its path; boundaries fall wherever the network cuts."""
    person = somebody()
    files = [
        ("file", (f"pets/{name}/{number}.png", picture(number + 3 * place), "image/png"))
        for place, name in enumerate(("cat", "dog"))
        for number in range(3)
    ]
    answer = person.http.post("/api/data", files=files)
    assert answer.status_code == 201, answer.text
    id, about = answer.json()["info"]["id"], answer.json()["about"]
    assert (about["count"], about["classes"], about["name"]) == (6, ["cat", "dog"], "pets")
    found = person.http.get(f"/api/data/{id}/preview?label=1").json()
    assert found["total"] == 3 and [each["label"] for each in found["samples"]] == ["dog"] * 3
    row = found["samples"][1]["row"]
    one = png.decode(person.http.get(f"/api/data/{id}/pictures/{row}.png").content)
    assert one.shape == (6, 6, 1)
    sheet = png.decode(person.http.get(f"/api/data/{id}/sheet.png?rows=0,{row},1&across=2").content)
    assert sheet.shape == (14, 14, 1) and numpy.array_equal(sheet[:6, 8:14], one)


def test_pairs_of_files_whatever_their_bytes(somebody: Callable[..., Any]) -> None:
    """Bytes that look like a boundary's beginning are part of a file."""
    person = somebody()
    images = numpy.frombuffer(b"\r\n--\r\n-" * 16 * 7, numpy.uint8).reshape(7, 4, 28)
    labels = numpy.arange(7, dtype=numpy.uint8) % 2
    body = b""
    for name, data in (("train-images.idx", idx(images)), ("train-labels.idx", idx(labels)), ("empty", b"")):
        body += b'--cut\r\nContent-Disposition: form-data; name="file"; filename="' + name.encode() + b'"\r\n\r\n'
        body += data + b"\r\n"
    body += b'--cut\r\nContent-Disposition: form-data; name="note"\r\n\r\nnothing\r\n--cut--\r\n'

    def drops() -> Any:
        for at in range(0, len(body), 13):
            yield body[at : at + 13]

    headers = {"content-type": "multipart/form-data; boundary=cut"}
    answer = person.http.post("/api/data", content=drops(), headers=headers)
    assert answer.status_code == 201, answer.text
    held = numpy.load(io.BytesIO(person.http.get(f"/api/data/{answer.json()['info']['id']}/arrays.npz").content))
    assert numpy.array_equal(held["images"][:, 0], images) and held["label"].tolist() == labels.tolist()


def test_a_form_that_breaks_off_leaves_nothing(server: Any, somebody: Callable[..., Any]) -> None:
    person = somebody()
    headers = {"content-type": "multipart/form-data; boundary=cut"}
    answer = person.http.post("/api/data", content=b"--cut\r\nContent-Disposition: form-data", headers=headers)
    assert answer.status_code == 400 and "breaks off" in answer.json()["detail"]
    assert person.http.post("/api/data", content=b"nothing", headers=headers).status_code == 400
    assert not [info for info in person.http.get("/api/data").json() if info["mine"]]
    assert not list((server.data / "incoming").iterdir())


def test_what_is_known_to_the_house_is_listed(server: Any) -> None:
    listed = {info["id"]: info for info in httpx.get(f"{server.url}/api/data").json()}
    assert listed["iris"]["source"] == "built_in" and listed["houses"]["generated"] and not listed["iris"]["generated"]
    assert listed["mnist"]["source"] == "by_name" and listed["mnist"]["here"] is False
    known = httpx.get(f"{server.url}/api/data/mnist").json()
    assert known["about"] is None and known["info"]["title"] == "MNIST"
    assert httpx.get(f"{server.url}/api/data/mnist/preview").status_code == 409
    assert len(httpx.get(f"{server.url}/api/data/diabetes/preview?count=5").json()["rows"]) == 5
    assert httpx.get(f"{server.url}/api/data/digits/pictures/3.png").headers["content-type"] == "image/png"
    waves = httpx.get(f"{server.url}/api/data/waves/preview?count=2").json()["samples"]
    assert waves[1]["label"] == "square" and len(waves[1]["numbers"]) == 64
    assert httpx.get(f"{server.url}/api/data/sonnet/preview").json()["text"].startswith("Shall I")


@pytest.mark.parametrize("letters", [40, 4000, 16_000, 16_001])
def test_a_text_of_any_length_is_shown_from_its_beginning(somebody: Callable[..., Any], letters: int) -> None:
    person = somebody()
    text = ("Ein Würfel zählt. " * (letters // 18 + 1))[:letters]
    answer = person.http.post("/api/data?name=text.txt", content=text.encode())
    assert answer.status_code == 201, answer.text
    id = answer.json()["info"]["id"]
    shown = person.http.get(f"/api/data/{id}/preview").json()["text"]
    assert text.startswith(shown) and len(shown) == min(letters, 4000)
    assert person.http.get(f"/api/data/{id}/preview?start=999999").json()["text"] == ""


def test_a_new_title(somebody: Callable[..., Any]) -> None:
    person = somebody()
    id = person.http.post("/api/data?name=a.csv", content=b"a,b\n1,2\n3,4\n").json()["info"]["id"]
    assert person.http.patch(f"/api/data/{id}", json={"title": "New"}).json()["title"] == "New"
    assert person.http.get("/api/data").json()[0]["title"] == "New"
