"""Watching: at its rate, never for long, and without a trace in what is learned."""

from __future__ import annotations

import itertools
import queue

import pytest
import torch

from chalknet import wire
from chalknet.training import probe as probing
from chalknet.training.loop import loop
from chalknet.training.plan import plan
from chalknet.training.probe import Frame, Probe

EVERYTHING = {
    "spiral": [("plane", "act1"), ("plane", "loss"), ("maps", "out"), ("matrix", "loss"), ("samples", "data")],
    "pictures": [("maps", "norm1"), ("maps", "drop"), ("filters", "conv1"), ("matrix", "loss")],
    "words": [("matrix", "encoder/0/attention"), ("maps", "encoder/1/y"), ("matrix", "loss")],
    "detector": [("boxes", "loss"), ("maps", "conv2")],
}


def subscriptions(case: str, rate: float = 30) -> list[wire.Subscription]:
    return [wire.Subscription(view=view, node=node, samples=[0, 1], rate=rate) for view, node in EVERYTHING[case]]


@pytest.mark.parametrize("case", EVERYTHING)
def test_a_watched_run_learns_the_same(case, request, train, same) -> None:
    """Bit for bit, with BatchNorm and dropout, though every view is drawn as often as it can be."""
    extra = {"dropout": 0.3} if case == "spiral" else {}
    make = request.getfixturevalue(case)
    calm = train(make(**extra))
    watched = train(make(**extra), wire.Watch(views=subscriptions(case)))
    frames = watched.of(Frame)
    assert {wire.unpack(frame)[0].key for frame in frames} == {each.key for each in subscriptions(case)}
    assert same(calm.weights, watched.weights)
    assert calm.end.metrics["test.loss"] == watched.end.metrics["test.loss"]


def test_the_last_pictures_show_the_end(pictures, train) -> None:
    done = train(pictures(), wire.Watch(views=subscriptions("pictures", rate=0.1)))
    last = {header.key: header for header in (wire.unpack(frame)[0] for frame in done.of(Frame))}
    assert {header.step for header in last.values()} == {done.plan.steps}


def test_a_paused_run_answers_at_once(pictures) -> None:
    """Whoever subscribes while it stands still sees the state as it is, once; every step shows the next."""
    commands: queue.SimpleQueue[wire.RunCommand] = queue.SimpleQueue()
    commands.put(wire.Pause())
    run = loop(plan(pictures(epochs=50), threads=1), commands)
    at = next(event for event in run if isinstance(event, wire.State) and event.state == "paused").step
    commands.put(wire.Watch(views=subscriptions("pictures", rate=0.1)))
    frames = [wire.unpack(next(run))[0] for _ in EVERYTHING["pictures"]]
    assert {frame.step for frame in frames} == {at}
    commands.put(wire.Step())
    told = list(itertools.takewhile(lambda event: not isinstance(event, wire.State), run))
    steps = [wire.unpack(event)[0].step for event in told if isinstance(event, Frame)]
    assert steps == [at + 1] * len(EVERYTHING["pictures"])
    run.close()


def test_views_share_one_forward_pass(pictures, monkeypatch) -> None:
    """The union of all subscriptions is computed once, for the union of their samples."""
    made = plan(pictures(), threads=1)
    seen: list[int] = []
    made.compiled.modules["conv1"].register_forward_hook(lambda module, inputs, output: seen.append(len(inputs[0])))
    probe = Probe(made)
    probe.watch(
        [
            wire.Subscription(view="maps", node="conv1", samples=[3, 1]),
            wire.Subscription(view="maps", node="out", samples=[1, 5]),
            wire.Subscription(view="maps", node="pool1", samples=[0]),
        ]
    )
    frames = list(probe.frames(1, 0.1))
    assert len(frames) == 3
    assert seen == [4]


def test_only_what_leads_to_the_watched_nodes_is_computed(pictures) -> None:
    made = plan(pictures(), threads=1)
    made.compiled.modules["out"].register_forward_hook(lambda *_: pytest.fail("nobody looks at this"))
    probe = Probe(made)
    probe.watch([wire.Subscription(view="maps", node="conv1")])
    assert len(list(probe.frames(1, 0.1))) == 1


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(probing.time, "perf_counter", lambda: self.now)


