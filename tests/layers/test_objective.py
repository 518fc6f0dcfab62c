"""A loss that is drawn: one number a sample is minimised (L-080)."""

from __future__ import annotations

import pytest
import torch

from chalknet.layers.base import (
    Axis,
    Fault,
    Inputs,
    Insert,
    TensorType,
    Widen,
    image,
    index,
    registry,
    sequence,
    vector,
)

MINIMISE = registry["minimise"]()


def test_it_is_the_mean_of_one_number_a_sample() -> None:
    for kind, x in ((TensorType(), torch.tensor([1.0, 4.0])), (vector(1), torch.tensor([[1.0], [4.0]]))):
        given = Inputs({"x": [kind]})
        assert MINIMISE.infer(given) == {"loss": TensorType()}
        assert MINIMISE.build(given)(x).item() == 2.5


@pytest.mark.parametrize("kind", [vector(3), sequence(4, 2), image(1, 2, 2)])
def test_of_several_numbers_it_says_how_they_become_one(kind: TensorType) -> None:
    """Each way leads to a single number, which it takes."""
    with pytest.raises(Fault, match="needs one number for every sample; ") as caught:
        MINIMISE.infer(Inputs({"x": [kind]}))
    inserts = [way for way in caught.value.remedies if isinstance(way, Insert)]
    assert len(inserts) == 2
    for way in inserts:
        made = registry[way.type](**way.fields).infer(Inputs({"x": [kind]}))["y"]
        assert MINIMISE.infer(Inputs({"x": [made]}))
    assert kind.is_vector == any(isinstance(way, Widen) for way in caught.value.remedies)


def test_classes_are_no_number() -> None:
    with pytest.raises(Fault, match="needs one number for every sample; one of 10 classes arrives"):
        MINIMISE.infer(Inputs({"x": [index(10)]}))
    with pytest.raises(Fault, match="needs one number"):
        MINIMISE.infer(Inputs({"x": [TensorType(axes=(Axis("T", 5, varies=True),))]}))
