"""What journy refuses as a whole is sent once: again only where something changed, or if asked."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release

ANN = {"id": 1, "first_name": "Ann", "emails": [{"value": "ann@acme.example", "primary": True}]}
UPSERT = "/journy/users/upsert"


@pytest.fixture
def sync(plugins):
    """Syncs Ann."""

    def run(**values):
        return plugins.persons({**ANN, **values}, create=True)

    return run


@pytest.fixture
def retry(plugins):
    ledger = Ledger(plugins.ledger_url, "default")
    yield lambda: release(ledger)
    ledger.close()


@pytest.fixture(params=[True, False], ids=["a known user", "a new user"])
def refused(request, sync, sandbox, journy):
    """Ann's change, or Ann herself, was refused."""
    if request.param:
        sync(first_name="Anna")
    action = {"status": 400, "body": {"message": "not like this"}}
    sandbox.fault(UPSERT, "POST", times=None, action=action)
    journy.writes()
    run = sync()
    assert run.reasons == {"refused": 1}
    assert "not like this" in run.text("refused")
    assert "isn't sent again" in run.text("refused")
    assert journy.writes() == [f"POST {UPSERT}"]


@pytest.mark.usefixtures("refused")
def test_it_is_not_sent_again_as_long_as_nothing_changes(sync, journy):
    for _ in range(2):
        assert "`connector retry`" in sync().text("refused")
        assert journy.writes() == []


@pytest.mark.usual("journy.unknown_properties")
@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("change", ["a value", "journy's properties", "somebody asks"])
def test_it_is_sent_again_where_something_changes_or_somebody_asks(
    sync, journy, sandbox, retry, change
):
    sandbox.clear_faults()
    if change == "journy's properties":
        journy.put("users", {"userId": "x"}, nickname="X")
    elif change == "somebody asks":
        assert retry() == 1
    said = {"first_name": "Annie"} if change == "a value" else {}
    assert sync(**said).counts["persons"].keys() <= {"created", "updated"}
    assert journy.user("ann@acme.example")["first_name"] == said.get("first_name", "Ann")
    assert retry() == 0


def test_a_deletion_that_is_refused_is_not_sent_again_unless_somebody_asks(
    plugins, sync, sandbox, journy, retry
):
    sync()
    gone = {"id": 1, "is_deleted": True}
    action = {"status": 400, "body": {"message": "not like this"}}
    sandbox.fault("/journy/users", "DELETE", times=None, action=action)
    journy.writes()
    run = plugins.persons(gone, on_delete="delete")
    assert run.reasons == {"refused": 1}
    assert "isn't sent again" in run.text("refused")
    assert journy.writes() == ["DELETE /journy/users"]
    assert plugins.persons(gone, on_delete="delete").reasons == {"refused": 1}
    assert journy.writes() == []
    sandbox.clear_faults()
    assert retry() == 1
    assert plugins.persons(gone, on_delete="delete").reasons == {"removed": 1}
    assert journy.users() == []
    assert retry() == 0


@pytest.mark.usefixtures("refused")
def test_it_is_sent_again_under_another_address(sync, sandbox):
    sandbox.clear_faults()
    run = sync(emails=[{"value": "ann@new.example", "primary": True}])
    assert run.counts["persons"].keys() <= {"created", "updated"}


def test_a_property_of_one_letter_is_not_found_in_every_refusal(plugins, sandbox, journy):
    fields = [{"from": "first_name", "to": "x"}]
    action = {"status": 400, "body": {"message": "an explanation"}}
    sandbox.fault(UPSERT, "POST", action=action)
    run = plugins.persons(ANN, create=True, fields=fields)
    assert run.reasons == {"refused": 1}
    assert journy.writes() == [f"POST {UPSERT}"]


def test_a_property_is_named_by_its_whole_name_alone(plugins, sync, sandbox, journy):
    sync()
    action = {"status": 400, "body": {"message": "crm_name isn't allowed"}}
    sandbox.fault(UPSERT, "POST", times=1, action=action)
    fields = [{"from": "name", "to": "name"}, {"from": "Lifecycle stage", "to": "crm_name"}]
    run = plugins.persons({**ANN, "name": "Ann Lee", "lifecycle_stage": "VIP"}, fields=fields)
    assert run.reasons == {"some_fields_rejected": 1}
    assert journy.user("ann@acme.example")["name"] == "Ann Lee"
