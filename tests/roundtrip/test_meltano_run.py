"""The jobs of meltano.yml, run as a scheduler runs them."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from typing import Any

import requests

Project = Any  # the fixture of conftest.py

PIPEDRIVE = {"x-api-token": "sandbox-token"}
JOURNY = {"X-Api-Key": "sandbox-key"}


def persons(project: Project) -> list[dict]:
    found, cursor = [], None
    while True:
        page = requests.get(
            f"{project.sandbox.pipedrive_url}/api/v2/persons",
            params={"limit": 500, **({"cursor": cursor} if cursor else {})},
            headers=PIPEDRIVE,
            timeout=30,
        ).json()
        found += page["data"]
        cursor = (page.get("additional_data") or {}).get("next_cursor")
        if not cursor:
            return found


def users(project: Project) -> list[dict]:
    found, cursor = [], None
    while True:
        page = requests.get(
            f"{project.sandbox.journy_url}/users",
            params={"limit": 500, **({"cursor": cursor} if cursor else {})},
            headers=JOURNY,
            timeout=30,
        ).json()
        found += page["data"]
        cursor = page["paging"]["next"]
        if not cursor:
            return found


def addresses(person: dict) -> list[str]:
    return [each["value"].lower() for each in person["emails"] or [] if each["value"]]


def test_after_the_import_and_one_sync_a_second_sync_writes_nothing_in_either_direction(synced):
    synced.run("sync")
    assert synced.writes() == []
    runs = synced.runs()
    assert sum(counts["created"] for counts in runs[0]["counts"].values()) > 0
    assert sum(counts["updated"] for counts in runs[1]["counts"].values()) > 0
    for run in runs[-2:]:
        for counts in run["counts"].values():
            assert (counts["created"], counts["updated"]) == (0, 0)


def test_an_edit_on_either_side_reaches_the_other_with_the_next_sync_and_dies_out(synced):
    project = synced
    in_pipedrive, in_journy = _two_linked(project)
    _patch_person(project, in_pipedrive["id"], {"first_name": "Ada", "last_name": "Łovelace"})
    _upsert_user(project, in_journy, {"last_name": "Hopper-Öz"})

    project.run("sync")
    ada = next(u for u in users(project) if u["email"] == addresses(in_pipedrive)[0])
    assert (ada["properties"]["first_name"], ada["properties"]["last_name"]) == ("Ada", "Łovelace")
    hopper = next(p for p in persons(project) if in_journy in addresses(p))
    assert hopper["last_name"] == "Hopper-Öz"

    project.writes()
    project.run("sync")
    assert project.writes() == []


def _two_linked(project: Project) -> tuple[dict, str]:
    """A person, and another person's address."""
    alone = _alone(project)
    return alone[5], addresses(alone[9])[0]


def _alone(project: Project) -> list[dict]:
    """Persons known on both sides whose address nobody else has."""
    found = persons(project)
    seen = [address for person in found for address in addresses(person)]
    known = {user["email"] for user in users(project)}
    return [
        person
        for person in found
        if (own := addresses(person)) and seen.count(own[0]) == 1 and own[0] in known
    ]


def _patch_person(project: Project, person_id: int, body: dict) -> None:
    requests.patch(
        f"{project.sandbox.pipedrive_url}/api/v2/persons/{person_id}",
        json=body,
        headers=PIPEDRIVE,
        timeout=30,
    ).raise_for_status()


def _upsert_user(project: Project, email: str, properties: dict) -> None:
    requests.post(
        f"{project.sandbox.journy_url}/users/upsert",
        json={"identification": {"email": email}, "properties": properties},
        headers=JOURNY,
        timeout=30,
    ).raise_for_status()


def test_an_import_that_is_killed_in_the_middle_is_completed_by_the_next_run(project):
    wanted = {address[0] for person in persons(project) if (address := addresses(person))}
    running = project.meltano("run", "--no-install", "initial-import")
    for line in running.stdout:
        if "persons: " in line and "created" in line:  # the first batch of persons is through
            break
    project.kill(running)
    known = {user["email"] for user in users(project)}
    assert not wanted <= known, "it was killed before it was done"

    # Meltano itself waits five minutes for the sign of life of a run that was killed.
    project.run("--force", "initial-import")
    known = [user["email"] for user in users(project) if user["email"]]
    assert wanted <= set(known)
    assert len(known) == len(set(known)), "no address has two users"


def test_of_two_syncs_at_once_one_leaves_with_a_sentence_and_neither_breaks_the_other(synced):
    project = synced
    first = project.meltano("run", "--no-install", "sync")
    for line in first.stdout:
        if "Meltano SDK" in line:  # a plugin speaks: Meltano has noted the job before it began
            break
    os.killpg(first.pid, signal.SIGSTOP)  # until the other has come, however long that takes
    second = project.meltano("run", "--no-install", "sync")
    said, _ = second.communicate(timeout=240)
    os.killpg(first.pid, signal.SIGCONT)
    rest, _ = first.communicate(timeout=240)
    assert first.returncode == 0, rest[-3000:]
    assert second.returncode != 0
    assert "already running" in said

    project.writes()
    project.run("sync")
    assert project.writes() == []


