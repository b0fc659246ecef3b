"""Users, organizations and persons by the names that the other side knows them by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.ledger import Ledger
from sync_core.mapping import ValueMisfitError
from sync_core.pipedrive.activities import Activities

#: Field type -> the ledger's kind of link, and what people call the other side's record.
_LINKED = {"org": ("account", "an organization"), "people": ("user", "a person")}


class References:
    """Resolves values of user, organization and person fields; remembers what it found."""

    def __init__(self, activities: Activities, ledger: Callable[[], Ledger]) -> None:
        """Prepare; nothing is read before a value asks for it.

        Args:
            activities: Knows the company's users.
            ledger: Gives the ledger, which knows what is linked to which record.
        """
        self._activities = activities
        self._ledger = ledger
        self._known: dict[tuple[str, str], int] = {}

    def resolvers(self) -> Mapping[str, Callable[[Any], int]]:
        """Field type -> value to Pipedrive's id."""
        return {
            "user": self._user,
            **{kind: partial(self._linked, kind) for kind in _LINKED},
        }

    def _user(self, value: Any) -> int:
        name = ("user", str(value).strip().casefold())
        if name not in self._known:
            try:
                self._known[name] = self._activities.user(name[1], "")
            except ConfigurationError:
                raise ValueMisfitError(
                    "no active user of this Pipedrive company has this e-mail address or id"
                ) from None
        return self._known[name]

    def _linked(self, kind: str, value: Any) -> int:
        """A number is Pipedrive's own id; text is the key that the ledger links by."""
        if isinstance(value, int):
            return value
        link_kind, noun = _LINKED[kind]
        key = value.strip() if kind == "org" else value.strip().casefold()
        if (kind, key) not in self._known:
            link = self._ledger().links_by(link_kind, "key", [key]).get(key)
            if link is None or not link.pipedrive_id:
                raise ValueMisfitError(f"nothing with this key is linked to {noun} yet")
            self._known[kind, key] = int(link.pipedrive_id)
        return self._known[kind, key]
