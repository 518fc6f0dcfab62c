"""Test samples that nothing is computed from until somebody asks (T-043, M-007), beside runs that test themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chalknet import wire
from chalknet.training.answer import Opened
from chalknet.training.checkpoint import Keeper
from chalknet.training.evaluate import Evaluator


def asked(document: Any, directory: Path) -> tuple[dict[str, Any], wire.Answer]:
    """The answer of a process that has opened the run."""
    raw = document.model_dump_json(by_alias=True).encode()
    opened = Opened(raw, {"directory": str(directory), "threads": 1})
    try:
        (answered,) = opened.answers(wire.Ask(id=1, question=wire.Testing()))
    finally:
        opened.close()
    header, _ = wire.opened(answered)
    return header.about, header


def test_a_locked_end_tells_of_validation_only(spiral, train, same) -> None:
    """The weights are those of the run that tests itself, and so is every number but the test's."""
    told, locked = train(spiral()), train(spiral(test="locked"))
    assert same(told.weights, locked.weights)
    assert told.end.metrics.keys() - locked.end.metrics.keys() == {"test.loss", "test.accuracy"}
    for name in ("train.loss", "validation.loss", "validation.accuracy"):
        assert locked.end.metrics[name] == told.end.metrics[name]


def test_no_test_sample_is_touched_while_it_is_locked(spiral, train, monkeypatch) -> None:
    parts = []
    judge = Evaluator.__call__

    def noted(self: Evaluator, sources: Any, part: str, **more: Any) -> dict[str, float]:
        parts.append(part)
        return judge(self, sources, part, **more)

    monkeypatch.setattr(Evaluator, "__call__", noted)
    train(spiral(test="locked", epochs=4, ensemble={"snapshots": 2}))
    assert set(parts) == {"validation", "validation.ensemble"}
    parts.clear()
    train(spiral(epochs=4))
    assert "test" in parts


def test_opened_later_it_says_what_an_unlocked_run_says(spiral, train, tmp_path) -> None:
    """Also of several answers as one: the members stand in the last checkpoint."""
    recipe = {"epochs": 4, "ensemble": {"snapshots": 2}}
    told = train(spiral(**recipe))
    document = spiral(**recipe, test="locked")
    locked = train(document, directory=tmp_path)
    assert not any(name.startswith("test") for name in locked.end.metrics)
    assert "validation.ensemble.accuracy" in locked.end.metrics
    about, header = asked(document, tmp_path)
    assert header.problem is None and header.step == locked.plan.steps
    found = {**about["values"], **about["means"][0]["values"]}
    assert found == pytest.approx({name: told.end.metrics[name] for name in told.end.metrics if name[:4] == "test"})
    assert [each["text"] for each in about["means"]] == [note.text for note in told.of(wire.Noted)]


def test_the_best_weights_are_what_is_tested(spiral, train, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Keeper, "INTERVAL", 0.0)
    recipe = {"epochs": 12, "stopping": {"patience": 2}, "optimizer": {"type": "sgd", "fields": {"lr": 3.0}}}
    told = train(spiral(**recipe))
    assert any("Back to the weights" in note.text for note in told.of(wire.Noted))
    document = spiral(**recipe, test="locked")
    train(document, directory=tmp_path)
    about, _ = asked(document, tmp_path)
    assert about["values"]["test.loss"] == pytest.approx(told.end.metrics["test.loss"], rel=1e-6)


def test_without_test_samples_there_is_nothing_to_open(spiral, train, tmp_path) -> None:
    document = spiral(test="locked", split={"validation": 0.2, "test": 0})
    train(document, directory=tmp_path)
    _, header = asked(document, tmp_path)
    assert header.problem is not None and "No samples were left out" in header.problem.message


def test_the_lock_is_no_part_of_the_meaning(spiral) -> None:
    """A run from before there was a lock goes on, whatever its board says now."""
    assert spiral().hash() == spiral(test="locked").hash()
    assert spiral(seed=1).hash() != spiral(seed=2).hash()
    assert spiral(seed=1).hash(seed=False) == spiral(seed=2).hash(seed=False) != spiral(batch=11).hash(seed=False)
    assert spiral().recipe.test == "at_end", "a board that does not say was made when every run was tested"
