"""Records from files with one user or account a line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice

from tap_journy import storage
from tap_journy.entities import Entity
from tap_journy.kinds import stamp
from tap_journy.rows import is_csv, nested, rows
from tap_journy.settings import SETTING
from tap_journy.sources import PAGE_ROWS, SAMPLE_SIZE, Page, Position, Raw, dig
from tap_journy.storage import UNREADABLE, File, UnreadableError, unreadable
from tap_journy.unchanged import FilesSource, has_changed


class FileSource(FilesSource):
    """Files of JSON Lines or CSV; one that hasn't changed since it was read is passed over."""

    def sample(self, entity: Entity) -> list[Raw]:
        """The first records; a file that can't be read is named when its turn comes.

        Raises:
            UnreadableError: There are files that can't be read, and none with a record.
        """
        quiet = logging.getLogger(f"{self._log.name}.sample")
        quiet.disabled = True  # the run itself reports what is broken
        found: list[Raw] = []
        problems = []
        for file in self._files(entity):
            try:
                with_room = SAMPLE_SIZE - len(found)
                found += islice(self._rows(entity, file, quiet), with_room)
            except UNREADABLE as error:
                problems += unreadable(self._where(entity), file.name, error).problems
        if problems and not found:
            raise UnreadableError(problems)
        return found

    def pages(self, entity: Entity, position: Position) -> Iterator[Page]:
        """Read each changed file whole; one that can't be read ends the run after the others."""
        problems = []
        files = self._files(entity)
        for file in self._changed(entity, files, position):
            try:
                yield from self._pages(entity, file, position.since)
            except UNREADABLE as error:
                problem = unreadable(self._where(entity), file.name, error)
                self._log.warning("%s", problem)
                problems += problem.problems
        yield Page([], present=frozenset(file.name for file in files))
        if problems:
            raise UnreadableError(problems)

    def _changed(self, entity: Entity, files: list[File], position: Position) -> list[File]:
        changed = [file for file in files if has_changed(file, position.files)]
        if same := len(files) - len(changed):
            self._log.info("%s: %d files haven't changed and are passed over", entity.name, same)
        return changed

    def _pages(self, entity: Entity, file: File, since: str | None) -> Iterator[Page]:
        found = self._rows(entity, file, self._log)
        key = self._settings.listings[entity.name]["updated_at"]
        if since:
            found = (raw for raw in found if (stamp(dig(raw, key)) or since) >= since)
        while page := list(islice(found, PAGE_ROWS)):
            yield Page(page)
        yield Page([], {file.name: file.fingerprint})

    def _rows(self, entity: Entity, file: File, logger: logging.Logger) -> Iterator[Raw]:
        listing = self._settings.listings[entity.name]
        found = rows(file, logger)
        return (nested(entity, listing, row) for row in found) if is_csv(file) else found

    def _files(self, entity: Entity) -> list[File]:
        return storage.find(self._settings.files[entity.name], self._where(entity))

    @staticmethod
    def _where(entity: Entity) -> str:
        return f"{SETTING}.{entity.name}"
