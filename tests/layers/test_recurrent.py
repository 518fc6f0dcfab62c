"""Recurrent layers and their cells against torch's own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from chalknet.layers.base import Axis, Fault, Inputs, TensorType, registry, sequence, vector

KINDS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def built(type_: str, width: int, length: int = 5, **fields: Any) -> Any:
    torch.manual_seed(0)
    return registry[type_](**fields).build(Inputs({"x": [sequence(length, width)]}))


def torchs(type_: str, module: Any, **settings: Any) -> Any:
    """Torch's layer with the same weights."""
    other = KINDS[type_](module.input_size, module.hidden_size, batch_first=True, **settings)
    other.load_state_dict(module.state_dict())
    return other


def parts(ended: Any) -> tuple[Tensor, ...]:
    return ended if isinstance(ended, tuple) else (ended,)


@pytest.mark.parametrize(("type_", "count"), [("rnn", 640), ("lstm", 2560), ("gru", 1920)])
def test_parameters_of_ten_inputs_and_twenty_units(type_: str, count: int) -> None:
    """C-029, L-045 to L-047: torch's two biases; the layer and its cell hold the same; one direction more doubles
    them."""
    inputs = Inputs({"x": [sequence(7, 10)]})

    def total(name: str, kind: Inputs, **fields: Any) -> int:
        shapes = registry[name](units=20, **fields).parameters(kind)
        return sum(torch.Size(shape).numel() for shape in shapes.values())

    assert total(type_, inputs) == count
    assert total(type_, inputs, bidirectional=True) == 2 * count
    assert total(f"{type_}_cell", Inputs({"x": [vector(10)]})) == count
    layer = registry[type_](units=20)
    assert f"= {count:,}".replace(",", "{,}") in layer.numbers(inputs, layer.infer(inputs))


@pytest.mark.parametrize("type_", KINDS)
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
def test_outputs_and_states_equal_torchs(type_: str, both: bool, layers: int) -> None:
    """L-045 to L-049: with and without first states; a state holds all layers and directions side by side."""
    module = built(type_, 3, units=4, layers=layers, bidirectional=both)
    other = torchs(type_, module, num_layers=layers, bidirectional=both)
    x, count = torch.randn(2, 5, 3), layers * (2 if both else 1)
    y, ended = other(x)
    expected = [y, *(state.transpose(0, 1).flatten(1) for state in parts(ended))]
    for got, want in zip(module(x), expected, strict=True):
        torch.testing.assert_close(got, want)
    begun = [torch.randn(2, count * 4) for _ in parts(ended)]
    given = [state.view(2, count, 4).transpose(0, 1).contiguous() for state in begun]
    y, _ = other(x, tuple(given) if len(given) > 1 else given[0])
    torch.testing.assert_close(module(x, *begun)[0], y)


@pytest.mark.parametrize("type_", KINDS)
@pytest.mark.parametrize("both", [False, True])
def test_padding_is_as_if_it_were_not_there(type_: str, both: bool) -> None:
    """L-050: each sequence alone gives the same outputs and states as in a padded batch, wherever the padding stands;
    what the padding holds does not matter."""
    module = built(type_, 3, units=4, layers=2, bidirectional=both)
    begun = [torch.randn(4, 2 * (2 if both else 1) * 4) for _ in range(2 if type_ == "lstm" else 1)]
    x = torch.randn(4, 5, 3)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 1, 1, 1], [0, 0, 0, 0, 0]]).bool()
    y, *ended = module(x.masked_fill(~mask[:, :, None], float("nan")), *begun, mask)
    for row in range(3):
        alone, *states = module(x[row : row + 1, mask[row]], *(state[row : row + 1] for state in begun))
        torch.testing.assert_close(y[row : row + 1, mask[row]], alone)
        for got, want in zip(ended, states, strict=True):
            torch.testing.assert_close(got[row : row + 1], want)
    assert not y[~mask].any()
    for got, want in zip(ended, begun, strict=True):
        assert torch.equal(got[3], want[3]), "nothing was read, so the state is as it was"


@pytest.mark.parametrize("type_", KINDS)
def test_the_last_step_has_read_everything_in_both_directions(type_: str) -> None:
    """L-050: many to one; backwards, the last step that is read is the first of the sequence."""
    layer = registry[type_](units=4, bidirectional=True, layers=2, give="last")
    assert layer.infer(Inputs({"x": [sequence(5, 3)]}))["y"] == vector(8)
    module = built(type_, 3, units=4, bidirectional=True, layers=2, give="last")
    every = torchs(type_, module, num_layers=2, bidirectional=True)
    x = torch.randn(2, 5, 3)
    y, _ = every(x)
    torch.testing.assert_close(module(x)[0], torch.cat([y[:, -1, :4], y[:, 0, 4:]], 1))


