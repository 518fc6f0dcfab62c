"""``make bench``: the budgets of the house, each measured here and now, speed as a ratio to its reference."""

from pathlib import Path

from tests.report import report

raise SystemExit(report("Budgets", Path(__file__).parent))
