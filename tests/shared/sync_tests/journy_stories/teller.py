"""Plays a story: the account lives, the tap reads it, a target keeps what it gets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import requests

from sync_tests.journy_stories import steps
from sync_tests.stories.disturbing import Disturbance
from sync_tests.stories.tables import Tables

KEY, PRIVATE = "sandbox-key", "zyxwv"
ID = {"users": "user_id", "accounts": "account_id"}
_PAGES = {"page_size": 3}
SETTINGS = {
    "record_source": {"type": "api", "users": _PAGES, "accounts": _PAGES},
}
LEFT_OUT = 3
#: What a column of a kind that the state remembers takes.
TYPES: dict[Any, set[str]] = {
    **{kind: {kind} for kind in ("boolean", "number", "array", "string")},
    **{kind: {"string"} for kind in ("date", "date-time")},
    "any": {"string", "number", "boolean", "array"},
}


class World:
    """One journy account."""

    def __init__(self, sandbox: Any, story: steps.Story) -> None:
        self.sandbox = sandbox
        sandbox.reset(persons=0, organizations=0, users=0, accounts=0)
        sandbox.switches.update({"journy.rate_limit": 0, "journy.property_types": "any"})
        sandbox.clock.freeze(True)
        for kind, count in (("users", story.users), ("accounts", story.accounts)):
            for number in range(count):
                self.do(steps.Give(kind, number, number % 3, number))
                self.do(steps.Wait(number % 2))

    @property
    def now(self) -> str:
        return self.sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def do(self, step: Any) -> None:
        getattr(self, f"_{type(step).__name__.lower()}")(step)

    def expire(self) -> None:
        """A cursor isn't taken; how journy would say so isn't known."""
        self.sandbox.fault("*", "GET", action={"status": 400, "body": {"message": "bad cursor"}})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        url, auth = self.sandbox.journy_url + path, {"X-Api-Key": KEY}
        answer = requests.request(method, url, headers=auth, json=body, timeout=10)
        assert answer.ok or answer.status_code == 404, answer.text
        return answer.json() if answer.content else None

    @staticmethod
    def _who(kind: str, which: int) -> dict[str, str]:
        if kind == "users":
            return {"userId": f"u{which}", "email": f"{PRIVATE}{which}@private.example"}
        return {"accountId": f"a{which}", "domain": f"{PRIVATE}{which}.example"}

    def _give(self, step: steps.Give) -> None:
        value = steps.VALUES[step.value % len(steps.VALUES)]
        properties = {steps.PROPERTIES[step.name]: value}
        body = {"identification": self._who(step.kind, step.which), "properties": properties}
        self.call("POST", f"/{step.kind}/upsert", body)

    def _remove(self, step: steps.Remove) -> None:
        body = {"identification": self._who(step.kind, step.which)}
        self.call("DELETE", f"/{step.kind}", body)

    def _join(self, step: steps.Join) -> None:
        self._members("add", step)

    def _leave(self, step: steps.Leave) -> None:
        self._members("remove", step)

    def _members(self, what: str, step: Any) -> None:
        user = {"identification": self._who("users", step.user)}
        body = {"account": self._who("accounts", step.account), "users": [user]}
        self.call("POST", f"/accounts/users/{what}", body)

    def _wait(self, step: steps.Wait) -> None:
        self.sandbox.clock.advance(step.seconds)


class WideningTables(Tables):
    """Tables whose columns never get narrower as long as the state lives."""

    def check(self, stream: str, properties: Any) -> None:
        kinds = self.bookmarks(stream).get("columns", {})
        for name, about in properties.items():
            before = TYPES.get(kinds.get(about.get("x-journy", {}).get("name")), set())
            after = set(about["type"])
            assert before <= after or "string" in after, f"{stream}: {name} takes {after} only"


class Teller:
    """One story, step by step."""

    def __init__(self, sandbox: Any, tap: Callable[..., Any], story: steps.Story) -> None:
        self._tap, self._story = tap, story
        self._catalog: Any = None
        self.world, self.tables = World(sandbox, story), WideningTables()

    def tell(self) -> None:
        """Let all steps happen, and then have a rest."""
        for step in (*self._story.steps, steps.Rest()):
            if isinstance(step, steps.Run):
                self._run(step)
            elif isinstance(step, steps.Lose):
                self.tables.lose()
            elif isinstance(step, steps.Discover):
                self._catalog = json.loads(self._tap("--discover", **SETTINGS).out)
            elif isinstance(step, steps.Rest):
                self._run(steps.Run())
                wrong = [*self._wrong_records(), *self._wrong_memberships()]
                assert not wrong, wrong
            else:
                self.world.do(step)

    def _run(self, step: steps.Run) -> None:
        disturbance = Disturbance(self.world, step)
        with disturbance.begun():
            run = self._tap(state=self.tables.state, catalog=self._catalog, **SETTINGS)
        faults = {kind for _, kind, _ in step.faults}
        expected = {0, *([1] if faults else []), *([LEFT_OUT] if faults else [])}
        assert run.exit_code in expected, f"ended with {run.exit_code}: {run.log[-2000:]}"
        for private in (KEY, PRIVATE, "private.example", "Traceback"):
            assert private not in run.log, f"{private} in the log: {run.log[-2000:]}"
        messages = run.messages
        self._check_marks(messages, disturbance.began)
        if step.kill is not None:
            messages = messages[: len(messages) * step.kill // 100]
        self.tables.load(messages, step.back)

    def _check_marks(self, messages: list[Any], began: str) -> None:
        """No bookmark passes the start of its run."""
        for message in messages:
            if message["type"] == "STATE":
                for stream, state in message["value"].get("bookmarks", {}).items():
                    mark = state.get("replication_key_value", "")
                    before = self.tables.bookmarks(stream).get("replication_key_value", "")
                    assert before <= mark, f"{stream}: back from {before} to {mark}"
                    assert mark[:19] <= max(before[:19], began[:19]), f"{stream}: {mark}, {began}"

    def _listed(self, kind: str) -> list[Any]:
        found: list[Any] = self.world.call("GET", f"/{kind}?limit=500")["data"]
        return found

    def _wrong_records(self) -> Iterator[str]:
        for kind, key in ID.items():
            rows = self.tables.rows.get(kind, {})
            for listed in self._listed(kind):
                own = listed[{"users": "userId", "accounts": "accountId"}[kind]]
                record = rows.get(own)
                if record is None:
                    yield f"{kind} {own} is missing"
                    continue
                for name, about in self.tables.schemas[kind].items():
                    mark = about.get("x-journy", {})
                    if "name" in mark:
                        value, found = listed["properties"].get(mark["name"]), record.get(name)
                        if plain(value) != plain(found):
                            yield f"{kind} {own}: {name} is {found!r}, and should be {value!r}"
                if record["updated_at"] != listed["updatedAt"]:
                    yield f"{kind} {own}: of {record['updated_at']}, not {listed['updatedAt']}"
                if kind == "users" and record["accounts"] != listed["accounts"]:
                    yield f"{own}: in {record['accounts']}, and should be in {listed['accounts']}"
                assert record[key] == own

    def _wrong_memberships(self) -> Iterator[str]:
        """Those that are missing: one that is gone isn't noticed (README, limits)."""
        rows = self.tables.rows.get("memberships", {})
        for user in self._listed("users"):
            for account in user["accounts"]:
                row = rows.get((user["userId"], account))
                if row is None or row["user_updated_at"] != user["updatedAt"]:
                    yield f"{user['userId']} in {account}: {row}"


def plain(value: Any) -> Any:
    """A value whatever its column's type: as texts, and of no text at all as None."""
    if isinstance(value, str) and value.startswith("["):
        value = msgspec.json.decode(value)  # a list in a column of texts
    texts = [_text(each) for each in (value if isinstance(value, list) else [value])]
    return [each for each in texts if each]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return msgspec.json.encode(value).decode()
    return value + "T00:00:00.000Z" if value == "2026-01-31" else str(value)


def small_pages(patch: pytest.MonkeyPatch) -> None:
    """So few records a page, and a state, that every story has several."""
    patch.setattr("tap_journy.api.SAMPLE_SIZE", 2)
    patch.setattr("tap_journy.streams.JournyStream.STATE_MSG_FREQUENCY", 2)
    patch.setattr("sync_core.http.TRIES", 2)
    patch.setattr("sync_core.http.LONGEST_WAIT_SECONDS", 0.0)
