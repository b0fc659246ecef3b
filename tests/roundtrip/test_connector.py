"""The connector in the real project: Meltano tells it the settings and runs the plugins for it."""

from __future__ import annotations

import json


def test_check_asks_the_plugins_through_meltano_and_finds_what_is_wrong(project):
    running = project.start(
        "connector", "check", "--format=json", TARGET_PIPEDRIVE_OWNER="nobody@acme.example"
    )
    said, _ = running.communicate(timeout=240)
    assert running.returncode == 1, said[-4000:]
    findings = json.loads(said)["findings"]
    (problem,) = [each for each in findings if each["state"] == "problem"]
    assert problem["what"] == "target-pipedrive: owner"
    texts = {each["what"]: each["text"] for each in findings}
    assert texts["environment"] == "sandbox"
    assert "fits both sides" in texts["target-journy"]
    assert not project.writes()
