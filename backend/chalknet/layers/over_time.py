"""The ports of a block that runs over time. They are made where a board is unrolled, and stand in no palette.

Inside, everything is of one step. ``steps`` brings the sequences that are cut, ``after`` whatever must be known before:
every output waits for all inputs, since what it gives at one step may come from any of them through a state.
"""

from __future__ import annotations

from typing import ClassVar

from chalknet.layers.base import Axis, Fault, Inputs, Insert, Port, Remedy, TensorType, Widen, vector
from chalknet.layers.block import BlockInput, BlockOutput
from chalknet.layers.words import counted, named, unfit

STEPS = Port("steps", many=True, optional=True)
AFTER = Port("after", many=True, optional=True)


def time(kind: TensorType) -> Axis | None:
    """The axis that is cut in steps."""
    return kind.axes[0] if kind.names[:1] == ("T",) and kind.element != "boxes" else None


class CutInput(BlockInput):
    """float[T t, D d] outside is float[D d] inside; index<n>[T t] is index<n>[]."""

    passes: ClassVar[bool] = False

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if time(x) is None:
            ways: list[Remedy] = []
            if x.is_vector:
                ways = [Insert("x", "repeat", "Repeat it along time", {"times": 8})]
            raise unfit(
                "x", "a sequence, since the block runs over time", x, ways, hint="Its first input is cut in steps."
            )
        return {"y": TensorType(x.element, x.axes[1:], x.classes, x.meaning)}


class MaskInput(CutInput):
    """bool[T t]: true where a step counts, false where a shorter sequence is padded. There every state stays as it is,
    an output of every step is 0, and the last step is the last one that counts: as torch's packed sequences."""

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "bool" or x.names != ("T",):
            raise Fault(
                "kind",
                f"its mask needs to be true where a step counts; {named(x)} arrives.",
                hint="Wire the mask of the data to it.",
                port="x",
            )
        return {"y": TensorType("bool")}


class SameInput(BlockInput):
    """The same at every step."""

    inputs: ClassVar[tuple[Port, ...]] = (Port("x", "From outside"), STEPS)


class StateInput(BlockInput):
    """What the step before gave; at the first what is wired to it, or ``units`` zeros."""

    inputs: ClassVar[tuple[Port, ...]] = (Port("x", "First value", optional=True), STEPS)
    keeps_width: ClassVar[bool] = False
    passes: ClassVar[bool] = False
    width: ClassVar[str | None] = "units"

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        return {"y": inputs.get("x") or vector(self.units)}


class StepOutput(BlockOutput):
    """The values of all steps, float[D d] inside is float[T t, D d] outside, or that of the last one as it is.

    ``states`` are the states that it feeds: what comes back must be what was there.
    """

    passes: ClassVar[bool] = False
    inputs: ClassVar[tuple[Port, ...]] = (
        Port("x", "From inside"),
        STEPS,
        Port("states", many=True, optional=True),
        AFTER,
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        for wire, state in enumerate(inputs.all("states")):
            if (state.element, state.axes, state.classes) != (x.element, x.axes, x.classes):
                raise self._unequal(x, state, wire)
        sequences = inputs.all("steps")
        lengths = sorted({axis.size for each in sequences if (axis := time(each)) is not None})
        if len(lengths) > 1:
            raise Fault(
                "unequal_length",
                f"the block runs over sequences of {' and '.join(map(str, lengths))} steps, which must be equal.",
                hint="Cut only sequences of one length.",
                port="steps",
            )
        along = next((axis for each in sequences if (axis := time(each)) is not None), None)
        if along is None or self.give == "last":
            return {"y": x}
        if x.element in ("boxes", "place") or "T" in x.names:
            raise Fault(
                "kind",
                f"every step gives {named(x)}, and of these no sequence is made.",
                hint="Give its last step only, or take a mean inside.",
                port="x",
            )
        return {"y": TensorType(x.element, (along, *x.axes), x.classes)}

    def _unequal(self, x: TensorType, state: TensorType, wire: int) -> Fault:
        ways: list[Remedy] = []
        if x.is_vector and state.is_vector:
            ways = [
                Widen("states", x.sizes[0], f"Let the state hold {counted(x.sizes[0], 'number')}"),
                Widen("x", state.sizes[0], f"Make what comes back {state.sizes[0]} wide"),
            ]
        return Fault(
            "state_differs",
            f"the next state is {named(x)}, but the state that it feeds is {named(state)}.",
            hint="A state has the same shape at every step.",
            port="states" if ways else "x",
            wire=wire if ways else 0,
            remedies=ways,
        )
