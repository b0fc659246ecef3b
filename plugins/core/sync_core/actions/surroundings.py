"""The records that a batch of activities is about, read together before any is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sync_core.actions import placeholders
from sync_core.actions.anew import FindRecords, follow
from sync_core.actions.firing import Firing
from sync_core.actions.recipe import Recipe
from sync_core.engine import Outcome, Plan
from sync_core.pipedrive.activities import Activities
from sync_core.pipedrive.client import Row

#: Takes calls and tokens that a dry run spares.
Spare = Callable[[int, int], None]


@dataclass
class Surroundings:
    """The records that a batch of activities is about, as they are in Pipedrive now.

    Attributes:
        entity: person or organization.
        rows: Those records by id; what is gone is absent.
        organizations: Id -> name, where a text needs it.
        refused: Firing's id -> why there is no activity, though its record is there.
    """

    entity: str
    rows: Mapping[int, Row] = field(default_factory=dict)
    organizations: Mapping[int, str] = field(default_factory=dict)
    refused: Mapping[str, Outcome] = field(default_factory=dict)

    def organization(self, row: Row) -> int | None:
        """The organization that an activity about a record belongs to."""
        found = row["id"] if self.entity == "organization" else row.get("org_id")
        return found if isinstance(found, int) else None


class Lookout:
    """Reads what activities are about, and tells what else will be asked for."""

    def __init__(
        self,
        activities: Activities,
        find: FindRecords,
        recipes: Mapping[str, Recipe],
        spare: Spare,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            activities: Pipedrive's side.
            find: Matches a record anew.
            recipes: Action -> what its activities are made of.
            spare: Told what a dry run doesn't read.
        """
        self._activities = activities
        self._find = find
        self._recipes = recipes
        self._spare = spare

    def around(self, plan: Plan, firings: Sequence[Firing]) -> Surroundings:
        """Read the records themselves: owner and organization may have changed since the match.

        Args:
            plan: The stream's plan.
            firings: What signals called for, about one entity's records.
        """
        around = Surroundings(plan.entity)
        known = {int(each.remote_id) for each in firings if each.remote_id}
        around.rows = self._activities.records(around.entity, known)
        self._spare_reading(len(known), len({each.record for each in firings if each.is_planned}))
        self._follow(plan, around, firings)
        around.organizations = self._names(around, firings)
        self._expect(firings)
        return around

    def _names(self, around: Surroundings, firings: Sequence[Firing]) -> Mapping[int, str]:
        """The names of the organizations whose names are needed and not known."""
        nameless = {int(each.remote_id) for each in firings if self._lacks_name(each)}
        wanted = (around.organization(row) for key, row in around.rows.items() if key in nameless)
        ids = {each for each in wanted if each is not None}
        own = around.entity == "organization"
        found = around.rows if own else self._activities.records("organization", ids)
        return {key: str(row.get("name") or "") for key, row in found.items()}

    def _follow(self, plan: Plan, around: Surroundings, firings: Sequence[Firing]) -> None:
        """Go on with the records that others were merged into."""
        gone = [each for each in firings
                if each.remote_id and int(each.remote_id) not in around.rows]  # fmt: skip
        if gone:
            around.refused = follow(self._find, plan, gone)
            found = {int(each.remote_id) for each in gone} - around.rows.keys()
            around.rows = {**around.rows, **self._activities.records(around.entity, found)}

    def _spare_reading(self, known: int, planned: int) -> None:
        """Count what it would take to read the records that a dry run doesn't make."""
        before, after = (self._activities.price(count) for count in (known, known + planned))
        self._spare(after[0] - before[0], after[1] - before[1])

    def _expect(self, firings: Iterable[Firing]) -> None:
        """Say what will be asked of how many records, so that it can be read together."""
        known = [each for each in firings if each.remote_id]
        sought = [each for each in known if each.since]
        if sought:
            count = len({each.remote_id for each in sought})
            self._activities.expect(count, min(each.since for each in sought))
        deals = {each.remote_id for each in known if self._recipes[each.action].settings.open_deal}
        self._activities.expect_deals(len(deals))

    def _lacks_name(self, firing: Firing) -> bool:
        name = placeholders.ACCOUNT_NAME
        needed = self._recipes[firing.action].placeholders
        return bool(firing.remote_id) and name in needed and not firing.values.get(name)
