"""Counts instead of training, in a real worker process, and misbehaves on demand. No torch: it starts in a moment.

The document is a JSON object: ``steps`` to count to, ``pause`` seconds a step, ``checkpoint`` every so many steps,
``stands`` the step after which it pauses by itself, and one of the misdeeds below.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgpack


def main(connection: Connection, document: bytes, options: dict[str, Any]) -> None:
    plan = json.loads(document)
    saved = Path(options["directory"]) / "step"

    def tell(event: dict[str, Any]) -> None:
        connection.send_bytes(msgpack.packb([0, event]))

    with (Path(options["directory"]) / "starts").open("a") as starts:
        starts.write(f"{os.getpid()} {options['resume']} {options['threads']}\n")
    if plan.get("deaf"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        tell({"event": "state", "state": "running"})
        while True:
            time.sleep(60)  # reads nothing, not even the end of its connection
    step = 0
    if options["resume"]:
        with contextlib.suppress(FileNotFoundError):
            step = int(saved.read_text())
            tell({"event": "rewound", "step": step})
    if plan.get("raises"):
        raise ValueError(plan["raises"])
    if plan.get("hungry"):
        held = bytearray(plan["hungry"])
        held[::4096] = b"x" * len(held[::4096])
    steps, paused, alone = plan.get("steps", 3), False, False

    def save() -> None:
        saved.with_suffix(".new").write_text(str(step))
        saved.with_suffix(".new").replace(saved)
        tell({"event": "checkpointed", "step": step})

    tell({"event": "state", "state": "running", "step": step, "steps": steps, "restarts": 99})
    while step < steps:
        while connection.poll(None if paused and not alone else plan.get("pause", 0)):
            try:
                command = msgpack.unpackb(connection.recv_bytes())
            except EOFError:
                return
            if command["command"] == "stop":
                tell({"event": "end", "state": "stopped"})
                return
            if command["command"] in ("pause", "resume"):
                paused = command["command"] == "pause"
                if paused and "checkpoint" in plan:
                    save()
                tell({"event": "state", "state": "paused" if paused else "running", "step": step, "steps": steps})
            if command["command"] == "step":
                alone = True
            if command["command"] in ("rate", "turn"):
                named = command.get("dial", "rate")
                tell({"event": "noted", "step": step, "text": f"{named} {command['value']}"})
            if command["command"] == "watch":
                keys = ",".join(view["node"] for view in command["views"])
                tell({"event": "noted", "step": step, "text": f"watched {keys}"})
        step, alone = step + 1, False
        tell({"event": "metrics", "points": [{"step": step, "epoch": 0, "seconds": 0, "values": {"train.loss": step}}]})
        if step % plan.get("checkpoint", 10**9) == 0:
            save()
        if step == plan.get("stands"):
            paused = True
            save()
            tell({"event": "state", "state": "paused", "step": step, "steps": steps})
        if step == plan.get("dies"):
            os.kill(os.getpid(), signal.SIGKILL)
    tell({"event": "end", "state": "finished", "metrics": {"train.loss": float(step)}})
