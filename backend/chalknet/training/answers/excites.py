"""What excites a unit of a layer most: nine samples, each with the patch that the unit sees, and a made one (V-019)."""

from __future__ import annotations

from typing import Any

import numpy
import torch

from chalknet import wire
from chalknet.layers.base import TensorType
from chalknet.training import maximisation
from chalknet.training.answers.base import Desk, Unanswerable, answers
from chalknet.training.answers.given import several, showable
from chalknet.training.evaluate import rows
from chalknet.training.maximisation import Range, Unit
from chalknet.training.probe import Probe
from chalknet.training.views.base import Drawn, Picture, Scene, numbers, scaled

LOOKED = 256
"""Samples that say in which range the data are."""


@answers(wire.Excites)
def excites(desk: Desk, question: wire.Excites) -> Drawn:
    compiled = desk.plan.compiled
    scene = Probe(desk.plan).scene
    unit = _unit(scene, question)
    if scene.count == 0:
        raise Unanswerable("There is no sample to look at.")
    data = next((each for each in scene.upstream(unit.value) if showable(scene.type(each))), None)
    if data is None:
        raise Unanswerable(f"{question.node!r} depends on no pictures, rows or tokens.")
    source, type = scene.samples[data[0]], scene.type(data)
    found = maximisation.strongest(compiled, scene, unit)
    chosen = torch.tensor(found.samples)
    sides = (type.sizes[1], type.sizes[2]) if type.is_image else (1, 1)
    about: dict[str, Any] = {"channels": unit.channels, "of": scene.count, "looked": found.looked}
    pictures = [
        Picture("samples", chosen.to(torch.int32).numpy()),
        Picture("activations", numpy.array(found.activations, numpy.float32)),
        Picture("units", numpy.array(found.units, numpy.int32)),
        Picture("patches", numpy.array([*maximisation.patches(compiled, question.node, found.units, sides)], "int32")),
        *several(source, data[1], type, chosen % source.count, about),
    ]
    if type.element == "float":
        pictures += _made(scene, unit, data, type, found, about)
        (about["patch"],) = maximisation.patches(compiled, question.node, [tuple(about["unit"])], sides)
    return Drawn(pictures, about)


def _unit(scene: Scene, question: wire.Excites) -> Unit:
    """Raises Unanswerable."""
    flat = scene.compiled.flat
    node = flat.nodes.get(question.node)
    if node is None or node.layer is None:
        raise Unanswerable(f"There is no node {question.node!r}.")
    if node.loop:
        raise Unanswerable("This layer runs over time: it has a number at every step, and no one of them is its unit.")
    types = flat.types.get(question.node, {})
    port = question.port or next(iter(types), "")
    type = types.get(port)
    if type is None:
        raise Unanswerable(f"{question.node!r} has no output {port!r}.")
    if not (type.is_image or type.is_signal or type.is_sequence or type.is_vector):
        raise Unanswerable(f"What leaves {question.node!r} is {type}, which has no units with a number each.")
    unit = Unit((question.node, port), type, question.channel)
    if question.channel >= unit.channels:
        raise Unanswerable(
            f"{question.node!r} has {unit.channels:,} channels, counted from 0; {question.channel} came."
        )
    return unit


def _made(
    scene: Scene,
    unit: Unit,
    data: tuple[str, str],
    type: TensorType,
    found: maximisation.Strongest,
    about: dict[str, Any],
) -> list[Picture]:
    """The sample that is made for the unit."""
    source = scene.samples[data[0]]
    within = Range.of(source.rows(slice(0, LOOKED))[data])
    best = found.samples[0]
    batch = rows(scene.samples, best, best + 1)
    made = maximisation.maximise(scene.compiled, batch, unit, data, within, found.units[0])
    about |= {
        "steps": made.steps,
        "decay": maximisation.DECAY,
        "blur": maximisation.BLUR if type.is_image else 0,
        "seed": maximisation.SEED,
        "begun": made.begun,
        "reached": made.reached,
        "unit": list(made.unit),
    }
    share = numbers((made.input - within.low) / within.width.clamp(min=1e-30))[0]
    plain = (
        Picture("made", scaled(share, 0.0, 1.0))
        if type.is_image
        else Picture("made", numbers(source.plain(data[1], made.input))[0])
    )
    return [plain, Picture("input", numbers(made.input)[0]), Picture("course", numpy.array(made.course, numpy.float32))]
