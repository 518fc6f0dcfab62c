"""The numbers that the page's worked examples are held to are torch's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.learn import oracle

KEPT: dict[str, Any] = json.loads(oracle.KEPT.read_text())


def same(kept: Any, computed: Any, where: str = "") -> None:
    """Equal in shape; numbers to nine figures."""
    if isinstance(computed, dict):
        assert kept.keys() == computed.keys(), where
        for name, value in computed.items():
            same(kept[name], value, f"{where}.{name}")
    elif isinstance(computed, list):
        assert len(kept) == len(computed), where
        for at, value in enumerate(computed):
            same(kept[at], value, f"{where}[{at}]")
    else:
        assert kept == pytest.approx(computed, rel=1e-9, abs=1e-9), where


@pytest.mark.parametrize("part", ["trajectories", "classifier", "layers", "hand", "losses"])
def test_what_is_kept_is_what_torch_says(part: str) -> None:
    """T-004…T-009, V-022, C-040…C-045, C-058, C-064, C-065, C-078."""
    same(KEPT[part], oracle.computed()[part])


def test_the_course_s_own_steps_are_among_them() -> None:
    """C-078: after one and two steps on 2x² + 3y² from (1, 1) with a rate of 0.1."""
    bowl = KEPT["trajectories"]["bowl"]
    wanted = {
        "sgd": [(0.6, 0.4), (0.36, 0.16)],
        "averaged": [(0.96, 0.94), (0.8856, 0.8296)],
        "momentum": [(0.6, 0.4), (0, -0.38)],
        "nesterov": [(0.24, -0.14), (-0.2664, -0.4664)],
        "adagrad": [(0.9, 0.9), (0.8331, 0.8331)],
        "rmsprop": [(0.6838, 0.6838), (0.4989, 0.4989)],
        "adam": [(0.9, 0.9), (0.80041, 0.80041)],
    }
    for name, steps in wanted.items():
        for at, place in enumerate(steps):
            assert bowl[name][at + 1] == pytest.approx(place, abs=6e-5), name
    assert [bowl["adadelta"][at][0] for at in (1, 2)] == pytest.approx([0.99684, 0.99360], abs=6e-6)