def test_an_import_beside_a_sync_disturbs_neither(project):
    # Meltano's own database is made by its first command; two first commands at once collide.
    project.meltano("--environment=sandbox", "state", "list").communicate(timeout=60)
    sync = project.meltano("run", "--no-install", "sync")
    project.run("initial-import")
    said, _ = sync.communicate(timeout=240)
    assert sync.returncode == 0, said[-3000:]
    known = [user["email"] for user in users(project) if user["email"]]
    assert len(known) == len(set(known))


def test_what_a_target_couldn_t_deliver_is_delivered_by_the_next_run(synced):
    project = synced
    everyone = [f"u{number}" for number in range(3)]
    for number, person in enumerate(_alone(project)[: len(everyone)]):
        _patch_person(project, person["id"], {"first_name": everyone[number], "last_name": "X"})
    project.sandbox.fault("/journy/users/upsert", "POST", action={"status": 401})
    running = project.meltano("run", "--no-install", "pipedrive-to-journy")
    said, _ = running.communicate(timeout=240)
    assert running.returncode != 0
    assert "journy answered 401" in said
    assert "Traceback" not in said.partition("journy answered 401")[0]

    project.sandbox.clear_faults()
    project.run("sync")
    names = {user["properties"].get("first_name") for user in users(project)}
    assert set(everyone) <= names, "what failed was sent by the next run"


def bookmarks(folder) -> list[tuple]:
    with sqlite3.connect(folder / "meltano.db") as db:
        return db.execute("select * from state order by 1").fetchall()


def plan(project: Project, folder, *options: str, expect: int, **env: str) -> dict:
    file = folder / "plan.json"
    running = project.start("connector", "plan", *options, f"--out={file}", **env)
    said, _ = running.communicate(timeout=240)
    assert running.returncode == expect, said[-3000:]
    return json.loads(file.read_text("utf-8"))


def test_a_plan_counts_as_the_sync_then_does_and_leaves_bookmarks_and_records_alone(
    synced, tmp_path
):
    person = next(
        row
        for row in synced.sandbox.pipedrive.rows("person").values()
        if row["emails"] and row["id"] > 20
    )
    requests.patch(
        f"{synced.sandbox.pipedrive_url}/api/v2/persons/{person['id']}",
        json={"first_name": "Planned", "last_name": "Person"},
        headers={"x-api-token": "sandbox-token"},
        timeout=30,
    ).raise_for_status()
    before = bookmarks(tmp_path)
    synced.writes()

    planned = plan(synced, tmp_path, expect=2)
    assert synced.writes() == []
    assert bookmarks(tmp_path) == before
    assert planned["pending"] == 1
    assert planned["daily_tokens"]["left"] > planned["daily_tokens"]["after"]

    synced.run("sync")
    real = {run["direction"]: run for run in synced.runs()[-2:]}
    for half in planned["directions"]:
        counted = real[half["direction"]]["counts"]
        told = {
            stream: {outcome: number for outcome, number in counts.items() if number}
            for stream, counts in counted.items()
        }
        assert half["counts"] == told
        assert half["calls"] >= real[half["direction"]]["calls"]


def test_a_plan_of_everything_shows_what_a_new_line_does_to_records_that_haven_t_changed(
    synced, tmp_path
):
    lines = [{"from": "plan", "to": "Plan"}, {"from": "seats", "to": "Employees"}]
    accounts = {"external_id_field": "Account ID", "fields": lines}
    new = {"TARGET_PIPEDRIVE_ACCOUNTS": json.dumps(accounts)}
    before = bookmarks(tmp_path)
    synced.writes()
    half = ("--direction", "journy-to-pipedrive")
    planned = plan(synced, tmp_path, "--full-refresh", *half, expect=2, **new)
    fields = {sample["field"] for each in planned["directions"] for sample in each["samples"]}
    assert fields == {"Employees"}
    assert synced.writes() == []
    assert bookmarks(tmp_path) == before


def test_a_target_that_wouldn_t_run_dry_is_never_started(synced, tmp_path):
    # As if `env` of meltano.yml said otherwise than the plan does.
    elsewhere = tmp_path / "stubborn"
    elsewhere.mkdir()
    script = elsewhere / "meltano"
    script.write_text(
        '#!/bin/sh\ncase "$*" in *config*) echo \'{"dry_run": false}\';; *) exit 9;; esac\n'
    )
    script.chmod(0o755)
    synced.writes()
    running = synced.start("connector", "plan", CONNECTOR_MELTANO=str(script))
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "wouldn't run dry: TARGET_PIPEDRIVE_DRY_RUN is set elsewhere" in said
    assert synced.sandbox.journal() == []


def test_wrong_lines_of_two_streams_end_a_run_together_and_before_any_write(project):
    wrong = {
        "TARGET_PIPEDRIVE_ACCOUNTS": {
            "create": True,
            "external_id_field": "Account ID",
            "fields": [{"from": "plann", "to": "Plan"}],
        },
        "TARGET_PIPEDRIVE_USERS": {
            "create": True,
            "fields": [{"from": "helth", "to": "Customer health"}],
        },
    }
    settings = {name: json.dumps(value) for name, value in wrong.items()}
    running = project.meltano("run", "--no-install", "tap-journy", "target-pipedrive", **settings)
    said, _ = running.communicate(timeout=240)
    assert running.returncode == 1
    assert "accounts.fields[0]: stream accounts has no field 'plann'; did you mean 'plan'" in said
    assert "users.fields[0]: stream users has no field 'helth'; did you mean 'health'" in said
    assert project.writes() == []
