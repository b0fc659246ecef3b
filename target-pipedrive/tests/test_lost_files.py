"""The ledger's file goes away, or can't be written to any more, while a run uses it."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from sync_core.engine import engine
from sync_tests.command import invoke
from target_pipedrive.target import TargetPipedrive

#: Each of them takes some pages of the file, for as long as it is announced.
PEOPLE = [
    {"user_id": f"u{n}", "email": f"p{n}@acme.example", "first_name": "P", "lifecycle": "x" * 9000}
    for n in range(6)
]


def deleted(target):
    target.ledger.unlink()


def every_file_deleted(target):
    for each in target.folder.glob("ledger.db*"):
        each.unlink()


def full(_target):
    def limit(connection):
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA max_page_count = 1")

    sa.event.listen(sa.Engine, "begin", limit)
    return lambda: sa.event.remove(sa.Engine, "begin", limit)


def read_only(_target):
    def forbid(connection):
        connection.exec_driver_sql("PRAGMA query_only = ON")

    sa.event.listen(sa.Engine, "begin", forbid)
    return lambda: sa.event.remove(sa.Engine, "begin", forbid)


TROUBLES = {
    deleted: "deleted or replaced",
    every_file_deleted: "deleted or replaced",
    full: "make room, and run again",
    read_only: "let the user who runs this write to the file",
}
#: What has been recorded leaves room in the file for what comes, so that it is full at first only.
CASES = [
    pytest.param(each, count, id=f"{each.__name__}-{count}")
    for each in TROUBLES
    for count in (1, 2, 3)
    if each is not full or count == 1
]


@pytest.fixture
def run(target, capfd):
    """Runs the target on some people; gives exit code, output and log, and looks into no ledger."""
    config, lines = target.folder / "config.json", target.folder / "messages.jsonl"
    settings = target.settings(users={"create": True}, batch_size_rows=3)
    config.write_text(json.dumps(settings), encoding="utf-8")
    lines.write_text(target.write(target.stream("users", *PEOPLE)), encoding="utf-8")
    line = ["--config", str(config), "--input", str(lines)]
    return lambda: invoke(TargetPipedrive, line, capfd)


@pytest.mark.parametrize(("happens", "count"), CASES)
def test_the_run_ends_with_what_to_do_and_the_next_one_makes_nobody_twice(  # noqa: PLR0913, PLR0917 - fixtures
    target, crm, run, monkeypatch, happens, count
):
    """Before the creates of the first batch are announced, behind them, and before the second."""
    record, calls, mended = engine.record, [], []

    def watched(*told):
        calls.append(told)
        if len(calls) == count:
            mended.append(happens(target))
        record(*told)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(engine, "record", watched)
        code, states, log = run()
    for mend in filter(None, mended):
        mend()
    assert (code, states) == (1, "")
    assert TROUBLES[happens] in log
    assert run()[0] == 0
    assert len(crm.persons()) == len(PEOPLE)
