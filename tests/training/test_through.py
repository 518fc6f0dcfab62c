"""How numbers lie before and behind a layer (V-030, V-044), against counts of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from chalknet.training.views.through import rounded
from tests.training.frames import look, value


def same(counted: np.ndarray, found: torch.Tensor, reach: float) -> bool:
    """Against numpy's counts. One sample at a time rounds otherwise than many: a number at the edge of a bin may fall
    to either side."""
    expected = np.histogram(found.flatten().double().numpy(), len(counted), (-reach, reach))[0]
    return int(counted.sum()) == int(expected.sum()) and int(np.abs(counted - expected).sum()) <= found.numel() / 1000


def test_numbers_that_go_through_an_activation(spiral) -> None:
    """V-030: the inputs of this very layer lie below its curve."""
    made, (frame,) = look(spiral(), {"view": "through", "node": "act1", "size": 16})
    samples = frame.about["samples"]
    before, after = (value(made, node, rows=list(range(samples))) for node in ("fc1", "act1"))
    reach = frame.about["reach"]
    assert reach == rounded(float(torch.cat([before, after]).abs().max()))
    assert same(frame.arrays["before"], before, reach)
    assert same(frame.arrays["after"], after, reach)
    assert frame.arrays["before"].sum() == frame.about["numbers"] == before.numel()
    assert frame.about["before"]["mean"] == pytest.approx(float(before.mean()), abs=1e-5)
    assert frame.about["after"]["deviation"] == pytest.approx(float(after.std(correction=0)), abs=1e-5)
    middles = np.linspace(-reach, reach, 17)[:-1] + reach / 16
    assert frame.arrays["curve"] == pytest.approx(np.tanh(middles), abs=1e-6)
    assert frame.arrays["slope"] == pytest.approx(1 - np.tanh(middles) ** 2, abs=1e-6)


def test_batch_norm_moves_what_it_is_given_round_zero(pictures) -> None:
    """V-044: with the statistics that it keeps, as it is used; there is no curve to be drawn."""
    made, (frame,) = look(pictures(), {"view": "through", "node": "norm1"})
    samples = frame.about["samples"]
    before, after = (value(made, node, rows=list(range(samples))) for node in ("conv1", "norm1"))
    assert same(frame.arrays["before"], before, frame.about["reach"])
    assert same(frame.arrays["after"], after, frame.about["reach"])
    assert frame.arrays["curve"].size == frame.arrays["slope"].size == 0
    assert abs(frame.about["after"]["mean"]) < abs(frame.about["before"]["mean"]) + 0.2
    assert frame.about["after"]["deviation"] == pytest.approx(1, abs=0.35)


def test_other_layers_are_not_compared(spiral) -> None:
    assert look(spiral(), {"view": "through", "node": "fc1"})[1] == []


@pytest.mark.parametrize(
    ("reach", "expected"), [(0.0, 1), (1.0, 1), (1.01, 2), (3.4, 5), (7, 10), (0.03, 0.05), (math.inf, 1)]
)
def test_the_reach_is_a_round_number(reach: float, expected: float) -> None:
    assert rounded(reach) == pytest.approx(expected)
