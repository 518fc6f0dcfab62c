"""``chalknet compare``."""

from __future__ import annotations

import json

import pytest

from chalknet.graph.compare import TooLong, align
from chalknet.graph.gallery import folder


def test_layers_find_their_like_by_type_and_name():
    relu, conv = ("relu", "r"), ("conv2d", "c")
    assert align([conv, relu], [conv, relu]) == [(0, 0), (1, 1)]
    assert align([conv, relu], [conv, ("pool", "p"), relu]) == [(0, 0), (None, 1), (1, 2)]
    assert align([("conv2d", "a"), ("conv2d", "b")], [("conv2d", "b")]) == [(0, None), (1, 0)]
    assert align([("conv2d", "a")], [("conv2d", "b")]) == [(0, 0)], "of one type, though named otherwise"
    assert align([], [relu]) == [(None, 0)] and align([relu], []) == [(0, None)] and align([], []) == []
    assert align([("linear", "l")], [relu]) == [(0, None), (None, 0)]
    with pytest.raises(TooLong, match="3,000 and 2,000 layers"):
        align([conv] * 3_000, [relu] * 2_000)
    assert len(align([conv] * 3_000, [conv] * 3_000)) == 3_000, "what is the same is not weighed"


def test_vgg_19_is_vgg_16_with_three_convolutions_more(chalknet):
    status, out, err = chalknet("compare", folder() / "vgg-16.json", folder() / "vgg-19.json", "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert (found["a"]["parameters"], found["b"]["parameters"]) == (138_357_544, 143_667_240)
    assert found["ratios"]["parameters"] == 1.0384
    assert found["more"]["parameters"] == sum(pair["more"]["parameters"] for pair in found["pairs"])
    assert found["more"]["operations"] == 256 * 56**2 + 512 * 28**2 + 512 * 14**2, "three ReLUs"
    assert found["changes"] == {"same": 41, "changed": 0, "added": 6, "removed": 0}
    assert not [pair for pair in found["pairs"] if pair["b"] is None]
    more = [pair["b"] for pair in found["pairs"] if pair["a"] is None]
    assert sorted(side["type"] for side in more) == ["conv2d"] * 3 + ["relu"] * 3
    assert sum(side["parameters"] for side in more) == 143_667_240 - 138_357_544


def test_text_marks_what_is_changed_added_and_taken_away(chalknet, good, tmp_path):
    board = json.loads(good.read_text())
    board["nodes"] |= {"hidden": {"type": "linear", "fields": {"units": 3}}, "act": {"type": "relu"}}
    board["edges"]["a"]["to"] = "hidden"
    board["edges"] |= {"h": {"from": "hidden", "to": "act"}, "i": {"from": "act", "to": "fc"}}
    wider = tmp_path / "wider.json"
    wider.write_text(json.dumps(board))
    status, out, _ = chalknet("compare", good, wider)
    lines = out.splitlines()
    assert status == 0 and lines[0] == "Two classes [of points] | Two classes [of points]"
    signs = {line[0] for line in lines[2:6]}
    assert signs == {"=", "+", "~"}
    assert any(line.startswith("~") and "fc linear 2" in line and "+2" in line for line in lines)
    assert "parameters: 6 and 17 (+11, B has 2.83 times as many)" in out


def test_an_unreadable_board_is_status_2(chalknet, good, tmp_path):
    status, out, err = chalknet("compare", good, tmp_path / "gone.json")
    assert (status, out) == (2, "") and "gone.json" in err
