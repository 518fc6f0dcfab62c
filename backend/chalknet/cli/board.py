"""What the subcommands share: reading a board, and how they print."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from chalknet.datasets import shelf
from chalknet.graph.document import MOST_BYTES, Document, Unreadable, read
from chalknet.graph.problems import Problem
from chalknet.server.settings import Misconfigured, Settings

DONE, PROBLEMS, UNREADABLE = 0, 1, 2
WIDE = 10_000
"""Columns where no terminal sets a limit: no line is ever broken or cut."""


def add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a board as JSON; - reads it from standard input")


def read_board(file: str) -> Document | None:
    """The board in a file; None, with the reason on standard error, where there is none."""
    with contextlib.suppress(Misconfigured):
        shelf.stand(Settings.from_environment(os.environ).data / "datasets")
    try:
        # One byte more than is allowed tells that it is too much, without reading all of it.
        raw = sys.stdin.buffer.read(MOST_BYTES + 1) if file == "-" else _bytes(Path(file))
        return read(raw)
    except OSError as error:
        print(f"{file}: {error.strerror or error}.", file=sys.stderr)
    except Unreadable as error:
        print(f"{file}: {error}", file=sys.stderr)
    return None


def _bytes(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def console(*, errors: bool = False) -> Console:
    """Where to print: plain text in one line each, unless a person looks at it."""
    stream = sys.stderr if errors else sys.stdout
    return Console(file=stream, highlight=False, soft_wrap=True, width=None if stream.isatty() else WIDE)


def table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """A table; its lines are drawn for people only."""
    made = Table(box=SIMPLE_HEAD if sys.stdout.isatty() else None, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", no_wrap=column in right)
    return made


def tell(problems: list[Problem], to: Console) -> None:
    """Problems, each with its hint and its ways out."""
    for problem in problems:
        color = {"error": "red", "warning": "yellow", "info": ""}[problem.severity]
        to.print(f"{problem.severity}: {problem.message}", style=color, markup=False)
        if problem.hint:
            to.print(f"  {problem.hint}", markup=False)
        for fix in problem.fixes:
            costs = ((fix.adds_parameters, "parameters"), (fix.adds_macs, "multiply-adds"))
            cost = ", ".join(f"{count:+,} {what}" for count, what in costs if count)
            to.print(f"  → {fix.title}{f' ({cost})' if cost else ''}", markup=False)


def failed(problems: list[Problem]) -> bool:
    """Whether a board cannot be trained; warnings alone do not stop it."""
    return any(problem.severity == "error" for problem in problems)
