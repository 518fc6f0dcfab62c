"""Processes that only answer: opened by a question, resting, ended; and what they say of a run that is over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from safetensors.numpy import load_file

from chalknet import wire
from chalknet.runtime.asking import Answering, Asking
from chalknet.runtime.executor import Run, Subject
from chalknet.runtime.local import WORKER, LocalExecutor
from chalknet.runtime.questions import Unanswered
from chalknet.runtime.warm import ForkServer

from .conftest import Told, children
from .test_training import board, opened

pytestmark = pytest.mark.anyio


def arrays(answer: bytes) -> dict[str, np.ndarray]:
    header, payload = wire.opened(answer)
    assert header.problem is None, header.problem
    return {
        each.name: np.frombuffer(payload, each.dtype, int(np.prod(each.shape)), each.offset).reshape(each.shape)
        for each in header.arrays
    }


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(one[name].tobytes() == other[name].tobytes() for name in one)


def of_file(path: Path, node: str) -> dict[str, np.ndarray]:
    """A node's tensors as they stand in a checkpoint."""
    lead = f"model.{node}."
    return {name.removeprefix(lead): each for name, each in load_file(path).items() if name.startswith(lead)}


@asynccontextmanager
async def asking(told: Told, **limits: Any) -> AsyncIterator[Asking]:
    source = ForkServer([WORKER])
    made = Asking(source, told.publish, limits=Answering(**limits), cache="")
    try:
        yield made
    finally:
        await made.close()
        await source.close()


def subject(key: str = "board", **recipe: Any) -> Subject:
    return Subject(key, board(**recipe))


WEIGHTS = wire.Weights(node="scores")


async def trained(executor: LocalExecutor, told: Told, directory: Path, **recipe: Any) -> Subject:
    document = board(**{"epochs": 3, **recipe})
    executor.start(Run("r", "ann", "board", document, directory))
    await told.end("r")
    return Subject("r", document, directory)


async def test_a_finished_run_is_asked_for_the_weights_that_it_ended_with(tmp_path: Path):
    async with opened() as (executor, told):
        run = await trained(executor, told, tmp_path)
        await executor.idle()
        (fork_server,) = children()
        assert fork_server.children() == [], "nobody asks, so there is no process"
        answer = await executor.ask(run, WEIGHTS)
        assert same(arrays(answer), of_file(tmp_path / "checkpoint.safetensors", "scores"))
        assert wire.opened(answer)[0].step == told.of("r", "state")[-1]["step"] > 0
        assert len(fork_server.children()) == 1
        # The next question finds it open.
        (before,) = fork_server.children()
        await executor.ask(run, wire.Weights(node="hidden"))
        assert fork_server.children() == [before]


async def test_a_run_under_way_answers_between_two_steps(tmp_path: Path):
    """It stands still, so that what it says can be compared with what it kept."""
    document = board(epochs=4000)
    async with opened() as (executor, told):
        executor.start(Run("r", "ann", "board", document, tmp_path))
        await told.until(lambda: told.steps("r"))
        moving = await executor.ask(Subject("r", document, tmp_path), WEIGHTS)
        assert wire.opened(moving)[0].step > 0
        executor.command("r", wire.Pause())
        await told.until(lambda: "paused" in told.states("r"))
        still = await executor.ask(Subject("r", document, tmp_path), WEIGHTS)
        assert same(arrays(still), of_file(tmp_path / "checkpoint.safetensors", "scores"))
        assert not same(arrays(still), arrays(moving))
        (fork_server,) = children()
        assert len(fork_server.children()) == 1, "no second process"
        executor.stop("r")
        await told.end("r")


async def test_the_views_of_a_finished_run_are_those_that_it_showed_at_its_end(tmp_path: Path):
    """Frame by frame, byte by byte."""
    wanted = [wire.Subscription(view="plane", node="scores", size=8), wire.Subscription(view="numbers", node="hidden")]
    document = board(epochs=40)
    async with opened() as (executor, told):
        executor.start(Run("r", "ann", "board", document, tmp_path))
        executor.watch("r", wanted)
        await told.end("r")
        await executor.idle()
        last = told.of("r", "state")[-1]["step"]
        live = frames(told, "r")
        assert {key.split("|")[0] for key in live} == {"plane", "numbers"}
        assert {wire.unpack(frame)[0].step for frame in live.values()} == {last}
        told.events.clear()
        executor.draw(Subject("r", document, tmp_path), lambda: wanted)
        await told.until(lambda: frames(told, "r").keys() == live.keys())
        assert frames(told, "r") == live


def frames(told: Told, run: str) -> dict[str, bytes]:
    """The newest frames, by key."""
    return {wire.unpack(each)[0].key: each for owner, each in told.events if owner == run and isinstance(each, bytes)}


async def test_a_board_that_was_never_trained_answers_with_its_first_weights():
    """The same as a run of it begins with, and others with another seed."""
    from chalknet.graph.document import read
    from chalknet.training.compile import compile

    async with asking(Told()) as made:
        for seed in (1, 2):
            answer = await made.ask(subject(seed=seed), WEIGHTS)
            module = compile(read(subject(seed=seed).document)).modules["scores"]
            expected = {name: each.numpy() for name, each in module.state_dict().items()}
            assert same(arrays(answer), expected)
            assert wire.opened(answer)[0].step == 0


