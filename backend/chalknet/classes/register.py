"""A class as it is kept, read at once, and what of it each member may see."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.classes.codes import class_code
from chalknet.store import classes
from chalknet.store.classes import TEACHES, Given
from chalknet.wire.classes import ClassInfo, ClassMember, Handout


@dataclass(frozen=True, slots=True)
class Register:
    whole: ClassInfo
    code: str
    members: Mapping[str, ClassMember]
    handouts: Mapping[str, tuple[Handout, bytes]]
    """Each with the board's JSON as it was handed out last."""
    boards: Mapping[str, Given]

    def nobody(self) -> Register:
        """The same class after its end: nobody is in it."""
        return replace(self, members={}, handouts={}, boards={})

    def teaches(self, person: str) -> bool:
        member = self.members.get(person)
        return member is not None and member.role in TEACHES and member.standing == "in"

    def seen_by(self, person: str) -> ClassInfo | None:
        """None for one who is no member. Who waits to be let in sees that, and nothing else."""
        member = self.members.get(person)
        if member is None:
            return None
        if member.standing == "waiting":
            return ClassInfo(
                id=self.whole.id,
                title=self.whole.title,
                role=member.role,
                standing="waiting",
                keep_days=self.whole.keep_days,
                created=self.whole.created,
            )
        mine = {given.handout: given for given in self.boards.values() if person in given.people}
        handouts = [
            handout.model_copy(update={"board": mine[id].board, "group": mine[id].group}) if id in mine else handout
            for id, (handout, _) in self.handouts.items()
            if id in mine or member.role in TEACHES
        ]
        code = {"code": self.code} if member.role in TEACHES else {"code_ends": 0.0}
        return self.whole.model_copy(update={"role": member.role, "standing": "in", "handouts": handouts, **code})


async def read(connection: AsyncConnection, id: str, secret: str) -> Register | None:
    """The class with this id as it stands in the store; None: there is none."""
    found = await classes.whole(connection, id)
    if found is None:
        return None
    info, turn = found
    live = turn and info.code_ends > time.time()
    return Register(
        whole=info if live else info.model_copy(update={"code_ends": 0.0}),
        code=class_code(secret, id, turn) if live else "",
        members={member.id: member for member in await classes.members(connection, id)},
        handouts={handout.id: (handout, text) for handout, text in await classes.handed_out(connection, id)},
        boards={given.board: given for given in await classes.given(connection, id)},
    )
