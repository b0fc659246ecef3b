"""Records from archives of calls in Segment's specification."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import cached_property
from itertools import islice
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.text import number_of

from tap_journy import lines, storage
from tap_journy.entities import ENTITIES, USERS, Entity
from tap_journy.fold import Fold, Folded
from tap_journy.known import Known
from tap_journy.rows import rows
from tap_journy.settings import SETTING
from tap_journy.sources import PAGE_ROWS, Page, Position, Raw
from tap_journy.storage import UNREADABLE, File, Found, UnreadableError, unreadable
from tap_journy.unchanged import FilesSource, has_changed


class SegmentSource(FilesSource):
    """Files of identify, group and track lines, folded once a run.

    All files are folded together, since memberships stand in group lines wherever those are; what
    comes out is every user and account that a changed file tells of.
    """

    samples_all = True

    def sample(self, entity: Entity) -> Iterable[Page]:
        """All records, so that types are told from every value."""
        _whole = self._folded  # what can't be read is told now
        key = entity.listing["properties"]
        return _paged({key: self._properties(known)} for known in self._known(entity))

    def pages(self, entity: Entity, position: Position) -> Iterator[Page]:
        """The records that changed files tell of."""
        files = self._files
        marks = {file.name: file.fingerprint for file in files}
        changed = {at for at, file in enumerate(files) if has_changed(file, position.files)}
        if not changed:
            self._log.info("%s: no file has changed, nothing is read", entity.name)
            return
        if gone := len(position.files.keys() - marks.keys()):
            text = (
                "%s: the archive has lost %s that earlier runs read: records come without what "
                "stood only there"
            )
            self._log.warning(text, entity.name, number_of(gone, "file"))
        since = position.since or ""
        found = (
            known
            for known in self._known(entity)
            if known.files & changed and (not since or (known.last or since) >= since)
        )
        yield from _paged(self._raw(entity, known) for known in found)
        yield Page([], marks, frozenset(marks))

    @property
    def _files(self) -> list[File]:
        return self._found.files

    @cached_property
    def _found(self) -> Found:
        chosen = self._settings.files
        paths = [path for each in ENTITIES for path in chosen.get(each.name, ())]
        return storage.find(paths, SETTING)

    @property
    def _folded(self) -> Folded:
        """Everything.

        Raises:
            UnreadableError: A file can't be read; half of an archive would tell wrong states.
            ConfigurationError: There is no room for temporary files.
        """
        if isinstance(self._outcome, ConfigurationError):
            raise self._outcome
        return self._outcome

    @cached_property
    def _outcome(self) -> Folded | ConfigurationError:
        try:
            return self._fold()
        except ConfigurationError as error:
            return error

    def _fold(self) -> Folded:
        with ExitStack() as temporary:
            fold, problems = Fold(temporary), list(self._found.problems)
            for number, file in enumerate(self._files):
                try:
                    for line, size in rows(file, self._log, lines.shaped, lines.decoded):
                        fold.take(line, number, size)
                except UNREADABLE as error:
                    problems += unreadable(SETTING, file.name, error).problems
            if problems:
                raise UnreadableError(problems)
            folded = fold.end()
            # What is on disk is needed as long as this source is.
            weakref.finalize(self, temporary.pop_all().close)
        self._say(fold, folded)
        return folded

    def _say(self, fold: Fold, folded: Folded) -> None:
        where = "through temporary files" if fold.spilled else "in memory"
        self._log.info(
            "%s of %s folded %s: %s and %s",
            number_of(fold.lines, "line"),
            number_of(len(self._files), "file"),
            where,
            number_of(len(folded.users), "user"),
            number_of(len(folded.accounts), "account"),
        )
        for what, count in fold.odd.items():
            self._log.warning("%s, passed over: %s", what, f"{count:,}")

    def _known(self, entity: Entity) -> Iterable[Known]:
        return self._folded.users if entity is USERS else self._folded.accounts

    def _properties(self, known: Known) -> dict[str, Any]:
        return _flat(known.traits) if self._settings.flatten else known.traits

    def _raw(self, entity: Entity, known: Known) -> Raw:
        listing, traits = entity.listing, known.traits
        created = traits.get("createdAt") or traits.get("created_at") or known.first
        return {
            listing["id"]: known.id or None,
            listing[entity.contact]: traits.get(entity.contact),
            listing["properties"]: self._properties(known),
            listing["segments"]: traits.get("segments"),
            **{listing[name]: sorted(known.links) for name in entity.links},
            listing["created_at"]: created or None,
            listing["updated_at"]: known.last or None,
        }


def _paged(found: Iterator[Raw]) -> Iterator[Page]:
    while page := list(islice(found, PAGE_ROWS)):
        yield Page(page)


def _flat(traits: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Traits without objects: a part of one is called by both names."""
    flat: dict[str, Any] = {}
    for name, value in traits.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}_"))
        else:
            flat[f"{prefix}{name}"] = value
    return flat
