"""``python -m chalknet.intake``: reads one upload, or fetches what is known by its name, and ends. The request comes as
JSON on standard input, the answer goes as a line of JSON to standard output: ``{"about": …}`` or ``{"refused":
"words"}``. While something is fetched, lines before it say how much is there: ``{"share": 0.5}``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from chalknet.datasets import famous
from chalknet.intake import limits
from chalknet.intake.fetch import fetch
from chalknet.intake.read import Wishes, read
from chalknet.intake.report import Refused
from chalknet.runtime.work import limit_memory


def main() -> None:
    asked = json.load(sys.stdin)
    limit_memory(limits.MEMORY)
    print(json.dumps(answer(asked)))


def _tell(share: float) -> None:
    print(json.dumps({"share": share}), flush=True)


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What is made of ``files`` (path and place of each), or of what is known as ``name``, in the folder ``here``."""
    try:
        wishes = Wishes.model_validate(asked.get("wishes", {}))
        if "name" in asked:
            named = famous.SETS[asked["name"]]
            files = fetch(named, Path(asked["fetched"]), asked["mirror"], _tell)
            wishes = wishes.model_copy(update={"classes": list(named.classes)})
        else:
            files = [(path, Path(file)) for path, file in asked["files"]]
        about = read(files, Path(asked["here"]), wishes)
    except Refused as refused:
        return {"refused": str(refused)}
    except MemoryError:
        return {"refused": "Reading it needs more memory than there is for it. Send a part of it."}
    return {"about": about.model_dump()}


if __name__ == "__main__":
    main()
