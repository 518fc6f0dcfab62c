"""Blocks that run over time: types inside and outside, costs, and what is wrong in words."""

from __future__ import annotations

from typing import Any

import pytest

from chalknet.graph.document import Document, load
from chalknet.graph.edits import apply
from chalknet.graph.infer import infer

UNITS = 6


def node(type: str, **fields: Any) -> dict[str, Any]:
    return {"type": type, "fields": fields}


def step(**changed: Any) -> dict[str, dict[str, Any]]:
    """A recurrent step by hand; ``changed`` replaces nodes."""
    return {
        "x": node("block_input"),
        "h": node("block_input", order=1, state="next", units=UNITS),
        "both": node("concat"),
        "fc": node("linear", units=UNITS),
        "bent": node("tanh"),
        "y": node("block_output"),
        "next": node("block_output", order=1),
        "end": node("block_output", order=2, give="last"),
        **changed,
    }


WIRES = ("x > both", "h > both", "both > fc", "fc > bent", "bent > y", "bent > next", "bent > end")


def edges(*texts: str) -> dict[str, dict[str, str]]:
    found = {}
    for number, text in enumerate(texts):
        (source, _, out), (to, _, into) = (end.partition(".") for end in text.split(" > "))
        order = f"{number:02}"
        found[f"w{order}"] = {"from": source, "out": out or "y", "to": to, "in": into or "x", "order": order}
    return found


def words(nodes: dict[str, Any] | None = None, wires: tuple[str, ...] = WIRES, *more: str, **others: Any) -> Document:
    """Tokens of 12 places through a block over time."""
    return load(
        {
            "nodes": {
                "data": node("reversal"),
                "embed": node("embedding", units=4),
                "loop": {"type": "block", "block": "step", "mode": "over_time"},
                "out": node("linear", units=11),
                "loss": node("cross_entropy"),
                **others,
            },
            "edges": edges(
                *("data.tokens > embed", "embed > loop.x", "loop.y > out", "out > loss.logits"),
                "data.target > loss.target",
                *more,
            ),
            "blocks": {"step": {"nodes": nodes or step(), "edges": edges(*wires)}},
        }
    )


def problems(document: Document) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.node) for problem in infer(document).problems]


def test_types_inside_are_of_one_step() -> None:
    found = infer(words())
    assert found.problems == []
    nodes = found.nodes
    assert nodes["loop"].inputs["x"] == ["float[T 12, D 4]"]
    assert nodes["loop"].outputs == {"y": "float[T 12, D 6]", "next": "float[T 12, D 6]", "end": "float[D 6]"}
    assert nodes["loop/x"].outputs == {"y": "float[D 4]"}
    assert nodes["loop/both"].outputs == {"y": "float[D 10]"}
    assert nodes["loop/bent"].operations == nodes["loop"].operations == 12 * UNITS, "once for each of 12 steps"
    assert nodes["loop"].summary == "over time"


def test_parameters_count_once_and_macs_at_every_step() -> None:
    """L-051: the same weights at every step."""
    found = infer(words())
    assert found.nodes["loop"].parameters == found.nodes["loop/fc"].parameters == 10 * 6 + 6
    assert found.nodes["loop/fc"].macs == found.nodes["loop"].macs == 12 * 60
    assert found.macs == 12 * 60 + 12 * 6 * 11
    assert found.nodes["loop/bent"].activation_bytes == 12 * 6 * 4
    once = infer(words(loop={"type": "block", "block": "step"}, embed=node("linear", units=4)))
    assert once.parameters < found.parameters


def test_a_length_that_varies_stays_so() -> None:
    from chalknet.layers.base import Inputs, sequence, vector
    from chalknet.layers.over_time import CutInput, StepOutput

    along = sequence(9, 3, varies=True)
    assert CutInput().infer(Inputs({"x": [along]}))["y"] == vector(3)
    given = StepOutput().infer(Inputs({"x": [vector(5)], "steps": [along]}))
    assert given["y"] == sequence(9, 5, varies=True)


def test_once_a_state_is_an_input_like_others() -> None:
    """The same block runs a single step where it runs once."""
    found = words(loop={"type": "block", "block": "step"})
    assert ("missing_input", "loop") in problems(found)


@pytest.mark.parametrize("wide", [5, 16])
def test_a_state_that_changes_its_shape_is_refused_with_ways_out(wide: int) -> None:
    document = words(step(h=node("block_input", order=1, state="next", units=wide)))
    (problem,) = [each for each in infer(document).problems if each.severity == "error"]
    assert (problem.code, problem.node) == ("state_differs", "loop/next")
    assert problem.message == (
        f"next: the next state is a vector of 6 numbers, but the state that it feeds is a vector of {wide} numbers."
    )
    assert len(problem.fixes) == 2
    for fix in problem.fixes:
        assert problems(apply(document, fix.edits)) == [], fix.title


def test_a_vector_is_no_sequence() -> None:
    """L-050: one to many: repeat it."""
    document = words(
        None,
        WIRES,
        embed=node("gru", units=4, give="last"),
        first=node("embedding", units=3),
    )
    wired = {**document.dump(), "edges": {**document.dump()["edges"]}}
    wired["edges"]["w00"] = {"from": "data", "out": "tokens", "to": "first"}
    wired["edges"]["more"] = {"from": "first", "to": "embed"}
    document = load(wired)
    problem = infer(document).problems[0]
    assert (problem.code, problem.node) == ("kind", "loop/x")
    assert "needs a sequence, since the block runs over time; a vector of 4 numbers arrives" in problem.message
    fixed = infer(apply(document, problem.fixes[0].edits))
    assert fixed.nodes["loop"].inputs["x"] == ["float[T 8, D 4]"]


