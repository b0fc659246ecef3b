"""Leads that changed: by the list's own filter, and of the archive the newest changes alone."""

from __future__ import annotations

import pytest
import requests
from sync_core.pipedrive import PipedriveClient, lists
from sync_core.pipedrive.endpoints import LEAD
from sync_sandbox import Sandbox

TOKEN = {"x-api-token": "sandbox-token"}


@pytest.fixture
def sandbox():
    with Sandbox(persons=1, organizations=0, users=0, accounts=0) as sandbox:
        for lead in list(sandbox.pipedrive.rows("lead")):
            sandbox.pipedrive.state.tables["lead"].remove(lead)
        yield sandbox


@pytest.fixture
def client(sandbox):
    return PipedriveClient(
        api_url=sandbox.pipedrive_url, api_token="sandbox-token", user_agent="test"
    )


@pytest.fixture
def make(sandbox):
    """Makes a lead now, archived or not."""

    def send(title, *, archived=False):
        url, person = (
            f"{sandbox.pipedrive_url}/v1/leads",
            next(iter(sandbox.pipedrive.rows("person"))),
        )
        body = {"title": title, "person_id": person}
        made = requests.post(url, json=body, headers=TOKEN, timeout=10).json()["data"]["id"]
        if archived:
            requests.patch(
                f"{url}/{made}", json={"is_archived": True}, headers=TOKEN, timeout=10
            ).raise_for_status()

    return send


def test_active_and_archived_ones_that_changed_since_are_read_and_no_others(sandbox, client, make):
    make("old")
    make("old and archived", archived=True)
    sandbox.clock.advance(3600)
    since = sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    make("new")
    make("new and archived", archived=True)
    found = {row["title"] for page in lists.changed(client, LEAD, since) for row in page}
    assert found == {"new", "new and archived"}


def test_the_archive_is_read_only_as_far_as_changes_go(sandbox, client, make, monkeypatch):
    monkeypatch.setattr("sync_core.pipedrive.offsets.PAGE_SIZE", 20)
    for at in range(45):
        make(f"old {at}", archived=True)
    sandbox.clock.advance(3600)
    since = sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    make("new and archived", archived=True)
    sandbox.clear_journal()
    assert [row["title"] for page in lists.changed(client, LEAD, since) for row in page] == [
        "new and archived"
    ]
    assert [each["tokens"] for each in sandbox.journal()] == [20, 40]
    every = {row["title"] for page in lists.every(client, LEAD) for row in page}
    assert len(every) == 46
