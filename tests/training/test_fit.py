"""What a regression has found, beside least squares; against numpy and sums by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from chalknet import wire
from chalknet.graph import gallery
from chalknet.graph.document import Document
from chalknet.training.loop import loop
from chalknet.training.plan import plan
from chalknet.training.probe import Probe
from tests.training.frames import Frame, close, look

WANTED = {"view": "fit", "node": "loss"}


@pytest.fixture
def regression(board: Any) -> Callable[..., Document]:
    """A data node, a linear layer with as many units as are wanted, and the mean squared error."""

    def make(data: str, units: int = 1, split: float = 0.25, **fields: Any) -> Document:
        made = board(split={"validation": split, "test": 0})
        made.add("data", data, **fields)
        made.add("out", "linear", "data.x", units=units)
        made.add("loss", "mse", "out>prediction", "data.y>target")
        return made.document()

    return make


def test_four_rows_by_descent_and_at_once() -> None:
    """C-032, A-002: A = [[1,2,2],[1,3,4],[1,4,5],[1,6,8]], y = [10,12,15,18] → (17/3, 3, −2/3), and 2/3 is left over:
    descent through the product's own loop ends where the closed form is."""
    made = plan(gallery.boards()["least-squares"], threads=1)
    end = list(loop(made))[-1]
    assert isinstance(end, wire.End) and end.state == "finished"
    found = made.compiled.modules["predict"]
    assert [*found.bias.tolist(), *found.weight[0].tolist()] == pytest.approx([17 / 3, 3, -2 / 3], abs=1e-4)
    probe = Probe(made)
    probe.watch([wire.Subscription(**WANTED)])
    (frame,) = [Frame(raw) for raw in probe.frames(5, 0, force=True)]
    assert frame.about["coefficients"] == pytest.approx([17 / 3, 3, -2 / 3])
    assert 4 * frame.about["squares"]["train"]["mse"] == pytest.approx(2 / 3)
    assert 4 * frame.about["network"]["train"]["mse"] == pytest.approx(2 / 3, abs=1e-4)
    assert frame.arrays["predicted"] - frame.arrays["wanted"] == pytest.approx([1 / 3, 0, -2 / 3, 1 / 3], abs=1e-4)
    assert "validation" not in frame.about["squares"] and not frame.arrays["part"].any()


@pytest.mark.parametrize(
    ("table", "solutions", "coefficients"),
    [
        ("0 1; 1 3", "one", [1, 2]),
        ("0 1; 1 3; 2 5", "one", [1, 2]),
        ("0 1; 1 3; 2 6", "none", [5 / 6, 2.5]),
        ("0 0 1; 1 1 3", "many", [1, 1, 1]),  # the shortest of all w with w₁ + w₂ = 2
        ("1 1; 1 3", "none", [1, 1]),
    ],
)
def test_one_none_many(regression: Callable[..., Document], table: str, solutions: str, coefficients: list) -> None:
    """C-033: how many weights fit every row."""
    _, (frame,) = look(regression("rows", split=0, table=table), WANTED)
    assert frame.about["solutions"] == solutions
    assert frame.about["coefficients"] == pytest.approx(coefficients)


