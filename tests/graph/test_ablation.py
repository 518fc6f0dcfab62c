"""Muted and bypassed nodes and blocks."""

from __future__ import annotations

import pytest

from chalknet.graph.document import Document
from chalknet.graph.edits import apply
from chalknet.graph.infer import infer


def chain(classifier, **ablation):
    """Two 3×3 convolutions with a skip round the second, and a head."""
    nodes = {
        "conv1": {"type": "conv2d", "fields": {"channels": 4, "padding": 1}},
        "conv2": {"type": "conv2d", "fields": {"channels": 4, "padding": 1}},
        "act": {"type": "relu"},
        "add": {"type": "add"},
        "pool": {"type": "global_avg_pool"},
        "fc": {"type": "linear", "fields": {"units": 10}},
    }
    for id, how in ablation.items():
        nodes[id]["ablation"] = how
    return classifier(
        nodes,
        *("data.image > conv1", "conv1 > conv2", "conv2 > act", "act > add", "conv1 > add"),
        *("add > pool", "pool > fc"),
        end="fc",
    )


def test_active_is_the_default_and_is_not_written(classifier):
    document = chain(classifier)
    assert "ablation" not in str(document.dump())
    assert document.hash() != chain(classifier, act="bypass").hash()


def test_bypassed_it_passes_on_what_arrives_and_costs_nothing(classifier, errors):
    whole, without = infer(chain(classifier)), infer(chain(classifier, conv2="bypass"))
    assert not errors(without)
    conv2 = 4 * 4 * 9 + 4
    assert whole.nodes["conv2"].parameters == conv2
    assert without.parameters == whole.parameters - conv2
    assert without.macs == whole.macs - whole.nodes["conv2"].macs
    assert without.nodes["conv2"].idle == "bypassed" and without.nodes["conv2"].parameters == 0
    assert without.nodes["act"].idle == "" and without.nodes["act"].inputs == {"x": ["float[C 4, H 32, W 32]"]}


def test_muted_a_sum_leaves_its_wire_out_and_what_hangs_between_starves(classifier, errors):
    without = infer(chain(classifier, conv2="mute"))
    assert not errors(without)
    assert without.parameters == infer(chain(classifier)).parameters - (4 * 4 * 9 + 4)
    assert [without.nodes[id].idle for id in ("conv2", "act", "add")] == ["muted", "starved", ""]
    assert without.nodes["add"].inputs == {"x": ["float[C 4, H 32, W 32]"]}


def test_a_bypass_that_would_change_the_type_is_refused_with_ways_out(classifier, only, errors):
    document = chain(classifier, conv1="bypass")
    problem = only(infer(document), "cannot_bypass")
    assert problem.node == "conv1" and "float[C 4, H 32, W 32]" in problem.message and "C 1" in problem.message
    fix = next(fix for fix in problem.fixes if fix.title == "Make it active again")
    assert not errors(infer(apply(document, fix.edits)))


def test_muting_what_a_loss_needs_is_refused_and_bypassing_offered(classifier, only):
    problem = only(infer(chain(classifier, add="mute")), "cannot_mute")
    assert problem.node == "add" and "loss" in problem.message
    assert [fix.title for fix in problem.fixes] == ["Bypass it instead", "Make it active again"]


def test_data_and_losses_have_nothing_to_pass_on(classifier, only):
    document = chain(classifier)
    for id in ("data", "loss"):
        bypassed = document.model_copy(
            update={"nodes": {**document.nodes, id: document.nodes[id].model_copy(update={"ablation": "bypass"})}}
        )
        assert only(infer(bypassed), "cannot_bypass").node == id


def test_a_second_loss_can_be_muted(classifier, board, errors):
    document = board(
        {
            "data": "points",
            "a": ("linear", {"units": 2}),
            "b": ("linear", {"units": 2}),
            "one": "cross_entropy",
            "two": {"type": "cross_entropy", "ablation": "mute"},
        },
        *("data.x > a", "data.x > b", "a > one.logits", "b > two.logits"),
        *("data.label > one.target", "data.label > two.target"),
    )
    assert infer(document).nodes["two"].idle == "muted"
    assert not errors(infer(document))


@pytest.fixture
def blocky(classifier, residual):
    def made(how: str, inner: str = "", times: int = 1) -> Document:
        block = {**residual, "nodes": {**residual["nodes"]}}
        if inner:
            block["nodes"]["fc"] = {**block["nodes"]["fc"], "ablation": inner}
        instance = {"type": "block", "block": "res", "ablation": how, "mode": "repeat", "times": times}
        return classifier(
            {"res": instance, "fc": ("linear", {"units": 2})},
            *("data.x > res", "res > fc"),
            end="fc",
            data="points",
            blocks={"res": block},
        )

    return made


def test_a_whole_block_is_bypassed(blocky, errors):
    found = infer(blocky("bypass", times=3))
    assert not errors(found)
    assert found.parameters == 6
    assert found.nodes["res"].idle == found.nodes["res/1/fc"].idle == "bypassed"
    assert infer(blocky("", times=3)).parameters == 4 * 6


@pytest.mark.parametrize("inner", ["mute", "bypass"])
def test_a_node_inside_a_block_is_left_out_in_every_copy(inner, blocky, errors):
    found = infer(blocky("", inner, times=3))
    assert not errors(found)
    assert found.parameters == 6
    assert found.nodes["res"].idle == "" and found.nodes["res/2/fc"].idle


def test_what_is_frozen_and_idle_freezes_nothing(classifier):
    def shared(**more):
        part = {"type": "linear", "fields": {"units": 2}, "weights": "w"}
        return infer(
            classifier(
                {"a": part, "b": {**part, "trainable": False, **more}}, "data.x > a", "a > b", end="b", data="points"
            )
        )

    assert shared().trainable_parameters == 0
    assert shared(ablation="bypass").trainable_parameters == 6
