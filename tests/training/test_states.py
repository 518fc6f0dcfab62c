"""The states of recurrent layers over time, against torch's own layers run on ever longer beginnings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tests.training.frames import Frame, close, look, value

UNITS = 3


def reader(board: Any, kind: str, *wired: str, **fields: Any) -> Any:
    """Tokens, read by a recurrent layer."""
    drawn = board()
    drawn.add("data", "reversal", length=6, symbols=4, samples=200)
    drawn.add("embed", "embedding", "data.tokens", units=4)
    drawn.add("read", kind, "embed", *wired, units=UNITS, **fields)
    drawn.add("out", "linear", "read.y", units=5)
    drawn.add("loss", "cross_entropy", "out>logits", "data.target>target", "data.mask>mask")
    return drawn.document()


def lanes(frame: Frame) -> list[np.ndarray]:
    return [frame.arrays[str(number)] for number in range(len(frame.about["lanes"]))]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("kind", "fields"), [("rnn", {}), ("rnn", {"nonlinearity": "relu"}), ("gru", {}), ("lstm", {})]
)
def test_states_at_every_step(board, kind, fields, bias) -> None:
    """L-045, L-046, L-047: h, and the cell of an LSTM, after every step; the first row is what it begins with."""
    made, (frame,) = look(
        reader(board, kind, bias=bias, **fields), {"view": "states", "node": "read", "samples": [4, 1]}
    )
    module = made.compiled.modules["read"]
    x = value(made, "embed", rows=[4, 1])
    names = ["h", "c"] if kind == "lstm" else ["h"]
    shown = lanes(frame)
    with torch.no_grad():
        for name, found in zip(names, shown, strict=True):
            assert found.shape == (2, 7, UNITS)
            rows = [torch.zeros(2, UNITS)]
            for steps in range(1, 7):
                ended = module(x[:, :steps])
                rows.append(ended[1 + names.index(name)])
            expected = torch.stack(rows, 1)
            for sample in range(2):
                assert close(found[sample], expected[sample])
    assert frame.about["lanes"] == [{"name": name, "layer": 1, "backwards": False, "units": UNITS} for name in names]
    assert frame.about["steps"] == 6
    names = made.validation["data"].layer.token_names()
    tokens = made.validation["data"].rows([4, 1])["data", "tokens"].tolist()
    assert frame.about["tokens"] == [[names[token] for token in row] for row in tokens]


def test_states_of_stacked_layers_that_read_both_ways(board) -> None:
    """L-048, L-049: each layer and direction by itself, in order of time: read backwards, what it begins with comes
    last."""
    document = reader(board, "lstm", layers=2, bidirectional=True)
    made, (frame,) = look(document, {"view": "states", "node": "read", "samples": [2]})
    module = made.compiled.modules["read"]
    x = value(made, "embed", rows=[2])
    names = [(each["name"], each["layer"], each["backwards"]) for each in frame.about["lanes"]]
    assert names == [(n, layer, back) for layer in (1, 2) for back in (False, True) for n in ("h", "c")]
    found = dict(zip(names, lanes(frame), strict=True))
    with torch.no_grad():
        y, *_ = module(x)  # (1, 6, 2·units): the upper layer's h, forwards beside backwards
        assert close(found["h", 2, False][0, 1:], y[0, :, :UNITS], 2.0)
        assert close(found["h", 2, True][0, :-1], y[0, :, UNITS:], 2.0)
        assert found["h", 2, False][0, 0] == pytest.approx(0, abs=0.01)
        assert found["c", 2, True][0, -1] == pytest.approx(0, abs=0.01)
        single = torch.nn.LSTM(4, UNITS, batch_first=True, bidirectional=True)
        single.load_state_dict({k: v for k, v in module.state_dict().items() if "_l0" in k})
        below, (_, cell) = single(x)
    assert close(found["h", 1, False][0, 1:], below[0, :, :UNITS], 2.0)
    assert close(found["h", 1, True][0, :-1], below[0, :, UNITS:], 2.0)
    assert close(found["c", 1, False][0, -1], cell[0, 0], 4.0)
    assert close(found["c", 1, True][0, 0], cell[1, 0], 4.0)


def test_steps_without_a_token_leave_the_state(board) -> None:
    """L-045, R-004: a mask's steps are passed over; the state ends as the layer's own does."""
    made, (frame,) = look(
        reader(board, "gru", "data.mask>mask"), {"view": "states", "node": "read", "samples": list(range(12))}
    )
    mask = made.validation["data"].rows(list(range(12)))["data", "mask"]
    assert not mask.all(), "some samples are shorter"
    ended = value(made, "read", "h", rows=list(range(12)))
    (states,) = lanes(frame)
    for sample in range(12):
        assert close(states[sample, -1], ended[sample], 2.0)
        for step in range(6):
            if not mask[sample, step]:
                assert (states[sample, step + 1] == states[sample, step]).all()


def test_states_begin_as_they_are_wired(board) -> None:
    """L-050: a decoder goes on from where the encoder stopped."""
    drawn = board()
    drawn.add("data", "reversal", length=6, symbols=4, samples=200)
    drawn.add("embed", "embedding", "data.tokens", units=4)
    drawn.add("encode", "rnn", "embed", units=UNITS)
    drawn.add("read", "rnn", "embed", "encode.h>h0", units=UNITS)
    drawn.add("out", "linear", "read.y", units=5)
    drawn.add("loss", "cross_entropy", "out>logits", "data.target>target", "data.mask>mask")
    made, (frame,) = look(drawn.document(), {"view": "states", "node": "read"})
    (states,) = lanes(frame)
    assert close(states[0, 0], value(made, "encode", "h")[0], 2.0)
    assert close(states[0, 1:], value(made, "read", "y")[0], 2.0)


def test_states_of_a_block_that_runs_over_time(board) -> None:
    """L-045, A-065: a cell by hand: its states are what torch's LSTM has."""
    from tests.training.test_over_time import UNITS as WIDE
    from tests.training.test_over_time import by_hand, like_torchs, words

    document = words(board, by_hand()).document()
    made, (frame,) = look(document, {"view": "states", "node": "loop", "samples": [0, 5]})
    other = like_torchs(made.compiled)
    x = value(made, "embed", rows=[0, 5])
    assert [(each["name"], each["units"]) for each in frame.about["lanes"]] == [("h", WIDE), ("c", WIDE)]
    shown = lanes(frame)
    with torch.no_grad():
        for steps in range(1, 7):
            _, (h, c) = other(x[:, :steps])
            for sample in range(2):
                assert close(shown[0][sample, steps], h[0, sample], 2.0)
                assert close(shown[1][sample, steps], c[0, sample], 4.0)
    assert made.compiled.facts.nodes["loop"].views == ["states"]


def test_few_of_many_steps_and_units_are_sent(board) -> None:
    """Bytes stay bounded however long the sequence."""
    drawn = board()
    drawn.add("data", "digits", size=16)
    drawn.add("steps", "reshape", "data.image", to="T -1, D 2")
    drawn.add("read", "rnn", "steps", units=100, give="last")
    drawn.add("out", "linear", "read.y", units=10)
    drawn.add("loss", "cross_entropy", "out>logits", "data.label>target")
    _, (frame,) = look(drawn.document(), {"view": "states", "node": "read"})
    assert lanes(frame)[0].shape == (1, 65, 64)
    assert frame.about["steps"] == 128 and len(frame.about["tokens"][0]) == 64
    assert frame.about["lanes"][0]["units"] == 100


def test_what_remembers_nothing_has_no_states(board) -> None:
    _, frames = look(reader(board, "rnn"), {"view": "states", "node": "embed"}, {"view": "states", "node": "nobody"})
    assert not frames
