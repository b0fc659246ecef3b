"""What both targets do with the ledger, and how it keeps what it knows."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th
from sync_core.policy import Policy


def writing() -> list[th.Property[Any]]:
    """What both targets have."""
    return [
        th.Property(
            "dry_run",
            th.BooleanType,
            default=False,
            title="Dry run",
            description="Do everything but the writes; outcomes and counts are the real run's.",
        ),
        th.Property(
            "ledger_url",
            th.StringType,
            secret=True,
            default="sqlite:///ledger.db",
            title="Ledger",
            description="Database of links, agreed values and outcomes, as an SQLAlchemy URL; by "
            "default a SQLite file in the current folder.",
        ),
        *_ledger(),
    ]


def _ledger() -> list[th.Property[Any]]:
    """How patient the ledger is, and how long it remembers."""
    default = Policy()
    return [
        th.Property(
            "retry_limit",
            th.IntegerType(minimum=0),
            default=default.retry_limit,
            title="Retry limit",
            description="How often a record that keeps failing is tried, with waits that grow from "
            "minutes to a day, before it is only kept; 0: never given up.",
        ),
        th.Property(
            "keep_outcomes_days",
            th.IntegerType(minimum=0),
            default=default.keep_outcomes_days,
            title="Days to keep outcomes",
            description="After so many days a run and its outcomes are dropped from the ledger; "
            "links and agreed values stay. 0: never.",
        ),
        th.Property(
            "lock_wait_seconds",
            th.IntegerType(minimum=0),
            default=int(default.lock_wait_seconds),
            title="Seconds to wait for another run",
            description="How long a run waits for another one of the same connection and "
            "direction, on whatever machine, before it leaves with exit code 75.",
        ),
        th.Property(
            "ledger_values",
            th.StringType,
            allowed_values=["hashed", "plain"],
            default=default.ledger_values,
            title="Values in the ledger",
            description="What the ledger keeps of values: digests, by which changes are told, or "
            "`plain` for the values as well, so that the log shows what each field held before and "
            "after. They are personal data; with hashed, the next run drops them again. Set both "
            "targets alike.",
        ),
    ]
