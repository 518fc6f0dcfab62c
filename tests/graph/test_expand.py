"""Blocks become one flat graph."""

from __future__ import annotations

import time

from chalknet.graph.blocks import sizes
from chalknet.graph.document import load
from chalknet.graph.expand import MOST_DEEP, MOST_EXPANDED, expand


def codes(flat):
    return [complaint.code for complaint in flat.complaints]


def test_a_board_without_blocks_is_itself(classifier):
    flat = expand(
        classifier({"fc": ("linear", {"units": 10}), "flat": "flatten"}, "data.image > flat", "flat > fc", end="fc")
    )
    assert list(flat.nodes) == ["data", "flat", "fc", "loss"]
    assert flat.nodes["fc"].layer.units == 10
    assert [wire.source for wire in flat.wires["loss"]["logits"]] == ["fc"]
    assert not flat.cyclic and not flat.complaints


def test_an_instance_is_unrolled_under_its_path(classifier, residual):
    flat = expand(
        classifier(
            {"res": {"type": "block", "block": "res"}}, "data > res", end="res", data="points", blocks={"res": residual}
        )
    )
    assert {"res/x", "res/fc", "res/add", "res/y"} <= flat.nodes.keys()
    assert "res" not in flat.nodes and flat.instances["res"].copies == 1
    assert flat.nodes["res/fc"].parent == "res" and flat.nodes["res/fc"].block == "res"
    assert flat.wires["loss"]["logits"][0].source == "res/y"


def test_repeated_the_first_output_feeds_the_first_input_of_the_next_copy(classifier, residual):
    flat = expand(
        classifier(
            {"res": {"type": "block", "block": "res", "mode": "repeat", "times": 3}},
            "data.x > res",
            end="res",
            data="points",
            blocks={"res": residual},
        )
    )
    assert flat.wires["res/0/x"]["x"][0].source == "data"
    assert flat.wires["res/1/x"]["x"][0].source == "res/0/y"
    assert flat.wires["res/2/x"]["x"][0].source == "res/1/y"
    assert flat.wires["loss"]["logits"][0].source == "res/2/y"
    order = list(flat.nodes)
    assert order.index("res/0/fc") < order.index("res/1/fc") < order.index("res/2/fc") < order.index("loss")


def test_repeated_the_other_inputs_see_the_same_wire(board, level):
    block = level(
        {
            "x": ("block_input", {"order": 0}),
            "more": ("block_input", {"order": 1}),
            "add": "add",
            "y": "block_output",
        },
        ["x > add", "more > add", "add > y"],
    )
    flat = expand(
        board(
            {"data": "points", "b": {"type": "block", "block": "b", "mode": "repeat", "times": 2}},
            "data.x > b.x",
            "data.x > b.more",
            blocks={"b": block},
        )
    )
    assert [flat.wires[f"b/{i}/more"]["x"][0].source for i in range(2)] == ["data", "data"]
    assert flat.wires["b/1/x"]["x"][0].source == "b/0/y"


def test_ports_stand_in_their_order_not_their_names(board, level):
    block = level(
        {"zebra": ("block_input", {"order": 0}), "ant": ("block_input", {"order": 1}), "y": "block_output"},
        ["zebra > y"],
    )
    flat = expand(board({"b": {"type": "block", "block": "b"}}, blocks={"b": block}))
    assert list(flat.instances["b"].inputs) == ["zebra", "ant"]


def test_exposed_fields_reach_their_nodes_through_any_number_of_levels(board, level, residual):
    residual = {**residual, "exposed": {"width": {"node": "fc", "field": "units", "others": ["gone"]}}}
    outer = {
        **level({"in": {"type": "block", "block": "res", "fields": {"width": 5}}}, []),
        "exposed": {"w": {"node": "in", "field": "width"}},
    }
    flat = expand(
        board(
            {"a": {"type": "block", "block": "outer"}, "b": {"type": "block", "block": "outer", "fields": {"w": 7}}},
            blocks={"res": residual, "outer": outer},
        )
    )
    assert flat.nodes["a/in/fc"].layer.units == 5
    assert flat.nodes["b/in/fc"].layer.units == 7


def test_one_exposed_field_may_set_several_nodes(board, level):
    block = {
        **level({"d1": "dropout", "d2": "dropout"}, []),
        "exposed": {"rate": {"node": "d1", "field": "rate", "others": ["d2"]}},
    }
    flat = expand(board({"b": {"type": "block", "block": "b", "fields": {"rate": 0.25}}}, blocks={"b": block}))
    assert flat.nodes["b/d1"].layer.rate == flat.nodes["b/d2"].layer.rate == 0.25


def test_a_field_that_a_block_does_not_offer_is_a_problem(board, residual):
    flat = expand(board({"b": {"type": "block", "block": "res", "fields": {"depth": 2}}}, blocks={"res": residual}))
    assert flat.complaints[0].message == "b: the block 'res' offers no field 'depth'; it offers: width."


