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

#: Goes up with every change of the tables, together with a step in `migrating`; `store` refuses a
#: ledger that is newer than it knows.
SCHEMA_VERSION = 13

#: Texts have no lengths: a stream or field may be called anything, and PostgreSQL would refuse a
#: whole batch for one name that is too long.
metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("connection", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("started", String, nullable=False),
    Column("ended", String),
    Column("status", String, nullable=False),
    Column("error", Text),
    Column("dry_run", Boolean, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    # The company's daily tokens: left when the run began, left at its end, and the run's share.
    Column("daily_at_start", Integer),
    Column("daily_left", Integer),
    Column("daily_share", Integer),
    # What the writes of a dry run would have cost on top.
    Column("planned_calls", Integer),
    Column("planned_tokens", Integer),
    # What the run was expected to cost, and what it did, by kind of call; JSON objects.
    Column("estimate", Text),
    Column("bill", Text),
    # Stream -> how many of its records were looked up, and what of these was linked; JSON.
    Column("lookups", Text),
)

counts = Table(
    "counts",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("entity", String, primary_key=True),
    Column("outcome", String, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("count", Integer, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", ForeignKey("runs.id"), nullable=False, index=True),
    Column("at", String, nullable=False),
    Column("entity", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("key", String, nullable=False),
    Column("pipedrive_id", String, nullable=False),
    Column("journy_id", String, nullable=False),
    Column("fields", Text, nullable=False),
    # How long the record's write took, its waits included.
    Column("milliseconds", Integer),
    # The fields' values before and after as JSON, only where the user asks for values.
    Column("changes", Text),
    Index("outcomes_by_key", "key"),
)

#: Values before and after, of a few records of the newest dry run of each direction.
samples = Table(
    "samples",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", ForeignKey("runs.id"), nullable=False, index=True),
    Column("entity", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("key", String, nullable=False),
    Column("pipedrive_id", String, nullable=False),
    Column("journy_id", String, nullable=False),
    Column("field", String, nullable=False),
    Column("before", Text),
    Column("after", Text),
)

links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("connection", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("pipedrive_id", String),
    Column("journy_id", String),
    Column("pipedrive_updated", String, nullable=False, server_default=""),
    # Fingerprint of the Pipedrive record whose values are the agreed ones; empty: none is known.
    Column("stamp", String, nullable=False, server_default=""),
    # Marks of the mapped values with which each side's record was last found in step.
    Column("step_pipedrive", String, nullable=False, server_default=""),
    Column("step_journy", String, nullable=False, server_default=""),
    # The related record that its lines read, such as a user's account, and the mark of what that
    # said when they last did; empty: there is none, or its news is none of this record's.
    Column("related", String, nullable=False, server_default=""),
    Column("related_mark", String, nullable=False, server_default=""),
    # Short names of the lines that nothing was agreed on since both sides were seen empty.
    Column("vacant", String, nullable=False, server_default=""),
    Column("seen", String, nullable=False),
    UniqueConstraint("connection", "kind", "key"),
    Index("links_by_pipedrive_id", "connection", "kind", "pipedrive_id"),
    Index("links_by_journy_id", "connection", "kind", "journy_id"),
)

agreed = Table(
    "agreed",
    metadata,
    Column("link", ForeignKey("links.id"), primary_key=True),
    Column("pipedrive_field", String, primary_key=True),
    Column("other_field", String, primary_key=True),
    Column("pipedrive_digest", String, nullable=False),
    Column("other_digest", String, nullable=False),
    Column("other_written", String, nullable=False),
    # The values themselves as JSON, only where the user asks for them.
    Column("pipedrive_value", Text),
    Column("other_value", Text),
)

#: What lines of another stream read of a record, such as an account's plan for its users.
relatives = Table(
    "relatives",
    metadata,
    Column("connection", String, primary_key=True),
    Column("stream", String, primary_key=True),
    Column("record", String, primary_key=True),
    # A JSON object with only the columns that are read.
    Column("said", Text, nullable=False),
    Column("mark", String, nullable=False),
)

#: Pipedrive's records that go by a key which others go by as well, or by none (an empty one)
#: though a link says so; until they are seen to go by another key, or have theirs alone.
claimants = Table(
    "claimants",
    metadata,
    Column("connection", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("record", String, primary_key=True),
    Column("key", String, nullable=False),
)

retries = Table(
    "retries",
    metadata,
    Column("connection", String, primary_key=True),
    Column("direction", String, primary_key=True),
    Column("stream", String, primary_key=True),
    Column("source_id", String, primary_key=True),
    Column("payload", Text, nullable=False),
    Column("reason", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("last", String, nullable=False),
    # Not tried again before; empty: by the next run.
    Column("due", String, nullable=False, server_default=""),
    # When it was tried for the last time without being asked to; empty: it still is.
    Column("given_up", String, nullable=False, server_default=""),
    # When a create without an answer may have been sent, by the clock of the service; else empty.
    Column("sent", String, nullable=False, server_default=""),
    Index("retries_by_age", "connection", "direction", "stream", "last", "source_id"),
)

triggers = Table(
    "triggers",
    metadata,
    Column("connection", String, primary_key=True),
    Column("action", String, primary_key=True),
    Column("record", String, primary_key=True),
    Column("state", Text, nullable=False),
    Column("seen", String, nullable=False),
    Column("fired", String, nullable=False),
)

#: How far the remembered index of an entity's match field goes.
indexes = Table(
    "indexes",
    metadata,
    Column("connection", String, primary_key=True),
    Column("entity", String, primary_key=True),
    Column("field", String, primary_key=True),
    # Everything that changed up to here, by the service's clock, is in.
    Column("until", String, nullable=False),
    # Records that the entity had when all of them were last read.
    Column("size", Integer, nullable=False),
    # When all of them were last read.
    Column("at", String, nullable=False),
    # Whose eyes saw them: another user may see more or fewer records.
    Column("viewer", String, nullable=False, server_default=""),
    # Records that others changed within a day, as it was last seen.
    Column("daily", Integer, nullable=False, server_default="0"),
    # Tokens spent on looking records up one by one since the index was last brought up to date.
    Column("owed", Integer, nullable=False, server_default="0"),
)

#: Which of the service's records has which match key, as digests; a record without any has a row
#: with an empty one. The stamp is a fingerprint of its mapped values.
indexed = Table(
    "indexed",
    metadata,
    Column("connection", String, primary_key=True),
    Column("entity", String, primary_key=True),
    Column("field", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("remote_id", String, primary_key=True),
    Column("stamp", String, nullable=False),
    Index("indexed_by_remote_id", "connection", "entity", "remote_id"),
)
