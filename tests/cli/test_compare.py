"""``chalknet compare``."""

from __future__ import annotations

import json

import pytest

from chalknet.graph import document
from chalknet.graph.compare import TooLong, align, compare
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


def test_layers_of_one_family_stand_beside_each_other_where_no_type_finds_its_like():
    families = {"conv2d": "convolution", "depthwise": "convolution", "relu": "activation", "gelu": "activation"}
    conv, deep, relu, gelu = (("conv2d", "c"), ("depthwise", "d"), ("relu", "r"), ("gelu", "g"))
    assert align([conv, relu], [deep, gelu]) == [(0, None), (1, None), (None, 0), (None, 1)], "of nothing else known"
    assert align([conv, relu], [deep, gelu], families) == [(0, 0), (1, 1)]
    assert align([conv], [deep, conv], families) == [(None, 0), (0, 1)], "one type says more"
    assert align([conv], [deep, ("depthwise", "c")], families) == [(None, 0), (0, 1)], "and a name something"
    assert align([("linear", "r")], [relu], families) == [(0, None), (None, 0)]


def test_a_convolution_stands_beside_the_separable_one_that_it_became():
    before, after = (document.load(_row(*layers)) for layers in (("conv2d", "relu"), ("separable_conv2d", "gelu")))
    found = compare(before, after)
    pairs = [(pair.a and pair.a.type, pair.b and pair.b.type, pair.change) for pair in found.pairs]
    assert ("conv2d", "separable_conv2d", "changed") in pairs and ("relu", "gelu", "changed") in pairs
    assert found.changes == {"same": len(pairs) - 2, "changed": 2, "added": 0, "removed": 0}
    assert sum(pair.more.macs for pair in found.pairs) == found.more.macs < 0


def _row(conv, act):
    nodes = {"data": "shapes", "conv": conv, "act": act}
    edges = {"a": {"from": "data", "out": "image", "to": "conv"}, "b": {"from": "conv", "to": "act"}}
    return {"nodes": {name: {"type": type} for name, type in nodes.items()}, "edges": edges}


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
