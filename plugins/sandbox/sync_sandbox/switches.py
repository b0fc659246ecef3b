"""Named switches: one for each behaviour of the real services that nobody has documented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TRUE = frozenset({"true", "on", "yes", "1"})
FALSE = frozenset({"false", "off", "no", "0"})


class SwitchError(ValueError):
    """A switch was named or set wrongly; the text lists what is possible."""


@dataclass(frozen=True)
class Switch:
    """One choice between behaviours.

    Attributes:
        name: `<service>.<what>`.
        default: the position at the start.
        values: the allowed positions, or a type (`bool`, `int`, `float`, `str`).
        description: what it decides, in a sentence.
    """

    name: str
    default: Any
    values: tuple[Any, ...] | type
    description: str

    def parse(self, value: Any) -> Any:
        """Turn a value (often text from a command line) into a position.

        Raises:
            SwitchError: it is none of the allowed positions.
        """
        if isinstance(self.values, tuple):
            return self._pick(self.values, value)
        if self.values is bool:
            return self._flag(value)
        return self._convert(self.values, value)

    def _pick(self, allowed: tuple[Any, ...], value: Any) -> Any:
        for choice in allowed:
            if value == choice or str(value) == str(choice):
                return choice
        raise self._wrong(value)

    def _flag(self, value: Any) -> bool:
        text = str(value).lower()
        if text not in TRUE | FALSE:
            raise self._wrong(value)
        return text in TRUE

    def _convert(self, kind: type, value: Any) -> Any:
        try:
            return kind(value)
        except (TypeError, ValueError):
            raise self._wrong(value) from None

    def allowed(self) -> str:
        """The allowed positions as text."""
        if isinstance(self.values, tuple):
            return ", ".join(str(value) for value in self.values)
        return "true, false" if self.values is bool else f"any {self.values.__name__}"

    def _wrong(self, value: Any) -> SwitchError:
        return SwitchError(f"switch {self.name} can't be {value!r}; it takes: {self.allowed()}")


class Switches:
    """The positions of all switches."""

    def __init__(self, known: Iterable[Switch]) -> None:
        self.known = {switch.name: switch for switch in known}
        self._positions = {name: switch.default for name, switch in self.known.items()}

    def get(self, name: str) -> Any:
        """The position of a switch."""
        return self._positions[name]

    def set(self, name: str, value: Any) -> None:
        """Move a switch.

        Raises:
            SwitchError: no such switch, or no such position.
        """
        if name not in self.known:
            names = ", ".join(sorted(self.known))
            raise SwitchError(f"there is no switch {name!r}; there are: {names}")
        self._positions[name] = self.known[name].parse(value)

    def update(self, positions: Mapping[str, Any]) -> None:
        """Move several switches."""
        for name, value in positions.items():
            self.set(name, value)

    def positions(self) -> dict[str, Any]:
        """All positions by name."""
        return dict(self._positions)

    def reset(self) -> None:
        """Back to the defaults."""
        self._positions.update({name: switch.default for name, switch in self.known.items()})
