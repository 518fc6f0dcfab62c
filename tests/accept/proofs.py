"""What is proved by tests, as rows of the table: each runs its tests and says how many passed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROOFS = {
    "oracle, every layer": ("≥ 20 settings a layer equal torch", ["tests/layers/test_oracle.py"]),
    "oracle, random graphs": ("500 agree with torch", ["tests/graph/test_oracle.py"]),
    "bad input": ("a clear refusal each, server alive", ["tests/server/test_bad_input.py", "tests/cli"]),
    "resume": (
        "identical weights after kills",
        ["tests/training/test_checkpoint.py", "tests/runtime/test_training.py"],
    ),
    "two on one board, one run": ("the journeys pass", ["tests/e2e/test_together.py"]),
    "runs outlive page, worker, server": ("the journeys pass", ["tests/e2e/test_train.py"]),
    "axe, WCAG 2.2 AA": ("0 violations", ["tests/e2e/test_access.py"]),
    "the web process": ("never imports torch", ["tests/structure"]),
}


def main() -> int:
    worst = 0
    for name, (asked, paths) in PROOFS.items():
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--no-header", *paths], cwd=ROOT, capture_output=True, text=True
        )
        closing = next((line for line in reversed(done.stdout.splitlines()) if re.search(r"\d+ \w+", line)), "no test")
        print(f"{name} | {asked} | {closing.strip('= ')}", flush=True)
        worst = max(worst, done.returncode)
        if done.returncode:
            print(done.stdout[-4000:], file=sys.stderr)
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
