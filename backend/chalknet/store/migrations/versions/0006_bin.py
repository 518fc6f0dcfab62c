"""Runs that are deleted wait in a bin.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("binned", sa.Float, nullable=False, server_default="0"))
    op.create_index("ix_runs_binned", "runs", ["binned"])
