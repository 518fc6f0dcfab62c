"""A board that is open to be asked, without a process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch

import chalknet.training.answers  # noqa: F401 — fills the registry
from chalknet import wire
from chalknet.graph.document import Document
from chalknet.training.answers.base import registry
from chalknet.training.evaluate import untouched
from chalknet.training.plan import Plan, plan

Answer = tuple[dict[str, numpy.ndarray], dict[str, Any]]


@dataclass
class Desk:
    plan: Plan
    step: int = 3
    cache: Path | None = None

    def put(self, question: wire.Message) -> Answer:
        """The arrays of the answer by name, and what it says about them."""
        with untouched(self.plan.compiled):
            drawn = registry[type(question)](self, question)
        return {each.name: each.values for each in drawn.pictures}, drawn.about

    def ask(self, node: str = "data", **question: Any) -> Answer:
        return self.put(wire.Predict(node=node, **question))

    def sample(self, number: int = 0, port: str = "image") -> torch.Tensor:
        return self.plan.validation["data"].rows(slice(number, number + 1))["data", port]


def desk(document: Document) -> Desk:
    """An untrained network whose BatchNorm has seen something."""
    made = plan(document, threads=1)
    made.compiled.learn()
    with torch.no_grad():
        for batch in made.batches.epoch(0):
            made.compiled.module(*batch)
    made.compiled.module.eval()
    return Desk(made)