def test_a_line_and_what_is_left(regression: Callable[..., Document]) -> None:
    """A-001, V-025: the line of the network and that of least squares; every sample of both parts with its place."""
    made, (frame,) = look(regression("line", samples=40), WANTED)
    layer = made.compiled.modules["out"]
    slope, offset = float(layer.weight.detach()), float(layer.bias.detach())
    train, validation = made.train["data"].samples, made.validation["data"].samples
    x = torch.cat([train["x"], validation["x"]])[:, 0].numpy()
    y = torch.cat([train["y"], validation["y"]])[:, 0].numpy()
    assert frame.arrays["x"] == pytest.approx(x) and frame.arrays["wanted"] == pytest.approx(y)
    assert frame.arrays["part"].tolist() == [0] * 30 + [1] * 10
    assert frame.arrays["predicted"] == pytest.approx(slope * x + offset, abs=1e-5)
    along = frame.arrays["along"]
    assert along.min() < x.min() and along.max() > x.max()
    assert frame.arrays["line"] == pytest.approx(slope * along + offset, abs=1e-5)
    fitted = np.polyfit(train["x"][:, 0].double().numpy(), train["y"][:, 0].double().numpy(), 1)
    assert frame.arrays["solved"] == pytest.approx(np.polyval(fitted, along), abs=1e-5)
    for part, places in (("train", slice(0, 30)), ("validation", slice(30, 40))):
        wrong = slope * x[places] + offset - y[places]
        told = frame.about["network"][part]
        assert told["mse"] == pytest.approx(float((wrong**2).mean()), rel=1e-4)
        assert told["r2"] == pytest.approx(1 - float((wrong**2).mean()) / float(y[places].var()), rel=1e-4)


def test_powers_of_one_number_are_drawn_along_it(regression: Callable[..., Document]) -> None:
    """A-003: five rows and their powers up to the fourth are met exactly, and a new one badly."""
    _, (frame,) = look(regression("line", samples=20, kind="curve", powers=4), WANTED)
    made = plan(regression("line", samples=20, kind="curve", powers=4), threads=1)
    t = made.train["data"].samples["x"][:, 0].double().numpy()
    y = made.train["data"].samples["y"][:, 0].double().numpy()
    assert frame.arrays["solved"] == pytest.approx(np.polyval(np.polyfit(t, y, 4), frame.arrays["along"]), abs=1e-3)
    rows = "\n".join(f"{a} {a**2} {a**3} {a**4} {b}" for a, b in [(-2, 1), (-1, -1), (0, 2), (1, -2), (2, 1)])
    _, (frame,) = look(regression("rows", split=0, table=rows), WANTED)
    assert frame.about["squares"]["train"]["mse"] < 1e-20 and frame.about["solutions"] == "one"
    between = np.interp(1.5, frame.arrays["along"], frame.arrays["solved"])
    assert abs(between - np.interp(1.5, [1, 2], [-2, 1])) > 1, "it swings between what it has met"


def test_a_plane_of_two_numbers(regression: Callable[..., Document]) -> None:
    """A-002: the height over the two, the largest x₂ at the top."""
    made, (frame,) = look(regression("line", samples=40, kind="plane"), WANTED)
    x0, x1, y0, y1 = frame.about["extent"]
    side = frame.raw["surface"].shape[0]
    across, down = torch.linspace(x0, x1, side), torch.linspace(y1, y0, side)
    places = torch.stack([across.repeat(side), down.repeat_interleave(side)], 1)
    heights = made.compiled.modules["out"](places).detach().reshape(side, side)
    assert close(frame.arrays["surface"], heights)
    assert "along" not in frame.arrays and frame.arrays["x"].shape == (40, 2)


def test_several_numbers_are_pairs_of_their_own(regression: Callable[..., Document]) -> None:
    made, (frame,) = look(regression("rows", units=2, split=0, table="1 2 3; 2 3 5; 3 5 9", wanted=2), WANTED)
    assert frame.arrays["wanted"].tolist() == [2, 3, 3, 5, 5, 9] and frame.about["width"] == 2
    x = torch.tensor([[1.0], [2.0], [3.0]])
    assert frame.arrays["predicted"] == pytest.approx(made.compiled.modules["out"](x).detach().flatten().numpy())
    assert "along" not in frame.arrays


def test_pictures_have_no_least_squares(board: Any) -> None:
    """What comes before the prediction is no short vector: the pairs are still there."""
    made = board()
    made.add("data", "digits")
    made.add("flat", "flatten", "data.image")
    made.add("out", "linear", "flat", units=10)
    made.add("hot", "one_hot", "data.label")
    made.add("loss", "mse", "out>prediction", "hot>target")
    _, frames = look(made.document(), WANTED)
    assert frames == [], "a target that is computed on the board is no number of the data"
