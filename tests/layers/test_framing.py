"""L-087: crop, pad and resize against torch, and boxes and masks against the pixels that they stand for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from chalknet.layers.base import Axis, Fault, Inputs, Insert, SetField, TensorType, boxes, image, index, registry

HIGH, WIDE = 12, 16
KINDS = {
    "x": image(3, HIGH, WIDE),
    "boxes": boxes(3, 4),
    "mask": TensorType("bool", (Axis("H", HIGH), Axis("W", WIDE))),
}
ALL = {"boxes", "mask"}


def run(type_: str, values: dict[str, torch.Tensor], kinds: dict[str, TensorType], **fields: Any) -> list[torch.Tensor]:
    """What a layer gives for one sample, with all that follows."""
    inputs = Inputs({port: [kind] for port, kind in kinds.items()}, ALL & set(kinds))
    layer = registry[type_].model_validate(fields)
    made = layer.build(inputs)(*(values[port][None] if port in values else None for port in ("x", "boxes", "mask")))
    results = list(made) if isinstance(made, tuple) else [made]
    types = layer.infer(inputs)
    assert [tuple(each.shape[1:]) for each in results] == [types[port.name].shape for port in layer.gives(inputs)]
    return [each[0] for each in results]


def drawn(top: int, bottom: int, left: int, right: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A box from the first to before the last row and column, as a row; and as a mask."""
    mask = torch.zeros(HIGH, WIDE, dtype=torch.bool)
    mask[top:bottom, left:right] = True
    centre = [(left + right) / 2 / WIDE, (top + bottom) / 2 / HIGH]
    return torch.tensor([1.0, *centre, (right - left) / WIDE, (bottom - top) / HIGH]), mask


def outline(mask: torch.Tensor) -> list[float]:
    """The row of the box round a mask's pixels."""
    rows, columns = np.nonzero(mask.any(1).numpy())[0], np.nonzero(mask.any(0).numpy())[0]
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    high, wide = mask.shape
    return [1, (left + right) / 2 / wide, (top + bottom) / 2 / high, (right - left) / wide, (bottom - top) / high]


FRAMES = [
    ("crop", {"size": [8, 10]}),
    ("crop", {"size": [9, 11], "place": "top left"}),
    ("crop", {"size": [9, 11], "place": "top right"}),
    ("crop", {"size": [9, 11], "place": "bottom left"}),
    ("crop", {"size": [9, 11], "place": "bottom right"}),
    ("crop", {"size": [7, 9], "place": "offset", "offset": [3, 2]}),
    ("pad", {"top": 1, "bottom": 5, "left": 3, "right": 0}),
    ("pad", {"kind": "mirror"}),
    ("pad", {"kind": "repeat", "value": 5}),
    ("resize", {"size": [24, 32]}),
    ("resize", {"size": [6, 8], "mode": "nearest"}),
]


@pytest.mark.parametrize(("type_", "fields"), FRAMES)
@pytest.mark.parametrize("corners", [(2, 8, 4, 10), (0, 12, 0, 16), (4, 12, 6, 16), (2, 10, 0, 12)])
def test_a_box_stays_round_what_it_stood_round(type_: str, fields: dict[str, Any], corners: Any) -> None:
    """L-087: the box that comes out is the outline of its pixels that come out, cut where they are cut."""
    row, mask = drawn(*corners)
    values = {"x": torch.rand(3, HIGH, WIDE), "boxes": torch.stack([row, *[torch.tensor([-1.0, 0, 0, 0, 0])] * 3])}
    y, followed, seen = run(
        type_, {**values, "mask": mask}, KINDS, **fields, **({"least": 0} if type_ == "crop" else {})
    )
    assert y.shape[1:] == seen.shape and seen.dtype == torch.bool
    torch.testing.assert_close(followed[0], torch.tensor(outline(seen), dtype=torch.float32))
    assert (followed[1:, 0] == -1).all(), "where there was no box there is none"


def test_a_crop_is_a_slice_and_its_gradient_goes_back_there() -> None:
    """L-087: the middle of an odd remainder lies nearer the top left, as U-Net's copy and crop has it."""
    x = torch.arange(3.0 * HIGH * WIDE).reshape(3, HIGH, WIDE).requires_grad_()
    (y,) = run("crop", {"x": x}, {"x": KINDS["x"]}, size=[7, 11])
    assert torch.equal(y, x[:, 2:9, 2:13])
    y.sum().backward()
    assert x.grad is not None and x.grad.sum() == 3 * 7 * 11 and (x.grad[:, 2:9, 2:13] == 1).all()


