"""Faults on demand: which requests break, how often, and how."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What an action may hold; the value says which JSON type it takes.
ACTIONS: dict[str, tuple[type, ...]] = {
    "status": (int,),
    "body": (dict, list, str, type(None)),
    "headers": (dict,),
    "delay_ms": (int, float),
    "drop_before": (bool,),
    "drop_after": (bool,),
    "hang_before": (int, float),
    "hang_after": (int, float),
    "truncate": (bool,),
    "malformed": (bool,),
    "html": (bool,),
    "duplicate_rows": (bool,),
    "reverse_rows": (bool,),
    "apply": (dict,),
}
KEYS = frozenset({"match", "times", "rate", "after", "seed", "action"})


class FaultError(ValueError):
    """A fault was described wrongly; the text says what is expected."""


@dataclass
class Fault:
    """One rule: requests that match, and what happens to them.

    Attributes:
        action: what to do, see `ACTIONS`.
        method: an HTTP method, or `*`.
        path: a glob over the path without its query.
        times: how many requests break; None for all of them.
        rate: the share of matching requests that break, decided by `seed`.
        after: how many matching requests pass first.
    """

    action: dict[str, Any]
    method: str = "*"
    path: str = "*"
    times: int | None = 1
    rate: float = 1.0
    after: int = 0
    seed: int = 1
    seen: int = 0
    hits: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311  # repeatable, not secret

    def strikes(self, method: str, path: str) -> bool:
        """Whether this request breaks; counts it."""
        if self.method not in ("*", method) or not fnmatchcase(path, self.path):
            return False
        self.seen += 1
        if self.seen <= self.after or (self.times is not None and self.hits >= self.times):
            return False
        if self.rate < 1 and self._random.random() >= self.rate:
            return False
        self.hits += 1
        return True

    def describe(self) -> dict[str, Any]:
        """The rule and its counters, as the control interface shows them."""
        return {
            "match": {"method": self.method, "path": self.path},
            "times": self.times,
            "rate": self.rate,
            "after": self.after,
            "seed": self.seed,
            "action": self.action,
            "seen": self.seen,
            "hits": self.hits,
        }


def parse(description: Mapping[str, Any]) -> Fault:
    """Build a fault from its description.

    Raises:
        FaultError: a key or a value is not known.
    """
    _check_keys("fault", description, KEYS)
    match = description.get("match", {})
    _check_keys("match", match, frozenset({"method", "path"}))
    action = _action(description.get("action", {}))
    rate = float(description.get("rate", 1.0))
    return Fault(
        action=action,
        method=str(match.get("method", "*")).upper(),
        path=str(match.get("path", "*")),
        times=description.get("times", 1 if rate >= 1 else None),
        rate=rate,
        after=int(description.get("after", 0)),
        seed=int(description.get("seed", 1)),
    )


def _action(action: Mapping[str, Any]) -> dict[str, Any]:
    _check_keys("action", action, frozenset(ACTIONS))
    if not action:
        raise FaultError(f"a fault needs an action: one of {', '.join(ACTIONS)}")
    for name, value in action.items():
        if not isinstance(value, ACTIONS[name]):
            expected = " or ".join(kind.__name__ for kind in ACTIONS[name])
            raise FaultError(f"action {name} takes {expected}, not {value!r}")
    return dict(action)


def _check_keys(what: str, given: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := sorted(set(given) - known):
        raise FaultError(f"{what} has no {', '.join(unknown)}; it takes {', '.join(sorted(known))}")


class Faults:
    """The rules in force, asked in the order in which they were added.

    `appliers` carry out what an action's `apply` names: changes to the world, by who makes them.
    """

    def __init__(self, appliers: Mapping[str, Callable[[Any], None]]) -> None:
        self._appliers = appliers
        self._rules: list[Fault] = []

    def add(self, description: Mapping[str, Any]) -> Fault:
        """Add a rule."""
        fault = parse(description)
        _check_keys("apply", fault.action.get("apply", {}), frozenset(self._appliers))
        self._rules.append(fault)
        return fault

    def pick(self, method: str, path: str) -> dict[str, Any] | None:
        """The action for this request, from the first rule that strikes."""
        for rule in self._rules:
            if rule.strikes(method, path):
                return rule.action
        return None

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Change the world: now, or when a fault strikes.

        Raises:
            ValueError: a change is not known, or can't be made.
        """
        _check_keys("apply", changes, frozenset(self._appliers))
        for name, what in changes.items():
            self._appliers[name](what)

    def describe(self) -> list[dict[str, Any]]:
        """All rules with their counters."""
        return [rule.describe() for rule in self._rules]

    def clear(self) -> None:
        """Remove all rules."""
        self._rules.clear()
