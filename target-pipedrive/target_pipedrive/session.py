"""One run: the settings checked against Pipedrive, and a plan for each stream."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sync_core.engine import Engine, Plan
from sync_core.errors import ConfigurationError
from sync_core.ledger import Ledger
from sync_core.mapping import SourceSchema
from sync_core.pipedrive import FieldCatalogue, PipedriveClient
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
        self._settings = {each.stream: each for each in read_settings(config)}
        self._client = PipedriveClient.from_settings(
            config,
            user_agent=user_agent,
        )
        self._client.me()
        self._catalogues: dict[str, EntityFields] = {}
        self._kept: dict[str, frozenset[str]] = {}
        owner = self._owner(config.get("owner"))
        collected(*(partial(self._check, each) for each in self._settings.values()))
        self._match_fields: dict[str, MatchField] = {}
        ledger = Ledger(str(config["ledger_url"]), str(config.get("connection_name")))
        destination = PipedriveDestination(
            self._client, ledger, self._match_fields, self._kept, owner
        )
        dry_run = bool(config.get("dry_run"))
        self.engine = Engine(destination, ledger, direction=DIRECTION, dry_run=dry_run)

    def plan(self, schema: SourceSchema) -> Plan | None:
        """The plan of a stream; None where no mapping knows it."""
        settings = self._settings.get(schema.stream)
        if settings is None:
            return None
        fields = self._fields(settings.entity)
        plan, match_field = compile_plan(settings, schema, fields)
        self._match_fields[schema.stream] = match_field
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

    def _owner(self, owner: str | None) -> int | None:
        """The user with this id or e-mail address."""
        if not owner:
            return None
        for user in self._client.users():
            names = {str(user.get("id")), str(user.get("email", "")).casefold()}
            if user.get("active_flag") and owner.strip().casefold() in names:
                return int(user["id"])
        raise ConfigurationError(
            "owner: no active user of this Pipedrive company has the configured e-mail address "
            "or id; Pipedrive lists them under Company settings, Manage users"
        )
