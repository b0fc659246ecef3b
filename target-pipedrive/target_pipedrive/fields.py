"""Pipedrive fields as destinations: the company's own, and the built-in ones that are writable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.mapping import FieldMapping, Source, TargetField
from sync_core.pipedrive import Field, FieldCatalogue
from sync_core.pipedrive.creating import Maker
from sync_core.pipedrive.fitting import fitting
from sync_core.pipedrive.values import (
    How,
    custom_field,
)
from sync_core.pipedrive.values.types import refuse_details
from sync_core.text import fold

from target_pipedrive.built_in import BUILT_IN, DETAILS

#: The catalogue may name a field otherwise than the record does.
_ALIASES = {"email": "emails", "phone": "phones"}
#: Begins the key of a field that isn't there yet; no field's own key has a colon.
_WISH = "missing:"


class EntityFields:
    """The writable fields of one entity."""

    def __init__(
        self,
        catalogue: FieldCatalogue,
        *,
        how: How | None = None,
        maker: Maker | None = None,
        create_fields: bool = False,
        create_options: bool = False,
    ) -> None:
        """Take a catalogue.

        Args:
            catalogue: The entity's fields.
            how: Resolves users, organizations and persons.
            maker: Makes what is missing.
            create_fields: Whether a field that a line names may be made.
            create_options: Whether an option that a value names may be made.
        """
        self._catalogue = catalogue
        self._entity = catalogue.entity.name
        self._maker = maker if create_fields else None
        self._how = replace(
            how or How(),
            current=lambda field: catalogue.get(field.key) or field,
            add_option=maker.option if maker is not None and create_options else None,
        )

    def has(self, name: str) -> bool:
        """Whether the company has the field at all; some built-in ones depend on its plan."""
        return name in _ALIASES.values() or self._catalogue.has(name)

    def may_come(self, name: str) -> bool:
        """Whether the field isn't there, and may be made."""
        return self._maker is not None and not self.has(name)

    def find(
        self, name: str, setting: str, details: Mapping[str, Any] | None = None
    ) -> TargetField:
        """The field with this key or label.

        Args:
            name: As written.
            setting: Where it was written, for messages.
            details: What the line says of it besides.

        Raises:
            ConfigurationError: There is none, or several, or it can't be written.
        """
        key = _ALIASES.get(name, name)
        if key in _ALIASES.values():
            refuse_details(details or {}, frozenset(), f"{key!r} is built in", setting)
            return BUILT_IN[self._entity][key](Field(key, key, ""), self._how)
        field = self._catalogue.find(name, setting)
        if field.custom:
            return self._custom(field, setting, details)
        return self._built_in(field, setting, details or {})

    def raw(self, name: str, setting: str) -> Field:
        """The catalogue's entry for a field."""
        return self._catalogue.find(name, setting)

    def place(self, line: FieldMapping) -> Field:
        """The field that a line names, be it one that is still to be made.

        Raises:
            ConfigurationError: There is none, or several.
        """
        if self.may_come(line.target):
            return Field(f"{_WISH}{fold(line.target)}", line.target.strip(), "", custom=True)
        key = _ALIASES.get(line.target, line.target)
        known = key in _ALIASES.values()
        found = Field(key, key, "") if known else self._catalogue.find(key, line.setting)
        return replace(found, key=_ALIASES.get(found.key, found.key))

    def of(self, line: FieldMapping, source: Source) -> TargetField:
        """The field that a line writes to; a stand-in for one that is made later, by `made`.

        Raises:
            ConfigurationError: It can't be written, or no type fits what the source has.
        """
        if not self.may_come(line.target):
            return self.find(line.target, line.setting, line.details)
        field = replace(self.place(line), type=_fit(line, source)[0])
        return self._custom(field, line.setting, line.details)

    def made(self, field: TargetField, line: FieldMapping, source: Source) -> TargetField:
        """The field itself, made where `of` gave a stand-in.

        Raises:
            ConfigurationError: The credential may not make it.
        """
        if self._maker is None or not field.key.startswith(_WISH):
            return field
        kind, labels = _fit(line, source)
        found = self._maker.field(field.label, kind, labels, line.setting)
        return self._custom(found, line.setting, line.details)

    def _custom(self, field: Field, setting: str, details: Mapping[str, Any] | None) -> TargetField:
        held = self._catalogue.entity.custom_types
        if held is not None and field.type not in held:
            raise ConfigurationError(
                f"{setting}: how a {self._entity} holds the field {field.label!r} of type "
                f"{field.type} isn't documented; it takes custom fields of type "
                f"{', '.join(sorted(held))}"
            )
        return custom_field(field, setting, self._how, details)

    def _built_in(self, field: Field, setting: str, details: Mapping[str, Any]) -> TargetField:
        key = _ALIASES.get(field.key, field.key)
        make = BUILT_IN[self._entity].get(key)
        if make is None:
            raise ConfigurationError(
                f"{setting}: the Pipedrive field {field.label!r} can't be written; "
                f"of the built-in {self._entity} fields only "
                f"{', '.join(sorted(BUILT_IN[self._entity]))} can"
            )
        known = DETAILS.get((self._entity, key), frozenset())
        refuse_details(details, known, f"{field.label!r} is built in", setting)
        return make(replace(field, key=key), self._how.told(details, setting))


def _fit(line: FieldMapping, source: Source) -> tuple[str, tuple[str, ...]]:
    found = fitting(source.about)
    if found is None:
        raise ConfigurationError(
            f"{line.setting}: Pipedrive has no field {line.target!r}, and what its source holds "
            "fits no type of field, or isn't known yet; map a part of an object, as in name.part, "
            "wait until there are values, or create the field by hand"
        )
    return found
