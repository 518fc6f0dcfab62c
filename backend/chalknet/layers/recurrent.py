"""Recurrent networks: they read a sequence one step after the other, with the same weights and a state that they carry
along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

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
    Warn,
    Widen,
    Window,
    register,
    vector,
)
from chalknet.layers.masks import check_mask
from chalknet.layers.words import call, counted, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn

TWO_BIASES = (
    "PyTorch adds two biases to every gate, one with the input and one with the state. Books have one, so their count "
    "of parameters is smaller by one number a unit and gate."
)


def check_state(state: TensorType | None, port: str, size: int) -> None:
    """Raises Fault where a state that is wired from outside has not the size that it must have."""
    if state is None:
        return
    if not state.is_vector:
        raise unfit(port, f"a vector of {counted(size, 'number')}", state)
    if state.sizes != (size,):
        raise Fault(
            "unequal_width",
            f"its state holds {counted(size, 'number')}, but {state.sizes[0]:,} arrive to begin with.",
            port=port,
            remedies=[
                Insert(port, "linear", f"Insert a Linear layer to {counted(size, 'unit')}", {"units": size}),
                Widen(port, size, f"Make what arrives {size} wide"),
            ],
        )


LSTM_BENDS = 9
"""Operations of an LSTM for each unit and step: three sigmoids, two tanh, three products, a sum."""
GRU_BENDS = 9
"""Of a GRU: two sigmoids, a tanh, r ⊙ and its sum, 1 − z, two products, their sum."""


class Recurrent(Layer):
    """Base of the recurrent layers: x float[T t, D d] → y float[T t, D n·units], or float[D n·units] of the last step.

    n is 2 where it reads in both directions. Every state is one vector of layers·n·units numbers, the lowest layer
    first, in each forwards before backwards; what begins and what ends have the same order, so that a decoder can go
    on where an encoder stopped. With a mask, steps without a token are passed over as if they were not there: their
    outputs are 0 and no state sees them.
    """

    family: ClassVar[Family] = "recurrent"
    width: ClassVar[str | None] = "units"
    gates: ClassVar[int] = 1
    """Rows of weights a unit: one weighted sum each."""
    bends: ClassVar[int] = 1
    """Operations a unit and step besides the weighted sums."""
    states: ClassVar[tuple[str, ...]] = ("h",)
    views: ClassVar[tuple[str, ...]] = ("states",)

    units: int = Field(32, ge=1, le=65_536, title="Units", description="How many numbers the state holds.")
    layers: int = Field(
        1, ge=1, le=8, title="Layers", description="How many are stacked: each reads the outputs of the one below."
    )
    bidirectional: bool = Field(
        False, title="Both directions", description="A second one reads from the end; their outputs stand side by side."
    )
    give: Literal["every", "last"] = Field(
        "every",
        title="Gives",
        description="The output of every step (many to many), or only of the last (many to one).",
        json_schema_extra={"labels": ["Every step", "Last step"]},
    )
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.99,
        title="Dropout",
        description="Share of the numbers between two layers that is switched off while training.",
        json_schema_extra={"step": 0.05},
    )
    bias: bool = Field(True, title="Bias", description="Add learned numbers to every weighted sum.")

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def state(self) -> int:
        """Numbers in a state."""
        return self.layers * self.directions * self.units

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_sequence:
            remedies: list[Remedy] = []
            if x.is_vector:
                remedies = [Insert("x", "repeat", "Repeat it along time", {"times": 8})]
            raise unfit("x", "a sequence of vectors", x, remedies)
        for port in self.states:
            check_state(inputs.get(f"{port}0"), f"{port}0", self.state)
        check_mask(inputs.get("mask"), x, "the sequence")
        wide = self.directions * self.units
        y = replace(x.resized(D=wide), meaning="") if self.give == "every" else vector(wide)
        return {"y": y, **dict.fromkeys(self.states, vector(self.state))}

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        if not self.dropout or self.layers > 1:
            return ()
        return [
            Warn(
                "no_dropout",
                "its dropout acts between two layers, and there is only one.",
                hint="Put a Dropout layer behind it, or stack a second layer.",
                field="dropout",
                remedies=(
                    SetField("layers", 2, "Stack 2 layers"),
                    SetField("dropout", 0.0, "Set dropout to 0"),
                ),
            )
        ]

    def _reads(self, inputs: Inputs) -> list[int]:
        """How many numbers a step of each layer reads."""
        return [inputs["x"].sizes[1], *[self.directions * self.units] * (self.layers - 1)]

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        tall = self.gates * self.units
        shapes: dict[str, tuple[int, ...]] = {}
        for number, wide in enumerate(self._reads(inputs)):
            for end in ("", "_reverse")[: self.directions]:
                shapes[f"weight_ih_l{number}{end}"] = (tall, wide)
                shapes[f"weight_hh_l{number}{end}"] = (tall, self.units)
                if self.bias:
                    shapes[f"bias_ih_l{number}{end}"] = (tall,)
                    shapes[f"bias_hh_l{number}{end}"] = (tall,)
        return shapes

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        each = sum(self.gates * self.units * (wide + self.units) for wide in self._reads(inputs))
        return inputs["x"].sizes[0] * self.directions * each

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return inputs["x"].sizes[0] * self.state * self.bends

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        t, h = inputs["x"].sizes[0], self.units
        gates = rf"{self.gates} \cdot " if self.gates > 1 else ""
        ways = r"2 \cdot " if self.bidirectional else ""
        bias = rf" + 2 \cdot {tex(h)}" if self.bias else ""
        lines = []
        for number, wide in enumerate(self._reads(inputs)):
            of = f" of layer {number + 1}" if self.layers > 1 else ""
            weights = rf"{tex(h)} \cdot ({tex(wide)} + {tex(h)})"
            count = self.directions * self.gates * (h * (wide + h) + (2 * h if self.bias else 0))
            held = rf"({weights}{bias})" if bias else weights
            lines.append((f"parameters{of}", rf"{ways}{gates}{held} = {tex(count)}"))
        total = self.macs(inputs, outputs)
        same = self.layers == 1
        each = rf"{ways}{gates}{tex(h)} \cdot ({tex(self._reads(inputs)[0])} + {tex(h)})" if same else tex(total // t)
        return rows(*lines, ("multiply-adds", rf"{tex(t)} \cdot {each} = {tex(total)}"))

    def summary(self) -> str:
        parts = [counted(self.units, "unit")]
        parts += [f"{self.layers} layers"] if self.layers > 1 else []
        parts += ["both ways"] if self.bidirectional else []
        parts += ["last step"] if self.give == "last" else []
        return ", ".join(parts)

    def _settings(self) -> dict[str, tuple[Any, Any]]:
        """Arguments of the module's constructor, each with its default."""
        return {
            "last": (self.give == "last", False),
            "num_layers": (self.layers, 1),
            "bias": (self.bias, True),
            # With a single layer torch has nowhere to put it, and says so.
            "dropout": (self.dropout if self.layers > 1 else 0.0, 0.0),
            "bidirectional": (self.bidirectional, False),
        }

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class Steps(nn.RNNBase):
            """What recurrent layers share: the batch first, every state one vector, steps without a token left out."""

            def __init__(self, width: int, units: int, last: bool = False, **settings: Any) -> None:
                super().__init__(width, units, batch_first=True, **settings)
                self.last = last

            def begin(self, x: Tensor, state: Tensor | None) -> Tensor:
                """(B, layers·n·units) or nothing → (layers·n, B, units)."""
                count = self.num_layers * (2 if self.bidirectional else 1)
                if state is None:
                    return x.new_zeros(count, len(x), self.hidden_size)
                return state.unflatten(1, (count, self.hidden_size)).transpose(0, 1).contiguous()

            def read(self, x: Tensor, mask: Tensor | None, *states: Tensor | None) -> tuple[Tensor, ...]:
                """All outputs (B, T, n·units) or the last, then every state at the end (B, layers·n·units)."""
                begun = tuple(self.begin(x, state) for state in states)
                if mask is not None:
                    x = x.masked_fill(~mask[:, :, None], 0.0)
                if mask is None or mask.is_meta:  # a mask without content leaves nothing out
                    y, ended = super().forward(x, begun if len(begun) > 1 else begun[0])
                else:
                    y, ended = self.packed(x, mask, begun)
                ended = ended if isinstance(ended, tuple) else (ended,)
                found = [state.transpose(0, 1).flatten(1) for state in ended]
                if self.last:  # the top layer's state; backwards, the last step read is the first of the sequence
                    y = found[0][:, -self.hidden_size * (2 if self.bidirectional else 1) :]
                return (y, *found)

            def packed(self, x: Tensor, mask: Tensor, begun: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
                """The same over the steps that have a token only."""
                order = (~mask).int().argsort(dim=1, stable=True)  # (B, T): those with a token first
                kept = x.gather(1, order[:, :, None].expand_as(x))
                lengths = mask.sum(1).clamp(min=1).cpu()
                packed = nn.utils.rnn.pack_padded_sequence(kept, lengths, batch_first=True, enforce_sorted=False)
                y, ended = super().forward(packed, begun if len(begun) > 1 else begun[0])
                y, _ = nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])
                y = y.gather(1, order.argsort(1)[:, :, None].expand_as(y)).masked_fill(~mask[:, :, None], 0.0)
                # Where there is no token at all, the state stays as it was.
                some = mask.any(1)[None, :, None]
                ended = ended if isinstance(ended, tuple) else (ended,)
                return y, tuple(torch.where(some, new, old) for new, old in zip(ended, begun, strict=True))

        class RNN(Steps, nn.RNN):
            """A recurrent network: h = tanh(W x + U h + b), or with ReLU."""

            def forward(self, x: Tensor, h: Tensor | None = None, mask: Tensor | None = None) -> tuple[Tensor, ...]:
                return self.read(x, mask, h)

        class LSTM(Steps, nn.LSTM):
            """A long short-term memory: its cell keeps what the forget gate lets through."""

            def forward(
                self, x: Tensor, h: Tensor | None = None, c: Tensor | None = None, mask: Tensor | None = None
            ) -> tuple[Tensor, ...]:
                return self.read(x, mask, h, c)

            def gates(
                self, x: Tensor, h: Tensor | None = None, c: Tensor | None = None, mask: Tensor | None = None
            ) -> dict[str, Tensor]:
                """How far every gate of the first layer is open, reading forwards: (B, T, units) each, 0 to 1."""
                weights = [*self.all_weights[0], None, None][:4]
                state, cell, opened = self.begin(x, h)[0], self.begin(x, c)[0], []
                for step in x.unbind(1):
                    sums = F.linear(step, weights[0], weights[2]) + F.linear(state, weights[1], weights[3])
                    opened.append(sums.sigmoid())
                    state, cell = torch.lstm_cell(step, (state, cell), *weights)
                keep, forget, _, out = torch.stack(opened, 1).chunk(4, 2)
                return {"input": keep, "forget": forget, "output": out}

        class GRU(Steps, nn.GRU):
            """A gated recurrent unit: z says how much of the old state stays."""

            def forward(self, x: Tensor, h: Tensor | None = None, mask: Tensor | None = None) -> tuple[Tensor, ...]:
                return self.read(x, mask, h)

            def gates(self, x: Tensor, h: Tensor | None = None, mask: Tensor | None = None) -> dict[str, Tensor]:
                """How far every gate of the first layer is open, reading forwards: (B, T, units) each, 0 to 1."""
                weights = [*self.all_weights[0], None, None][:4]
                state, opened = self.begin(x, h)[0], []
                for step in x.unbind(1):
                    sums = F.linear(step, weights[0], weights[2]) + F.linear(state, weights[1], weights[3])
                    opened.append(sums.sigmoid())
                    state = torch.gru_cell(step, state, *weights)
                reset, update, _ = torch.stack(opened, 1).chunk(3, 2)
                return {"reset": reset, "update": update}

        kinds: dict[str, type[Steps]] = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
        settings = {name: value for name, (value, _) in self._settings().items()}
        return kinds[type(self).__name__](inputs["x"].sizes[1], self.units, **settings)

    def source(self, inputs: Inputs) -> Source:
        name = type(self).__name__
        return Source(call(name, inputs["x"].sizes[1], self.units, **self._settings()), classes=("Steps", name))


