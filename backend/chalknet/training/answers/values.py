"""All that leaves one node for a sample, one's own or a fixed one: as numbers, to look at and to take away (V-005)."""

from __future__ import annotations

import numpy
import torch
from torch import Tensor

from chalknet import wire
from chalknet.training import explained
from chalknet.training.answers.base import Desk, Unanswerable, answers
from chalknet.training.answers.given import given
from chalknet.training.views.base import Drawn, Picture


@answers(wire.Values)
def values(desk: Desk, question: wire.Values) -> Drawn:
    compiled = desk.plan.compiled
    node = compiled.flat.nodes.get(question.of)
    if node is None or node.layer is None:
        raise Unanswerable(f"There is no node {question.of!r}.")
    ports = [port.name for port in node.layer.gives(compiled.flat.inputs(question.of))]
    port = question.port or (ports[0] if ports else "")
    if port not in ports:
        raise Unanswerable(f"{question.of!r} has no output {port!r}.")
    value = (question.of, port)
    type = compiled.flat.types.get(question.of, {}).get(port)
    if type is None:
        raise Unanswerable(f"{question.of!r} is not computed.")
    it = given(desk, question, value, needed=False)
    missing = it.unknown(value)
    if missing:
        raise Unanswerable(f"This also depends on the sample's {missing!r}, and one's own sample has none.")
    found = it.batch[value] if value in it.batch else explained.forward(compiled, it.batch, value)[0]
    if not isinstance(found, Tensor):
        raise Unanswerable(f"What leaves {question.of!r} is {type}, which is no single tensor.")
    one = found if found.dim() == 0 else found[0]  # a loss is one number, whatever the batch
    if one.numel() > wire.MOST_VALUES:
        raise Unanswerable(f"These are {one.numel():,} numbers; at most {wire.MOST_VALUES:,} are sent.")
    axes = [axis.name for axis in type.axes]
    whole = not one.is_floating_point()
    kept = (one.to(torch.int32) if whole else one.float()).cpu().contiguous()
    finite = kept.double()[torch.isfinite(kept)]
    about = {
        "port": port,
        "ports": ports,
        "axes": axes if len(axes) == kept.dim() else [f"axis {at + 1}" for at in range(kept.dim())],
        "element": type.element,
        "odd": kept.numel() - finite.numel(),
    }
    if finite.numel():
        about |= {
            "least": float(finite.min()),
            "most": float(finite.max()),
            "mean": float(finite.mean()),
            "deviation": float(finite.std(correction=0)),
        }
    return Drawn([Picture("values", numpy.asarray(kept))], about)
