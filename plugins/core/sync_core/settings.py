"""Reading nested settings strictly: an unknown key or a wrong kind is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.text import fold, near

_KINDS = {bool: "true or false", str: "a text", list: "a list", object: "a value"}


def section(config: Mapping[str, Any], setting: str, kinds: Mapping[str, type]) -> dict[str, Any]:
    """One object setting, complete with the keys that weren't given (as None).

    Args:
        config: The plugin's settings.
        setting: The object's name.
        kinds: Its keys and the type of each.

    Raises:
        ConfigurationError: Lists every key that is unknown or of a wrong kind.
    """
    given = config.get(setting)
    if given is None:
        return dict.fromkeys(kinds)
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{setting}: expected an object with {', '.join(kinds)}")
    problems = [
        f"{setting}: unknown key {key!r}; {near(str(key), kinds)}"
        for key in given
        if key not in kinds
    ]
    problems += [
        f"{setting}.{key}: expected {_KINDS[kind]}"
        for key, kind in kinds.items()
        if given.get(key) is not None and not isinstance(given[key], kind)
    ]
    if problems:
        raise ConfigurationError(problems)
    return {key: given.get(key) for key in kinds}


def known_segments(
    chosen: list[str] | None, schema: Mapping[str, Any], setting: str
) -> frozenset[str]:
    """Chosen segments under the names that the source knows.

    Args:
        chosen: Names, of which case and outer blanks don't count, or ids.
        schema: The stream's properties; our taps list the segments beside `segments`.
        setting: The setting's name, for messages.

    Raises:
        ConfigurationError: The source has no such segment, or doesn't tell any.
    """
    if not chosen:
        return frozenset()
    if "segments" not in schema:
        raise ConfigurationError(
            f"{setting}: the stream has no field 'segments', so that none of its records is in "
            "one; select it in the tap"
        )
    about = (schema["segments"] or {}).get("x-journy") or {}
    known = about.get("segments")
    if known is None:  # another tap, which doesn't say which segments there are
        return frozenset(chosen)
    ids = about.get("ids") or {}
    found = {name: _same_name(name, known) or _by_id(name, ids) for name in chosen}
    problems = [
        f"{setting}: journy has no segment {name!r}; {near(str(name), known)}"
        for name, names in found.items()
        if not names
    ]
    if problems:
        raise ConfigurationError(problems)
    return frozenset(each for names in found.values() for each in names)


def _by_id(name: str, ids: Mapping[str, str]) -> list[str]:
    return [ids[name]] if name in ids else []


def _same_name(name: Any, known: Sequence[str]) -> list[str]:
    """The segments of this name: the very same, else all that differ in case or blanks only."""
    if name in known:
        return [name]
    return [each for each in known if fold(each) == fold(str(name))]


def collected(*checks: Callable[[], Any]) -> list[Any]:
    """Call each check and gather every problem before raising.

    Args:
        checks: Functions without arguments.

    Returns:
        Their results, in order.

    Raises:
        ConfigurationError: Of all that failed, together.
    """
    problems: list[str] = []
    results = [tried(check, problems) for check in checks]
    if problems:
        raise ConfigurationError(problems)
    return results


def tried(check: Callable[[], Any], problems: list[str]) -> Any:
    """What a check gives; None where it fails, and what it says is added to the problems."""
    try:
        return check()
    except ConfigurationError as error:
        problems += (each for each in error.problems if each not in problems)
        return None
