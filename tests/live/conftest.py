from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chalknet import wire


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The server's event loop."""
    return "asyncio", {"use_uvloop": True}


def metrics(*steps: int, **values: float) -> dict[str, Any]:
    """One event with a point a step; without values the training loss is the step."""
    points = [
        {"step": step, "epoch": step / 10, "seconds": step / 100, "values": values or {"train.loss": float(step)}}
        for step in steps
    ]
    return {"event": "metrics", "points": points}


def picture(node: str = "conv", step: int = 0, size: int = 16) -> bytes:
    """A frame of ``maps`` at a node; every pixel is the step."""
    subscription = wire.Subscription(view="maps", node=node)
    header = wire.FrameHeader(
        key=subscription.key, view="maps", node=node, step=step,
        arrays=[wire.Array(name="maps", dtype="uint8", shape=[1, 1, size, size], lo=[0], hi=[1])],
    )  # fmt: skip
    return wire.pack(header, {"maps": np.full((size, size), step % 256, np.uint8).tobytes()})
