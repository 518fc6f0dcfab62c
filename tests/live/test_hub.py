from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chalknet import wire
from chalknet.live.hub import MOST_IDLE, Hub
from chalknet.live.room import FILE, MOST_EVENTS, MOST_FRAME_BYTES
from chalknet.live.subscriber import Subscriber

from .conftest import metrics, picture

pytestmark = pytest.mark.anyio
STATE = {"event": "state", "state": "running", "step": 5, "steps": 10, "restarts": 1}
END = {"event": "end", "state": "finished", "metrics": {"test.accuracy": 0.75}}


def view(node: str = "conv", rate: float = 30) -> wire.Subscription:
    return wire.Subscription(view="maps", node=node, rate=rate)


class Watched:
    """What a hub asked to be computed, change by change."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, dict[str, float]]] = []

    def __call__(self, run: str, subscriptions: list[wire.Subscription]) -> None:
        self.changes.append((run, {subscription.node: subscription.rate for subscription in subscriptions}))


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Any]:
    """Makes hubs with open rooms; closes them."""
    hubs: list[Hub] = []

    async def open_(*runs: str, watched: Watched | None = None) -> Hub:
        hub = Hub(watched or Watched())
        hubs.append(hub)
        for run in runs or ("r",):
            await hub.open(wire.RunSummary(id=run, board="b", title="Spiral", epochs=3), tmp_path / run)
        return hub

    yield open_
    for hub in hubs:
        await hub.close()


async def text(subscriber: Subscriber) -> dict[str, Any]:
    message = await asyncio.wait_for(subscriber.next(), 30)
    assert isinstance(message, str)
    return json.loads(message)


async def frame(subscriber: Subscriber) -> wire.FrameHeader:
    message = await asyncio.wait_for(subscriber.next(), 30)
    assert isinstance(message, bytes)
    return wire.unpack(message)[0]


async def silent(subscriber: Subscriber) -> bool:
    """Whether there is nothing to tell now."""
    waiting = asyncio.ensure_future(subscriber.next())
    for _ in range(5):
        await asyncio.sleep(0)
    if waiting.done():
        return False
    waiting.cancel()
    return True


async def test_the_first_message_is_a_snapshot_of_all_that_happened(opened: Any):
    hub = await opened()
    hub.publish("r", STATE)
    hub.publish("r", metrics(1, 2))
    hub.publish("r", {"event": "noted", "step": 2, "text": "rate 0.5"})
    subscriber = hub.subscribe("r")
    snapshot = wire.Snapshot.model_validate(await text(subscriber))
    assert snapshot.seq == 3
    assert snapshot.summary.title == "Spiral"
    assert (snapshot.summary.state, snapshot.summary.steps, snapshot.summary.restarts) == ("running", 10, 1)
    assert snapshot.summary.metrics == {"train.loss": 2.0}
    assert [point.step for point in snapshot.points] == [1, 2]
    assert [note.text for note in snapshot.notes] == ["rate 0.5"]
    assert await silent(subscriber)


async def test_events_follow_one_by_one_with_run_and_seq(opened: Any):
    hub = await opened()
    subscriber = hub.subscribe("r", 0)
    assert (await text(subscriber))["event"] == "snapshot"
    for seq in range(1, 4):
        hub.publish("r", metrics(seq))
        event = await text(subscriber)
        assert (event["run"], event["seq"], event["points"][0]["step"]) == ("r", seq, seq)
        wire.run_message.validate_python(event)


async def test_who_returns_gets_what_was_missed(opened: Any):
    hub = await opened()
    for step in range(1, 8):
        hub.publish("r", metrics(step) if step % 2 else {"event": "noted", "step": step, "text": "x"})
    subscriber = hub.subscribe("r", 4)
    assert [((await text(subscriber))["seq"]) for _ in range(3)] == [5, 6, 7]
    assert await silent(subscriber)
    assert await silent(hub.subscribe("r", 7)), "nothing was missed"


@pytest.mark.parametrize("since", [1, 10**6], ids=["too far back", "of another history"])
async def test_a_gap_that_is_too_wide_is_filled_by_a_snapshot(opened: Any, since: int):
    hub = await opened()
    for step in range(MOST_EVENTS + 10):
        hub.publish("r", metrics(step))
    event = await text(hub.subscribe("r", since))
    assert event["event"] == "snapshot"
    assert event["seq"] == MOST_EVENTS + 10
    assert len(event["points"]) == MOST_EVENTS + 10


async def test_what_waits_is_merged_without_losing_a_point(opened: Any):
    hub = await opened()
    subscriber = hub.subscribe("r")
    await text(subscriber)
    hub.publish("r", STATE)
    for event in (metrics(1), metrics(2, 3), STATE, metrics(4), {"event": "rewound", "step": 2}, metrics(3), STATE):
        hub.publish("r", event)
    told = [await text(subscriber) for _ in range(4)]
    assert [event["event"] for event in told] == ["metrics", "rewound", "metrics", "state"]
    assert [point["step"] for point in told[0]["points"]] == [1, 2, 3, 4]
    assert [event["seq"] for event in told] == [5, 6, 7, 8]
    assert await silent(subscriber)


async def test_a_rewind_takes_back_later_points_and_notes(opened: Any):
    hub = await opened()
    hub.publish("r", metrics(1, 2, 3, 4))
    hub.publish("r", {"event": "noted", "step": 1, "text": "kept"})
    hub.publish("r", {"event": "noted", "step": 4, "text": "void"})
    hub.publish("r", {"event": "rewound", "step": 2})
    snapshot = await text(hub.subscribe("r"))
    assert [point["step"] for point in snapshot["points"]] == [1, 2]
    assert [note["text"] for note in snapshot["notes"]] == ["kept"]
    assert snapshot["summary"]["step"] == 2
    assert snapshot["summary"]["metrics"] == {"train.loss": 2.0}


async def test_history_outlives_the_hub(opened: Any):
    hub = await opened()
    hub.publish("r", STATE)
    hub.publish("r", metrics(1, 2))
    hub.publish("r", {"event": "failed", "problem": {"code": "nan", "message": "NaN at 'conv1'."}})
    hub.publish("r", {"event": "end", "state": "failed"})
    before = await text(hub.subscribe("r"))
    await hub.close()
    again = await opened()
    after = await text(again.subscribe("r"))
    assert after == before
    assert after["problem"]["message"] == after["summary"]["message"] == "NaN at 'conv1'."
    assert after["summary"]["state"] == again.summary("r").state == "failed"


async def test_seq_goes_on_after_a_restart(opened: Any):
    hub = await opened()
    for step in (1, 2, 3):
        hub.publish("r", metrics(step))
    await hub.close()
    again = await opened()
    subscriber = again.subscribe("r", 3)
    assert await silent(subscriber)
    again.publish("r", metrics(4))
    assert (await text(subscriber))["seq"] == 4
    assert (await text(again.subscribe("r", 2)))["event"] == "snapshot"
    await again.close()


async def test_a_line_that_a_crash_cut_off_is_left_out_and_overwritten(opened: Any, tmp_path: Path):
    hub = await opened()
    hub.publish("r", metrics(1))
    hub.publish("r", metrics(2))
    await hub.close()
    file = tmp_path / "r" / FILE
    file.write_bytes(file.read_bytes()[:-20])
    again = await opened()
    assert again.summary("r").step == 1
    again.publish("r", metrics(5))
    await again.close()
    third = await opened()
    assert [point["step"] for point in (await text(third.subscribe("r")))["points"]] == [1, 5]


async def test_a_value_that_json_cannot_hold_is_left_out(opened: Any):
    hub = await opened()
    hub.publish("r", metrics(1, **{"train.loss": float("nan"), "rate": 0.1}))
    assert (await text(hub.subscribe("r")))["points"][0]["values"] == {"rate": 0.1}


@pytest.mark.parametrize("nonsense", [{"event": "nonsense"}, {}, {"event": "metrics"}, b"", b"\xff" * 100])
async def test_what_is_no_event_is_left_out(opened: Any, nonsense: Any, caplog: pytest.LogCaptureFixture):
    hub = await opened()
    subscriber = hub.subscribe("r")
    await text(subscriber)
    hub.publish("r", nonsense)
    assert await silent(subscriber)
    assert "no event" in caplog.text


async def test_the_last_metrics_come_with_the_end(opened: Any):
    hub = await opened()
    hub.publish("r", metrics(1))
    hub.publish("r", END)
    assert hub.summary("r").metrics == {"train.loss": 1.0, "test.accuracy": 0.75}
    assert hub.summary("r").state == "finished"


async def test_pictures_reach_only_who_watches_their_key(opened: Any):
    hub = await opened()
    both, one, none = (hub.subscribe("r") for _ in range(3))
    for subscriber in (both, one, none):
        await text(subscriber)
    both.watch([view("conv"), view("fc")])
    one.watch([view("fc")])
    hub.publish("r", picture("conv", 1))
    hub.publish("r", picture("fc", 1))
    assert {(await frame(both)).node, (await frame(both)).node} == {"conv", "fc"}
    assert (await frame(one)).node == "fc"
    for subscriber in (both, one, none):
        assert await silent(subscriber)


async def test_of_pictures_that_wait_only_the_newest_is_told(opened: Any):
    hub = await opened()
    hub.publish("r", metrics(1))
    subscriber = hub.subscribe("r", 1)
    subscriber.watch([view()])
    for step in range(1, 50):
        hub.publish("r", picture(step=step))
    header = await frame(subscriber)
    assert (header.step, header.run, header.seq) == (49, "r", 1)
    assert await silent(subscriber)


async def test_the_newest_picture_comes_at_once_to_who_watches_later(opened: Any):
    hub = await opened()
    hub.publish("r", picture(step=7))
    hub.publish("r", metrics(7))
    hub.publish("r", END)
    subscriber = hub.subscribe("r", 2)
    subscriber.watch([view()])
    assert (await frame(subscriber)).step == 7
    subscriber.watch([view(), view("fc")])
    assert await silent(subscriber), "the same picture is not told twice to one watcher"


async def test_pictures_come_no_faster_than_asked(opened: Any):
    hub = await opened()
    fast, slow = hub.subscribe("r", None), hub.subscribe("r", None)
    for subscriber, rate in ((fast, 30), (slow, 10)):
        await text(subscriber)
        subscriber.watch([view(rate=rate)])
    loop = asyncio.get_running_loop()
    got: dict[Subscriber, list[float]] = {fast: [], slow: []}

    async def read(subscriber: Subscriber) -> None:
        while True:
            await subscriber.next()
            got[subscriber].append(loop.time())

    readers = [asyncio.create_task(read(subscriber)) for subscriber in (fast, slow)]
    start, step = loop.time(), 0
    while len(got[slow]) < 6:
        step += 1
        hub.publish("r", picture(step=step))
        await asyncio.sleep(0.002)
    seconds = loop.time() - start
    for reader in readers:
        reader.cancel()
    assert 3 <= len(got[slow]) <= 10 * seconds + 1.5
    assert len(got[fast]) <= 30 * seconds + 1.5
    assert len(got[fast]) > len(got[slow]), "one watcher's rate is not another's"


async def test_who_looks_closer_waits_no_longer_than_that(opened: Any):
    """A tab is opened whose view was only glanced at until then, a picture in ten thousand seconds."""
    hub = await opened()
    subscriber = hub.subscribe("r")
    await text(subscriber)
    subscriber.watch([view(rate=1e-4)])
    hub.publish("r", picture(step=1))
    assert (await frame(subscriber)).step == 1
    hub.publish("r", picture(step=2))
    assert await silent(subscriber)
    subscriber.watch([view(rate=30)])
    assert (await frame(subscriber)).step == 2


async def test_the_last_pictures_of_a_run_come_at_once(opened: Any):
    """However seldom they were asked for: what is seen afterwards must not be from before the end."""
    hub = await opened()
    subscriber = hub.subscribe("r")
    await text(subscriber)
    subscriber.watch([view(rate=1e-4)])
    hub.publish("r", picture(step=1))
    assert (await frame(subscriber)).step == 1
    hub.publish("r", picture(step=9))
    assert await silent(subscriber)
    hub.publish("r", END)
    assert (await text(subscriber))["event"] == "end"
    assert (await frame(subscriber)).step == 9


async def test_a_watcher_that_never_reads_holds_nothing_up_and_nothing_much(opened: Any):
    hub = await opened()
    deaf = hub.subscribe("r")
    deaf.watch([view(f"conv{index}") for index in range(4)])
    size = 64 << 10
    for step in range(50):  # the room's own memory reaches its size
        hub.publish("r", picture(f"conv{step % 4}", step, 256))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for step in range(2000):
        hub.publish("r", picture(f"conv{step % 4}", step, 256))
        if step % 10 == 0:
            hub.publish("r", metrics(step))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20 * size, f"{grown:,} bytes for {2000 * size:,} told"
    assert (await text(deaf))["event"] == "snapshot"
    assert sorted([(await frame(deaf)).step for _ in range(4)]) == [1996, 1997, 1998, 1999]


async def test_the_union_of_all_watchers_is_asked_for_when_it_changes(opened: Any):
    watched = Watched()
    hub = await opened(watched=watched)
    first, second = hub.subscribe("r"), hub.subscribe("r")
    assert watched.changes == []
    first.watch([view("conv", 5)])
    second.watch([view("conv", 2), view("fc", 1)])
    second.watch([view("conv", 3), view("fc", 1)])  # the union stays the same
    second.watch([view("conv", 10), view("fc", 1)])
    first.watch([])
    second.close()
    second.close()
    first.close()
    assert watched.changes == [
        ("r", {"conv": 5}),
        ("r", {"conv": 5, "fc": 1}),
        ("r", {"conv": 10, "fc": 1}),
        ("r", {}),
    ]
    assert hub.watching("r") == 0


async def test_who_watched_before_the_start_is_told_of_at_the_start(opened: Any):
    watched = Watched()
    hub = await opened(watched=watched)
    subscriber = hub.subscribe("r")
    subscriber.watch([view("conv", 5)])
    for state in ("preparing", "running", "resuming", "running"):
        hub.publish("r", {**STATE, "state": state})
    subscriber.close()
    hub.publish("r", {**STATE, "state": "preparing"})
    assert watched.changes == [("r", {"conv": 5}), ("r", {"conv": 5}), ("r", {"conv": 5}), ("r", {})]


async def test_equal_keys_of_one_watcher_count_once_at_the_higher_rate(opened: Any):
    watched = Watched()
    hub = await opened(watched=watched)
    hub.subscribe("r").watch([view("conv", 2), view("conv", 9), view("conv", 4)])
    assert watched.changes == [("r", {"conv": 9})]


async def test_the_room_s_pictures_are_bounded(opened: Any):
    hub = await opened()
    side = 2048
    count = MOST_FRAME_BYTES // side**2 + 3
    for index in range(count):
        hub.publish("r", picture(f"conv{index}", index, side))
    late = hub.subscribe("r")
    await text(late)
    late.watch([view("conv0"), view(f"conv{count - 1}")])
    assert (await frame(late)).node == f"conv{count - 1}"
    assert await silent(late), "the oldest was let go"


async def test_rooms_of_ended_runs_are_let_go_and_come_back_from_disk(opened: Any, tmp_path: Path):
    runs = [f"r{index}" for index in range(MOST_IDLE + 5)]
    hub = await opened(*runs)
    watcher = hub.subscribe("r0")
    for run in runs:
        hub.publish(run, metrics(1))
        hub.publish(run, END)
    assert hub.summary("r0").state == "finished", "it is watched"
    with pytest.raises(KeyError):
        hub.subscribe("r1")
    await hub.open(wire.RunSummary(id="r1", board="b"), tmp_path / "r1")
    assert (await text(hub.subscribe("r1")))["points"][0]["step"] == 1
    watcher.close()


async def test_many_who_open_a_room_at_once_get_the_same(opened: Any, tmp_path: Path):
    hub = await opened()
    hub.publish("r", metrics(1))
    await hub.close()
    again = await opened("other")
    summary = wire.RunSummary(id="r", board="b")
    await asyncio.gather(*(again.open(summary, tmp_path / "r") for _ in range(20)))
    again.publish("r", metrics(2))
    await again.open(summary, tmp_path / "r")
    assert again.summary("r").step == 2
    await again.close()


async def test_an_unknown_room_is_a_key_error(opened: Any):
    hub = await opened()
    for ask in (lambda: hub.subscribe("x"), lambda: hub.summary("x"), lambda: hub.publish("x", STATE)):
        with pytest.raises(KeyError):
            ask()


async def test_who_comes_to_a_run_that_has_ended_is_told_of_until_there_is_a_picture(opened: Any) -> None:
    """The union of wishes may be the same as before: what counts is whether the room has something to show."""
    watched = Watched()
    hub = await opened(watched=watched)
    first = hub.subscribe("r")
    first.watch([view()])
    hub.publish("r", STATE)
    hub.publish("r", picture(step=4))
    hub.publish("r", END)
    assert [each.node for each in hub.undrawn("r")] == ["conv"], "that picture is from before the last step"
    told = len(watched.changes)
    second = hub.subscribe("r")
    second.watch([view()])
    assert len(watched.changes) == told + 1
    hub.publish("r", picture(step=5))
    assert hub.undrawn("r") == []
    third = hub.subscribe("r")
    third.watch([view()])
    assert len(watched.changes) == told + 1
    kept = wire.Subscription(view="maps", node="conv", at=3)
    third.watch([view(), kept])
    assert hub.undrawn("r") == [kept] and kept.key == view().key + "|3"