def test_a_block_without_an_input_for_a_sequence() -> None:
    document = words(step(x=node("block_input", state="y", units=4)))
    assert ("no_sequence", "loop") in problems(document)


def test_a_state_that_nothing_feeds() -> None:
    document = words(step(h=node("block_input", order=1, state="nowhere", units=UNITS)))
    (problem,) = [each for each in infer(document).problems if each.code == "unknown_state"]
    assert problem.message == (
        "loop: the state 'h' is fed by 'nowhere', which is no output of the block 'step'; it has: y, next, end."
    )


@pytest.mark.parametrize("type", ["cross_entropy", "points"])
def test_data_and_losses_stand_outside(type: str) -> None:
    document = words({**step(), "odd": node(type)})
    assert ("inside_over_time", "loop/odd") in problems(document)


def test_a_wire_from_its_end_to_its_beginning_is_a_circle() -> None:
    """Over time, every output may depend on every input, whatever is wired inside."""
    apart = {**step(), "a": node("block_input", order=3, optional=True), "b": node("block_output", order=3)}
    document = words(apart, (*WIRES, "a > b"), "loop.y > loop.a")
    assert [code for code, _ in problems(document)][:1] == ["cycle"]


def test_sequences_of_unequal_length_cannot_be_cut_together() -> None:
    two = {**step(), "z": node("block_input", order=3, cut=True)}
    wires = (*WIRES, "z > both")
    assert problems(words(two, wires, "embed > loop.z")) == []
    document = words(
        two,
        wires,
        "mean > long",
        "embed > mean",
        "long > loop.z",
        mean=node("global_avg_pool"),
        long=node("repeat", times=5),
    )
    (problem,) = infer(document).problems[:1]
    assert problem.code == "unequal_length" and "sequences of 5 and 12 steps" in problem.message


def test_what_only_a_state_needs_is_not_computed_for_nothing() -> None:
    """The output that feeds a state is wired to nothing outside, and learns all the same."""
    found = infer(words())
    assert not [problem for problem in found.problems if problem.code in ("dangling", "nothing_to_learn")]


def test_blocks_over_time_hold_each_other() -> None:
    """An inner loop runs as often as the outer one has steps."""
    document = words().dump()
    document["nodes"]["loop"]["block"] = "outer"
    document["blocks"]["outer"] = {
        "nodes": {
            "x": node("block_input"),
            "memory": node("block_input", order=1),
            "look": {"type": "block", "block": "step", "mode": "over_time"},
            "end": node("add"),
            "y": node("block_output"),
        },
        "edges": edges("memory > look.x", "look.end > y"),
    }
    del document["blocks"]["outer"]["nodes"]["end"]
    document["edges"]["m"] = {"from": "embed", "to": "loop", "in": "memory"}
    found = infer(load(document))
    assert [problem.code for problem in found.problems if problem.severity == "error"] == []
    assert found.nodes["loop/look/fc"].macs == 12 * 12 * 60
    assert found.nodes["loop"].outputs == {"y": "float[T 12, D 6]"}


@pytest.mark.parametrize("how", ["mute", "bypass"])
def test_a_muted_or_bypassed_block_over_time(how: str) -> None:
    """Bypassed it would change the width, which is refused; muted, the loss is not reached; neither raises."""
    document = words(loop={"type": "block", "block": "step", "mode": "over_time", "ablation": how})
    assert [code for code, _ in problems(document)][:1] == ["cannot_bypass" if how == "bypass" else "cannot_mute"]
    inside = words(step(bent={**node("tanh"), "ablation": "bypass"}))
    assert problems(inside) == []


def test_documents_of_before_mean_what_they_meant() -> None:
    """A block's ports have new fields, whose defaults are left out."""
    document = words()
    assert load(document.dump()).hash() == document.hash()
    assert "mode" not in load({"nodes": {"a": {"type": "block", "block": "b"}}}).dump()["nodes"]["a"]


MASK = {"mask": node("block_input", order=3, mask=True)}


def test_a_mask_says_which_steps_count() -> None:
    """D-049: it is cut as the sequence is, and inside it is yes or no."""
    found = infer(words(step(**MASK), WIRES, "data.mask > loop.mask"))
    assert found.problems == []
    assert found.nodes["loop"].inputs["mask"] == ["bool[T 12]"]
    assert found.nodes["loop/mask"].outputs == {"y": "bool[]"}
    assert found.nodes["loop"].outputs == infer(words()).nodes["loop"].outputs


def test_a_mask_is_no_sequence_to_run_over() -> None:
    """The first input that is no mask is cut, wherever the mask stands; a block with a mask alone has none."""
    first = {**step(), "mask": node("block_input", mask=True), "x": node("block_input", order=2)}
    assert infer(words(first, WIRES, "data.mask > loop.mask")).problems == []
    alone = {"mask": node("block_input", mask=True), "y": node("block_output")}
    document = load(
        {
            "nodes": {"data": node("reversal"), "loop": {"type": "block", "block": "b", "mode": "over_time"}},
            "edges": edges("data.mask > loop.mask"),
            "blocks": {"b": {"nodes": alone, "edges": edges("mask > y")}},
        }
    )
    assert ("no_sequence", "loop") in problems(document)


def test_what_is_no_mask_is_refused() -> None:
    found = infer(words(step(**MASK), WIRES, "embed > loop.mask"))
    [problem] = found.problems
    assert problem.code == "kind" and "true where a step counts" in problem.message


def test_a_mask_of_another_length_is_refused() -> None:
    other = {"other": node("reversal", length=4)}
    found = infer(words(step(**MASK), WIRES, "other.mask > loop.mask", **other))
    assert ("unequal_length", "loop") in [
        (problem.code, (problem.node or "").split("/")[0]) for problem in found.problems
    ]
