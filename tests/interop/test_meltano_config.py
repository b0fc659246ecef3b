"""`meltano config test` of both taps: what a right key, a wrong one and a narrow one get.

Blind spot: Meltano stops a tap at its first record, so it finds a missing permission only where no
stream can be read; `--test` of the tap itself looks at each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sync_sandbox import Sandbox
from tap_journy.tap import TapJourny
from tap_pipedrive.tap import TapPipedrive

BIN = Path(sys.executable).parent
SMALL = {"seed": 3, "persons": 5, "organizations": 3, "users": 20, "accounts": 5}
REFUSAL = {"status": 403, "body": {"success": False, "error": "not for you"}}
CASES: dict[str, tuple[str, dict[str, str]]] = {
    "pipedrive right": ("tap-pipedrive", {}),
    "pipedrive wrong": ("tap-pipedrive", {"TAP_PIPEDRIVE_API_TOKEN": "not-the-token"}),
    "pipedrive narrow": ("tap-pipedrive", {}),
    "journy right": ("tap-journy", {}),
    "journy wrong": ("tap-journy", {"TAP_JOURNY_API_KEY": "not-the-key"}),
    "journy narrow": ("tap-journy", {"TAP_JOURNY_API_KEY": "sandbox-key-documented"}),
}


def _start(root: Path, system: Path, sandbox: Sandbox, case: str) -> subprocess.Popen[str]:
    tap, settings = CASES[case]
    system.mkdir()
    # The plugins that the set-up installed, and a folder of its own for what runs leave.
    (system / "extractors").symlink_to(root / ".meltano" / "extractors")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TAP_", "TARGET_"))}
    own = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "MELTANO_SYS_DIR_ROOT": str(system),
        "MELTANO_DATABASE_URI": f"sqlite:///{system / 'meltano.db'}",
        "MELTANO_PROJECT_READONLY": "1",
        "TAP_PIPEDRIVE_API_URL": sandbox.pipedrive_url,
        "TAP_JOURNY_API_URL": sandbox.journy_url,
    }
    return subprocess.Popen(
        ["meltano", "--environment=sandbox", "config", "test", tap],
        cwd=root,
        env={**kept, **own, **settings},
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.fixture(scope="module")
def tested(root, tmp_path_factory) -> Iterator[dict[str, tuple[int, str]]]:
    """Case -> exit code, and what Meltano said; all run side by side."""
    assert (root / ".meltano" / "extractors").is_dir(), "`make setup` installs the plugins"
    home = tmp_path_factory.mktemp("meltano")
    with Sandbox(**SMALL) as whole, Sandbox(**SMALL) as narrow:
        for path in ("persons", "organizations"):
            narrow.fault(f"/pipedrive/api/v2/{path}", "GET", times=None, action=REFUSAL)
        started = {
            case: _start(root, home / case, narrow if case == "pipedrive narrow" else whole, case)
            for case in CASES
        }
        try:
            said = {case: each.communicate(timeout=240)[0] for case, each in started.items()}
            yield {case: (started[case].returncode, text) for case, text in said.items()}
        finally:
            for each in started.values():
                if each.poll() is None:
                    each.kill()
                    each.communicate()


@pytest.mark.parametrize("service", ["pipedrive", "journy"])
def test_a_right_key_passes(tested, service):
    code, said = tested[f"{service} right"]
    assert code == 0, said
    assert "Plugin configuration is valid" in said


@pytest.mark.parametrize("service", ["pipedrive", "journy"])
def test_a_wrong_key_fails_and_the_cure_is_said(tested, service):
    code, said = tested[f"{service} wrong"]
    assert code == 1
    assert "Plugin configuration is invalid" in said
    assert "check the credential in the plugin's settings" in said
    assert "not-the-" not in said


def test_a_token_that_may_read_nothing_fails_with_the_reason(tested):
    code, said = tested["pipedrive narrow"]
    assert code == 1
    assert "Plugin configuration is invalid" in said
    last = said.partition("Plugin configuration is invalid")[2]
    assert "Finished without all of these streams: organizations, persons" in last
    assert "Pipedrive answered 403" in last


def test_a_key_without_the_permission_for_records_fails_with_the_reason(tested):
    code, said = tested["journy narrow"]
    assert code == 1
    last = said.partition("Plugin configuration is invalid")[2]
    assert "Finished without all of these streams: accounts, users" in last
    assert "journy answered 401 to GET /accounts although the key is right" in last


@pytest.mark.parametrize("tap", [TapPipedrive, TapJourny])
def test_the_definition_names_all_that_the_tap_can_do(root, tap):
    path = root / "plugins" / "extractors" / f"{tap.name}.meltano.yml"
    (plugin,) = yaml.safe_load(path.read_text("utf-8"))["plugins"]["extractors"]
    # Meltano's own name for `--test`; versions of a table are the SDK's, and no stream has one.
    can = {str(each.value) for each in tap.capabilities} - {"activate-version"} | {"test"}
    assert set(plugin["capabilities"]) == can
