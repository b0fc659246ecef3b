"""What a scheduler runs, and where state is kept when the machine that runs it is thrown away."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
HERE = "/srv/pipedrive-journy"
SCHEMAS = {
    "github-actions.yml": "vendor.github-workflows",
    "gitlab-ci.yml": "vendor.gitlab-ci",
    "../meltano.yml": "vendor.meltano",
}


def cron_command() -> str:
    """The command of the one line in the crontab."""
    lines = (DEPLOY / "crontab").read_text().splitlines()
    (line,) = [line for line in lines if re.match(r"[*0-9]", line)]
    fields = line.split(maxsplit=5)
    assert fields[:5] == ["*/15", "*", "*", "*", "*"]
    return fields[5]


def service() -> dict[str, str]:
    parsed = configparser.RawConfigParser(strict=False)
    parsed.optionxform = str
    parsed.read(DEPLOY / "pipedrive-journy.service")
    return dict(parsed["Service"])


@pytest.mark.parametrize("file", SCHEMAS)
def test_a_file_is_what_its_service_s_published_schema_asks_for(file):
    command = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema"]
    done = subprocess.run(
        [*command, SCHEMAS[file], DEPLOY / file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_units_are_what_systemd_reads(tmp_path):
    if not (verify := shutil.which("systemd-analyze")):
        pytest.skip("systemd isn't on this machine")
    for unit in DEPLOY.glob("pipedrive-journy.*"):
        text = unit.read_text().replace(f"{HERE}/.venv/bin/meltano", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    units = sorted(map(str, tmp_path.iterdir()))
    assert len(units) == 2
    done = subprocess.run([verify, "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "pipedrive-journy" in line]
    assert not ours


def test_cron_and_systemd_run_the_schedule_of_this_project(project, tmp_path):
    (schedule,) = yaml.safe_load((ROOT / "meltano.yml").read_text())["schedules"]
    in_systemd = shlex.split(service()["ExecStart"])
    assert in_systemd == [f"{HERE}/.venv/bin/meltano", "schedule", "run", schedule["name"]]
    assert f".venv/bin/meltano schedule run {schedule['name']}" in cron_command()
    command = cron_command().replace(HERE, shlex.quote(str(ROOT)))
    command = command.replace("/var/log", shlex.quote(str(tmp_path)))
    # cron gives a short environment; only what points this run at its own sandbox is added.
    keep = {k: v for k, v in project.environment.items() if "_URL" in k or k.startswith("MELTANO")}
    keep |= {"MELTANO_ENVIRONMENT": "sandbox", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    in_sandbox = command.replace("MELTANO_ENVIRONMENT=prod ", "")
    done = subprocess.run(["sh", "-c", in_sandbox], env=keep, check=False)
    assert done.returncode == 0, (tmp_path / "pipedrive-journy.log").read_text()[-4000:]
    assert [run["direction"] for run in project.runs()] == [
        "journy-to-pipedrive",
        "pipedrive-to-journy",
    ]


def test_on_a_server_bookmarks_and_ledger_outlive_the_machine(project, postgres):
    state, ledger = postgres.fresh("meltano"), postgres.fresh("ledger")
    kept = {
        "MELTANO_DATABASE_URI": state,
        "TARGET_PIPEDRIVE_LEDGER_URL": ledger,
        "TARGET_JOURNY_LEDGER_URL": ledger,
    }
    project.run("pipedrive-to-journy", **kept)
    project.run("pipedrive-to-journy", **kept)
    runs = postgres.sql("select direction, status from runs order by started", "ledger")
    assert runs.split() == ["pipedrive-to-journy|completed"] * 2
    assert "tap-pipedrive" in postgres.sql("select state_id from state", "meltano")
    assert not list(Path(project.home).glob("*.db"))
