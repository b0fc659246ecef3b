"""Scenarios that are made up: any settings, any edits, anything that may fail.

They are drawn by weight, since a sync that never meets anybody tries nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from sync_tests.scenarios import choices, steps
from sync_tests.scenarios.faults import KILL, PLANTED
from sync_tests.scenarios.settings import POSITIONS

SECONDS = (1, 1, 30, 61, 150, 3600, 90_000)
BUDGETS = (None, None, None, None, 20, 40, 60, 100)
#: What most can go wrong with is tried more often than the rest.
OFTEN = {"emails": 4, "phones": 4, "email": 3, "phone": 4, "Account ID": 3, choices.STAGE: 2}
SPOILED = ("remove", "rename", "option")
#: How the sandbox may behave where the services are unknown, beside its usual way.
SWITCHES: dict[str, tuple[Any, ...]] = {
    "pipedrive.lists_include_deleted": ("with_updated_since", "always"),
    "pipedrive.updated_since_keeps_null": (True,),
    "pipedrive.patch_lists": ("merge",),
    "pipedrive.noop_patch_touches": (False,),
    "pipedrive.errors_cost_tokens": (False,),
    "pipedrive.person_without_email": ("blank_entry",),
    "pipedrive.empty_string": ("keep",),
    "pipedrive.daily_headers": (False,),
    "pipedrive.system_field_codes": ("entity",),
    "pipedrive.list_lag_seconds": (1.0, 30.0),
    "pipedrive.search_lag_seconds": (1.0, 30.0),
    "journy.accept_delay_seconds": (2.0,),
    "journy.identity_conflict": ("contact_wins", "refuse", "merge"),
    "journy.identifier_change": ("replace_all", "keep_all"),
    "journy.link_unknown": ("ignore",),
}


class _Draw:
    """Draws steps."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._edits: dict[Callable[[], steps.Step], int] = {
            lambda: self._give("user"): 8,
            lambda: self._give("account"): 4,
            lambda: self._edit("person"): 8,
            lambda: self._edit("organization"): 4,
            lambda: steps.Member(self._few(), self._few(), self.chance.random() < 0.7): 3,
            lambda: steps.Remove(self._kind(), self._few()): 1,
            lambda: steps.Unify(self._kind(), self._few(), self._few()): 1,
            lambda: steps.Make(self._entity(), self._few()): 3,
            lambda: steps.Delete(self._entity(), self._few()): 2,
            lambda: steps.Restore(self._entity(), self._few()): 1,
            lambda: steps.Merge(self._entity(), self._few(), self._few()): 1,
            lambda: steps.Swap(self._entity(), self._few(), self._few()): 1,
            lambda: steps.Wait(self.chance.choice(SECONDS)): 2,
        }
        self._turns: dict[Callable[[], steps.Step], int] = {
            steps.Both: 5,
            self._run: 7,
            self._set: 2,
            steps.Lose: 1,
            steps.BackUp: 1,
            steps.Recall: 1,
            lambda: steps.Field(self.chance.choice(SPOILED)): 1,
            lambda: steps.Rest(full=self.chance.random() < 0.3): 1,
        }

    def scenario(self) -> steps.Scenario:
        """Somebody is there; then some edits and a run, several times."""
        told: list[steps.Step] = [
            *(steps.Make("organization", each) for each in range(1, 3)),
            *(steps.Make("person", self._rival()) for _ in range(self.chance.randrange(4))),
            *(self._give("account") for _ in range(2)),
            *(self._give("user") for _ in range(3)),
        ]
        for _ in range(self.chance.randint(3, 6)):
            told += [self._one_of(self._edits) for _ in range(self.chance.randint(1, 4))]
            told.append(self._one_of(self._turns))
        settings = {name: self.chance.randrange(len(POSITIONS[name])) for name in self._some()}
        return steps.Scenario(settings, self._switches(), tuple(told))

    def _one_of(self, weighed: dict[Callable[[], steps.Step], int]) -> steps.Step:
        (draw,) = self.chance.choices([*weighed], [*weighed.values()])
        return draw()

    def _some(self) -> list[str]:
        return [name for name in POSITIONS if self.chance.random() < 0.4]

    def _switches(self) -> dict[str, Any]:
        moved = self.chance.sample([*SWITCHES], self.chance.choice((0, 0, 1, 2, 4)))
        return {name: self.chance.choice(SWITCHES[name]) for name in moved}

    def _few(self) -> int:
        return self.chance.choice((0, 0, 1, 1, 2, 3, 4))

    def _rival(self) -> int:
        """A person who often has the address of another one."""
        return self.chance.choice((1, 1, 2, 3))

    def _kind(self) -> str:
        return self.chance.choice(("user", "user", "account"))

    def _entity(self) -> str:
        return self.chance.choice(("person", "person", "organization"))

    def _what(self, kind: str) -> str:
        names = [*choices.VALUES[kind]]
        (name,) = self.chance.choices(names, [OFTEN.get(each, 1) for each in names])
        return name

    def _give(self, kind: str) -> steps.Give:
        what = self._what(kind)
        return steps.Give(kind, self._few(), what, self.chance.randrange(15))

    def _edit(self, entity: str) -> steps.Edit:
        what = self._what(entity)
        return steps.Edit(entity, self._few(), what, self.chance.randrange(15))

    def _set(self) -> steps.Set:
        name = self.chance.choice([*POSITIONS])
        return steps.Set(name, self.chance.randrange(len(POSITIONS[name])))

    def _run(self) -> steps.Run:
        return steps.Run(
            self.chance.choice(("journy", "journy", "pipedrive")),
            full=self.chance.random() < 0.3,
            dry=self.chance.random() < 0.3,
            fault=self._fault() if self.chance.random() < 0.6 else None,
            budget=self.chance.choice(BUDGETS),
        )

    def _fault(self) -> steps.Fault:
        return steps.Fault(
            self.chance.choice(("target", "target", "target", "tap")),
            self.chance.choice((*PLANTED, KILL, KILL, KILL)),
            self.chance.choice(("*", "GET", "POST", "PATCH")),
            self.chance.choice((0, 0, 1, 2, 3, 5, 7, 9)),
            self.chance.choice((1, 2, None)),
        )


def scenario(seed: int) -> steps.Scenario:
    """Make one up; the same of the same seed."""
    return _Draw(seed).scenario()
