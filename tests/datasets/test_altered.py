"""T-037: each way to change a sample, against a plain computation in numpy, pixel by pixel."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy
import pytest
import torch
from torch import Tensor

from chalknet.datasets import altered
from chalknet.datasets.readied import measure

COUNT = 600


def pictures(count: int = 5, channels: int = 3, height: int = 7, width: int = 9) -> Tensor:
    return torch.randn((count, channels, height, width), generator=torch.Generator().manual_seed(1))


def drawn(seed: int, *shape: int) -> numpy.ndarray:
    """The same random numbers as the function under test draws first."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)).numpy()


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def outside(place: float, size: int, how: str) -> float:
    """A place between pixels, brought back into the picture: pixel k reaches from k − ½ to k + ½."""
    if how == "mirror":
        while place < -0.5 or place > size - 0.5:
            place = -1 - place if place < -0.5 else 2 * size - 1 - place
    return min(max(place, 0.0), size - 1.0)


def looked_up(picture: numpy.ndarray, y: float, x: float, how: str) -> numpy.ndarray:
    """Between pixels linearly, [C]."""
    y, x = outside(y, picture.shape[1], how), outside(x, picture.shape[2], how)
    top, left = math.floor(y), math.floor(x)
    bottom, right = min(top + 1, picture.shape[1] - 1), min(left + 1, picture.shape[2] - 1)
    down, across = y - top, x - left
    upper = picture[:, top, left] * (1 - across) + picture[:, top, right] * across
    lower = picture[:, bottom, left] * (1 - across) + picture[:, bottom, right] * across
    return upper * (1 - down) + lower * down


def mapped(picture: numpy.ndarray, back: Callable[[float, float], tuple[float, float]], how: str) -> numpy.ndarray:
    """``back``: from a place in the new picture to where it was, in pixels from the middle, x first."""
    _, height, width = picture.shape
    made = numpy.empty_like(picture)
    for row in range(height):
        for column in range(width):
            x, y = back(column + 0.5 - width / 2, row + 0.5 - height / 2)
            made[:, row, column] = looked_up(picture, y + height / 2 - 0.5, x + width / 2 - 0.5, how)
    return made


def test_flip() -> None:
    image = pictures(40)
    found = altered.flipped({"image": image}, 0.5, 0.25, generator(3))["image"].numpy()
    across, down = drawn(3, 2, 40) < numpy.array([[0.5], [0.25]])
    for n, picture in enumerate(image.numpy()):
        picture = picture[:, :, ::-1] if across[n] else picture
        assert (found[n] == (picture[:, ::-1] if down[n] else picture)).all()


@pytest.mark.parametrize("how", ["edge", "mirror"])
def test_shift(how: str) -> None:
    image = pictures(30)
    found = altered.shifted({"image": image}, 3, how, generator(4))["image"].numpy()
    down, right = numpy.floor(7 * drawn(4, 2, 30)).astype(int) - 3
    assert {*down} == {*right} == {*range(-3, 4)}
    for n, picture in enumerate(image.numpy()):
        padded = numpy.pad(picture, ((0, 0), (3, 3), (3, 3)), {"edge": "edge", "mirror": "reflect"}[how])
        row, column = 3 - down[n], 3 - right[n]
        assert (found[n] == padded[:, row : row + 7, column : column + 9]).all()


@pytest.mark.parametrize("how", ["edge", "mirror"])
def test_turn_zoom_and_slant(how: str) -> None:
    image = pictures()
    found = altered.turned({"image": image}, 50.0, 0.5, 1.5, 30.0, how, generator(5))["image"].numpy()
    turns, zooms, slants = drawn(5, 3, 5)
    for n, picture in enumerate(image.numpy()):
        angle, factor = math.radians(50 * (2 * turns[n] - 1)), 0.5 + zooms[n]
        lean = math.tan(math.radians(30 * (2 * slants[n] - 1)))

        def back(x: float, y: float, angle: float = angle, factor: float = factor, lean: float = lean):
            x, y = x / factor, y / factor
            x, y = math.cos(angle) * x + math.sin(angle) * y, -math.sin(angle) * x + math.cos(angle) * y
            return x - lean * y, y

        numpy.testing.assert_allclose(found[n], mapped(picture, back, how), atol=2e-5)


def test_a_quarter_turn_moves_every_pixel_whole() -> None:
    image = pictures(1, height=6, width=6)
    forward = torch.tensor([[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]]])
    found = altered.resampled({"image": image}, forward, "edge")["image"]
    torch.testing.assert_close(found, image.rot90(-1, (2, 3)), atol=1e-5, rtol=0)


