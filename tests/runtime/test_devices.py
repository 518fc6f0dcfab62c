from __future__ import annotations

from pathlib import Path

import pytest

from chalknet.runtime import devices


@pytest.fixture
def two_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The device files of a machine with two, and a torch that can use them."""
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "null"):
        (tmp_path / name).touch()
    monkeypatch.setattr(devices, "version", lambda package: "2.13.0")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path


def test_every_cuda_device_is_a_slot(two_gpus: Path):
    assert devices.slots(None, two_gpus) == ["cuda:0", "cuda:1"]
    assert devices.slots(1, two_gpus) == ["cuda:0"]


@pytest.mark.parametrize("chosen, count", [("", 0), ("-1", 0), ("1", 1), ("0,1", 2), ("0,1,2", 2)])
def test_devices_that_are_hidden_are_not_used(two_gpus: Path, monkeypatch: pytest.MonkeyPatch, chosen: str, count: int):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    assert len(devices.cuda(two_gpus)) == count


def test_a_torch_for_cpus_uses_none(two_gpus: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(devices, "version", lambda package: "2.13.0+cpu")
    assert devices.slots(3, two_gpus) == ["cpu"] * 3


def test_without_cuda_two_cores_are_a_slot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for cores, slots in ((1, 1), (2, 1), (3, 1), (8, 4)):
        monkeypatch.setattr(devices, "cores", lambda cores=cores: cores)
        assert devices.slots(None, tmp_path) == ["cpu"] * slots


def test_memory_and_cores_are_of_this_machine():
    assert devices.cores() >= 1
    assert 2**28 < devices.memory() < 2**50
