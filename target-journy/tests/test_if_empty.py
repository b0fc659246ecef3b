"""`if_empty` lines into journy, which can't be read: what nobody has seen is never overwritten."""

from __future__ import annotations

import pytest
import requests
from sync_tests.two_way import STAGE, TO_JOURNY, Sync

FILL = {**TO_JOURNY, "write": "if_empty"}


class Filling(Sync):
    """Users who are linked, and a line that only goes to journy and only fills in."""

    def to_pipedrive(self):
        _, text, _ = self.plugins.call("tap-journy")
        return self.plugins.write(text, "target-pipedrive", users=self.create, accounts={})

    @property
    def persons(self):
        return {**self.create, "fields": [FILL]}

    def show(self, stage):
        """What journy has of a person who has a stage, or none."""
        self.edit_person(custom_fields=self.stage(stage))
        self.to_journy()
        return self.journy.user("u1").get("lifecycle")

    def stage(self, stage):
        return {self.sandbox.pipedrive.field("person", STAGE)["field_code"]: stage}

    def take_place(self, stage):
        """Delete the person, and enter another one with the same address."""
        (person,) = self.sandbox.pipedrive.rows("person")
        url = f"{self.sandbox.pipedrive_url}/api/v2/persons"
        headers = {"x-api-token": "sandbox-token"}
        body = {
            "name": "Ann Lee",
            "emails": [{"value": "ann@acme.example", "primary": True}],
            "custom_fields": self.stage(stage),
        }
        assert requests.delete(f"{url}/{person}", headers=headers, timeout=10).ok
        assert requests.post(url, json=body, headers=headers, timeout=10).ok


@pytest.fixture
def filling(plugins, sandbox, journy):
    """A user with a stage, and the person that was made of it, who has none."""
    journy.put("users", {"userId": "u1", "email": "ann@acme.example"},
               first_name="Ann", last_name="Lee", lifecycle="Lead")  # fmt: skip
    job = Filling(plugins, sandbox, journy)
    job.to_pipedrive()
    return job


def test_a_value_that_nobody_has_seen_stays_whatever_changes_in_pipedrive(filling):
    for stage in ("Partner", "Customer", None, "Trial"):
        assert filling.show(stage) == "Lead", stage


def test_a_value_that_stays_costs_no_call_while_nothing_changes(filling):
    filling.show("Partner")
    filling.journy.writes()
    run = filling.to_journy()
    assert run.reasons == {"no_difference": 1}
    assert filling.journy.writes() == []


def test_a_value_stays_when_another_person_has_taken_the_place_of_a_deleted_one(sync):
    job = Filling(sync.plugins, sync.sandbox, sync.journy)
    job.take_place("Partner")
    job.edit_user(last_name="Stone")
    job.to_pipedrive()
    job.to_journy()
    assert job.journy.user("u1")["lifecycle"] == "Lead"


def test_what_is_known_to_be_empty_is_filled_in(plugins, sandbox, journy):
    journy.put("users", {"userId": "u1", "email": "ann@acme.example"}, last_name="Lee")
    Sync(plugins, sandbox, journy).to_pipedrive()  # its line sees that the user has no stage
    assert Filling(plugins, sandbox, journy).show("Partner") == "Partner"


@pytest.mark.usual("journy.unknown_properties")
def test_a_line_with_a_conflict_writes_where_nothing_is_known_of_journy(filling):
    """Else a value that journy has never had would never arrive there."""
    fields = [{**TO_JOURNY, "to": "segment_hint", "conflict": "journy"}]
    filling.edit_person("Partner")
    _, text, _ = filling.plugins.call("tap-pipedrive")
    filling.plugins.write(text, persons={"fields": fields}, organizations={})
    assert filling.journy.user("u1")["segment_hint"] == "Partner"
