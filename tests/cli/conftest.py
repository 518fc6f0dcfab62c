"""Boards as files, and the command line run in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalknet.cli import main

GOOD: dict[str, Any] = {
    "title": "Two classes [of points]",
    "nodes": {
        "data": {"type": "points"},
        "fc": {"type": "linear", "fields": {"units": 2}},
        "loss": {"type": "cross_entropy"},
    },
    "edges": {
        "a": {"from": "data", "out": "x", "to": "fc"},
        "b": {"from": "fc", "to": "loss", "in": "logits"},
        "c": {"from": "data", "out": "label", "to": "loss", "in": "target"},
    },
}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.json"
    file.write_text(json.dumps(GOOD))
    return file


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A picture into a Linear."""
    board = json.loads(json.dumps(GOOD))
    board["nodes"]["data"]["type"] = "digits"
    board["edges"]["a"]["out"] = "image"
    file = tmp_path / "faulty.json"
    file.write_text(json.dumps(board))
    return file


@pytest.fixture
def chalknet(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command line; its exit status, standard output and standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return status, told.out, told.err

    return run
