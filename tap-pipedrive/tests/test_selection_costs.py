"""What a catalog deselects costs no call."""

from __future__ import annotations

import json

import pytest
from tap_pipedrive.table import STREAMS


@pytest.fixture
def cost(tap, sandbox):
    """Select these streams of all, and give the paths of the calls that the run made."""
    catalog = json.loads(tap("--discover", streams=list(STREAMS)).out)

    def run(*streams: str) -> tuple[list[str], set[str]]:
        for stream in catalog["streams"]:
            for entry in stream["metadata"]:
                if entry["breadcrumb"] == []:
                    entry["metadata"]["selected"] = stream["stream"] in streams
        sandbox.clear_journal()
        run = tap(catalog=catalog, streams=list(STREAMS), detect_deletes=False)
        assert run.exit_code == 0
        paths = [each["path"].partition("?")[0] for each in sandbox.journal()]
        read = {message["stream"] for message in run.of("RECORD")}
        return [path.removeprefix("/pipedrive") for path in paths], read

    return run


OWN = {
    "persons": ["/api/v2/personFields", "/api/v2/persons"],
    "pipelines": ["/api/v2/pipelines"],
    "notes": ["/v1/notes"],
    "deal_fields": ["/api/v2/dealFields"],
}


@pytest.mark.parametrize("stream", OWN)
def test_a_selected_stream_costs_its_own_calls_and_no_others(cost, stream):
    paths, read = cost(stream)
    assert set(paths) == set(OWN[stream])
    assert read == {stream}


def test_nothing_selected_costs_nothing(cost):
    assert cost() == ([], set())
