"""``chalknet infer FILE``: what every node puts out, holds and costs, and what is wrong."""

from __future__ import annotations

import argparse
from fractions import Fraction

from chalknet.cli.board import DONE, PROBLEMS, UNREADABLE, add_file, console, failed, read_board, table, tell
from chalknet.graph.facts import Inference, NodeFacts


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("infer", help="shapes, parameters, costs and problems of a board")
    add_file(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    from chalknet.graph.infer import infer

    document = read_board(chosen.file)
    if document is None:
        return UNREADABLE
    inference = infer(document)
    if chosen.json:
        print(inference.model_dump_json())
    else:
        _show(document.title, inference)
    return PROBLEMS if failed(inference.problems) else DONE


def _show(title: str, inference: Inference) -> None:
    out = console()
    out.print(title, style="bold", markup=False)
    numbers = ("parameters", "MACs", "other ops")
    nodes = table("node", "type", "output", *numbers, "sees", right=numbers)
    for path, facts in inference.nodes.items():
        nodes.add_row(
            _plain(path),
            facts.type,
            _plain(", ".join(facts.outputs.values()) or "?"),
            f"{facts.parameters:,}",
            f"{facts.macs:,}",
            f"{facts.operations:,}",
            _sees(facts),
        )
    out.print(nodes)
    frozen = inference.parameters - inference.trainable_parameters
    out.print(
        f"{inference.parameters:,} parameters{f' ({frozen:,} frozen)' if frozen else ''}, "
        f"{inference.macs:,} MACs ({inference.flops:,} FLOPs) and {inference.operations:,} other operations for one "
        "sample, "
        f"{_bytes(inference.activation_bytes)} of activations, {_bytes(inference.training_bytes)} to train",
        markup=False,
    )
    tell(inference.problems, out)


def _plain(text: str) -> str:
    """Text in a table as it is: rich reads ``[…]`` as markup."""
    return text.replace("[", r"\[")


def _sees(facts: NodeFacts) -> str:
    field = facts.receptive_field
    if field is None:
        return ""
    if field.whole:
        return "all"
    height, width = field.size
    down, across = (str(Fraction(step, every)) for step, every in zip(field.stride, field.every, strict=True))
    stride = f" every {down}" if down == across else f" every {down}×{across}"
    return f"{height}×{width}{stride if (down, across) != ('1', '1') else ''}"


def _bytes(count: int) -> str:
    """Bytes for people: ``512 B``, ``1.4 MB``."""
    if count < 1000:
        return f"{count} B"
    power = min((len(str(count)) - 1) // 3, 3)
    # Whole numbers: the costs of an absurd board have no end, floats have.
    tenths = count * 10 // 1000**power
    return f"{tenths // 10:,}.{tenths % 10} {('kB', 'MB', 'GB')[power - 1]}"
