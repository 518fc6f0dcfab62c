"""What a person says of a run, what it costs, and sweeps.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("note", sa.Text, nullable=False, server_default=""))
    op.add_column("runs", sa.Column("star", sa.Integer, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("sweep", sa.String(32), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("place", sa.Integer, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("parameters", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("macs", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("extremes", sa.Text, nullable=False, server_default="{}"))
    op.create_index("ix_runs_sweep", "runs", ["sweep"])
    op.create_table(
        "sweeps",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("board", sa.String(32), nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("cut", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sweeps"),
        sa.ForeignKeyConstraint(["board"], ["boards.id"], name="fk_sweeps_board", ondelete="CASCADE"),
    )
    op.create_index("ix_sweeps_board_created", "sweeps", ["board", "created"])
    op.create_index("ix_sweeps_state", "sweeps", ["state"])
