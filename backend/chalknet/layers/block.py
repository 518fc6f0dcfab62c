"""The ports of a block. They pass on what arrives, so that inside and outside of a block are one graph.

Where a block runs over time, a port does more: it cuts a sequence into its steps, holds a state, or collects what every
step gives. ``over_time.py`` has these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import Family, Inputs, Layer, Port, Source, TensorType, register

if TYPE_CHECKING:
    from torch import nn


class BlockPort(Layer):
    """Base of a block's ports: an identity. ``order`` sorts the ports of one side; ties are sorted by the node's id.

    The first output of a repeated block feeds the first input of its next copy.
    """

    family: ClassVar[Family] = "block"
    per_number: ClassVar[int] = 0
    keeps_width: ClassVar[bool] = True
    rearranges: ClassVar[bool] = True
    passes: ClassVar[bool] = True
    """It gives what arrives, neither cut nor collected."""

    order: int = Field(
        0, ge=0, le=1000, title="Place", description="Ports stand in this order; the first ones chain a repeated block."
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        return {"y": inputs["x"]}

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.Identity()

    def source(self, inputs: Inputs) -> Source:
        return Source(call="{0}")


@register
class BlockInput(BlockPort):
    """Where a wire enters a block."""

    type = "block_input"
    title = "Block input"
    sentence = "Where a wire enters the block; its name is the name of the block's port."
    formula = "x"
    icon = "log-in"
    aliases = ("port", "argument")
    inputs: ClassVar[tuple[Port, ...]] = (Port("x", "From outside"),)

    optional: bool = Field(
        False, title="May stay empty", description="Whether an instance may leave this port without a wire."
    )
    state: str = Field(
        "",
        max_length=64,
        examples=["", "next"],
        title="State fed by",
        description="Over time: the block's output that comes back here at the next step. Empty: no state.",
    )
    units: int = Field(
        16,
        ge=1,
        le=65_536,
        title="Size of the state",
        description="Over time: how many zeros the state begins with, where no wire brings its first value.",
    )
    cut: bool = Field(
        False,
        title="Cut in steps",
        description="Over time: each step gets its own part of this sequence. The first input always is cut.",
    )
    mask: bool = Field(
        False,
        title="Mask of the steps",
        description="Over time: true where a step counts. At the others states stay, and outputs are 0.",
    )


@register
class BlockOutput(BlockPort):
    """Where a wire leaves a block."""

    type = "block_output"
    title = "Block output"
    sentence = "Where a wire leaves the block; its name is the name of the block's port."
    formula = "y"
    icon = "log-out"
    aliases = ("port", "result", "return")
    inputs: ClassVar[tuple[Port, ...]] = (Port("x", "From inside"),)
    outputs = (Port("y", "To outside"),)

    give: Literal["every", "last"] = Field(
        "every",
        title="Gives",
        description="Over time: the values of all steps as a sequence, or only that of the last step.",
        json_schema_extra={"labels": ["Every step", "Last step"]},
    )
