"""The learned numbers of one node."""

from __future__ import annotations

from chalknet import wire
from chalknet.training.answers.base import Desk, Unanswerable, answers
from chalknet.training.views.base import Drawn, Picture, numbers


@answers(wire.Weights)
def weights(desk: Desk, question: wire.Weights) -> Drawn:
    module = desk.plan.compiled.modules.get(question.node)
    found = module.state_dict() if module is not None else {}
    if not found:
        raise Unanswerable(f"{question.node!r} has no weights.")
    return Drawn(
        [Picture(name, numbers(tensor)) for name, tensor in found.items()],
        {"shapes": {name: list(tensor.shape) for name, tensor in found.items()}},
    )
