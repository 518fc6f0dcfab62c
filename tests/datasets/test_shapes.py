"""Pictures of shapes with boxes (D-006 to D-008)."""

from __future__ import annotations

import pytest
import torch

from chalknet.datasets.shapes import as_floats, shapes


@pytest.fixture(scope="module")
def many() -> dict[str, torch.Tensor]:
    return shapes(128, 200, 6, 0.08, 180)


def real(boxes: torch.Tensor) -> torch.Tensor:
    return boxes[boxes[..., 0] >= 0]


def test_boxes_lie_in_the_picture_and_are_no_specks(many: dict[str, torch.Tensor]) -> None:
    _, x, y, width, height = real(many["boxes"]).unbind(1)
    assert (x - width / 2).min() >= -1e-6 and (x + width / 2).max() <= 1 + 1e-6
    assert (y - height / 2).min() >= -1e-6 and (y + height / 2).max() <= 1 + 1e-6
    assert torch.minimum(width, height).min() * 128 >= 4 and torch.maximum(width, height).max() <= 0.5


def test_every_class_and_every_number_of_shapes_comes(many: dict[str, torch.Tensor]) -> None:
    classes = real(many["boxes"])[:, 0].long().bincount()
    assert len(classes) == 3 and classes.min() > 0.2 * classes.sum()
    numbers = (many["boxes"][..., 0] >= 0).sum(1).bincount(minlength=7)
    assert numbers[0] == 0 and numbers[1:].min() > 0


def test_absent_boxes_are_last(many: dict[str, torch.Tensor]) -> None:
    present = many["boxes"][..., 0] >= 0
    assert (present[:, 1:] <= present[:, :-1]).all()
    assert many["boxes"][~present].eq(torch.tensor([-1.0, 0, 0, 0, 0])).all()


def test_shapes_overlap(many: dict[str, torch.Tensor]) -> None:
    """Some boxes share ground: this is no task for a sliding window alone."""
    shared = 0
    for rows in many["boxes"]:
        _, x, y, width, height = rows[rows[:, 0] >= 0].unbind(1)
        across = (width[:, None] + width) / 2 - (x[:, None] - x).abs()
        along = (height[:, None] + height) / 2 - (y[:, None] - y).abs()
        shared += int(((across > 0) & (along > 0)).triu(1).any())
    assert shared > 0.3 * len(many["boxes"])


def test_a_box_ends_where_its_shape_ends() -> None:
    """Without noise and with one shape, the pixels that stand out are those of the box, give or take the blending."""
    made = shapes(96, 60, 1, 0.0, 180)
    for picture, row in zip(made["image"].float(), made["boxes"][:, 0], strict=True):
        corners = picture[:, [0, 0, -1, -1], [0, -1, 0, -1]].mean(1)
        out = (picture - corners[:, None, None]).abs().amax(0) > 60
        rows, columns = out.any(1).nonzero()[:, 0], out.any(0).nonzero()[:, 0]
        _, x, y, width, height = (row * 96).tolist()
        assert abs(int(columns[0]) - (x - width / 2)) <= 2 and abs(int(columns[-1]) + 1 - (x + width / 2)) <= 2
        assert abs(int(rows[0]) - (y - height / 2)) <= 2 and abs(int(rows[-1]) + 1 - (y + height / 2)) <= 2


def test_shapes_fill_their_boxes_as_their_kind_does() -> None:
    """A square fills its box, a circle π/4 of it, a triangle that stands upright a half."""
    made = shapes(128, 90, 1, 0.0, 0)
    shares: dict[int, list[float]] = {0: [], 1: [], 2: []}
    for picture, row in zip(made["image"].float(), made["boxes"][:, 0], strict=True):
        kind, x, y, width, height = row.tolist()
        left, right = round((x - width / 2) * 128), round((x + width / 2) * 128)
        top, bottom = round((y - height / 2) * 128), round((y + height / 2) * 128)
        window = picture[:, top:bottom, left:right]
        colour = window[:, window.shape[1] * 11 // 20, window.shape[2] // 2]
        shares[int(kind)].append(float(((window - colour[:, None, None]).abs().amax(0) < 40).float().mean()))
    for kind, share in ((0, 0.785), (1, 1.0), (2, 0.5)):
        assert sum(shares[kind]) / len(shares[kind]) == pytest.approx(share, abs=0.07)


@pytest.mark.parametrize("rotation", [0, 180])
def test_triangles_are_turned_only_as_far_as_asked(rotation: float) -> None:
    """An equilateral triangle that stands upright is √3/2 as high as wide; turned by 30° it is 2/√3 as high."""
    made = real(shapes(128, 120, 1, 0.0, rotation)["boxes"])
    triangles = made[made[:, 0] == 2]
    ratio = triangles[:, 4] / triangles[:, 3]
    if rotation:
        assert ratio.max() > 1.08 and ratio.min() < 0.92
    else:
        assert (ratio - 3**0.5 / 2).abs().max() < 0.08


def test_noise_disturbs_pixels_as_far_as_it_says() -> None:
    quiet, noisy = (shapes(64, 4, 2, noise, 180)["image"].float() for noise in (0.0, 0.2))
    assert quiet.shape == noisy.shape
    change = (noisy - quiet).abs() / 255
    assert 0.15 < change.max() <= 0.21


def test_floats_run_from_minus_one_to_one(many: dict[str, torch.Tensor]) -> None:
    ready = as_floats(many)
    assert ready["image"].dtype == torch.float32 and ready["boxes"] is many["boxes"]
    assert as_floats({"image": torch.tensor([0, 255], dtype=torch.uint8)})["image"].tolist() == [-1.0, 1.0]
