"""What every source has in common that reads a data set from the shelf: one's own, or one that comes with the house."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field

from chalknet.datasets import shelf
from chalknet.datasets.base import DataSource
from chalknet.datasets.shelf import About, Kind
from chalknet.layers.base import Fault, SetField

MISSING = "data_missing"

TITLES: dict[Kind, str] = {"table": "a table", "images": "pictures", "text": "a text", "arrays": "arrays"}


def file_name(about: About) -> str:
    """What a data set's arrays are called as a file, as the data page hands it out."""
    plain = re.sub(r"[^a-z0-9]+", "-", about.name.rpartition("/")[2].lower()).strip("-")
    return f"{plain[:60] or 'data'}.npz"


class Own(DataSource):
    """Base: ``data`` is the id of a data set of the kind that the source reads."""

    reads: ClassVar[Kind]

    data: str = Field(
        "",
        max_length=32,
        title="Data set",
        description="Which one: chosen on the data page, or the name of one that comes with Chalknet.",
    )

    def about(self) -> About | None:
        found = shelf.find(self.data)
        return found if found is not None and found.kind == self.reads else None

    def there(self) -> About:
        """What is known of the data set. Raises Fault where it is not to be had."""
        found = shelf.find(self.data)
        if found is not None and found.kind == self.reads:
            return found
        usual = type(self).model_fields["data"].default
        if found is not None:
            message = f"reads {TITLES[self.reads]}, but {found.name} is {TITLES[found.kind]}."
            hint = "Choose another data set, or use the source that reads this kind."
        elif not self.data:
            message, hint = "has no data set yet.", "Choose one on the data page, or bring your own."
        elif (known := shelf.by_name(self.data)) is not None:
            message = f"wants {known}, which is not on this machine yet."
            hint = "Fetch it on the data page, or upload the same files there."
        else:
            message = "wants a data set that is not here: it was deleted, or lies on another server."
            hint = "Upload the same file again on the data page and choose it here."
        remedy = SetField("data", usual, f"Use {usual} instead")
        raise Fault(MISSING, message, hint=hint, field="data", remedies=[remedy] if self.data != usual else [])

    def file(self) -> str:
        """What its arrays are called as a file."""
        return file_name(self.there())

    def count(self) -> int:
        found = self.about()
        return found.count if found is not None else 0

    def class_names(self) -> list[str]:
        found = self.about()
        return found.classes if found is not None else []
