"""The job that keeps both services in step, with one field mapped both ways."""

from __future__ import annotations

from typing import Any

import requests

STAGE = "Lifecycle stage"
TO_PIPEDRIVE = {"from": "lifecycle", "to": STAGE}
TO_JOURNY = {"from": STAGE, "to": "lifecycle"}


class Sync:
    """The two-way job, with one field mapped both ways."""

    def __init__(self, plugins: Any, sandbox: Any, journy: Any) -> None:
        self.plugins, self.sandbox, self.journy = plugins, sandbox, journy
        self.create = {"create": True}
        self.rule: dict[str, Any] = {}

    def to_pipedrive(self) -> Any:
        code, text, log = self.plugins.call("tap-journy")
        assert code == 0, log
        users = {**self.create, "fields": [{**TO_PIPEDRIVE, **self.rule}]}
        run = self.plugins.write(text, "target-pipedrive", users=users, accounts=self.create)
        assert run.exit_code == 0, run.log
        return run

    def to_journy(self) -> Any:
        code, text, log = self.plugins.call("tap-pipedrive")
        assert code == 0, log
        run = self.plugins.write(text, persons=self.persons, organizations=self.create)
        assert run.exit_code == 0, run.log
        return run

    @property
    def persons(self) -> dict[str, Any]:
        """What becomes of persons in journy."""
        return {**self.create, "fields": [{**TO_JOURNY, **self.rule}]}

    def round(self) -> list[str]:
        """Both directions; the writes that they made."""
        self.journy.writes()
        self.to_pipedrive()
        self.to_journy()
        return self.journy.writes()

    def rest(self) -> int:
        """Rounds until nothing is written any more."""
        rounds = 0
        while self.round():
            rounds += 1
            assert rounds <= 2, "it doesn't come to rest"
        return rounds

    def person(self) -> dict[str, Any]:
        (row,) = self.sandbox.pipedrive.rows("person").values()
        key = self.sandbox.pipedrive.field("person", STAGE)["field_code"]
        return {**row, STAGE: row["custom_fields"].get(key)}

    def edit_person(self, stage: str | None = None, **values: Any) -> None:
        (person,) = self.sandbox.pipedrive.rows("person")
        key = self.sandbox.pipedrive.field("person", STAGE)["field_code"]
        custom = {"custom_fields": {key: stage}} if stage else {}
        url = f"{self.sandbox.pipedrive_url}/api/v2/persons/{person}"
        headers = {"x-api-token": "sandbox-token"}
        answer = requests.patch(url, json={**values, **custom}, headers=headers, timeout=10)
        assert answer.ok, answer.text

    def edit_user(self, **properties: Any) -> None:
        self.sandbox.clock.advance(2)
        self.journy.put("users", {"userId": "u1"}, **properties)

    def stages(self) -> tuple[Any, Any]:
        return self.person()[STAGE], self.journy.user("u1").get("lifecycle")
