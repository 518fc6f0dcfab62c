"""Whether the server is well, in the words that Prometheus reads."""

from __future__ import annotations

import resource
import sys
import time

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from sqlalchemy import text

from chalknet.server.house import TheHouse

router = APIRouter(include_in_schema=False)

_CONTENT = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/healthz")
async def health(house: TheHouse) -> PlainTextResponse:
    """503 when the database does not answer."""
    try:
        async with house.store.read() as connection:
            await connection.execute(text("SELECT 1"))
        well = True
    except Exception:
        well = False
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    gauges: list[tuple[str, str, dict[str, float]]] = [
        ("chalknet_up", "Whether the database answers.", {"": float(well)}),
        ("chalknet_uptime_seconds", "Since the server started.", {"": time.time() - house.started}),
        ("chalknet_memory_peak_bytes", "Most memory that the web process held.",
         {"": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}),
        ("chalknet_boards_open", "Boards that somebody has open.", {"": house.rooms.open_boards}),
        ("chalknet_board_sockets", "Browsers on a board.", {"": house.rooms.guests}),
        ("chalknet_runs", "Runs that have not ended, by state.",
         {f'{{state="{state}"}}': count for state, count in house.training.counts().items()}),
    ]  # fmt: skip
    lines = []
    for name, sentence, values in gauges:
        lines += [f"# HELP {name} {sentence}", f"# TYPE {name} gauge"]
        lines += [f"{name}{label} {value:g}" for label, value in values.items()]
    return PlainTextResponse("\n".join(lines) + "\n", 200 if well else 503, media_type=_CONTENT)