def test_crop() -> None:
    image = pictures()
    found = altered.cropped({"image": image}, 0.4, generator(6))["image"].numpy()
    shares, acrosses, downs, _ = drawn(6, 4, 5)
    for n, picture in enumerate(image.numpy()):
        share = 0.4 + 0.6 * shares[n]
        x0, y0 = (1 - share) * (2 * acrosses[n] - 1) * 4.5, (1 - share) * (2 * downs[n] - 1) * 3.5
        made = mapped(picture, lambda x, y, s=share, x0=x0, y0=y0: (s * x + x0, s * y + y0), "edge")
        numpy.testing.assert_allclose(found[n], made, atol=2e-5)


def test_colours() -> None:
    image = pictures()
    measured = measure([image])
    found = altered.coloured({"image": image}, 0.2, 0.4, 0.5, 90.0, measured, generator(7))["image"].numpy()
    brights, contrasts, saturations, hues = 2 * drawn(7, 4, 5) - 1
    low, high = image.min().item(), image.max().item()
    to = numpy.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
    for n, picture in enumerate(image.numpy()):
        y, i, q = numpy.tensordot(to, picture, 1)
        angle, size = math.radians(90 * hues[n]), 1 + 0.5 * saturations[n]
        i, q = size * (math.cos(angle) * i - math.sin(angle) * q), size * (math.sin(angle) * i + math.cos(angle) * q)
        made = numpy.tensordot(numpy.linalg.inv(to), numpy.stack([y, i, q]), 1)
        made = made.mean() + (made - made.mean()) * (1 + 0.4 * contrasts[n]) + 0.2 * (high - low) * brights[n]
        numpy.testing.assert_allclose(found[n], made.clip(low, high), atol=2e-5)


def test_colours_keep_grey_grey() -> None:
    grey = pictures(channels=1).expand(-1, 3, -1, -1)
    found = altered.coloured({"image": grey}, 0, 0, 0.9, 180.0, measure([grey]), generator(1))["image"]
    torch.testing.assert_close(found, grey.contiguous(), atol=1e-5, rtol=0)


def test_grey() -> None:
    image = pictures(20)
    found = altered.greyed({"image": image}, 0.5, generator(8))["image"].numpy()
    chosen = drawn(8, 20) < 0.5
    for n, picture in enumerate(image.numpy()):
        light = 0.299 * picture[0] + 0.587 * picture[1] + 0.114 * picture[2]
        numpy.testing.assert_allclose(found[n], numpy.stack([light] * 3) if chosen[n] else picture, atol=1e-6)


def test_noise() -> None:
    image = pictures(COUNT)
    found = altered.grained({"image": image}, 0.1, measure([image]), generator(9))["image"]
    noise = (found - image) / (image.max() - image.min()) / 0.1
    assert noise.mean().abs() < 0.02 and noise.std().item() == pytest.approx(1, abs=0.02)
    assert (noise.abs() > 2).float().mean().item() == pytest.approx(0.0455, abs=0.005)


def test_cut_out() -> None:
    image = pictures(50, height=10, width=20)
    found = altered.holed({"image": image}, 0.7, 0.5, generator(10))["image"].numpy()
    chosen, downs, rights = drawn(10, 3, 50)
    holes = 0
    for n, picture in enumerate(image.numpy()):
        made = picture.copy()
        for row in range(10):
            for column in range(20):
                inside = abs(row + 0.5 - 10 * downs[n]) < 2.5 and abs(column + 0.5 - 20 * rights[n]) < 5
                if inside and chosen[n] < 0.7:
                    made[:, row, column] = picture.mean((1, 2))
                    holes += 1
        numpy.testing.assert_allclose(found[n], made, atol=1e-6)
    assert holes


def test_noise_of_rows_goes_by_each_column() -> None:
    x = torch.randn((5000, 3), generator=generator(1)) * torch.tensor([1.0, 100.0, 0.0])
    found = altered.jittered({"x": x}, 0.2, measure([x]), generator(2))["x"]
    spread = (found - x).std(0)
    assert spread[0].item() == pytest.approx(0.2, rel=0.05) and spread[1].item() == pytest.approx(20, rel=0.05)
    assert spread[2] == 0


