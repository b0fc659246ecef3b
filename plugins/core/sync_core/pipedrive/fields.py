"""The field catalogue of one Pipedrive entity: by key, or by the label people see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sync_core.canonical import digest
from sync_core.errors import ConfigurationError, TransientError
from sync_core.pipedrive.client import PipedriveClient, rows
from sync_core.pipedrive.endpoints import Entity
from sync_core.text import fold, near


@dataclass(frozen=True)
class Option:
    """One choice of an enum, set or label field; ids are integers for custom fields."""

    id: int | str
    label: str


@dataclass(frozen=True)
class Field:
    """One field as `GET /api/v2/*Fields` describes it.

    Attributes:
        key: `field_code`: what sticks; 40 hexadecimal digits for a custom field.
        label: `field_name`: what people see; not unique, may change.
        type: `field_type`, such as varchar or enum.
        custom: Whether the company defined it; its values live in `custom_fields`.
        options: Choices of an enum or set.
        subfields: Keys of the parts of an object type (monetary, address, ...).
    """

    key: str
    label: str
    type: str
    custom: bool = False
    options: tuple[Option, ...] = ()
    subfields: tuple[str, ...] = ()

    def option(self, label: str) -> Option | None:
        """The option with this label, regardless of case and blanks; None if none or several."""
        found = [option for option in self.options if fold(option.label) == fold(label)]
        return found[0] if len(found) == 1 else None

    def with_option(self, option: Option) -> Field:
        """The field with one option more."""
        return replace(self, options=(*self.options, option))

    def label_of(self, option_id: Any) -> str | None:
        """The label of an option id; ids of built-in fields may arrive as text."""
        for option in self.options:
            if str(option.id) == str(option_id):
                return option.label
        return None


class FieldCatalogue:
    """All fields of one entity."""

    def __init__(self, entity: Entity, fields: list[Field]) -> None:
        self.entity = entity
        self._by_key = {field.key: field for field in fields}

    @classmethod
    def load(cls, client: PipedriveClient, entity: Entity) -> FieldCatalogue:
        """Read the catalogue, every page of it (`GET /api/v2/{entity}Fields`).

        Where an entity has the custom fields of another one, only those are read.
        """
        path = entity.fields_path
        listed = [parse(row) for row in rows(client.pages(path))] if path else []
        if not entity.own_fields:
            return cls(entity, listed)
        own = [Field(*each) for each in entity.own_fields]
        return cls(entity, [*own, *(field for field in listed if field.custom)])

    def refresh(self, client: PipedriveClient) -> None:
        """Read every page of it again: somebody may have added to it since."""
        fresh = FieldCatalogue.load(client, self.entity)
        self._by_key = {field.key: field for field in fresh}

    def put(self, field: Field) -> Field:
        """Note a field as it is now."""
        self._by_key[field.key] = field
        return field

    def __iter__(self) -> Iterator[Field]:
        """Iterate over the fields in the service's order."""
        return iter(self._by_key.values())

    @property
    def mark(self) -> str:
        """A short name of what all fields are like now; changes with any of them."""
        return digest([repr(field) for field in self])

    @property
    def custom(self) -> list[Field]:
        """The company's own fields."""
        return [field for field in self if field.custom]

    def get(self, key: str) -> Field | None:
        """The field with this key."""
        return self._by_key.get(key)

    def has(self, name: str) -> bool:
        """Whether any field has this key or label."""
        return name in self._by_key or any(fold(field.label) == fold(name) for field in self)

    def find(self, name: str, setting: str) -> Field:
        """The field with this key or label.

        Args:
            name: As an analyst wrote it; case and outer blanks don't count in a label.
            setting: Where it was written, for the error's text.

        Raises:
            ConfigurationError: No field, or several, have this name.
        """
        if name in self._by_key:
            return self._by_key[name]
        found = [field for field in self if fold(field.label) == fold(name)]
        if len(found) == 1:
            return found[0]
        if found:
            keys = ", ".join(field.key for field in found)
            raise ConfigurationError(
                f"{setting}: {len(found)} {self.entity.name} fields in Pipedrive are called "
                f"{name!r}; use one of their keys instead: {keys}"
            )
        hint = near(name, [field.label for field in self])
        raise ConfigurationError(
            f"{setting}: Pipedrive has no {self.entity.name} field {name!r}; {hint}"
        )


def parse(row: Mapping[str, Any]) -> Field:
    """One catalogue entry; a missing label falls back to the key.

    Raises:
        TransientError: There is no key.
    """
    key = _text(row, "field_code")
    if not key:
        raise TransientError("Pipedrive's field catalogue has an entry without a field_code")
    return Field(
        key=key,
        label=_text(row, "field_name") or key,
        type=_text(row, "field_type"),
        custom=bool(row.get("is_custom_field")),
        options=tuple(
            Option(option["id"], str(option.get("label") or ""))
            for option in _objects(row, "options")
            if "id" in option
        ),
        subfields=tuple(
            part["field_code"] for part in _objects(row, "subfields") if "field_code" in part
        ),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    return found if isinstance(found, str) else ""


def _objects(row: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = row.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
