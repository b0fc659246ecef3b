"""A table of customers, read by a published tap, becomes persons through `streams`.

Blind spot: one tap in one version; a warehouse's tap names and types its columns in its own way.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

TAP = "tap-jsonl==0.3.1"
CUSTOMERS = [
    {"email": "zoe@fresh.example", "first": "Zoë", "last": "Stone", "stage": "Trial", "mrr": 12.5},
    {"email": "BOB@fresh.example", "first": "Bob", "last": "Reed", "stage": "Lead", "mrr": 7},
    {"email": None, "first": "No", "last": "Mail", "stage": "Lead", "mrr": None},
    {"email": "eve@fresh.example", "first": "Eve", "last": "Hill", "stage": "x" * 300, "mrr": 0},
]
MAPPING = {
    "entity": "person",
    "match": "email",
    "create": True,
    "fields": [
        {"from": "first", "to": "First name"},
        {"from": "last", "to": "Last name"},
        {"from": "stage", "to": "Lifecycle stage"},
        {"from": "mrr", "to": "Churn score"},
    ],
}


@pytest.fixture
def sync(published, sandbox, tmp_path):
    """Pipe the table into target-pipedrive, as a shell would; gives what the target logged."""
    tap = str(published(TAP) / "tap-jsonl")

    def run(customers: list[dict[str, Any]]) -> str:
        table = tmp_path / "customers.jsonl"
        table.write_text("".join(json.dumps(row) + "\n" for row in customers), encoding="utf-8")
        files = {
            "source": {"path": str(table), "stream_name": "customers", "primary_keys": ["email"]},
            "target": {
                "api_url": sandbox.pipedrive_url,
                "api_token": "sandbox-token",
                "ledger_url": f"sqlite:///{tmp_path / 'ledger.db'}",
                "streams": {"customers": MAPPING},
            },
        }
        for name, content in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        source = [tap, "--config", str(tmp_path / "source.json")]
        read = subprocess.run(source, capture_output=True, check=False)
        assert read.returncode == 0, read.stderr.decode()
        target = [sys.executable, "-m", "target_pipedrive", "--config"]
        written = subprocess.run(
            [*target, str(tmp_path / "target.json")],
            input=read.stdout,
            capture_output=True,
            check=False,
        )
        assert written.returncode == 0, written.stderr.decode()
        assert json.loads(written.stdout.splitlines()[-1])
        return written.stderr.decode()

    return run


@pytest.fixture
def stored(sandbox):
    """The persons of the table, by address, with some of their fields."""

    def read() -> dict[str, dict[str, Any]]:
        keys = {
            name: sandbox.pipedrive.field("person", name)["field_code"]
            for name in ("Lifecycle stage", "Churn score")
        }
        return {
            row["emails"][0]["value"]: {
                "name": row["name"],
                **{name: row["custom_fields"].get(key) for name, key in keys.items()},
            }
            for row in sandbox.pipedrive.rows("person").values()
            if row["emails"] and row["emails"][0]["value"].endswith("@fresh.example")
        }

    return read


def writes(sandbox) -> list[str]:
    made = [each["method"] for each in sandbox.journal() if each["method"] != "GET"]
    sandbox.clear_journal()
    return made


def test_a_table_of_customers_becomes_persons_and_bad_rows_stop_no_others(sync, stored, sandbox):
    log = sync(CUSTOMERS)
    assert "3 created, 1 skipped" in log
    assert stored() == {
        "zoe@fresh.example": {"name": "Zoë Stone", "Lifecycle stage": "Trial", "Churn score": 12.5},
        "BOB@fresh.example": {"name": "Bob Reed", "Lifecycle stage": "Lead", "Churn score": 7},
        "eve@fresh.example": {"name": "Eve Hill", "Lifecycle stage": None, "Churn score": 0},
    }


def test_the_same_table_a_second_time_writes_nothing(sync, sandbox):
    sync(CUSTOMERS[:2])
    assert writes(sandbox) == ["POST", "POST"]
    sync(CUSTOMERS[:2])
    assert writes(sandbox) == []


def test_a_changed_row_changes_one_person(sync, stored, sandbox):
    sync(CUSTOMERS[:2])
    writes(sandbox)
    sync([CUSTOMERS[0], {**CUSTOMERS[1], "stage": "Customer"}])
    assert writes(sandbox) == ["PATCH"]
    assert stored()["BOB@fresh.example"]["Lifecycle stage"] == "Customer"
