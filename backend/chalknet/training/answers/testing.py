"""How good a network is on its test samples, which nothing was chosen by (T-043)."""

from __future__ import annotations

from chalknet import wire
from chalknet.training import checkpoint
from chalknet.training.answers.base import Desk, Unanswerable, answers
from chalknet.training.ensemble import LEAD, Ensemble
from chalknet.training.evaluate import Evaluator
from chalknet.training.views.base import Drawn


@answers(wire.Testing)
def testing(desk: Desk, question: wire.Testing) -> Drawn:
    plan = desk.plan
    evaluator = Evaluator(plan.compiled)
    values = evaluator(plan.test, "test", whole=True)
    if not values:
        raise Unanswerable("No samples were left out to test on.")
    ensemble = Ensemble(plan)
    newest = None if desk.directory is None else checkpoint.nearest(desk.directory, wire.NOW)
    if newest is not None:
        ensemble.restore(checkpoint.tensors(newest, LEAD))
    means = [{"values": found, "text": text} for found, text in ensemble.tell(evaluator, "test")]
    return Drawn([], {"values": values, "means": means})
