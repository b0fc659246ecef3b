"""Where the values of placeholders come from: the record itself, and the user's account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sync_core.actions.settings import Action
from sync_core.engine import Item, Plan
from sync_core.mapping import Related, SourceSchema, simple
from sync_core.settings import collected
from sync_core.templates import spelled

Record = Mapping[str, Any]
Read = Callable[[Record], str]
_PREFIX = "account."
#: Known of every linked organization, whether or not the account ever came by.
ACCOUNT_NAME = "account.name"


def names(action: Action) -> list[str]:
    """The placeholders of an action's texts."""
    texts = (action.activity.subject, action.activity.note)
    return list(dict.fromkeys(name for text in texts if text for name in text.names))


def of_account(action: Action) -> list[str]:
    """A user action's placeholders that the account fills."""
    return [each for each in names(action) if action.entity == "user" and _is_account(each)]


def _is_account(name: str) -> bool:
    return name.startswith(_PREFIX) and len(name) > len(_PREFIX)


class Accounts:
    """What users' accounts say, as far as placeholders ask for it."""

    def __init__(self, related: Related) -> None:
        """Prepare.

        Args:
            related: The accounts, which remembers what they say between runs; it was made with
                every name that placeholders ask for.
        """
        self._related = related

    def of(self, plan: Plan, item: Item) -> dict[str, str]:
        """Placeholder -> text of a user's account: the linked one, or the only one."""
        if plan.relation is None:
            return {}
        _, said = self._related.standing(item.record)
        texts = {f"{_PREFIX}{name}": spelled(simple(each)) for name, each in (said or {}).items()}
        return {name: text for name, text in texts.items() if text}

    def check(self, name: str, setting: str) -> None:
        """Refuse a placeholder that no account could fill.

        Raises:
            ConfigurationError: The accounts stream has no such field, or doesn't come.
        """
        if name != ACCOUNT_NAME:
            self._related.find(name, setting)


def reader(name: str, schema: SourceSchema, setting: str) -> Read:
    """How to read a placeholder from a record.

    Raises:
        ConfigurationError: The stream has no such field.
    """
    column, part = schema.find(name, setting)

    def read(record: Record) -> str:
        value = record.get(column.name)
        if part is not None:
            return spelled(value.get(part) if isinstance(value, Mapping) else None)
        return spelled(simple(value))

    return read


def readers(action: Action, schema: SourceSchema, accounts: Accounts) -> dict[str, Read]:
    """How to read an action's placeholders from its stream.

    Raises:
        ConfigurationError: Lists those that nothing could fill.
    """
    setting, foreign = f"{action.setting}.activity", of_account(action)
    own = [name for name in names(action) if name not in foreign]
    checks = [partial(accounts.check, name, setting) for name in foreign]
    found = collected(
        *(partial(reader, _own(action, name), schema, f"{setting}: {{{name}}}") for name in own),
        *checks,
    )
    return dict(zip(own, found, strict=False))


def _own(action: Action, name: str) -> str:
    """An account's own fields may be called by the account's prefix as well."""
    is_own = action.entity == "account" and _is_account(name)
    return name[len(_PREFIX) :] if is_own else name


def _read(read: Mapping[str, Read], record: Record) -> dict[str, str]:
    values = {name: each(record) for name, each in read.items()}
    return {name: value for name, value in values.items() if value}


def values(read: Mapping[str, Read], plan: Plan, item: Item, accounts: Accounts) -> dict[str, str]:
    """Placeholder -> text, without those that are empty."""
    return {**_read(read, item.record), **accounts.of(plan, item)}
