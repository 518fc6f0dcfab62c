"""Handing out: a copy of a board for everybody, one for each group, or one for all; and for those who come later."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import pydantic_core
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.boards import binding
from chalknet.classes.register import Register
from chalknet.graph.document import Document, load
from chalknet.graph.infer import infer
from chalknet.store import boards, classes
from chalknet.wire.classes import HandoutKind


class Model(NamedTuple):
    """What every copy of a handout is made of; ``state`` as a Yjs update."""

    title: str
    state: bytes
    parameters: int


def model(document: Document) -> Model:
    return Model(document.title, binding.state(document), infer(document).parameters)


def title(document: Document) -> str:
    return boards.line(document.title) or "Board"


async def hand_out(
    connection: AsyncConnection,
    register: Register,
    document: Document,
    model: Model,
    kind: HandoutKind,
    groups: Sequence[Sequence[str]],
) -> None:
    """Makes the copies of a new handout and seats everybody at theirs; pupils whom no group names are spread."""
    id = register.whole.id
    text = pydantic_core.to_json(document.dump())
    handout = await classes.hand_out(connection, id, title(document), kind, text)
    pupils = [each for each in register.members if _works(register, each)]
    if kind == "groups":
        for number, group in enumerate(_placed(pupils, groups), 1):
            await _copy(connection, id, handout, model, group, str(number))
    elif kind == "one":
        await _copy(connection, id, handout, model, pupils, "")
    else:
        for person in pupils:
            await _copy(connection, id, handout, model, [person], "")


def _placed(pupils: Sequence[str], groups: Sequence[Sequence[str]]) -> list[list[str]]:
    """Everybody in one group: in the first that names them, else where their turn is."""
    left = dict.fromkeys(pupils)
    placed = [[person for person in group if person in left and left.pop(person, True) is None] for group in groups]
    placed = [group for group in placed if group] or [[]]
    for index, person in enumerate(left):
        placed[index % len(placed)].append(person)
    return placed


async def supply(connection: AsyncConnection, register: Register, newcomer: str) -> None:
    """Gives one who comes later what was handed out before: a copy, or a seat in the smallest group."""
    if not _works(register, newcomer):
        return
    for handout, (about, text) in register.handouts.items():
        made = [given for given in register.boards.values() if given.handout == handout]
        if any(newcomer in given.people for given in made):
            continue
        if about.kind != "own" and made:
            smallest = min(made, key=lambda given: (len(given.people), given.group))
            await classes.seat(connection, smallest.board, newcomer)
            continue
        copied = await asyncio.to_thread(model, load(pydantic_core.from_json(text)))
        group = "1" if about.kind == "groups" else ""
        await _copy(connection, register.whole.id, handout, copied, [newcomer], group)


async def _copy(
    connection: AsyncConnection, id: str, handout: str, model: Model, who: Sequence[str], group: str
) -> None:
    info = await boards.create(
        connection, None, model.title, model.state, link_role="none", parameters=model.parameters
    )
    await classes.give(connection, id, handout, info.id, group)
    for person in who:
        await classes.seat(connection, info.id, person)


def _works(register: Register, person: str) -> bool:
    """A pupil who is in: they get what is handed out."""
    member = register.members.get(person)
    return member is not None and member.role == "pupil" and member.standing == "in"
