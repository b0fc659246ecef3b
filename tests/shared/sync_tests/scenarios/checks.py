"""What has to be true after every run of a target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sync_sandbox.journy.catalogues import PROPERTIES

from sync_tests.scenarios.choices import PLAN, PRIVATE, STAGE
from sync_tests.scenarios.pictures import Picture, addresses
from sync_tests.scenarios.running import Did, Pair
from sync_tests.scenarios.steps import Run

#: What a mapping says; the rest of a record is nobody's business.
MAPPED = {
    "person": {"name", "first_name", "last_name", "emails", "phones", "org_id", STAGE},
    "organization": {"name", "website", "Account ID", PLAN},
    "user": {"first_name", "last_name", "phone", "lifecycle", "contact"},
    "account": {"name", "plan", "contact"},
}
COMPUTED = {kind: {row.name for row in rows if row.computed} for kind, rows in PROPERTIES.items()}
PAIRS = (
    ("user", "person", ("users", "persons")),
    ("account", "organization", ("accounts", "organizations")),
)
BROKEN, AWAY, LATER = 1, 69, 75
#: Outcomes of what may have been written; the answer may have been lost.
_SENT = ("created", "updated", "deferred")
SECRETS = ("sandbox-token", "sandbox-key", PRIVATE, "private.example", "Traceback")


@dataclass
class Facts:
    """All that a run can be judged by.

    Attributes:
        before: Both services before it.
        after: And after it.
        linked: The pairs that the ledger knew before.
        known_as: (kind, key, id) of journy's records that the ledger knew before.
        journal: The requests of the run, as the sandbox counts them.
        usual: Whether nothing failed and every mapped field is there.
        certain: Whether a search and a list show everything at once.
        waiting: How many records were kept for another try before.
        said: Every address and number that journy ever had.
        made: User -> the person that was made for them, as long as the ledger lives.
        ours: All persons that were ever made for anybody.
        entered: How often a user entered the segment.
        typed: (entity, id, label) of what was just typed, where Pipedrive wins conflicts.
    """

    step: Run
    did: Did
    before: Picture
    after: Picture
    linked: set[Pair]
    known_as: set[tuple[str, str, str]]
    journal: list[dict[str, Any]]
    usual: bool
    certain: bool
    spoiled: bool
    waiting: int
    said: set[str]
    made: dict[str, int] = field(default_factory=dict)
    ours: set[int] = field(default_factory=set)
    entered: dict[str, int] = field(default_factory=dict)
    typed: set[tuple[str, int, str]] = field(default_factory=set)

    def matches(self, kind: str, pipedrive: int, journy: str) -> bool:
        """Whether two records were the same before the run."""
        if (kind, str(pipedrive), journy) in self.linked:
            return True
        found = self.before.known[kind].get(journy)
        if kind == "account":
            return pipedrive in self.before.bearers(journy) or self._by_domain(pipedrive, found)
        names = {found.contact if found else "", journy}
        if self.step.source == "pipedrive":  # what journy has isn't seen, but what it had is known
            names |= self.keys(kind, journy)
        holders = [self.before.holders(each) for each in names]
        if self.step.source == "journy":
            return [pipedrive] in holders
        return any(pipedrive in each for each in holders)  # the first one, until a rival comes

    def keys(self, kind: str, journy: str) -> set[str | None]:
        """The keys by which the ledger knows a record of journy."""
        return {key for each, key, name in self.known_as if (each, name) == (kind, journy)}

    def pairs(self, kind: str, streams: tuple[str, ...]) -> set[tuple[int, str]]:
        """The two of each pair that the ledger or the log of the run tells of."""
        told = {
            (kind, line.pipedrive_id, line.journy_id or self._called(kind, line.key))
            for line in self.did.run.lines
            if line.entity in streams and line.outcome in _SENT
        }
        known = self.did.links | self.linked | told
        return {(int(one), other) for each, one, other in known if each == kind and one and other}

    def _called(self, kind: str, key: str) -> str:
        """The id of journy's record with a key, of which the ledger knows none yet."""
        known = self.after.known[kind]
        return next((name for name, each in known.items() if key in (name, each.contact)), "")

    def _by_domain(self, pipedrive: int, found: Any) -> bool:
        website = self.before.rows["organization"].get(pipedrive, {}).get("website") or ""
        return bool(found and found.contact and found.contact in website)


def wrong(facts: Facts) -> Iterator[str]:
    """What isn't as it should be."""
    for each in (_end, _private, _outcomes, _bill, _strangers, _unmapped):
        yield from each(facts)
    if facts.step.source == "journy":
        for each in (_twins, _lost, _typed, _activities):
            yield from each(facts)


def _end(facts: Facts) -> Iterator[str]:
    expected = {0} if facts.usual else {0, AWAY, LATER}
    if facts.spoiled or not facts.usual:
        expected.add(BROKEN)
    if facts.step.budget is not None:
        expected.add(LATER)
    if facts.did.run.exit_code not in expected:
        yield f"ended with {facts.did.run.exit_code}: {facts.did.run.log[-2000:]}"


