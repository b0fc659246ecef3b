"""What `check` finds: one line each, with its cure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sync_core.errors import ConfigurationError, SyncError

State = Literal["ok", "warning", "problem"]
STATES: tuple[State, ...] = ("ok", "warning", "problem")


@dataclass(frozen=True)
class Finding:
    """One line.

    Attributes:
        what: What was looked at, such as `tap-journy: api_key` or `users.fields[2]`.
        state: How it is.
        text: What was found.
        cure: What to do; empty where nothing has to be done.
    """

    what: str
    state: State
    text: str
    cure: str = ""


def ok(what: str, text: str) -> Finding:
    """Something that is as it should be."""
    return Finding(what, "ok", text)


def warning(what: str, text: str, cure: str) -> Finding:
    """Something that a run survives, but people should know."""
    return Finding(what, "warning", text, cure)


def problem(what: str, text: str, cure: str) -> Finding:
    """Something that a run fails on."""
    return Finding(what, "problem", text, cure)


def failed(what: str, error: SyncError) -> list[Finding]:
    """What an error says, a line for each of its problems."""
    problems = error.problems if isinstance(error, ConfigurationError) else [str(error)]
    return sentences(what, problems)


def sentences(what: str, problems: Iterable[str]) -> list[Finding]:
    """Sentences of ours as findings: the setting before the colon, the cure at the end."""
    return [_sentence(what, each) for each in problems]


def _sentence(what: str, sentence: str) -> Finding:
    setting, colon, rest = sentence.partition(": ")
    named = bool(colon) and " " not in setting
    text, cure = _parted(rest if named else sentence)
    return problem(
        f"{what}: {setting}" if named else what,
        text,
        cure or f"correct it in the settings of {what}",
    )


_VERBS = (
    "add|allow|ask|check|compare|connect|did|expected|give|known|make|merge|move|only|rename|run|"
    "set|start|update|use|wait"
)
#: Where a sentence's advice begins: in brackets at its end, after a colon, after a semicolon.
_ADVICE = (
    re.compile(rf"(.+?) \(((?:{_VERBS})\b.+)\)"),
    re.compile(rf"(.+?): ((?:{_VERBS})\b.+)"),
    re.compile(rf"(.+); ((?:{_VERBS})\b.+)"),
)


def _parted(text: str) -> tuple[str, str]:
    """A sentence's statement and its advice."""
    plain = " ".join(text.split())
    for pattern in _ADVICE:
        if found := pattern.fullmatch(plain):
            return found[1], found[2]
    return plain, ""
