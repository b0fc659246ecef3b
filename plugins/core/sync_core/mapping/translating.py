"""A value map: the source's word -> the destination's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.canonical import canon
from sync_core.errors import ConfigurationError
from sync_core.mapping.fields import ValueMisfitError
from sync_core.text import fold


class _Missing:
    """Stands where nothing was given; its name is the same in every run."""

    def __repr__(self) -> str:
        return "missing"


_MISSING: Any = _Missing()


@dataclass(frozen=True)
class Translation:
    """What `map` and `otherwise` of a line say.

    Attributes:
        entries: Folded spelling of a source value -> what becomes of it; None empties the field.
        otherwise: What becomes of a value without an entry; without it such a value is refused.
        results: Everything that can come out.
    """

    entries: Mapping[str, Any]
    otherwise: Any = _MISSING

    @property
    def results(self) -> list[Any]:
        """Everything that can come out, but nothing."""
        every = [*self.entries.values(), self.otherwise]
        return [each for each in every if each is not None and each is not _MISSING]

    def empties(self, value: Any) -> bool:
        """Whether nothing is what becomes of a value."""
        if isinstance(value, list):
            return bool(value) and all(self._of(each) is None for each in value)
        return self._of(value) is None

    def __call__(self, value: Any) -> Any:
        """What becomes of a value; of each, where it is a list.

        Raises:
            ValueMisfitError: There is no entry for it, and no `otherwise`.
        """
        values = value if isinstance(value, list) else [value]
        found = [self._of(each) for each in values]
        if _MISSING in found:
            raise ValueMisfitError(
                "the line's `map` has no entry for the value; add one, or `otherwise`"
            )
        if not isinstance(value, list):
            return found[0]
        return [each for each in found if each is not None]

    def _of(self, value: Any) -> Any:
        return self.entries.get(spelling(value), self.otherwise)


def spelling(value: Any) -> str:
    """How a value is written on the left of a `map`: without regard to case and outer blanks."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return fold(str(canon(value)))


def read_translation(given: Mapping[Any, Any], setting: str, otherwise: Any) -> Translation:
    """Read a checked `map`.

    Args:
        given: Source value -> destination value.
        setting: Where the line stands, for messages.
        otherwise: (value,) where it was given, else ().

    Raises:
        ConfigurationError: Two entries differ in case or blanks only.
    """
    entries: dict[str, Any] = {}
    for key, value in given.items():
        if entries.setdefault(spelling(key), value) is not value:
            raise ConfigurationError(
                f"{setting}: map has {key!r} twice; case and outer blanks don't count"
            )
    return Translation(entries, *otherwise)