async def test_what_cannot_be_answered_says_why_and_the_next_question_is_answered():
    async with asking(Told()) as made:
        for question, words in ((wire.Weights(node="loss"), "has no weights"), (wire.Weights(node="x"), "no weights")):
            problem = wire.opened(await made.ask(subject(), question))[0].problem
            assert problem is not None and words in problem.message
        (pid,) = [made.pid(key) for key in made.subjects]
        assert arrays(await made.ask(subject(), WEIGHTS))
        assert [made.pid(key) for key in made.subjects] == [pid]
        loose = Subject("loose", json.dumps({"version": 1, "nodes": {"loss": {"type": "cross_entropy"}}}).encode())
        problem = wire.opened(await made.ask(loose, WEIGHTS))[0].problem
        assert problem is not None and problem.code != "unanswerable", "the board's own problem"


async def test_as_many_processes_as_there_may_be_and_the_longest_unused_gives_way():
    async with asking(Told(), processes=2) as made:
        for key in "abcab":
            await made.ask(subject(key), WEIGHTS)
            assert len(made.subjects) <= 2
        assert made.subjects == ["a", "b"]
        answers = await asyncio.gather(*(made.ask(subject(key), WEIGHTS) for key in "abcdef"))
        assert all(arrays(answer) for answer in answers)
        assert len(made.subjects) == 2


async def test_a_process_that_nobody_asks_ends():
    async with asking(Told(), idle=0.2) as made:
        await made.ask(subject(), WEIGHTS)
        process = psutil.Process(made.pid("board"))
        await asyncio.to_thread(process.wait, 30)
        assert made.subjects == []


async def test_a_process_that_is_killed_is_told_of_and_made_again():
    async with asking(Told()) as made:
        await made.ask(subject(), WEIGHTS)
        psutil.Process(made.pid("board")).suspend()
        waiting = asyncio.create_task(made.ask(subject(), WEIGHTS))
        await asyncio.sleep(0)
        psutil.Process(made.pid("board")).kill()
        with pytest.raises(Unanswered):
            await waiting
        assert arrays(await made.ask(subject(), WEIGHTS))


async def test_a_question_that_takes_too_long_ends_its_process():
    async with asking(Told(), seconds=60) as made:
        await made.ask(subject(), WEIGHTS)
        process = psutil.Process(made.pid("board"))
        process.suspend()
        made._limits = Answering(seconds=0.2)
        with pytest.raises(Unanswered, match="no answer within"):
            await made.ask(subject(), WEIGHTS)
        await asyncio.to_thread(process.wait, 30)
        assert made.subjects == []


async def test_a_board_that_was_changed_is_asked_as_it_is_now():
    async with asking(Told()) as made:
        one, other = [arrays(await made.ask(subject(seed=seed), WEIGHTS)) for seed in (1, 2)]
        assert not same(one, other)
        assert made.subjects == ["board"]


async def test_a_kept_checkpoint_shows_what_the_run_showed_then(tmp_path: Path):
    """Byte by byte, while the run stands still at a later step; and its weights are those of the file."""
    live = [wire.Subscription(view="plane", node="scores", size=8), wire.Subscription(view="numbers", node="hidden")]
    document = board(epochs=40)
    run = Subject("r", document, tmp_path)
    shown: dict[int, dict[str, bytes]] = {}
    async with opened() as (executor, told):
        executor.start(Run("r", "ann", "board", document, tmp_path))
        executor.watch("r", live)
        executor.command("r", wire.Pause())
        await told.until(lambda: "paused" in told.states("r"))
        first = told.of("r", "state")[-1]["step"]
        for step in range(first, first + 4):
            if step > first:
                executor.command("r", wire.Step())
            await told.until(lambda step=step: {wire.unpack(f)[0].step for f in frames(told, "r").values()} == {step})
            shown[step] = frames(told, "r")
        await told.until(lambda: told.states("r").count("paused") == 4)
        assert len({frame for each in shown.values() for frame in each.values()}) == 8, "every step looks different"
        for step, then in shown.items():
            told.events.clear()
            wanted = [each.model_copy(update={"at": step}) for each in live]
            executor.draw(run, lambda wanted=wanted: wanted)
            await told.until(lambda wanted=wanted: frames(told, "r").keys() == {each.key for each in wanted})
            for each, past in zip(live, wanted, strict=True):
                (one, pixels), (other, again) = (wire.unpack(f) for f in (then[each.key], frames(told, "r")[past.key]))
                assert (one.step, pixels) == (other.step, again)
            answer = await executor.ask(run, WEIGHTS, step)
            assert same(arrays(answer), of_file(tmp_path / "kept" / f"{step:015}.safetensors", "scores"))
        executor.stop("r")
        await told.end("r")


@pytest.mark.parametrize("turns", range(5))
async def test_what_is_wanted_just_when_the_last_was_drawn_is_drawn_too(turns: int, tmp_path: Path):
    """Asked for again in the very turn of the loop in which the one before is done, or in one beside it."""
    async with asking(Told()) as made:
        asked: list[wire.Asked] = []

        async def answered(_: Subject, question: wire.Asked, at: int = wire.NOW) -> bytes:
            asked.append(question)
            return b""

        made.ask = answered  # type: ignore[method-assign]
        view = [wire.Subscription(view="numbers", node="hidden")]
        run = Subject("r", board(), tmp_path)
        made.draw(run, lambda: view)
        for _ in range(turns):
            await asyncio.sleep(0)
        made.draw(run, lambda: view)
        for _ in range(10):
            await asyncio.sleep(0)
        assert not made._wanted and not made._drawing
        assert len(asked) == (2 if turns else 1)
