"""How the connector learns from Meltano what the plugins are configured to, and runs them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import textwrap

import pytest
from click.testing import CliRunner
from sync_connector.cli import main
from sync_connector.meltano import Ran, executable
from sync_connector.project import find
from sync_core.errors import ConfigurationError

#: Begins a script that this Python runs, also from a path with a blank, as installers do it.
SHEBANG = f"""#!/bin/sh
'''exec' "{sys.executable}" "$0" "$@"
' '''
"""
#: Stands in for Meltano: says settings as `config print` does, or repeats what it was given.
FAKE = """
    import json, os, sys
    words = sys.argv[1:]
    known = json.loads({known!r})
    if "config" in words:
        if words[-1] not in known:
            sys.exit("Plugin 'x' is not known to Meltano.")
        if known[words[-1]] is None:
            sys.exit("2026-01-01T00:00:00Z [error    ] meltano  The project file is malformed")
        print(json.dumps(known[words[-1]]))
    else:
        ours = ("TAP_", "TARGET_", "VIRTUAL_ENV", "MELTANO_ENVIRONMENT")
        mine = {{k: v for k, v in os.environ.items() if k.startswith(ours)}}
        print(json.dumps({{"words": words, "variables": mine, "read": sys.stdin.read()}}))
"""


@pytest.fixture
def meltano(tmp_path, monkeypatch):
    """A project with this Meltano: role -> settings."""

    def install(known):
        script = tmp_path / "bin" / "meltano"
        script.parent.mkdir()
        text = FAKE.format(known=json.dumps(known))
        script.write_text(SHEBANG + textwrap.dedent(text).lstrip())
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        (tmp_path / "meltano.yml").write_text("default_environment: dev\n")
        monkeypatch.delenv("MELTANO_ENVIRONMENT", raising=False)
        monkeypatch.setenv("CONNECTOR_MELTANO", str(script))
        monkeypatch.setenv("MELTANO_PROJECT_ROOT", str(tmp_path))
        return script

    return install


def test_settings_come_from_meltano_and_a_plugin_that_is_not_there_is_absent(meltano):
    meltano({"tap-journy": {"api_key": "k"}, "target-journy": {"persons": {"create": True}}})
    settings = find(None, None).settings()
    assert settings == {
        "tap-journy": {"api_key": "k"},
        "target-journy": {"persons": {"create": True}},
    }


def test_plugins_may_be_called_otherwise(meltano):
    meltano({"tap-pipedrive--eu": {"api_token": "t"}})
    project = find(None, "tap-pipedrive--eu, target-pipedrive--eu")
    assert project.settings() == {"tap-pipedrive": {"api_token": "t"}}
    assert project.prefix("target-pipedrive") == "TARGET_PIPEDRIVE__EU_"


def test_a_project_that_meltano_cannot_read_is_told_in_its_words(meltano):
    meltano({"tap-pipedrive": None})
    done = CliRunner().invoke(main, ["check", "--quick"])
    assert done.exit_code == 1
    assert "tap-pipedrive: The project file is malformed" in done.output


def test_a_plugin_is_run_in_the_active_environment_with_other_settings_once(meltano, monkeypatch):
    meltano({})
    monkeypatch.setenv("VIRTUAL_ENV", "/ours")
    done = find(None, None).invoke(
        "target-pipedrive", "--version", stdin="{}", config={"dry_run": True, "users": {"a": [1]}}
    )
    said = json.loads(done.out)
    assert said["words"][-3:] == ["invoke", "target-pipedrive", "--version"]
    assert said["read"] == "{}"
    assert said["variables"] == {
        "MELTANO_ENVIRONMENT": "dev",
        "TARGET_PIPEDRIVE_DRY_RUN": "true",
        "TARGET_PIPEDRIVE_USERS": '{"a": [1]}',
    }


def test_outside_of_a_project_it_says_where_to_run(tmp_path, monkeypatch):
    monkeypatch.delenv("MELTANO_PROJECT_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 1
    assert "There is no meltano.yml" in done.output


def test_a_name_that_is_no_plugin_of_ours_is_refused(meltano):
    meltano({})
    with pytest.raises(ConfigurationError, match="'tap-github' isn't a plugin of ours"):
        find(None, "tap-github")


def test_the_meltano_that_started_us_is_found_though_it_is_not_on_path(tmp_path):
    """A script called meltano starts a plugin, which tells which Meltano it would call."""
    script = tmp_path / "tools" / "meltano"
    script.parent.mkdir()
    asked = "from sync_connector.meltano import executable; print(executable())"
    script.write_text(
        f"{SHEBANG}import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-c', {asked!r}], check=True)\n"
    )
    script.chmod(0o755)
    bare = {**os.environ, "PATH": "/usr/bin:/bin"}
    bare.pop("CONNECTOR_MELTANO", None)
    done = subprocess.run(
        ["tools/meltano"], cwd=tmp_path, env=bare, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str([sys.executable, str(script)])


def test_without_any_meltano_it_says_how_to_name_one():
    with pytest.raises(ConfigurationError, match="CONNECTOR_MELTANO"):
        executable({"PATH": ""})


@pytest.mark.parametrize(
    ("log", "errors"),
    [
        ("2026-11-23 22:21:01,300 | ERROR    | target-x | one\ntwo\n", ["one\ntwo"]),
        ("2026-11-23 22:21:01,300 | INFO     | target-x | one\n", []),
        ('{"event": "one", "level": "error"}\n{"event": "x", "level": "info"}\n', ["one"]),
        ("Traceback\n{broken\n", []),
        (
            "2026-11-23 22:21:01,3 | ERROR | t | a\n2026-11-23 22:21:01,3 | ERROR | t | b\n",
            ["a", "b"],
        ),
    ],
    ids=["two lines", "no error", "as JSON", "neither", "two errors"],
)
def test_errors_of_a_plugin_are_read_from_whatever_log_it_wrote(log, errors):
    assert Ran(1, "", log).errors == errors
