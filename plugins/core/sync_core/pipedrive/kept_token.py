"""Keeps the refresh token that replaced the configured one, in a file of the user's own."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)

_FOLDER = "pipedrive-journy"


def folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where kept tokens lie: Meltano's system directory, else the user's state directory."""
    system = environment.get("MELTANO_SYS_DIR_ROOT")
    if system:
        return Path(system)
    state = environment.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / _FOLDER


class KeptToken:
    """The newest descendant of one configured refresh token.

    A plugin can't change its settings, so what replaces the configured token stands in a file.
    Each entry is filed under a digest of the configured token: one that a person configures later
    is newer than whatever was kept for its predecessor, and two environments don't mix.
    """

    def __init__(self, configured: str, connection: str, *, place: Path | None = None) -> None:
        """Prepare; nothing is read yet.

        Args:
            configured: The refresh token in the settings.
            connection: The connection's name.
            place: Folder of the file; by default `folder()`.
        """
        self._configured = configured
        self._digest = hashlib.sha256(configured.encode()).hexdigest()
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", connection)
        self._path = (folder() if place is None else place) / f"oauth-{name}.json"

    def newest(self) -> str:
        """The kept token, or the configured one where none is kept."""
        return self._read().get(self._digest, self._configured)

    def keep(self, token: str) -> None:
        """Keep a newer token; where that fails, the log says what follows."""
        try:
            self._write({**self._read(), self._digest: token})
        except OSError as error:
            log.warning(
                "Pipedrive gave a new refresh token, which can't be kept in %s (%s): the next run "
                "may have to be connected again; make that folder writable",
                self._path.parent,
                error.strerror,
            )

    def forget(self) -> bool:
        """Remove what is kept of the whole connection; tells whether there was anything."""
        there = self._path.exists()
        self._path.unlink(missing_ok=True)
        return there

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            log.warning("%s can't be read; the configured refresh token is used", self._path)
            return {}
        entries = found.items() if isinstance(found, dict) else ()
        return {key: value for key, value in entries if isinstance(value, str)}

    def _write(self, entries: Mapping[str, str]) -> None:
        """Replace the file at once; `mkstemp` makes it readable by its owner alone (0600)."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{self._path.name}.", dir=self._path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(dict(entries), file)
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
