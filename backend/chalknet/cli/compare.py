"""``chalknet compare A B``: two boards side by side, layer by layer."""

from __future__ import annotations

import argparse

from rich.markup import escape

from chalknet.cli.board import DONE, UNREADABLE, console, read_board, table
from chalknet.graph.compare import Comparison, Pair, Side, compare

WHAT = {
    "parameters": "parameters",
    "macs": "MACs",
    "activation_bytes": "bytes of activations",
    "training_bytes": "bytes to train",
}


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
    found = compare(a, b)
    if chosen.json:
        print(found.model_dump_json())
    else:
        _show(found)
    return DONE


def _show(found: Comparison) -> None:
    out = console()
    out.print(" | ".join(found.titles), style="bold", markup=False)
    right = ("Δ parameters", "Δ MACs", "Δ bytes")
    layers = table("", "A", "output", "B", "output", *right, right=right)
    for pair in found.pairs:
        layers.add_row(
            _sign(pair),
            *_side(pair.a),
            *_side(pair.b),
            *(_change(pair, name) for name in ("parameters", "macs", "activation_bytes")),
        )
    out.print(layers)
    for name, words in WHAT.items():
        a, b, ratio = getattr(found.a, name), getattr(found.b, name), found.ratios[name]
        times = f", B has {ratio:,.2f} times as many" if ratio is not None else ""
        out.print(f"{words}: {a:,} and {b:,} ({b - a:+,}{times})", markup=False)


def _sign(pair: Pair) -> str:
    """``=``: the same; ``~``: changed; ``-``: only in A; ``+``: only in B."""
    if pair.b is None:
        return "-"
    return "+" if pair.a is None else "=" if pair.equal else "~"


def _side(side: Side | None) -> tuple[str, str]:
    if side is None:
        return "", ""
    return escape(f"{side.path} {side.type}{f' {side.summary}' if side.summary else ''}"), escape(side.output)


def _change(pair: Pair, name: str) -> str:
    before, after = (getattr(side, name) if side is not None else 0 for side in (pair.a, pair.b))
    return f"{after - before:+,}" if after != before else ""
