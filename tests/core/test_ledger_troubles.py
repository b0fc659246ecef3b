"""A ledger that can't be used says why and what to do, without a secret or a traceback."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sync_core.errors import AlreadyRunningError, ConfigurationError, LedgerError
from sync_core.ledger import Ledger, tables
from sync_core.policy import Policy

WAY = "journy-to-pipedrive"
HASTY = Policy(lock_wait_seconds=0)
NOISE = b"this is no database, whatever its name says" * 200


def noise(tmp_path):
    (tmp_path / "noise.db").write_bytes(NOISE)
    return tmp_path / "noise.db"


def damaged(tmp_path):
    place = tmp_path / "damaged.db"
    Ledger(f"sqlite:///{place}", "default").close()
    content = bytearray(place.read_bytes())
    content[200:] = b"\xff" * (len(content) - 200)
    place.write_bytes(content)
    return place


FILES = {
    "noise": (noise, "put a backup in its place"),
    "damaged": (damaged, "put a backup in its place"),
    "a folder": (lambda tmp_path: tmp_path, "check that the folder exists"),
    "in no folder": (lambda tmp_path: tmp_path / "missing/x.db", "check that the folder exists"),
    "where nobody may write": (lambda _: Path("/proc/ledger.db"), "check that the folder exists"),
}


@pytest.mark.parametrize(("place", "cure"), FILES.values(), ids=FILES)
def test_a_file_that_can_not_hold_a_ledger_is_refused_with_its_cure(tmp_path, place, cure):
    with pytest.raises(ConfigurationError, match=rf"^ledger_url: .*can't be opened.*{cure}"):
        Ledger(f"sqlite:///{place(tmp_path)}", "default")


SERVERS = {
    "nobody listens": ("127.0.0.1:1/x", "has the right address"),
    "no such host": ("nowhere.invalid/x", "has the right address"),
}


@pytest.mark.parametrize(("place", "cure"), SERVERS.values(), ids=SERVERS)
def test_a_server_that_can_not_be_reached_is_refused_with_its_cure(place, cure):
    with pytest.raises(ConfigurationError, match=cure) as caught:
        Ledger(f"postgresql+psycopg://me:hush-hush@{place}", "default")
    assert "hush" not in str(caught.value)
    assert "folder" not in str(caught.value)


@pytest.fixture
def server(postgres):
    """The URL of a database without a ledger."""
    engine = sa.create_engine(postgres)
    tables.metadata.drop_all(engine)
    engine.dispose()
    return postgres


def test_a_user_who_may_not_make_tables_is_told_so(server):
    engine = sa.create_engine(server)
    with engine.begin() as db:
        db.execute(sa.text("CREATE USER guest"))
    try:
        with pytest.raises(ConfigurationError, match=r"permission denied.*may make tables"):
            Ledger(sa.make_url(server).set(username="guest").render_as_string(False), "default")
    finally:
        with engine.begin() as db:
            db.execute(sa.text("DROP USER guest"))
        engine.dispose()


@pytest.fixture
def full(tmp_path):
    """A ledger whose file takes no more."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", "default")

    def limit(connection, _record):
        connection.execute("PRAGMA max_page_count = 1")

    ledger.close()
    sa.event.listen(ledger.engine, "connect", limit)
    yield ledger
    ledger.close()


def test_a_full_disk_is_said_with_what_to_do(full):
    with pytest.raises(LedgerError, match=r"full; make room"):  # noqa: PT012 - it is full some time
        for _ in range(1000):
            full.start_run(WAY, dry_run=False)


def test_a_file_that_another_program_keeps_locked_is_said_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("sync_core.ledger.opening._BUSY_MILLISECONDS", 1)
    place = tmp_path / "ledger.db"
    ledger = Ledger(f"sqlite:///{place}", "default", HASTY)
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match=r"locked; end the program that"):
        ledger.begin_run(WAY, dry_run=False)
    other.close()
    ledger.begin_run(WAY, dry_run=False)
    ledger.close()


