"""Finding objects in one look: the grid head of YOLO and its loss (Redmon et al. 2016, notes 1:552, 2:356).

The image is divided into S×S cells. A cell predicts B boxes of five numbers – centre x, y within the cell, width,
height, confidence – and K class scores: an S×S×(5B+K) grid. The object whose centre falls into a cell is that cell's to
find; of its boxes, the one that overlaps the object most is responsible.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from chalknet.layers.base import (
    Axis,
    Family,
    Fault,
    Inputs,
    Insert,
    Layer,
    Loss,
    Port,
    Remedy,
    Source,
    TensorType,
    Widen,
    register,
    scalar,
)
from chalknet.layers.words import call, counted, named, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class YoloHead(Layer):
    """float[C c, H s, W s] → float[H s, W s, P 5·boxes+classes]: a 1×1 convolution, then the cell's numbers last."""

    type = "yolo_head"
    title = "YOLO head"
    family: ClassVar[Family] = "head"
    per_number: ClassVar[int] = 0
    multiplies = "convolution"
    sentence = "Makes every cell of the last map say where its object is, how sure it is, and what it is."
    formula = r"S \times S \times (5B + K)"
    icon = "scan-search"
    aliases = ("detector", "object detection", "bounding boxes", "one-shot", "grid head")
    purposes = ("find objects",)
    outputs = (Port("grid", "Grid"),)
    width = "classes"

    boxes: int = Field(2, ge=1, le=64, title="Boxes", description="How many boxes every cell proposes.")
    classes: int = Field(3, ge=1, le=10_000, title="Classes", description="How many kinds of object there are.")

    @property
    def numbers_of_a_cell(self) -> int:
        return 5 * self.boxes + self.classes

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_image:
            raise unfit("x", "an image (channels × height × width)", x)
        _, height, width = x.axes
        return {"grid": TensorType(axes=(height, width, Axis("P", self.numbers_of_a_cell)))}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        p = self.numbers_of_a_cell
        return {"weight": (p, inputs["x"].sizes[0], 1, 1), "bias": (p,)}

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["grid"].numel * inputs["x"].sizes[0]

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        channels, height, width = inputs["x"].sizes
        p = self.numbers_of_a_cell
        return rows(
            ("grid", rf"{height} \times {width} \times (5 \cdot {self.boxes} + {tex(self.classes)} = {tex(p)})"),
            ("parameters", rf"{tex(p)} \cdot ({tex(channels)} + 1) = {tex(p * (channels + 1))}"),
            (
                "multiply-adds",
                rf"{height} \cdot {width} \cdot {tex(p)} \cdot {tex(channels)} = {tex(self.macs(inputs, outputs))}",
            ),
        )

    def summary(self) -> str:
        return f"{counted(self.boxes, 'box')}, {counted(self.classes, 'class')}"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class YoloHead(nn.Conv2d):
            """(B, C, S, S) → (B, S, S, 5·boxes + classes)."""

            def __init__(self, channels: int, boxes: int, classes: int) -> None:
                super().__init__(channels, 5 * boxes + classes, kernel_size=1)
                # Most cells are empty: start near that, so that the first steps are not spent on learning it.
                with torch.no_grad():
                    self.bias[4 : 5 * boxes : 5] = -3.0

            def forward(self, x: Tensor) -> Tensor:
                return super().forward(x).permute(0, 2, 3, 1)

        return YoloHead(inputs["x"].sizes[0], self.boxes, self.classes)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("YoloHead", inputs["x"].sizes[0], self.boxes, self.classes), classes=("YoloHead",))


