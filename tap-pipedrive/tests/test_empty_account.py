"""An account in which nobody has entered anything yet."""

from __future__ import annotations

from tap_pipedrive.table import STREAMS


def test_an_empty_account_is_no_failure_the_first_time_or_the_second(tap, sandbox):
    sandbox.reset(persons=0, organizations=0, users=0, accounts=0)
    everything = {"streams": list(STREAMS)}
    first = tap(**everything)
    assert first.exit_code == 0, first.log
    assert "Traceback" not in first.log
    assert {message["stream"] for message in first.of("SCHEMA")} == set(STREAMS)
    for stream in ("persons", "organizations", "deals", "archived_deals", "activities"):
        assert first.records(stream) == []
        assert "id" in first.schema(stream)
    second = tap(**everything, state=first.state)
    assert second.exit_code == 0, second.log
    assert second.records("persons") == []


def test_the_state_of_an_empty_list_stays_as_it_is(tap, sandbox):
    sandbox.reset(persons=0, organizations=0, users=0, accounts=0)
    first = tap()
    assert "swept_at" not in first.state["bookmarks"]["persons"]
