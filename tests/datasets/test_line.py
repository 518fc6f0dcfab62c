"""Numbers along a line, a plane or a curve."""

from __future__ import annotations

import pytest
import torch

from chalknet.datasets.line import line


def solved(kind: str, noise: float, samples: int = 400, powers: int = 3) -> tuple[list[float], float]:
    """Weights and offset of the best fit in closed form, and the root of its mean squared error."""
    made = line(kind, samples, noise, powers)
    x = torch.cat([made["x"], torch.ones(samples, 1)], 1).double()
    found = torch.linalg.lstsq(x, made["y"].double(), driver="gelsd").solution
    return found[:, 0].tolist(), float(((x @ found - made["y"]) ** 2).mean().sqrt())


def test_the_closed_form_finds_what_was_drawn() -> None:
    """A-001, A-002: slope and offset come out, and what is left over is the noise."""
    weights, left = solved("line", 0.0)
    assert weights == pytest.approx([1.5, -0.5], abs=1e-5) and left < 1e-6
    weights, left = solved("plane", 0.2, samples=20_000)
    assert weights == pytest.approx([1.5, -0.8, -0.5], abs=0.01)
    assert left == pytest.approx(0.2, rel=0.03)


def test_more_powers_fit_a_curve_better() -> None:
    """A-003: on the samples that it is fitted to; ten powers pass through eleven points."""
    one, three, nine = (solved("curve", 0.0, powers=powers)[1] for powers in (1, 3, 9))
    assert one > 5 * three > 50 * nine
    assert solved("curve", 0.2, samples=11, powers=10)[1] < 0.01 < 0.1 < solved("curve", 0.2, samples=11, powers=1)[1]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'circle'"):
        line("circle", 10, 0.0, 1)
