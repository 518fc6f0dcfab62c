"""L-002, L-038: shapes asked for in words, gates, and tables; every refusal has its numbers."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from chalknet.layers.base import Axis, Fault, Inputs, SetField, TensorType, image, registry, scalar, sequence, vector


def infer(type_: str, *wires: TensorType, **fields: Any) -> str:
    layer = registry[type_](**fields)
    ports = [port.name for port in layer.inputs]
    given = {ports[0]: list(wires)} if layer.inputs[0].many else {p: [w] for p, w in zip(ports, wires, strict=False)}
    return " ".join(map(str, layer.infer(Inputs(given)).values()))


@pytest.mark.parametrize(
    ("to", "gives"),
    [("C 16, H 4, W 4", "float[C 16, H 4, W 4]"), ("T 8,D -1", "float[T 8, D 32]"), ("T −1, D 64", "float[T 4, D 64]")],
)
def test_reshape_reads_a_shape(to: str, gives: str) -> None:
    assert infer("reshape", vector(256), to=to) == gives


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("", "says no axes"), ("16×4", "cannot read '16×4'"), ("C 16, C 16", "names the axis C twice"),
        ("C -1, H -1", "leaves more than one size open"), ("C 0", "cannot have the size 0"),
        ("D 255", "has 256 numbers, which do not make the 255 of D 255"),
        ("T 7, D -1", "has 256 numbers, which do not make rows of 7"),
    ],
)  # fmt: skip
def test_reshape_says_what_it_cannot_read(to: str, says: str) -> None:
    with pytest.raises(Fault) as caught:
        infer("reshape", vector(256), to=to)
    assert says in caught.value.message and caught.value.field == "to"


def test_a_varying_length_stays() -> None:
    """Heads are split off behind the positions; the positions themselves are left alone."""
    varying = sequence(12, 64, varies=True)
    assert infer("reshape", varying, to="T 12, N 4, D -1") == "float[T ≤12, N 4, D 16]"
    module = registry["reshape"](to="T 12, N 4, D -1").build(Inputs({"x": [varying]}))
    assert module(torch.zeros(2, 5, 64)).shape == (2, 5, 4, 16)
    with pytest.raises(Fault, match="so its shape must begin with T 12"):
        infer("reshape", varying, to="D -1")


@pytest.mark.parametrize(
    "gate", [vector(6), image(6, 1, 1), image(1, 4, 5), scalar()], ids=["vector", "channels", "places", "number"]
)
@pytest.mark.parametrize("first", [False, True])
def test_a_gate_multiplies_what_it_stands_for(gate: TensorType, first: bool) -> None:
    """Squeeze-excite: one number a channel; also one a place, or one for the sample. Torch's broadcasting is the
    oracle."""
    wires = [gate, image(6, 4, 5)] if first else [image(6, 4, 5), gate]
    layer = registry["multiply"]()
    assert str(layer.infer(Inputs({"x": wires}))["y"]) == "float[C 6, H 4, W 5]"
    x, g = torch.randn(2, 6, 4, 5), torch.randn(2, *gate.sizes)
    wide = g.reshape(2, *(gate.sizes if len(gate.sizes) == 3 else (*gate.sizes, *[1] * (3 - len(gate.sizes)))))
    module = layer.build(Inputs({"x": wires}))
    assert torch.equal(module(*((g, x) if first else (x, g))), x * wide)


@pytest.mark.parametrize("odd", [vector(4), image(6, 4, 1), image(3, 4, 5), image(6, 2, 5)])
def test_nothing_else_is_stretched(odd: TensorType) -> None:
    """What torch would stretch or pupils would mistake is refused: 4 numbers are no gate of 6 channels."""
    with pytest.raises(Fault) as caught:
        infer("multiply", image(6, 4, 5), odd)
    assert caught.value.code == "unequal_shapes"


def test_only_multiply_gates() -> None:
    for type_ in ("add", "maximum", "minimum"):
        with pytest.raises(Fault):
            infer(type_, image(6, 4, 5), vector(6))


def test_roles_in_the_backward_pass() -> None:
    """L-038, V-005: add distributes, multiply swaps, max routes, and wires from one output add up."""
    a, b = (torch.tensor([value], requires_grad=True) for value in (3.0, -4.0))
    both = Inputs({"x": [scalar(), scalar()]})
    expected = {"add": (1.0, 1.0), "multiply": (-4.0, 3.0), "maximum": (1.0, 0.0), "minimum": (0.0, 1.0)}
    for type_, slopes in expected.items():
        a.grad = b.grad = None
        registry[type_]().build(both)(a, b).sum().backward()
        assert (a.grad.item(), b.grad.item()) == slopes, type_
    a.grad = None
    registry["add"]().build(both)(a, a).sum().backward()
    assert a.grad.item() == 2.0


def test_scores_of_a_sequence_with_itself() -> None:
    assert infer("matmul", sequence(5, 8), sequence(5, 8), turn_b=True) == "float[T 5, S 5]"
    with pytest.raises(Fault) as caught:
        infer("matmul", sequence(5, 8), sequence(7, 8))
    assert "a has 8 and b has 7" in caught.value.message
    assert [(r.field, r.value) for r in caught.value.remedies if isinstance(r, SetField)] == [("turn_b", True)]


def test_axes_by_name() -> None:
    assert infer("permute", image(3, 4, 5), to="H W C") == "float[H 4, W 5, C 3]"
    assert infer("permute", image(3, 4, 5), to="W") == "float[W 5, C 3, H 4]"
    assert infer("reduce", image(3, 4, 5), axis="H W", how="max") == "float[D 3]"
    assert infer("reduce", sequence(3, 4), axis="T D") == "float[]"
    assert infer("slice", image(8, 4, 5), first=-2) == "float[C 2, H 4, W 5]"
    assert infer("position", TensorType("index", (Axis("T", 4),), 9)) == "index<9>[]"
    assert infer("stack", vector(3), vector(3)) == "float[T 2, D 3]"
    assert infer("split", image(8, 4, 5), size=3) == "float[C 3, H 4, W 5] float[C 5, H 4, W 5]"
    with pytest.raises(Fault, match="has no axis L to work along: an image 3×4×5 has C, H and W"):
        infer("slice", image(3, 4, 5), axis="L")


@pytest.mark.parametrize(("place", "gives"), [(-1, [2, 0, 0]), (-2, [1, 0, 0]), (0, [0, 2, 0]), (1, [1, 0, 0])])
def test_a_position_counts_what_the_mask_shows(place: int, gives: list[int]) -> None:
    """Lengths 3, a lone last token, and none at all (then the first place)."""
    x = torch.arange(3.0).repeat(3, 1)[..., None]
    mask = torch.tensor([[True, True, True], [False, False, True], [False, False, False]])
    wires = Inputs({"x": [sequence(3, 1)], "mask": [TensorType("bool", (Axis("T", 3),))]})
    got = registry["position"](place=place).build(wires)(x, mask)[:, 0].long().tolist()
    if place in (-2, 1):
        gives = [1, got[1], 0]  # there is no second one: any of its places is as good
    assert got[0] == gives[0] and got[2] == gives[2]
    if place in (-1, 0):
        assert got[1] == 2
