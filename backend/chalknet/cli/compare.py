"""``chalknet compare A B``: two boards side by side, layer by layer."""

from __future__ import annotations

import argparse
import sys

from rich.markup import escape

from chalknet.cli.board import DONE, UNREADABLE, console, read_board, table
from chalknet.graph.compare import Change, Comparison, Side, TooLong, compare

WHAT = {
    "parameters": "parameters",
    "macs": "MACs",
    "operations": "other operations",
    "activation_bytes": "bytes of activations",
    "training_bytes": "bytes to train",
}


COLUMNS = {"parameters": "parameters", "macs": "MACs", "operations": "other ops", "activation_bytes": "bytes"}
SIGNS: dict[Change, str] = {"same": "=", "changed": "~", "removed": "-", "added": "+"}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("compare", help="two boards side by side, layer by layer")
    parser.add_argument("a", metavar="A", help="a board as JSON")
    parser.add_argument("b", metavar="B", help="another")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    boards = [read_board(file) for file in (chosen.a, chosen.b)]
    a, b = boards
    if a is None or b is None:
        return UNREADABLE
    try:
        found = compare(a, b)
    except TooLong as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    if chosen.json:
        print(found.model_dump_json())
    else:
        _show(found)
    return DONE


def _show(found: Comparison) -> None:
    out = console()
    out.print(" | ".join(found.titles), style="bold", markup=False)
    right = tuple(f"Δ {words}" for words in COLUMNS.values())
    layers = table("", "A", "output", "B", "output", *right, right=right)
    for pair in found.pairs:
        layers.add_row(
            SIGNS[pair.change], *_side(pair.a), *_side(pair.b), *(_signed(getattr(pair.more, name)) for name in COLUMNS)
        )
    out.print(layers)
    for name, words in WHAT.items():
        a, b, more, ratio = *(getattr(each, name) for each in (found.a, found.b, found.more)), found.ratios[name]
        times = f", B has {ratio:,.2f} times as many" if ratio is not None else ""
        out.print(f"{words}: {a:,} and {b:,} ({more:+,}{times})", markup=False)


def _side(side: Side | None) -> tuple[str, str]:
    if side is None:
        return "", ""
    return escape(f"{side.path} {side.type}{f' {side.summary}' if side.summary else ''}"), escape(side.output)


def _signed(more: int) -> str:
    return f"{more:+,}" if more else ""
