"""What happens in the two services: each step of a scenario, as people and programs make it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sync_tests.scenarios import choices, steps
from sync_tests.scenarios.hands import Hands

Typed = tuple[str, int, str]


class World:
    """Both services.

    Attributes:
        entered: How often a user entered the segment that an action waits for, by id.
        said: Every address and number that a user or an account of journy ever had.
        dropped: Person -> each number that somebody took off them.
        typed: (entity, id, label) of what got a value since the last run that it never had.
    """

    def __init__(self, sandbox: Any, scenario: steps.Scenario) -> None:
        self.sandbox = sandbox
        sandbox.reset()
        sandbox.clear_faults()
        sandbox.switches.reset()
        sandbox.switches.update({"journy.rate_limit": 0, **scenario.switches})
        sandbox.clock.freeze(True)
        self.hands = Hands(sandbox)
        self.entered: dict[str, int] = {}
        self._inside: set[str] = set()
        self.said: set[str] = set()
        self.dropped: set[tuple[int, str]] = set()
        self.typed: set[Typed] = set()
        self._had: defaultdict[Typed, set[Any]] = defaultdict(set)

    def do(self, step: Any) -> None:
        """Let a step happen; one that can't is passed over."""
        getattr(self, f"_{type(step).__name__.lower()}")(step)

    def look(self) -> None:
        """See who entered the segment, and what journy says of its users."""
        self._inside.intersection_update(self.users())
        for user in self.users().values():
            name, inside = user.label(), "Power users" in user.properties.get("segments", ())
            if inside and name not in self._inside:
                self.entered[name] = self.entered.get(name, 0) + 1
            (self._inside.add if inside else self._inside.discard)(name)
            self.said.update(filter(None, (user.contact, user.properties.get("phone"))))
        for entity, label in choices.BOTH_WAYS:
            key = self.hands.key(entity, label)
            for number, row in self.sandbox.pipedrive.rows(entity).items():
                self._had[entity, number, label].add(row["custom_fields"].get(key))

    def users(self) -> dict[str, Any]:
        """Users of journy by id."""
        found: dict[str, Any] = self.sandbox.journy.world.users.by_external
        return found

    def accounts(self) -> dict[str, Any]:
        """Accounts of journy by id."""
        found: dict[str, Any] = self.sandbox.journy.world.accounts.by_external
        return found

    # journy

    def _name(self, kind: str, which: int) -> str:
        """Those that Pipedrive brought can be meant as well."""
        known = sorted(self.users() if kind == "user" else self.accounts())
        own = [f"u{n}" for n in range(4)] if kind == "user" else [*choices.ACCOUNTS]
        names = [*own, *(each for each in known if each not in own)]
        return names[which % len(names)]

    def _is_there(self, kind: str, name: str) -> bool:
        return name in (self.users() if kind == "user" else self.accounts())

    def _give(self, step: steps.Give) -> None:
        name = self._name(step.kind, step.which)
        value = choices.pick(step.kind, step.what, step.value)
        mine: dict[str, Any] = {"userId" if step.kind == "user" else "accountId": name}
        properties: dict[str, Any] = {}
        if step.what in ("email", "domain"):
            mine[step.what] = value
        else:
            properties[step.what] = value
        if not self._is_there(step.kind, name):
            self._begin(step, mine, properties)
        self.hands.journy(f"{step.kind}s/upsert", identification=mine, properties=properties)

    @staticmethod
    def _begin(step: steps.Give, mine: dict[str, Any], properties: dict[str, Any]) -> None:
        """What a new one has anyway."""
        if step.kind == "user":
            mine.setdefault("email", choices.EMAILS[step.which % len(choices.EMAILS)])
            properties.setdefault("first_name", choices.NAMES[step.which % len(choices.NAMES)])
        else:
            properties.setdefault("name", mine["accountId"].title())

    def _remove(self, step: steps.Remove) -> None:
        name = self._name(step.kind, step.which)
        if self._is_there(step.kind, name):
            key = "userId" if step.kind == "user" else "accountId"
            self.hands.journy(f"{step.kind}s", "DELETE", identification={key: name})

    def _unify(self, step: steps.Unify) -> None:
        one, other = self._name(step.kind, step.which), self._name(step.kind, step.other)
        table = self.users() if step.kind == "user" else self.accounts()
        if one == other or one not in table or other not in table or not table[other].contact:
            return
        names = ("userId", "email") if step.kind == "user" else ("accountId", "domain")
        mine = dict(zip(names, (one, table[other].contact), strict=True))
        with self.hands.switched({"journy.identity_conflict": "merge"}):
            self.hands.journy(f"{step.kind}s/upsert", identification=mine, properties={})

    def _member(self, step: steps.Member) -> None:
        user, account = self._name("user", step.user), self._name("account", step.account)
        if self._is_there("user", user) and self._is_there("account", account):
            self.hands.journy(
                f"accounts/users/{'add' if step.joins else 'remove'}",
                account={"accountId": account},
                users=[{"identification": {"userId": user}}],
            )

    # Pipedrive

    def _pick(self, entity: str, which: int, *, gone: bool = False) -> Any:
        found = [
            row
            for row in self.sandbox.pipedrive.rows(entity).values()
            if bool(row["is_deleted"]) is gone
        ]
        return found[which % len(found)] if found else None

    def _make(self, step: steps.Make) -> None:
        self.hands.make(step.entity, step.number)

    def _edit(self, step: steps.Edit) -> None:
        row = self._pick(step.entity, step.which)
        if row is None:
            return
        value = choices.pick(step.entity, step.what, step.value)
        if step.what == "org_id" and value is not None:
            home = self._pick("organization", value)
            value = home and home["id"]
        self._type(step, row["id"], value)
        before = {each["value"] for each in row["phones"]} if step.what == "phones" else set()
        self.hands.edit(step.entity, row, step.what, value)
        for each in before - {entry["value"] for entry in row.get("phones", ())}:
            self.dropped.add((row["id"], each))

    def _type(self, step: steps.Edit, number: int, value: Any) -> None:
        name = (step.entity, number, step.what)
        mapped = (step.entity, step.what) in choices.BOTH_WAYS
        if value is None or not mapped or not self.hands.key(step.entity, step.what):
            return
        stored = self.hands.option(step.entity, step.what, value)
        if stored is not None and stored not in self._had[name]:
            self.typed.add(name)

    def _swap(self, step: steps.Swap) -> None:
        one, other = self._pick(step.entity, step.which), self._pick(step.entity, step.other)
        if one is None or one is other:
            return
        self.hands.swap(step.entity, one, other)

    def _delete(self, step: steps.Delete) -> None:
        if row := self._pick(step.entity, step.which):
            self.hands.pipedrive("DELETE", f"/api/v2/{step.entity}s/{row['id']}")

    def _restore(self, step: steps.Restore) -> None:
        if row := self._pick(step.entity, step.which, gone=True):
            there = {"is_deleted": False, "update_time": self.sandbox.pipedrive.state.stamp()}
            self.sandbox.pipedrive.state.tables[step.entity].update(row, there)

    def _merge(self, step: steps.Merge) -> None:
        one, other = self._pick(step.entity, step.which), self._pick(step.entity, step.other)
        if one is not None and one is not other:
            path = f"/v1/{step.entity}s/{one['id']}/merge"
            self.hands.pipedrive("PUT", path, {"merge_with_id": other["id"]})

    def _field(self, step: steps.Field) -> None:
        self.hands.spoil(step.what)
        self.typed.clear()  # a value goes with its field or option

    def _wait(self, step: steps.Wait) -> None:
        self.sandbox.clock.advance(step.seconds)
        self.sandbox.journy.world.settle()
