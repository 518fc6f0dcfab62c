"""The tables. ``migrations/`` brings an older database to this state; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_board = ("boards.id",)

people = Table(
    "people",
    metadata,
    Column("id", String(32), primary_key=True),
    # Keyed hash of the cookie: who reads the database cannot sign in with what stands there.
    Column("token", String(64), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("color", String(16), nullable=False),
    Column("created", Float, nullable=False),
)

boards = Table(
    "boards",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("title", String(120), nullable=False),
    Column("link_role", String(8), nullable=False),
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False),
    # What a list shows without opening the board; written when the room infers.
    Column("parameters", BigInteger, nullable=False, default=0),
    Column("data", String(64), nullable=False, default=""),
)

members = Table(
    "members",
    metadata,
    Column("board", String(32), ForeignKey(*_board, ondelete="CASCADE"), primary_key=True),
    Column("person", String(32), ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(8), nullable=False),
    Index(None, "person"),
)

board_updates = Table(
    "board_updates",
    metadata,
    # SQLite counts rows only in a column that is called INTEGER.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("board", String(32), ForeignKey(*_board, ondelete="CASCADE"), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
    Index(None, "board", "seq"),
)

board_snapshots = Table(
    "board_snapshots",
    metadata,
    Column("board", String(32), ForeignKey(*_board, ondelete="CASCADE"), primary_key=True),
    # Every update up to this number is contained.
    Column("seq", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
)

# Data sets that people brought; what they hold lies in files, and never changes.
datasets = Table(
    "datasets",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(32), nullable=False),
    Column("title", String(120), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("troubled", BigInteger, nullable=False),
    Column("created", Float, nullable=False),
    Index(None, "owner", "created"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("board", String(32), ForeignKey(*_board, ondelete="CASCADE"), nullable=False),
    Column("person", String(32), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    # wire.RunSummary as JSON; what it says of state and created stands in columns too, to be searched.
    Column("summary", Text, nullable=False),
    Column("created", Float, nullable=False),
    # What a person says of it.
    Column("note", Text, nullable=False, server_default=""),
    Column("star", Integer, nullable=False, server_default="0"),
    # The sweep that started it, and which of its settings it has.
    Column("sweep", String(32), nullable=False, server_default=""),
    Column("place", Integer, nullable=False, server_default="0"),
    # What the board costs for one sample; 0 of a run from before this was kept.
    Column("parameters", BigInteger, nullable=False, server_default="0"),
    Column("macs", BigInteger, nullable=False, server_default="0"),
    # {series: [least, greatest]} as JSON.
    Column("extremes", Text, nullable=False, server_default="{}"),
    # When somebody deleted it, in seconds since 1970; until the bin is emptied it can be had back. 0: nobody has.
    Column("binned", Float, nullable=False, server_default="0"),
    Index(None, "board", "created"),
    Index(None, "state"),
    Index(None, "sweep"),
    Index(None, "binned"),
)

# When test samples were opened, and for which run; it outlives the run.
openings = Table(
    "openings",
    metadata,
    Column("board", String(32), ForeignKey(*_board, ondelete="CASCADE"), primary_key=True),
    Column("run", String(32), primary_key=True),
    Column("opened", Float, nullable=False),
    # The hash of what it trained, without the seed.
    Column("trained", String(64), nullable=False),
)

# What a person calls the mistakes of a run's network, sample by sample.
tags = Table(
    "tags",
    metadata,
    Column("run", String(32), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("part", String(16), primary_key=True),
    Column("sample", Integer, primary_key=True, autoincrement=False),
    Column("tag", String(40), primary_key=True),
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("board", String(32), ForeignKey(*_board, ondelete="CASCADE"), nullable=False),
    Column("person", String(32), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    # graph.sweep.Plan as JSON.
    Column("plan", Text, nullable=False),
    # {place: why it was not trained, or not to its end} as JSON.
    Column("cut", Text, nullable=False),
    Column("created", Float, nullable=False),
    Index(None, "board", "created"),
    Index(None, "state"),
)

classes = Table(
    "classes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("title", String(120), nullable=False),
    # Keyed hash of the code on the wall; the code itself is derived from the server's secret and ``turn``.
    Column("code", String(64), nullable=True, unique=True),
    Column("turn", Integer, nullable=False),
    Column("code_ends", Float, nullable=False),
    Column("locked", Integer, nullable=False),
    Column("by_hand", Integer, nullable=False),
    Column("frozen", Integer, nullable=False),
    # wire.classes.Spotlight as JSON, or nothing; the board stands in a column too, as it opens that board to all.
    Column("spotlight", Text, nullable=False),
    Column("lit", String(32), nullable=False),
    Column("keep_days", Integer, nullable=False),
    Column("created", Float, nullable=False),
    # When somebody was last here: what is deleted after a time counts from then.
    Column("used", Float, nullable=False),
    Index(None, "used"),
    Index(None, "lit"),
)

_class = ("classes.id",)

class_members = Table(
    "class_members",
    metadata,
    Column("class_id", String(32), ForeignKey(*_class, ondelete="CASCADE"), primary_key=True),
    Column("person", String(32), ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(8), nullable=False),
    Column("standing", String(8), nullable=False),
    # Keyed hash of the words of the return card; empty: none was made.
    Column("card", String(64), nullable=False),
    Column("joined", Float, nullable=False),
    Index(None, "person"),
)

handouts = Table(
    "handouts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("class_id", String(32), ForeignKey(*_class, ondelete="CASCADE"), nullable=False),
    Column("title", String(120), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    # The board as it was handed out last, as JSON.
    Column("document", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
    Index(None, "class_id"),
)

class_boards = Table(
    "class_boards",
    metadata,
    Column("board", String(32), ForeignKey(*_board, ondelete="CASCADE"), primary_key=True),
    Column("class_id", String(32), ForeignKey(*_class, ondelete="CASCADE"), nullable=False),
    Column("handout", String(32), ForeignKey("handouts.id", ondelete="CASCADE"), nullable=False),
    Column("group_name", String(80), nullable=False),
    Index(None, "class_id"),
    Index(None, "handout"),
)

class_seats = Table(
    "class_seats",
    metadata,
    Column("board", String(32), ForeignKey("class_boards.board", ondelete="CASCADE"), primary_key=True),
    Column("person", String(32), ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "person"),
)
