"""A real server in a process of its own, for whoever tests through HTTP, sockets or a browser."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

START = 30.0
"""Seconds that a start may take on a busy machine before a test gives up."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys come last: Playwright keeps an event loop running in the main thread from its first test on, in which
    nobody else could run one of their own."""
    items.sort(key=lambda item: "e2e" in item.path.parts)


class Server:
    """``url`` is where it listens (on a free port, the same again after ``restart``), ``data`` its data directory."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.url = ""
        self.log = data.parent / f"{data.name}.log"
        self._settings = settings
        self._port = "0"
        self.process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def address(self) -> str:
        """Host and port."""
        return self.url.removeprefix("http://")

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHALKNET_")},
            "CHALKNET_DATA": str(self.data),
            "CHALKNET_PORT": self._port,
            "OMP_NUM_THREADS": "1",
            **self._settings,
        }
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "chalknet.server"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+:(\d+)/", line)
        if found is None:
            self.stop()
            raise AssertionError(f"the server did not start: {line}{self.log.read_text()}")
        self.url, self._port = found[0].rstrip("/"), found[1]

    def stop(self) -> int:
        """Asks it to stop and returns its status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def _end(self, number: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            status = process.wait(START)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the server did not stop: {self.log.read_text()}") from None
        finally:
            assert process.stdout is not None
            process.stdout.close()
        return status


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests that leave it as they found it. Every client without a cookie is a new person."""
    with tempfile.TemporaryDirectory(prefix="chalknet-") as folder:
        running = Server(Path(folder) / "data")
        yield running
        running.stop()
        said = running.log.read_text()
        assert "Traceback" not in said and "unsendable" not in said, said


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server of one's own: ``new_server(CHALKNET_SECRET="…")``. It may be stopped, killed, restarted."""
    started: list[Server] = []

    def start(**settings: str) -> Server:
        started.append(Server(tmp_path / f"data{len(started)}", **settings))
        return started[-1]

    yield start
    for running in started:
        running.stop()


VERSIONS = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[4]))
PG_CTL = shutil.which("pg_ctl") or (str(VERSIONS[-1]) if VERSIONS else None)


def _as_postgres() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server without a database name, on a socket in a folder of its own: no port is opened."""
    if PG_CTL is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    pytest.importorskip("psycopg", reason="the driver for PostgreSQL is not installed (pip install chalknet[postgres])")
    who = _as_postgres()
    folder = Path(tempfile.mkdtemp(prefix="chalknet-pg-"))
    if who:
        os.chown(folder, who["user"], who["group"])
    data = folder / "data"

    def run(*command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, **who)
        assert done.returncode == 0, done.stderr + done.stdout

    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    try:
        run(str(Path(PG_CTL).with_name("initdb")), "-D", str(data), "-U", "chalknet", "-A", "trust", "--no-sync")
        run(PG_CTL, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://chalknet@/{{name}}?host={folder}"
        finally:
            run(PG_CTL, "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def new_database(postgres: str) -> Iterator[Callable[[], str]]:
    """Makes empty PostgreSQL databases; gives their URLs."""
    import psycopg

    made: list[str] = []

    def create() -> str:
        made.append(f"t{os.urandom(6).hex()}")
        connection.execute(f"CREATE DATABASE {made[-1]}")
        return postgres.format(name=made[-1])

    with psycopg.connect(postgres.format(name="postgres"), autocommit=True) as connection:
        yield create
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
