"""L-002, L-031, L-038, L-074, L-079, L-080, L-087, L-088: on a board they do as exported what they do in a run."""

from __future__ import annotations

from typing import Any

POINTS = {"type": "points", "fields": {"samples": 60}}


def linear(units: int) -> dict[str, Any]:
    return {"type": "linear", "fields": {"units": units}}


def test_operations_on_a_board(trial: Any, board: Any, same: Any) -> None:
    """Reshape, permute, split, gates, a formula of two inputs, and a hinge loss, each written as one line of torch."""
    made = trial(
        board(
            {
                "data": POINTS,
                "fc": linear(12),
                "table": {"type": "reshape", "fields": {"to": "T 3, D -1"}},
                "turn": {"type": "permute", "fields": {"to": "D T"}},
                "cut": {"type": "split", "fields": {"axis": "D", "size": 2}},
                "formula": {"type": "formula", "fields": {"text": "max(a, 0) * sigmoid(b) - a^2/4"}},
                "mean": {"type": "reduce", "fields": {"axis": "T"}},
                "gate": {"type": "multiply"},
                "one": {"type": "neuron"},
                "scores": linear(2),
                "loss": {"type": "hinge"},
            },
            *("data.x > fc", "fc > table", "table > turn", "turn > cut", "cut.first > formula.a"),
            *("cut.rest > formula.b", "formula > mean", "mean > gate", "mean > one", "one > gate", "gate > scores"),
            *("scores > loss.logits", "data.label > loss.target"),
        )
    )
    same(made)
    assert "torch.clamp(cut_first, min=0.0) * torch.sigmoid(cut_rest) - cut_first ** 2.0 / 4.0" in made.exported.text


def test_an_encoder_and_a_decoder(trial: Any, board: Any, same: Any) -> None:
    """L-031: places go from the pools to the unpoolings, past a division with a remainder, in torch's own layers."""
    made = trial(
        board(
            {
                "data": {"type": "digits", "fields": {"size": 14}},
                "conv": {"type": "conv2d", "fields": {"channels": 3, "padding": "same"}},
                "pool": {"type": "max_pool2d"},
                "deep": {"type": "max_pool2d"},
                "middle": {"type": "conv2d", "fields": {"channels": 3, "padding": "same"}},
                "up": {"type": "max_unpool2d"},
                "top": {"type": "max_unpool2d"},
                "flat": {"type": "flatten"},
                "scores": linear(10),
                "loss": {"type": "cross_entropy"},
            },
            *("data.image > conv", "conv > pool", "pool > deep", "deep > middle", "middle > up", "up > top"),
            *("deep.indices > up.indices", "pool.indices > top.indices", "top > flat", "flat > scores"),
            *("scores > loss.logits", "data.label > loss.target"),
        )
    )
    same(made)
    assert "self.pool = nn.MaxPool2d(kernel_size=2, return_indices=True)" in made.exported.text
    assert "pool_y, pool_indices = self.pool(conv)" in made.exported.text
    assert "up = self.up(middle, deep_indices, output_size=(7, 7))" in made.exported.text
    assert "top = self.top(up, pool_indices)" in made.exported.text


def test_a_picture_in_another_frame_with_its_boxes(trial: Any, board: Any, same: Any) -> None:
    """L-087: cropped boxes are learned from; a picture alone is framed by torch's own module, or by a slice."""
    made = trial(
        board(
            {
                "data": {"type": "shapes", "fields": {"size": 64, "samples": 40}},
                "crop": {"type": "crop", "fields": {"size": [40, 48], "place": "top left"}},
                "pad": {"type": "pad", "fields": {"top": 4, "bottom": 4, "left": 0, "right": 0}},
                "conv": {"type": "conv2d", "fields": {"channels": 4, "kernel": 3, "stride": 4}},
                "large": {"type": "resize", "fields": {"size": 6}},
                "head": {"type": "yolo_head", "fields": {"classes": 3}},
                "loss": {"type": "yolo_loss"},
            },
            *("data.image > crop", "data.boxes > crop.boxes", "crop > pad", "crop.boxes > pad.boxes", "pad > conv"),
            *("conv > large", "large > head", "head.grid > loss.grid", "pad.boxes > loss.target"),
        )
    )
    same(made)
    assert 'self.large = nn.Upsample(size=(6, 6), mode="bilinear")' in made.exported.text
    assert "crop_y, crop_boxes = self.crop(" in made.exported.text
    assert made.exported.text.count("class Framed(nn.Module)") == 1
