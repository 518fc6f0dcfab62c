"""How large gradients, weights and updates are by layer, and how numbers lie, over a run (V-004, T-045)."""

from __future__ import annotations

import queue

import numpy as np
import pytest
import torch

from chalknet import wire
from chalknet.training.compile import compile
from chalknet.training.loop import loop
from chalknet.training.plan import plan
from chalknet.training.probe import Frame as Raw
from chalknet.training.views.history import History
from tests.training.frames import Frame, look, value


def watched(document, steps: int, *wanted: wire.Subscription) -> tuple[list[Frame], dict[str, torch.Tensor]]:
    """The frames of a run that is stepped and then let go, and its weights at the end."""
    commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
    commands.put(wire.Watch(views=list(wanted)))
    made = plan(document, threads=1)
    frames = []
    for event in loop(made, commands):
        if isinstance(event, Raw):
            frames.append(Frame(event))
        if isinstance(event, wire.State) and event.state in ("running", "paused"):
            commands.put(wire.Stop() if event.step >= steps else wire.Step())
    return frames, dict(made.compiled.module.state_dict())


def test_norms_of_each_step_by_layer(spiral) -> None:
    """V-004: the gradient's, the weights' and the update's size of each layer, against plain torch."""
    document = spiral(epochs=1, optimizer={"type": "sgd", "fields": {"lr": 0.1, "momentum": 0.9}})
    frames, _ = watched(document, 4, wire.Subscription(view="norms", node="", rate=30))
    compiled = compile(document)
    optimizer = torch.optim.SGD(compiled.module.parameters(), lr=0.1, momentum=0.9)
    made = plan(document, threads=1)
    (source,) = made.train.values()
    expected = {}
    for step, rows in enumerate(made.batches.order(source, 0).split(10)[:4], start=1):
        batch = source.rows(rows)
        optimizer.zero_grad()
        compiled.module(*[batch[each] for each in compiled.inputs])[0].backward()
        before = {path: [p.detach().clone() for p in compiled.modules[path].parameters()] for path in ("fc1", "out")}
        optimizer.step()
        for path, was in before.items():
            now = list(compiled.modules[path].parameters())
            size = sum(float(w.square().sum()) for w in was) ** 0.5
            expected[step, path] = (
                sum(float(p.grad.square().sum()) for p in now) ** 0.5,
                size,
                sum(float((p.detach() - w).square().sum()) for p, w in zip(now, was, strict=True)) ** 0.5 / size,
            )
    last = frames[-1]
    assert last.about["nodes"] == ["fc1", "fc2", "out"]
    steps = last.arrays["steps"].tolist()
    assert steps and set(steps) <= {1, 2, 3, 4} and steps[-1] == 4
    for row, step in zip(last.arrays["norms"], steps, strict=True):
        for path in ("fc1", "out"):
            assert row[last.about["nodes"].index(path)] == pytest.approx(expected[step, path], rel=1e-4), (step, path)


def test_a_watched_run_learns_the_same(pictures, train, same) -> None:
    document = pictures(epochs=1)
    views = [{"view": "norms", "node": ""}, {"view": "spread", "node": "conv1"}, {"view": "spread", "node": "act1"}]
    seen = train(document, wire.Watch(views=[wire.Subscription(**each, rate=30) for each in views]))
    assert seen.of(Raw)
    assert same(seen.weights, train(document).weights)


def test_nobody_looking_costs_nothing(spiral, train) -> None:
    """A step is only looked at where somebody asks: afterwards it is the plain one again."""
    done = train(spiral(epochs=1))
    assert done.plan.phases[0].recorded is None and "step" not in vars(done.plan.phases[0])
    (phase,) = plan(spiral(), threads=1).phases
    phase.record()
    assert "step" in vars(phase)
    phase.step([torch.zeros(4, 2), torch.zeros(4, dtype=torch.int64)], 0)
    assert phase.recorded is not None and "step" not in vars(phase)


def test_the_spread_of_weights_outputs_and_gradients(pictures) -> None:
    """T-045: counts in equal bins from the least to the most, as numpy's; outputs of the fixed samples."""
    document = pictures(epochs=1)
    made, frames = look(document, {"view": "spread", "node": "conv1"}, {"view": "spread", "node": "act1"})
    conv, act = frames
    assert conv.about["what"] == ["weights", "outputs"], "nothing has been learned yet, so there is no gradient"
    weights = torch.cat([each.detach().flatten() for each in made.compiled.modules["conv1"].parameters()]).numpy()
    counts, _ = np.histogram(weights, 48)
    assert conv.raw["weights"][0] == pytest.approx(np.round(counts * 255 / counts.max()), abs=0.5)
    assert conv.raw["weights_range"][0] == pytest.approx([weights.min(), weights.max()])
    assert act.about["what"] == ["outputs"]
    outputs = value(made, "act1", rows=list(range(act.about["samples"]))).numpy()
    counts, _ = np.histogram(outputs, 48)
    assert act.raw["outputs"][0] == pytest.approx(np.round(counts * 255 / counts.max()), abs=1)
    frames, _ = watched(document, 3, wire.Subscription(view="spread", node="conv1", rate=30))
    assert frames[-1].about["what"] == ["weights", "outputs", "gradients"]
    assert frames[-1].arrays["steps"].tolist()[-1] == 3


def test_a_history_is_thinned_and_set_back() -> None:
    history: History[int] = History(10)
    for step in range(1, 101):
        history.add(step, step)
    assert len(history.rows) <= 10 and history.steps[-1] == 100
    assert list(history) == history.steps
    gaps = np.diff(history.steps[:-1])
    assert history.steps[0] < 12 and gaps.max() <= 4 * gaps.min()
    history.add(40, 40)
    assert history.steps[-1] == 40, "what came later is void"


def test_what_was_seen_is_kept_while_nobody_looks(spiral) -> None:
    from chalknet.training.probe import Probe

    made = plan(spiral(epochs=1), threads=1)
    probe = Probe(made)
    wish = [wire.Subscription(view="norms", node="")]
    batches = iter(made.batches.epoch(0))
    for step in range(3):
        probe.watch(wish)
        list(probe.frames(step, 0.0, force=True))
        made.phases[0].step(next(batches), step)
        probe.watch([])
    probe.watch(wish)
    (frame,) = [Frame(each) for each in probe.frames(3, 0.0, force=True)]
    assert frame.arrays["steps"].tolist() == [1, 2, 3]
