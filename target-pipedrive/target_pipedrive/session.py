"""One run: the settings checked against Pipedrive, and a plan for each stream."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sync_core.actions import Actions, Delivery, read_actions, recipes
from sync_core.engine import Engine, Plan
from sync_core.ledger import Ledger
from sync_core.mapping import SourceSchema
from sync_core.pipedrive import FieldCatalogue, PipedriveClient
from sync_core.pipedrive.activities import Activities
from sync_core.pipedrive.destination import PipedriveDestination
from sync_core.pipedrive.endpoints import ENTITIES
from sync_core.pipedrive.index import MatchField
from sync_core.settings import collected

from target_pipedrive.entities import StreamSettings, read_settings
from target_pipedrive.fields import BUILT_IN, EntityFields
from target_pipedrive.plans import compile_plan

DIRECTION = "journy-to-pipedrive"


class PipedriveSession:
    """A target's run."""

    def __init__(self, config: Mapping[str, Any], *, user_agent: str) -> None:
        """Read the settings, try the credential, resolve every destination field.

        Raises:
            ConfigurationError: Lists everything that can't work.
            ApiError: Pipedrive refused the credential, or can't be reached.
        """
        settings, actions = collected(
            partial(read_settings, config), partial(read_actions, config.get("actions"))
        )
        self._settings = {each.stream: each for each in settings}
        self._client = PipedriveClient.from_settings(
            config,
            user_agent=user_agent,
        )
        me = self._client.me()
        activities = Activities(self._client, int(me["id"]))
        self._catalogues: dict[str, EntityFields] = {}
        self._kept: dict[str, frozenset[str]] = {}
        self._match_fields: dict[str, list[MatchField]] = {}
        owner, dry_run = config.get("owner"), bool(config.get("dry_run"))
        owner_id, made_of, *_ = collected(
            lambda: activities.user(owner.strip(), "owner") if owner else None,
            partial(recipes, actions, activities),
            *(partial(self._check, each) for each in self._settings.values()),
        )
        ledger = Ledger(str(config["ledger_url"]), str(config.get("connection_name")))
        delivery = Delivery(activities, made_of, dry_run=dry_run)
        following = Actions(actions, delivery, ledger, direction=DIRECTION)
        self._followers = [following] if actions else []
        destination = PipedriveDestination(
            self._client,
            ledger,
            self._match_fields,
            self._kept,
            owner_id,
            viewer=f"{me.get('company_id')}/{me['id']}",
        )
        self.engine = Engine(
            destination, ledger, direction=DIRECTION, dry_run=dry_run, followers=self._followers
        )

    def plan(self, schema: SourceSchema) -> Plan | None:
        """The plan of a stream; None where no mapping knows it."""
        settings = self._settings.get(schema.stream)
        if settings is None:
            return None
        fields = self._fields(settings.entity)
        compiled: tuple[Plan, MatchField]
        compiled, *_ = collected(
            partial(compile_plan, settings, schema, fields),
            *(partial(each.announce, schema) for each in self._followers),
        )
        plan, match_field = compiled
        self._match_fields[schema.stream] = [match_field]
        return plan

    def _fields(self, entity: str) -> EntityFields:
        if entity not in self._catalogues:
            catalogue = FieldCatalogue.load(self._client, ENTITIES[entity])
            self._catalogues[entity] = EntityFields(catalogue)
        return self._catalogues[entity]

    def _check(self, settings: StreamSettings) -> None:
        """Resolve the destination fields that the analyst named; the stream itself comes later."""
        fields = self._fields(settings.entity)
        named = [partial(fields.find, line.target, line.setting) for line in settings.lines]
        if settings.match_target is not None and settings.must_match:
            named.append(partial(fields.find, settings.match_target, settings.match_setting))
        keys = {field.key for field in collected(*named)} | BUILT_IN[settings.entity].keys()
        if settings.match_target is not None and fields.has(settings.match_target):
            keys |= {fields.raw(settings.match_target, settings.match_setting).key}
        known = self._kept.get(settings.entity, frozenset())
        self._kept[settings.entity] = known | keys | {"org_id"}
