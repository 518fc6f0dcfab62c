"""What a data source is: a layer without inputs that knows its types without loading, and loads with torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chalknet.layers.base import Family, Fault, Inputs, Layer, Port, Remedy, SetField, Source, TensorType, Window

if TYPE_CHECKING:
    from torch import Tensor

Part = Literal["train", "validation", "test"]
Parts = dict[Part, "dict[str, Tensor]"]
"""For each part, a tensor a port: first axis the samples, then the port's ``TensorType.shape``."""


MOST_STORED = 10**9
"""Bytes of samples that a data source may hold in memory."""


class Split(BaseModel):
    """How the samples are divided; fixed by its own seed, so that runs with other seeds are tested on the same
    samples."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    validation: float = Field(0.15, ge=0.0, le=0.9, title="Validation share")
    test: float = Field(0.15, ge=0.0, le=0.9, title="Test share")
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed of the split")
    drawn: Literal["classes", "exact", "chance"] = Field(
        "classes",
        title="Drawn",
        description="From each class its share, rounded; or so that the parts are as large as asked for, too, which "
        "matters where classes are small; or from all samples alike.",
        json_schema_extra={"labels": ["class by class", "by class, exactly", "by chance"]},
    )

    @model_validator(mode="after")
    def _leaves_some(self) -> Split:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave samples to train on")
        return self


class DataSource(Layer):
    """Base of every data source."""

    family: ClassVar[Family] = "data"
    per_number: ClassVar[int] = 0
    inputs: ClassVar[tuple[Port, ...]] = ()
    sample: ClassVar[Literal["points", "image", "tokens", "numbers"]]
    """How one sample is pictured; plain numbers are not."""
    parted: ClassVar[bool] = True
    """Whether its samples are divided into parts. If not, every part has all of them."""
    learned: ClassVar[bool] = False
    """Whether it has parameters: ``build`` then makes a module that is called with a batch of its samples, a tensor a
    port, and gives what leaves the node."""

    def schema(self) -> dict[str, TensorType]:
        """The type of every output port."""
        raise NotImplementedError

    def stored(self) -> int:
        """Bytes of all samples as ``load`` gives them, which stay in memory while a run lasts."""
        return self.count() * sum(port.bytes for port in self.schema().values())

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        if self.stored() > MOST_STORED:
            ways: list[Remedy] = []
            if "samples" in type(self).model_fields:
                fitting = self.count() * MOST_STORED // self.stored()
                fitting = fitting // 100 * 100 or fitting
                ways = [SetField("samples", fitting, f"Set samples to {fitting:,}")]
            raise Fault(
                "data_size",
                f"needs {self.stored() / 1e9:.1f} GB for its samples; at most {MOST_STORED / 1e9:.0f} GB fits.",
                hint="Ask for fewer or smaller samples.",
                remedies=ways,
            )
        return self.schema()

    def window(self, inputs: Inputs) -> Window:
        return Window()

    def count(self) -> int:
        """How many samples there are, all parts together."""
        raise NotImplementedError

    def class_names(self) -> list[str]:
        """Names of the classes of the target port; empty for a regression."""
        return []

    def column_names(self) -> list[str]:
        """What each number of a row is, where a sample is one and that is known."""
        return []

    def token_names(self) -> list[str]:
        """What each token index is called, where a sample is a sequence of tokens."""
        return []

    def follows(self, port: str, values: Tensor) -> dict[str, Tensor]:
        """Of a batch of somebody's own at one port, as ``prepare`` gives it: the other ports that follow from it."""
        return {}

    def fill(self) -> tuple[str, list[int]] | None:
        """What stands for a number that is missing, as ``divide`` takes it; None: the mean."""
        return None

    def made_of(self) -> dict[str, Any]:
        """The fields that decide which samples there are; others say what is done to a batch."""
        return self.model_dump()

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        """Tensors of every part, on the CPU, the same for the same fields and split.

        Whatever takes more than half a second to make is kept under ``cache`` (safetensors, written atomically) and
        ``progress`` is told a share from 0 to 1 while it is made.
        """
        raise NotImplementedError

    def prepare(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """A batch as the network wants it, on its device: pictures kept as bytes become floats here."""
        return dict(batch)

    def source(self, inputs: Inputs) -> Source:
        """How exported PyTorch makes the same samples, in a reading of ``Source`` that fits data.

        ``init``: the expression of all samples, a dict of a tensor a port; ``split.divide``, which parts them, is among
        ``functions``. ``call``: the expression that makes a batch ready as ``prepare`` does, ``{0}`` standing for the
        dict of its tensors; None where it is ready as it is. Each function's text stands alone.
        """
        raise NotImplementedError

    def module(self, inputs: Inputs) -> Source:
        """How exported PyTorch speaks of the module of a source that is ``learned``."""
        raise NotImplementedError
