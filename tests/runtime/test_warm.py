from __future__ import annotations

import asyncio
import sys

import psutil
import pytest

from chalknet.runtime.warm import ForkServer, Spares, Unavailable

from .conftest import children

pytestmark = pytest.mark.anyio


async def test_closing_does_not_wait_for_the_imports():
    source = ForkServer(["torch"])
    opening = asyncio.create_task(source.open())
    while source.pid is None and not opening.done():  # noqa: ASYNC110 — one turn of the loop at a time, until the process is there
        await asyncio.sleep(0)
    process = psutil.Process(source.pid)
    await source.close()
    assert not process.is_running()
    with pytest.raises(Unavailable):
        await opening


async def test_imports_that_fail_are_told_to_whoever_wants_a_worker(capfd: pytest.CaptureFixture[str]):
    source = ForkServer(["chalknet.no_such_module"])
    with pytest.raises(Unavailable, match="status 1"):
        await source.take("cpu")
    assert "no_such_module" in capfd.readouterr().err
    await source.close()


async def test_workers_are_processes_of_their_own_that_end_with_their_connection():
    source = ForkServer([])
    first, second = await asyncio.gather(source.take("cpu"), source.take("cpu"))
    assert first.pid != second.pid
    assert psutil.Process(first.pid).ppid() == source.pid
    first.channel.close()
    assert await asyncio.wait_for(first.exited, 30) == 0
    assert await second.end() == -15
    await source.close()


async def test_a_source_can_be_opened_again_after_it_was_closed():
    source = ForkServer([])
    for _ in range(2):
        worker = await source.take("cpu")
        assert await worker.end() == -15
        await source.close()
        assert source.pid is None


async def test_a_spare_is_ready_before_it_is_wanted_and_one_at_a_time():
    source = Spares([], ["cpu"])
    await source.open()
    worker = await source.take("cpu")
    assert [process.pid for process in children()] == [worker.pid]
    assert await worker.end() == -15
    other = await source.take("cpu")
    assert other.pid != worker.pid
    await other.end()
    await source.close()
    assert children() == []


async def test_a_spare_that_cannot_be_made_is_told_to_whoever_wants_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    source = Spares([], ["cpu"])
    await source.open()
    with pytest.raises(Unavailable, match="No process could be started"):
        await source.take("cpu")
    await source.close()
