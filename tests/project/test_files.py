"""A file of a command line that can't be used is named, in a sentence without a traceback."""

from __future__ import annotations

import pytest
from sync_tests.command import invoke
from tap_journy.tap import TapJourny
from tap_pipedrive.tap import TapPipedrive
from target_journy.target import TargetJourny
from target_pipedrive.target import TargetPipedrive

TAPS = [TapPipedrive, TapJourny]
PLUGINS = [*TAPS, TargetPipedrive, TargetJourny]
SECRET = "t0ken-of-nobody"
WRONG = {
    "cut off": (f'{{"api_token": "{SECRET}"', "expected JSON (line 1, column "),
    "empty": ("", "expected JSON (line 1, column "),
    "a list": (f'["{SECRET}"]', "expected a JSON object"),
    "no text": (b"\xff\xfe\x00", "expected a text in UTF-8"),
}


@pytest.fixture(params=WRONG)
def wrong(request, tmp_path):
    """A file that can't be used, and what is to be said of it."""
    content, said = WRONG[request.param]
    path = tmp_path / "wrong.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path, said


def refused(code, log, path, said):
    assert code == 2
    assert f"'{path}': {said}" in log
    assert "Traceback" not in log
    assert SECRET not in log


@pytest.mark.parametrize("plugin", PLUGINS)
def test_settings_that_cannot_be_read_are_named(plugin, wrong, capfd):
    path, said = wrong
    code, out, log = invoke(plugin, [f"--config={path}"], capfd)
    refused(code, log, path, said)
    assert not out


@pytest.mark.parametrize("option", ["--catalog", "--state"])
@pytest.mark.parametrize("plugin", TAPS)
def test_a_catalog_or_a_state_that_cannot_be_read_is_named(plugin, option, wrong, tmp_path, capfd):
    path, said = wrong
    settings = tmp_path / "settings.json"
    settings.write_text("{}")
    code, out, log = invoke(plugin, [f"--config={settings}", f"{option}={path}"], capfd)
    refused(code, log, path, said)
    assert not out


@pytest.mark.parametrize("plugin", PLUGINS)
def test_settings_that_are_not_there_are_named(plugin, tmp_path, capfd):
    path = tmp_path / "nowhere.json"
    code, _, log = invoke(plugin, [f"--config={path}"], capfd)
    refused(code, log, path, "No such file or directory")


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_folder_in_place_of_settings_is_named(plugin, tmp_path, capfd):
    code, _, log = invoke(plugin, [f"--config={tmp_path}"], capfd)
    refused(code, log, tmp_path, "Is a directory")
