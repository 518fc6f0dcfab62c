"""What the page's figures quote was measured with the boards that the page opens, and comes again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalknet.graph.document import Document
from chalknet.graph.infer import infer
from tests.accept import learn

KEPT: dict[str, Any] = json.loads(learn.KEPT.read_text())


def test_the_boards_are_those_that_were_measured() -> None:
    """M-015, M-018, V-036, V-044."""
    assert [(each["depth"], each["width"]) for each in KEPT["shapes"]] == [
        (depth, width) for depth in learn.DEPTHS for width in learn.WIDTHS
    ]
    for each in KEPT["shapes"]:
        assert each["board"] == learn.spiral(each["width"], each["depth"])
        facts = infer(Document.model_validate(each["board"]))
        assert (facts.parameters, facts.macs) == (each["parameters"], each["macs"])
    for each in KEPT["norms"]:
        assert each["board"] == learn.sigmoids(each["norm"], each["rate"])
    for each in KEPT["remedies"]:
        assert each["board"] == learn.overfitted(each["remedy"])


def test_none_of_the_boards_has_a_fault() -> None:
    for each in (*KEPT["shapes"], *KEPT["norms"], *KEPT["remedies"]):
        problems = infer(Document.model_validate(each["board"])).problems
        assert not [problem for problem in problems if problem.severity == "error"], each


@pytest.mark.parametrize("place", range(4))
def test_a_run_comes_again(tmp_path: Path, place: int) -> None:
    """V-044. The run comes again; which of its losses are told hangs on the clock, so of them only is held what is
    said: whether it learned."""
    kept = KEPT["norms"][place]
    again = learn.trained(kept["board"], 0, tmp_path)
    assert again["accuracy"] == pytest.approx(kept["accuracy"], abs=0.005)
    assert (again["loss"][-1] < 1) == (kept["loss"][-1] < 1)


def test_what_the_figures_say_is_what_was_measured() -> None:
    """M-015: eight layers do worse than two. M-018: more data, L2 and an early end take half of the validation loss."""
    accuracy = {(each["depth"], each["width"]): learn.middle(each["accuracy"]) for each in KEPT["shapes"]}
    assert accuracy[2, 8] > 0.95 > accuracy[1, 8] > accuracy[1, 2]
    assert all(accuracy[8, width] < accuracy[2, width] + 0.05 for width in (4, 8, 16))
    lost = {each["remedy"]: each["validation"] for each in KEPT["remedies"]}
    assert all(lost[remedy] < 0.5 * lost["none"] for remedy in ("data", "smaller", "decay", "stopping"))
    assert lost["dropout"] < 0.7 * lost["none"]
    assert lost["ema"] > 0.9 * lost["none"]
