"""Attention with a single pattern: how well each query fits each place of a memory, added up or multiplied out."""

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
    Source,
    TensorType,
    Widen,
    Window,
    register,
)
from chalknet.layers.masks import check_mask
from chalknet.layers.words import call, counted, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


class Alignment(Layer):
    """Base: queries float[T t, D d], or one float[D d], ask a memory of s places; the answer has the queries' places.

    The module's ``weights`` takes what forward takes and gives who looks at whom, (B, 1, t, s); a row's sum is 1.
    """

    family: ClassVar[Family] = "attention"
    views: ClassVar[tuple[str, ...]] = ("matrix",)

    def places(self, inputs: Inputs) -> int:
        """How many queries there are."""
        x = inputs["x"]
        return 1 if x.is_vector else x.sizes[0]

    def answer(self, x: TensorType, width: int) -> TensorType:
        return TensorType(axes=(*x.axes[:-1], Axis("D", width)))

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE


@register
class AdditiveAttention(Alignment):
    """Bahdanau et al. 2015: e = vᵀ tanh(W x + U m); x float[T t, D d] or float[D d], memory float[T s, D m] →
    float[T t, D m] or float[D m]; units·(d + m + 1) parameters."""

    type = "additive_attention"
    title = "Additive attention"
    sentence = "A small network scores how well each place of a memory fits a query; the answer is the weighted mean."
    formula = (
        r"e_{ts} = v^\top \tanh(W x_t + U m_s), \quad \alpha_t = \operatorname{softmax}(e_t), "
        r"\quad y_t = \sum_s \alpha_{ts} m_s"
    )
    icon = "spline"
    aliases = ("bahdanau", "alignment", "seq2seq attention", "context vector", "soft attention")
    purposes = ("look at other positions", "align two sequences")
    inputs = (Port("x", "Queries"), Port("memory", "Memory"), Port("mask", "Mask", optional=True))
    beware = (
        "The weights are no parameters: they are computed anew for every query; what is learned is how to score.",
        "Query and memory may differ in width here; a dot product needs equal widths.",
    )
    examples = (
        Example(
            "Scores tanh(1) = .7616 and tanh(0) = 0, so the first place gets .6817 of the weight.",
            inputs={"x": [0], "memory": [[1], [0]]},
            fields={"units": 1},
            weights={"query.weight": [[1]], "memory.weight": [[1]], "score.weight": [[1]]},
            outputs={"y": [0.6817]},
        ),
    )

    units: int = Field(
        32, ge=1, le=65_536, title="Units", description="How many numbers query and place are compared in."
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x, memory = inputs["x"], inputs["memory"]
        if not (x.is_sequence or x.is_vector):
            raise unfit("x", "a vector, or a sequence of vectors", x)
        if not memory.is_sequence:
            raise unfit("memory", "a sequence of vectors", memory)
        check_mask(inputs.get("mask"), memory, "the memory")
        return {"y": self.answer(x, memory.sizes[1])}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {
            "query.weight": (self.units, inputs["x"].sizes[-1]),
            "memory.weight": (self.units, inputs["memory"].sizes[1]),
            "score.weight": (1, self.units),
        }

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        t, (s, m) = self.places(inputs), inputs["memory"].sizes
        return self.units * (t * inputs["x"].sizes[-1] + s * m + t * s) + t * s * m

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        t, s = self.places(inputs), inputs["memory"].sizes[0]
        return t * s * (2 * self.units + 3)  # a sum and a tanh a unit, and a softmax

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        d, (s, m), t, u = inputs["x"].sizes[-1], inputs["memory"].sizes, self.places(inputs), self.units
        return rows(
            ("parameters", rf"{tex(u)} \cdot ({tex(d)} + {tex(m)} + 1) = {tex(u * (d + m + 1))}"),
            (
                "multiply-adds",
                rf"{tex(u)} \cdot ({t} \cdot {tex(d)} + {s} \cdot {tex(m)} + {t} \cdot {s})"
                rf" + {t} \cdot {s} \cdot {tex(m)} = {tex(self.macs(inputs, outputs))}",
            ),
        )

    def summary(self) -> str:
        return counted(self.units, "unit")

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class AdditiveAttention(nn.Module):
            """Scores by a small network; the mask is true where the memory has a token."""

            def __init__(self, width: int, memory: int, units: int) -> None:
                super().__init__()
                self.query = nn.Linear(width, units, bias=False)
                self.memory = nn.Linear(memory, units, bias=False)
                self.score = nn.Linear(units, 1, bias=False)

            def align(self, x: Tensor, memory: Tensor, mask: Tensor | None) -> Tensor:
                """How much each query (B, T, D) takes from each place: (B, T, S)."""
                both = self.query(x)[:, :, None] + self.memory(memory)[:, None]  # (B, T, S, units)
                scores = self.score(both.tanh()).squeeze(3)
                if mask is None:
                    return scores.softmax(2)
                hidden = ~mask[:, None, :]
                return scores.masked_fill(hidden, -1e30).softmax(2).masked_fill(hidden, 0.0)

            def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
                if x.dim() == 2:  # one query
                    return (self.align(x[:, None], memory, mask) @ memory).squeeze(1)
                return self.align(x, memory, mask) @ memory

            def weights(self, x: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
                """How much each query takes from each place, (B, 1, T, S)."""
                return self.align(x[:, None] if x.dim() == 2 else x, memory, mask)[:, None]

        return AdditiveAttention(inputs["x"].sizes[-1], inputs["memory"].sizes[1], self.units)

    def source(self, inputs: Inputs) -> Source:
        init = call("AdditiveAttention", inputs["x"].sizes[-1], inputs["memory"].sizes[1], self.units)
        return Source(init, classes=("AdditiveAttention",))


@register
class DotAttention(Alignment):
    """x float[T t, D d] or float[D d], keys float[T s, D d], values float[T s, D v] → float[T t, D v] or float[D v]; no
    parameters. Scaled, scores are divided by √d (Vaswani et al. 2017); plain, they are Luong's (2015)."""

    type = "dot_attention"
    title = "Dot-product attention"
    sentence = "A query is compared with every key by a dot product; the answer is the mean of the values so weighed."
    formula = r"y = \operatorname{softmax}\!\left(\dfrac{Q K^\top}{\sqrt{d}}\right) V"
    icon = "scan-search"
    purposes = ("look at other positions", "look up in a memory")
    aliases = ("scaled dot-product", "queries keys values", "qkv", "luong", "causal", "soft dictionary")
    inputs = (Port("x", "Queries"), Port("keys", "Keys"), Port("values", "Values"), Port("mask", "Mask", optional=True))
    beware = (
        "It has no parameters: what queries, keys and values are is learned by the layers before it.",
        "Without the scale, wide vectors give large scores, the softmax saturates, and hardly any gradient is left.",
    )
    examples = (
        Example(
            "The query fits the first key: scores 1 and 0, divided by √2 the weights are .6698 and .3302.",
            inputs={"x": [1, 0], "keys": [[1, 0], [0, 1]], "values": [[10, 0], [0, 10]]},
            outputs={"y": [6.6976, 3.3024]},
        ),
        Example(
            "The same without the scale: e¹/(e¹ + e⁰) = .7311, so .2689 is left for the other.",
            inputs={"x": [1, 0], "keys": [[1, 0], [0, 1]], "values": [[10, 0], [0, 10]]},
            fields={"scaled": False},
            outputs={"y": [7.3106, 2.6894]},
        ),
    )

    scaled: bool = Field(True, title="Scaled", description="Divide the scores by the root of the width.")
    causal: bool = Field(False, title="Causal", description="A query sees only places up to its own.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x, keys, values = inputs["x"], inputs["keys"], inputs["values"]
        if self.causal and not x.is_sequence:
            raise unfit("x", "a sequence of vectors, being causal", x)
        if not (x.is_sequence or x.is_vector):
            raise unfit("x", "a vector, or a sequence of vectors", x)
        for port, arriving in (("keys", keys), ("values", values)):
            if not arriving.is_sequence:
                raise unfit(port, "a sequence of vectors", arriving)
        check_mask(inputs.get("mask"), keys, "the sequence of keys")
        wide = x.sizes[-1]
        if keys.sizes[1] != wide:
            raise Fault(
                "unequal_width",
                f"its keys are {keys.sizes[1]} wide, but its queries are {wide} wide.",
                port="keys",
                remedies=[
                    Insert("keys", "linear", f"Insert a Linear layer to {counted(wide, 'unit')}", {"units": wide}),
                    Widen("keys", wide, f"Make the keys {wide} wide"),
                ],
            )
        if values.sizes[0] != keys.sizes[0]:
            raise Fault(
                "unequal_length",
                f"each key has a value, but {counted(keys.sizes[0], 'key')} and {counted(values.sizes[0], 'value')} "
                "arrive.",
                hint="Make both from one sequence.",
                port="values",
            )
        return {"y": self.answer(x, values.sizes[1])}

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        s, d = inputs["keys"].sizes
        return self.places(inputs) * s * (d + inputs["values"].sizes[1])

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        t, s = self.places(inputs), inputs["keys"].sizes[0]
        return t * s * (4 if self.scaled else 3)

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        (s, d), v, t = inputs["keys"].sizes, inputs["values"].sizes[1], self.places(inputs)
        total = tex(self.macs(inputs, outputs))
        return rows(
            ("parameters", "0"),
            ("multiply-adds", rf"{t} \cdot {s} \cdot ({tex(d)} + {tex(v)}) = {total}"),
        )

    def summary(self) -> str:
        return ", ".join([*(() if self.scaled else ("not scaled",)), *(("causal",) if self.causal else ())])

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class DotAttention(nn.Module):
            """Dot-product attention without weights of its own; the mask is true where there is a key."""

            def __init__(self, scaled: bool = True, causal: bool = False) -> None:
                super().__init__()
                self.scale = None if scaled else 1.0
                self.causal = causal

            def allowed(self, x: Tensor, keys: Tensor, mask: Tensor | None) -> Tensor | None:
                """Who may look at whom, broadcast to (B, 1, T, S); None: everyone at everyone."""
                seen = None if mask is None else mask[:, None, None, :]  # (B, 1, 1, S)
                if not self.causal:
                    return seen
                past = torch.ones(x.shape[1], keys.shape[1], dtype=torch.bool, device=x.device).tril()  # (T, S)
                return past if seen is None else past & seen

            def forward(self, x: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
                q = x[:, None] if x.dim() == 2 else x  # (B, T, D)
                allowed = self.allowed(q, keys, mask)
                parts = (q[:, None], keys[:, None], values[:, None])
                y = F.scaled_dot_product_attention(*parts, attn_mask=allowed, scale=self.scale).squeeze(1)
                return y.squeeze(1) if x.dim() == 2 else y

            def weights(self, x: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
                """How much each query takes from each place, (B, 1, T, S); a row's sum is 1."""
                q = x[:, None] if x.dim() == 2 else x
                scores = (q @ keys.transpose(1, 2))[:, None] * (self.scale or q.shape[2] ** -0.5)
                allowed = self.allowed(q, keys, mask)
                if allowed is not None:
                    scores = scores.masked_fill(~allowed, float("-inf"))
                return scores.softmax(3).nan_to_num(0.0)

        return DotAttention(self.scaled, self.causal)

    def source(self, inputs: Inputs) -> Source:
        init = call("DotAttention", scaled=(self.scaled, True), causal=(self.causal, False))
        return Source(init, classes=("DotAttention",))
