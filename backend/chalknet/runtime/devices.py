"""Which accelerators there are, found out without torch."""

from __future__ import annotations

import os
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def slots(wanted: int | None = None, devices: Path = Path("/dev")) -> list[str]:
    """A device's name for every run that may execute at the same time: ``cuda:0``, ``cuda:1`` … with CUDA, else ``cpu``
    as often as ``wanted``, by default once for two cores. ``wanted`` also limits the number of CUDA devices used."""
    found = cuda(devices)
    if found:
        return found[:wanted]
    return ["cpu"] * (wanted or max(1, cores() // 2))


def cuda(devices: Path = Path("/dev")) -> list[str]:
    """CUDA devices that torch will see: the driver's files, when torch is not a build for CPUs only."""
    try:
        if version("torch").endswith("+cpu"):
            return []
    except PackageNotFoundError:
        return []
    count = sum(bool(re.fullmatch(r"nvidia\d+", file.name)) for file in devices.glob("nvidia*"))
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        count = min(count, len([part for part in chosen.split(",") if part.strip() not in ("", "-1")]))
    return [f"cuda:{index}" for index in range(count)]


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory() -> int:
    """Bytes of physical memory, or of the container's limit when that is smaller."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        try:
            return min(physical, int(limit.read_text()))
        except (OSError, ValueError):
            continue
    return physical
