"""``chalknet train``: what a script reads, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalknet import wire
from chalknet.cli import main


@pytest.fixture
def file(spiral, tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("CHALKNET_DATA", str(tmp_path / "data"))
    path = tmp_path / "board.json"
    path.write_text(json.dumps(spiral().dump()))
    return path


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_one_event_a_line_and_the_end_last(file, capsys) -> None:
    assert main(["train", str(file), "--epochs", "3", "--seed", "1", "--json"]) == 0
    events = lines(capsys.readouterr().out)
    for event in events:
        wire.run_message.validate_python(event)
    assert events[-1]["event"] == "end"
    assert {"train.loss", "test.loss", "test.accuracy"} <= set(events[-1]["metrics"])
    assert {event["epochs"] for event in events if event["event"] == "state"} == {3}


def test_the_same_seed_says_the_same(file, capsys) -> None:
    ends = []
    for seed in ("1", "1", "2"):
        main(["train", str(file), "--seed", seed, "--json"])
        ends.append(lines(capsys.readouterr().out)[-1]["metrics"]["test.loss"])
    assert ends[0] == ends[1] != ends[2]


def test_a_locked_test_is_asked_for(spiral, tmp_path, monkeypatch, capsys) -> None:
    """T-043: with ``--test``, and only then."""
    monkeypatch.setenv("CHALKNET_DATA", str(tmp_path / "data"))
    path = tmp_path / "locked.json"
    path.write_text(json.dumps(spiral(test="locked").dump()))
    for more, there in (([], set()), (["--test"], {"test.loss", "test.accuracy"})):
        assert main(["train", str(path), "--json", *more]) == 0
        metrics = lines(capsys.readouterr().out)[-1]["metrics"]
        assert {name for name in metrics if name.startswith("test")} == there


def test_for_people_a_bar_and_the_values(file, capsys) -> None:
    assert main(["train", str(file)]) == 0
    out = capsys.readouterr().out
    assert "Finished" in out
    assert "test.accuracy" in out


def test_a_board_with_problems(board, tmp_path, capsys) -> None:
    """Status 1; the problem in words, or as an event."""
    broken = board()
    broken.add("data", "digits")
    broken.add("out", "linear", "data.image", units=10)
    broken.add("loss", "cross_entropy", "out>logits", "data.label>target")
    path = tmp_path / "board.json"
    path.write_text(json.dumps(broken.document().dump()))
    assert main(["train", str(path)]) == 1
    assert "out" in capsys.readouterr().out
    assert main(["train", str(path), "--json"]) == 1
    *_, failed, end = lines(capsys.readouterr().out)
    assert failed["problem"]["node"] == "out"
    assert (end["event"], end["state"]) == ("end", "failed")


@pytest.mark.parametrize("text", [None, "", "{", "[1]", '{"nodes": {"a": {"type": 3}}}'])
def test_an_unreadable_file(text, tmp_path, capsys) -> None:
    path = tmp_path / "board.json"
    if text is not None:
        path.write_text(text)
    assert main(["train", str(path)]) == 2
    told = capsys.readouterr()
    assert not told.out
    assert str(path) in told.err
    assert "Traceback" not in told.err


def test_a_run_that_fails(spiral, tmp_path, capsys) -> None:
    path = tmp_path / "board.json"
    document = spiral(
        epochs=50, optimizer={"type": "sgd", "fields": {"lr": 1000, "momentum": 0.99, "weight_decay": 10}}
    )
    path.write_text(json.dumps(document.dump()))
    assert main(["train", str(path), "--json"]) == 1
    *_, failed, end = lines(capsys.readouterr().out)
    assert failed["problem"]["code"] == "non_finite"
    assert end["state"] == "failed"


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ctrl_c_stops_cleanly(spiral, tmp_path) -> None:
    """Once: the last event is an end that says stopped, status 130, no traceback."""
    path = tmp_path / "board.json"
    path.write_text(json.dumps(spiral(epochs=100_000).dump()))
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from chalknet.cli import main; sys.exit(main())",
            "train",
            str(path),
            "--json",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CHALKNET_DATA": str(tmp_path / "data"), "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(first)["event"] == "state"
    end = json.loads(out.splitlines()[-1])
    assert (end["event"], end["state"]) == ("end", "stopped")
    assert "Traceback" not in err