# --- shared weights (L-051) -----


def test_weights_are_shared_by_name_on_a_level(board):
    """L-051."""
    flat = expand(
        board(
            {
                "a": {"type": "linear", "weights": "w"},
                "b": {"type": "linear", "weights": "w"},
                "c": {"type": "linear"},
            }
        )
    )
    assert flat.nodes["a"].weights == flat.nodes["b"].weights != ""
    assert flat.nodes["c"].weights == ""


def test_copies_of_a_repeated_block_have_weights_of_their_own(board, level):
    """L-051: a name inside a block holds within one copy."""
    block = level({"a": {"type": "linear", "weights": "w"}, "b": {"type": "linear", "weights": "w"}}, [])
    flat = expand(board({"r": {"type": "block", "block": "b", "mode": "repeat", "times": 2}}, blocks={"b": block}))
    assert flat.nodes["r/0/a"].weights == flat.nodes["r/0/b"].weights
    assert flat.nodes["r/0/a"].weights != flat.nodes["r/1/a"].weights


def test_an_instance_that_names_its_weights_shares_them_between_copies_and_instances(board, residual):
    """L-051: as ALBERT does."""
    shared = {"type": "block", "block": "res", "mode": "repeat", "times": 2, "weights": "same"}
    flat = expand(board({"r": shared, "s": shared, "t": {**shared, "weights": ""}}, blocks={"res": residual}))
    names = {flat.nodes[path].weights for path in ("r/0/fc", "r/1/fc", "s/0/fc", "s/1/fc")}
    assert len(names) == 1 and names != {""}
    assert flat.nodes["r/0/add"].weights not in names
    assert flat.nodes["t/0/fc"].weights == ""


def test_a_frozen_instance_freezes_what_is_inside_and_what_shares_with_it(board, residual):
    """L-051, T-046."""
    flat = expand(
        board(
            {
                "r": {"type": "block", "block": "res", "trainable": False},
                "a": {"type": "linear", "weights": "w", "trainable": False},
                "b": {"type": "linear", "weights": "w"},
            },
            blocks={"res": residual},
        )
    )
    assert not flat.nodes["r/fc"].trainable
    assert not flat.nodes["b"].trainable


# --- optional inputs -----


def test_an_optional_input_left_empty_is_empty_inside_through_any_number_of_levels(board, level):
    inner = level(
        {
            "x": "block_input",
            "mask": ("block_input", {"order": 1, "optional": True}),
            "at": "attention",
            "y": "block_output",
        },
        ["x > at", "mask > at.mask", "at > y"],
    )
    outer = level(
        {
            "x": "block_input",
            "mask": ("block_input", {"order": 1, "optional": True}),
            "in": {"type": "block", "block": "inner", "mode": "repeat", "times": 2},
            "y": "block_output",
        },
        ["x > in", "mask > in.mask", "in > y"],
    )
    flat = expand(
        board(
            {"data": "reversal", "e": "embedding", "o": {"type": "block", "block": "outer"}},
            "data.tokens > e",
            "e > o",
            blocks={"inner": inner, "outer": outer},
        )
    )
    assert "o/mask" not in flat.nodes and "o/in/1/mask" not in flat.nodes
    assert not flat.wires["o/in/1/at"].get("mask")
    assert flat.wires["o/in/1/at"]["x"]


# --- order and cycles -----


def test_the_order_does_not_depend_on_the_order_of_the_keys(classifier):
    document = classifier(
        {"b": "linear", "a": "linear", "add": "add", "flat": "flatten", "fc": ("linear", {"units": 10})},
        *("data.image > flat", "flat > b", "flat > a", "b > add", "a > add", "add > fc"),
        end="fc",
    )
    turned = document.dump()
    turned["nodes"] = dict(reversed(turned["nodes"].items()))
    turned["edges"] = dict(reversed(turned["edges"].items()))
    assert list(expand(document).nodes) == list(expand(load(turned)).nodes)


def test_wires_of_a_port_that_takes_several_stand_in_their_order(board):
    flat = expand(
        load(
            {
                "nodes": {"a": {"type": "points"}, "b": {"type": "linear"}, "c": {"type": "concat"}},
                "edges": {
                    "e1": {"from": "a", "out": "x", "to": "c", "order": "m"},
                    "e2": {"from": "b", "to": "c", "order": "a"},
                    "e3": {"from": "a", "out": "x", "to": "c", "order": "m"},
                },
            }
        )
    )
    assert [wire.edge for wire in flat.wires["c"]["x"]] == ["e2", "e1", "e3"]


def test_nodes_on_and_behind_a_cycle_stand_last(board):
    flat = expand(board({"a": "relu", "b": "relu", "c": "relu", "d": "points"}, "a > b", "b > a", "b > c"))
    assert flat.cyclic == {"a", "b", "c"}
    assert next(iter(flat.nodes)) == "d"


