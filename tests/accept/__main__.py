"""``make accept``: every figure that the product promises, asked and got. Takes minutes and wants an idle machine."""

from pathlib import Path

from tests.report import report

HERE = Path(__file__).parent
raise SystemExit(report("What must be shown", HERE, HERE.parent / "bench"))
