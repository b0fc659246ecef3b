"""Streams that may not be read: reported and left out, while the others go on."""

from __future__ import annotations

import pytest

REFUSED = {"success": False, "error": "not for you"}


@pytest.mark.parametrize("status", [402, 403, 404, 410, 415])
def test_a_refused_list_is_left_out_and_the_others_go_on(tap, sandbox, status):
    action = {"status": status, "body": REFUSED}
    sandbox.fault("/pipedrive/api/v2/organizations", "GET", action=action)
    run = tap()
    assert run.exit_code == 3
    assert len(run.records("persons")) == 60
    assert f"organizations is left out: Pipedrive answered {status}" in run.log
    assert "Finished without all of these streams: organizations" in run.log
    assert "Traceback" not in run.log
    assert "organizations" not in {
        name for name, mark in run.state["bookmarks"].items() if "replication_key_value" in mark
    }


def test_a_refused_catalogue_takes_its_stream_along_and_is_asked_for_once(tap, sandbox):
    sandbox.fault(
        "/pipedrive/api/v2/dealFields", "GET", times=None, action={"status": 403, "body": REFUSED}
    )
    run = tap(streams=["deals", "archived_deals", "leads", "deal_fields", "persons"])
    assert run.exit_code == 3
    assert len(run.records("persons")) == 60
    left_out = "archived_deals, deal_fields, deals, leads"
    assert f"Finished without all of these streams: {left_out}" in run.log
    assert [e["status"] for e in sandbox.journal() if "dealFields" in e["path"]] == [403]


def test_a_stream_that_was_left_out_is_read_by_the_next_run(tap, sandbox):
    action = {"status": 403, "body": REFUSED}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", action=action)
    first = tap()
    second = tap(state=first.state)
    assert second.exit_code == 0
    assert len(second.records("persons")) == 60


def test_discovery_offers_a_stream_whose_catalogue_is_refused_without_its_custom_fields(
    tap, sandbox
):
    action = {"status": 403, "body": REFUSED}
    sandbox.fault("/pipedrive/api/v2/personFields", "GET", action=action)
    run = tap("--discover")
    assert run.exit_code == 0
    assert '"churn_score"' not in run.out
    assert '"persons"' in run.out


def test_a_block_of_all_traffic_ends_the_run(tap, sandbox):
    sandbox.fault("/pipedrive/api/v2/organizations", "GET", action={"html": True})
    run = tap()
    assert run.exit_code == 1
    assert run.records("persons") == []


def test_the_connection_test_names_a_list_that_may_not_be_read(tap, sandbox):
    assert tap("--test").exit_code == 0
    action = {"status": 403, "body": REFUSED}
    sandbox.fault("/pipedrive/api/v2/organizations", "GET", action=action)
    run = tap("--test")
    assert run.exit_code == 3
    assert len(run.records("persons")) == 1
    assert "organizations is left out: Pipedrive answered 403" in run.log
    assert tap("--test", api_token="not-the-token").exit_code == 1
