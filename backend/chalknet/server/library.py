"""Data sets as the server keeps them: an upload is read by a process of its own, and what comes of it gets its place on
the shelf at once or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalknet.datasets import built_in, famous, shelf
from chalknet.datasets.shelf import About
from chalknet.graph import rules
from chalknet.intake import limits
from chalknet.store import datasets
from chalknet.store.database import Store
from chalknet.store.files import Files
from chalknet.store.ids import new_id
from chalknet.wire import DataSetInfo, Person

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Uploads that are read at the same time; the others wait."""
FETCHING = 6 * 3600.0
"""Seconds that fetching may take: 170 MB over a thin line."""
MOST_HELD = 4 * 10**9
"""Bytes of all data sets that one person may have."""


class NotTaken(Exception):
    """An upload cannot be used; the message says why."""


class Library:
    """What lies on the shelf, and what is on its way there."""

    def __init__(self, store: Store, files: Files, mirror: str = "") -> None:
        self._store = store
        self._files = files
        self._mirror = mirror
        self._reading = asyncio.Semaphore(AT_ONCE)
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self._shares: dict[str, float] = {}
        """Of what is fetched, how much is here."""
        self._failed: dict[str, str] = {}
        """Why something could not be fetched."""

    def open(self) -> None:
        shelf.stand(self._files.datasets)

    async def close(self) -> None:
        """Breaks off what is fetched; it goes on from there when somebody asks for it again."""
        for task in self._fetching.values():
            task.cancel()
        await asyncio.gather(*self._fetching.values(), return_exceptions=True)

    def fetch(self, id: str) -> None:
        """Begins to fetch what is known by its name, unless it is here or on its way."""
        if id in self._fetching or shelf.find(id) is not None:
            return
        self._failed.pop(id, None)
        self._shares[id] = 0.0
        task = self._fetching[id] = asyncio.create_task(self._fetch(id), name=f"fetch {id}")
        task.add_done_callback(lambda _: (self._fetching.pop(id, None), self._shares.pop(id, None)))

    async def _fetch(self, id: str) -> None:
        folder = await asyncio.to_thread(self.room)
        fetched = self._files.cache / "fetched" / id
        mirror = f"{self._mirror.rstrip('/')}/{id}" if self._mirror else ""
        asked = {"name": id, "fetched": str(fetched), "here": str(folder / "made"), "mirror": mirror}
        try:
            await _read(asked, seconds=FETCHING, told=lambda share: self._shares.__setitem__(id, share))
            (folder / "made").rename(self._files.datasets / id)
            await asyncio.to_thread(shutil.rmtree, fetched, ignore_errors=True)
            rules.forget()  # what a board's data node answered while it was not here
        except NotTaken as refused:
            self._failed[id] = str(refused)
        except Exception:
            log.exception("%s could not be fetched", id)
            self._failed[id] = "Chalknet itself made a mistake. The server's log has the details."
        finally:
            await self.clear(folder)

    def room(self) -> Path:
        """A new folder for an upload."""
        folder = self._files.incoming / new_id()
        (folder / "sent").mkdir(parents=True)
        (folder / "made").mkdir()
        return folder

    async def clear(self, folder: Path) -> None:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def check_room(self, person: Person) -> None:
        """Raises NotTaken where a person has no room left."""
        async with self._store.read() as connection:
            held = await datasets.held(connection, person.id)
        if held >= MOST_HELD:
            raise NotTaken(
                f"Your data sets take {held / 1e9:.1f} GB of the {MOST_HELD / 1e9:.0f} GB that you may have here: "
                "delete one that you no longer need."
            )

    async def add(
        self, person: Person, folder: Path, files: list[tuple[str, Path]], title: str, wishes: dict[str, Any]
    ) -> tuple[DataSetInfo, About]:
        """Makes a data set of what was sent. Raises NotTaken."""
        made = folder / "made"
        asked = {"files": [(path, str(file)) for path, file in files], "here": str(made), "wishes": wishes}
        async with self._reading:
            about = About.model_validate((await _read(asked))["about"])
        info = DataSetInfo(
            id=new_id(),
            title=title.strip() or about.name.rpartition("/")[2] or "Data",
            kind=about.kind,
            count=about.count,
            layer=datasets.LAYERS[about.kind],
            mine=True,
            bytes=about.bytes,
            created=time.time(),
            troubled=about.troubled,
        )
        place = self._files.datasets / info.id
        made.rename(place)
        try:
            async with self._store.write() as connection:
                await datasets.create(connection, person.id, info)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return info, about

    async def find(self, id: str, person: Person) -> DataSetInfo | None:
        """A data set as this person sees it."""
        if id in built_in.SETS or id in famous.SETS:
            return next(info for info in self.known() if info.id == id)
        async with self._store.read() as connection:
            return await datasets.find(connection, id, person.id)

    async def mine(self, person: Person) -> list[DataSetInfo]:
        async with self._store.read() as connection:
            return await datasets.mine(connection, person.id)

    def known(self) -> list[DataSetInfo]:
        """Those that come with the house, and those that can be fetched by their names."""
        found = [
            DataSetInfo(
                id=id,
                title=each.title,
                kind=each.kind,
                count=each.count,
                layer=datasets.LAYERS[each.kind],
                source="built_in",
                sentence=each.sentence,
                generated=each.generated,
            )
            for id, each in built_in.SETS.items()
        ]
        for id, named in famous.SETS.items():
            about = shelf.find(id)
            found.append(
                DataSetInfo(
                    id=id,
                    title=named.title,
                    kind="images",
                    count=about.count if about else named.count,
                    layer=datasets.LAYERS["images"],
                    source="by_name",
                    sentence=named.sentence,
                    here=about is not None,
                    share=self._shares.get(id),
                    message=self._failed.get(id, ""),
                    bytes=about.bytes if about else sum(file.size for file in named.files),
                )
            )
        return found

    async def rename(self, info: DataSetInfo, title: str) -> DataSetInfo:
        async with self._store.write() as connection:
            await datasets.rename(connection, info.id, title)
        return info.model_copy(update={"title": title})

    async def remove(self, info: DataSetInfo) -> None:
        """Takes a data set away. Boards that use it open as before, and say that it is not here."""
        async with self._store.write() as connection:
            await datasets.remove(connection, info.id)
        await asyncio.to_thread(shutil.rmtree, self._files.datasets / info.id, ignore_errors=True)


