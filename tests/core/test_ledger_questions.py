"""What reports ask of the ledger, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sync_core.budget import Daily
from sync_core.ledger import Ledger, OutcomeRow, Sample, questions, standouts, tables
from sync_core.ledger.log import Question, count, find
from sync_core.ledger.questions import Span
from sync_core.ledger.samples import samples_of, save_samples
from sync_core.ledger.scrubbing import scrub
from sync_core.ledger.writing import Entries, Retry, record

INTO_JOURNY, INTO_PIPEDRIVE = "pipedrive-to-journy", "journy-to-pipedrive"


def run(ledger, direction, *rows, dry_run=False, **ended):
    """A run with some lines of the log; returns its id."""
    number = ledger.begin_run(direction, dry_run=dry_run)
    entries = Entries(outcomes=list(rows))
    for row in rows:
        entries.counts[row.entity, row.outcome, row.reason] += 1
    record(ledger, number, direction, entries)
    ledger.end_run(number, **{"status": "completed", "calls": 3, "tokens": 7, **ended})
    return number


def updated(key, milliseconds=5, entity="users", fields=("Plan",), text=""):
    return OutcomeRow(entity, "updated", "updated", text, key, "1", "u1", fields, milliseconds)


def rejected(key, text, reason="several_matches", number=""):
    return OutcomeRow("users", "rejected", reason, text, key, number)


def test_runs_of_a_span_come_with_their_counts_and_costs(ledger):
    first = run(ledger, INTO_PIPEDRIVE, updated("a"), daily=Daily(100, 90, 50))
    run(ledger, INTO_PIPEDRIVE, updated("a"), dry_run=True, planned=(4, 20))
    (found,) = questions.runs_in(ledger, Span())
    assert (found.run, found.counts) == (first, {"users": {"updated": 1}})
    assert (found.daily_at_start, found.daily_left, found.daily_share) == (100, 90, 50)
    assert found.seconds >= 0
    (dry,) = [each for each in questions.runs_in(ledger, Span(dry_runs=True)) if each.dry_run]
    assert (dry.planned_calls, dry.planned_tokens) == (4, 20)
    assert questions.runs_in(ledger, Span(until="2001")) == []
    assert questions.runs_in(ledger, Span(run=first[:8])) == [found]
    assert questions.connections(ledger) == ["default"]


def test_a_record_that_was_updated_both_ways_again_and_again_stands_out(ledger):
    for direction, entity in ((INTO_PIPEDRIVE, "users"), (INTO_JOURNY, "persons")) * 2:
        run(ledger, direction, updated("a", entity=entity), updated(f"once {direction}"))
    (found,) = [each for each in standouts.flapping(ledger, Span(), 9) if each.key == "a"]
    assert (found.times, found.directions) == (4, 2)
    assert standouts.flapping(ledger, Span(), 9, least=5) == []


def test_the_slowest_come_first_and_what_wasn_t_written_not_at_all(ledger):
    run(ledger, INTO_PIPEDRIVE, updated("a", 5), updated("b", 900), rejected("c", "two"))
    assert [each.key for each in standouts.slowest(ledger, Span(), 9)] == ["b", "a"]
    assert [each.key for each in standouts.slowest(ledger, Span(), 1)] == ["b"]


def test_of_lines_that_repeat_the_newest_is_the_example(ledger):
    for text in ("first", "second"):
        run(ledger, INTO_PIPEDRIVE, rejected("a", text), updated("b", text="x: both sides 100% so"))
    (found,) = standouts.examples(ledger, Span(), 9, reasons=("several_matches",))
    assert (found.key, found.text) == ("a", "second")
    (said,) = standouts.examples(ledger, Span(), 9, saying="sides 100%")
    assert said.key == "b"
    assert len(standouts.examples(ledger, Span(), 9, entity="users")) == 2


def test_records_are_counted_once_by_whatever_name_they_have(ledger):
    for _ in range(2):
        nameless = (rejected("", "no", "no_match_key", str(number)) for number in (1, 2))
        run(ledger, INTO_PIPEDRIVE, *nameless, rejected("a", "two"))
    reasons = ("no_match_key", "several_matches")
    assert standouts.concerned(ledger, Span(), reasons) == [
        (INTO_PIPEDRIVE, "users", "no_match_key", 2),
        (INTO_PIPEDRIVE, "users", "several_matches", 1),
    ]


def test_the_size_of_the_last_completed_run_is_that_of_its_direction(ledger):
    run(ledger, INTO_PIPEDRIVE, updated("a"), updated("b"))
    run(ledger, INTO_PIPEDRIVE, updated("a"), status="failed")
    run(ledger, INTO_JOURNY)
    assert questions.last_size(ledger, INTO_PIPEDRIVE) == 2
    assert questions.last_size(ledger, INTO_JOURNY) == 0


def test_what_waits_is_counted_by_place_and_reason(ledger):
    number = ledger.begin_run(INTO_PIPEDRIVE, dry_run=False)
    kept = [Retry("users", f"u{at}", "{}", "unavailable") for at in range(2)]
    record(ledger, number, INTO_PIPEDRIVE, Entries(retries=kept))
    ledger.end_run(number, status="completed", calls=0, tokens=0)
    (found,) = questions.waiting(ledger, "default")
    assert (found.stream, found.reason, found.count, found.given_up) == (
        "users", "unavailable", 2, 0,
    )  # fmt: skip
    assert questions.waiting(ledger, "another") == []


def test_samples_last_until_the_direction_s_next_run(ledger):
    number = ledger.begin_run(INTO_PIPEDRIVE, dry_run=True)
    sample = Sample("users", "updated", "a", "1", "u1", "Plan", None, "Pro")
    save_samples(ledger, number, [sample])
    ledger.end_run(number, status="completed", calls=0, tokens=0)
    run(ledger, INTO_JOURNY)
    assert samples_of(ledger, number) == [sample]
    run(ledger, INTO_PIPEDRIVE)
    assert samples_of(ledger, number) == []


@pytest.mark.parametrize(
    ("field", "found"),
    [("plan", ["a", "b"]), ("Customer", ["a"]), ("mrr", ["c"]), ("lan", []), ("100%", [])],
)
def test_lines_are_found_by_the_beginning_of_a_field_s_label(ledger, field, found):
    run(
        ledger,
        INTO_PIPEDRIVE,
        updated("a", fields=("Plan", "Customer health")),
        updated("b", fields=("Plan",)),
        rejected("c", "Seats: too many; MRR: expected a number", "bad_value"),
    )
    lines = find(ledger, Question(field=field))
    assert sorted(line.key for line in lines) == found
    assert count(ledger, Question(field=field, limit=1)) == len(found)


def test_pages_and_times_narrow_the_log(ledger):
    run(ledger, INTO_PIPEDRIVE, *(updated(str(at)) for at in range(5)))
    page = find(ledger, Question(limit=2, skip=2))
    assert [line.key for line in page] == ["2", "1"]
    assert [line.key for line in find(ledger, Question(after=page[0].id, limit=None))] == ["4", "3"]
    assert find(ledger, Question(until=page[0].at)) == []
    assert len(find(ledger, Question(since=page[0].at, limit=None))) == 5


def test_scrubbing_changes_nothing_that_is_there(ledger):
    run(ledger, INTO_PIPEDRIVE, updated("a"))
    scrub(ledger)
    assert [line.key for line in find(ledger, Question())] == ["a"]


def test_a_ledger_of_version_2_gets_what_costs_times_and_samples_need(ledger, ledger_url):
    number = run(ledger, INTO_PIPEDRIVE, updated("a"))
    with ledger.transaction() as db:
        tables.samples.drop(db)
        db.execute(sa.text("ALTER TABLE runs DROP COLUMN daily_left"))
        db.execute(sa.text("ALTER TABLE outcomes DROP COLUMN milliseconds"))
        db.execute(tables.meta.update().values(value="2"))
    ledger.close()
    renewed = Ledger(ledger_url, "default")
    (found,) = questions.runs_in(renewed, Span())
    assert (found.run, found.daily_left) == (number, None)
    assert find(renewed, Question())[0].milliseconds is None
    assert samples_of(renewed, number) == []
    renewed.close()
