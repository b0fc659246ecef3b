"""Activities in Pipedrive: what they are made of, which there are already, and making one."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from sync_core import times
from sync_core.canonical import canon
from sync_core.errors import ConfigurationError, NotFoundError
from sync_core.pipedrive import endpoints, envelope
from sync_core.pipedrive.client import PipedriveClient, Row, rows
from sync_core.pipedrive.endpoints import ACTIVITY, ENTITIES
from sync_core.pipedrive.fields import FieldCatalogue, parse
from sync_core.pipedrive.linked import Linked
from sync_core.text import fold, near, same_email

#: What deals are asked for.
_OPEN = {"status": "open"}

#: Fewer records than this are read one by one: that costs less than reading them together.
_TOGETHER = endpoints.LIST // endpoints.GET_ONE


class Activities:
    """What actions ask of Pipedrive; nothing is read before it is needed."""

    def __init__(self, client: PipedriveClient, me: int) -> None:
        """Prepare.

        Args:
            client: The connection.
            me: The user whose credential it is: the creator of our activities.
        """
        self._client = client
        self._me = me
        self._made = Linked(client, ACTIVITY.path, self._is_ours)
        self._deals = Linked(client, endpoints.DEALS, lambda row: not row.get("is_deleted"))
        self._taken: set[str] = set()

    def type_key(self, name: str, setting: str) -> str:
        """The key of an active activity type, by its key or its name.

        Raises:
            ConfigurationError: There is none, or several.
        """
        by_key = [row for row in self._types if row.get("key_string") == name]
        found = by_key or [row for row in self._types if fold(str(row.get("name"))) == fold(name)]
        if len(found) == 1:
            return str(found[0]["key_string"])
        if found:
            keys = ", ".join(str(row.get("key_string")) for row in found)
            raise ConfigurationError(
                f"{setting}: {len(found)} activity types are called {name!r}; use a key: {keys}"
            )
        hint = near(name, (str(row.get("name")) for row in self._types))
        raise ConfigurationError(f"{setting}: Pipedrive has no activity type {name!r}; {hint}")

    def priority(self, label: str, setting: str) -> int:
        """The option id of a priority; the ids differ from company to company.

        Raises:
            ConfigurationError: There is none, or several.
        """
        field = self._fields.get("priority")
        option = field.option(label) if field else None
        if option is None:
            hint = near(label, [each.label for each in field.options] if field else [])
            raise ConfigurationError(f"{setting}: Pipedrive has no priority {label!r}; {hint}")
        return int(option.id)

    def user(self, name: str, setting: str) -> int:
        """The id of an active user, by e-mail address or id.

        Raises:
            ConfigurationError: There is none.
        """
        for user in self._users:
            names = {str(user.get("id")), same_email(str(user.get("email", "")))}
            if user.get("active_flag") and same_email(name) in names:
                return int(user["id"])
        raise ConfigurationError(
            f"{setting}: no active user of this Pipedrive company has the configured e-mail "
            "address or id; Pipedrive lists them under Company settings, Manage users"
        )

    @cached_property
    def _types(self) -> list[Row]:
        body = self._client.http.get(
            endpoints.ACTIVITY_TYPES, tokens=endpoints.ACTIVITY_TYPES_TOKENS
        )
        listed = envelope.records(body, endpoints.ACTIVITY_TYPES)
        return [row for row in listed if row.get("active_flag")]

    @cached_property
    def _fields(self) -> FieldCatalogue:
        listed = rows(self._client.pages(endpoints.ACTIVITY_FIELDS))
        return FieldCatalogue(ACTIVITY, [parse(row) for row in listed])

    @cached_property
    def _users(self) -> list[Row]:
        return self._client.users()

    @property
    def workers(self) -> int:
        """How many calls should be under way at once."""
        return self._client.http.workers

    @property
    def clock(self) -> str:
        """The time of Pipedrive's latest answer by its own clock, as comparable text."""
        return self._client.http.server_time or times.now()

    @property
    def now(self) -> str:
        """The time by Pipedrive's own clock, however this machine's is set."""
        return self._client.http.clock

    def records(self, entity: str, ids: Iterable[int]) -> dict[int, Row]:
        """Persons or organizations as they are now; those that are gone are absent."""
        wanted = set(ids)
        found: dict[int, Row] = {}
        if len(wanted) >= _TOGETHER:
            found = {row["id"]: row for row in self._client.by_ids(ENTITIES[entity], wanted)}
        for record_id in sorted(wanted - found.keys()):  # lists lag: a new record may be absent
            if row := self._one(f"{ENTITIES[entity].path}/{record_id}"):
                found[record_id] = row
        return {key: row for key, row in found.items() if not row.get("is_deleted")}

    @staticmethod
    def price(count: int) -> tuple[int, int]:
        """Calls and tokens that it takes to read so many records."""
        if count < _TOGETHER:
            return count, count * endpoints.GET_ONE
        calls = math.ceil(count / endpoints.IDS_PER_CALL)
        return calls, calls * endpoints.LIST

    def _one(self, path: str) -> Row | None:
        try:
            body = self._client.http.get(path, tokens=endpoints.GET_ONE)
        except NotFoundError:
            return None
        return envelope.record(body, path)

    def expect_deals(self, count: int) -> None:
        """Get ready to be asked for the open deals of so many records."""
        self._deals.forget()
        self._deals.expect(count, _OPEN)

    def open_deals(self, entity: str, record_id: int) -> list[int]:
        """Ids of the open deals of a person or an organization; two are enough to know."""
        found = self._deals.of(entity, record_id, _OPEN)
        return [row["id"] for row in islice(found, 2)]

    def expect(self, count: int, since: str) -> None:
        """Get ready to be asked what we made for so many records since a moment."""
        self._made.expect(count, {}, since)

    def existing(
        self,
        entity: str,
        record_id: int,
        body: Mapping[str, Any],
        since: str,
        others: Collection[str] = (),
    ) -> str:
        """The activity that we made of this body since a moment; empty if there is none.

        A deleted one counts as well: a person thought it superfluous, and it mustn't come back.
        One that was made or found in this run is known to be another one.

        Args:
            entity: person or organization.
            record_id: The record that it is about.
            body: What it is made of.
            since: The moment.
            others: Activities that aren't it either.
        """
        for row in self._made.of(entity, record_id, {}, since):
            same = all(canon(row.get(part)) == canon(body[part]) for part in ("type", "subject"))
            made = times.comparable(row.get("add_time")) or since
            number = str(row["id"])
            if same and made >= since and number not in self._taken and number not in others:
                self._taken.add(number)
                return number
        return ""

    def _is_ours(self, row: Row) -> bool:
        return bool(row.get("creator_user_id", self._me) == self._me)

    def create(self, body: Mapping[str, Any]) -> str:
        """Make an activity and return its id.

        Raises:
            AmbiguousWriteError: The answer was lost; it has to be looked for before another try.
        """
        number = str(self._client.create(ACTIVITY, body)["id"])
        self._taken.add(number)
        return number
