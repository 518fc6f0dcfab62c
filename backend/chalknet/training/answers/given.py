"""The sample that a question is about: one of the fixed samples, or one's own, checked and as the network wants it."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from chalknet import wire
from chalknet.datasets.readied import Readied
from chalknet.layers.base import TensorType
from chalknet.training.answers.base import Desk, Unanswerable
from chalknet.training.batches import Source
from chalknet.training.compile import Value
from chalknet.training.probe import Probe
from chalknet.training.views.base import Picture, Scene, as_bytes, numbers

LOOKED = 256
"""Samples whose least and largest number say what black and white are."""


class Own(Source):
    """One's own sample: its tensors are as ``prepare`` gives them."""

    def ready(self, batch: Any, seed: int | None = None) -> dict[str, Tensor]:
        return self.layer.scaled(batch, self.measured) if isinstance(self.layer, Readied) else dict(batch)


@dataclass
class Given:
    """One sample. ``scene`` holds nothing else; ``batch``: a tensor a data port, as the network wants it."""

    probe: Probe
    scene: Scene
    batch: dict[Value, Tensor]
    data: Value
    """The data node's output that is asked about."""
    own: tuple[str, ...]
    """Ports of the data node that are of one's own sample; of a fixed one none are."""

    def unknown(self, value: Value) -> str:
        """A port of the asked data that a value depends on and that one's own sample does not have; empty: none."""
        found = [port for path, port in self.scene.upstream(value) if path == self.data[0] and port not in self.own]
        return found[0] if self.own and found else ""


def given(desk: Desk, question: wire.Sampled, end: Value, *, needed: bool = True) -> Given:
    """The sample of a question about what happens up to ``end``. Raises Unanswerable; also, where a sample is needed or
    is one's own, if that does not depend on the data that are asked about."""
    probe = Probe(desk.plan)
    scene = probe.scene
    if question.node not in scene.samples:
        raise Unanswerable(f"{question.node!r} holds no data.")
    if scene.count == 0:
        raise Unanswerable("There is no sample to look at.")
    brought = bool(question.picture or question.numbers)
    data = _leading(scene, question.node, end)
    if data is None:
        if needed or brought:
            raise Unanswerable(f"What is asked for does not depend on {question.node!r}.")
        data = question.node, next(iter(scene.samples[question.node].samples))
    own: tuple[str, ...] = ()
    samples = {}
    for path, source in scene.samples.items():
        row = {name: values[question.sample % source.count :][:1] for name, values in source.samples.items()}
        if path == question.node and brought:
            ready = source.layer.prepare(row)
            value = _own(source, data[1], scene.type(data), question).to(ready[data[1]])
            found = {data[1]: value, **source.layer.follows(data[1], value)}
            own = tuple(found)
            samples[path] = Own(path, source.layer, {**ready, **found}, source.measured, source.strength)
        else:
            samples[path] = replace(source, samples=row)
    scene.samples = samples
    batch = {value: each for one in samples.values() for value, each in one.rows(slice(0, 1)).items()}
    return Given(probe, scene, batch, data, own)


def shown(given: Given, about: dict[str, Any]) -> list[Picture]:
    """The sample, unscaled, as a person reads it; ``about`` is told what it is."""
    source = given.scene.samples[given.data[0]]
    plain = source.samples if isinstance(source, Own) else source.layer.prepare(source.samples)
    value, type = plain[given.data[1]][0], given.scene.type(given.data)
    if type.is_image:
        about["sample"] = "image"
        bytes, lo, hi = as_bytes(value, 0)
        return [Picture("image", bytes, lo, hi)]
    if type.element == "index":
        about |= {"sample": "tokens", "tokens": source.layer.token_names()}
        return [Picture("tokens", value.to(torch.int32).cpu().numpy())]
    about |= {"sample": "row", "columns": source.layer.column_names()}
    return [Picture("row", numbers(value))]


def showable(type: TensorType) -> bool:
    """Whether it is pictures, rows of numbers or rows of tokens."""
    return type.is_image or type.is_vector or (type.element == "index" and len(type.axes) == 1)


def several(source: Source, port: str, type: TensorType, chosen: Tensor, about: dict[str, Any]) -> list[Picture]:
    """These samples of a data node as a person reads them; ``about`` is told what they are."""
    chosen = chosen.to(source.device)
    plain = source.layer.prepare({name: values[chosen] for name, values in source.samples.items()})
    pictures = []
    if type.is_image:
        about["sample"] = "image"
        images, lo, hi = as_bytes(plain[port], 1)
        pictures.append(Picture("images", images, lo, hi))
    elif type.element == "index":
        about |= {"sample": "tokens", "tokens": source.layer.token_names()}
        pictures.append(Picture("tokens", plain[port].to(torch.int32).cpu().numpy()))
    else:
        about |= {"sample": "row", "columns": source.layer.column_names()}
        pictures.append(Picture("rows", numbers(plain[port])))
    about["classes"] = source.layer.class_names()
    label = next(
        (name for name, each in source.layer.schema().items() if each.element == "index" and not each.axes), ""
    )
    if label in plain:
        pictures.append(Picture("labels", plain[label].to(torch.int32).cpu().numpy()))
    return pictures


def _leading(scene: Scene, node: str, end: Value) -> Value | None:
    """The data node's output that a value depends on, where there is one that can be one's own."""
    for value in scene.upstream(end):
        if value[0] == node and showable(scene.type(value)):
            return value
    return None


def _own(source: Source, port: str, type: TensorType, question: wire.Sampled) -> Tensor:
    """[1, …] as ``prepare`` would give it. Raises Unanswerable where it is none of the data's kind."""
    sizes = list(type.sizes)
    if type.is_image:
        try:
            raw = base64.b64decode(question.picture, validate=True)
        except ValueError:  # not base64
            raw = b""
        if len(raw) != math.prod(sizes):
            raise Unanswerable(
                f"A picture of {sizes[0]} × {sizes[1]} × {sizes[2]} numbers is expected, which are "
                f"{math.prod(sizes):,}; {len(raw):,} came."
            )
        some = source.layer.prepare({name: values[:LOOKED] for name, values in source.samples.items()})[port]
        low, high = float(some.min()), float(some.max())
        ink = torch.frombuffer(bytearray(raw), dtype=torch.uint8).float() / 255
        return (low + ink * (high - low)).reshape(1, *sizes)
    typed = question.numbers
    if len(typed) != math.prod(sizes):
        raise Unanswerable(f"{math.prod(sizes):,} numbers are expected; {len(typed):,} came.")
    if type.element == "index":
        kinds = type.classes or 0
        if any(each != int(each) or not 0 <= each < kinds for each in typed):
            raise Unanswerable(f"Tokens are whole numbers from 0 to {kinds - 1:,}.")
    if any(not math.isfinite(each) or abs(each) > 1e9 for each in typed):
        raise Unanswerable("Numbers from −1,000,000,000 to 1,000,000,000 are expected.")
    return torch.tensor(typed).reshape(1, *sizes)
