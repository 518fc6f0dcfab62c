"""``chalknet export FILE --format pytorch``: a board as text that needs no Chalknet."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chalknet.cli.board import DONE, PROBLEMS, UNREADABLE, add_file, console, read_board, tell


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("export", help="write a board as a PyTorch file")
    add_file(parser)
    parser.add_argument("--format", choices=["pytorch"], default="pytorch", help="what to write (default: pytorch)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="where to write it (default: standard output)")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    from chalknet.export.pytorch import Refused, export

    document = read_board(chosen.file)
    if document is None:
        return UNREADABLE
    try:
        text = export(document)
    except Refused as refused:
        tell(refused.problems, console(errors=True))
        return PROBLEMS
    if chosen.out is None:
        sys.stdout.write(text)
        return DONE
    try:
        chosen.out.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"{chosen.out}: {error.strerror or error}.", file=sys.stderr)
        return UNREADABLE
    return DONE
