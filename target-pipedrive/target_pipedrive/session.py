"""One run: the settings checked against Pipedrive, and a plan for each stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sync_core.actions import Action, Actions, Delivery, Recipe, of_account, read_actions, recipes
from sync_core.engine import Engine, Plan
from sync_core.engine.model import OnDelete
from sync_core.errors import ConfigurationError
from sync_core.ledger import Ledger
from sync_core.mapping import Related, SourceSchema, TargetField, names
from sync_core.pipedrive import FieldCatalogue, PipedriveClient
from sync_core.pipedrive.activities import Activities
from sync_core.pipedrive.creating import Maker
from sync_core.pipedrive.destination import PipedriveDestination
from sync_core.pipedrive.endpoints import ENTITIES
from sync_core.pipedrive.index import MatchField
from sync_core.pipedrive.values import How
from sync_core.settings import collected

from target_pipedrive.built_in import BUILT_IN
from target_pipedrive.entities import StreamSettings, read_settings
from target_pipedrive.fields import EntityFields
from target_pipedrive.matching import domain_of, field_of
from target_pipedrive.plans import Draft, compile_plan
from target_pipedrive.references import References

DIRECTION = "journy-to-pipedrive"


class PipedriveSession:
    """A target's run."""

    def __init__(self, config: Mapping[str, Any], *, user_agent: str) -> None:
        """Read the settings, try the credential, resolve every destination field.

        Fields that can't be written are refused by `plans`, together with what is wrong with the
        sources.

        Raises:
            ConfigurationError: Lists all settings that can't be read.
            AlreadyRunningError: Another run didn't end in time; nothing was asked of Pipedrive.
            ApiError: Pipedrive refused the credential, or can't be reached.
        """
        settings, actions = collected(
            partial(read_settings, config), partial(read_actions, config.get("actions"))
        )
        self._settings = {each.stream: each for each in settings}
        self._problems: list[str] = []
        self._client = PipedriveClient.from_settings(
            config,
            user_agent=user_agent,
        )
        dry_run = bool(config.get("dry_run"))
        self._ledger = Ledger.of(config)
        # A run that has to leave again must not have spent anything of the day.
        with self._ledger.turn(DIRECTION, dry_run=dry_run):
            self.engine = self._begin(config, actions, dry_run=dry_run)

    def _begin(
        self, config: Mapping[str, Any], actions: Sequence[Action], *, dry_run: bool
    ) -> Engine:
        """Try the credential and resolve every destination field."""
        me = self._client.me()
        activities = Activities(self._client, int(me["id"]))
        self._config = config
        kinds = _kinds(self._settings.values())
        self._references = References(self._client, activities, lambda: self._ledger, kinds)
        self._related = _related(self._settings.values(), actions)
        self._catalogues: dict[str, FieldCatalogue] = {}
        self._entities: dict[str, EntityFields] = {}
        self._kept: dict[str, frozenset[str]] = {}
        self._match_fields: dict[str, list[MatchField]] = {}
        owner_id, made_of = self._resolve(config, actions, activities)
        destination = PipedriveDestination(
            self._client,
            self._ledger,
            self._match_fields,
            self._kept,
            owner_id,
            viewer=f"{me.get('company_id')}/{me['id']}",
            dry_run=dry_run,
            kinds=kinds,
            catalogues=self._catalogues,
        )
        delivery = Delivery(activities, destination.match, made_of, dry_run=dry_run)
        following = Actions(actions, delivery, self._ledger, self._related, direction=DIRECTION)
        self._followers = [following] if actions else []
        return Engine(
            destination,
            self._ledger,
            direction=DIRECTION,
            dry_run=dry_run,
            followers=self._followers,
            related=self._related,
        )

    def _resolve(
        self, config: Mapping[str, Any], actions: Sequence[Action], activities: Activities
    ) -> tuple[int | None, Mapping[str, Recipe]]:
        """The owner of what is created, and what each action makes; `plans` tells what is wrong."""
        owner = str(config.get("owner") or "")
        try:
            owner_id, made_of, *_ = collected(
                lambda: activities.user(owner.strip(), "owner") if owner else None,
                partial(recipes, actions, activities),
                *(partial(self._check, each) for each in self._settings.values()),
            )
        except ConfigurationError as error:
            self._problems = error.problems
            return None, {}
        return owner_id, made_of

    def plans(self, schemas: Sequence[SourceSchema]) -> list[Plan | None]:
        """The plans of streams; None where no mapping knows one."""
        ordered = self._related.ordered(schemas)
        checked = collected(self._refuse, *(partial(self._compile, each) for each in ordered))
        # Only now that every stream is right may a missing field be made.
        plans = {each.stream: make() for each, make in zip(ordered, checked[1:], strict=True)}
        return [plans[each.stream] for each in schemas]

    def _refuse(self) -> None:
        if self._problems:
            raise ConfigurationError(self._problems)

    def _compile(self, schema: SourceSchema) -> Callable[[], Plan | None]:
        """Check a stream's mapping; what comes back makes the plan."""
        settings = self._settings.get(schema.stream)
        if settings is None:
            return lambda: None
        fields = self._fields(settings.entity)
        draft: Draft
        draft, *_ = collected(
            partial(compile_plan, settings, schema, fields, self._related),
            partial(self._related.announce, schema),
            *(partial(each.announce, schema) for each in self._followers),
        )
        return partial(self._plan, settings, draft)

    def _plan(self, settings: StreamSettings, draft: Draft) -> Plan:
        plan, self._match_fields[settings.stream] = draft()
        mark = self._catalogues[plan.entity].mark
        plan = replace(plan, on_delete=self._on_delete(settings), catalogue=mark)
        self._kept[plan.entity] |= {rule.field.key for rule in plan.rules}
        return plan

    def _on_delete(self, settings: StreamSettings) -> OnDelete | None:
        if settings.on_delete is None:
            return None
        alike = (each for each in self._settings.values() if each.entity == settings.entity)
        kin = (each.kind for each in alike if each.kind != settings.kind)
        fields = self._fields(settings.entity)
        return settings.on_delete.compiled(fields, _known_by(settings, fields), kin)

    def _fields(self, entity: str) -> EntityFields:
        if entity not in self._entities:
            catalogue = FieldCatalogue.load(self._client, ENTITIES[entity])
            self._catalogues[entity] = catalogue
            self._entities[entity] = EntityFields(
                catalogue,
                how=How(resolve=self._references.resolvers()),
                maker=Maker(self._client, catalogue, dry_run=bool(self._config.get("dry_run"))),
                create_fields=bool(self._config.get("create_missing_fields")),
                create_options=bool(self._config.get("create_missing_options")),
            )
        return self._entities[entity]

    def _check(self, settings: StreamSettings) -> None:
        """Resolve the destination fields that the analyst named; the stream itself comes later."""
        fields = self._fields(settings.entity)
        named = [
            partial(fields.find, line.target, line.setting, line.details)
            for line in settings.lines
            if not fields.may_come(line.target)
        ]
        id_field = str(settings.match_target)
        named += [partial(domain_of, line, id_field, fields) for line in settings.asked]
        if settings.match_target is not None and settings.must_match:
            named.append(partial(_key, settings, fields))
        further = [
            partial(field_of, settings.entity, line.target, line.setting, fields)
            for line in settings.further
        ]
        rule, *found = collected(partial(self._on_delete, settings), *named, *further)
        keys = {field.key for field in found}
        keys |= {rule.field.key} if rule is not None and rule.field is not None else set()
        keys |= BUILT_IN[settings.entity].keys()
        keys |= {_known_by(settings, fields)} - {""}
        known = self._kept.get(settings.entity, frozenset())
        self._kept[settings.entity] = known | keys | {"org_id"}


def _key(settings: StreamSettings, fields: EntityFields) -> TargetField:
    """The field that the analyst matches by: one that can be written, and compared."""
    name = str(settings.match_target)
    found = fields.find(name, settings.match_setting)
    field_of(settings.entity, name, settings.match_setting, fields)
    return found


def _known_by(settings: StreamSettings, fields: EntityFields) -> str:
    """Key of the field that the stream matches by first; empty where Pipedrive lacks it."""
    if settings.match_target is None:
        return "emails"
    has = fields.has(settings.match_target)
    return fields.raw(settings.match_target, settings.match_setting).key if has else ""


def _kinds(settings: Iterable[StreamSettings]) -> dict[str, list[str]]:
    """Entity -> the ledger's kinds of links to it."""
    found: dict[str, list[str]] = {}
    for each in settings:
        found.setdefault(each.entity, []).append(each.kind)
    return found


def _related(settings: Iterable[StreamSettings], actions: Iterable[Action]) -> Related:
    """What the lines of users, and the texts of their actions, ask of their accounts."""
    lines = (line for each in settings if each.relation for line in each.lines)
    asked = [name for line in lines for name in names(line)]
    asked += [name for action in actions for name in of_account(action)]
    return Related("account", "accounts", "accounts", asked)
