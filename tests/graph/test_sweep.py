"""Sweeps: which settings a plan tries, and when a run is given up (T-011, T-012)."""

from __future__ import annotations

import math
import statistics

import pytest
from pydantic import ValidationError

from chalknet.graph.document import Document, Unreadable
from chalknet.graph.sweep import Axis, Plan, behind, with_settings

RATE = ["recipe", "phases", "main", "optimizer", "fields", "lr"]
BATCH = ["recipe", "batch"]


def plan(**more: object) -> Plan:
    axes = [
        {"path": RATE, "least": 1e-4, "most": 1e-1, "count": 4, "log": True},
        {"path": BATCH, "least": 8, "most": 32, "count": 3, "whole": True},
    ]
    return Plan.model_validate({"axes": axes, **more})


def test_a_grid_is_every_pair_in_order() -> None:
    """By logarithms: 10⁻⁴, 10⁻³, 10⁻², 10⁻¹; evenly: 8, 20, 32."""
    settings = plan(runs=100).settings()
    assert settings == [[rate, batch] for rate in (1e-4, 1e-3, 1e-2, 1e-1) for batch in (8, 20, 32)]
    assert plan(runs=5).settings() == settings[:5]


def test_a_draw_follows_from_its_seed_and_fills_its_range_evenly_by_logarithms() -> None:
    drawn = plan(how="random", runs=200, seed=7).settings()
    assert drawn == plan(how="random", runs=200, seed=7).settings()
    assert drawn[:12] == plan(how="random", runs=12, seed=7).settings()
    assert drawn != plan(how="random", runs=200, seed=8).settings()
    powers = [math.log10(rate) for rate, _ in drawn]  # type: ignore[arg-type]
    assert min(powers) >= -4 and max(powers) <= -1
    assert abs(statistics.fmean(powers) + 2.5) < 0.2  # 3 σ of 200 even draws over 3 powers is 0.18
    assert {type(batch) for _, batch in drawn} == {int} and {batch for _, batch in drawn} <= set(range(8, 33))


def test_the_settings_are_those_of_the_board() -> None:
    document = with_settings(Document(), plan(runs=100).edits(4))
    assert document.recipe.phases["main"].optimizer.fields["lr"] == 1e-3
    assert document.recipe.batch == 20
    assert document.hash() != Document().hash()


def test_what_a_field_does_not_take_is_said() -> None:
    odd = Plan(axes=[Axis(path=BATCH, values=["many"])])
    with pytest.raises(Unreadable):
        with_settings(Document(), odd.edits(0))


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        ([{"path": BATCH, "least": 9, "most": 8}], "above the most"),
        ([{"path": BATCH, "least": 0, "most": 8, "log": True}], "begin above 0"),
        ([{"path": BATCH, "values": [1]}, {"path": BATCH, "values": [2]}], "twice"),
    ],
)
def test_a_plan_that_is_none_is_refused_in_words(axes: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Plan.model_validate({"axes": axes})


def test_the_median_rule_by_hand() -> None:
    """At epoch 4 the earlier means are 1, 2 and 3, their median 2. A best of 2.5 is behind, one of 1.5 is not."""
    earlier = [[(epoch, value) for epoch in (1.0, 4.0, 10.0)] for value in (1.0, 2.0, 3.0)]
    assert behind([(1.0, 4.0), (4.0, 2.5)], earlier, 10, lower=True)
    assert not behind([(1.0, 1.5), (4.0, 9.0)], earlier, 10, lower=True), "its best counts, not its last"
    assert behind([(4.0, 1.5)], earlier, 10, lower=False)
    assert not behind([(1.0, 9.0)], earlier, 10, lower=True), "within the first fifth"
    assert not behind([(4.0, 9.0)], earlier[:2], 10, lower=True), "two are no measure"
    short = [[(1.0, 1.0), (3.0, 1.0)], *earlier[:2]]
    assert not behind([(4.0, 9.0)], short, 10, lower=True), "one did not come so far"
