"""What a story is made of. Its text can be pasted into a test, and is the same story again."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from sync_tests.stories.made_up import SECONDS, chapters
from sync_tests.stories.steps import Discover, Lose, Rest, Run, Step, Wait

__all__ = [
    "Discover",
    "Give",
    "Join",
    "Leave",
    "Lose",
    "Remove",
    "Rest",
    "Run",
    "Story",
    "Wait",
    "stories",
]

KINDS = ("users", "accounts")
#: What properties hold, of every kind; journy deletes one that is set to null.
VALUES = (
    7, 2.5, True, "text", "2026-01-31", "2026-01-31T10:20:30.000Z", ["a", "b"], [], "", None,
)  # fmt: skip
PROPERTIES = ("depth", "width", "height", "updated_at")


@dataclass(frozen=True)
class Give:
    """A user or an account gets a property, and is made where it isn't there yet."""

    kind: str
    which: int = 0
    name: int = 0
    value: int = 0


@dataclass(frozen=True)
class Remove:
    """A user or an account is deleted."""

    kind: str
    which: int = 0


@dataclass(frozen=True)
class Join:
    """A user becomes a member of an account."""

    user: int = 0
    account: int = 0


@dataclass(frozen=True)
class Leave:
    """A user is no member of an account any more."""

    user: int = 0
    account: int = 0


@dataclass(frozen=True)
class Story:
    """How many users and accounts there are at first, and what happens."""

    users: int = 3
    accounts: int = 1
    steps: tuple[Step, ...] = ()


_few = st.integers(0, 9)
_kind = st.sampled_from(KINDS)
_name, _value = st.integers(0, len(PROPERTIES) - 1), st.integers(0, len(VALUES) - 1)
_edits = st.one_of(
    st.builds(Give, _kind, _few, _name, _value),
    st.builds(Give, _kind, _few, _name, _value),
    st.builds(Remove, _kind, _few),
    st.builds(Join, _few, _few),
    st.builds(Leave, _few, _few),
    st.builds(Wait, st.sampled_from(SECONDS)),
)
_rare = st.one_of(st.builds(Rest), st.just(Lose()), st.just(Discover()))


def stories() -> st.SearchStrategy[Story]:
    """Any story."""
    return st.builds(Story, users=_few, accounts=_few, steps=chapters(_edits, _rare, _few))
