"""What an answer is made from, and how: a question's model in ``wire``, a function here that answers it.

The same function answers between two steps of a run, and in a process that has opened a run, or a board, only to answer
(``training.answer``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch

from chalknet import wire
from chalknet.graph.document import Document
from chalknet.graph.problems import Problem
from chalknet.training.compile import Refused
from chalknet.training.evaluate import untouched
from chalknet.training.plan import Plan
from chalknet.training.views.base import Drawn, Unwatchable, pictured

log = logging.getLogger(__name__)


class Unanswerable(ValueError):
    """There is no answer, and these words say why."""


class Desk(Protocol):
    """What a question is answered from. ``plan`` is made when it is first asked for: a question that needs only the
    board's document or its data is answered on a board that cannot be trained yet."""

    @property
    def document(self) -> Document: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def planned(self) -> bool:
        """Whether the plan is made."""
        ...

    @property
    def step(self) -> int:
        """After how many updates the weights are as they are here."""
        ...

    @property
    def directory(self) -> Path | None:
        """The run's folder."""
        ...

    @property
    def cache(self) -> Path | None: ...


class Answered(bytes):
    """An answer (``wire.pack``) that knows its question's id."""

    id: int

    def __new__(cls, raw: bytes, id: int) -> Answered:
        made = super().__new__(cls, raw)
        made.id = id
        return made


Q = TypeVar("Q", bound=wire.Message)
registry: dict[type[wire.Message], Callable[[Desk, Any], Drawn]] = {}


def answers(kind: type[Q]) -> Callable[[Callable[[Desk, Q], Drawn]], Callable[[Desk, Q], Drawn]]:
    """Decorator: this function answers questions of this kind. It is called in evaluation mode and without gradients
    (it may enable them), and leaves no trace in a run; it raises Unanswerable with words for a person."""

    def register(function: Callable[[Desk, Q], Drawn]) -> Callable[[Desk, Q], Drawn]:
        if kind in registry:
            raise ValueError(f"{kind.__name__} is answered twice")
        registry[kind] = function
        return function

    return register


def answer(desk: Desk, ask: wire.Ask) -> Answered:
    """The answer to a question, or why there is none."""
    kind = ask.question.question
    try:
        with untouched(desk.plan.compiled) if desk.planned else torch.no_grad():
            drawn = registry[type(ask.question)](desk, ask.question)
        arrays, raw = pictured(drawn)
        header = wire.Answer(question=kind, step=desk.step, arrays=arrays, about=drawn.about)
        return Answered(wire.pack(header, raw), ask.id)
    except Refused as refused:
        problem = refused.problems[0]
    except (Unanswerable, Unwatchable) as words:
        problem = Problem(code="unanswerable", message=str(words))
    except Exception as error:
        log.exception("%r was not answered", kind)
        message = f"There is no answer: {type(error).__name__}: {str(error)[:300]}"
        problem = Problem(code="unanswerable", message=message)
    return Answered(wire.pack(wire.Answer(question=kind, step=desk.step, problem=problem), {}), ask.id)
