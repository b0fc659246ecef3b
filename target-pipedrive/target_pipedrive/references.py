"""Users, and other records, by the names that the other side knows them by."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.ledger import Ledger
from sync_core.mapping import ValueMisfitError
from sync_core.pipedrive import PipedriveClient
from sync_core.pipedrive.activities import Activities
from sync_core.pipedrive.endpoints import ENTITIES
from sync_core.pipedrive.labels import LeadLabels
from sync_core.text import same_email

#: Field type -> the default stream's kind of link, the entity, and what people call its records.
_LINKED = {
    "org": ("account", "organization", "an organization"),
    "people": ("user", "person", "a person"),
    "deal": ("", "deal", "a deal"),
    "lead": ("", "lead", "a lead"),
}
#: What goes by its id as text.
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class References:
    """Resolves values that name a user or another record; remembers what it found."""

    def __init__(
        self,
        client: PipedriveClient,
        activities: Activities,
        ledger: Callable[[], Ledger],
        kinds: Mapping[str, Sequence[str]],
    ) -> None:
        """Prepare; nothing is read before a value asks for it.

        Args:
            client: The connection.
            activities: Knows the company's users.
            ledger: Gives the ledger, which knows what is linked to which record.
            kinds: Entity -> the ledger's kinds of links to it, of the streams that are configured.
        """
        self._activities = activities
        self._labels = LeadLabels(client)
        self._ledger = ledger
        self._kinds = kinds
        self._known: dict[tuple[str, str], Any] = {}

    def resolvers(self) -> Mapping[str, Callable[[Any], Any]]:
        """What is named -> value to Pipedrive's id."""
        return {
            "user": self._user,
            "lead_label": self._labels.find,
            "activity_type": self._type,
            "priority": self._priority,
            **{kind: partial(self._linked, kind) for kind in _LINKED},
        }

    def _user(self, value: Any) -> int:
        name = ("user", same_email(str(value)))
        if name not in self._known:
            try:
                self._known[name] = self._activities.user(name[1], "")
            except ConfigurationError:
                raise ValueMisfitError(
                    "no active user of this Pipedrive company has this e-mail address or id"
                ) from None
        return int(self._known[name])

    def _type(self, value: str) -> str:
        try:
            return self._activities.type_key(value, "")
        except ConfigurationError:
            raise ValueMisfitError(
                "no active activity type has this key or name, or several have"
            ) from None

    def _priority(self, value: str) -> int:
        try:
            return self._activities.priority(value, "")
        except ConfigurationError:
            raise ValueMisfitError("no priority of activities has this label") from None

    def _linked(self, kind: str, value: Any) -> int | str:
        """A number is Pipedrive's own id; text is the key that the ledger links by."""
        if isinstance(value, int):
            return value
        key = same_email(value) if kind == "people" else value.strip()
        if kind == "lead" and _UUID.fullmatch(key.casefold()):
            return str(key.casefold())
        if (kind, key) not in self._known:
            self._known[kind, key] = self._look_up(kind, key)
        found: int | str = self._known[kind, key]
        return found

    def _look_up(self, kind: str, key: str) -> int | str:
        own, entity, noun = _LINKED[kind]
        kinds = dict.fromkeys((*([own] if own else ()), *self._kinds.get(entity, ())))
        links = [self._ledger().links_by(each, "key", [key]).get(key) for each in kinds]
        found = {link.pipedrive_id for link in links if link is not None and link.pipedrive_id}
        if not found:
            raise ValueMisfitError(f"nothing with this key is linked to {noun} yet")
        if len(found) > 1:
            raise ValueMisfitError(f"several streams link this key, each to {noun} of its own")
        return ENTITIES[entity].record_id(found.pop())
