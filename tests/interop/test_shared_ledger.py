"""target-pipedrive with its ledger on a PostgreSQL server that goes away in mid-run.

Blind spot: a server on the same machine, whose connections end at once and don't hang.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from sync_core.pipedrive.destination import PipedriveDestination
from sync_tests.command import invoke
from sync_tests.targets import as_text, stream_messages
from target_pipedrive.target import TargetPipedrive

COLUMNS = {key: {"type": ["string", "null"]} for key in ("user_id", "email", "first_name")}
ANN = {"user_id": "u1", "email": "ann@fresh.example", "first_name": "Ann"}
LOCKS = ("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' "
         "and pid != pg_backend_pid()")  # fmt: skip


@pytest.fixture
def write(postgres, sandbox, tmp_path, capfd):
    """Runs the target on one user; gives exit code, output and log."""
    settings: dict[str, Any] = {
        "api_url": sandbox.pipedrive_url,
        "api_token": "sandbox-token",
        "ledger_url": postgres.fresh("shared"),
        "users": {"create": True},
    }
    config, lines = tmp_path / "config.json", tmp_path / "messages.jsonl"
    config.write_text(json.dumps(settings), encoding="utf-8")
    lines.write_text(as_text(stream_messages("users", COLUMNS, ["user_id"], [ANN])), "utf-8")
    line = ["--config", str(config), "--input", str(lines)]
    return lambda: invoke(TargetPipedrive, line, capfd)


def test_nothing_is_made_once_another_run_may_have_begun(postgres, sandbox, write, monkeypatch):
    """Its turn is lost while records are looked up, which may take minutes."""
    match = PipedriveDestination.match

    def slow(*arguments: Any) -> Any:
        found = match(*arguments)
        postgres.sql(LOCKS)
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(PipedriveDestination, "match", slow)
        code, _, log = write()
    assert code == 1
    assert "the ledger's database refused" in log
    assert [each for each in sandbox.journal() if each["method"] == "POST"] == []
    assert write()[0] == 0
    assert len([each for each in sandbox.journal() if each["method"] == "POST"]) == 1
