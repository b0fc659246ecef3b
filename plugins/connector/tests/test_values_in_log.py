"""Values before and after, where the targets' setting keeps them."""

from __future__ import annotations

import csv
import json

import pytest
import requests

HEALTH = "Customer health"
ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "New ann"}
OPTIONS = ("--entity", "users", "--record", "ann@acme.example", "--limit", "1")


@pytest.fixture
def told(history):
    """Ann's health was written twice with values kept."""
    plain = {"ledger_values": "plain"}
    history.users({**ANN, "health": "Good"}, **plain)
    history.users({**ANN, "health": "Bad"}, **plain)
    return history


def newest(history, *options):
    return history.run("log", *OPTIONS, *options).output


def test_the_log_shows_them_in_every_form(told):
    assert f"{HEALTH}: Good → Bad" in newest(told)
    (line,) = (json.loads(text) for text in newest(told, "--json").splitlines())
    assert line["changes"] == [{"field": HEALTH, "before": "Good", "after": "Bad", "lost": None}]
    (row,) = csv.DictReader(newest(told, "--format", "csv").splitlines())
    assert row["changes"] == f"{HEALTH}: Good → Bad"


def conflict(history, sandbox):
    """Pipedrive's people call her Anna while journy says Annabel."""
    (line,) = (json.loads(text) for text in newest(history, "--json").splitlines())
    answer = requests.patch(
        f"{sandbox.pipedrive_url}/api/v2/persons/{line['pipedrive_id']}",
        json={"first_name": "Anna", "last_name": "Lee"},
        headers={"x-api-token": "sandbox-token"},
        timeout=30,
    )
    assert answer.ok
    history.users({**ANN, "health": "Bad", "first_name": "Annabel"}, ledger_values="plain")


def test_a_report_shows_the_values_of_conflicts_unless_it_is_anonymous(told, sandbox, tmp_path):
    conflict(told, sandbox)
    said = "First name: Anna stays, Annabel gives way"
    (row,) = csv.DictReader(newest(told, "--format", "csv").splitlines())
    assert row["changes"] == said
    page = tmp_path / "page.html"
    told.run("report", "--out", str(page))
    assert said in page.read_text("utf-8")
    told.run("report", "--anonymous", "--out", str(page))
    assert "Annabel" not in page.read_text("utf-8")


def test_hashed_again_the_log_has_the_fields_alone(told):
    told.users(ledger_values="hashed")
    assert f"{HEALTH}: Good" not in newest(told)
    (line,) = (json.loads(text) for text in newest(told, "--json").splitlines())
    assert (line["fields"], line["changes"]) == (HEALTH, [])


def test_a_planned_change_shows_its_values_and_what_is_refused(history):
    bad = {**ANN, "first_name": "Annabel", "health": "Splendid"}
    history.users(bad, ledger_values="plain", dry_run=True)
    (row,) = csv.DictReader(newest(history, "--format", "csv").splitlines())
    assert row["outcome"] == "updated"
    said = " ".join(newest(history).split())
    assert f"{HEALTH}: no option of the field fits the value" in row["text"]
    assert "no option" in said
    assert "Annabel" in said
    assert "would write" not in said
