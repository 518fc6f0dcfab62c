"""``chalknet train FILE``: a board learns in the terminal."""

from __future__ import annotations

import argparse
import os
import sys

from chalknet.cli.board import UNREADABLE, add_file, read_board


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("train", help="train a board")
    add_file(parser)
    parser.add_argument("--epochs", type=_positive, metavar="N", help="instead of the board's own")
    parser.add_argument("--seed", type=_natural, metavar="N", help="instead of the board's own")
    parser.add_argument("--test", action="store_true", help="test at the end, even where the board keeps that locked")
    parser.add_argument("--json", action="store_true", help="one JSON event a line instead of a progress bar")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    from chalknet.server.settings import Misconfigured, Settings

    document = read_board(chosen.file)
    if document is None:
        return UNREADABLE
    try:
        cache = Settings.from_environment(os.environ).data / "cache"
    except Misconfigured as wrong:
        print(wrong, file=sys.stderr)
        return UNREADABLE
    from chalknet.training.terminal import train

    return train(document, epochs=chosen.epochs, seed=chosen.seed, test=chosen.test, as_json=chosen.json, cache=cache)


def _positive(text: str) -> int:
    return _whole(text, 1)


def _natural(text: str) -> int:
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to 999999999")
    return int(text)