def test_a_full_disk_is_no_fault_of_the_lock_file(tmp_path, monkeypatch):
    def connect(*_, **__):
        raise sqlite3.OperationalError("database or disk is full")

    with closing(Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", "default", HASTY)) as ledger:
        monkeypatch.setattr("sync_core.ledger.locking.sqlite3.connect", connect)
        with pytest.raises(LedgerError, match=r"\.lock.*full; make room, and run again"):
            ledger.begin_run(WAY, dry_run=False)


def test_a_lock_file_of_another_kind_is_named(tmp_path):
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", "default", HASTY)
    ledger.end_run(ledger.begin_run(WAY, dry_run=False), status="completed", calls=0, tokens=0)
    ledger.close()
    (lock,) = tmp_path.glob("*.lock")
    lock.write_bytes(NOISE)
    with pytest.raises(LedgerError, match=rf"{lock.name}.*not a database"):
        ledger.begin_run(WAY, dry_run=False)
    lock.unlink()
    ledger.begin_run(WAY, dry_run=False)
    ledger.close()


def limited(url, **limits):
    """A ledger's URL whose sessions a server limits so."""
    options = " ".join(f"-c {name}={value}" for name, value in limits.items())
    return sa.make_url(url).update_query_dict({"options": options}).render_as_string(False)


def test_a_server_that_limits_statements_does_not_cut_the_waiting_for_another_run_short(server):
    url = limited(server, statement_timeout="1s")
    patient = Policy(lock_wait_seconds=1.2)
    with closing(Ledger(server, "default", HASTY)) as first:
        run = first.begin_run(WAY, dry_run=False)
        second = Ledger(url, "default", patient)
        with closing(second), pytest.raises(AlreadyRunningError, match=run[:8]):
            second.begin_run(WAY, dry_run=False)


def test_a_server_that_ends_idle_sessions_leaves_a_run_its_turn(server):
    url = limited(server, idle_session_timeout="300ms")
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    alive = sa.text("SELECT count(*) FROM pg_stat_activity WHERE pid = :process")
    with closing(Ledger(url, "default", HASTY)) as ledger:
        ledger.begin_run(WAY, dry_run=False)
        with ledger.reading() as db:
            process = db.execute(sa.text("SELECT pg_backend_pid()")).scalar()
        with engine.connect() as db:
            while db.execute(alive, {"process": process}).scalar():
                pass  # that session idles among the ledger's others
        ledger.verify_turn()
    engine.dispose()


@pytest.fixture
def made(server, monkeypatch):
    """The connections that are made to the server."""
    found = []
    connect = psycopg.Connection.connect.__func__

    def watched(kind, *arguments, **options):
        found.append(connect(kind, *arguments, **options))
        return found[-1]

    monkeypatch.setattr(psycopg.Connection, "connect", classmethod(watched))
    return found


def test_a_machine_that_vanishes_is_noticed_on_either_side_of_the_wire(server, made):
    with closing(Ledger(server, "default", HASTY)) as ledger:
        ledger.begin_run(WAY, dry_run=False)
        ours = [each.info.get_parameters() for each in made]
        assert {(each["keepalives_idle"], each["tcp_user_timeout"]) for each in ours} == {
            ("30", "60000")
        }
        theirs = [each.execute("SHOW tcp_keepalives_idle").fetchone()[0] for each in made]
        assert "30" in theirs  # of the one that keeps others waiting


def test_what_the_url_says_of_the_wire_goes_first(server, made):
    url = sa.make_url(server).update_query_dict({"keepalives_idle": "7"})
    with closing(Ledger(url.render_as_string(False), "default")):
        assert [each.info.get_parameters()["keepalives_idle"] for each in made] == ["7"]


def test_a_run_that_waits_for_long_asks_again_and_again(server, monkeypatch):
    monkeypatch.setattr("sync_core.ledger.locking._PART_SECONDS", 0.1)
    with closing(Ledger(server, "default", HASTY)) as first:
        run = first.begin_run(WAY, dry_run=False)
        second = Ledger(server, "default", Policy(lock_wait_seconds=0.25))
        with closing(second), pytest.raises(AlreadyRunningError, match=run[:8]):
            second.begin_run(WAY, dry_run=False)


def deleted(place):
    place.unlink()


def replaced(place):
    place.write_bytes(place.read_bytes())
    place.with_suffix(".old").write_bytes(place.read_bytes())
    place.with_suffix(".old").replace(place)


def without_folder(place):
    shutil.rmtree(place.parent)


@pytest.mark.parametrize("happens", [deleted, replaced, without_folder])
def test_a_file_that_goes_while_it_is_used_is_noticed_before_and_behind_each_transaction(
    tmp_path, happens
):
    place = tmp_path / "folder/ledger.db"
    place.parent.mkdir()
    with closing(Ledger(f"sqlite:///{place}", "default", HASTY)) as ledger:
        ledger.begin_run(WAY, dry_run=False)
        with pytest.raises(LedgerError, match="deleted or replaced"), ledger.transaction():
            happens(place)
        with pytest.raises(LedgerError, match="the next run finds out again who is who"):
            ledger.start_run(WAY, dry_run=False)
        with pytest.raises(LedgerError, match="deleted or replaced"):
            ledger.runs()


def test_a_run_whose_lock_is_deleted_goes_no_further(tmp_path):
    with closing(Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", "default", HASTY)) as ledger:
        ledger.begin_run(WAY, dry_run=False)
        (lock,) = tmp_path.glob("*.lock")
        lock.unlink()
        with pytest.raises(LedgerError, match=rf"{lock.name} was deleted or replaced"):
            ledger.verify_turn()
