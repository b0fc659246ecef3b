"""Records from files with one user or account a line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from itertools import islice

from sync_core.text import number_of

from tap_journy import storage
from tap_journy.cells import as_described
from tap_journy.entities import Entity
from tap_journy.kinds import stamp, stamp_of_cell
from tap_journy.rows import is_csv, rows
from tap_journy.settings import SETTING
from tap_journy.sources import PAGE_ROWS, Page, Position, Raw, dig
from tap_journy.storage import UNREADABLE, File, Found, UnreadableError, unreadable
from tap_journy.unchanged import FilesSource, has_changed

#: So many records, and of so many files, tell at most which columns there are and of what type:
#: enough for what few have, and few enough to take little beside reading them all.
SAMPLE_SIZE, SAMPLE_FILES = 20_000, 400


class FileSource(FilesSource):
    """Files of JSON Lines or CSV; one that hasn't changed since it was read is passed over."""

    def sample(self, entity: Entity) -> Iterator[Page]:
        """Records of the files that changed last; one that can't be read is named in its turn.

        Raises:
            UnreadableError: There are files that can't be read, and none with a record.
        """
        quiet = logging.getLogger(f"{self._log.name}.sample")
        quiet.disabled = True  # the run itself reports what is broken
        files, problems = self._found(entity)
        room = SAMPLE_SIZE
        for file in reversed(files[-SAMPLE_FILES:]):
            found = islice(self._rows(entity, file, quiet), room)
            try:
                while page := list(islice(found, PAGE_ROWS)):
                    room -= len(page)
                    yield Page(page, cells=is_csv(file))
            except UNREADABLE as error:
                problems += unreadable(self._where(entity), file.name, error).problems
        if problems and room == SAMPLE_SIZE:
            raise UnreadableError(problems)

    def pages(self, entity: Entity, position: Position) -> Iterator[Page]:
        """Read each changed file whole; one that can't be read ends the run after the others."""
        files, problems = self._found(entity)
        looked_everywhere = not problems
        for problem in problems:
            self._log.warning("%s", problem)
        for file in self._changed(entity, files, position):
            try:
                yield from self._pages(entity, file, position.since)
            except UNREADABLE as error:
                refusal = unreadable(self._where(entity), file.name, error)
                self._log.warning("%s", refusal)
                problems += refusal.problems
        if looked_everywhere:
            yield Page([], present=frozenset(file.name for file in files))
        if problems:
            raise UnreadableError(problems)

    def _changed(self, entity: Entity, files: list[File], position: Position) -> list[File]:
        changed = [file for file in files if has_changed(file, position.files)]
        if same := len(files) - len(changed):
            text = "%s: %s passed over"
            as_before = number_of(
                same, "file hasn't changed and is", "files haven't changed and are"
            )
            self._log.info(text, entity.name, as_before)
        return changed

    def _pages(self, entity: Entity, file: File, since: str | None) -> Iterator[Page]:
        cells = is_csv(file)
        found = self._rows(entity, file, self._log)
        if since:
            key = self._settings.listings[entity.name]["updated_at"]
            read = stamp_of_cell if cells else stamp
            found = (raw for raw in found if (read(dig(raw, key) or "") or since) >= since)
        while page := list(islice(found, PAGE_ROWS)):
            yield Page(page, cells=cells)
        yield Page([], {file.name: file.fingerprint})

    def _rows(self, entity: Entity, file: File, logger: logging.Logger) -> Iterator[Raw]:
        shape = partial(as_described, entity, self._settings.listings[entity.name])
        return (row for row, _size in rows(file, logger, shape))

    def _found(self, entity: Entity) -> Found:
        return storage.find(self._settings.files[entity.name], self._where(entity))

    @staticmethod
    def _where(entity: Entity) -> str:
        return f"{SETTING}.{entity.name}"
