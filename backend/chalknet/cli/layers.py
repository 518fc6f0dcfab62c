"""``chalknet layers``: everything that can be put on a board."""

from __future__ import annotations

import argparse

from chalknet.cli.board import DONE, console, table
from chalknet.cli.reference import markdown


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("layers", help="the layers that there are, with their fields")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object, as the palette is drawn from")
    form.add_argument("--markdown", action="store_true", help="the reference of all layers, as docs/layers.md has it")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    from chalknet.catalogue import describe

    catalogue = describe()
    if chosen.json:
        print(catalogue.model_dump_json())
        return DONE
    if chosen.markdown:
        print(markdown(catalogue), end="")
        return DONE
    out = console()
    for family in catalogue.families:
        rows = table("type", "title", "fields", "what it does")
        for layer in catalogue.layers:
            if layer.family == family.id:
                fields = ", ".join(f"{field.name}={_default(field.default)}" for field in layer.fields)
                rows.add_row(layer.type, layer.title, fields, layer.sentence)
        out.print(family.title, style="bold", markup=False)
        out.print(rows)
        out.print()
    blocks = table("type", "title", "what it does")
    for template in catalogue.templates:
        blocks.add_row(template.type, template.title, template.sentence)
    out.print("Library blocks", style="bold", markup=False)
    out.print(blocks)
    return DONE


def _default(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
