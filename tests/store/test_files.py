"""Folders of runs: only under the data directory, whatever the name."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalknet.store.files import Files
from chalknet.store.ids import PATTERN, new_id


def test_folders(tmp_path: Path) -> None:
    files = Files(tmp_path / "data")
    files.open()
    files.open()
    run = new_id()
    assert files.run(run) == tmp_path / "data" / "runs" / run
    files.run(run).mkdir()
    (files.run(run) / "events.jsonl").write_text("x")
    files.remove_run(run)
    files.remove_run(run)
    assert not files.run(run).exists() and files.cache.is_dir()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0, "nobody else reads it"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "x" * 21, "A" * 20, "2" * 19 + "\n", "/etc", "2" * 19 + "\0"]
)
def test_names_that_the_server_never_gave(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no run"):
        Files(tmp_path).run(name)


def test_ids_are_not_guessed() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000 and all(PATTERN.fullmatch(one) for one in ids)
