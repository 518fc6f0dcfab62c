"""Rows that are typed in."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chalknet.datasets.base import Split
from chalknet.datasets.rows import Rows
from chalknet.layers.base import Fault


def test_rows_apart_by_lines_or_semicolons() -> None:
    """C-031: whole numbers, decimals and fractions; the same table either way."""
    lines, one = Rows(table="1 2 3\n4 5 1/2"), Rows(table="1, 2, 3; 4, 5, 0.5")
    assert lines.held() == one.held() == [[1, 2, 3], [4, 5, 0.5]]
    parts = lines.load(Split(validation=0, test=0))
    assert parts["train"]["x"].tolist() == [[1, 2], [4, 5]]
    assert parts["train"]["y"].tolist() == [[3], [0.5]]
    assert parts["validation"]["x"].shape == (0, 2)
    assert (lines.count(), lines.schema()["x"].numel, lines.schema()["y"].numel) == (2, 2, 1)


@pytest.mark.parametrize("table", ["", "1 2\n3", "1 zwei", "1e9 2", "\n".join(["1 2"] * 101)])
def test_what_cannot_be_read_is_refused_in_words(table: str) -> None:
    with pytest.raises(ValidationError):
        Rows(table=table)


def test_a_row_must_hold_something_to_go_by() -> None:
    with pytest.raises(Fault) as fault:
        Rows(table="1 2; 3 4", wanted=2).schema()
    assert "2 numbers in a row and 2 of them wanted" in fault.value.message
    assert [remedy.value for remedy in fault.value.remedies] == [1]
