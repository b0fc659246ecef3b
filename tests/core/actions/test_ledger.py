"""The ledger remembers what actions need, and a ledger from before actions takes that up."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger, tables
from sync_core.ledger.triggers import Trigger, remembered
from sync_core.ledger.writing import Entries, Retry, record
from sync_tests.targets import to_try

WAY = "journy-to-pipedrive"


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", "default")
    yield opened
    opened.close()


def keep(ledger, *triggers):
    run = ledger.start_run(WAY, dry_run=False)
    record(ledger, run, WAY, Entries(triggers=list(triggers)))


def test_what_an_action_saw_last_is_what_it_remembers(ledger):
    keep(ledger, Trigger("call", "u1", {"a": "0"}), Trigger("call", "u2", {"a": "0"}))
    later = Trigger("call", "u1", {"a": "1"}, "2026-01-02", "2026-01-03")
    keep(ledger, later)
    assert remembered(ledger, "call", ["u1", "u3"]) == {"u1": later}
    assert remembered(ledger, "mail", ["u1"]) == {}


def test_connections_that_share_a_ledger_do_not_share_triggers(ledger, tmp_path):
    keep(ledger, Trigger("call", "u1", {"a": "1"}))
    other = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", "other")
    assert remembered(other, "call", ["u1"]) == {}
    other.close()


def test_a_ledger_of_version_1_is_taken_over_with_what_it_holds(ledger, tmp_path):
    run = ledger.start_run(WAY, dry_run=False)
    record(ledger, run, WAY, Entries(retries=[Retry("users", "u1", "{}", "unavailable")]))
    with ledger.transaction() as db:
        tables.triggers.drop(db)
        db.execute(tables.meta.update().values(value="1"))
    ledger.close()
    for _ in range(2):  # the second time it is of today's version already
        renewed = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", "default")
        assert [each.reason for each in to_try(renewed, WAY, "users")] == ["unavailable"]
        keep(renewed, Trigger("call", "u1", {"a": "1"}))
        assert remembered(renewed, "call", ["u1"])["u1"].state == {"a": "1"}
        with renewed.reading() as db:
            versions = db.execute(tables.meta.select()).mappings().all()
        assert [row["value"] for row in versions] == [str(tables.SCHEMA_VERSION)]
        renewed.close()