async def _read(
    asked: dict[str, Any], *, seconds: float = limits.SECONDS, told: Callable[[float], None] | None = None
) -> dict[str, Any]:
    """The answer of a process that reads an upload, or fetches one; ``told`` hears how far it is. Raises NotTaken."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chalknet.intake",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        limit=64 * 2**20,
        start_new_session=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        async with asyncio.timeout(seconds):
            said, errors = await _said(process, json.dumps(asked).encode(), told)
    except TimeoutError:
        raise NotTaken(f"Reading it took longer than {seconds:,.0f} seconds. Send a part of it.") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode in (-signal.SIGKILL, -signal.SIGABRT, -signal.SIGSEGV):
        raise NotTaken("Reading it needs more memory than there is for it. Send a part of it.")
    if process.returncode:
        log.error("an upload could not be read: %s", errors.decode("utf-8", "replace"))
        raise NotTaken("Chalknet itself made a mistake while it read this. The server's log has the details.")
    answer: dict[str, Any] = json.loads(said)
    if "refused" in answer:
        raise NotTaken(answer["refused"])
    return answer


async def _said(
    process: asyncio.subprocess.Process, asked: bytes, told: Callable[[float], None] | None
) -> tuple[bytes, bytes]:
    """The last line that a process says, and its complaints; ``told`` hears the others."""
    if told is None:
        return await process.communicate(asked)
    assert process.stdin and process.stdout and process.stderr
    process.stdin.write(asked)
    process.stdin.close()
    complaints = asyncio.create_task(process.stderr.read())
    last = b""
    try:
        while line := await process.stdout.readline():
            last = line
            share = json.loads(line).get("share")
            if share is not None:
                told(share)
        await process.wait()
        return last, await complaints
    finally:
        complaints.cancel()
