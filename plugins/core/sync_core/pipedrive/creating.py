"""Fields and options that Pipedrive lacks, made once each: `create_missing_…`."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sync_core.calls import Call
from sync_core.errors import (
    AmbiguousWriteError,
    ConfigurationError,
    InvalidError,
    PermissionDeniedError,
)
from sync_core.mapping import ValueMisfitError
from sync_core.pipedrive import endpoints, envelope
from sync_core.pipedrive.client import PipedriveClient
from sync_core.pipedrive.fields import Field, FieldCatalogue, Option, parse
from sync_core.text import fold

log = logging.getLogger(__name__)

#: More options than this in one run aren't choices: somebody mapped free text.
MOST_OPTIONS = 100
#: Begins the ids of what a dry run goes on with as if it were there; Pipedrive's have no colon.
_NEW = "new:"
_RIGHTS = "that takes an admin's token, or an OAuth app with the scope"


class Maker:
    """Makes what one entity's catalogue lacks.

    Another run may be about to make the same, so the catalogue is read again before each; and what
    was made is looked for when the answer is lost, rather than made again.
    """

    def __init__(
        self, client: PipedriveClient, catalogue: FieldCatalogue, *, dry_run: bool
    ) -> None:
        """Prepare; nothing is read or made yet.

        Args:
            client: The connection.
            catalogue: What is known of the entity's fields; grows.
            dry_run: Say what would be made, and go on as if it were there.
        """
        self._client = client
        self._catalogue = catalogue
        self._dry_run = dry_run
        self._rights = f"{_RIGHTS} {catalogue.entity.fields_scope}"
        self._made: Counter[str] = Counter()
        self._denied: set[str] = set()
        #: What a dry run goes on with as if it were there.
        self._foretold: dict[str, Field] = {}

    def field(self, name: str, kind: str, labels: Sequence[str], setting: str) -> Field:
        """The field of this name, made if there still is none.

        Args:
            name: What people will call it.
            kind: Its `field_type`.
            labels: Its first options, if it has any.
            setting: Whose line asks for it, for messages.

        Raises:
            ConfigurationError: The credential may not make fields, or several have the name.
        """
        what = f"the {self._catalogue.entity.name} field {name!r} of type {kind}"
        self._refresh()
        if not self._catalogue.has(name) and self._dry_run:
            self._client.http.usage.foretell(endpoints.WRITE)
            options = tuple(Option(f"{_NEW}{label}", label) for label in labels)
            self._foretell(Field(f"{_NEW}{fold(name)}", name, kind, True, options))
            log.info("%s: a real run would create %s", setting, what)
        elif not self._catalogue.has(name):
            self._post_field(name, kind, labels, setting)
            log.warning("%s: created %s in Pipedrive", setting, what)
        return self._catalogue.find(name, setting)

    def _refresh(self) -> None:
        self._catalogue.refresh(self._client)
        for field in self._foretold.values():
            self._catalogue.put(field)

    def _foretell(self, field: Field) -> None:
        self._foretold[field.key] = self._catalogue.put(field)

    def _post_field(self, name: str, kind: str, labels: Sequence[str], setting: str) -> None:
        body: dict[str, Any] = {"field_name": name, "field_type": kind}
        if labels:
            body["options"] = [{"label": label} for label in labels]
        try:
            answer = self._post(self._catalogue.entity.fields_path, body)
        except PermissionDeniedError as error:
            raise ConfigurationError(
                f"{setting}: the field is missing, and the credential may not create "
                f"fields: {self._rights}. Or create {name!r} of type {kind} by hand"
            ) from error
        except InvalidError as error:
            raise ConfigurationError(
                f"{setting}: Pipedrive refused to create the field {name!r}: {error.detail}"
            ) from error
        except AmbiguousWriteError:
            self._refresh()
            if not self._catalogue.has(name):
                raise
            return
        self._catalogue.put(parse(answer))

    def option(self, field: Field, label: str) -> int | str:
        """The id of a field's option, made if there still is none.

        Raises:
            ValueMisfitError: It may not be made, or too many were.
        """
        known = _existing(self._current(field), label)
        if known is not None:
            return known.id
        self._refuse_flood(field)
        path = f"{self._catalogue.entity.fields_path}/{field.key}"
        known = _existing(self._reread(field, path), label)
        if known is not None:
            return known.id
        if not self._dry_run:
            return self._post_option(field, label, path)
        self._client.http.usage.foretell(endpoints.WRITE)
        log.info("a real run would add an option to %r", field.label)
        return self._add(field, Option(f"{_NEW}{fold(label)}", label))

    def _refuse_flood(self, field: Field) -> None:
        if field.key in self._denied:
            raise ValueMisfitError(
                f"no option fits, and the credential may add none: {self._rights}"
            )
        if self._made[field.key] >= MOST_OPTIONS:
            raise ValueMisfitError(
                f"no option fits, and this run has added {MOST_OPTIONS} already: is this a field "
                "of choices? If so, run it again"
            )

    def _post_option(self, field: Field, label: str, path: str) -> int | str:
        try:
            rows = self._post(f"{path}/options", [{"label": label}])
        except PermissionDeniedError:
            self._denied.add(field.key)
            self._refuse_flood(field)
            raise
        except InvalidError as error:
            raise ValueMisfitError("no option fits, and Pipedrive refused to add one") from error
        except AmbiguousWriteError:
            known = _existing(self._reread(field, path), label)
            if known is None:
                raise
            return known.id
        log.info("added an option to %r", field.label)
        return self._add(field, Option(rows[0]["id"], str(rows[0]["label"])))

    def _add(self, field: Field, option: Option) -> int | str:
        self._made[field.key] += 1
        grown = self._catalogue.put(self._current(field).with_option(option))
        if self._dry_run:
            self._foretell(grown)
        return option.id

    def _current(self, field: Field) -> Field:
        return self._catalogue.get(field.key) or field

    def _reread(self, field: Field, path: str) -> Field:
        """The field as it is by now, with the options that a dry run would have added."""
        if field.key.startswith(_NEW):
            self._client.http.usage.foretell(endpoints.GET_ONE)
            return self._current(field)
        answer = self._client.http.get(path, tokens=endpoints.GET_ONE)
        fresh = parse(envelope.data(answer, path))
        if (foretold := self._foretold.get(field.key)) is not None:
            for option in foretold.options:
                fresh = fresh.with_option(option) if str(option.id).startswith(_NEW) else fresh
        return self._catalogue.put(fresh)

    def _post(self, path: str, body: Any) -> Any:
        call = Call("POST", path, body=body, repeatable=False, tokens=endpoints.WRITE)
        return envelope.data(self._client.http.send(call), path)


def _existing(field: Field, label: str) -> Option | None:
    """The option of this label; with several, another run has made the same at the same time."""
    found = [each for each in field.options if fold(each.label) == fold(label)]
    if len(found) > 1:
        raise ValueMisfitError("several options of the field have this label; rename one")
    return found[0] if found else None
