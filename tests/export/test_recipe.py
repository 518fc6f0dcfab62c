"""T-004 to T-009, T-014, T-076: optimizers, schedules and clipping of the exported file are those of a run."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from chalknet.export.pytorch import export
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


PENALTIES = [
    {"penalty": {"l1": 0.02, "l2": 0.5}},
    {"penalty": {"l2": 0.5, "biases": True}, "clip_value": 0.05},
    {"penalty": {"l1": 0.1}, "updates": ["fc"], "clip_value": 0.05, "clip": 0.1},
]


@pytest.mark.parametrize("number", range(len(PENALTIES)))
def test_penalties_and_clipping_take_the_same_step(number: int, trial: Any, board: Any, same: Any) -> None:
    """T-035, T-077: L1, L2, biases and clipping by value stand in the file; so do first weights."""
    made = board(
        {
            "data": {"type": "points", "fields": {"samples": 60}},
            "hidden": {"type": "linear", "fields": {"units": 5}, "init": {"how": "he"}},
            "fc": {"type": "linear", "fields": {"units": 2}, "init": {"how": "normal", "scale": 0.1}},
            "loss": {"type": "cross_entropy"},
        },
        *("data.x > hidden", "hidden > fc", "fc > loss.logits", "data.label > loss.target"),
        recipe={"phases": {"main": {"optimizer": {"type": "sgd", "fields": {"lr": 0.1}}, **PENALTIES[number]}}},
    )
    tried = trial(made)
    assert "first_weights(nn.Linear(2, 5), 'he', 0.05)" in tried.exported.text.replace('"', "'")
    same(tried)


def test_the_exported_forward_pass_is_bf16_where_asked(board: Any) -> None:
    """Scores leave autocast in 32 bits, weights stay in 32 bits, and evaluation is in full."""
    space, _ = exported(board, {"precision": "bf16"})
    seen: list[torch.dtype] = []
    model = network(space)
    model.fc.register_forward_hook(lambda module, given, made: seen.append(made.dtype))
    batch = next(space["batches"](space["load"]()["train"], True))
    found, _ = space["losses"](model.train(), batch)
    assert seen == [torch.bfloat16] and {loss.dtype for loss in found.values()} == {torch.float32}
    space["losses"](model.eval(), batch)
    assert seen[-1] == torch.float32
    assert "autocast" not in exported(board, {})[1]


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
        "plateau": {"gamma": 0.5, "patience": 2},
        "step": {"every": 0.25, "gamma": 0.5},
        "exponential": {"floor": 0.1},
        "inverse_time": {"decay": 3.0},
        "cosine": {"floor": 0.2},
        "restarts": {"cycles": 3, "floor": 0.1},
        "one_cycle": {"warmup": 0.1, "start": 0.5, "floor": 0.1},
        "warmup": {"steps": 20, "then": "inverse_sqrt"},
    }[type_]


def exported(board: Any, recipe: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The functions of an exported file, and its text."""
    made = board(
        {
            "data": {"type": "points", "fields": {"samples": 60}},
            "fc": {"type": "linear", "fields": {"units": 2}},
            "norm": {"type": "batch_norm1d"},
            "loss": {"type": "cross_entropy"},
        },
        *("data.x > fc", "fc > norm", "norm > loss.logits", "data.label > loss.target"),
        recipe={"epochs": 8, "batch": 20, **recipe},
    )
    text = export(made)
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, "exported.py", "exec"), space)
    return space, text


def network(space: dict[str, Any]) -> Any:
    return next(value for value in space.values() if isinstance(value, type) and issubclass(value, nn.Module))()


def scripted(space: dict[str, Any], losses: list[float]) -> list[dict[str, Any]]:
    """Lets validation find these losses, one an epoch; returns what was validated."""
    seen: list[dict[str, Any]] = []

    def evaluate(model: Any, samples: Any) -> dict[str, float]:
        seen.append({name: value.clone() for name, value in model.state_dict().items()})
        return {"loss": losses[len(seen) - 1]} if len(seen) <= len(losses) else {"loss": 0.0}

    space["evaluate"] = evaluate
    return seen


def test_an_exported_run_stops_early_and_brings_the_best_weights_back(board: Any) -> None:
    """T-036: best at epoch 3, patience of 2: five epochs are validated, and the third's weights are tested."""
    space, _ = exported(board, {"stopping": {"patience": 2, "least": 0.1}})
    seen = scripted(space, [1.0, 0.95, 0.7, 0.65, 0.9, 0.1])
    torch.manual_seed(0)
    space["train"](network(space))
    assert len(seen) == 5 + 1, "five validations and the test"
    best, tested = seen[2], seen[-1]
    assert all(torch.equal(best[name], tested[name]) for name in best)
    assert any(not torch.equal(seen[4][name], tested[name]) for name in best)


def test_an_exported_rate_falls_on_a_plateau(board: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """T-014: after every two epochs without a lower loss, as in a run."""
    plateau = {"type": "plateau", "fields": {"patience": 2, "gamma": 0.5}}
    optimizer = {"type": "sgd", "fields": {"lr": 1.0}}
    space, _ = exported(board, {"phases": {"main": {"optimizer": optimizer, "schedule": plateau}}})
    scripted(space, [1.0, 1.0, 1.2, 0.5, 0.6, 0.5, 0.7, 0.8])
    used: list[float] = []
    step = torch.optim.SGD.step

    def watched(self: Any, *arguments: Any, **named: Any) -> Any:
        used.append(self.param_groups[0]["lr"])
        return step(self, *arguments, **named)

    monkeypatch.setattr(torch.optim.SGD, "step", watched)
    space["train"](network(space))
    per = len(used) // 8
    assert used[::per] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]


@pytest.mark.parametrize("kind", ["ema", "mean"])
def test_an_exported_run_keeps_the_means_of_its_weights(board: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """T-041: what is tested is the mean of the updates, by the run's own rule."""
    space, _ = exported(board, {"averaging": {"kind": kind, "decay": 0.8, "start": 0.5}})
    seen = scripted(space, [1.0] * 8)
    updates: list[torch.Tensor] = []
    step = torch.optim.Adam.step
    model = network(space)
    first = model.fc.weight.detach().double().clone()

    def watched(self: Any, *arguments: Any, **named: Any) -> Any:
        found = step(self, *arguments, **named)
        updates.append(model.fc.weight.detach().double().clone())
        return found

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    space["train"](model)
    expected = first
    if kind == "ema":
        for n, weight in enumerate(updates):
            d = min(0.8, (1 + n) / (10 + n))
            expected = d * expected + (1 - d) * weight
    else:
        expected = torch.stack(updates[len(updates) // 2 :]).mean(0)
    torch.testing.assert_close(seen[-1]["fc.weight"].double(), expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(model.fc.weight.detach().double(), expected, atol=1e-5, rtol=1e-5)
