"""People, boards with their updates and snapshots, runs.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("color", sa.String(16), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("token", name="uq_people_token"),
    )
    op.create_table(
        "boards",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("link_role", sa.String(8), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("changed", sa.Float, nullable=False),
        sa.Column("parameters", sa.BigInteger, nullable=False),
        sa.Column("data", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_boards"),
    )
    op.create_table(
        "members",
        sa.Column("board", sa.String(32), nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("board", "person", name="pk_members"),
        sa.ForeignKeyConstraint(["board"], ["boards.id"], name="fk_members_board", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_members_person", ondelete="CASCADE"),
    )
    op.create_index("ix_members_person", "members", ["person"])
    op.create_table(
        "board_updates",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=True),
        sa.Column("board", sa.String(32), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_board_updates"),
        sa.ForeignKeyConstraint(["board"], ["boards.id"], name="fk_board_updates_board", ondelete="CASCADE"),
    )
    op.create_index("ix_board_updates_board_seq", "board_updates", ["board", "seq"])
    op.create_table(
        "board_snapshots",
        sa.Column("board", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("board", name="pk_board_snapshots"),
        sa.ForeignKeyConstraint(["board"], ["boards.id"], name="fk_board_snapshots_board", ondelete="CASCADE"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("board", sa.String(32), nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.ForeignKeyConstraint(["board"], ["boards.id"], name="fk_runs_board", ondelete="CASCADE"),
    )
    op.create_index("ix_runs_board_created", "runs", ["board", "created"])
    op.create_index("ix_runs_state", "runs", ["state"])