def watched_for(probe: Probe, clock: Clock, seconds: float, cost: float) -> tuple[int, float]:
    """How often it drew in so many seconds of a run whose steps take a millisecond, and the share of time that it
    took."""
    begin, step, drawn, spent = clock.now, 0, 0, 0.0
    original = probe._drawn

    def costly(*given):
        nonlocal spent
        clock.now += cost
        spent += cost
        return original(*given)

    probe._drawn = costly
    while clock.now < begin + seconds:
        clock.now += 0.001
        step += 1
        if clock.now >= probe.due:
            drawn += len(list(probe.frames(step, 0.0)))
    probe._drawn = original
    return drawn, spent / (clock.now - begin)


@pytest.mark.parametrize(
    ("cost", "rate", "drawn", "share"),
    [
        (0.001, 10, (95, 101), 0.02),  # cheap: as often as asked for
        (0.010, 10, (38, 42), 0.05),  # 4 % of the time: every 250 ms
        (0.060, 10, (18, 22), 0.13),  # rather 2 a second than 4 %
        (0.500, 10, (4, 5), 0.22),  # and rather seldom than a fifth of the time
    ],
)
def test_takes_its_share_of_the_time(cost, rate, drawn, share, spiral, monkeypatch) -> None:
    clock = Clock(monkeypatch)
    probe = Probe(plan(spiral(), threads=1))
    probe.watch([wire.Subscription(view="maps", node="out", rate=rate)])
    count, taken = watched_for(probe, clock, 10, cost)
    assert drawn[0] <= count <= drawn[1]
    assert taken <= share


def test_a_heavy_view_does_not_slow_a_light_one(pictures, monkeypatch) -> None:
    """A confusion matrix over all of validation is drawn seldom, the maps beside it as often as asked for."""
    clock = Clock(monkeypatch)
    probe = Probe(plan(pictures(), threads=1))
    probe.watch(
        [wire.Subscription(view="maps", node="conv1", rate=10), wire.Subscription(view="matrix", node="loss", rate=10)]
    )
    original, seen, spent = probe._drawn, [], 0.0

    def costly(group, *given):
        nonlocal spent
        cost = 0.050 if group.over == "validation" else 0.001
        clock.now += cost
        spent += cost
        return original(group, *given)

    monkeypatch.setattr(probe, "_drawn", costly)
    begun, step = clock.now, 0
    while clock.now < begun + 10:
        clock.now += 0.001
        step += 1
        if clock.now >= probe.due:
            seen += [wire.unpack(frame)[0].view for frame in probe.frames(step, 0.0)]
    assert seen.count("maps") >= 90
    assert 3 <= seen.count("matrix") <= 5
    assert spent / 10 <= 0.04


def test_each_subscription_has_its_rate(spiral, monkeypatch) -> None:
    clock = Clock(monkeypatch)
    probe = Probe(plan(spiral(), threads=1))
    probe.watch(
        [wire.Subscription(view="maps", node="out", rate=10), wire.Subscription(view="maps", node="fc1", rate=1)]
    )
    seen: list[str] = []
    for step in range(3000):
        clock.now += 0.001
        if clock.now >= probe.due:
            seen += [wire.unpack(frame)[0].node for frame in probe.frames(step, 0.0)]
    assert 28 <= seen.count("out") <= 31
    assert seen.count("fc1") == 3


def test_nobody_watching_costs_nothing(spiral) -> None:
    probe = Probe(plan(spiral(), threads=1))
    assert probe.due == float("inf")
    probe.watch([wire.Subscription(view="maps", node="out")])
    probe.watch([])
    assert probe.due == float("inf")


def test_a_view_that_breaks_is_dropped_and_the_run_goes_on(pictures, train, monkeypatch, same) -> None:
    from chalknet.training.views.maps import Maps

    def broken(*_):
        raise RuntimeError("this view is broken")

    calm = train(pictures())
    monkeypatch.setattr(Maps, "draw", broken)
    done = train(pictures(), wire.Watch(views=subscriptions("pictures")))
    assert done.end.state == "finished"
    assert {wire.unpack(frame)[0].view for frame in done.of(Frame)} == {"filters", "matrix"}
    assert same(calm.weights, done.weights)


def test_evaluation_mode_comes_and_goes(pictures) -> None:
    from chalknet.training.evaluate import untouched

    made = plan(pictures(), threads=1)
    made.compiled.learn()
    torch.manual_seed(5)
    before = torch.get_rng_state()
    with untouched(made.compiled):
        assert not made.compiled.modules["drop"].training
        torch.rand(3)
    assert made.compiled.modules["drop"].training
    assert torch.equal(torch.get_rng_state(), before)