@pytest.mark.parametrize(("kind", "mode"), [("number", "constant"), ("mirror", "reflect"), ("repeat", "replicate")])
def test_a_border_is_torchs(kind: str, mode: str) -> None:
    """L-087: all three kinds, four widths."""
    x = torch.rand(3, HIGH, WIDE)
    (y,) = run("pad", {"x": x}, {"x": KINDS["x"]}, top=1, bottom=4, left=3, right=2, kind=kind, value=0.5)
    more = {"value": 0.5} if kind == "number" else {}
    assert torch.equal(y, F.pad(x[None], (3, 2, 1, 4), mode=mode, **more)[0])


def test_a_map_of_classes_is_not_blended() -> None:
    """L-087: of classes the nearest is taken, of the picture neighbours are blended; on a border there is class 0."""
    classes = torch.randint(1, 5, (HIGH, WIDE))
    kinds = {"x": KINDS["x"], "mask": index(5, Axis("H", HIGH), Axis("W", WIDE))}
    x = torch.rand(3, HIGH, WIDE)
    y, followed = run("resize", {"x": x, "mask": classes}, kinds, size=[30, 20])
    assert torch.equal(y, F.interpolate(x[None], (30, 20), mode="bilinear")[0])
    nearest = F.interpolate(classes[None, None].float(), (30, 20))[0, 0].long()
    assert followed.dtype == torch.int64 and torch.equal(followed, nearest)
    _, padded = run("pad", {"x": x, "mask": classes}, kinds, kind="number", value=0.7)
    assert torch.equal(padded, F.pad(classes, (2, 2, 2, 2)))


def test_a_box_of_which_too_little_stays_is_gone() -> None:
    """L-087: a quarter stays of the first, a half of the second."""
    rows = torch.stack([drawn(2, 6, 6, 10)[0], drawn(2, 6, 6, 10)[0], drawn(2, 6, 7, 9)[0], drawn(2, 6, 10, 14)[0]])
    rows[:, 0] = torch.tensor([0.0, 1, 2, 2])
    kinds = {"x": KINDS["x"], "boxes": KINDS["boxes"]}
    values = {"x": torch.rand(3, HIGH, WIDE), "boxes": rows}
    for width, least, left in ((7, 0.3, [-1, -1, -1, -1]), (7, 0.2, [0, 1, -1, -1]), (8, 0.5, [0, 1, 2, -1])):
        _, kept = run("crop", values, kinds, size=[12, width], place="top left", least=least)
        assert kept[:, 0].tolist() == left
    assert kept[3].tolist() == [-1, 0, 0, 0, 0]


def test_as_large_as_another() -> None:
    """L-087: U-Net's 64×64 map is cut to the 56×56 that comes up, from 4 to 60 (Ronneberger et al. 2015)."""
    wires = {"x": [image(512, 64, 64)], "like": [image(1024, 56, 56)]}
    crop = registry["crop"]()
    assert crop.infer(Inputs(wires))["y"] == image(512, 56, 56)
    assert crop.framed(Inputs(wires)) == ((56, 56), (-4, -4))  # type: ignore[attr-defined]
    assert registry["resize"]().infer(Inputs(wires))["y"] == image(512, 56, 56)
    with pytest.raises(Fault, match="64×64 are to be kept, but the image is only 56×56") as caught:
        crop.infer(Inputs({"x": wires["like"], "like": wires["x"]}))
    assert [type(each) for each in caught.value.remedies] == [Insert, Insert]
    with pytest.raises(Fault, match="needs something with a height and a width"):
        crop.infer(Inputs({**wires, "like": [TensorType(axes=(Axis("D", 5),))]}))


def test_what_cannot_be_framed() -> None:
    """L-087: too large a part, an offset too far, a border that cannot be mirrored, a mask of another size."""
    x = Inputs({"x": [image(1, 8, 8)]})
    with pytest.raises(Fault, match="24×24 are to be kept, but the image is only 8×8") as caught:
        registry["crop"]().infer(x)
    assert caught.value.remedies[0] == SetField("size", (8, 8), "Keep 8×8")
    with pytest.raises(Fault, match="from 6×0 on, only 2×8 of the 8×8 image are left; 4×4 are to be kept"):
        registry["crop"](size=4, place="offset", offset=(6, 0)).infer(x)
    with pytest.raises(Fault, match="a border of 8×2 cannot be mirrored in a 8×8 image"):
        registry["pad"](top=8, kind="mirror").infer(x)
    with pytest.raises(
        Fault, match="needs a yes or no, or a class, at each of the 8×8 pixels; a mask of 12×16 arrives"
    ):
        registry["pad"]().infer(Inputs({"x": [image(1, 8, 8)], "mask": [KINDS["mask"]]}))
    with pytest.raises(Fault, match="gives boxes only where such arrive"):
        registry["crop"](size=4).infer(Inputs({"x": [image(1, 8, 8)]}, {"boxes"}))
