"""What is told of an inference: everything first, then what changed, to each from where they are."""

from __future__ import annotations

import json

from chalknet.boards.facts import NOTHING, Facts
from chalknet.graph.facts import Inference, NodeFacts
from chalknet.graph.problems import Fix, Problem


def _inference(problems: tuple[str, ...] = (), **parameters: int) -> Inference:
    return Inference(
        parameters=sum(parameters.values()),
        problems=[Problem(code=code, message=code) for code in problems],
        nodes={name: NodeFacts(type="linear", parameters=count) for name, count in parameters.items()},
    )


def test_full_then_differences() -> None:
    facts = Facts()
    assert facts.since(NOTHING) is None
    facts.update(_inference(a=1, b=2))
    first = json.loads(facts.since(NOTHING) or "")
    assert first["full"] and set(first["nodes"]) == {"a", "b"} and first["parameters"] == 3
    seen = facts.generation
    facts.update(_inference(a=1, b=5, c=7))
    change = json.loads(facts.since(seen) or "")
    assert not change["full"] and set(change["nodes"]) == {"b", "c"} and change["parameters"] == 13
    assert facts.since(facts.generation) is None


def test_the_same_again_is_not_told() -> None:
    facts = Facts()
    facts.update(_inference(a=1))
    seen = facts.generation
    facts.update(_inference(a=1))
    assert facts.since(seen) is None


def test_problems_alone_are_told() -> None:
    facts = Facts()
    facts.update(_inference(a=1))
    seen = facts.generation
    facts.update(_inference(("cycle",), a=1))
    change = json.loads(facts.since(seen) or "")
    assert change["nodes"] == {} and [problem["code"] for problem in change["problems"]] == ["cycle"]


def test_removed_and_back() -> None:
    facts = Facts()
    facts.update(_inference(a=1, b=2))
    early = facts.generation
    facts.update(_inference(a=1))
    late = facts.generation
    assert json.loads(facts.since(early) or "")["removed"] == ["b"]
    facts.update(_inference(a=1, b=9))
    assert json.loads(facts.since(late) or "")["removed"] == []
    assert set(json.loads(facts.since(early) or "")["nodes"]) == {"b"}


def test_an_empty_board_is_told_too() -> None:
    facts = Facts()
    facts.update(Inference())
    assert json.loads(facts.since(NOTHING) or "")["full"]


def test_ways_out_come_in_a_message_of_their_own() -> None:
    facts = Facts()
    first = _inference(("cycle",), a=1)
    facts.update(first, seeking=True)
    assert json.loads(facts.since(NOTHING) or "")["seeking"]
    seen = facts.generation
    fix = Fix(title="Cut", edits=[])
    found = [problem.model_copy(update={"fixes": [fix]}) for problem in first.problems]
    facts.update(first.model_copy(update={"problems": found}))
    change = json.loads(facts.since(seen) or "")
    assert not change["seeking"] and change["nodes"] == {} and change["problems"][0]["fixes"][0]["title"] == "Cut"
    late = json.loads(facts.since(NOTHING) or "")
    assert late["full"] and not late["seeking"] and late["problems"] == change["problems"]


def test_that_there_are_no_ways_out_is_told_too() -> None:
    facts = Facts()
    facts.update(_inference(("cycle",), a=1), seeking=True)
    seen = facts.generation
    facts.update(_inference(("cycle",), a=1))
    assert not json.loads(facts.since(seen) or "")["seeking"]
