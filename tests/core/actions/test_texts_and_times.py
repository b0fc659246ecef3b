"""Texts are filled safely, and due dates mean the zone's clock, also where it is changed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sync_core.actions.moments import Due, read_clock, read_length, read_span
from sync_core.errors import ConfigurationError
from sync_core.templates import parse_template, spelled
from sync_core.zones import read_zone

BERLIN, NEW_YORK = read_zone("Europe/Berlin", "zone"), read_zone("America/New_York", "zone")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


NOW = at("2026-03-27T12:00:00")
DUE = {
    "never": (Due(), NOW, {}),
    "a day": (Due(days=1), NOW, {"due_date": "2026-03-28"}),
    "today": (Due(days=0), NOW, {"due_date": "2026-03-27"}),
    "today, where it is tomorrow": (Due(days=0, zone=BERLIN), at("2026-03-27T23:30:00"),
                                    {"due_date": "2026-03-28"}),
    "before the clocks go forward": (Due(1, None, (9, 0), BERLIN), NOW,
                                     {"due_date": "2026-03-28", "due_time": "08:00"}),
    "after the clocks went forward": (Due(2, None, (9, 0), BERLIN), NOW,
                                      {"due_date": "2026-03-29", "due_time": "07:00"}),
    "in the hour that is skipped": (Due(2, None, (2, 30), BERLIN), NOW,
                                    {"due_date": "2026-03-29", "due_time": "01:30"}),
    "after the clocks went back": (Due(1, None, (9, 0), BERLIN), at("2026-10-24T12:00:00"),
                                   {"due_date": "2026-10-25", "due_time": "08:00"}),
    "the day before, in UTC": (Due(1, None, (0, 30), BERLIN), NOW,
                               {"due_date": "2026-03-27", "due_time": "23:30"}),
    "the day after, in UTC": (Due(0, None, (21, 0), NEW_YORK), NOW,
                              {"due_date": "2026-03-28", "due_time": "01:00"}),
    "hours": (Due(hours=1.5), NOW, {"due_date": "2026-03-27", "due_time": "13:30"}),
    "hours across the change": (Due(hours=48, zone=BERLIN), NOW,
                                {"due_date": "2026-03-29", "due_time": "12:00"}),
}  # fmt: skip


@pytest.mark.parametrize(("due", "moment", "expected"), DUE.values(), ids=DUE)
def test_a_due_date_follows_the_clock_of_its_zone(due, moment, expected):
    assert due.values(moment) == expected


SPANS = {"30d": timedelta(30), "12h": timedelta(hours=12), "90M": timedelta(minutes=90),
         "2 w": timedelta(14)}  # fmt: skip


@pytest.mark.parametrize(("text", "span"), SPANS.items())
def test_a_span_is_a_number_and_a_unit(text, span):
    assert read_span(text, "x") == span


BAD = [(read_span, "30"), (read_span, "0d"), (read_span, "-1d"), (read_span, "1y"),
       (read_clock, "24:00"), (read_clock, "9"), (read_length, "00:00"), (read_length, "90"),
       (read_zone, "Berlin/Europe"), (read_zone, "../etc/passwd"), (read_zone, "")]  # fmt: skip


@pytest.mark.parametrize(("read", "text"), BAD)
def test_a_time_that_cannot_be_read_is_refused_by_name(read, text):
    with pytest.raises(ConfigurationError, match=r"^actions\.x: .*"):
        read(text, "actions.x")


def test_a_zone_that_is_almost_right_is_suggested():
    with pytest.raises(ConfigurationError, match="did you mean 'Europe/Berlin'"):
        read_zone("Europe/Berlim", "zone")


def test_braces_are_names_and_doubled_braces_are_braces():
    template = parse_template("{{{first name}}} at {account.name}", "subject")
    assert template.names == ["first name", "account.name"]
    assert template.plain({"first name": "Ann", "account.name": "Acme"}) == "{Ann} at Acme"


@pytest.mark.parametrize("text", ["{a", "a}", "{}", "{ }", "{a!r}", "{a:>5}"])
def test_a_template_with_anything_else_in_braces_is_refused(text):
    with pytest.raises(ConfigurationError, match=r"^subject: "):
        parse_template(text, "subject")


def test_a_value_that_is_missing_leaves_no_gap_in_a_subject():
    assert parse_template("Call {first_name} at {x} ", "s").plain({"x": "Acme"}) == "Call at Acme"


@given(st.text())
def test_no_value_can_bring_markup_into_a_note(value):
    note = parse_template("<b>{x}</b>", "note").markup({"x": value})
    inner = note.removeprefix("<b>").removesuffix("</b>").replace("<br>", "")
    assert not set(inner) & set("<>\"'")


@given(st.text())
def test_a_subject_is_one_line(value):
    subject = parse_template("Call {x}", "s").plain({"x": value})
    assert len(subject.splitlines()) == 1


SPELLED = [(None, ""), ("", ""), (5.0, "5"), (0.1, "0.1"), (True, "yes"), (False, "no"),
           (["a", None, 2], "a, 2"), ("Zoë", "Zoë"),
           ({"city": "Ghent"}, ""), (["a", {"b": 1}], "a")]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), SPELLED)
def test_values_are_spelt_as_people_read_them(value, text):
    assert spelled(value) == text
