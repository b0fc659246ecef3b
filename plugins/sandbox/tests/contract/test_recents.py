"""The list of recent changes in v1."""

from __future__ import annotations

import pytest


def changed(pipedrive, since, items="note"):
    rows = pipedrive.data("/v1/recents", since_timestamp=since, items=items)
    return [(row["item"], row["id"]) for row in rows]


def test_it_holds_what_changed_since_a_moment(sandbox, pipedrive):
    sandbox.clock.advance(60)
    now = sandbox.clock.now().strftime("%Y-%m-%d %H:%M:%S")
    made = pipedrive.make("/v1/notes", content="Hello", person_id=1)
    assert changed(pipedrive, now, "note,file") == [("note", made["id"])]


def test_it_reaches_back_a_month_whatever_is_asked(sandbox, pipedrive):
    made = pipedrive.make("/v1/notes", content="Hello", person_id=1)
    assert ("note", made["id"]) in changed(pipedrive, "2000-01-01 00:00:00")
    sandbox.clock.advance(40 * 86_400)
    assert changed(pipedrive, "2000-01-01 00:00:00") == []


@pytest.mark.parametrize("items", [{}, {"items": "person"}, {"items": "note,deal"}])
def test_kinds_that_the_sandbox_has_no_v1_rows_of_are_refused(pipedrive, items):
    answer = pipedrive.get("/v1/recents", since_timestamp="2026-01-01 00:00:00", **items)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Validation failed: items: ")
