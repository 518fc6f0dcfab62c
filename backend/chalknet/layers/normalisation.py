"""Layers that keep activations in a good range: over the batch, over a sample, over groups of channels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import (
    POINTWISE,
    WHOLE,
    Example,
    Family,
    Fault,
    Inputs,
    Layer,
    Replace,
    SetField,
    Source,
    TensorType,
    Warn,
    Window,
    register,
)
from chalknet.layers.words import call, counted, divisors, nearest, rows, tex, unfit

if TYPE_CHECKING:
    from torch import nn


def epsilon() -> float:
    """The field that holds ε."""
    found: float = Field(1e-5, gt=0, le=1, title="ε",
                         description="Added to the variance, so that nothing is divided by zero.",
                         json_schema_extra={"log": True})  # fmt: skip
    return found


SAMPLE_NORM = 5
"""Operations a number where mean and spread are those of the sample itself: the sum of the mean, that of the spread, a
difference, a scale, a shift. So counts fvcore; it is 4 where nothing is scaled and shifted as learned."""


class BatchNorm(Layer):
    """Base: each channel is shifted and scaled to mean 0 and variance 1 over the batch (Ioffe and Szegedy 2015).

    Parameters weight γ and bias β, one a channel. While training the batch's statistics are used and
    running means of them kept; evaluation uses the running ones.
    """

    family: ClassVar[Family] = "normalisation"
    per_number: ClassVar[int] = 2
    """In evaluation it is one scale and one shift."""
    keeps_width: ClassVar[bool] = True
    formula = r"y = \gamma\,\dfrac{x - \mu_B}{\sqrt{\sigma_B^2 + \varepsilon}} + \beta"
    views: ClassVar[tuple[str, ...]] = ("statistics",)
    beware: ClassVar[tuple[str, ...]] = (
        "While training it uses the mean and variance of the batch; in evaluation those that it kept while training, "
        "so that a sample's answer does not depend on its neighbours.",
        "The running mean and variance are kept, not learned: no gradient reaches them.",
    )
    rank: ClassVar[int]
    wants: ClassVar[str]

    eps: float = epsilon()
    momentum: float = Field(
        0.1,
        gt=0,
        le=1,
        title="Momentum",
        description="Share of the newest batch in the running mean and variance.",
        json_schema_extra={"step": 0.01},
    )

    def accepts(self, x: TensorType) -> bool:
        raise NotImplementedError

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not self.accepts(x):
            hint = "Take Layer norm for a sequence." if x.is_sequence else ""
            if x.is_image and self.rank == 1:
                hint = "Take Batch norm 2d for an image."
            if x.is_vector and self.rank == 2:
                hint = "Take Batch norm 1d for a vector."
            raise unfit("x", self.wants, x, hint=hint)
        return {"y": replace(x, meaning="")}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        channels = inputs["x"].sizes[0]
        return {"weight": (channels,), "bias": (channels,)}

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        channels = inputs["x"].sizes[0]
        return rows(
            ("parameters", rf"2 \cdot {tex(channels)} = {tex(2 * channels)}"),
            ("running", rf"{tex(channels)} \text{{ means}}, {tex(channels)} \text{{ variances, not learned}}"),
        )

    def arguments(self) -> dict[str, tuple[Any, Any]]:
        """Keyword arguments of the torch module, each with its default there."""
        return {"eps": (self.eps, 1e-5), "momentum": (self.momentum, 0.1)}

    def source(self, inputs: Inputs) -> Source:
        return Source(call(f"nn.BatchNorm{self.rank}d", inputs["x"].sizes[0], **self.arguments()))


@register
class BatchNorm1d(BatchNorm):
    """float[D d] or float[C c, L l], kept; 2 parameters a feature."""

    type = "batch_norm1d"
    title = "Batch norm 1d"
    sentence = "Brings every feature to mean 0 and spread 1 over the batch, then lets it learn its own scale and shift."
    icon = "scale"
    aliases = ("bn", "batchnorm", "normalise")
    purposes = ("train faster", "stabilise training")
    rank = 1
    wants = "a vector, or a signal (channels × length)"

    def accepts(self, x: TensorType) -> bool:
        return x.is_vector or x.is_signal

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.BatchNorm1d(inputs["x"].sizes[0], eps=self.eps, momentum=self.momentum)


@register
class BatchNorm2d(BatchNorm):
    """float[C c, H h, W w], kept; 2 parameters a channel."""

    type = "batch_norm2d"
    title = "Batch norm 2d"
    sentence = "Brings every channel to mean 0 and spread 1 over the batch, then lets it learn its own scale and shift."
    icon = "scale"
    aliases = ("bn", "batchnorm", "normalise")
    purposes = ("train faster", "stabilise training")
    rank = 2
    wants = "an image (channels × height × width)"

    def accepts(self, x: TensorType) -> bool:
        return x.is_image

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.BatchNorm2d(inputs["x"].sizes[0], eps=self.eps, momentum=self.momentum)


@register
class LayerNorm(Layer):
    """Every sample by itself to mean 0 and variance 1 (Ba et al. 2016).

    A vector and every position of a sequence along D; an image and a signal over all their numbers.
    Parameters weight and bias, one for every number normalised together.
    """

    type = "layer_norm"
    title = "Layer norm"
    family: ClassVar[Family] = "normalisation"
    per_number: ClassVar[int] = SAMPLE_NORM
    sentence = (
        "Brings the features of every single sample to mean 0 and spread 1, then scales and shifts them as learned."
    )
    formula = r"y = \gamma\,\dfrac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta"
    icon = "scale"
    aliases = ("ln", "layernorm", "normalise")
    purposes = ("stabilise training", "normalise each sample")
    keeps_width = True

    eps: float = epsilon()

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float" or not x.axes:
            raise unfit("x", "a vector, a sequence, a signal or an image", x)
        return {"y": replace(x, meaning="")}

    def together(self, x: TensorType) -> tuple[int, ...]:
        """Sizes of the axes that are normalised together."""
        return x.sizes[-1:] if x.names[-1] == "D" else x.sizes

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {"weight": self.together(inputs["x"]), "bias": self.together(inputs["x"])}

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return POINTWISE if inputs["x"].is_sequence else WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        count = math.prod(self.together(inputs["x"]))
        return rows(("parameters", rf"2 \cdot {tex(count)} = {tex(2 * count)}"))

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.LayerNorm(self.together(inputs["x"]), eps=self.eps)

    def source(self, inputs: Inputs) -> Source:
        sizes = self.together(inputs["x"])
        return Source(call("nn.LayerNorm", sizes[0] if len(sizes) == 1 else sizes, eps=(self.eps, 1e-5)))


def channels_of(x: TensorType) -> int:
    """The channels of an image or a signal; raises Fault for anything else."""
    if not (x.is_image or x.is_signal):
        hint = "Take Layer norm for a vector or a sequence." if x.is_vector or x.is_sequence else ""
        raise unfit("x", "an image, or a signal", x, hint=hint)
    return x.sizes[0]


@register
class GroupNorm(Layer):
    """float[C c, H h, W w] or float[C c, L l]: every sample's channels in groups, each group to mean 0 and variance 1
    (Wu and He 2018). Parameters weight and bias, one a channel; no part of it depends on the batch."""

    type = "group_norm"
    title = "Group norm"
    family: ClassVar[Family] = "normalisation"
    per_number: ClassVar[int] = SAMPLE_NORM
    sentence = (
        "Brings groups of channels of every single sample to mean 0 and spread 1, so that small batches do no harm."
    )
    formula = r"y = \gamma\,\dfrac{x - \mu_G}{\sqrt{\sigma_G^2 + \varepsilon}} + \beta"
    icon = "scale"
    aliases = ("gn", "groupnorm", "normalise")
    purposes = ("stabilise training", "normalise small batches")
    keeps_width = True
    beware = ("With one group it is layer norm of an image, but for its one scale a channel; with as many groups as "
              "channels it is instance norm.",)  # fmt: skip
    examples = (
        Example(
            "One group of two channels: mean 2.5, variance 1.25.",
            inputs={"x": [[[1, 2]], [[3, 4]]]},
            fields={"groups": 1},
            outputs={"y": [[[-1.3416, -0.4472]], [[0.4472, 1.3416]]]},
        ),
    )

    groups: int = Field(8, ge=1, le=65536, title="Groups", description="How many groups the channels are put in.")
    eps: float = epsilon()

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        channels = channels_of(x)
        if channels % self.groups:
            raise Fault(
                "groups",
                f"{counted(self.groups, 'group')} cannot share {counted(channels, 'channel')} evenly.",
                field="groups",
                port="x",
                remedies=[
                    SetField("groups", each, f"Set groups to {each:,}")
                    for each in nearest(self.groups, divisors(channels))
                ],
            )
        return {"y": replace(x, meaning="")}

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        if inputs["x"].numel > self.groups:
            return ()
        ways = (SetField("groups", 1, "Set groups to 1"),) if inputs["x"].numel > 1 else ()
        return [
            Warn(
                "alone",
                "each group holds a single number, which less its mean is always 0.",
                field="groups",
                remedies=ways,
            )
        ]

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {"weight": inputs["x"].sizes[:1], "bias": inputs["x"].sizes[:1]}

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        channels = inputs["x"].sizes[0]
        return rows(
            ("a group", rf"{tex(channels)} / {tex(self.groups)} = {tex(channels // self.groups)} \text{{ channels}}"),
            ("parameters", rf"2 \cdot {tex(channels)} = {tex(2 * channels)}"),
        )

    def summary(self) -> str:
        return counted(self.groups, "group")

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.GroupNorm(self.groups, inputs["x"].sizes[0], eps=self.eps)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("nn.GroupNorm", self.groups, inputs["x"].sizes[0], eps=(self.eps, 1e-5)))


class InstanceNorm(Layer):
    """Base: every channel of every sample by itself to mean 0 and variance 1 (Ulyanov et al. 2016)."""

    family: ClassVar[Family] = "normalisation"
    keeps_width: ClassVar[bool] = True
    formula = r"y = \gamma\,\dfrac{x - \mu_c}{\sqrt{\sigma_c^2 + \varepsilon}} + \beta"
    icon = "scale"
    aliases = ("in", "instancenorm", "style", "normalise")
    purposes = ("style of an image", "normalise each sample")
    rank: ClassVar[int]
    wants: ClassVar[str]

    affine: bool = Field(True, title="Scale and shift", description="Learn a scale and a shift for every channel.")
    eps: float = epsilon()

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not (x.is_image if self.rank == 2 else x.is_signal):
            raise unfit("x", self.wants, x)
        if x.numel == x.sizes[0]:
            raise Fault(
                "single_place",
                "needs more than one number in every channel, to have a spread; here is one.",
                hint="Put it further up, or take Batch norm.",
                port="x",
                remedies=[Replace(((f"batch_norm{self.rank}d", {}),), "Take Batch norm instead")],
            )
        return {"y": replace(x, meaning="")}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {"weight": inputs["x"].sizes[:1], "bias": inputs["x"].sizes[:1]} if self.affine else {}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["y"].numel * (SAMPLE_NORM if self.affine else SAMPLE_NORM - 1)

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        channels = inputs["x"].sizes[0]
        return rows(("parameters", rf"2 \cdot {tex(channels)} = {tex(2 * channels)}" if self.affine else ""))

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        kind = nn.InstanceNorm2d if self.rank == 2 else nn.InstanceNorm1d
        return kind(inputs["x"].sizes[0], eps=self.eps, affine=self.affine)

    def source(self, inputs: Inputs) -> Source:
        name, channels = f"nn.InstanceNorm{self.rank}d", inputs["x"].sizes[0]
        return Source(call(name, channels, eps=(self.eps, 1e-5), affine=(self.affine, False)))


@register
class InstanceNorm1d(InstanceNorm):
    """float[C c, L l], kept; 2 parameters a channel."""

    type = "instance_norm1d"
    title = "Instance norm 1d"
    sentence = "Brings every channel of every single signal to mean 0 and spread 1."
    rank = 1
    wants = "a signal (channels × length)"


@register
class InstanceNorm2d(InstanceNorm):
    """float[C c, H h, W w], kept; 2 parameters a channel."""

    type = "instance_norm2d"
    title = "Instance norm 2d"
    sentence = (
        "Brings every map of every single image to mean 0 and spread 1, which takes its contrast and its style away."
    )
    rank = 2
    wants = "an image (channels × height × width)"
    examples = (
        Example(
            "A map by itself: mean 2.5, variance 1.25.",
            inputs={"x": [[[1, 2], [3, 4]]]},
            outputs={"y": [[[-1.3416, -0.4472], [0.4472, 1.3416]]]},
        ),
    )


@register
class LocalResponseNorm(Layer):
    """float[C c, H h, W w] or float[C c, L l]: every number is divided by how much its neighbours in ``size`` channels
    fire (Krizhevsky et al. 2012). torch divides α by the size."""

    type = "local_response_norm"
    title = "Local response norm"
    family: ClassVar[Family] = "normalisation"
    sentence = "Weakens a number where the same place fires strongly in neighbouring channels, as in AlexNet."
    formula = r"y_c = x_c \left(k + \dfrac{\alpha}{n} \sum_{c' = c - n/2}^{c + n/2} x_{c'}^2\right)^{-\beta}"
    icon = "scale"
    aliases = ("lrn", "alexnet", "lateral inhibition", "normalise")
    purposes = ("compete between channels",)
    keeps_width = True
    beware = (
        "Here α is divided by the size, as torch does; AlexNet's paper multiplies the sum by α itself, so that its "
        "10⁻⁴ at size 5 is 5·10⁻⁴ here.",
    )
    examples = (
        Example(
            "Size 1, α 1, β 1, k 1: 2 becomes 2/(1 + 4) = 0.4.",
            inputs={"x": [[[2]], [[3]]]},
            fields={"size": 1, "alpha": 1, "beta": 1, "k": 1},
            outputs={"y": [[[0.4]], [[0.3]]]},
        ),
    )

    size: int = Field(5, ge=1, le=4096, title="Size", description="How many neighbouring channels count.",
                      json_schema_extra={"unit": "channels"})  # fmt: skip
    alpha: float = Field(1e-4, ge=0, le=1000, title="α", description="How much the neighbours weigh.",
                         json_schema_extra={"log": True})  # fmt: skip
    beta: float = Field(0.75, ge=0, le=10, title="β", description="The power that the sum is raised to.",
                        json_schema_extra={"step": 0.05})  # fmt: skip
    k: float = Field(1.0, gt=0, le=1000, title="k", description="Added to the sum, so that nothing is divided by zero.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        channels_of(inputs["x"])
        return {"y": replace(inputs["x"], meaning="")}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        # A square, the sum of its neighbours', α and k, a power, a product.
        return outputs["y"].numel * (self.size + 4)

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows(
            ("factor", rf"\left({self.k:g} + {self.alpha:g} / {self.size} \cdot \Sigma\right)^{{-{self.beta:g}}}")
        )

    def summary(self) -> str:
        return f"size {self.size}, α {self.alpha:g}, β {self.beta:g}, k {self.k:g}"[:40]

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.LocalResponseNorm(self.size, alpha=self.alpha, beta=self.beta, k=self.k)

    def source(self, inputs: Inputs) -> Source:
        keywords = {"alpha": (self.alpha, 1e-4), "beta": (self.beta, 0.75), "k": (self.k, 1.0)}
        return Source(call("nn.LocalResponseNorm", self.size, **keywords))