# --- limits -----


def test_blocks_that_hold_each_other_are_refused(board, level):
    loops = {
        "p": level({"in": {"type": "block", "block": "q"}}, []),
        "q": level({"in": {"type": "block", "block": "p"}}, []),
        "user": level({"in": {"type": "block", "block": "p"}}, []),
    }
    flat = expand(board({"a": {"type": "block", "block": "user"}}, blocks=loops))
    assert codes(flat) == ["recursive_block"]
    assert flat.nodes["a"].layer is None
    assert sizes(board({}, blocks=loops).blocks) == {}


def test_the_size_is_known_before_anything_is_unrolled(board, level):
    """A document of a kilobyte that would be 2⁴⁰ nodes is refused at once."""
    blocks = {"b0": level({"n": "relu"}, [])}
    for i in range(1, 10):
        blocks[f"b{i}"] = level(
            {"n": {"type": "block", "block": f"b{i - 1}", "mode": "repeat", "times": 1000}, "m": "relu"}, []
        )
    start = time.perf_counter()
    flat = expand(board({"a": {"type": "block", "block": "b9"}}, blocks=blocks))
    assert codes(flat) == ["too_many_nodes"]
    assert f"at most {MOST_EXPANDED:,}" in flat.complaints[0].message
    assert len(flat.nodes) == 1
    assert time.perf_counter() - start < 5


def test_what_fits_of_a_board_that_is_too_large_is_unrolled(board, level):
    blocks = {"b": level({"n": "relu"}, [])}
    big = {"type": "block", "block": "b", "mode": "repeat", "times": 900}
    flat = expand(board({f"i{i:02}": big for i in range(20)}, blocks=blocks))
    assert codes(flat) == ["too_many_nodes"] * 9
    assert len(flat.nodes) <= MOST_EXPANDED


def test_a_deep_nest_is_refused(board, level):
    blocks = {"b0": level({"n": "relu"}, [])}
    for i in range(1, 2000):
        blocks[f"b{i}"] = level({"n": {"type": "block", "block": f"b{i - 1}"}}, [])
    flat = expand(board({"a": {"type": "block", "block": "b1999"}}, blocks=blocks))
    assert codes(flat) == ["too_deep"]
    fine = expand(board({"a": {"type": "block", "block": f"b{MOST_DEEP - 1}"}}, blocks=blocks))
    assert codes(fine) == [] and "/".join(["a"] + ["n"] * MOST_DEEP) in fine.nodes


# --- wires that cannot be -----


def test_wires_to_ports_that_are_not_there(board, residual):
    flat = expand(
        board(
            {"data": "points", "fc": "linear", "b": {"type": "block", "block": "res"}},
            "data.image > fc",
            "data.x > fc.y",
            "fc > b.z",
            "b.q > fc",
            blocks={"res": residual},
        )
    )
    assert [complaint.message for complaint in flat.complaints] == [
        "data: Points has no output 'image'; it has: x, label.",
        "fc: Linear has no input 'y'; it has: x.",
        "b: the block 'res' has no input 'z'; it has: x.",
        "b: the block 'res' has no output 'q'; it has: y.",
    ]


def test_a_wire_that_lost_an_end_is_only_worth_a_warning(board):
    """Two people: one deletes a node while the other wires it."""
    flat = expand(board({"data": "points"}, "data.x > gone"))
    (complaint,) = flat.complaints
    assert (complaint.code, complaint.severity, complaint.edge) == ("loose_wire", "warning", "w0")


def test_a_second_wire_into_a_port_names_both(board):
    flat = expand(board({"data": "points", "a": "linear", "fc": "linear"}, "data.x > fc", "a > fc"))
    (complaint,) = flat.complaints
    assert complaint.message == (
        "fc: its input 'x' takes one wire and already has one from data. Received a second from a."
    )
    assert complaint.edge == "w1"


def test_inside_a_block_no_wire_ends_at_its_input_or_begins_at_its_output(board, level):
    block = level({"x": "block_input", "r": "relu", "y": "block_output"}, ["r > x", "y > r"])
    flat = expand(board({"b": {"type": "block", "block": "b"}}, blocks={"b": block}))
    assert codes(flat) == ["unknown_port", "unknown_port"]


def test_a_blocks_port_outside_a_block(board):
    assert codes(expand(board({"x": "block_input", "y": "block_output"}))) == ["outside_block", "outside_block"]


def test_instances_of_blocks_that_are_not_there(board):
    flat = expand(board({"a": {"type": "block", "block": "nowhere"}, "b": {"type": "block"}}))
    assert [complaint.message for complaint in flat.complaints] == [
        "a: there is no block 'nowhere' on this board.",
        "b: it does not say which block it is.",
    ]
