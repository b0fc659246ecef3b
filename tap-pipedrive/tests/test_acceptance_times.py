"""Dates and times of every kind that Pipedrive writes, as they arrive and as they are asked for."""

from __future__ import annotations

import pytest
from sync_tests.asked import lists

MOMENTS, DAYS, TEXTS = "date-time", "date", None
#: Stream, column, what Pipedrive sends, what arrives, and the column's format.
TIMES: list[tuple[str, str, str | None, str | None, str | None]] = [
    ("persons", "update_time", "2026-01-31T10:20:30Z", "2026-01-31T10:20:30Z", MOMENTS),
    ("deals", "won_time", "2026-01-31T10:20:30Z", "2026-01-31T10:20:30Z", MOMENTS),
    ("deals", "expected_close_date", "2026-01-31", "2026-01-31", DAYS),
    ("persons", "birthday", "2026-01-31", "2026-01-31", DAYS),
    ("activities", "due_date", "2026-01-31", "2026-01-31", DAYS),
    ("activities", "due_time", "10:20", "10:20", TEXTS),
    ("activities", "duration", "01:30:00", "01:30:00", TEXTS),
    ("notes", "add_time", "2026-01-31 10:20:30", "2026-01-31T10:20:30Z", MOMENTS),
    ("notes", "add_time", "2026-01-31 10:20:30Z", "2026-01-31T10:20:30Z", MOMENTS),
    ("notes", "update_time", "0000-00-00 00:00:00", None, MOMENTS),
    ("files", "add_time", "2026-01-31 10:20:30", "2026-01-31T10:20:30Z", MOMENTS),
    ("users", "created", "2026-01-31 10:20:30", "2026-01-31T10:20:30Z", MOMENTS),
    ("leads", "add_time", "2026-01-31T10:20:30.123Z", "2026-01-31T10:20:30.123Z", MOMENTS),
    ("leads", "add_time", "2026-01-31T11:20:30.123+01:00", "2026-01-31T11:20:30.123+01:00",
     MOMENTS),
    ("leads", "expected_close_date", "2026-01-31", "2026-01-31", DAYS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("stream", "column", "sent", "arrives", "format"), TIMES, ids=[f"{c[0]} {c[2]}" for c in TIMES]
)
def test_dates_and_times_are_typed_as_they_are(tap, sandbox, stream, column, sent, arrives, format):  # noqa: A002, PLR0913, PLR0917  # a row
    paging = {"pagination": {"more_items_in_collection": False}}
    row = {"id": 1, "name": "Ann", column: sent}
    body = {"success": True, "data": [row], "additional_data": paging}
    sandbox.fault(f"/pipedrive/*/{stream}", "GET", action={"status": 200, "body": body})
    run = tap(streams=[stream], concurrency=1)
    assert run.exit_code == 0, run.log
    about = run.schema(stream)[column]
    assert (about["type"], about.get("format")) == (["string", "null"], format)
    (record,) = run.records(stream)
    assert record[column] == arrives
    assert "weren't of its type" not in run.log


@pytest.mark.parametrize(
    ("stream", "sent"),
    [
        ("persons", "2026-01-31T10:20:30Z"),
        ("persons", "2026-01-31T10:20:30"),
        ("notes", "2026-01-31 10:20:30"),
        ("leads", "2026-01-31T10:20:30.999Z"),
        ("leads", "2026-01-31T11:20:30.5+01:00"),
    ],
)
def test_changes_since_any_of_these_times_are_asked_for_by_the_second_in_utc(
    tap, sandbox, asked, stream, sent
):
    paging = {"pagination": {"more_items_in_collection": False}}
    rows = [{"id": 1, "update_time": sent}]
    body = {"success": True, "data": rows, "additional_data": paging}
    sandbox.fault(f"/pipedrive/*/{stream}", "GET", action={"status": 200, "body": body})
    first = tap(streams=[stream], concurrency=1, detect_deletes=False)
    assert first.bookmark(stream) == "2026-01-31T10:20:30Z"
    asked.clear()
    settings = {"concurrency": 1, "lookback_seconds": 0, "detect_deletes": False}
    tap(streams=[stream], state=first.state, **settings)
    (listed,) = lists(asked, stream)
    assert listed["updated_since"] == "2026-01-31T10:20:30Z"
