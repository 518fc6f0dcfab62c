"""Questions about a sample over HTTP: who may only look may ask too; what cannot be answered is said in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from chalknet import wire


def arrays(content: bytes) -> dict[str, np.ndarray]:
    header, payload = wire.opened(content)
    return {
        each.name: np.frombuffer(payload, each.dtype, int(np.prod(each.shape)), each.offset).reshape(each.shape)
        for each in header.arrays
    }


def test_a_guest_asks_an_ended_run_and_a_kept_state_of_it(server: Any, somebody: Any) -> None:
    """V-005, V-019: the numbers are those of the weights in the run's folder, and of its first state others."""
    ann = somebody(server.url)
    board = ann.board(link_role="viewer")
    run = ann.http.post(f"/api/boards/{board}/runs", json={}).json()["id"]
    watch = ann.watch(run)
    watch.until(lambda: watch.event("end"), 60)
    guest = somebody(server.url)
    folder = server.data / "runs" / run
    first = min(int(each.stem) for each in (folder / "kept").glob("*.safetensors"))
    point = [0.5, -0.25]
    seen = []
    for at, file in ((-1, folder / "checkpoint.safetensors"), (first, folder / "kept" / f"{first:015}.safetensors")):
        question = {"question": "values", "node": "data", "of": "hidden", "numbers": point}
        answer = guest.http.post(f"/api/runs/{run}/ask", json={"question": question, "at": at})
        assert answer.status_code == 200, answer.text
        kept = load_file(file)
        expected = kept["model.hidden.weight"] @ np.array(point, "float32") + kept["model.hidden.bias"]
        assert arrays(answer.content)["values"] == pytest.approx(expected, abs=1e-5)
        question = {"question": "excites", "node": "hidden", "channel": 3}
        answer = guest.http.post(f"/api/runs/{run}/ask", json={"question": question, "at": at})
        found = arrays(answer.content)
        best = kept["model.hidden.weight"][3] @ found["rows"][0] + kept["model.hidden.bias"][3]
        assert float(found["activations"][0]) == pytest.approx(float(best), abs=1e-4)
        seen.append(found["activations"].tolist())
    assert seen[0] != seen[1]


@pytest.mark.parametrize(
    ("question", "status", "words"),
    [
        ({"question": "values", "node": "data", "of": "nobody"}, 409, "no node 'nobody'"),
        ({"question": "values", "node": "nobody", "of": "out"}, 409, "'nobody' holds no data"),
        ({"question": "values", "node": "data", "of": "loss", "numbers": [0, 0]}, 409, "depends on the sample's"),
        ({"question": "values", "node": "data", "of": "out", "numbers": [1] * 3}, 409, "2 numbers are expected"),
        ({"question": "values", "node": "data", "of": "out", "numbers": [1] * 70_000}, 422, "numbers"),
        ({"question": "values", "node": "data", "of": "x" * 500}, 422, "of"),
        ({"question": "values", "node": "data", "of": "out", "picture": "A" * 4_000_000}, 413, "bytes long"),
        ({"question": "excites", "node": "out", "channel": 2}, 409, "2 channels"),
        ({"question": "excites", "node": "out", "channel": -1}, 422, "channel"),
        ({"question": "excites", "node": "out", "channel": 10**9}, 422, "channel"),
        ({"question": "excites", "node": "loss"}, 409, "no units"),
        ({"question": "excites", "node": "out", "seed": 1}, 422, "seed"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(
    server: Any, somebody: Any, question: dict[str, Any], status: int, words: str
) -> None:
    ann = somebody(server.url)
    board = ann.board()
    answer = ann.http.post(f"/api/boards/{board}/ask", json={"question": question})
    assert answer.status_code == status and words in answer.json()["detail"], answer.text
    fine = ann.http.post(f"/api/boards/{board}/ask", json={"question": {"question": "weights", "node": "out"}})
    assert fine.status_code == 200
