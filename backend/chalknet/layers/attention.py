"""Sequences: what a token means, where it stands, and which others it looks at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import (
    WHOLE,
    Axis,
    Example,
    Family,
    Fault,
    Inputs,
    Insert,
    Layer,
    Port,
    Remedy,
    SetField,
    Source,
    TensorType,
    Widen,
    Window,
    register,
)
from chalknet.layers.masks import check_mask
from chalknet.layers.words import call, counted, divisors, nearest, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class Embedding(Layer):
    """index<n>[T t] → float[T t, D units]; index<n>[] → float[D units]; a table of n·units learned numbers."""

    type = "embedding"
    title = "Embedding"
    family: ClassVar[Family] = "attention"
    per_number: ClassVar[int] = 0
    sentence = "Looks up a learned vector for every token or class, so that similar ones can come to lie close."
    formula = r"y_t = E[x_t]"
    icon = "book-a"
    aliases = ("lookup", "word vector", "token embedding")
    purposes = ("words to vectors", "categories to vectors")
    width = "units"

    units: int = Field(64, ge=1, le=10**6, title="Width", description="Numbers in the vector of each token.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "index" or x.names not in ((), ("T",)):
            raise unfit("x", "tokens or a class", x)
        return {"y": TensorType(axes=(*x.axes, Axis("D", self.units)))}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {"weight": (inputs["x"].classes or 0, self.units)}

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        n = inputs["x"].classes or 0
        return rows(("parameters", rf"{tex(n)} \cdot {tex(self.units)} = {tex(n * self.units)}"))

    def summary(self) -> str:
        return f"{self.units:,} wide"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.Embedding(inputs["x"].classes or 0, self.units)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("nn.Embedding", inputs["x"].classes, self.units))


@register
class PositionalEncoding(Layer):
    """float[T t, D d], kept. Sinusoid: sin, cos of t/10000^(2i/d) in turn (Vaswani et al. 2017); learned: t·d numbers.

    For d = 4, position 0 gets [0, 1, 0, 1] and position 1 [.8415, .5403, .0100, .99995] (L-058).
    """

    type = "positional_encoding"
    title = "Positional encoding"
    family: ClassVar[Family] = "attention"
    per_number: ClassVar[int] = 1
    sentence = "Adds to every vector a pattern that tells its place; attention alone would not know the order."
    formula = (
        r"y_t = x_t + p_t, \quad p_{t,2i} = \sin\dfrac{t}{10000^{2i/d}},\; p_{t,2i+1} = \cos\dfrac{t}{10000^{2i/d}}"
    )
    icon = "ruler"
    aliases = ("position", "order", "sinusoid")
    purposes = ("tell the order of words",)
    keeps_width = True
    beware = (
        "It is added to the vectors, not put beside them: the width stays, and the layers behind it learn to tell the "
        "two apart.",
        "Waves work at any length; learned places end at the longest sequence that was trained on.",
    )
    examples = (
        Example(
            "What is added to vectors of four numbers: sin and cos of t, then of t/100.",
            inputs={"x": [[0, 0, 0, 0], [0, 0, 0, 0]]},
            outputs={"y": [[0, 1, 0, 1], [0.8415, 0.5403, 0.0100, 0.99995]]},
        ),
    )

    kind: Literal["sinusoid", "learned"] = Field(
        "sinusoid",
        title="Kind",
        description="Fixed waves, or a learned vector for every place.",
        json_schema_extra={"labels": ["Sinusoid", "Learned"]},
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_sequence:
            raise unfit("x", "a sequence of vectors", x)
        return {"y": x}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {"weight": inputs["x"].sizes} if self.kind == "learned" else {}

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        t, d = inputs["x"].sizes
        return rows(("parameters", rf"{tex(t)} \cdot {tex(d)} = {tex(t * d)}" if self.kind == "learned" else "0"))

    def summary(self) -> str:
        return self.kind

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class LearnedPositions(nn.Module):
            """Adds a learned vector for every place: (B, T, D) → (B, T, D)."""

            def __init__(self, length: int, width: int) -> None:
                super().__init__()
                self.weight = nn.Parameter(0.02 * torch.randn(length, width))

            def forward(self, x: Tensor) -> Tensor:
                return x + self.weight[: x.shape[1]]

        class SinusoidPositions(nn.Module):
            """Adds waves of growing length, sines and cosines in turn: (B, T, D) → (B, T, D)."""

            def __init__(self, length: int, width: int) -> None:
                super().__init__()
                place = torch.arange(length).unsqueeze(1)  # (T, 1)
                rate = 10000 ** (-torch.arange(0, width, 2) / width)  # (⌈D/2⌉,)
                waves = torch.stack([torch.sin(place * rate), torch.cos(place * rate)], dim=2)  # (T, ⌈D/2⌉, 2)
                self.register_buffer("waves", waves.flatten(1)[:, :width], persistent=False)

            def forward(self, x: Tensor) -> Tensor:
                return x + self.waves[: x.shape[1]]

        return (LearnedPositions if self.kind == "learned" else SinusoidPositions)(*inputs["x"].sizes)

    def source(self, inputs: Inputs) -> Source:
        name = "LearnedPositions" if self.kind == "learned" else "SinusoidPositions"
        return Source(call(name, *inputs["x"].sizes), classes=(name,))


@register
class Attention(Layer):
    """x float[T t, D d], memory float[T s, D d], mask bool[T s] → float[T t, D d] (Vaswani et al. 2017).

    Without memory the sequence looks at itself. The mask is true where the memory has a token. 4·(d² + d) parameters,
    named as in ``torch.nn.MultiheadAttention``: d = 512 has 1,050,624 (C-030). The module's
    ``weights(x, memory, mask)`` gives who looks at whom, (B, heads, t, s).
    """

    type = "attention"
    title = "Multi-head attention"
    family: ClassVar[Family] = "attention"
    sentence = "Every token asks all others, weighs their answers by how well they fit, and takes the mixture."
    formula = (
        r"\operatorname{softmax}\!\left(\dfrac{Q K^\top}{\sqrt{d_k}}\right) V, \; Q = x W_Q,\; K = m W_K,\; V = m W_V"
    )
    icon = "waypoints"
    aliases = ("self-attention", "cross-attention", "mha", "transformer", "scaled dot-product", "causal")
    purposes = ("look at other positions", "relate words")
    inputs = (Port("x", "Queries"), Port("memory", "Memory", optional=True), Port("mask", "Mask", optional=True))
    keeps_width = True
    views = ("matrix",)
    beware = (
        "More heads are not more parameters: they share the width, each works on its part of it.",
        "Attention knows no order: without a positional encoding, shuffled tokens give the same answers, shuffled.",
        "In a causal layer the weights above the diagonal are exactly 0: nobody looks at what comes later.",
    )

    heads: int = Field(4, ge=1, le=1024, title="Heads", description="How many patterns are looked for side by side.")
    causal: bool = Field(False, title="Causal", description="A token sees only itself and those before it.")
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.99,
        title="Dropout",
        description="Share of the weights that is switched off while training.",
        json_schema_extra={"step": 0.05},
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_sequence:
            raise unfit("x", "a sequence of vectors", x)
        width = x.sizes[1]
        memory = inputs.get("memory") or x
        if not memory.is_sequence:
            raise unfit("memory", "a sequence of vectors", memory)
        if memory.sizes[1] != width:
            raise Fault(
                "unequal_width",
                f"its memory is {memory.sizes[1]} wide, but its queries are {width} wide.",
                port="memory",
                remedies=[
                    Insert("memory", "linear", f"Insert a Linear layer to {counted(width, 'unit')}", {"units": width}),
                    Widen("memory", width, f"Make the memory {width} wide"),
                ],
            )
        check_mask(inputs.get("mask"), memory, "the memory")
        if width % self.heads:
            near = nearest(width, (width // self.heads * self.heads, (width // self.heads + 1) * self.heads))
            remedies: list[Remedy] = [
                SetField("heads", h, f"Set heads to {h}")
                for h in nearest(self.heads, (h for h in divisors(width) if h <= 1024))
            ]
            if not inputs.get("memory"):
                remedies += [Widen("x", w, f"Make its input {w} wide") for w in near if w]
            raise Fault(
                "heads",
                f"{counted(self.heads, 'head')} cannot share a width of {width} evenly.",
                hint="Every head takes the same share of the width.",
                field="heads",
                remedies=remedies,
            )
        return {"y": x}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        d = inputs["x"].sizes[1]
        return {
            "in_proj_weight": (3 * d, d),
            "in_proj_bias": (3 * d,),
            "out_proj.weight": (d, d),
            "out_proj.bias": (d,),
        }

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        t, d = inputs["x"].sizes
        s = (inputs.get("memory") or inputs["x"]).sizes[0]
        return 2 * t * d * d + 2 * s * d * d + 2 * t * s * d

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        t, s = inputs["x"].sizes[0], (inputs.get("memory") or inputs["x"]).sizes[0]
        return 4 * self.heads * t * s  # scaled, and a softmax

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        t, d = inputs["x"].sizes
        s = (inputs.get("memory") or inputs["x"]).sizes[0]
        return rows(
            ("width of a head", rf"{tex(d)} / {self.heads} = {tex(d // self.heads)}"),
            ("parameters", rf"4 \cdot ({tex(d)}^2 + {tex(d)}) = {tex(4 * (d * d + d))}"),
            (
                "multiply-adds",
                rf"2 \cdot ({t} + {s}) \cdot {tex(d)}^2 + 2 \cdot {t} \cdot {s} \cdot {tex(d)}"
                rf" = {tex(self.macs(inputs, outputs))}",
            ),
        )

    def summary(self) -> str:
        return f"{counted(self.heads, 'head')}{', causal' if self.causal else ''}"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class Attention(nn.MultiheadAttention):
            """Multi-head attention, batch first; the mask is true where the memory has a token."""

            def __init__(self, width: int, heads: int, causal: bool = False, dropout: float = 0.0) -> None:
                super().__init__(width, heads, dropout=dropout, batch_first=True)
                self.causal = causal

            def project(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor, Tensor]:
                """Queries (B, h, T, D/h), keys and values (B, h, S, D/h)."""
                d = self.embed_dim
                if memory is x:
                    parts = F.linear(x, self.in_proj_weight, self.in_proj_bias).split(d, dim=2)
                else:
                    query = F.linear(x, self.in_proj_weight[:d], self.in_proj_bias[:d])
                    both = F.linear(memory, self.in_proj_weight[d:], self.in_proj_bias[d:])
                    parts = (query, *both.split(d, dim=2))
                q, k, v = (part.unflatten(2, (self.num_heads, -1)).transpose(1, 2) for part in parts)
                return q, k, v

            def allowed(self, x: Tensor, memory: Tensor, mask: Tensor | None) -> Tensor | None:
                """Who may look at whom, broadcast to (B, h, T, S); None: everyone at everyone."""
                seen = None if mask is None else mask[:, None, None, :]  # (B, 1, 1, S)
                if not self.causal:
                    return seen
                past = torch.ones(x.shape[1], memory.shape[1], dtype=torch.bool, device=x.device).tril()  # (T, S)
                return past if seen is None else past & seen

            def forward(self, x: Tensor, memory: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
                memory = x if memory is None else memory
                q, k, v = self.project(x, memory)
                allowed = self.allowed(x, memory, mask)
                dropout = self.dropout if self.training else 0.0
                y = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed, dropout_p=dropout)  # (B, h, T, D/h)
                return self.out_proj(y.transpose(1, 2).flatten(2))  # (B, T, D)

            def weights(self, x: Tensor, memory: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
                """How much each token looks at each other, (B, h, T, S); a row's sum is 1."""
                memory = x if memory is None else memory
                q, k, _ = self.project(x, memory)
                scores = q @ k.transpose(2, 3) / q.shape[3] ** 0.5
                allowed = self.allowed(x, memory, mask)
                if allowed is not None:
                    scores = scores.masked_fill(~allowed, float("-inf"))
                # A token that may look at nobody has no weights at all, rather than NaN.
                return scores.softmax(3).nan_to_num(0.0)

        return Attention(inputs["x"].sizes[1], self.heads, causal=self.causal, dropout=self.dropout)

    def source(self, inputs: Inputs) -> Source:
        init = call(
            "Attention", inputs["x"].sizes[1], self.heads, causal=(self.causal, False), dropout=(self.dropout, 0.0)
        )
        return Source(init, classes=("Attention",))
