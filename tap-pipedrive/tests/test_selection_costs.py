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


@pytest.fixture
def without_custom(tap, sandbox):
    """Read one stream without its custom columns, or without all but some; gives run and paths."""

    def run(stream, *kept, state=None, **config):
        catalog = json.loads(tap("--discover", streams=[stream], **config).out)
        (entry,) = catalog["streams"]
        columns = entry["schema"]["properties"]
        for each in entry["metadata"]:
            if each["breadcrumb"]:
                name = each["breadcrumb"][1]
                custom = columns[name]["x-pipedrive"]["key"] != name or name == "custom_fields"
                each["metadata"]["selected"] = not custom or name in kept
        sandbox.clear_journal()
        run = tap(catalog=catalog, streams=[stream], state=state, detect_deletes=False, **config)
        paths = [each["path"].partition("?")[0] for each in sandbox.journal()]
        return run, [path.removeprefix("/pipedrive") for path in paths]

    return run


CUSTOMIZED = {name: spec.path for name, spec in STREAMS.items() if spec.fields_path}


@pytest.mark.parametrize("stream", CUSTOMIZED)
def test_without_a_custom_column_the_catalogue_of_fields_is_not_read(tap, without_custom, stream):
    run, paths = without_custom(stream)
    assert run.exit_code == 0
    assert set(paths) == {CUSTOMIZED[stream]}
    assert len(run.records(stream)) == len(tap(streams=[stream]).records(stream))
    assert "x-pipedrive" in run.schema(stream)["id"]
    assert "left out" not in run.log
    assert "get columns in the next" not in run.log


@pytest.mark.parametrize("mode", ["object", "raw"])
def test_the_object_of_custom_fields_counts_as_a_custom_column(without_custom, mode):
    run, paths = without_custom("persons", custom_fields=mode)
    assert set(paths) == {"/api/v2/persons"}
    assert not [each for each in run.records("persons") if "custom_fields" in each]


def test_with_one_custom_column_the_catalogue_is_read(without_custom):
    run, paths = without_custom("persons", "churn_score")
    assert set(paths) == {"/api/v2/personFields", "/api/v2/persons"}
    assert all("churn_score" in each for each in run.records("persons"))


def test_a_run_without_the_catalogue_keeps_the_names_of_columns_in_state(tap, without_custom):
    before = tap(streams=["persons"]).state
    run, _ = without_custom("persons", state=before)
    columns = before["bookmarks"]["persons"]["columns"]
    assert columns
    assert run.state["bookmarks"]["persons"]["columns"] == columns
    assert "is gone" not in run.log
