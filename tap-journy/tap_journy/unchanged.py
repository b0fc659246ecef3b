"""What all sources in files have in common: what hasn't changed since it was read is left out."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from tap_journy.entities import Entity
from tap_journy.settings import Settings
from tap_journy.storage import File


class FilesSource:
    """A source whose records lie in files, in no order."""

    sorted = False
    samples_all = False

    def __init__(self, settings: Settings, logger: logging.Logger) -> None:
        self._settings = settings
        self._log = logger

    def incremental(self, _entity: Entity) -> bool:
        """What only unchanged files tell of is left out."""
        return True


def has_changed(file: File, known: Mapping[str, str]) -> bool:
    """Whether a file is to be read: it changed, or its system doesn't tell.

    Args:
        file: The file.
        known: File -> fingerprint of what was read of it.
    """
    return not file.fingerprint or known.get(file.name) != file.fingerprint
