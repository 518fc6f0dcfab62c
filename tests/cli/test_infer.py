"""``chalknet infer``."""

from __future__ import annotations

import io
import json
import sys

import pytest


def test_json_has_the_promised_shape(chalknet, good):
    status, out, err = chalknet("infer", good, "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert {
        "parameters",
        "trainable_parameters",
        "macs",
        "flops",
        "activation_bytes",
        "problems",
        "nodes",
    } <= found.keys()
    assert (found["parameters"], found["macs"], found["flops"], found["problems"]) == (6, 4, 8, [])
    assert found["operations"] == found["nodes"]["fc"]["operations"] == 0
    assert found["nodes"].keys() == {"data", "fc", "loss"}
    assert {"type", "outputs", "parameters", "macs", "receptive_field"} <= found["nodes"]["fc"].keys()
    assert found["nodes"]["fc"]["outputs"] == {"y": "float[D 2]"}


def test_a_board_with_problems_is_status_1(chalknet, faulty):
    status, out, _ = chalknet("infer", faulty, "--json")
    (problem,) = json.loads(out)["problems"]
    assert status == 1
    assert {"code", "node", "field", "message", "hint", "fixes"} <= problem.keys()
    assert problem["node"] == "fc" and problem["fixes"][0]["title"] == "Insert Flatten"


def test_warnings_alone_are_status_0(chalknet, tmp_path, good):
    board = json.loads(good.read_text())
    board["nodes"]["loose"] = {"type": "linear"}
    board["edges"]["d"] = {"from": "data", "out": "x", "to": "loose"}
    good.write_text(json.dumps(board))
    status, out, _ = chalknet("infer", good)
    assert status == 0
    assert "warning: loose: its output leads to no loss" in out


def test_text_is_for_reading(chalknet, good, faulty):
    _, out, _ = chalknet("infer", good)
    assert out.splitlines()[0] == "Two classes [of points]"
    assert "float[D 2], index<2>[]" in out
    assert "6 parameters, 4 MACs (8 FLOPs) and 0 other operations for one sample" in out
    _, out, _ = chalknet("infer", faulty)
    assert "error: fc: needs a vector, or a sequence of vectors; an image 1×32×32 arrives." in out
    assert "→ Insert Flatten" in out
    assert "\x1b" not in out, "no colours where nobody looks"


def test_standard_input(chalknet, good, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(good.read_bytes())))
    assert chalknet("infer", "-", "--json")[0] == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"nodes": {"a": {"type"', "no valid JSON"),
        ("[" * 1_000_000, "no valid JSON"),
        ("[" * 1_000_001, "at most 1,000,000 are read"),
        ('{"nodes": {"d": {"type": "dropout", "fields": {"rate": NaN}}}}', "no valid JSON"),
        ("[]", "A board is a JSON object"),
    ],
)
def test_an_unreadable_file_is_status_2(chalknet, tmp_path, text, words):
    file = tmp_path / "bad.json"
    file.write_text(text)
    status, out, err = chalknet("infer", file)
    assert (status, out) == (2, "")
    assert err.startswith(f"{file}: ") and words in err and len(err.splitlines()) == 1


def test_files_that_cannot_be_opened(chalknet, tmp_path):
    assert chalknet("infer", tmp_path / "gone.json")[::2] == (
        2,
        f"{tmp_path / 'gone.json'}: No such file or directory.\n",
    )
    assert chalknet("infer", tmp_path)[0] == 2


def test_a_linear_of_a_billion_units(chalknet, good):
    board = json.loads(good.read_text())
    board["nodes"]["fc"]["fields"]["units"] = 10**9
    good.write_text(json.dumps(board))
    status, out, _ = chalknet("infer", good)
    assert status == 1 and "GB" in out