SEQUENCE = Port("x", "Sequence")
MASK = Port("mask", "Mask", optional=True)
OUTPUTS = Port("y", "Outputs")
BOTH_ENDS = (
    "Reading in both directions, the output at the last place is no summary: the one that reads backwards has seen a "
    "single token there. “Last step” gives the end of each direction instead, after both have read everything."
)


@register
class RNN(Recurrent):
    """Elman's network (1990): units·(d + units) + 2·units parameters; d 10 and 20 units have 640 (C-029)."""

    type = "rnn"
    title = "RNN"
    sentence = "Reads a sequence step by step; every new state is made of the old one and what is read."
    formula = r"h_t = \tanh(W x_t + b + U h_{t-1} + b')"
    icon = "iteration-cw"
    aliases = ("recurrent", "vanilla rnn", "elman", "many to many", "many to one", "sequence", "bidirectional")
    purposes = ("read a sequence", "remember")
    inputs = (SEQUENCE, Port("h0", "First state", optional=True), MASK)
    outputs = (OUTPUTS, Port("h", "Last state"))
    beware = (
        TWO_BIASES,
        "All steps use the same weights: a longer sequence costs more multiply-adds, but not one more parameter.",
        BOTH_ENDS,
    )
    examples = (
        Example(
            "A single 1 is read and then remembered ever more faintly: tanh(1) = .7616, tanh(.5 · .7616) = .3634.",
            inputs={"x": [[1], [0]]},
            fields={"units": 1},
            weights={"weight_ih_l0": [[1]], "weight_hh_l0": [[0.5]], "bias_ih_l0": [0], "bias_hh_l0": [0]},
            outputs={"y": [[0.7616], [0.3634]], "h": [0.3634]},
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
class LSTM(Recurrent):
    """Hochreiter and Schmidhuber 1997, with a forget gate: 4·(units·(d + units) + 2·units) parameters; d 10 and 20
    units have 2,560 (C-029)."""

    type = "lstm"
    title = "LSTM"
    sentence = "A recurrent layer with a memory of its own: gates decide what it writes, keeps and tells."
    formula = (
        r"\begin{aligned} i, f, o &= \sigma(W x_t + U h_{t-1} + b), \quad g = \tanh(W_g x_t + U_g h_{t-1} + b_g) \\ "
        r"c_t &= f \odot c_{t-1} + i \odot g, \quad h_t = o \odot \tanh c_t \end{aligned}"
    )
    icon = "iteration-cw"
    aliases = ("long short-term memory", "recurrent", "many to many", "many to one", "bilstm", "bidirectional")
    purposes = ("read a sequence", "remember for long")
    inputs = (
        SEQUENCE,
        Port("h0", "First state", optional=True),
        Port("c0", "First cell", optional=True),
        MASK,
    )
    outputs = (OUTPUTS, Port("h", "Last state"), Port("c", "Last cell"))
    gates = 4
    bends = LSTM_BENDS
    states = ("h", "c")
    views = ("matrix", "states")
    beware = (
        TWO_BIASES,
        "Torch's rows of weights are in the order input gate, forget gate, cell, output gate.",
        "The output is h, the state; the cell c stays inside unless it is wired.",
        BOTH_ENDS,
    )
    examples = (
        Example(
            "All weights 0: every gate stands half open, so half of the cell is kept, and half of tanh(.5) is told.",
            inputs={"x": [[0]], "h0": [0], "c0": [1]},
            fields={"units": 1},
            weights={
                "weight_ih_l0": [[0]] * 4,
                "weight_hh_l0": [[0]] * 4,
                "bias_ih_l0": [0] * 4,
                "bias_hh_l0": [0] * 4,
            },
            outputs={"c": [0.5], "h": [0.23106], "y": [[0.23106]]},
        ),
    )


@register
class GRU(Recurrent):
    """Cho et al. 2014: 3·(units·(d + units) + 2·units) parameters; d 10 and 20 units have 1,920 (C-029)."""

    type = "gru"
    title = "GRU"
    sentence = "A recurrent layer with two gates: how much of the old state it looks at, and how much of it stays."
    formula = (
        r"\begin{aligned} r, z &= \sigma(W x_t + U h_{t-1} + b), \quad n = \tanh(W_n x_t + b_n + "
        r"r \odot (U_n h_{t-1} + b'_n)) \\ h_t &= (1 - z) \odot n + z \odot h_{t-1} \end{aligned}"
    )
    icon = "iteration-cw"
    aliases = ("gated recurrent unit", "recurrent", "many to many", "many to one", "bidirectional")
    purposes = ("read a sequence", "remember for long")
    inputs = (SEQUENCE, Port("h0", "First state", optional=True), MASK)
    outputs = (OUTPUTS, Port("h", "Last state"))
    gates = 3
    bends = GRU_BENDS
    views = ("matrix", "states")
    beware = (
        "In torch z is the share of the old state that stays; many books mean by z the share of the new one. It is the "
        "same network with z and 1 − z exchanged.",
        "Torch's reset gate acts on what the weights made of the old state, not on the state before the weights.",
        TWO_BIASES,
        BOTH_ENDS,
    )
    examples = (
        Example(
            "All weights 0: z = ½, so half of the old state stays at every step.",
            inputs={"x": [[0], [0]], "h0": [1]},
            fields={"units": 1},
            weights={
                "weight_ih_l0": [[0]] * 3,
                "weight_hh_l0": [[0]] * 3,
                "bias_ih_l0": [0] * 3,
                "bias_hh_l0": [0] * 3,
            },
            outputs={"y": [[0.5], [0.25]], "h": [0.25]},
        ),
    )


@register
class Repeat(Layer):
    """float[D d] → float[T times, D d], or as many steps as ``like`` has."""

    type = "repeat"
    title = "Repeat along time"
    family: ClassVar[Family] = "recurrent"
    per_number: ClassVar[int] = 0
    sentence = "Gives the same vector at every step, so that one thing can become a sequence."
    formula = r"y_t = x, \quad t = 1, \dots, T"
    icon = "repeat-2"
    purposes = ("make a sequence of one vector",)
    aliases = ("one to many", "repeat vector", "tile", "broadcast", "expand")
    inputs = (Port("x", "Vector"), Port("like", "As long as", optional=True, shape_only=True))
    keeps_width = True
    examples = (
        Example(
            "One vector becomes three equal steps.",
            inputs={"x": [2, 5]},
            fields={"times": 3},
            outputs={"y": [[2, 5], [2, 5], [2, 5]]},
        ),
    )

    times: int = Field(
        8,
        ge=1,
        le=4096,
        title="Steps",
        description="How many times; not used where “As long as” is wired.",
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x, like = inputs["x"], inputs.get("like")
        if not x.is_vector:
            raise unfit("x", "a vector", x)
        if like is None:
            return {"y": TensorType(axes=(Axis("T", self.times), *x.axes))}
        if like.element == "boxes" or like.names[:1] != ("T",):
            raise unfit("like", "a sequence", like)
        return {"y": TensorType(axes=(like.axes[0], *x.axes))}

    def summary(self) -> str:
        return counted(self.times, "step")

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class Repeat(nn.Module):
            """(B, D) → (B, T, D), T as given or as long as another sequence."""

            def __init__(self, times: int) -> None:
                super().__init__()
                self.times = times

            def forward(self, x: Tensor, like: Tensor | None = None) -> Tensor:
                return x[:, None].expand(-1, self.times if like is None else like.shape[1], -1)

        return Repeat(self.times)

    def source(self, inputs: Inputs) -> Source:
        if inputs.get("like") is None:
            return Source(call=f"{{0}}[:, None].expand(-1, {self.times}, -1)")
        return Source(call="{0}[:, None].expand(-1, {1}.shape[1], -1)")