def _private(facts: Facts) -> Iterator[str]:
    yield from (f"{each} in the log" for each in SECRETS if each in facts.did.run.log)


def _outcomes(facts: Facts) -> Iterator[str]:
    if facts.did.run.exit_code or facts.did.died or _is_silent(facts):
        return
    for stream, records in facts.did.records.items():
        count = sum(facts.did.run.counts.get(stream, {}).values())
        if count < len(records) or (count > len(records) and not facts.waiting):
            yield f"{len(records)} {stream} have {count} outcomes"


def _is_silent(facts: Facts) -> bool:
    """Whether a tap that failed said nothing at all: there is no run of the target then."""
    return bool(facts.step.fault) and not any(facts.did.records.values())


def _bill(facts: Facts) -> Iterator[str]:
    if facts.did.died or facts.step.source != "journy" or _is_silent(facts):
        return
    spent = sum(each["tokens"] for each in facts.journal)
    exact = facts.usual and all(each["status"] in (200, 201) for each in facts.journal)
    if facts.did.run.exit_code == 0 and exact and facts.did.tokens != spent:
        yield f"billed {facts.did.tokens} tokens, and the service {spent}"
    if facts.did.run.exit_code == 0 and facts.did.tokens < spent:
        yield f"billed {facts.did.tokens} tokens only, and the service {spent}"


def _strangers(facts: Facts) -> Iterator[str]:
    """Only the two of a pair are written to."""
    before, after = facts.before, facts.after
    for kind, entity, streams in PAIRS:
        pairs = facts.pairs(kind, streams)
        changed: set[Any]
        found: set[Any]
        if facts.step.source == "journy":
            changed = set(before.changed_rows(entity, after))
            found = {each for each, name in pairs if facts.matches(kind, each, name)}
        else:
            moved = before.changed_known(kind, after)
            changed = {name for name, what in moved.items() if _own(kind, what)}
            found = {name for each, name in pairs if facts.matches(kind, each, name)}
            # A user whose id nobody knows yet, or which is gone, is meant by the address.
            gone = [name for name in found if name not in before.known[kind]]
            meant = found.union(*(facts.keys(kind, name) for name in gone))
            found |= {one for one in changed if before.known[kind][one].contact in meant}
        yield from (f"{entity} {each} was written to, a stranger's" for each in changed - found)


def _own(kind: str, what: set[str]) -> bool:
    """Whether a record was written to, and not only counted anew; all of it, where it is gone."""
    return not what or bool(what - COMPUTED[kind])


def _unmapped(facts: Facts) -> Iterator[str]:
    for entity in ("person", "organization"):
        for each, names in facts.before.changed_rows(entity, facts.after).items():
            if more := names - MAPPED[entity]:
                yield f"{entity} {each} has another {more}"
    for kind in ("user", "account"):
        for name, names in facts.before.changed_known(kind, facts.after).items():
            if more := names - MAPPED[kind] - COMPUTED[kind]:
                yield f"{kind} {name} has another {more}"


def _twins(facts: Facts) -> Iterator[str]:
    """Nobody is made who is there already, and nobody twice."""
    before = facts.before.rows["person"]
    new = {each: row for each, row in facts.after.living("person").items() if each not in before}
    for each, row in new.items():
        for address in addresses(row):
            others = [one for one in facts.after.holders(address) if one != each]
            if others and (facts.certain or not facts.ours.isdisjoint(others)):
                yield f"person {each} was made beside {others}, who have the address as well"
    taken = {int(one) for kind, one, user in facts.did.links if kind == "user" and one and user}
    for kind, person, user in facts.did.links:
        if kind == "user" and user and person and int(person) in new:
            earlier = facts.made.get(user)
            # One whose address was handed on is kept in step with another user.
            if earlier in facts.after.living("person") and earlier not in taken:
                yield f"person {person} was made for {user}, and {earlier} before"
            facts.made[user] = int(person)
    facts.ours.update(new)


def _lost(facts: Facts) -> Iterator[str]:
    """What only people typed stays, and at most one value gives way to another."""
    for each, before in facts.before.rows["person"].items():
        for name in ("emails", "phones"):
            had, has = (
                {entry["value"] for entry in row[name]}
                for row in (before, facts.after.rows["person"][each])
            )
            gone = had - has
            typed = {value for value in gone if value.casefold() not in facts.said}
            if typed or len(gone) > 1:
                yield f"person {each} lost {gone} of {name}"


def _typed(facts: Facts) -> Iterator[str]:
    """What somebody typed isn't overwritten before journy has heard of it."""
    for entity in ("person", "organization"):
        for each, names in facts.before.changed_rows(entity, facts.after).items():
            typed = (name for name in names if (entity, each, name) in facts.typed)
            yield from (f"{entity} {each} lost a {name} that was just typed" for name in typed)


def _activities(facts: Facts) -> Iterator[str]:
    """An activity for each time at most."""
    subjects = [row["subject"] for row in facts.after.rows["activity"].values()]
    for subject in set(subjects):
        times = facts.entered.get(subject.removeprefix("Call "), 0)
        if subjects.count(subject) > times:
            yield f"{subjects.count(subject)} times {subject}, who entered {times} times"
