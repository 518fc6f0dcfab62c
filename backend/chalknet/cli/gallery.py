"""``chalknet gallery``: the boards that come with Chalknet."""

from __future__ import annotations

import argparse

from chalknet.cli.board import DONE, console, table


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("gallery", help="the boards that come with Chalknet")
    parser.add_argument("--json", action="store_true", help="a JSON list, the boards themselves included")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    import json

    from chalknet.catalogue import gallery

    cards = gallery()
    if chosen.json:
        print(json.dumps([card.model_dump(mode="json") for card in cards]))
        return DONE
    rows = table("name", "title", "data", "parameters", "MACs", right=("parameters", "MACs"))
    for card in cards:
        rows.add_row(card.name, card.title, card.data, f"{card.parameters:,}", f"{card.macs:,}")
    console().print(rows)
    return DONE
