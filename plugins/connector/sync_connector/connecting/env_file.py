"""The project's `.env`: secrets go in and out, all else in it stays as it is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import dotenv
from sync_core.errors import ConfigurationError

_OWN = 0o600


class EnvFile:
    """A `.env` that only its owner may read."""

    def __init__(self, root: Path) -> None:
        self.path = (root / ".env").resolve()

    def values(self) -> dict[str, str]:
        """What stands in it."""
        if not self.path.exists():
            return {}
        found = dotenv.dotenv_values(self.path, interpolate=False)
        return {name: value for name, value in found.items() if value is not None}

    def set(self, values: Mapping[str, str]) -> None:
        """Set some values, and leave comments and other lines alone.

        Raises:
            ConfigurationError: The file can't be written.
        """
        try:
            self._protect()
            for name, value in values.items():
                dotenv.set_key(self.path, name, value)
        except OSError as error:
            raise self._refused(error) from error

    def unset(self, names: Iterable[str]) -> list[str]:
        """Remove some values.

        Returns:
            The names of those that were there.

        Raises:
            ConfigurationError: The file can't be written.
        """
        known = self.values()
        there = [name for name in names if name in known]
        try:
            for name in there:
                self._protect()
                dotenv.unset_key(self.path, name)
        except OSError as error:
            raise self._refused(error) from error
        return there

    def _protect(self) -> None:
        """Have a file of the right mode first: rewriting keeps it, so no moment is open."""
        os.close(os.open(self.path, os.O_CREAT | os.O_RDONLY, _OWN))
        self.path.chmod(_OWN)

    def _refused(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"{self.path} can't be written ({error.strerror}): make it writable and run this again"
        )
