"""Recurrent cells: one step of a recurrent network, for a block that runs over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import (
    WHOLE,
    Example,
    Family,
    Inputs,
    Layer,
    Port,
    Source,
    TensorType,
    Window,
    register,
    vector,
)
from chalknet.layers.recurrent import GRU_BENDS, LSTM_BENDS, TWO_BIASES, check_state
from chalknet.layers.words import call, counted, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


class Cell(Layer):
    """Base of the cells: x float[D d] and the state float[D units] → the next state; an empty one is all 0."""

    family: ClassVar[Family] = "recurrent"
    width: ClassVar[str | None] = "units"
    icon = "rotate-cw"
    inputs: ClassVar[tuple[Port, ...]] = (Port("x", "Input"), Port("h", "State", optional=True))
    outputs: ClassVar[tuple[Port, ...]] = (Port("next", "Next state"),)
    gates: ClassVar[int] = 1
    bends: ClassVar[int] = 1

    units: int = Field(32, ge=1, le=65_536, title="Units", description="How many numbers the state holds.")
    bias: bool = Field(True, title="Bias", description="Add learned numbers to every weighted sum.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_vector:
            hint = "A cell makes one step: put it in a block that runs over time." if x.is_sequence else ""
            raise unfit("x", "a vector", x, hint=hint)
        for port in self.inputs[1:]:
            check_state(inputs.get(port.name), port.name, self.units)
        return {port.name: vector(self.units) for port in self.outputs}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        tall = self.gates * self.units
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (tall, inputs["x"].sizes[0]),
            "weight_hh": (tall, self.units),
        }
        return {**shapes, "bias_ih": (tall,), "bias_hh": (tall,)} if self.bias else shapes

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return self.gates * self.units * (inputs["x"].sizes[0] + self.units)

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return self.units * self.bends

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        d, h = inputs["x"].sizes[0], self.units
        gates = rf"{self.gates} \cdot " if self.gates > 1 else ""
        sums = rf"{tex(h)} \cdot ({tex(d)} + {tex(h)})"
        held = rf"({sums} + 2 \cdot {tex(h)})" if self.bias else sums
        count = self.gates * (h * (d + h) + (2 * h if self.bias else 0))
        return rows(
            ("parameters", f"{gates}{held} = {tex(count)}"),
            ("multiply-adds", f"{gates}{sums} = {tex(self.macs(inputs, outputs))}"),
        )

    def summary(self) -> str:
        return counted(self.units, "unit")

    def _settings(self) -> dict[str, tuple[Any, Any]]:
        return {"bias": (self.bias, True)}

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        settings = {name: value for name, (value, _) in self._settings().items()}
        module: nn.Module = getattr(nn, type(self).__name__)(inputs["x"].sizes[0], self.units, **settings)
        return module

    def source(self, inputs: Inputs) -> Source:
        return Source(call(f"nn.{type(self).__name__}", inputs["x"].sizes[0], self.units, **self._settings()))


@register
class RNNCell(Cell):
    """One step of an RNN: units·(d + units) + 2·units parameters."""

    type = "rnn_cell"
    title = "RNN cell"
    sentence = "One step of an RNN: what is read and the state so far make the next state."
    formula = r"h' = \tanh(W x + b + U h + b')"
    aliases = ("recurrent cell", "step", "over time")
    purposes = ("one step of a sequence",)
    beware = (TWO_BIASES,)
    examples = (
        Example(
            "What is read and what is remembered are weighed and added: tanh(1 · 0 + .5 · .7616) = .3634.",
            inputs={"x": [0], "h": [0.76159]},
            fields={"units": 1},
            weights={"weight_ih": [[1]], "weight_hh": [[0.5]], "bias_ih": [0], "bias_hh": [0]},
            outputs={"next": [0.3634]},
        ),
    )

    nonlinearity: Literal["tanh", "relu"] = Field(
        "tanh",
        title="Activation",
        description="What bends the new state; ReLU can grow without bound.",
        json_schema_extra={"labels": ["Tanh", "ReLU"]},
    )

    def _settings(self) -> dict[str, tuple[Any, Any]]:
        return {**super()._settings(), "nonlinearity": (self.nonlinearity, "tanh")}


@register
class GRUCell(Cell):
    """One step of a GRU: 3·(units·(d + units) + 2·units) parameters."""

    type = "gru_cell"
    title = "GRU cell"
    sentence = "One step of a GRU: two gates say how much of the state is looked at, and how much of it stays."
    formula = r"h' = (1 - z) \odot n + z \odot h, \quad n = \tanh(W_n x + b_n + r \odot (U_n h + b'_n))"
    aliases = ("gated recurrent unit", "step", "over time")
    purposes = ("one step of a sequence",)
    gates = 3
    bends = GRU_BENDS
    beware = (
        "In torch z is the share of the old state that stays; many books mean by z the share of the new one.",
        TWO_BIASES,
    )
    examples = (
        Example(
            "All weights 0: z = ½, so half of the old state stays.",
            inputs={"x": [0], "h": [1]},
            fields={"units": 1},
            weights={"weight_ih": [[0]] * 3, "weight_hh": [[0]] * 3, "bias_ih": [0] * 3, "bias_hh": [0] * 3},
            outputs={"next": [0.5]},
        ),
    )


@register
class LSTMCell(Cell):
    """One step of an LSTM: 4·(units·(d + units) + 2·units) parameters."""

    type = "lstm_cell"
    title = "LSTM cell"
    sentence = "One step of an LSTM: gates decide what its memory writes, keeps and tells."
    formula = r"c' = f \odot c + i \odot g, \quad h' = o \odot \tanh c'"
    aliases = ("long short-term memory", "step", "over time")
    purposes = ("one step of a sequence",)
    inputs = (Port("x", "Input"), Port("h", "State", optional=True), Port("c", "Cell", optional=True))
    outputs = (Port("next", "Next state"), Port("next_c", "Next cell"))
    gates = 4
    bends = LSTM_BENDS
    beware = (TWO_BIASES, "Torch's rows of weights are in the order input gate, forget gate, cell, output gate.")
    examples = (
        Example(
            "All weights 0: every gate stands half open; the cell falls from 1 to .5, and .5 · tanh(.5) is told.",
            inputs={"x": [0], "h": [0], "c": [1]},
            fields={"units": 1},
            weights={"weight_ih": [[0]] * 4, "weight_hh": [[0]] * 4, "bias_ih": [0] * 4, "bias_hh": [0] * 4},
            outputs={"next_c": [0.5], "next": [0.23106]},
        ),
    )

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class LSTMCell(nn.LSTMCell):
            """One step of an LSTM, its state and its cell apart: (B, D), (B, H), (B, H) → (B, H), (B, H)."""

            def forward(self, x: Tensor, h: Tensor | None = None, c: Tensor | None = None) -> tuple[Tensor, Tensor]:
                zeros = x.new_zeros(len(x), self.hidden_size)
                h, c = super().forward(x, (zeros if h is None else h, zeros if c is None else c))
                return h, c

        return LSTMCell(inputs["x"].sizes[0], self.units, bias=self.bias)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("LSTMCell", inputs["x"].sizes[0], self.units, **self._settings()), classes=("LSTMCell",))
