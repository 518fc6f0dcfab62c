"""The loss over one or two weights (R-014, R-015, V-035), against losses computed with the weights set by hand."""

from __future__ import annotations

import queue
from typing import Any

import numpy as np
import pytest
import torch

from chalknet import wire
from chalknet.graph.document import load
from chalknet.training.evaluate import rows
from chalknet.training.loop import loop
from chalknet.training.plan import plan
from chalknet.training.probe import Frame as Raw
from chalknet.training.views.terrain import span
from tests.training.frames import Frame, look


def saddle(**recipe: Any) -> Any:
    """f = a·a − b·b with a = 2 and b = 0.5: its slopes are 2a and −2b."""
    nodes = {
        "a": {"type": "learned", "fields": {"values": "2"}},
        "b": {"type": "learned", "fields": {"values": "0.5"}},
        "f": {"type": "formula", "fields": {"text": "a*a - b*b"}},
        "loss": {"type": "minimise"},
    }
    wires = [("a", "f", "a"), ("b", "f", "b"), ("f", "loss", "x")]
    edges = {f"e{n}": {"from": one, "out": "y", "to": to, "in": into} for n, (one, to, into) in enumerate(wires)}
    phases = {"main": {"optimizer": {"type": "sgd", "fields": {"lr": 0.1}}}}
    return load({"nodes": nodes, "edges": edges, "recipe": {"epochs": 4, "phases": phases, **recipe}})


def places(axis: dict[str, Any], count: int) -> np.ndarray:
    return np.linspace(axis["low"], axis["high"], count)


def test_a_saddle_of_two_learned_numbers() -> None:
    made, (frame,) = look(saddle(), {"view": "terrain", "node": "loss", "size": 11})
    across, up = frame.about["axes"]
    assert [axis["name"] for axis in (across, up)] == ["a", "b"]
    x, y = np.meshgrid(places(across, 11), places(up, 11)[::-1])
    assert frame.arrays["loss"] == pytest.approx(x * x - y * y, abs=1e-4)
    assert frame.arrays["path"].tolist() == [[2.0, 0.5]]
    assert across["low"] < 2 < across["high"] and up["low"] < 0.5 < up["high"]
    assert [float(made.compiled.modules[each].value.detach()) for each in "ab"] == [2.0, 0.5], "nothing is changed"


def test_the_way_of_the_run_update_by_update() -> None:
    """a ← a − 0.1·2a = 0.8a, and b ← 1.2b: away from the saddle."""
    commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
    commands.put(wire.Watch(views=[wire.Subscription(view="terrain", node="loss", size=5, rate=30)]))
    found = [Frame(each) for each in loop(plan(saddle(), threads=1), commands) if isinstance(each, Raw)]
    expected = [[2 * 0.8**step, 0.5 * 1.2**step] for step in range(5)]
    assert found[-1].arrays["path"] == pytest.approx(np.array(expected), abs=1e-5)


def test_two_weights_of_a_network(spiral) -> None:
    """The rest is fixed; the weights are put there by hand, and back."""
    made, (frame,) = look(spiral(), {"view": "terrain", "node": "loss", "size": 9, "port": "1,20"})
    across, up = frame.about["axes"]
    assert across["name"] == "fc1 weight [1, 2]" and up["name"] == "fc1 bias [5]"
    batch = rows(made.train, 0, frame.about["samples"])
    weight, bias = made.compiled.modules["fc1"].weight, made.compiled.modules["fc1"].bias
    before = weight.detach().clone(), bias.detach().clone()
    made.compiled.module.eval()
    for row, column in ((0, 0), (0, 8), (4, 4), (8, 2)):
        with torch.no_grad():
            weight[0, 1] = float(places(across, 9)[column])
            bias[4] = float(places(up, 9)[::-1][row])
            (loss,) = made.compiled.module(*[batch[value] for value in made.compiled.inputs])
            weight.copy_(before[0])
            bias.copy_(before[1])
        assert frame.arrays["loss"][row, column] == pytest.approx(float(loss), abs=1e-5)
    total = sum(each.numel() for each in made.compiled.parameters().values())
    assert sum(each["count"] for each in frame.about["choices"]) == total


def test_one_weight_is_a_line(spiral) -> None:
    made, (frame,) = look(spiral(), {"view": "terrain", "node": "loss", "port": "0", "size": 15})
    assert frame.arrays["loss"].shape == (15,) and frame.arrays["path"].shape == (1, 1)
    at = float(made.compiled.modules["fc1"].weight[0, 0].detach())
    assert frame.arrays["path"][0, 0] == pytest.approx(at)


@pytest.mark.parametrize("port", ["a", "0,0", "0,1,2", "-1", "100000"])
def test_weights_that_are_not_there_are_not_shown(spiral, port: str) -> None:
    assert look(spiral(), {"view": "terrain", "node": "loss", "port": port})[1] == []


def test_looking_changes_nothing_of_the_run(spiral) -> None:
    """Bit for bit, dropout included."""

    def ended(*views: wire.Subscription) -> dict[str, torch.Tensor]:
        made = plan(spiral(dropout=0.2, epochs=3, seed=4), threads=1)
        commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
        commands.put(wire.Watch(views=list(views)))
        list(loop(made, commands))
        return made.compiled.module.state_dict()

    alone, watched = ended(), ended(wire.Subscription(view="terrain", node="loss", rate=30))
    assert all(torch.equal(alone[name], watched[name]) for name in alone)


def test_where_one_looks_holds_the_whole_way_and_stands_still() -> None:
    for values in ([0.3], [-4.0, 9.0], [1000.0, 1001.0], [0.0, 0.0]):
        low, high = span(np.array(values))
        assert low <= min(values) - 0.99 and high >= max(values) + 0.99
    assert span(np.array([0.30])) == span(np.array([0.31]))
    assert all(np.isfinite(span(np.array([np.nan, 1e30]))))
