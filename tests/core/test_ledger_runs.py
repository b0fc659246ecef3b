"""One run of a connection and direction at a time; dead ones and old ones are dealt with."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sync_core import times
from sync_core.errors import AlreadyRunningError, LedgerError
from sync_core.ledger import Agreed, Ledger, Link, OutcomeRow, tables
from sync_core.ledger.pruning import prune
from sync_core.ledger.writing import Entries, Retry, record
from sync_core.policy import Policy
from sync_tests.targets import to_try

WAY, BACK = "journy-to-pipedrive", "pipedrive-to-journy"
HASTY, PATIENT = Policy(lock_wait_seconds=0), Policy(lock_wait_seconds=60)


def end(ledger, run, status="completed"):
    ledger.end_run(run, status=status, calls=0, tokens=0)


def test_a_second_run_leaves_and_names_the_first(open_ledger):
    first, second = open_ledger("default", HASTY), open_ledger("default", HASTY)
    run = first.begin_run(WAY, dry_run=False)
    with pytest.raises(AlreadyRunningError, match=f"default {WAY}.*{run[:8]}.*nothing was written"):
        second.begin_run(WAY, dry_run=False)
    assert len(second.runs()) == 1
    end(first, run)
    end(second, second.begin_run(WAY, dry_run=False))
    assert [each.status for each in second.runs()] == ["completed", "completed"]


def test_a_second_run_that_waits_long_enough_for_the_first_begins_when_that_ends(
    open_ledger, caplog
):
    first, second = open_ledger("default", HASTY), open_ledger("default", PATIENT)
    run = first.begin_run(WAY, dry_run=False)
    enders = []

    class WhenItWaits(logging.Handler):
        def emit(self, entry):
            enders.append(threading.Thread(target=end, args=(first, run)))
            enders[-1].start()

    caplog.set_level(logging.INFO, "sync_core.ledger.runs")
    waits = WhenItWaits()
    logging.getLogger("sync_core.ledger.runs").addHandler(waits)
    try:
        later = second.begin_run(WAY, dry_run=False)
    finally:
        logging.getLogger("sync_core.ledger.runs").removeHandler(waits)
        enders[0].join()
    assert {each.run: each.status for each in second.runs()} == {run: "completed", later: "running"}
    assert "waiting for it for up to 60 s" in caplog.text
    end(second, later)


def test_a_second_run_that_has_waited_in_vain_leaves(open_ledger):
    first = open_ledger("default", HASTY)
    second = open_ledger("default", Policy(lock_wait_seconds=0.01))
    run = first.begin_run(WAY, dry_run=False)
    with pytest.raises(AlreadyRunningError, match=r"after 0\.01 s"):
        second.begin_run(WAY, dry_run=False)
    end(first, run)


def test_other_directions_connections_and_dry_runs_are_not_in_the_way(open_ledger):
    ledgers = [open_ledger(name, HASTY) for name in ("default", "default", "other", "default")]
    ways = [(WAY, False), (BACK, False), (WAY, False), (WAY, True)]
    runs = [
        each.begin_run(way, dry_run=dry) for each, (way, dry) in zip(ledgers, ways, strict=True)
    ]
    assert len(set(runs)) == 4
    for ledger, run in zip(ledgers, runs, strict=True):
        ledger.verify_turn()
        end(ledger, run)
    assert {each.status for each in ledgers[0].runs()} == {"completed"}


HOLDER = """
import sys
from sync_core.ledger import Ledger
ledger = Ledger(sys.argv[1], "default")
print(ledger.begin_run("journy-to-pipedrive", dry_run=False), flush=True)
sys.stdin.read()
"""


def test_a_killed_run_is_in_nobodys_way_and_is_told_apart_by_the_next(ledger_url, open_ledger):
    ledger = open_ledger("default", PATIENT)
    line = [sys.executable, "-c", HOLDER, ledger_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(line, **pipes) as process:
        dead = process.stdout.readline().strip()
        with pytest.raises(AlreadyRunningError, match=dead[:8]):
            open_ledger("default", HASTY).begin_run(WAY, dry_run=False)
        process.kill()
        process.wait()
    mine = ledger.begin_run(WAY, dry_run=False)
    about = {each.run: each for each in ledger.runs()}
    assert about[dead].status == "abandoned"
    assert about[dead].ended
    assert "without a word" in about[dead].error
    assert about[mine].status == "running"
    end(ledger, mine)


def test_only_runs_of_the_same_kind_are_taken_for_dead(open_ledger):
    ledger, other = open_ledger("default", HASTY), open_ledger("other", HASTY)
    kinds = [(ledger, WAY, True), (ledger, BACK, False), (other, WAY, False), (ledger, WAY, False)]
    for each, way, dry in kinds:
        each.start_run(way, dry_run=dry)
    end(ledger, ledger.begin_run(WAY, dry_run=False))
    assert [each.status for each in ledger.runs()] == [*["running"] * 3, "abandoned", "completed"]


def test_a_lost_connection_to_the_server_that_keeps_others_waiting_is_noticed(postgres):
    ledger = Ledger(postgres, "default", HASTY)
    run = ledger.begin_run(WAY, dry_run=False)
    with ledger.transaction() as db:
        db.execute(sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks "
                           "WHERE locktype = 'advisory' AND pid != pg_backend_pid()"))  # fmt: skip
    with pytest.raises(LedgerError):
        ledger.verify_turn()
    end(ledger, run)
    ledger.close()


def lived(ledger, monkeypatch, days, lines=1):
    """A run of so many days ago."""
    monkeypatch.setattr(times, "now", lambda: moment)
    moment = times.later(times.comparable("2026-06-01T00:00:00Z"), timedelta(days=-days))
    run = ledger.start_run(WAY, dry_run=False)
    outcomes = [OutcomeRow("users", "created", "created", key=f"k{n}") for n in range(lines)]
    link = Link("user", f"k{days}", changed=True, agreed={("a", "b"): Agreed("x", "y")})
    record(ledger, run, WAY, Entries(
        outcomes, Counter({("users", "created", "created"): lines}), [link],
        retries=[Retry("users", f"k{days}", "{}", "gone")],
    ))  # fmt: skip
    end(ledger, run)
    monkeypatch.setattr(times, "now", lambda: times.comparable("2026-06-01T00:00:00Z"))
    return run


def outcomes_of(ledger):
    with ledger.reading() as db:
        return Counter(db.execute(sa.select(tables.outcomes.c.run)).scalars())


def test_runs_older_than_the_setting_go_with_their_outcomes_and_links_stay(
    open_ledger, monkeypatch
):
    ledger = open_ledger("default", Policy(keep_outcomes_days=30))
    other = open_ledger("other", Policy(keep_outcomes_days=30))
    monkeypatch.setattr("sync_core.ledger.pruning._LINES", 2)
    lived(ledger, monkeypatch, 40, lines=5)
    lived(ledger, monkeypatch, 31)
    kept = [lived(ledger, monkeypatch, 29, lines=3), lived(other, monkeypatch, 400)]
    assert prune(ledger) == 2
    assert prune(ledger) == 0
    assert {each.run for each in ledger.runs()} == set(kept)
    assert outcomes_of(ledger) == {kept[0]: 3, kept[1]: 1}
    links = ledger.links_by("user", "key", ["k40", "k31", "k29"])
    assert all(each.agreed for each in links.values())
    assert len(links) == len(to_try(ledger, WAY, "users")) == 3


def test_for_ever_is_for_ever(open_ledger, monkeypatch):
    ledger = open_ledger("default", Policy(keep_outcomes_days=0))
    lived(ledger, monkeypatch, 4000)
    assert prune(ledger) == 0
    assert len(ledger.runs()) == 1


def test_a_run_that_goes_on_is_not_forgotten(open_ledger, monkeypatch):
    ledger = open_ledger("default", Policy(keep_outcomes_days=1))
    ledger.start_run(WAY, dry_run=False)
    monkeypatch.setattr(times, "now", lambda: "2100-01-01T00:00:00.000000Z")
    assert prune(ledger) == 0
    assert len(ledger.runs()) == 1