@register
class YoloLoss(Loss):
    """Five terms, summed over a picture and divided by its objects, mean over the batch.

    grid float[H s, W s, P 5B+k], target boxes<k>[N n]. The module's ``terms(grid, target)`` gives the weighted terms by
    name: ``centre`` and ``size`` (squared errors of x, y in cells and of √w, √h in pictures, times ``coordinates``),
    ``object`` and ``empty`` (confidence of responsible boxes towards their overlap, of all others towards 0, the latter
    times ``empty``) and ``class``. Where Redmon et al. square every error, confidence and class are cross-entropies
    here: their gradients do not vanish when a sigmoid saturates. Of several objects in one cell the first counts.
    ``decode(grid)`` gives boxes, (B, M, 6): x0, y0, x1, y1 from 0 to 1, score, class; best first, at most 100.
    """

    type = "yolo_loss"
    title = "YOLO loss"
    sentence = (
        "Counts how far the boxes lie from the objects, how sure they are where there is one or none, and what it is."
    )
    formula = (
        r"L = \lambda \sum_{\text{obj}} \left[(x-\hat x)^2 + (y-\hat y)^2 + (\sqrt w-\sqrt{\hat w})^2"
        r" + (\sqrt h-\sqrt{\hat h})^2\right] + \sum_{\text{obj}} H(\text{IoU}, c)"
        r" + \lambda_0 \sum_{\text{empty}} H(0, c) + \sum_{\text{obj}} H(k, p)"
    )
    icon = "crosshair"
    aliases = ("detection loss", "box loss", "object detection")
    purposes = ("train a detector",)
    inputs = (Port("grid", "Grid"), Port("target", "Boxes"))
    metrics = ("map50", "map")
    views = ("boxes",)

    coordinates: float = Field(
        5.0, ge=0, le=1000, title="λ of coordinates", description="How much a wrong place or size weighs."
    )
    empty: float = Field(
        0.5, ge=0, le=1000, title="λ of empty", description="How much confidence weighs where there is no object."
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        grid, target = inputs["grid"], inputs["target"]
        if target.element != "boxes":
            raise Fault("kind", f"needs boxes as its target; {named(target)} arrives.", port="target")
        classes = target.classes or 0
        if grid.names != ("H", "W", "P") or grid.element != "float":
            ways: list[Remedy] = []
            if grid.is_image:
                ways = [Insert("grid", "yolo_head", "Insert a YOLO head", {"classes": classes})]
            raise unfit("grid", "the grid of a YOLO head", grid, ways)
        rest = grid.sizes[2] - classes
        if rest < 5 or rest % 5:
            raise Fault(
                "classes",
                f"needs 5 numbers for each box and {classes} for the classes in every cell, such as {classes + 10}; "
                f"{grid.sizes[2]} arrive.",
                port="grid",
                remedies=[Widen("grid", classes, f"Set the head's classes to {classes}")],
            )
        return {"loss": scalar()}

    def boxes(self, inputs: Inputs) -> int:
        """How many boxes a cell has."""
        return (inputs["grid"].sizes[2] - (inputs["target"].classes or 0)) // 5

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        height, width, p = inputs["grid"].sizes
        b, k = self.boxes(inputs), inputs["target"].classes or 0
        return rows(
            ("a cell", rf"{p} = 5 \cdot {b} + {k}"),
            ("boxes", rf"{height} \cdot {width} \cdot {b} = {tex(height * width * b)}"),
        )

    def summary(self) -> str:
        return f"λ {self.coordinates:g}, empty {self.empty:g}"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class YoloLoss(nn.Module):
            """Loss on a grid (B, S, S, 5·boxes + classes) and targets (B, N, 5): class (−1: none), cx, cy, w, h."""

            def __init__(self, boxes: int, classes: int, coordinates: float = 5.0, empty: float = 0.5) -> None:
                super().__init__()
                self.boxes = boxes
                self.classes = classes
                self.coordinates = coordinates
                self.empty = empty

            def forward(self, grid: Tensor, target: Tensor) -> Tensor:
                return torch.stack(list(self.terms(grid, target).values())).sum()

            def terms(self, grid: Tensor, target: Tensor) -> dict[str, Tensor]:
                """The five weighted terms, each a scalar; their sum is the loss."""
                height, width = grid.shape[1:3]
                cells = grid.flatten(1, 2)  # (B, S·S, 5·boxes + classes)
                size = target.new_tensor([width, height])
                place = target[..., 1:3] * size  # centres, in cells (B, N, 2)
                corner = place.floor().minimum(size - 1).clamp(min=0)
                cell = (corner[..., 1] * width + corner[..., 0]).long()  # (B, N)
                # A cell finds one object: the first whose centre lies in it.
                rivals = (cell.unsqueeze(2) == cell.unsqueeze(1)) & (target[..., 0] >= 0).unsqueeze(1)  # (B, N, N)
                found = (target[..., 0] >= 0) & ~rivals.tril(-1).any(2)  # (B, N)

                mine = cells.gather(1, cell.unsqueeze(2).expand(-1, -1, cells.shape[2]))  # (B, N, 5·boxes + classes)
                raw = mine[..., : 5 * self.boxes].unflatten(2, (self.boxes, 5))  # (B, N, boxes, 5)
                inside, root = raw[..., 0:2].sigmoid(), raw[..., 2:4].sigmoid()  # x, y in the cell; √w, √h
                with torch.no_grad():
                    boxes = torch.cat([(inside + corner.unsqueeze(2)) / size, root**2], 3)
                    overlap = self.overlap(boxes, target[..., None, 1:5])  # (B, N, boxes)
                    best, responsible = overlap.max(2)  # (B, N)

                pick = responsible[..., None, None]
                inside = inside.gather(2, pick.expand(-1, -1, 1, 2)).squeeze(2)  # (B, N, 2)
                root = root.gather(2, pick.expand(-1, -1, 1, 2)).squeeze(2)
                sure = raw[..., 4].gather(2, responsible.unsqueeze(2)).squeeze(2)  # (B, N)
                centre = (inside - (place - corner)).square().sum(2)
                extent = (root - target[..., 3:5].clamp(min=0).sqrt()).square().sum(2)
                seen = F.binary_cross_entropy_with_logits(sure, best, reduction="none")
                kind = F.cross_entropy(
                    mine[..., 5 * self.boxes :].flatten(0, 1),
                    target[..., 0].long().clamp(min=0).flatten(),
                    reduction="none",
                ).view_as(sure)

                # Every box that is responsible for nothing should not be sure of anything.
                confidence = cells[..., 4 : 5 * self.boxes : 5]  # (B, S·S, boxes)
                taken = torch.zeros_like(confidence).flatten(1)
                taken = taken.scatter_reduce(1, cell * self.boxes + responsible, found.to(taken.dtype), "amax")
                nothing = F.softplus(confidence.flatten(1)) * (1 - taken)

                count = found.sum(1).clamp(min=1)  # objects of each picture (B,)

                def mean(each: Tensor) -> Tensor:
                    return ((each * found).sum(1) / count).mean()

                return {
                    "centre": self.coordinates * mean(centre),
                    "size": self.coordinates * mean(extent),
                    "object": mean(seen),
                    "empty": self.empty * (nothing.sum(1) / count).mean(),
                    "class": mean(kind),
                }

            @staticmethod
            def overlap(a: Tensor, b: Tensor) -> Tensor:
                """Intersection over union of boxes (cx, cy, w, h), the last axis, broadcast."""
                low = torch.maximum(a[..., :2] - a[..., 2:] / 2, b[..., :2] - b[..., 2:] / 2)
                high = torch.minimum(a[..., :2] + a[..., 2:] / 2, b[..., :2] + b[..., 2:] / 2)
                both = (high - low).clamp(min=0).prod(-1)
                return both / (a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - both).clamp(min=1e-9)

            def decode(self, grid: Tensor) -> Tensor:
                """Boxes (B, M, 6): x0, y0, x1, y1 from 0 to 1, score, class; best first, M = min(100, S·S·boxes)."""
                height, width = grid.shape[1:3]
                raw = grid[..., : 5 * self.boxes].unflatten(3, (self.boxes, 5))  # (B, S, S, boxes, 5)
                rows = torch.arange(height, device=grid.device).view(1, height, 1, 1)
                columns = torch.arange(width, device=grid.device).view(1, 1, width, 1)
                x = (raw[..., 0].sigmoid() + columns) / width
                y = (raw[..., 1].sigmoid() + rows) / height
                w, h = raw[..., 2].sigmoid() ** 2, raw[..., 3].sigmoid() ** 2
                share, kind = grid[..., 5 * self.boxes :].softmax(3).max(3)  # (B, S, S)
                score = raw[..., 4].sigmoid() * share.unsqueeze(3)
                edges = torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 4).clamp(0, 1)
                kind = kind.unsqueeze(3).expand_as(score).to(grid.dtype)
                found = torch.cat([edges, score.unsqueeze(4), kind.unsqueeze(4)], 4).flatten(1, 3)  # (B, S·S·boxes, 6)
                order = found[..., 4].topk(min(100, found.shape[1]), dim=1).indices
                return found.gather(1, order.unsqueeze(2).expand(-1, -1, 6))

        return YoloLoss(self.boxes(inputs), inputs["target"].classes or 0, self.coordinates, self.empty)

    def source(self, inputs: Inputs) -> Source:
        init = call(
            "YoloLoss",
            self.boxes(inputs),
            inputs["target"].classes,
            coordinates=(self.coordinates, 5.0),
            empty=(self.empty, 0.5),
        )
        return Source(init, "{self}({0}, {1})", classes=("YoloLoss",))
