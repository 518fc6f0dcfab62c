"""What a regression makes of its numbers (V-025, A-001…A-003, C-032, C-033): the line or plane that it has found, what
is left between it and the samples, and beside it the least squares of the same numbers, solved at once."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from chalknet.graph.views import MOST_COMPARED
from chalknet.layers.regression import Distance
from chalknet.training.batches import Source
from chalknet.training.compile import Value
from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, as_bytes, numbers, register
from chalknet.wire import Subscription

MOST_SAMPLES = 2000
"""Of each part."""
MOST_GIVEN = 64
"""Numbers of a sample for which least squares are solved."""
SIDE = 120
"""Places along a line."""
PLANE_SIDE = 40
MARGIN = 0.06
"""Of what the samples reach, so much is drawn beyond them at either side."""


@register
class Fit(View):
    """On a loss between numbers, for the samples of both parts, every number wanted a pair of its own.

    ``wanted``, ``predicted`` float32 [N], ``part`` int32 [N] (0 training, 1 validation). Where one number decides –
    or the powers of one – also ``x`` float32 [N], and ``along``, ``line``, ``solved`` float32 [G]: what the network and
    least squares say along it. Where two do, ``x`` float32 [N,2] and ``surface`` uint8 [G,G], row 0 the largest x₂.

    about: {network, squares: {train, validation: {mse, r2}}, coefficients: [b, w₁ …], solutions: one | none | many,
    extent: [x0, x1, y0, y1] of a surface}. ``squares``, ``coefficients`` and ``solutions`` are of [1, x] w = y on the
    training samples, as float64, of the shortest w where several fit; they are missing where x is no vector of at most
    64 numbers.
    """

    name = "fit"
    over = "nothing"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        if not isinstance(scene.layer(wanted.node), Distance):
            raise Unwatchable(f"{wanted.node!r} compares no numbers")
        ports = {port: found[0] for port, found in scene.compiled.sources(wanted.node).items()}
        self.prediction, self.target = ports["prediction"], ports["target"]
        if not 1 <= scene.type(self.target).numel <= MOST_COMPARED:
            raise Unwatchable(f"{wanted.node!r} compares more than {MOST_COMPARED} numbers a sample")
        if scene.source(self.target) is None:
            raise Unwatchable(f"what {wanted.node!r} wants is computed on the board, and no number of the data")
        self.compiled = scene.compiled
        self.graph = scene.compiled.select([self.prediction])
        self.parts = [_first(sources) for sources in (scene.train, scene.validation)]
        self.given = self._given(scene)
        self.targets = [_flat(rows[self.target]) for rows in self.parts]
        self.squares: dict[str, Any] = {}
        if self.given is not None:
            self._solve()

    def _given(self, scene: Scene) -> Value | None:
        """The one value of data that the prediction depends on, if it is a vector."""
        found = list(dict.fromkeys(scene.upstream(self.prediction)))
        if len(found) != 1 or found[0] not in self.parts[0]:
            return None
        kind = scene.type(found[0])
        return found[0] if kind.element == "float" and len(kind.axes) <= 1 and kind.numel <= MOST_GIVEN else None

    def _predicted(self, rows: dict[Value, Tensor]) -> Tensor:
        found: list[Tensor] = self.graph.forward(*[rows.get(value) for value in self.compiled.inputs])
        return _flat(found[0])

    def _solve(self) -> None:
        """Least squares on the training samples."""
        assert self.given is not None
        self.xs = [_flat(rows[self.given]) for rows in self.parts]
        matrix, wanted = _with_ones(self.xs[0]).cpu(), self.targets[0].cpu()
        self.weights = torch.linalg.lstsq(matrix, wanted, driver="gelsd").solution
        fits = bool(((matrix @ self.weights - wanted).abs() <= 1e-6 * wanted.abs().max().clamp(min=1)).all())
        full = int(torch.linalg.matrix_rank(matrix)) == matrix.shape[1]
        self.squares = {
            "squares": _told([self._solved(x) for x in self.xs], self.targets),
            "coefficients": self.weights[:, 0].tolist(),
            "solutions": "none" if not fits else "one" if full else "many",
        }
        # Powers of one number, as a curve is given, are that number as far as a drawing goes.
        first = self.xs[0][:, :1]
        self.powers = self.xs[0].shape[1]
        self.single = bool(torch.allclose(self.xs[0], _powers(first, self.powers), rtol=1e-4, atol=1e-5))

    def _solved(self, x: Tensor) -> Tensor:
        return _with_ones(x) @ self.weights.to(x.device)

    def draw(self, values: Values) -> Drawn:
        predicted = [self._predicted(rows) for rows in self.parts]
        width = self.targets[0].shape[1]
        part = torch.cat([torch.full((each.numel(),), number) for number, each in enumerate(self.targets)])
        pictures = [
            Picture("wanted", numbers(torch.cat([each.flatten() for each in self.targets]))),
            Picture("predicted", numbers(torch.cat([each.flatten() for each in predicted]))),
            Picture("part", part.to(torch.int32).numpy()),
        ]
        about = {"network": _told(predicted, self.targets), **self.squares, "width": width}
        if self.given is not None and width == 1 and self.single:
            pictures += self._line()
        elif self.given is not None and width == 1 and self.xs[0].shape[1] == 2:
            surface, about["extent"] = self._surface()
            pictures += surface
        return Drawn(pictures, about)

    def _line(self) -> list[Picture]:
        places = torch.cat([x[:, 0] for x in self.xs])
        low, high = _reach(places)
        along = torch.linspace(low, high, SIDE, dtype=torch.float64, device=places.device)
        x = _powers(along[:, None], self.powers)
        return [
            Picture("x", numbers(places)),
            Picture("along", numbers(along)),
            Picture("line", numbers(self._of(x).flatten())),
            Picture("solved", numbers(self._solved(x).flatten())),
        ]

    def _surface(self) -> tuple[list[Picture], list[float]]:
        both = torch.cat(self.xs)
        (x0, x1), (y0, y1) = _reach(both[:, 0]), _reach(both[:, 1])
        across = torch.linspace(x0, x1, PLANE_SIDE, dtype=torch.float64, device=both.device)
        down = torch.linspace(y1, y0, PLANE_SIDE, dtype=torch.float64, device=both.device)
        x = torch.stack([across.repeat(PLANE_SIDE), down.repeat_interleave(PLANE_SIDE)], 1)
        heights, lo, hi = as_bytes(self._of(x).reshape(1, PLANE_SIDE, PLANE_SIDE), 1)
        return [Picture("x", numbers(both)), Picture("surface", heights[0], lo, hi)], [x0, x1, y0, y1]

    def _of(self, x: Tensor) -> Tensor:
        """What the network predicts for other numbers. Whatever else its inputs hold leads to the target only."""
        assert self.given is not None
        count = len(x)
        rows = {value: each[:1].expand(count, *each.shape[1:]) for value, each in self.parts[0].items()}
        shape = self.parts[0][self.given].shape[1:]
        rows[self.given] = x.reshape(count, *shape).to(self.parts[0][self.given].dtype)
        return self._predicted(rows)


def _first(sources: dict[str, Source]) -> dict[Value, Tensor]:
    """The first samples of a part, of every data node."""
    count = min(MOST_SAMPLES, max((source.count for source in sources.values()), default=0))
    found: dict[Value, Tensor] = {}
    for source in sources.values():
        device = next(iter(source.samples.values())).device
        found |= source.rows(torch.arange(count, device=device) % max(1, source.count))
    return found


def _flat(values: Tensor) -> Tensor:
    """A row a sample, float64."""
    return values.reshape(len(values), math.prod(values.shape[1:])).double()


def _with_ones(x: Tensor) -> Tensor:
    return torch.cat([torch.ones(len(x), 1, dtype=x.dtype, device=x.device), x], 1)


def _powers(x: Tensor, count: int) -> Tensor:
    """x, x² … of a column."""
    return torch.cat([x**power for power in range(1, count + 1)], 1)


def _reach(places: Tensor) -> tuple[float, float]:
    low, high = float(places.min()), float(places.max())
    beyond = MARGIN * (high - low) or 1.0
    return low - beyond, high + beyond


def _told(predicted: list[Tensor], wanted: list[Tensor]) -> dict[str, dict[str, float]]:
    """Mean squared error, and the share of the spread that is explained, of each part that has samples."""
    found = {}
    for name, made, told in zip(("train", "validation"), predicted, wanted, strict=True):
        if len(told):
            error = float((made - told).square().mean())
            spread = float((told - told.mean(0)).square().mean())
            found[name] = {"mse": error, **({"r2": 1 - error / spread} if spread > 0 else {})}
    return found
