"""Augmentation and scaling where samples meet a run (T-037, T-044)."""

from __future__ import annotations

from typing import Any

import torch

from chalknet.graph.document import Document
from chalknet.training.evaluate import rows
from chalknet.training.plan import plan
from chalknet.training.views.base import Scene

AUGMENT = {
    "a": {"type": "shift", "order": "a", "pixels": 2},
    "b": {"type": "turn", "order": "b", "degrees": 20},
    "c": {"type": "noise", "order": "c"},
}


def changed(document: Document, **fields: Any) -> Document:
    document = document.model_copy(deep=True)
    for node in document.nodes.values():
        if node.type == "digits":
            node.fields |= fields
    return document


def test_only_training_sees_changed_samples(pictures) -> None:
    plain, made = plan(pictures()), plan(changed(pictures(), augment=AUGMENT))
    for part in ("validation", "test"):
        assert all(
            torch.equal(one, other)
            for one, other in zip(
                rows(getattr(plain, part), 0, 20).values(), rows(getattr(made, part), 0, 20).values(), strict=True
            )
        )
    at = [value[1] for value in made.compiled.inputs]
    first, same = next(made.batches.epoch(0)), next(plain.batches.epoch(0))
    assert not torch.equal(first[at.index("image")], same[at.index("image")])
    assert torch.equal(first[at.index("label")], same[at.index("label")])


def test_a_batch_is_the_same_whenever_it_is_made(pictures) -> None:
    made = plan(changed(pictures(), augment=AUGMENT))
    whole = [[each.clone() for each in batch] for batch in made.batches.epoch(1)]
    torch.rand(7)
    for start in (1, len(whole) - 1):
        again = list(plan(changed(pictures(), augment=AUGMENT)).batches.epoch(1, start))
        assert len(again) == len(whole) - start
        for one, other in zip(whole[start:], again, strict=True):
            assert all(map(torch.equal, one, other))
    assert not any(map(torch.equal, whole[0], next(made.batches.epoch(2))))


def test_another_seed_changes_samples_in_another_way(pictures) -> None:
    one, other = (plan(changed(pictures(), augment=AUGMENT), seed=seed) for seed in (0, 1))
    source = next(iter(one.train.values()))
    batch = {port: values[:8] for port, values in source.samples.items()}
    assert not torch.equal(source.ready(batch, 1)["image"], source.ready(batch, 2)["image"])
    assert not torch.equal(next(one.batches.epoch(0))[0], next(other.batches.epoch(0))[0])


def test_without_strength_training_sees_samples_as_they_are(pictures) -> None:
    made = plan(changed(pictures(), augment=AUGMENT))
    for source in made.train.values():
        source.strength = 0.0
    for one, other in zip(made.batches.epoch(0), plan(pictures()).batches.epoch(0), strict=True):
        assert all(map(torch.equal, one, other))


def test_the_unseen_is_scaled_by_what_training_was_measured(pictures) -> None:
    plain, made = plan(pictures()), plan(changed(pictures(), scaling="standard"))
    (path,) = made.train
    trained = plain.train[path].samples["image"].double()
    mean, deviation = trained.mean(), trained.std(correction=0)
    for part in ("train", "validation", "test"):
        before = getattr(plain, part)[path].rows(slice(0, 30))[path, "image"]
        after = getattr(made, part)[path].rows(slice(0, 30))[path, "image"]
        torch.testing.assert_close(after, ((before.double() - mean) / deviation).float(), atol=1e-5, rtol=0)


def test_the_plane_is_drawn_where_the_scaled_points_lie(board) -> None:
    made = board()
    made.add("data", "points", samples=200, scaling="range")
    made.add("out", "linear", "data.x", units=2)
    made.add("loss", "cross_entropy", "out>logits", "data.label>target")
    planned = plan(made.document())
    scene = Scene(planned.compiled, planned.validation, planned.train, planned.validation)
    _, (left, right, bottom, top) = scene.plane
    # A margin of a tenth round the unit square, all of it or nearly, of training and validation.
    assert -0.2 < left < 0 and 1 < right < 1.2 and -0.2 < bottom < 0 and 1 < top < 1.2


def test_a_network_learns_from_augmented_samples(train, pictures) -> None:
    done = train(changed(pictures(epochs=8), augment={"n": {"type": "noise"}}, scaling="standard"))
    assert done.end.metrics["validation.accuracy"] > 0.5