def test_shapes_of_many_and_one() -> None:
    """L-050: many to many, many to one, one to many, and a length that varies from batch to batch stays so."""
    varying = sequence(9, 3, varies=True)
    assert registry["lstm"](units=4).infer(Inputs({"x": [varying]}))["y"] == sequence(9, 4, varies=True)
    assert registry["lstm"](units=4, give="last").infer(Inputs({"x": [varying]}))["y"] == vector(4)
    assert registry["repeat"](times=6).infer(Inputs({"x": [vector(3)]}))["y"] == sequence(6, 3)
    like = Inputs({"x": [vector(3)], "like": [TensorType("index", (Axis("T", 9, True),), 4)]})
    assert registry["repeat"]().infer(like)["y"] == varying
    long = registry["repeat"]().build(like)(torch.ones(2, 3), torch.zeros(2, 4, dtype=torch.long))
    assert long.shape == (2, 4, 3)


@pytest.mark.parametrize(("type_", "step"), [("rnn", "rnn_cell"), ("lstm", "lstm_cell"), ("gru", "gru_cell")])
def test_a_cell_walked_over_a_sequence_is_the_layer(type_: str, step: str) -> None:
    """L-045 to L-047, C-069: one step after the other with the same weights."""
    module = built(type_, 3, units=4)
    torch.manual_seed(1)
    cell = registry[step](units=4).build(Inputs({"x": [vector(3)]}))
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in module.state_dict().items()})
    x = torch.randn(2, 5, 3)
    states: tuple[Any, ...] = ()
    outputs = []
    for each in x.unbind(1):
        states = parts(cell(each, *states))
        outputs.append(states[0])
    torch.testing.assert_close(torch.stack(outputs, 1), module(x)[0])


def test_an_lstm_cell_takes_a_state_without_its_cell() -> None:
    cell = registry["lstm_cell"](units=4).build(Inputs({"x": [vector(3)]}))
    x, h = torch.randn(2, 3), torch.randn(2, 4)
    torch.testing.assert_close(cell(x, h), cell(x, h, torch.zeros(2, 4)))


def test_gates_of_an_lstm_and_a_gru() -> None:
    """L-046, L-047: gates are computed as the layer computes them: the cell that they give is the layer's."""
    module = built("lstm", 3, units=4)
    x = torch.randn(2, 5, 3)
    y, h, c = module(x)
    gates = module.gates(x)
    assert list(gates) == ["input", "forget", "output"]
    torch.testing.assert_close(gates["output"][:, -1] * c.tanh(), h)
    before = torch.cat([torch.zeros(2, 1, 4), y[:, :-1]], 1)
    sums = x @ module.weight_ih_l0.T + before @ module.weight_hh_l0.T + module.bias_ih_l0 + module.bias_hh_l0
    torch.testing.assert_close(torch.cat([gates["input"], gates["forget"]], 2), sums[..., :8].sigmoid())
    gru = built("gru", 3, units=4, bias=False)
    update = gru.gates(x)["update"]
    y, _ = gru(x)
    before = torch.cat([torch.zeros(2, 1, 4), y[:, :-1]], 1)
    torch.testing.assert_close(
        update, (x @ gru.weight_ih_l0[4:8].T + before @ gru.weight_hh_l0[4:8].T).sigmoid(), msg="z keeps the old state"
    )
    all_open = (y - update * before) / (1 - update)
    assert all_open.abs().max() <= 1.0001, "what is new is a tanh"


def test_a_state_of_another_size_is_refused_with_a_way_out() -> None:
    """L-048: the state of a stacked layer holds all layers."""
    layer = registry["gru"](units=4, layers=2)
    with pytest.raises(Fault, match="its state holds 8 numbers, but 5 arrive") as refused:
        layer.infer(Inputs({"x": [sequence(5, 3)], "h0": [vector(5)]}))
    assert [remedy.fields for remedy in refused.value.remedies[:1]] == [{"units": 8}]


def test_a_vector_is_offered_to_be_repeated() -> None:
    """L-050: one to many."""
    with pytest.raises(Fault, match="needs a sequence of vectors; a vector of 3 numbers arrives") as refused:
        registry["rnn"]().infer(Inputs({"x": [vector(3)]}))
    assert refused.value.remedies[0].type == "repeat"


def test_dropout_without_a_second_layer_is_warned_of() -> None:
    inputs = Inputs({"x": [sequence(5, 3)]})
    (warn,) = registry["lstm"](dropout=0.2).check(inputs)
    assert warn.code == "no_dropout"
    assert not registry["lstm"](dropout=0.2, layers=2).check(inputs)
    assert built("lstm", 3, dropout=0.2, layers=2).dropout == 0.2
