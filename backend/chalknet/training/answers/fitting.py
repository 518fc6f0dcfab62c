"""Which weights of another run fit a board, before it is trained (T-046)."""

from __future__ import annotations

from pathlib import Path

import pydantic_core

from chalknet import wire
from chalknet.graph.document import load
from chalknet.training import transfer
from chalknet.training.answers.base import Desk, answers
from chalknet.training.start import Start
from chalknet.training.views.base import Drawn


@answers(wire.Fitting)
def fitting(desk: Desk, question: wire.Fitting) -> Drawn:
    start = Start(Path(), load(pydantic_core.from_json(question.document)), question.keep)
    return Drawn([], transfer.compared(desk.document, start).model_dump(mode="json"))
