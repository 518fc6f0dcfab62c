"""Runs measuring scripts one after another and gathers their rows, ``row | asked | got``, into one table."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table


def report(title: str, *folders: Path) -> int:
    """Runs every script of the folders (or those named on the command line); returns 1 if one of them failed."""
    chosen = sys.argv[1:]
    scripts = [path for folder in folders for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")]
    if chosen:
        unknown = set(chosen) - {path.stem for path in scripts}
        if unknown:
            print(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(path.stem for path in scripts)}.")
            return 2
        scripts = [path for path in scripts if path.stem in chosen]
    rows: list[list[str]] = []
    failed = []
    for script in scripts:
        print(f"── {script.stem} ──", flush=True)
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", f"tests.{script.parent.name}.{script.stem}"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        for line in process.stdout:
            print("   " + line, end="", flush=True)
            cells = [cell.strip() for cell in line.split(" | ")]
            if len(cells) == 3 and cells != ["row", "asked", "got"]:
                rows.append(cells)
        if process.wait():
            failed.append(script.stem)
            rows.append([script.stem, "runs", f"failed with status {process.returncode}"])
        print(f"   ({time.perf_counter() - start:.0f} s)", flush=True)
    table = Table(title=title)
    for name in ("row", "asked", "got"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0
