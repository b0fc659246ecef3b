"""The example of the README runs on what tap-pipedrive reads."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_example_of_the_readme_runs(plugins, journy, sandbox):
    (example,) = re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    config = yaml.safe_load(example)["plugins"]["loaders"][0]["config"]
    sandbox.reset(persons=20, organizations=5)
    code, text, log = plugins.call("tap-pipedrive")
    assert code == 0, log
    run = plugins.write(text, **config)
    assert run.exit_code == 0, run.log
    assert run.counts["persons"]["created"] > 0
    assert run.counts["organizations"]["created"] > 0
    assert journy.users()
