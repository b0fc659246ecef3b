"""A dry run counts every token that the run after it takes, whatever there is to do."""

from __future__ import annotations

import random

import pytest
from sync_core.ledger import Ledger
from sync_tests.actions import CALL

LINES = [{"from": "lifecycle", "to": "Lifecycle stage"}]
STAGES = ("Trial", "Customer", "Churned")
DELETED = "2026-01-01T00:00:00Z"
COUNT = 24
EURO = {"value": 1, "currency": "EUR"}
# Only a write shows that a service clears the fields beside it, which then are put back.
pytestmark = pytest.mark.usual("pipedrive.patch_custom_fields")


class Life:
    """A company whose records change from run to run."""

    def __init__(self, target, crm, seed):
        self.target, self.crm = target, crm
        self.dice = random.Random(seed)
        self.people = [
            crm.person(f"p{n}@acme.example", custom={"Contract value": EURO}) for n in range(COUNT)
        ]
        self.firms = [
            crm.organization(f"Firm {n}", custom={"Account ID": f"a{n}"}) for n in range(3)
        ]
        self.users = {f"u{n}": self.user(n) for n in range(COUNT)}
        self.dice.shuffle(self.people)

    def user(self, number, **values):
        about = {"user_id": f"u{number}", "email": f"p{number}@acme.example", "last_name": "Lee"}
        firm = f"a{self.dice.randrange(3)}"
        return {**about, "lifecycle": self.dice.choice(STAGES), "accounts": [firm], **values}

    def some(self, count=5):
        return self.dice.sample(sorted(self.users), count)

    def change(self, *names, **values):
        """New versions of some users."""
        changed = {name: {**self.users[name], **values} for name in names}
        self.users.update(changed)
        return list(changed.values())

    def moved(self):
        """A person changed some records in Pipedrive."""
        for person in self.dice.sample(self.people, 3):
            self.crm.change(person, custom={"Lifecycle stage": self.dice.choice(STAGES)})

    def run(self, users, *, dry, batch=500, accounts=(), besides=None, **about):
        """The tokens of one run, by the service's own count, and what a dry one foretold."""
        firms = [
            {"account_id": name, "name": f"Firm {name}", "domain": f"{name}.example"}
            for name in accounts
        ]
        messages = [
            *(self.target.stream("accounts", *firms) if firms else ()),
            *self.target.stream("users", *users),
        ]
        self.crm.sandbox.clear_journal()
        settings = {"users": {"fields": LINES, **about}, "accounts": {"create": True}}
        settings |= besides or {}
        done = self.target.run(messages, dry_run=dry, batch_size_rows=batch, **settings)
        assert done.exit_code == 0
        tokens = sum(each["tokens"] for each in self.crm.sandbox.journal())
        return done, tokens + self.foretold()

    def foretold(self):
        ledger = Ledger(self.target.ledger_url, "default")
        try:
            return ledger.runs()[-1].planned_tokens or 0
        finally:
            ledger.close()

    def compare(self, users, **about):
        users = list(users)
        dry, planned = self.run(users, dry=True, **about)
        real, spent = self.run(users, dry=False, **about)
        assert dry.counts == real.counts
        assert planned == spent


@pytest.fixture(params=[1, 2, 3])
def life(request, target, crm, hasty):
    return Life(target, crm, request.param)


@pytest.fixture
def lived(life):
    """After a first run of everything."""
    life.run(life.users.values(), dry=False)
    return life


def test_of_a_first_run(life):
    life.compare(life.users.values())


def test_of_a_first_run_in_small_batches(life):
    life.compare(life.users.values(), batch=7)


def test_of_a_run_after_which_nothing_is_new(lived):
    lived.compare(lived.users.values())


def test_of_changed_records(lived):
    lived.compare(lived.change(*lived.some(), lifecycle="Lost"))
    lived.moved()
    lived.compare(lived.change(*lived.some(9), lifecycle="Won"), batch=2)


def test_of_a_single_changed_record(lived):
    lived.moved()
    lived.compare(lived.change(*lived.some(1), lifecycle="Lost"))


def test_of_creates(lived):
    new = [lived.user(number) for number in range(COUNT, COUNT + 6)]
    lived.compare([*new, *lived.change(*lived.some(3), lifecycle="Lost")], create=True, batch=4)


def test_of_records_without_a_match(lived):
    lived.compare([lived.user(number) for number in range(COUNT, COUNT + 6)], batch=2)


def test_of_renamed_keys(lived):
    renamed = [
        *lived.change("u1", email="elsewhere@acme.example"),
        *lived.change("u2", email="p99@acme.example", lifecycle="Lost"),
    ]
    lived.crm.person("p99@acme.example")
    lived.compare(renamed)


def test_of_retries(lived, sandbox):
    path, action = "/pipedrive/api/v2/persons/*", {"status": 503, "body": {"success": False}}
    fault = sandbox.fault(path, "PATCH", times=2, action=action)
    assert fault is not False
    names = lived.some(2)
    lived.target.run(
        lived.target.stream("users", *lived.change(*names, lifecycle="Lost")),
        users={"fields": LINES},
    )
    sandbox.clear_faults()
    lived.compare(lived.change(names[0], lifecycle="Won"))


def test_of_deletes(lived):
    gone = lived.change(*lived.some(4), _sdc_deleted_at=DELETED)
    lived.compare(gone, on_delete="delete")


def test_of_a_first_run_in_an_account_of_several_pages(life, sandbox):
    sandbox.reset(persons=1_100, organizations=0, users=0, accounts=0)
    found = [row for row in sandbox.pipedrive.rows("person").values() if row["emails"]]
    life.compare(
        {"user_id": f"u{at}", "email": row["emails"][0]["value"], "lifecycle": "Trial"}
        for at, row in enumerate(found[:400])
    )


def test_of_accounts_and_their_users(life):
    life.compare(life.users.values(), accounts=["a0", "a1"])
    life.compare(life.change(*life.some(), accounts=["a2"]), accounts=["a0", "a1", "a2"])


def test_of_accounts_that_are_made(lived):
    lived.compare(lived.change(*lived.some(3), accounts=["new"]), accounts=["new"])


MISSING = {"create_missing_fields": True, "create_missing_options": True}


@pytest.mark.parametrize("batch", [2, 500])
def test_of_missing_fields_and_options(lived, batch):
    fields = [
        {"from": "health", "to": "Mood"},
        {"from": "interests", "to": "Interests"},
        {"from": "churn_score", "to": "Risk"},
        *LINES,
    ]
    changed = [
        *lived.change(*lived.some(3), health="good", lifecycle="Dormant", churn_score=5),
        *lived.change("u1", interests=["Golf", "Chess"], lifecycle="dormant "),
        *lived.change("u2", interests=["Chess", "Go"], lifecycle="Asleep"),
    ]
    lived.compare(changed, fields=fields, besides=MISSING, batch=batch)
    lived.compare(changed, fields=fields, besides=MISSING)


CHURNED = {**CALL, "when": {"entity": "user", "property": "lifecycle", "becomes": "Churned"}}


@pytest.mark.parametrize("count", [1, 9, 12])
def test_of_activities_and_of_those_whose_person_is_made(life, count):
    life.run(life.users.values(), dry=False, besides={"actions": [CHURNED]})
    known = life.change(*life.some(count), lifecycle="Churned")
    new = [life.user(number, created_at="2999-01-01T00:00:00Z", lifecycle="Churned")
           for number in range(COUNT, COUNT + 2)]  # fmt: skip
    life.compare([*known, *new], create=True, besides={"actions": [CHURNED]})
