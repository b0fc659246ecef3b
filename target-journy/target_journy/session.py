"""One run: the settings checked against journy, and a plan for each stream."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sync_core.canonical import digest
from sync_core.engine import Engine, Plan
from sync_core.errors import AuthenticationError, ConfigurationError, PermissionDeniedError
from sync_core.journy import JournyClient
from sync_core.journy.destination import JournyDestination
from sync_core.journy.values import property_field
from sync_core.ledger import Ledger
from sync_core.ledger.accounts import Accounts
from sync_core.mapping import Related, SourceSchema, TargetField, names
from sync_core.settings import collected

from target_journy.entities import IDENTIFY, StreamSettings, read_settings
from target_journy.plans import compile_plan

log = logging.getLogger(__name__)

DIRECTION = "pipedrive-to-journy"
_PROPERTIES = {"user": "/properties/users", "account": "/properties/accounts"}

_UNKNOWN = "The ledger knows no %s yet, and journy can't be read, so every %s is %s"
_SENT = "sent once; one that is there already is updated, not doubled"
_SKIPPED = (
    "skipped while creating is off: let tap-journy and target-pipedrive run before, so that the "
    "ledger knows who is there, or create them with the initial import"
)


class JournySession:
    """A target's run."""

    def __init__(self, config: Mapping[str, Any], *, user_agent: str) -> None:
        """Read the settings, try the key, resolve every property.

        Properties that can't be written are refused by `plans`, together with what is wrong with
        the sources.

        Raises:
            ConfigurationError: Lists all settings that can't be read.
            AlreadyRunningError: Another run didn't end in time; nothing was asked of journy.
            ApiError: journy refused the key, or can't be reached.
        """
        self._settings = {each.stream: each for each in read_settings(config)}
        self._client = JournyClient(
            api_key=config.get("api_key"), user_agent=user_agent, api_url=config.get("api_url")
        )
        dry_run = bool(config.get("dry_run"))
        self._ledger = Ledger.of(config)
        self._accounts = Accounts(self._ledger)
        self._properties: dict[str, list[dict[str, Any]]] = {}
        self._related = _related(self._settings.values())
        with self._ledger.turn(DIRECTION, dry_run=dry_run):
            self.engine = self._begin(dry_run=dry_run)

    def _begin(self, *, dry_run: bool) -> Engine:
        """Try the key and resolve every property."""
        self._client.permissions()
        self._problems = self._check()
        destination = JournyDestination(self._client, IDENTIFY, self._ledger)
        return Engine(
            destination,
            self._ledger,
            direction=DIRECTION,
            dry_run=dry_run,
            related=self._related,
        )

    def plans(self, schemas: Sequence[SourceSchema]) -> list[Plan | None]:
        """The plans of streams; None where no mapping knows one."""
        ordered = self._related.ordered(schemas)
        compiled = collected(self._refuse, *(partial(self._compile, each) for each in ordered))
        plans = {each.stream: plan for each, plan in zip(ordered, compiled[1:], strict=True)}
        return [plans[each.stream] for each in schemas]

    def _refuse(self) -> None:
        if self._problems:
            raise ConfigurationError(self._problems)

    def _compile(self, schema: SourceSchema) -> Plan | None:
        settings = self._settings.get(schema.stream)
        if settings is None:
            return None
        self._related.announce(schema)
        plan = compile_plan(settings, schema, self._field, self._related)
        plan = replace(plan, catalogue=digest(self._catalogue(plan.entity)))
        if plan.relation is not None:
            plan = replace(plan, relation=replace(plan.relation, accounts=self._accounts))
        if not self._ledger.count_links(plan.kind, "journy"):
            follows = _SENT if plan.create else _SKIPPED
            log.info(_UNKNOWN, plan.entity, plan.noun, follows)
        return plan

    def _check(self) -> list[str]:
        """Resolve what the analyst named; gives what is wrong with it."""
        asked = [(each, line) for each in self._settings.values() for line in each.lines]
        try:
            found = collected(
                *(partial(self._field, each, line.target, line.setting) for each, line in asked)
            )
        except ConfigurationError as error:
            return error.problems
        for (settings, line), field in zip(asked, found, strict=True):
            known = {row.get("name") for row in self._catalogue(settings.entity)}
            if known and field.key not in known:
                log.warning(
                    "%s: journy doesn't have the %s property %s; it makes it only if its own "
                    "settings allow that",
                    line.setting,
                    settings.entity,
                    field.key,
                )
        return []

    def _field(self, settings: StreamSettings, name: str, setting: str) -> TargetField:
        return property_field(name, setting, self._catalogue(settings.entity))

    def _catalogue(self, entity: str) -> list[dict[str, Any]]:
        if entity not in self._properties:
            try:
                self._properties[entity] = self._client.catalogue(_PROPERTIES[entity])
            except (AuthenticationError, PermissionDeniedError):  # 401: the key lacks the right
                log.warning(
                    "The journy key may not read properties: computed ones can't be told apart"
                )
                self._properties[entity] = []
        return self._properties[entity]


def _related(settings: Iterable[StreamSettings]) -> Related:
    """What the lines of persons ask of their organizations."""
    lines = (line for each in settings if each.relation for line in each.lines)
    asked = (name for line in lines for name in names(line))
    return Related("organization", "organizations", "org_id", asked)
