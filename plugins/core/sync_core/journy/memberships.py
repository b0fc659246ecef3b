"""Users in their accounts: put in, and taken out again where it was us who put them in.

journy publishes no endpoint that tells who is a member of what, so the ledger remembers whom this
product put where; a membership that came about otherwise is never taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sync_core.canonical import digest
from sync_core.engine.model import Item, Plan, Relation
from sync_core.journy.client import Identity, JournyClient
from sync_core.journy.groups import Group, deliver, grouped
from sync_core.ledger import Agreed

Identify = Callable[[Item], dict[str, str]]
Call = Callable[[Identity, Sequence[Identity]], None]


class Memberships:
    """Collects what becomes of memberships in a batch, and sends it in groups."""

    def __init__(self, client: JournyClient, identify: Mapping[str, Identify]) -> None:
        """Prepare; nothing is sent yet.

        Args:
            client: The connection.
            identify: Entity -> how an item is identified in journy.
        """
        self._client = client
        self._identify = identify
        self._wanted: dict[int, str | None] = {}

    def note(self, item: Item, account: str | None) -> None:
        """Remember which account a user should be in; None: in none that we put them into."""
        self._wanted[id(item)] = account

    def flush(self, plan: Plan, items: Sequence[Item]) -> dict[int, Exception]:
        """Put users into their accounts first, then take them out of those that they left.

        Returns:
            The errors by position; the failure of one group concerns its members only.
        """
        asked = {at: self._wanted.pop(id(item)) for at, item in enumerate(items)
                 if id(item) in self._wanted}  # fmt: skip
        joining = {at: account for at, account in asked.items() if account}
        leaving = {at: former for at in asked if (former := _left(plan, items[at], asked[at]))}
        failed = self._send(plan, items, joining, self._client.add_members)
        self._remember(plan, items, joining.keys() - failed.keys(), joining)
        leaving = {at: former for at, former in leaving.items() if at not in failed}
        failed |= (kept := self._send(plan, items, leaving, self._client.remove_members))
        for at in leaving:
            _forget(plan, items[at], leaving[at] if at in kept else asked[at])
        return failed

    def pretend(self, plan: Plan, item: Item, account: str | None) -> None:
        """Note which account a user would be in."""
        if account is not None or former_account(plan.relation, item):
            _forget(plan, item, account)

    def price(self, plan: Plan, writes: Sequence[tuple[Item, str | None]]) -> int:
        """How many calls the memberships of a batch take."""
        joining = {at: account for at, (_, account) in enumerate(writes) if account}
        leaving = {at: former for at, (item, account) in enumerate(writes)
                   if (former := _left(plan, item, account))}  # fmt: skip
        return sum(1 for accounts in (joining, leaving) for _ in grouped(accounts))

    def _send(
        self, plan: Plan, items: Sequence[Item], accounts: Mapping[int, str], call: Call
    ) -> dict[int, Exception]:
        groups = list(grouped(accounts))
        if not groups:
            return {}

        def send(group: Group) -> None:
            users = [self._identify[plan.entity](items[at]) for at in group.members]
            call({"accountId": group.account}, users)

        with ThreadPoolExecutor(min(self._client.http.workers, len(groups))) as pool:
            return {
                at: error
                for failed in pool.map(partial(deliver, send=send), groups)
                for at, error in failed.items()
            }

    def _remember(
        self, plan: Plan, items: Sequence[Item], added: set[int], accounts: Mapping[int, str]
    ) -> None:
        relation = plan.relation
        for at in added:
            link = items[at].link
            if link is not None and relation is not None and relation.made is not None:
                stamp = digest(accounts[at])
                link.agree(relation.made, Agreed(stamp, stamp, self._client.http.server_time))


def _left(plan: Plan, item: Item, account: str | None) -> str | None:
    """The account that we put a user into, if it isn't the one that they belong into now."""
    former = former_account(plan.relation, item)
    return None if former is None or former == account else former


def former_account(relation: Relation | None, item: Item) -> str | None:
    """The account that we put a user into; None if we didn't, or it isn't known any more."""
    made = item.link.agreed.get(relation.made) if item.link and relation and relation.made else None
    if made is None or relation is None or relation.accounts is None:
        return None
    return relation.accounts.find(made.other)


def _forget(plan: Plan, item: Item, account: str | None) -> None:
    """Note whom we have in which account now; none where we took them out."""
    relation, link = plan.relation, item.link
    if relation is None or relation.made is None or link is None:
        return
    if account is None:
        del link.agreed[relation.made]
        link.changed = True
    else:
        link.agree(relation.made, Agreed(digest(account), digest(account)))
