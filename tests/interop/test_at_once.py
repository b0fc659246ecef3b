"""Both directions at once, as processes of their own on one ledger, while people edit.

Blind spot: few records; how the two meet differs from run to run.
"""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
import requests
from sync_tests.prepared import call
from sync_tests.two_way import STAGE, TO_JOURNY, TO_PIPEDRIVE

WAYS = {"tap-pipedrive": "target-journy", "tap-journy": "target-pipedrive"}
BY_ID = {"create": True, "external_id_field": "Account ID"}
TROUBLE = ("locked", "deadlock", "serializ", "Traceback", "ERROR")
#: Rounds until nothing is written any more.
ROUNDS = 3


class Both:
    """The two directions of one connection."""

    def __init__(self, sandbox: Any, folder: Any, ledger_url: str) -> None:
        self.sandbox, self._folder = sandbox, folder
        self._states: dict[str, str] = {}
        pipedrive = {"api_url": sandbox.pipedrive_url, "api_token": "sandbox-token"}
        journy = {"api_url": sandbox.journy_url, "api_key": "sandbox-key"}
        ledger = {"ledger_url": ledger_url}
        self._settings: dict[str, dict[str, Any]] = {
            "tap-pipedrive": pipedrive,
            "tap-journy": journy,
            "target-pipedrive": {**pipedrive, **ledger, "accounts": BY_ID, "users": {
                "create": True, "fields": [TO_PIPEDRIVE]}},
            "target-journy": {**journy, **ledger, "organizations": BY_ID, "persons": {
                "create": True, "fields": [TO_JOURNY]}},
        }  # fmt: skip
        self._numbers = count()
        self.edits: dict[str, str] = {}

    def round(self, edits: int = 0) -> int:
        """Run both at once, and edit meanwhile; gives the number of writes."""
        self.sandbox.clear_journal()
        with ThreadPoolExecutor() as pool:
            ways = pool.map(self._way, WAYS)
            own = sum(self.edit() for _ in range(edits))
            list(ways)
        self.sandbox.clock.advance(2)
        return sum(each["method"] != "GET" for each in self.sandbox.journal()) - own

    def _way(self, tap: str) -> None:
        state = ["--state", self._file(f"{tap}-state", self._states.get(tap) or "{}")]
        rows = self._call(tap, *state).out
        told = self._call(WAYS[tap], stdin=rows).out
        self._states[tap] = (told.splitlines() or [self._states.get(tap, "")])[-1]

    def _call(self, name: str, *arguments: str, stdin: str | None = None) -> Any:
        config = self._file(name, json.dumps(self._settings[name]))
        ran = call([name, "--config", config, *arguments], root=self._folder, stdin=stdin)
        assert ran.code == 0, ran.err
        assert not [line for line in ran.err.splitlines() if any(each in line for each in TROUBLE)]
        return ran

    def _file(self, name: str, text: str) -> str:
        path = self._folder / f"{name}.json"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def edit(self) -> bool:
        """Change one person's stage where it is this one's turn to be changed: here or there."""
        number = next(self._numbers)
        people = self.people()
        email = sorted(people)[number * 7 % len(people)]
        person, user = people[email]
        value = self.edits[email] = f"Stage {number}"
        if len(email) % 2:
            url, headers = f"{self.sandbox.pipedrive_url}/api/v2/persons/{person}", "x-api-token"
            key = self.sandbox.pipedrive.field("person", STAGE)["field_code"]
            body: Any = {"custom_fields": {key: value}}
            answer = requests.patch(url, json=body, headers={headers: "sandbox-token"}, timeout=10)
        else:
            url, headers = f"{self.sandbox.journy_url}/users/upsert", "X-Api-Key"
            body = {"identification": {"userId": user}, "properties": {"lifecycle": value}}
            answer = requests.post(url, json=body, headers={headers: "sandbox-key"}, timeout=10)
        assert answer.ok, answer.text
        return True

    def people(self) -> dict[str, tuple[int, str]]:
        """Addresses of one person and one user alone, who have no other: with both ids."""
        rows = [row for row in self.sandbox.pipedrive.rows("person").values()
                if not row["is_deleted"]]  # fmt: skip
        held = Counter(email for row in rows for email in addresses(row))
        users = self.sandbox.journy.world.users.by_external
        known = {(record.contact or "").lower(): key for key, record in list(users.items())}
        return {
            email: (row["id"], known[email])
            for row in rows
            for email in addresses(row)
            if held[email] == len(addresses(row)) == 1 and email in known
        }

    def held(self) -> Counter[str]:
        """How many persons have an address."""
        rows = self.sandbox.pipedrive.rows("person").values()
        return Counter(each for row in rows if not row["is_deleted"] for each in addresses(row))

    def stages(self, email: str) -> tuple[Any, Any]:
        person, user = self.people()[email]
        key = self.sandbox.pipedrive.field("person", STAGE)["field_code"]
        record = self.sandbox.journy.world.users.by_external[user]
        row = self.sandbox.pipedrive.rows("person")[person]
        return row["custom_fields"].get(key), record.properties.get("lifecycle")


def addresses(row: Any) -> set[str]:
    return {each["value"].lower() for each in row["emails"] or []}


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request, sandbox, tmp_path):
    sandbox.reset(persons=40, organizations=6, users=40, accounts=6)
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.db'}"
    else:
        url = request.getfixturevalue("postgres").fresh("at once")
    return Both(sandbox, tmp_path, url)


def test_what_people_edit_meanwhile_arrives_once_and_writes_end(both):
    before = both.held()
    both.round()
    both.round(edits=20)
    rounds = 0
    while both.round():
        rounds += 1
        assert rounds <= ROUNDS
    assert len(both.edits) > 5
    for email, stage in both.edits.items():
        assert both.stages(email) == (stage, stage), email
    assert {email for email, times in both.held().items() if times > max(1, before[email])} == set()
