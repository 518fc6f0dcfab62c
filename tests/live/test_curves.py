from __future__ import annotations

import math

from chalknet.live.curves import BUCKETS, MOST, Curves
from chalknet.wire import Curve


def point(step: int, **values: float) -> Curve:
    return Curve(step=step, epoch=step / 10, seconds=step / 100, values=values)


def test_short_curves_are_kept_whole():
    curves = Curves()
    told = [point(step, loss=math.sin(step)) for step in range(MOST - 1)]
    curves.add(told)
    assert curves.points() == told


def test_values_of_one_step_become_one_point():
    curves = Curves()
    curves.add([point(1, loss=1.0), point(2, loss=0.5)])
    curves.add([point(2, accuracy=0.9)])
    assert [one.values for one in curves.points()] == [{"loss": 1.0}, {"loss": 0.5, "accuracy": 0.9}]


def test_a_hundred_thousand_points_keep_their_extremes_and_their_ends():
    curves = Curves()
    for step in range(100_000):
        spike = {12_345: 99.0, 77_777: -99.0}.get(step)
        curves.add([point(step, loss=math.sin(step) if spike is None else spike)])
    points = curves.points()
    values = {one.step: one.values["loss"] for one in points}
    assert values[12_345] == 99
    assert values[77_777] == -99
    assert points[0].step == 0
    assert points[-1].step == 99_999
    assert BUCKETS <= len(points) <= MOST
    assert [one.step for one in points] == sorted(values)
    widest = max(later - earlier for earlier, later in zip(sorted(values), sorted(values)[1:], strict=False))
    assert widest <= 2 * 100_000 / BUCKETS, "no part of the curve is left empty"


def test_a_rare_series_is_not_thinned_with_a_frequent_one():
    curves = Curves()
    for step in range(20_000):
        curves.add([point(step, loss=1.0, **({"accuracy": step / 20_000} if step % 1000 == 0 else {}))])
    assert sum("accuracy" in one.values for one in curves.points()) == 20


def test_rewinding_forgets_later_steps_and_no_earlier_one():
    curves = Curves()
    curves.add([point(step, loss=float(step)) for step in range(10)])
    curves.add([point(9, accuracy=0.9)])
    curves.rewind(6)
    assert [one.step for one in curves.points()] == [0, 1, 2, 3, 4, 5, 6]
    assert curves.latest() == {"loss": 6.0}
    curves.rewind(0)
    curves.rewind(-1)
    assert curves.points() == []
    assert curves.latest() == {}
