"""target-pipedrive with its ledger on a PostgreSQL server that goes away in mid-run.

Blind spot: machines that vanish from the network, which only TCP's own timers notice; what is set
for these is tested, that the kernel heeds it isn't.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from sync_core.engine import engine
from sync_core.pipedrive.destination import PipedriveDestination
from sync_singer.border import UNAVAILABLE
from sync_tests.command import invoke
from sync_tests.targets import as_text, stream_messages
from sync_tests.wire import Wire
from target_pipedrive.target import TargetPipedrive

COLUMNS = {key: {"type": ["string", "null"]} for key in ("user_id", "email", "first_name")}
ANN = {"user_id": "u1", "email": "ann@fresh.example", "first_name": "Ann"}
ENDS = "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'shared'"
LOCKS = ("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' "
         "and pid != pg_backend_pid()")  # fmt: skip


@pytest.fixture
def url(postgres):
    return postgres.fresh("shared")


@pytest.fixture
def wire(postgres):
    """Between the target and the server."""
    wire = Wire(postgres.port)
    yield wire
    wire.close()


@pytest.fixture
def write(url, sandbox, tmp_path, capfd):
    """Runs the target on one user; gives exit code, output and log."""
    config, lines = tmp_path / "config.json", tmp_path / "messages.jsonl"
    lines.write_text(as_text(stream_messages("users", COLUMNS, ["user_id"], [ANN])), "utf-8")
    line = ["--config", str(config), "--input", str(lines)]

    def run(url: str = url) -> tuple[int, str, str]:
        settings: dict[str, Any] = {
            "api_url": sandbox.pipedrive_url,
            "api_token": "sandbox-token",
            "ledger_url": url,
            "users": {"create": True},
        }
        config.write_text(json.dumps(settings), encoding="utf-8")
        return invoke(TargetPipedrive, line, capfd)

    return run


@pytest.fixture
def amid(monkeypatch, sandbox):
    """Lets something happen once, at a moment of a run."""
    commits = []

    def arrange(moment, happens):
        left = [happens]

        def once(*_):
            while left:
                left.pop()()

        if moment in MOMENTS:
            where, name = MOMENTS[moment]
            real = getattr(where, name)
            monkeypatch.setattr(where, name, lambda *told: (once(), real(*told))[1])
        else:
            commits.append(lambda *_: posts(sandbox) and once())
            sa.event.listen(sa.Engine, "commit", commits[-1])

    yield arrange
    for each in commits:
        sa.event.remove(sa.Engine, "commit", each)


MOMENTS = {
    "records are looked up": (PipedriveDestination, "match"),
    "creates are announced": (engine, "record"),
}
COMMIT = "a batch is committed"
SILENCES = {
    "nothing comes through": ((), "records are looked up"),
    "a commit doesn't arrive": ((), COMMIT),
    "a commit's answer is lost": (("back",), COMMIT),
}


def posts(sandbox):
    return [each for each in sandbox.journal() if each["method"] == "POST"]


@pytest.mark.parametrize("moment", [*MOMENTS, COMMIT])
def test_a_server_that_restarts_ends_the_run_and_the_next_one_goes_on(
    postgres, sandbox, write, amid, moment
):
    amid(moment, lambda: postgres.sql(ENDS))
    code, _, log = write()
    assert code == UNAVAILABLE
    assert "the ledger's server is lost" in log
    assert "the next run goes on" in log
    assert write()[0] == 0
    assert len(posts(sandbox)) == 1


@pytest.mark.parametrize(("ways", "moment"), SILENCES.values(), ids=SILENCES)
def test_a_server_that_falls_silent_ends_the_run_and_the_next_one_goes_on(  # noqa: PLR0913, PLR0917 - fixtures
    url, wire, sandbox, write, amid, monkeypatch, ways, moment
):
    monkeypatch.setattr("sync_core.ledger.answering.LONGEST_ANSWER_SECONDS", 0.5)
    amid(moment, lambda: wire.hold(*ways))
    over_it = sa.make_url(url).set(port=wire.port).update_query_dict({"connect_timeout": "2"})
    code, _, log = write(over_it.render_as_string(False))
    assert code == UNAVAILABLE
    assert "the ledger's server is lost" in log
    wire.close()
    assert write()[0] == 0
    assert len(posts(sandbox)) == 1


def test_a_server_that_can_not_be_asked_in_time_is_refused_with_its_cure(url, wire, write, sandbox):
    wire.hold()
    over_it = sa.make_url(url).set(port=wire.port).update_query_dict({"connect_timeout": "2"})
    code, _, log = write(over_it.render_as_string(False))
    assert code == 1
    assert "check that the server is up" in log
    assert posts(sandbox) == []


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
    assert code == UNAVAILABLE
    assert "the ledger's server is lost" in log
    assert posts(sandbox) == []
    assert write()[0] == 0
    assert len(posts(sandbox)) == 1
