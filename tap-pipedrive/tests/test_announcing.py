"""Every stream's schema goes ahead of the first record, so that a target can check all of them."""

from __future__ import annotations

import json
from collections import Counter

import pytest

STREAMS = ["deals", "organizations", "persons", "pipelines"]
REFUSED = {"success": False, "error": "not for you"}


def kinds(run):
    """The kinds of the messages, each as often as it follows another one."""
    every = [message["type"] for message in run.messages]
    return [kind for at, kind in enumerate(every) if at == 0 or every[at - 1] != kind]


@pytest.fixture
def catalog(tap, sandbox):
    """What discovery finds of the streams, all of them selected."""
    found = json.loads(tap("--discover", streams=STREAMS).out)
    sandbox.clear_journal()
    return found


def test_every_stream_is_announced_once_and_before_the_first_record(tap, catalog):
    first = tap(streams=STREAMS, catalog=catalog)
    resumed = tap(streams=STREAMS, catalog=catalog, state=first.state)
    for run in (first, resumed):
        assert [message["stream"] for message in run.of("SCHEMA")] == STREAMS
        assert kinds(run)[0] == "SCHEMA"
        assert kinds(run).count("SCHEMA") == 1
    assert first.records("persons")


def test_each_catalogue_is_still_read_once(tap, sandbox, catalog):
    tap(streams=STREAMS, catalog=catalog)
    asked = Counter(each["path"].partition("?")[0] for each in sandbox.journal())
    assert {path: n for path, n in asked.items() if path.endswith("Fields")} == {
        f"/pipedrive/api/v2/{entity}Fields": 1 for entity in ("deal", "organization", "person")
    }


def test_a_stream_whose_catalogue_is_refused_is_not_announced(tap, sandbox, catalog):
    fault = {"status": 403, "body": REFUSED}
    sandbox.fault("/pipedrive/api/v2/personFields", "GET", action=fault)
    run = tap(streams=STREAMS, catalog=catalog)
    assert run.exit_code == 3
    assert [message["stream"] for message in run.of("SCHEMA")] == ["deals", "organizations",
                                                                   "pipelines"]  # fmt: skip
    assert "persons is left out: Pipedrive answered 403" in run.log
    assert run.records("organizations")


def test_what_ends_the_run_at_a_later_stream_still_lets_the_earlier_ones_through(
    tap, sandbox, catalog
):
    fault = {"status": 400, "body": REFUSED}
    sandbox.fault("/pipedrive/api/v2/personFields", "GET", times=None, action=fault)
    run = tap(streams=STREAMS, catalog=catalog)
    assert run.exit_code == 1
    assert run.records("organizations")
    assert run.records("pipelines") == []
    asked = [each for each in sandbox.journal() if "personFields" in each["path"]]
    assert len(asked) == 1
