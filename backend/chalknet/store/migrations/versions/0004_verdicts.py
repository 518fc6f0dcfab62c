"""When test samples were opened, and what people call a network's mistakes.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "openings",
        sa.Column("board", sa.String(32), nullable=False),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("opened", sa.Float, nullable=False),
        sa.Column("trained", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("board", "run", name="pk_openings"),
        sa.ForeignKeyConstraint(["board"], ["boards.id"], name="fk_openings_board", ondelete="CASCADE"),
    )
    op.create_table(
        "tags",
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("sample", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("tag", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("run", "part", "sample", "tag", name="pk_tags"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_tags_run", ondelete="CASCADE"),
    )
