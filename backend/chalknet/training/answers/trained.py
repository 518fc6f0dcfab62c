"""What a network sees of a data node while it trains: samples as they are, and as they are changed and scaled."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import torch

from chalknet import wire
from chalknet.datasets import shelf
from chalknet.datasets.base import DataSource, Parts, Split
from chalknet.graph.infer import infer_flat
from chalknet.training.answers.base import Desk, Unanswerable, answers
from chalknet.training.batches import Source
from chalknet.training.views.base import Drawn, Picture, as_bytes, numbers

MOST = 12
"""Samples that are shown."""
MOST_ROWS = 200


@answers(wire.Trained)
def trained(desk: Desk, question: wire.Trained) -> Drawn:
    """A board need not be trainable for it: only its data are read."""
    if desk.cache is not None:
        shelf.stand(desk.cache.parent / "datasets")
    flat, _ = infer_flat(desk.document)
    node = flat.nodes.get(question.node)
    if node is None or not isinstance(node.layer, DataSource):
        raise Unanswerable(f"{question.node!r} holds no data.")
    source, counts = _source(question.node, node.layer, desk.document.recipe.split, desk.cache)
    if not source.count:
        raise Unanswerable("No samples are left to train on.")
    types = node.layer.schema()
    image = next((port for port, type in types.items() if type.is_image), None)
    row = next((port for port, type in types.items() if type.is_vector), None)
    port = image or row
    if port is None:
        raise Unanswerable("These samples are neither pictures nor rows of numbers.")
    # The same ones each time, from all over the training part.
    most = min(MOST if image else MOST_ROWS, source.count)
    chosen = torch.linspace(0, source.count - 1, most).long()
    batch = {name: values[chosen] for name, values in source.samples.items()}
    plain, seen = source.ready(batch), source.ready(batch, question.draw)
    if image:
        # Both with the same scale, so that what grew lighter is seen to be lighter.
        both, _, _ = as_bytes(torch.stack([plain[port], seen[port]]).unsqueeze(0), 1)
        pictures = [Picture("plain", both[0, 0]), Picture("seen", both[0, 1])]
    else:
        pictures = [Picture("plain", numbers(plain[port])), Picture("seen", numbers(seen[port]))]
    for name, type in types.items():
        if type.element == "boxes":
            pictures.append(Picture("boxes", numbers(seen[name])))
        elif type.element == "index" and not type.axes:
            pictures.append(Picture("labels", seen[name].to(torch.int32).cpu().numpy()))
    return Drawn(pictures, {"classes": node.layer.class_names(), "parts": counts})


def _source(path: str, layer: DataSource, split: Split, cache: Path | None) -> tuple[Source, dict[str, int]]:
    """The training part, measured where it must be; and how many samples each part has."""
    # As JSON, because what a layer holds need not be hashable.
    made_of = json.dumps(layer.made_of(), sort_keys=True)
    parts = _parts(type(layer), made_of, split.model_dump_json(), cache)
    source = Source(path, layer, parts["train"])
    if source.count and source.goes_by_measures:
        source.measured = source.measure()
    return source, {part: len(next(iter(ports.values()))) for part, ports in parts.items()}


@lru_cache(maxsize=1)
def _parts(kind: type[DataSource], fields: str, split: str, cache: Path | None) -> Parts:
    """Kept, because one looks at the same samples again and again."""
    return kind.model_validate_json(fields).load(Split.model_validate_json(split), cache=cache)