WAYS: dict[str, Callable[[dict[str, Tensor], torch.Generator], dict[str, Tensor]]] = {
    "flip": lambda batch, drawn: altered.flipped(batch, 0.5, 0.5, drawn),
    "shift": lambda batch, drawn: altered.shifted(batch, 8, "edge", drawn),
    "turn": lambda batch, drawn: altered.turned(batch, 180.0, 0.8, 1.2, 10.0, "edge", drawn),
    "crop": lambda batch, drawn: altered.cropped(batch, 0.5, drawn),
}


@pytest.mark.parametrize("way", WAYS)
def test_boxes_go_with_their_things(way: str) -> None:
    """A lit rectangle, whose box is read off the changed picture, pixel by pixel."""
    rng = numpy.random.default_rng(0)
    count, size = 60, 64
    image, boxes = torch.zeros((count, 1, size, size)), torch.zeros((count, 2, 5))
    boxes[:, 1, 0] = -1
    for n in range(count):
        left, top = rng.integers(20, 30, 2)
        width, height = rng.integers(8, 14, 2)
        image[n, 0, top : top + height, left : left + width] = 1
        sides = torch.tensor([left + width / 2, top + height / 2, width, height]) / size
        boxes[n, 0] = torch.cat([torch.tensor([n % 3.0]), sides])
    made = WAYS[way]({"image": image, "boxes": boxes}, generator(11))
    assert not torch.equal(made["boxes"], boxes)
    for n in range(count):
        kind, x, y, w, h = made["boxes"][n, 0].tolist()
        rows, columns = numpy.nonzero(made["image"][n, 0].numpy() > 0.5)
        assert kind == n % 3 and made["boxes"][n, 1].tolist() == [-1, 0, 0, 0, 0]
        # A turned rectangle's box is that of its box: it holds the lit pixels, and for the others touches them.
        seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        told = [size * side for side in (x - w / 2, y - h / 2, x + w / 2, y + h / 2)]
        spare = 1.6 if way != "turn" else 0.75
        assert all(told[k] <= seen[k] + spare for k in (0, 1)) and all(told[k] >= seen[k] - spare for k in (2, 3))
        if way != "turn":
            assert told == pytest.approx(seen, abs=1.6)


def test_a_box_that_leaves_the_picture_is_none_any_more() -> None:
    boxes = torch.tensor([[[0, 0.05, 0.5, 0.1, 0.2], [2, 0.5, 0.5, 0.2, 0.2]]])
    _, x, y, w, h = boxes.unbind(-1)
    cut = altered.kept_boxes(boxes, x - w / 2 - 0.06, y - h / 2, x + w / 2 - 0.06, y + h / 2)
    torch.testing.assert_close(cut[0, 0], torch.tensor([0, 0.02, 0.5, 0.04, 0.2]))
    gone = altered.kept_boxes(boxes, x - w / 2 - 0.08, y - h / 2, x + w / 2 - 0.08, y + h / 2)
    assert gone[0, 0].tolist()[0] == 2 and gone[0, 1].tolist() == [-1, 0, 0, 0, 0]


def test_a_crop_holds_the_middle_of_a_box() -> None:
    boxes = torch.zeros((COUNT, 3, 5))
    boxes[:, 2, 0] = -1
    boxes[:, :2, 1:] = torch.tensor([[0.05, 0.9, 0.1, 0.1], [0.95, 0.1, 0.1, 0.1]])
    made = altered.cropped({"image": pictures(COUNT), "boxes": boxes}, 0.2, generator(2))["boxes"]
    assert (made[:, 0, 0] >= 0).all()


def test_random_numbers_are_spread_evenly() -> None:
    """Every share of the turns of 600 pictures, read back from where a lit pixel went."""
    boxes = torch.tensor([0.0, 0.75, 0.5, 0.02, 0.02]).expand(COUNT, 1, 5)
    batch = {"image": torch.zeros((COUNT, 1, 64, 64)), "boxes": boxes}
    made = altered.turned(batch, 90.0, 1.0, 1.0, 0.0, "edge", generator(0))["boxes"][:, 0].numpy()
    angles = numpy.degrees(numpy.arctan2(made[:, 2] - 0.5, made[:, 1] - 0.5))
    shares, _ = numpy.histogram(angles, bins=6, range=(-90, 90))
    assert shares.sum() == COUNT and abs(shares - 100).max() < 35


def test_a_batch_is_left_as_it_is() -> None:
    for way in WAYS.values():
        batch = {"image": pictures(4, 1, 16, 16), "boxes": torch.full((4, 1, 5), 0.5)}
        before = {name: values.clone() for name, values in batch.items()}
        way(batch, generator(0))
        assert all(torch.equal(values, before[name]) for name, values in batch.items())
