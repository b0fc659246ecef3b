"""The messages in the troubleshooting page are those that the source has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
ANY = "\N{HORIZONTAL ELLIPSIS}"
ROOMS = ["plugins/core", "plugins/connector/sync_connector"]
ROOMS += ["tap-pipedrive/tap_pipedrive", "tap-journy/tap_journy"]
ROOMS += ["target-pipedrive/target_pipedrive", "target-journy/target_journy"]


def messages() -> list[str]:
    """The first cell of each row under `Message`, but for those that are Meltano's own."""
    rows = re.findall(r"^\| `([^`]+)` \| (?!Meltano's own)", PAGE, re.MULTILINE)
    assert len(rows) > 20
    return rows


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ANY


def texts() -> Iterator[str]:
    """Every text in the source, with `…` for what is filled in."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, (ast.Constant, ast.JoinedStr)):
                    yield _text(node)


SAID = "\n".join(texts())


@pytest.mark.parametrize("message", messages())
def test_the_source_says_the_message(message):
    pattern = ".*".join(re.escape(part.strip(" '")) for part in message.split(ANY))
    assert re.search(pattern, SAID), message


def test_a_message_that_nobody_says_is_noticed():
    assert not re.search(re.escape("the moon is in the wrong phase"), SAID)
