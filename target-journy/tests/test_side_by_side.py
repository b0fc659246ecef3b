"""One direction runs while the other does: what it records takes nothing back."""

from __future__ import annotations

import pytest
from sync_core.engine import engine


@pytest.fixture
def amid(monkeypatch):
    """Lets something happen once, while a run is about to record what it has written."""

    def arrange(happens):
        record = engine.record

        def interrupted(*told):
            monkeypatch.setattr(engine, "record", record)
            happens()
            record(*told)

        monkeypatch.setattr(engine, "record", interrupted)

    return arrange


def edit_both(sync):
    """Another name in Pipedrive, another stage in journy."""
    sync.edit_person(first_name="Ann", last_name="Stone")
    sync.sandbox.clock.advance(5)
    sync.edit_user(lifecycle="Trial")


def test_a_value_that_was_written_meanwhile_can_be_taken_back_by_hand(sync, amid):
    edit_both(sync)
    amid(sync.to_pipedrive)
    sync.to_journy()
    assert sync.stages() == ("Trial", "Trial")
    sync.edit_person("Lead")  # as it was when the run to journy had read it
    sync.rest()
    assert sync.stages() == ("Lead", "Lead")


def test_a_row_from_before_a_write_of_meanwhile_overwrites_nothing(sync, amid):
    edit_both(sync)
    code, before, _ = sync.plugins.call("tap-pipedrive")
    assert code == 0
    amid(sync.to_pipedrive)
    sync.to_journy()
    sync.journy.writes()
    run = sync.plugins.write(before, persons=sync.persons, organizations={})
    assert run.reasons["stale"] == 1
    assert sync.journy.writes() == []
    assert sync.stages() == ("Trial", "Trial")
