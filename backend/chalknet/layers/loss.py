"""Losses: one number that says how wrong the network is; training makes it small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from chalknet.layers import kernels
from chalknet.layers.base import (
    Fault,
    Inputs,
    Insert,
    Loss,
    Port,
    Remedy,
    Remove,
    SetField,
    Source,
    TensorType,
    Warn,
    Widen,
    register,
    scalar,
)
from chalknet.layers.words import call, counted, named, rows, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


def flattened(port: str, x: TensorType, size: int) -> list[Remedy]:
    """Ways from a thing with places (an image, a sequence) to one vector of ``size`` numbers."""
    pooled = []
    if x.is_image or x.is_signal or x.is_sequence:
        pooled = [Insert(port, "global_avg_pool", "Insert global average pooling")]
    if not x.axes or any(axis.varies for axis in x.axes):
        return [*pooled]
    flat = [Insert(port, "flatten", "Insert Flatten")]
    # Pooling suffices where every class has its own map; a sequence's positions are rarely worth keeping apart.
    return [*pooled, *flat] if x.is_sequence or x.sizes[0] == size else [*flat, *pooled]


def doubled(port: str, x: TensorType, inside: str) -> list[Warn]:
    """The loss applies a softmax or sigmoid itself, and one stands before it."""
    if x.meaning != "probability":
        return []
    return [
        Warn(
            "double_softmax",
            f"already applies a {inside} inside; one more before it squeezes the gradients.",
            hint="Give it the plain scores (logits).",
            remedies=(Remove(port, "Take the one before it away"),),
        )
    ]


MOST_CLASSES = 1000


def _row(text: str) -> tuple[float, ...]:
    """A weight for each class, read as a kernel's row is; none of no text. Raises ValueError in words."""
    rows = kernels.parse(text, MOST_CLASSES) if text.strip() else ((),)
    if len(rows) > 1:
        raise ValueError("must be one row: a number for each class")
    (row,) = rows
    if row and (min(row) < 0 or max(row) == 0):
        raise ValueError("must be 0 or more, and not all 0")
    return row


