"""L-087: crops on a board: a skip connection cut to the size that comes up, and boxes that go with the picture."""

from __future__ import annotations

from chalknet.graph.edits import apply
from chalknet.graph.infer import infer


def test_copy_and_crop(classifier):
    """L-087: U-Net without padding: 28 → 26 → 13 → 11 → 22; the skip of 26 is cut to 22. What only lends its size is
    not seen."""
    conv = ("conv2d", {"channels": 4, "kernel": 3})
    found = infer(
        classifier(
            {
                "data": ("digits", {"size": 28}), "down": conv, "pool": "max_pool2d", "deep": conv,
                "up": ("conv_transpose2d", {"channels": 4}), "crop": "crop", "join": "concat",
                "out": ("global_avg_pool"), "fc": ("linear", {"units": 10}),
            },
            *("data.image > down", "down > pool", "pool > deep", "deep > up", "down > crop", "up > crop.like"),
            *("crop > join", "up > join", "join > out", "out > fc"),
            end="fc",
        )
    )  # fmt: skip
    assert not [problem for problem in found.problems if problem.severity == "error"]
    assert found.nodes["crop"].outputs == {"y": "float[C 4, H 22, W 22]"}
    assert found.nodes["join"].outputs == {"y": "float[C 8, H 22, W 22]"}
    crop, join = found.nodes["crop"].receptive_field, found.nodes["join"].receptive_field
    assert (crop.size, crop.start, crop.stride) == ((3, 3), (2, 2), (1, 1)), "from the skip alone"
    assert join.start is not None and join.every == (2, 2)


def test_boxes_go_with_the_picture(board):
    """L-087: the loss takes the cropped boxes; asked for boxes, a crop without any says so, and the fix brings them."""
    nodes = {
        "data": ("shapes", {"size": 64, "samples": 40}),
        "crop": ("crop", {"size": 48}),
        "conv": ("conv2d", {"channels": 8, "stride": 2}),
        "head": ("yolo_head", {"classes": 3}),
        "loss": "yolo_loss",
    }
    wires = ("data.image > crop", "crop > conv", "conv > head", "head.grid > loss.grid", "crop.boxes > loss.target")
    document = board(nodes, *wires)
    (problem,) = [each for each in infer(document).problems if each.severity == "error"]
    assert (problem.code, problem.node) == ("missing_input", "crop")
    assert "gives boxes only where such arrive" in problem.message
    assert problem.fixes[0].title == "Connect data’s boxes"
    whole = infer(apply(document, problem.fixes[0].edits))
    assert not [each for each in whole.problems if each.severity == "error"]
    assert whole.nodes["crop"].outputs == {"y": "float[C 3, H 48, W 48]", "boxes": "boxes<3>[N 6]"}
