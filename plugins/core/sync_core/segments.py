"""Segments that a setting chooses, by name or id; case and outer blanks don't count in a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.text import fold, near

#: A run's records name few segments, again and again.
_folded = lru_cache(maxsize=1024)(fold)


@dataclass(frozen=True)
class Segments:
    """The chosen segments; falsy where none is, so that every record counts.

    Attributes:
        names: Their names as the source writes them, or as the setting does.
        folded: The same without case and outer blanks, as far as that tells them from others.
    """

    names: frozenset[str] = frozenset()
    folded: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether any is chosen."""
        return bool(self.names)

    def have(self, name: object) -> bool:
        """Whether a segment that a record names is one of them."""
        text = str(name)
        return text in self.names or _folded(text) in self.folded


NONE_CHOSEN = Segments()


def known_segments(
    chosen: Sequence[Any] | None, schema: Mapping[str, Any], setting: str
) -> Segments:
    """Chosen segments under the names that the source knows.

    Args:
        chosen: Names or ids.
        schema: The stream's properties; our taps list the segments beside `segments`.
        setting: The setting's name, for messages.

    Raises:
        ConfigurationError: The source has no such segment, has several, or doesn't tell any.
    """
    if not chosen:
        return NONE_CHOSEN
    if "segments" not in schema:
        raise ConfigurationError(
            f"{setting}: the stream has no field 'segments', so that none of its records is in "
            "one; select it in the tap"
        )
    about = (schema["segments"] or {}).get("x-journy") or {}
    known = about.get("segments")
    if known is None:  # another tap, which doesn't say which segments there are
        return _told_apart(map(str, chosen), ())
    ids = about.get("ids") or {}
    found = {name: _same_name(str(name), known) or _by_id(str(name), ids) for name in chosen}
    problems = [_problem(setting, name, names, known) for name, names in found.items()
                if len(names) != 1]  # fmt: skip
    if problems:
        raise ConfigurationError(problems)
    return _told_apart((names[0] for names in found.values()), known)


def _told_apart(names: Iterable[str], known: Sequence[str]) -> Segments:
    wanted = frozenset(names)
    alike = Counter(map(fold, known))
    return Segments(wanted, frozenset(each for each in map(fold, wanted) if alike[each] <= 1))


def _by_id(name: str, ids: Mapping[str, str]) -> list[str]:
    return [ids[name.strip()]] if name.strip() in ids else []


def _same_name(name: str, known: Sequence[str]) -> list[str]:
    """The segments of this name: the very same, else all that differ in case or blanks only."""
    if name in known:
        return [name]
    return [each for each in dict.fromkeys(known) if fold(each) == fold(name)]


def _problem(setting: str, name: object, names: Sequence[str], known: Sequence[str]) -> str:
    if not names:
        return f"{setting}: journy has no segment {name!r}; {near(str(name), known)}"
    those = ", ".join(map(repr, names))
    return (
        f"{setting}: journy has {len(names)} segments that {name!r} may mean, {those}; write the "
        "one that is meant in just this way, or its id"
    )