@register
class CrossEntropy(Loss):
    """−log of the share that the softmax gives to the true class, mean over the batch and all places (T-021).

    With class weights, each target counts with that of its class, and the sum is divided by theirs (T-068).

    logits float[D k] and target index<k>[] · float[T t, D k] and index<k>[T t] · float[C k, H h, W w] and
    index<k>[H h, W w]; counted only where the mask, bool of the target's axes, is true.
    """

    type = "cross_entropy"
    title = "Cross-entropy"
    sentence = "Asks for a high share on the right class: the less the network gave to it, the larger the loss."
    formula = r"L = -\log \dfrac{e^{z_t}}{\sum_j e^{z_j}}"
    icon = "target"
    aliases = ("classification loss", "softmax loss", "log loss", "nll", "ce")
    purposes = ("train a classifier", "one class out of several")
    inputs = (Port("logits", "Scores"), Port("target", "Target"), Port("mask", "Mask", optional=True))
    metrics = ("accuracy",)

    smoothing: float = Field(
        0.0,
        ge=0,
        le=0.99,
        title="Label smoothing",
        description="Share of the target that is spread over all classes.",
        json_schema_extra={"step": 0.05},
    )
    weights: str = Field(
        "",
        max_length=2000,
        title="Class weights",
        description="A number for each class: rare ones can count more. Empty: all alike.",
        examples=["", "1 2 0.5", "1 4"],
    )

    @field_validator("weights")
    @classmethod
    def _readable(cls, text: str) -> str:
        _row(text)
        return text

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        logits, target = inputs["logits"], inputs["target"]
        if target.element != "index":
            raise Fault(
                "kind", f"needs classes as its target; {named(target)} arrives.",
                hint="Take Mean squared error for numbers." if target.element == "float" else "", port="target",
            )  # fmt: skip
        classes = target.classes or 0
        if logits.element != "float":
            raise unfit("logits", f"{classes} scores", logits)
        places = tuple(axis for i, axis in enumerate(logits.axes) if i != logits.feature)
        if [(a.name, a.size) for a in places] != [(a.name, a.size) for a in target.axes]:
            raise self._misplaced(logits, target, classes)
        if not logits.axes or logits.sizes[logits.feature or 0] != classes:
            raise self._miscounted(logits, classes)
        self._check_weights(classes)
        self._check_mask(inputs.get("mask"), target)
        return {"loss": scalar()}

    def _misplaced(self, logits: TensorType, target: TensorType, classes: int) -> Fault:
        if not target.axes:
            return Fault(
                "places",
                f"needs one vector of {counted(classes, 'score')}; {named(logits)} arrives.",
                hint="One answer for the whole sample needs its places brought together first.",
                port="logits",
                remedies=flattened("logits", logits, classes),
            )
        return Fault(
            "places",
            f"needs {counted(classes, 'score')} at each of {target.compact} places; {named(logits)} arrives.",
            port="logits",
        )

    def _miscounted(self, logits: TensorType, classes: int) -> Fault:
        arriving = logits.sizes[logits.feature or 0] if logits.axes else 1
        remedies: list[Remedy] = [Widen("logits", classes, f"Set the outputs to {classes}")]
        if logits.is_vector or logits.is_sequence:
            title = f"Insert a Linear layer to {counted(classes, 'unit')}"
            remedies.append(Insert("logits", "linear", title, {"units": classes}))
        elif logits.is_image:
            title = f"Insert a 1×1 convolution to {counted(classes, 'channel')}"
            remedies.append(Insert("logits", "conv2d", title, {"channels": classes, "kernel": 1}))
        return Fault(
            "classes",
            f"needs {counted(classes, 'score')}, one for each class, but gets {arriving:,}.",
            port="logits",
            remedies=remedies,
        )

    def _check_weights(self, classes: int) -> None:
        row = _row(self.weights)
        if row and len(row) != classes:
            raise Fault(
                "classes",
                f"has {counted(len(row), 'class weight')}, but its target has {counted(classes, 'class')}.",
                remedies=[
                    SetField("weights", " ".join(["1"] * classes), f"Set {counted(classes, 'weight')} of 1"),
                    SetField("weights", "", "Count all classes alike"),
                ],
            )

    def _check_mask(self, mask: TensorType | None, target: TensorType) -> None:
        if mask is None:
            return
        if mask.element != "bool" or [(a.name, a.size) for a in mask.axes] != [(a.name, a.size) for a in target.axes]:
            raise Fault(
                "kind",
                f"needs a mask with a yes or no for each of its {target.compact} targets; {named(mask)} arrives."
                if target.axes
                else f"takes no mask with a single target; {named(mask)} arrives.",
                port="mask",
            )

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        return doubled("logits", inputs["logits"], "softmax")

    def summary(self) -> str:
        told = [f"smoothing {self.smoothing:g}"] if self.smoothing else []
        return ", ".join([*told, "weighted"] if self.weights else told)

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        classes = inputs["target"].classes or 0
        # What an untrained network starts at.
        return rows(("by guessing", rf"\ln {classes} = {log(classes):.3f}")) if classes else ""

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class CrossEntropy(nn.Module):
            """Mean over all targets, or over those where the mask is true; by the weights of their classes."""

            weights: Tensor | None

            def __init__(self, axis: int = 1, smoothing: float = 0.0, weights: tuple[float, ...] = ()) -> None:
                super().__init__()
                self.axis = axis
                self.smoothing = smoothing
                self.register_buffer("weights", torch.tensor(weights) if weights else None, persistent=False)

            def forward(self, logits: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
                logits = logits.movedim(self.axis, 1)  # classes first, as torch wants them
                if mask is None:
                    return F.cross_entropy(logits, target, self.weights, label_smoothing=self.smoothing)
                each = F.cross_entropy(logits, target, self.weights, reduction="none", label_smoothing=self.smoothing)
                counted = mask if self.weights is None else mask * self.weights[target]
                return (each * mask).sum() / counted.sum().clamp(min=1e-8)

            def scores(self, logits: Tensor) -> Tensor:
                """The share of every class, (B, K, ...)."""
                return logits.movedim(self.axis, 1).softmax(1)

        return CrossEntropy(self._axis(inputs), self.smoothing, _row(self.weights))

    def _axis(self, inputs: Inputs) -> int:
        """Where the batched logits have the classes."""
        return (inputs["logits"].feature or 0) + 1

    def source(self, inputs: Inputs) -> Source:
        axis = self._axis(inputs)
        answer = f"{{0}}.argmax({axis})"
        row = _row(self.weights)
        if inputs.get("mask") is None and axis == 1 and not row:
            init = call("nn.CrossEntropyLoss", label_smoothing=(self.smoothing, 0.0))
            return Source(init, "{self}({0}, {1})", answer=answer)
        init = call("CrossEntropy", axis=(axis, 1), smoothing=(self.smoothing, 0.0), weights=(row, ()))
        return Source(init, classes=("CrossEntropy",), answer=answer)


@register
class BCE(Loss):
    """Binary cross-entropy on scores; the sigmoid is inside, which keeps it from overflowing (T-020).

    logits float[…, D 1] and target index<2>[…] · logits and target float of one shape, the target between 0 and 1.
    """

    type = "bce"
    title = "Binary cross-entropy"
    sentence = "For questions of yes or no: asks for a high score where the answer is yes and a low one where it is no."
    formula = r"L = -t \log \sigma(z) - (1 - t) \log(1 - \sigma(z))"
    icon = "toggle-left"
    aliases = ("binary cross-entropy", "logistic loss", "log loss", "bce with logits")
    purposes = ("yes or no", "several labels at once")
    inputs = (Port("logits", "Scores"), Port("target", "Target"))
    metrics = ("accuracy",)

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        logits, target = inputs["logits"], inputs["target"]
        if target.element not in ("float", "index"):
            raise Fault("kind", f"needs yes or no, or shares, as its target; {named(target)} arrives.", port="target")
        if logits.element != "float":
            raise unfit("logits", "scores", logits)
        if target.element == "index":
            self._check_classes(logits, target)
        elif (logits.names, logits.sizes) != (target.names, target.sizes):
            raise unequal("logits", "score", logits, target)
        return {"loss": scalar()}

    def _check_classes(self, logits: TensorType, target: TensorType) -> None:
        if target.classes != 2:
            raise Fault(
                "classes",
                f"tells 2 classes apart; its target has {target.classes}.",
                hint="Take Cross-entropy for several classes.",
                port="target",
            )
        places = tuple(axis for i, axis in enumerate(logits.axes) if i != logits.feature)
        if [(a.name, a.size) for a in places] != [(a.name, a.size) for a in target.axes]:
            where = f" at each of {target.compact} places" if target.axes else ""
            raise Fault(
                "places",
                f"needs one score{where}; {named(logits)} arrives.",
                port="logits",
                remedies=[] if target.axes else flattened("logits", logits, 1),
            )
        if logits.axes and logits.sizes[logits.feature or 0] != 1:
            ways: list[Remedy] = [Widen("logits", 1, "Set the outputs to 1")]
            if logits.is_vector or logits.is_sequence:
                ways.append(Insert("logits", "linear", "Insert a Linear layer to 1 unit", {"units": 1}))
            raise Fault(
                "classes",
                f"needs a single score for yes, but gets {logits.sizes[logits.feature or 0]:,}.",
                hint="Cross-entropy takes a score for each class.",
                port="logits",
                remedies=ways,
            )

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        return doubled("logits", inputs["logits"], "sigmoid")

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class BCE(nn.Module):
            """Binary cross-entropy of scores (B, ..., 1) and classes 0 or 1 (B, ...), or of two tensors alike."""

            def __init__(self, axis: int | None = None) -> None:
                super().__init__()
                self.axis = axis  # where the scores have an axis that the target lacks

            def forward(self, logits: Tensor, target: Tensor) -> Tensor:
                if self.axis is not None:
                    logits = logits.squeeze(self.axis)
                return F.binary_cross_entropy_with_logits(logits, target.to(logits.dtype))

            def scores(self, logits: Tensor) -> Tensor:
                """The shares of no and yes, (B, 2, ...)."""
                if self.axis is not None:
                    logits = logits.squeeze(self.axis)
                yes = logits.sigmoid()
                return torch.stack([1 - yes, yes], 1)

        return BCE(self._axis(inputs))

    def _axis(self, inputs: Inputs) -> int | None:
        logits = inputs["logits"]
        if inputs["target"].element == "float" or logits.feature is None:
            return None
        return logits.feature + 1

    def source(self, inputs: Inputs) -> Source:
        if inputs["target"].element == "float":
            return Source("nn.BCEWithLogitsLoss()", "{self}({0}, {1})")
        axis = self._axis(inputs)
        answer = "({0} > 0).long()" if axis is None else f"({{0}}.squeeze({axis}) > 0).long()"
        return Source(call("BCE", axis=(axis, None)), classes=("BCE",), answer=answer)


def unequal(port: str, noun: str, x: TensorType, target: TensorType) -> Fault:
    """Prediction and target are not alike, with ways to make them so."""
    ways: list[Remedy] = []
    if target.is_vector and (x.is_image or x.is_signal):
        ways = flattened(port, x, target.sizes[0])
    if x.names == target.names and x.axes and x.feature is not None and x.names[x.feature] in ("C", "D"):
        size = target.sizes[x.feature]
        if x.sizes[: x.feature] + x.sizes[x.feature + 1 :] == target.sizes[: x.feature] + target.sizes[x.feature + 1 :]:
            ways = [Widen(port, size, f"Set the outputs to {size:,}")]
            if x.is_vector or x.is_sequence:
                title = f"Insert a Linear layer to {counted(size, 'unit')}"
                ways.append(Insert(port, "linear", title, {"units": size}))
    return Fault(
        "unequal_shapes",
        f"needs a {noun} for every number of its target, {named(target)}; {named(x)} arrives.",
        port=port,
        remedies=ways,
    )
