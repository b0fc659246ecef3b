"""The ledger's tables."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

#: Goes up with every change of the tables; `store` refuses a ledger that is newer than it knows.
SCHEMA_VERSION = 1

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("connection", String(200), nullable=False),
    Column("direction", String(40), nullable=False),
    Column("started", String(30), nullable=False),
    Column("ended", String(30)),
    Column("status", String(20), nullable=False),
    Column("error", Text),
    Column("dry_run", Boolean, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
)

counts = Table(
    "counts",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("entity", String(60), primary_key=True),
    Column("outcome", String(20), primary_key=True),
    Column("reason", String(60), primary_key=True),
    Column("count", Integer, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", ForeignKey("runs.id"), nullable=False, index=True),
    Column("at", String(30), nullable=False),
    Column("entity", String(60), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("text", Text, nullable=False),
    Column("key", String(320), nullable=False),
    Column("pipedrive_id", String(60), nullable=False),
    Column("journy_id", String(320), nullable=False),
    Column("fields", Text, nullable=False),
    Index("outcomes_by_key", "key"),
)

links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("connection", String(200), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("key", String(320), nullable=False),
    Column("pipedrive_id", String(60)),
    Column("journy_id", String(320)),
    Column("pipedrive_updated", String(30), nullable=False, server_default=""),
    Column("seen", String(30), nullable=False),
    UniqueConstraint("connection", "kind", "key"),
    Index("links_by_pipedrive_id", "connection", "kind", "pipedrive_id"),
    Index("links_by_journy_id", "connection", "kind", "journy_id"),
)

agreed = Table(
    "agreed",
    metadata,
    Column("link", ForeignKey("links.id"), primary_key=True),
    Column("pipedrive_field", String(200), primary_key=True),
    Column("other_field", String(200), primary_key=True),
    Column("pipedrive_digest", String(64), nullable=False),
    Column("other_digest", String(64), nullable=False),
    Column("other_written", String(30), nullable=False),
)

retries = Table(
    "retries",
    metadata,
    Column("connection", String(200), primary_key=True),
    Column("direction", String(40), primary_key=True),
    Column("stream", String(200), primary_key=True),
    Column("source_id", String(320), primary_key=True),
    Column("payload", Text, nullable=False),
    Column("reason", String(60), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("last", String(30), nullable=False),
)
