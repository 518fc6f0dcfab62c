"""``chalknet``: the same things without a browser, for scripts and tests. A subcommand is a module with ``add``.

Exit status: 0, 1 for a board with problems, 2 for an unreadable file (and for a wrong command line). Never a traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from chalknet.cli import compare, export, gallery, infer, layers, serve, train

FAULT = 70
"""Exit status where Chalknet itself is at fault (EX_SOFTWARE)."""
INTERRUPTED = 130
DEBUG = "CHALKNET_DEBUG"
"""Set, a fault of Chalknet's own shows its traceback."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line (``sys.argv`` by default) and returns its exit status."""
    parser = argparse.ArgumentParser(prog="chalknet", description="A blackboard for neural networks.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in (serve, infer, compare, train, export, layers, gallery):
        command.add(commands)
    chosen = parser.parse_args(arguments)
    try:
        status: int = chosen.run(chosen)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # A reader that has seen enough (head) is no mistake; what is left must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        print(f"chalknet: this is a fault of Chalknet ({type(error).__name__}: {error}).", file=sys.stderr)
        print(f"Set {DEBUG}=1 to see where.", file=sys.stderr)
        return FAULT
    return status
