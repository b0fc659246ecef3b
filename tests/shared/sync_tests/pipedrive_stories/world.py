"""What happens to an account: each step of a story, as colleagues would make it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import requests

from sync_tests.pipedrive_stories import steps
from sync_tests.pipedrive_stories.silent import Labels, Silent

PATHS = {
    "person": "/api/v2/persons",
    "organization": "/api/v2/organizations",
    "deal": "/api/v2/deals",
    "activity": "/api/v2/activities",
    "stage": "/api/v2/stages",
    "note": "/v1/notes",
    "lead": "/v1/leads",
}
NAMES = {"deal": "title", "lead": "title", "activity": "subject", "note": "content"}
#: In every name and address, so that a log that has one of them is found.
PRIVATE = "Zyxwv"
LABELS = (
    "Plan", "plan!", "Plan id", "Plan ids", "Name", "Größe", "custom fields", "!?", "id", "Plan",
)  # fmt: skip
KINDS = ("varchar", "enum", "set", "double", "monetary", "date")
_VALUES: dict[str, Callable[[Any, int], Any]] = {
    "varchar": lambda _, n: f"text {n}",
    "double": lambda _, n: n + n % 2 / 4,
    "monetary": lambda _, n: {"value": n + 0.5, "currency": "EUR"},
    "date": lambda _, n: f"2026-01-{n + 1:02}",
    "enum": lambda field, n: field["options"][n % len(field["options"])]["id"],
    "set": lambda field, n: [option["id"] for option in field["options"][: n % 3 + 1]],
}


class World:
    """One account.

    Attributes:
        silent: What changed in it without a new update time.
    """

    def __init__(self, sandbox: Any, story: steps.Story) -> None:
        self.sandbox = sandbox
        self._counter = 0
        sandbox.reset(persons=0, organizations=0, users=0, accounts=0)
        sandbox.switches.update(story.switches)
        sandbox.clock.freeze(True)
        tables = sandbox.pipedrive.state.tables
        self.silent = Silent({name: tables[name] for name in PATHS}, self.labels)
        self._chance = random.Random(story.spread)
        self._furnish(story)

    @property
    def now(self) -> str:
        return self.sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def expire(self) -> None:
        """No cursor is taken any more."""
        self.sandbox.apply(pipedrive={"expire_cursors": True})

    def do(self, step: Any) -> None:
        """Let a step happen; one that can't is passed over."""
        getattr(self, f"_{type(step).__name__.lower()}")(step)

    def _furnish(self, story: steps.Story) -> None:
        """Old records: some ids are missing, some have no update time."""
        for entity in steps.WITH_FIELDS:
            for field in self.fields(entity):
                self.sandbox.pipedrive.state.fields[entity].remove(field["field_code"])
            for kind in range(story.spread % 3):
                self.do(steps.Field("add", entity, label=kind, kind=story.spread + kind))
        for entity in ("organization", "person", "deal"):  # what others need to hang on
            for _ in range(dict(story.records).get(entity, 1)):
                self._old(entity)
        for entity, count in story.records:
            for _ in range(count if entity not in ("organization", "person", "deal") else 0):
                self._old(entity)

    def _old(self, entity: str) -> None:
        if self._chance.random() < 0.3:
            self.do(steps.Skip(entity, self._chance.choice((1, 2, 25))))
        if self._chance.random() < 0.5:
            self.do(steps.Wait(self._chance.choice((1, 1, 7, 3600))))
        self.do(steps.Make(entity, self._chance.randrange(6)))
        if entity in ("person", "organization", "deal", "activity") and self._chance.random() < 0.2:
            table = self.sandbox.pipedrive.state.tables[entity]
            table.update(table.rows[max(table.rows)], {"update_time": None})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call as a colleague makes it; gives the data."""
        answer = requests.request(
            method,
            self.sandbox.pipedrive_url + path,
            headers={"x-api-token": "sandbox-token"},
            json=body,
            timeout=10,
        )
        assert answer.ok, answer.text
        return answer.json()["data"]

    # Records

    def alive(self, entity: str) -> list[Any]:
        """Ids of what is there and can be edited."""
        rows = self.sandbox.pipedrive.rows(entity)
        return [
            each
            for each, row in rows.items()
            if not row.get("is_deleted") and not (entity == "deal" and row["is_archived"])
        ]

    def _pick(self, entity: str, which: int) -> Any:
        found = self.alive(entity)
        return found[which % len(found)] if found else None

    def _body(self, entity: str, number: int) -> dict[str, Any]:
        self._counter += 1
        body: dict[str, Any] = {NAMES.get(entity, "name"): f"{PRIVATE} {self._counter}"}
        if entity == "person":
            address = f"{PRIVATE}{self._counter}@private.example"
            body["emails"] = [{"value": address, "primary": True}] if number else []
            body["org_id"] = self._pick("organization", number)
        fields = self.fields("deal" if entity == "lead" else entity)
        if fields and number:
            field = fields[number % len(fields)]
            value = {field["field_code"]: _VALUES[field["field_type"]](field, number)}
            body.update(value if entity == "lead" else {"custom_fields": value})
        return body

    def _make(self, step: steps.Make) -> None:
        body = self._body(step.entity, step.number)
        if step.entity == "stage":
            body["pipeline_id"] = next(iter(self.sandbox.pipedrive.rows("pipeline")))
        if step.entity in ("note", "lead"):
            person = self._pick("person", step.number)
            if person is None:
                return
            body["person_id"] = person
        self.call("POST", PATHS[step.entity], body)

    def _change(self, step: steps.Change) -> None:
        record = self._pick(step.entity, step.which)
        if record is None:
            return
        body = self._body(step.entity, step.number)
        method = "PUT" if step.entity == "note" else "PATCH"
        self.call(method, f"{PATHS[step.entity]}/{record}", body)
        self.silent.told(step.entity, record)

    def _changemany(self, step: steps.ChangeMany) -> None:
        for which in range(step.records):
            self.do(steps.Change(step.entity, which, which))
            self.do(steps.Wait(step.seconds))

    def _delete(self, step: steps.Delete) -> None:
        record = self._pick(step.entity, step.which)
        if record is None:
            return
        if step.entity == "stage" and len(self.alive("stage")) == 1:
            return
        with self.silent.watched():
            self.call("DELETE", f"{PATHS[step.entity]}/{record}")
        self.silent.told(step.entity, record)

    def _restore(self, step: steps.Restore) -> None:
        rows = self.sandbox.pipedrive.rows(step.entity)
        gone = [each for each, row in rows.items() if row["is_deleted"]]
        if gone:
            record = gone[step.which % len(gone)]
            there = {"is_deleted": False, "update_time": self.now}
            self.sandbox.pipedrive.state.tables[step.entity].update(rows[record], there)
            self.silent.told(step.entity, record)

    def _merge(self, step: steps.Merge) -> None:
        loser, survivor = self._pick(step.entity, step.which), self._pick(step.entity, step.other)
        if loser is None or loser == survivor:
            return
        path = PATHS[step.entity].replace("/api/v2", "/v1")
        with self.silent.watched((step.entity, loser), (step.entity, survivor)):
            self.call("PUT", f"{path}/{loser}/merge", {"merge_with_id": survivor})
        self.silent.told(step.entity, loser)
        self.silent.told(step.entity, survivor)

    def _archive(self, step: steps.Archive) -> None:
        deal = self._pick("deal", step.which)
        if deal is not None:
            self.call("PATCH", f"/api/v2/deals/{deal}", {"is_archived": True})
            self.silent.told("deal", deal)

    def _skip(self, step: steps.Skip) -> None:
        self.sandbox.pipedrive.state.tables[step.entity].next_id += step.ids

    def _wait(self, step: steps.Wait) -> None:
        self.sandbox.clock.advance(step.seconds)

    # Fields

    def fields(self, entity: str) -> list[dict[str, Any]]:
        catalogues = self.sandbox.pipedrive.state.fields
        if entity not in steps.WITH_FIELDS:
            return []
        return [field for field in catalogues[entity].all() if field["is_custom_field"]]

    def _field(self, step: steps.Field) -> None:
        base = PATHS[step.entity].removesuffix("s") + "Fields"
        label, kind = LABELS[step.label % len(LABELS)], KINDS[step.kind % len(KINDS)]
        if step.what == "add":
            options = [{"label": "One"}, {"label": "Two"}, {"label": "Three"}]
            choice = {"options": options} if kind in ("enum", "set") else {}
            self.call("POST", base, {"field_name": label, "field_type": kind, **choice})
            return
        fields = self.fields(step.entity)
        if step.what in ("option", "relabel", "unoption"):
            fields = [field for field in fields if field["options"]]
        if not fields:
            return
        field = fields[step.which % len(fields)]
        path = f"{base}/{field['field_code']}"
        if step.what == "rename":
            self.call("PATCH", path, {"field_name": label})
        elif step.what == "remove":
            self.call("DELETE", path)
        else:
            self._option(step, field, f"{path}/options")

    def _option(self, step: steps.Field, field: dict[str, Any], path: str) -> None:
        option = field["options"][step.label % len(field["options"])]["id"]
        if step.what == "option":
            self.call("POST", path, [{"label": f"Option {step.label}"}])
        elif step.what == "relabel":
            with self.silent.watched(option=option):
                self.call("PATCH", path, [{"id": option, "label": f"Choice {step.kind}"}])
        elif len(field["options"]) > 1:
            with self.silent.watched():
                self.call("DELETE", path, [{"id": option}])

    def labels(self) -> Labels:
        """How options are called now."""
        return {
            field["field_code"]: {option["id"]: option["label"] for option in field["options"]}
            for entity in steps.WITH_FIELDS
            for field in self.fields(entity)
            if field["options"]
        }
