"""``python -m chalknet.intake``: reads one upload and ends. The request comes as JSON on standard input, the answer
goes as one line of JSON to standard output: ``{"about": …}`` or ``{"refused": "words"}``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from chalknet.intake import limits
from chalknet.intake.read import Wishes, read
from chalknet.intake.report import Refused
from chalknet.runtime.work import limit_memory


def main() -> None:
    asked = json.load(sys.stdin)
    limit_memory(limits.MEMORY)
    print(json.dumps(answer(asked)))


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What is made of ``files`` (path and place of each), in the folder ``here``."""
    try:
        files = [(path, Path(file)) for path, file in asked["files"]]
        about = read(files, Path(asked["here"]), Wishes.model_validate(asked.get("wishes", {})))
    except Refused as refused:
        return {"refused": str(refused)}
    except MemoryError:
        return {"refused": "Reading it needs more memory than there is for it. Send a part of it."}
    return {"about": about.model_dump()}


if __name__ == "__main__":
    main()
