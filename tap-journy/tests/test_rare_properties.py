"""Properties that few records have, where no catalogue of journy's names them."""

from __future__ import annotations

import json
import os

import pytest

RARE = [{"plan": "Pro"}] * 450 + [{"plan": "Pro", "vip": True, "email": "a"}]


@pytest.fixture
def few(monkeypatch):
    """A sample so small that it misses what is rare."""
    monkeypatch.setattr("tap_journy.files.SAMPLE_SIZE", 2)


@pytest.fixture
def read(tap, tmp_path):
    """Read users with these properties from a file that changed at a time."""

    def run(properties: list[dict], name="users", changed=1000, arguments=(), **options):
        lines = ({"userId": f"u{n}", "properties": each} for n, each in enumerate(properties))
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in lines))
        os.utime(path, (changed, changed))
        source = {"type": "files", "users": str(tmp_path / "*.jsonl")}
        return tap(*arguments, api_key=None, record_source=source, **options)

    return run


def last(run) -> dict:
    return run.records("users")[-1]


def test_a_property_that_the_first_hundreds_lack_is_a_column(read):
    run = read(RARE)
    assert last(run)["vip"] is True
    assert "no column" not in run.log
    assert run.fits


def test_a_property_that_only_the_newest_file_has_is_a_column(read, few):
    read([{"plan": "Free"}] * 5)
    run = read([{"brand_new": 5}], name="later", changed=2000)
    assert last(run)["brand_new"] == 5


def test_one_that_discovery_did_not_find_is_named_and_no_other_run_promised(read, few):
    run = read(RARE)
    assert run.exit_code == 0
    assert (
        "users: properties that discovery didn't find have no column, and their values" in run.log
    )
    assert "were left out: email, vip" in run.log


def test_a_column_that_the_catalog_names_is_filled_though_discovery_did_not_find_it(read, few):
    found = json.loads(read(RARE, arguments=["--discover"]).out)
    (users,) = (each for each in found["streams"] if each["stream"] == "users")
    users["schema"]["properties"]["vip"] = {"type": ["boolean", "null"]}
    users["schema"]["properties"]["property_email"] = {"type": "string"}
    run = read(RARE, catalog={"streams": [users]})
    assert (last(run)["vip"], last(run)["property_email"]) == (True, "a")
    assert run.schema("users")["vip"]["type"] == ["boolean", "null"]
    assert "no column" not in run.log
    assert run.fits
