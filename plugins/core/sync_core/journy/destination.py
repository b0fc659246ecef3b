"""journy as the engine writes to it: upserts, and memberships in groups.

journy publishes no endpoint that reads records, so what it holds is what the ledger remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sync_core.budget import Daily
from sync_core.engine.model import Item, Match, Plan, Written
from sync_core.journy.client import JournyClient
from sync_core.journy.memberships import Identify, Memberships
from sync_core.journy.values import DOMAIN, EMAIL, MEMBERSHIP
from sync_core.ledger import Ledger
from sync_core.ledger.prices import Lookups

_APART = frozenset({MEMBERSHIP, DOMAIN, EMAIL})


class JournyDestination:
    """Users and accounts."""

    name = "journy"
    readable = False
    upserts = True
    grouped_field: str | None = MEMBERSHIP

    def __init__(
        self, client: JournyClient, identify: Mapping[str, Identify], ledger: Ledger
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            client: The connection.
            identify: Entity -> how an item is identified in journy.
            ledger: Remembers which records there are.
        """
        self._client = client
        self._ledger = ledger
        self._identify = identify
        self._upsert: Mapping[str, Callable[..., dict[str, str]]] = {
            "user": client.upsert_user,
            "account": client.upsert_account,
        }
        self._memberships = Memberships(client, identify)

    def match(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Match]:
        """What the ledger knows to exist in journy; no call is made.

        A user keeps the id, which was an address, when the address changes. Whoever has that
        address next would become this very user.
        """
        known = [item.link.journy_id if item.link else "" for item in items]
        new = [item.key for item, there in zip(items, known, strict=True) if not there]
        by_id = self._ledger.links_by(plan.kind, "journy_id", new) if plan.key_follows else {}
        ids = (there or (item.key if item.key in by_id else "")
               for item, there in zip(items, known, strict=True))  # fmt: skip
        return {at: Match((there,) if there else ()) for at, there in enumerate(ids)}

    def asked_by(self, plan: Plan, item: Item) -> Collection[tuple[str, str]]:  # noqa: ARG002
        """Nothing: no record is looked for, and an upsert makes none twice."""
        return ()

    def known_by(self, values: Mapping[str, Any]) -> Collection[tuple[str, str]]:  # noqa: ARG002
        """Nothing either."""
        return ()

    def lacking(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> str:  # noqa: ARG002
        """Nothing: journy takes a record with its identifier alone."""
        return ""

    def outdated(
        self,
        plan: Plan,  # noqa: ARG002
        values: Mapping[str, Any],  # noqa: ARG002
        refused: Collection[str] = (),  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Nothing: journy tells of each value that it doesn't take beside its answer."""
        return {}

    def create(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Upsert a record that isn't known in journy; its id there becomes the match key."""
        return self._write(plan, item, values)

    def scout(self, plan: Plan, writes: Sequence[tuple[Item, Mapping[str, Any]]]) -> None:
        """Nothing: an upsert leaves the properties that it doesn't name, as documented."""

    def update(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Upsert only the given properties of a record known in journy."""
        return self._write(plan, item, values)

    def _write(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        properties = {key: value for key, value in values.items() if key not in _APART}
        if MEMBERSHIP in values:
            self._memberships.note(item, values[MEMBERSHIP])
        identity = self._identify[plan.entity](item)
        if DOMAIN in values:
            identity[DOMAIN] = values[DOMAIN]
        known = item.link.journy_id if item.link else ""
        rejected: dict[str, str] = {}
        if _needs_upsert(item, values):
            rejected = self._upsert[plan.entity](identity, properties)
        return Written(known or item.key, self._client.http.server_time, rejected, for_good=True)

    def delete(self, plan: Plan, item: Item) -> None:
        """Delete a user or an account (`DELETE /users`, `DELETE /accounts`).

        By its id alone: the address may be another user's by now, and which of two identifiers
        counts isn't documented.
        """
        name = f"{plan.entity}Id"
        self._client.delete(f"/{plan.entity}s", {name: self._identify[plan.entity](item)[name]})

    def flush(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Exception]:
        """Put users into their accounts and take them out of those they left, in groups."""
        return self._memberships.flush(plan, items)

    def pretend(
        self,
        plan: Plan,
        item: Item,
        record: str,  # noqa: ARG002
        values: Mapping[str, Any] | None,
    ) -> Mapping[str, str]:
        """Note which account we would have put a user into."""
        if values is not None and MEMBERSHIP in values:
            self._memberships.pretend(plan, item, values[MEMBERSHIP])
        return {}

    def workers(self) -> int:
        """As many as the service's burst window and its answers' delay ask for."""
        return self._client.http.workers

    def whole_windows(self, most: int) -> int:
        """The most calls, up to so many, that end together with a burst window."""
        return self._client.http.whole_windows(most)

    def bill(self) -> Mapping[str, int]:
        """Nothing: journy has no tokens."""
        return {}

    def lookup_price(self, plan: Plan, lookups: Lookups | None) -> None:
        """Nothing: journy has no tokens."""

    def clock(self) -> str:
        """The service's own time by now."""
        return self._client.http.clock

    def usage(self) -> tuple[int, int]:
        """Calls so far; journy has no tokens."""
        return self._client.http.usage.calls, 0

    def foretold(self) -> tuple[int, int]:
        """Nothing: beside the writes of records there is nothing to leave out."""
        return 0, 0

    def daily(self) -> Daily | None:
        """Nothing: journy has no tokens."""
        return None

    def price(
        self,
        plan: Plan,
        writes: Sequence[tuple[Item, Mapping[str, Any]]],
    ) -> tuple[int, int]:
        """One upsert or deletion a record, unless it only joins an account, in a group."""
        members = [(item, values[MEMBERSHIP]) for item, values in writes if MEMBERSHIP in values]
        upserts = sum(_needs_upsert(item, values) or not values for item, values in writes)
        return upserts + self._memberships.price(plan, members), 0


def _needs_upsert(item: Item, values: Mapping[str, Any]) -> bool:
    known = item.link is not None and bool(item.link.journy_id)
    return not known or any(key != MEMBERSHIP for key in values)
