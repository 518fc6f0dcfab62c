"""Classes: who is in them, what was handed out, whose board is whose.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "classes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("code_ends", sa.Float, nullable=False),
        sa.Column("locked", sa.Integer, nullable=False),
        sa.Column("by_hand", sa.Integer, nullable=False),
        sa.Column("frozen", sa.Integer, nullable=False),
        sa.Column("spotlight", sa.Text, nullable=False),
        sa.Column("lit", sa.String(32), nullable=False),
        sa.Column("keep_days", sa.Integer, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("used", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_classes"),
        sa.UniqueConstraint("code", name="uq_classes_code"),
    )
    op.create_index("ix_classes_used", "classes", ["used"])
    op.create_index("ix_classes_lit", "classes", ["lit"])
    op.create_table(
        "class_members",
        sa.Column("class_id", sa.String(32), nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("standing", sa.String(8), nullable=False),
        sa.Column("card", sa.String(64), nullable=False),
        sa.Column("joined", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("class_id", "person", name="pk_class_members"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_class_members_class_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_class_members_person", ondelete="CASCADE"),
    )
    op.create_index("ix_class_members_person", "class_members", ["person"])
    op.create_table(
        "handouts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("class_id", sa.String(32), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handouts"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_handouts_class_id", ondelete="CASCADE"),
    )
    op.create_index("ix_handouts_class_id", "handouts", ["class_id"])
    op.create_table(
        "class_boards",
        sa.Column("board", sa.String(32), nullable=False),
        sa.Column("class_id", sa.String(32), nullable=False),
        sa.Column("handout", sa.String(32), nullable=False),
        sa.Column("group_name", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("board", name="pk_class_boards"),
        sa.ForeignKeyConstraint(["board"], ["boards.id"], name="fk_class_boards_board", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_class_boards_class_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["handout"], ["handouts.id"], name="fk_class_boards_handout", ondelete="CASCADE"),
    )
    op.create_index("ix_class_boards_class_id", "class_boards", ["class_id"])
    op.create_index("ix_class_boards_handout", "class_boards", ["handout"])
    op.create_table(
        "class_seats",
        sa.Column("board", sa.String(32), nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("board", "person", name="pk_class_seats"),
        sa.ForeignKeyConstraint(["board"], ["class_boards.board"], name="fk_class_seats_board", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_class_seats_person", ondelete="CASCADE"),
    )
    op.create_index("ix_class_seats_person", "class_seats", ["person"])
