"""T-004 to T-009, T-014, T-076: optimizers, schedules and clipping of the exported file are those of a run."""

from __future__ import annotations

from typing import Any

import pytest

from chalknet.export.text import imports, of_function, of_method
from chalknet.graph import descent, rates

OPTIMIZERS = [
    {"type": "sgd", "fields": {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}},
    {"type": "sgd"},
    {"type": "sgd", "fields": {"momentum": 0.9, "averaged": True}},
    {"type": "adagrad", "fields": {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.01}},
    {"type": "rmsprop", "fields": {"rho": 0.8, "momentum": 0.5, "centered": True, "weight_decay": 0.01}},
    {"type": "rmsprop"},
    {"type": "adadelta", "fields": {"lr": 0.5, "rho": 0.8, "weight_decay": 0.01}},
    {"type": "adam", "fields": {"beta1": 0.8, "beta2": 0.95, "eps": 1e-4, "weight_decay": 0.1}},
    {"type": "adamw", "fields": {"lr": 0.01, "weight_decay": 0.2}},
]


@pytest.mark.parametrize("number", range(len(OPTIMIZERS)))
def test_optimizers_take_the_same_step(number: int, trial: Any, board: Any, same: Any) -> None:
    phase = {"optimizer": OPTIMIZERS[number], "clip": 0.1, "schedule": {"type": "one_cycle"}}
    made = board(
        {
            "data": {"type": "points", "fields": {"samples": 60}},
            "fc": {"type": "linear", "fields": {"units": 2}},
            "loss": {"type": "cross_entropy"},
        },
        *("data.x > fc", "fc > loss.logits", "data.label > loss.target"),
        recipe={"phases": {"main": phase}},
    )
    same(trial(made))


def test_two_phases_that_average_share_one_function(trial: Any, board: Any, same: Any) -> None:
    optimizer = {"type": "sgd", "fields": {"momentum": 0.9, "averaged": True}}
    made = board(
        {
            "data": {"type": "points", "fields": {"samples": 60}},
            "one": {"type": "linear", "fields": {"units": 3}},
            "two": {"type": "linear", "fields": {"units": 2}},
            "loss": {"type": "cross_entropy"},
        },
        *("data.x > one", "one > two", "two > loss.logits", "data.label > loss.target"),
        recipe={"phases": {name: {"optimizer": optimizer, "updates": [name]} for name in ("one", "two")}},
    )
    same(trial(made))


def test_every_optimizer_is_tried() -> None:
    assert {each["type"] for each in OPTIMIZERS} == set(descent.OPTIMIZERS)


@pytest.mark.parametrize("type_", sorted(rates.SCHEDULES))
def test_schedules_have_the_same_factor(type_: str) -> None:
    """The function is read from where the recipe defines it, its fields filled in."""
    for form in (rates.SCHEDULES[type_](), rates.SCHEDULES[type_](**settings(type_))):
        factor = of_method(type(form), "factor", form.model_dump(), "factor", "Share.")
        text = f"{of_function(rates._progress)}\n\n\n{factor}"
        assert "self" not in text
        space: dict[str, Any] = {}
        exec(f"{imports(text)}\n{text}", space)
        for step in range(0, 110, 7):
            assert space["factor"](step, 100) == form.factor(step, 100)


def settings(type_: str) -> dict[str, Any]:
    """Fields other than the defaults."""
    return {
        "constant": {},
        "step": {"every": 0.25, "gamma": 0.5},
        "exponential": {"floor": 0.1},
        "inverse_time": {"decay": 3.0},
        "cosine": {"floor": 0.2},
        "one_cycle": {"warmup": 0.1, "start": 0.5, "floor": 0.1},
        "warmup": {"steps": 20, "then": "inverse_sqrt"},
    }[type_]
