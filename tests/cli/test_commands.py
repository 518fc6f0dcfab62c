"""The other subcommands, and the frame round them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from chalknet import cli
from chalknet.wire import Catalogue, GalleryCard


def test_layers(chalknet):
    status, out, _ = chalknet("layers")
    assert status == 0
    assert "conv2d" in out and "kernel=3" in out and "Library blocks" in out
    status, out, _ = chalknet("layers", "--json")
    assert status == 0
    assert {"conv2d", "linear"} <= {layer.type for layer in Catalogue.model_validate_json(out).layers}


def test_gallery(chalknet):
    status, out, _ = chalknet("gallery")
    assert status == 0 and len(out.splitlines()) >= 5
    status, out, _ = chalknet("gallery", "--json")
    cards = [GalleryCard.model_validate(card) for card in json.loads(out)]
    assert len(cards) >= 4
    assert all(card.parameters > 0 and card.data and card.summary for card in cards)


def test_every_board_of_the_gallery_is_sound(chalknet, tmp_path):
    for card in json.loads(chalknet("gallery", "--json")[1]):
        file = tmp_path / "board.json"
        file.write_text(json.dumps(card["document"]))
        status, out, _ = chalknet("infer", file, "--json")
        assert status == 0, out
        assert json.loads(out)["problems"] == [], card["name"]


def test_export(chalknet, good, tmp_path):
    status, out, _ = chalknet("export", good, "--format", "pytorch")
    assert status == 0
    compile(out, "board.py", "exec")
    target = tmp_path / "board.py"
    assert chalknet("export", good, "--out", target)[:2] == (0, "")
    assert target.read_text() == out


def test_export_of_a_board_with_problems(chalknet, faulty, tmp_path):
    status, out, err = chalknet("export", faulty)
    assert (status, out) == (1, "") and "error: fc: needs a vector" in err


def test_export_where_nothing_can_be_written(chalknet, good, tmp_path):
    status, _, err = chalknet("export", good, "--out", tmp_path / "gone" / "board.py")
    assert status == 2 and "No such file or directory" in err


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["infer"], ["export", "x", "--format", "onnx"], ["train", "x", "--epochs", "0"]]
)
def test_a_wrong_command_line_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_fault_of_our_own_is_told_without_a_traceback(chalknet, good, monkeypatch):
    monkeypatch.delenv(cli.DEBUG, raising=False)
    monkeypatch.setattr("chalknet.graph.infer.infer", lambda document: 1 / 0)
    status, out, err = chalknet("infer", good)
    assert (status, out) == (cli.FAULT, "")
    assert "a fault of Chalknet (ZeroDivisionError: division by zero)" in err
    monkeypatch.setenv(cli.DEBUG, "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["infer", str(good)])


def test_an_interruption_is_no_traceback(chalknet, good, monkeypatch):
    def interrupt(document):
        raise KeyboardInterrupt

    monkeypatch.setattr("chalknet.graph.infer.infer", interrupt)
    assert chalknet("infer", good)[0] == cli.INTERRUPTED


def run(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chalknet", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def test_as_a_process(good):
    done = run("infer", str(good), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["parameters"] == 6


def test_a_reader_that_has_seen_enough_is_no_mistake(good):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "chalknet", "layers", "--json"],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_shapes_need_no_torch(good):
    """Only train and export may import torch."""
    code = (
        "import sys; from chalknet.cli import main; main(['infer', sys.argv[1]]); main(['layers']); main(['gallery']);"
        "print('torch' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(good)], capture_output=True, text=True, timeout=120)
    assert done.stderr == "False\n"
