"""The encoder and decoder with unpooling: what its lesson says is what the compiled network does, and it learns."""

from __future__ import annotations

import math
from typing import Any

import torch

from chalknet import wire
from chalknet.graph import gallery
from chalknet.graph.document import Document
from chalknet.training.compile import compile
from chalknet.training.loop import loop
from chalknet.training.plan import plan

NAME = "shapes-unpooling"


def outputs(document: Document, x: torch.Tensor) -> dict[str, Any]:
    """What every node of the compiled network gives for some pictures, by the node's path."""
    compiled = compile(document)
    compiled.learn()
    found: dict[str, Any] = {}
    for path, module in compiled.modules.items():
        module.register_forward_hook(lambda _, __, out, path=path: found.__setitem__(path, out))
    with torch.no_grad():
        compiled.module.eval()(*(x if port == "image" else torch.zeros(len(x), 6, 5) for _, port in compiled.inputs))
    return found


def test_numbers_go_back_to_where_their_pooling_found_them() -> None:
    """L-031: 61,504 numbers behind the last unpooling, of which at most one in each of 15,376 windows is not 0, at the
    place where the largest of the window stood on the way down."""
    torch.manual_seed(0)
    found = outputs(gallery.boards()[NAME], torch.rand(2, 3, 64, 64) * 2 - 1)
    down, up = found["relu1"], found["unpool1"]
    assert up[0].numel() == 61_504 and found["relu4"][0].numel() == 15_376
    windows = up.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)
    assert windows.shape[2:] == (31, 31, 4)
    assert ((windows != 0).sum(-1) <= 1).all() and (windows != 0).any()
    largest = down.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4).argmax(-1)
    filled = (windows != 0).any(-1)
    assert torch.equal(windows.abs().argmax(-1)[filled], largest[filled])
    assert found["pool2"][0].shape[-1] == 15 and found["unpool2"].shape[-1] == 31


def test_the_crop_is_the_picture_without_its_border() -> None:
    """L-087: each drawn pixel is compared with its own."""
    x = torch.rand(1, 3, 64, 64)
    found = outputs(gallery.boards()[NAME], x)
    assert torch.equal(found["crop"], x[..., 1:-1, 1:-1]) and found["picture"].shape == found["crop"].shape


def test_it_learns_to_draw_what_it_sees() -> None:
    """On pictures that it has not seen, better than the best single colour of each channel would be."""
    board = gallery.boards()[NAME]
    shapes = board.nodes["shapes"].model_copy(update={"fields": {"size": 32, "samples": 300}})
    small = board.model_copy(update={"nodes": {**board.nodes, "shapes": shapes}})
    planned = plan(small, epochs=8, test="at_end", threads=1)
    (end,) = [event for event in loop(planned) if isinstance(event, wire.End)]
    part = planned.validation["shapes"]
    unseen = part.rows(slice(0, part.count))["shapes", "image"][..., 1:-1, 1:-1]
    flat = (unseen - unseen.mean((0, 2, 3), keepdim=True)).square().mean()
    assert math.isfinite(end.metrics["validation.loss"])
    assert end.metrics["validation.loss"] < 0.7 * float(flat)
