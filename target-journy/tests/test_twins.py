"""Two persons with one address: neither is chosen, and nothing is lost when one of them goes."""

from __future__ import annotations

import pytest
import requests
from sync_tests.targets import as_text, stream_messages
from sync_tests.two_way import STAGE, Sync


def test_two_persons_with_one_address_are_refused_in_both_directions(plugins, sandbox, journy):
    journy.put("users", {"userId": "u1", "email": "ann@acme.example"}, last_name="Lee")
    for last_name in ("Lee", "Ley"):
        answer = requests.post(
            f"{sandbox.pipedrive_url}/api/v2/persons",
            json={
                "first_name": "Ann",
                "last_name": last_name,
                "emails": [{"value": "ann@acme.example"}],
            },
            headers={"x-api-token": "sandbox-token"},
            timeout=10,
        )
        assert answer.ok, answer.text
    job = Sync(plugins, sandbox, journy)
    assert job.to_pipedrive().reasons["several_matches"] == 1
    assert job.to_journy().reasons["duplicate_key"] == 1
    journy.writes()

    job.edit_user(last_name="Leigh")
    assert job.to_pipedrive().reasons["several_matches"] == 1, "the first comer isn't the right one"
    assert [write for write in journy.writes() if "pipedrive" in write] == []


def test_a_twin_that_stays_behind_is_not_older_than_what_was_written_to_the_other(
    sync, sandbox, journy
):
    (ann,) = sandbox.pipedrive.rows("person")
    url, headers = f"{sandbox.pipedrive_url}/api/v2/persons", {"x-api-token": "sandbox-token"}
    twin = {"name": "Ann Stone", "emails": [{"value": "ann@acme.example"}]}
    assert requests.post(url, json=twin, headers=headers, timeout=10).ok
    sandbox.clock.advance(60)
    sync.edit_user(lifecycle="Trial")
    sync.to_pipedrive()
    assert requests.delete(f"{url}/{ann}", headers=headers, timeout=10).ok
    sync.round()  # without a state nobody tells of the deletion, so the two seem to be there still
    sync.rest()
    assert journy.user("u1")["last_name"] == "Stone"


def test_what_changed_in_pipedrive_while_it_had_a_twin_is_not_set_back(sync, sandbox):
    url, headers = f"{sandbox.pipedrive_url}/api/v2/persons", {"x-api-token": "sandbox-token"}
    body = {"name": "Ann Stone", "emails": [{"value": "ann@acme.example"}]}
    twin = requests.post(url, json=body, headers=headers, timeout=10).json()["data"]["id"]
    assert sync.to_journy().reasons["duplicate_key"] == 1
    assert requests.delete(f"{url}/{twin}", headers=headers, timeout=10).ok
    key = sandbox.pipedrive.field("person", STAGE)["field_code"]
    (ann, _) = sandbox.pipedrive.rows("person")
    edit = {"custom_fields": {key: "Partner"}}
    assert requests.patch(f"{url}/{ann}", json=edit, headers=headers, timeout=10).ok
    sync.edit_user(last_name="Leigh")
    sync.to_pipedrive()
    assert sandbox.pipedrive.rows("person")[ann]["custom_fields"][key] == "Partner"


@pytest.mark.parametrize("known", [True, False], ids=["a user of journy's", "made of a person"])
def test_the_survivor_of_a_merge_that_nobody_tells_of_is_written_within_a_day(
    plugins, sandbox, journy, set_clock, known
):
    if known:
        journy.put("users", {"userId": "u1", "email": "ann@acme.example"})
    url, headers = f"{sandbox.pipedrive_url}/api/v2/persons", {"x-api-token": "sandbox-token"}
    for name in ("Ann Lee", "Ann Stone"):
        body = {"name": name, "emails": [{"value": "ann@acme.example"}]}
        assert requests.post(url, json=body, headers=headers, timeout=10).ok
    job = Sync(plugins, sandbox, journy)
    for _ in range(2):
        job.round()
    first, second = sandbox.pipedrive.rows("person")
    edit = {"name": "Ann Leigh"}
    assert requests.patch(f"{url}/{first}", json=edit, headers=headers, timeout=10).ok
    assert job.to_journy().reasons["duplicate_key"] == 2
    assert requests.delete(f"{url}/{second}", headers=headers, timeout=10).ok
    set_clock(25)
    nobody = as_text(stream_messages("users", {"user_id": {}, "email": {}}, ["user_id"], ()))
    plugins.write(nobody, "target-pipedrive", users=job.create)
    assert plugins.persons(**job.persons).reasons == {"updated": 1}
    (user,) = journy.users()
    assert journy.user(user)["last_name"] == "Leigh"


class OneWay(Sync):
    """Where the line goes to Pipedrive alone."""

    @property
    def persons(self):
        return self.create


@pytest.mark.parametrize("kind", [Sync, OneWay])
def test_the_one_of_two_who_keeps_the_address_gets_what_the_other_one_had(sync, sandbox, kind):
    job = kind(sync.plugins, sandbox, sync.journy)
    (first,) = sandbox.pipedrive.rows("person")
    url, headers = f"{sandbox.pipedrive_url}/api/v2/persons", {"x-api-token": "sandbox-token"}
    body = {"name": "Ann Lee", "emails": [{"value": "ann@acme.example", "primary": True}]}
    twin = requests.post(url, json=body, headers=headers, timeout=10).json()["data"]["id"]
    assert job.to_journy().reasons["duplicate_key"]

    other = {"emails": [{"value": "lee@acme.example", "primary": True}]}
    assert requests.patch(f"{url}/{first}", json=other, headers=headers, timeout=10).ok
    job.to_journy()
    job.round()
    code = sandbox.pipedrive.field("person", STAGE)["field_code"]
    assert sandbox.pipedrive.rows("person")[twin]["custom_fields"][code] == "Lead"
    assert job.journy.user("u1")["lifecycle"] == "Lead"
    job.rest()
