"""What no file of the project may say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

#: Pieced together, so that this file doesn't say them either.
REGISTRY = [
    "py" + r"pi\.org",
    "python" + r"hosted\.org",
    r"/sim" + "ple/?[\"'\\s]",
    r"(?<!no-emit-)" + r"index-" + "url",
    "--regis" + "try",
]
MACHINE = [r"(?:^|[\s\"'`(=:])/(?:home|Users|root|work|tmp)/" + r"[\w.]"]
SECRET = [r"(?i)(?:api_token|api_key|client_secret)[\"']?\s*[:=]\s*[\"']?[0-9a-f]{32,}"]
FIGURES = {".lock"}


def lines(tracked: list[Path], root: Path) -> list[tuple[str, str]]:
    found = []
    for path in tracked:
        if path.suffix in FIGURES:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found.append((f"{path.relative_to(root)}:{number}", line))
    return found


@pytest.mark.parametrize(
    ("what", "patterns"),
    [
        ("the address of a package registry", REGISTRY),
        ("a path on somebody's machine", MACHINE),
        ("what looks like a secret", SECRET),
    ],
)
def test_no_file_holds(what, patterns, tracked, root):
    pattern = re.compile("|".join(patterns))
    guilty = [place for place, line in lines(tracked, root) if pattern.search(line)]
    assert guilty == [], what


def test_git_keeps_no_lock_that_records_addresses(tracked):
    assert "uv.lock" not in {path.name for path in tracked}


@pytest.mark.parametrize("script", ["scripts/bootstrap", ".ci/run"])
def test_a_script_can_be_run(root, script):
    path = root / script
    assert path.stat().st_mode & 0o111, "not executable"
    assert path.read_text().startswith("#!")


def test_ci_runs_the_tests_and_nothing_less(root):
    assert (root / ".ci/run").read_text().splitlines()[-1] == "make test"
