"""Starting: quickly, without torch, and not where it would be unsafe."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalknet import wire
from chalknet.server.settings import Misconfigured, Settings


def test_defaults() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8000, Path(".chalknet"))
    assert settings.database == f"sqlite:///{Path.cwd() / '.chalknet' / 'chalknet.db'}"
    settings.check()


def test_every_setting_is_read() -> None:
    settings = Settings.from_environment(
        {
            "CHALKNET_DATA": "/d",
            "CHALKNET_DATABASE_URL": "postgresql://x/y",
            "CHALKNET_HOST": "::1",
            "CHALKNET_PORT": "1",
            "CHALKNET_SECRET": "s",
            "CHALKNET_HOSTS": " A.b , c",
            "CHALKNET_MIRROR": "http://m/",
        }
    )
    assert settings == Settings(Path("/d"), "postgresql://x/y", "::1", 1, "s", ("a.b", "c"), "http://m/")
    assert settings.database == "postgresql://x/y"


@pytest.mark.parametrize("port", ["", "x", "-1", "65536", "1.5", "²"])
def test_a_port_that_is_none(port: str) -> None:
    with pytest.raises(Misconfigured, match="CHALKNET_PORT"):
        Settings.from_environment({"CHALKNET_PORT": port})


@pytest.mark.parametrize(
    ("host", "secret", "safe"),
    [
        ("127.0.0.1", "", True),
        ("127.8.8.8", "", True),
        ("::1", "", True),
        ("localhost", "", True),
        ("0.0.0.0", "", False),
        ("::", "", False),
        ("192.168.1.5", "short", False),
        ("school.example", "", False),
        ("0.0.0.0", "x" * 16, True),
    ],
)
def test_others_are_let_in_only_with_a_secret(host: str, secret: str, safe: bool) -> None:
    settings = Settings(host=host, secret=secret)
    if safe:
        settings.check()
    else:
        with pytest.raises(Misconfigured, match="CHALKNET_SECRET"):
            settings.check()


def _fails(**settings: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "chalknet.server"], env=settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1 and not done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def test_what_keeps_it_from_starting_is_said(server: Any, tmp_path: Path) -> None:
    data = {"CHALKNET_DATA": str(tmp_path / "data"), "CHALKNET_PORT": "0"}
    assert "CHALKNET_SECRET" in _fails(**data, CHALKNET_HOST="0.0.0.0")
    taken = server.address.split(":")[1]
    assert f"port {taken}" in _fails(**{**data, "CHALKNET_PORT": taken})
    words = _fails(**data, CHALKNET_DATABASE_URL="postgresql://ann:password@127.0.0.1:1/x")
    assert "cannot be used" in words and "password" not in words
    (tmp_path / "file").write_text("")
    assert "file" in _fails(**{**data, "CHALKNET_DATA": str(tmp_path / "file")})


def test_the_server_never_imports_torch(tmp_path: Path) -> None:
    """Not at its start, and not by anything that is asked of it."""
    program = Path(__file__).with_name("everything.py")
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "data")], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def messages(kind: type[wire.Message]) -> set[str]:
    """Names of what is sent: of every message that is no other one's base."""
    under = kind.__subclasses__()
    return set().union(*map(messages, under)) if under else {kind.__name__}


def test_the_schema_knows_the_wire() -> None:
    done = subprocess.run([sys.executable, "-m", "chalknet.server.schema"], capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    schemas = document["components"]["schemas"]
    for union in ("BoardMessage", "RunMessage", "RunCommand"):
        assert schemas[union]["discriminator"]["propertyName"] in ("event", "command")
    # What only processes of the server say to each other is no page's affair.
    assert messages(wire.Message) - {"Ask", "Looks", "Fitting", "Testing", "Member", "Together"} <= set(schemas)
    assert {"Document", "Node", "Edge", "Inference", "NodeFacts", "Problem", "Fix", "Edit"} <= set(schemas)
    named = set(done.stdout.split('"#/components/schemas/')[1:])
    assert {name.split('"')[0] for name in named} <= set(schemas)


def test_the_greeting_names_the_address(new_server: Callable[..., Any]) -> None:
    server = new_server()
    assert server.url.startswith("http://127.0.0.1:")
    assert server.log.read_text() == ""
