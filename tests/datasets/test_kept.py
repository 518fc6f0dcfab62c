"""What takes long to make is made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from chalknet.datasets import kept
from chalknet.datasets.base import Split
from chalknet.datasets.digits import Digits
from chalknet.datasets.shapes import Shapes, shapes

SMALL = Shapes(samples=30, size=32)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one each time that pictures are made."""
    times: list[int] = []

    def counted(*arguments: object) -> dict[str, torch.Tensor]:
        times.append(1)
        return shapes(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("chalknet.datasets.shapes.shapes", counted)
    return times


def test_a_second_load_reads_what_the_first_made(tmp_path: Path, made: list[int]) -> None:
    first = SMALL.load(Split(), cache=tmp_path)
    told: list[float] = []
    second = SMALL.load(Split(), cache=tmp_path, progress=told.append)
    assert len(made) == 1 and told == [1.0]
    for part, ports in first.items():
        for port, values in ports.items():
            assert torch.equal(values, second[part][port])


def test_progress_is_told_while_it_is_made(tmp_path: Path) -> None:
    told: list[float] = []
    Shapes(samples=120, size=32).load(Split(), cache=tmp_path, progress=told.append)
    assert told == sorted(told) and told[0] == 0 and told[-1] == 1 and len(told) > 2


@pytest.mark.parametrize(
    ("source", "split"),
    [
        (Shapes(samples=30, size=32, noise=0.5), Split()),
        (SMALL, Split(seed=1)),
        (SMALL, Split(test=0.3)),
        (Digits(), Split()),
    ],
)
def test_other_fields_or_another_split_have_another_file(source: Shapes | Digits, split: Split) -> None:
    assert kept.name(source, split, shapes) != kept.name(SMALL, Split(), shapes)


def test_other_code_has_another_file() -> None:
    assert kept.name(SMALL, Split(), shapes) != kept.name(SMALL, Split(), shapes, kept.keep)


def test_a_damaged_file_is_made_again(tmp_path: Path, made: list[int]) -> None:
    SMALL.load(Split(), cache=tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    SMALL.load(Split(), cache=tmp_path)
    assert len(made) == 2 and file.read_bytes() == whole


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("safetensors.torch.save_file", full)
    with pytest.raises(OSError, match="No space"):
        kept.keep(tmp_path / "data.safetensors", {"x": torch.zeros(3)})
    assert not list(tmp_path.iterdir())


def test_without_a_cache_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    SMALL.load(Split())
    assert not list(tmp_path.iterdir())


def test_what_was_used_longest_ago_makes_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 10_000)
    files = [tmp_path / f"{letter}.safetensors" for letter in "abcd"]
    for age, file in enumerate(files[:3]):
        kept.keep(file, {"x": torch.zeros(1000)})
        os.utime(file, ns=(age, age))
        assert file.exists()
    assert [file.name[0] for file in sorted(tmp_path.iterdir())] == ["b", "c"]
    mapped = kept.recall(files[1])
    kept.keep(files[3], {"x": torch.zeros(1000)})
    assert [file.name[0] for file in sorted(tmp_path.iterdir())] == ["b", "d"], "b was used, c was not"
    assert mapped is not None and mapped["x"].sum() == 0


def test_one_file_larger_than_all_room_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 100)
    kept.keep(tmp_path / "large.safetensors", {"x": torch.zeros(1000)})
    assert (tmp_path / "large.safetensors").exists()


def test_what_a_killed_process_left_is_cleared_the_next_day(tmp_path: Path) -> None:
    old, fresh = tmp_path / "old.part", tmp_path / "fresh.part"
    for file in (old, fresh):
        file.touch()
    os.utime(old, (0, 0))
    kept.keep(tmp_path / "data.safetensors", {"x": torch.zeros(3)})
    assert not old.exists() and fresh.exists()
