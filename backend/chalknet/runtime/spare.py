"""A process that has imported torch and waits for one job: ``python -m chalknet.runtime.spare FD DEVICE MODULE…``

For CUDA, which does not survive a fork. A module of the list that has a function ``warm(device)`` may open the device
with it before the job comes.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys

from chalknet.runtime.work import work


def main(descriptor: int, device: str, modules: list[str]) -> None:
    os.set_inheritable(descriptor, False)
    for module in modules:
        warm = getattr(importlib.import_module(module), "warm", None)
        if warm is not None:
            warm(device)
    work(descriptor)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
