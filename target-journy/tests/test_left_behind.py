"""Who was in step with a record that is another one's by now: nobody is made a second time."""

from __future__ import annotations

import pytest
import requests
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release


class Both:
    """Both services with creating on, as the people who work with them see them."""

    def __init__(self, plugins, sandbox, journy):
        self.plugins, self.sandbox, self.journy = plugins, sandbox, journy

    def user(self, user_id, email):
        self.rename(user_id, user_id, email=email)

    def rename(self, user_id, last_name, **identification):
        self.sandbox.clock.advance(2)
        self.journy.put("users", {"userId": user_id, **identification}, last_name=last_name)

    def pipedrive(self, method, path, body=None):
        self.sandbox.clock.advance(2)
        url, headers = f"{self.sandbox.pipedrive_url}{path}", {"x-api-token": "sandbox-token"}
        answer = requests.request(method, url, json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        return answer.json()["data"]

    def addresses(self, person, *emails):
        contacts = [{"value": each, "primary": at == 0} for at, each in enumerate(emails)]
        self.pipedrive("PATCH", f"/api/v2/persons/{person}", {"emails": contacts})

    def person_of(self, email):
        found = [row["id"] for row in self.persons() if email in _addresses(row)]
        assert len(found) == 1, found
        return found[0]

    def persons(self):
        rows = self.sandbox.pipedrive.rows("person").values()
        return [row for row in rows if not row["is_deleted"]]

    def to_pipedrive(self, **more):
        _, text, _ = self.plugins.call("tap-journy")
        return self.plugins.write(text, "target-pipedrive", users={"create": True}, **more)

    def to_journy(self, **more):
        _, text, _ = self.plugins.call("tap-pipedrive")
        return self.plugins.write(text, persons={"create": True}, **more)

    def rounds(self, count=3):
        for _ in range(count):
            self.to_pipedrive()
            self.to_journy()

    def ask_again(self):
        ledger = Ledger(self.plugins.ledger_url, "default")
        try:
            return release(ledger)
        finally:
            ledger.close()


def _addresses(row):
    return [each["value"] for each in row["emails"]]


@pytest.fixture
def both(plugins, sandbox, journy):
    """Two users, Ann and Bob, with a person each."""
    job = Both(plugins, sandbox, journy)
    job.user("u1", "ann@acme.example")
    job.user("u2", "bob@acme.example")
    job.rounds(2)
    assert len(job.persons()) == 2
    return job


@pytest.fixture
def merged(both):
    """Bob's person was merged into Ann's, whose own address was taken off; gives what is left."""
    ann, bob = both.person_of("ann@acme.example"), both.person_of("bob@acme.example")
    both.pipedrive("PUT", f"/v1/persons/{bob}/merge", {"merge_with_id": ann})
    both.addresses(ann, "bob@acme.example")
    return ann


@pytest.mark.usual("pipedrive.patch_lists")
def test_whose_person_has_another_users_address_by_now_is_not_made_anew(both, merged):
    both.rounds()
    assert [row["id"] for row in both.persons()] == [merged]
    run = both.to_pipedrive()
    assert f"person {merged} was kept in step" in run.text("left_behind")
    assert "`connector retry`" in run.text("left_behind")
    assert both.journy.users() == ["u1", "u2"]


@pytest.mark.usual("pipedrive.patch_lists")
def test_the_other_user_is_kept_in_step_with_what_is_left(both, merged):
    both.rounds()
    both.rename("u2", "Stone")
    both.rounds(1)
    (row,) = both.persons()
    assert row["name"] == "Stone"


@pytest.mark.usual("pipedrive.patch_lists")
def test_who_is_asked_for_again_is_made_once(both, merged):
    both.rounds()
    assert both.ask_again() == 1
    both.rounds()
    assert [_addresses(row) for row in both.persons()] == [
        ["bob@acme.example"],
        ["ann@acme.example"],
    ]
    assert both.person_of("ann@acme.example") != merged


def test_who_gets_the_address_of_who_was_left_is_kept_in_step_with_them(both, merged):
    both.rounds()
    body = {"first_name": "Ann", "last_name": "u1", "emails": [{"value": "ann@acme.example"}]}
    both.pipedrive("POST", "/api/v2/persons", body)
    both.rounds()
    assert both.journy.user("u1")["first_name"] == "Ann"
    assert len(both.persons()) == 2
    assert both.journy.users() == ["u1", "u2"]


def test_a_person_who_was_deleted_after_that_is_made_anew_as_any_other(both, merged):
    both.rounds()
    both.addresses(merged, "bob@acme.example", "ann@home.example")
    both.ask_again()
    both.rounds()
    both.pipedrive("DELETE", f"/api/v2/persons/{both.person_of('ann@acme.example')}")
    both.rename("u1", "Lee")
    assert both.to_pipedrive().reasons["created"] == 1


@pytest.mark.usual("pipedrive.patch_lists")
def test_a_dry_run_foretells_that_nobody_is_made(both, merged):
    both.rounds(2)
    assert both.to_pipedrive(dry_run=True).reasons["left_behind"] == 1


def test_two_persons_who_swap_their_addresses_leave_nobody_behind(both):
    ann, bob = both.person_of("ann@acme.example"), both.person_of("bob@acme.example")
    both.addresses(ann, "bob@acme.example")
    both.addresses(bob, "ann@acme.example")
    both.rounds()
    assert "left_behind" not in both.to_pipedrive().reasons
    assert len(both.persons()) == 2
    assert both.journy.users() == ["u1", "u2"]


@pytest.mark.parametrize("known", [True, False], ids=["a linked person's", "an unlinked person's"])
def test_a_person_whose_user_has_another_persons_address_by_now_makes_no_user(both, known):
    ann = both.person_of("ann@acme.example")
    if known:
        requests.delete(
            f"{both.sandbox.journy_url}/users",
            json={"identification": {"userId": "u2"}},
            headers={"X-Api-Key": "sandbox-key"},
            timeout=10,
        ).raise_for_status()
        both.user("u1", "bob@acme.example")
    else:
        body = {"name": "Cem", "emails": [{"value": "cem@acme.example"}]}
        both.pipedrive("POST", "/api/v2/persons", body)
        both.user("u1", "cem@acme.example")
    both.rounds()
    assert set(both.journy.users()) <= {"u1", "u2"}
    run = both.to_journy()
    assert "its user was kept in step with this person" in run.text("left_behind")
    assert both.ask_again() == 1
    both.rounds()
    assert "ann@acme.example" in both.journy.users()
    assert both.person_of("ann@acme.example") == ann


def test_who_was_left_makes_no_user_by_a_further_address_either(both):
    ann = both.person_of("ann@acme.example")
    body = {"name": "Cem", "emails": [{"value": "cem@x.example"}]}
    both.pipedrive("POST", "/api/v2/persons", body)
    both.user("u1", "cem@x.example")
    both.to_pipedrive()
    both.addresses(ann, "ann@home.example")
    assert both.to_journy().reasons["left_behind"] == 1
    assert both.journy.users() == ["u1", "u2"]


def test_a_new_person_with_an_address_that_a_user_had_once_is_made_a_user(both):
    ann = both.person_of("ann@acme.example")
    both.user("u1", "ann@home.example")
    both.rounds(1)
    both.addresses(ann, "ann@home.example")
    both.rounds(1)
    body = {"name": "Ann Lee", "emails": [{"value": "ann@acme.example"}]}
    both.pipedrive("POST", "/api/v2/persons", body)
    both.rounds(1)
    assert both.journy.users() == ["ann@acme.example", "u1", "u2"]
