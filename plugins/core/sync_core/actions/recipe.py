"""An activity, complete: everything in its settings found in Pipedrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sync_core.actions.settings import OWNER, Action, ActivitySettings
from sync_core.pipedrive.activities import Activities
from sync_core.settings import collected

#: A subject longer than Pipedrive's short texts would be refused, or cut off and not found again.
_LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Recipe:
    """What an activity is made of, apart from the record.

    Attributes:
        settings: As the analyst wrote it.
        type: Key of the activity type.
        priority: Option id.
        assignee: Id of the user who gets it; None leaves it to the record's owner or to Pipedrive.
    """

    settings: ActivitySettings
    type: str
    priority: int | None
    assignee: int | None

    @property
    def placeholders(self) -> set[str]:
        """The placeholders of its texts."""
        texts = (self.settings.subject, self.settings.note)
        return {name for text in texts if text for name in text.names}

    def essence(self, values: Mapping[str, str]) -> dict[str, Any]:
        """What an activity is recognised by."""
        subject = self.settings.subject.plain(values)[:_LONGEST_SUBJECT].strip()
        return {"subject": subject or self.type, "type": self.type}

    def body(self, values: Mapping[str, str], moment: datetime, owner: Any) -> dict[str, Any]:
        """All that doesn't depend on what the record is linked to.

        Args:
            values: Placeholder -> text.
            moment: When the signal fired.
            owner: Pipedrive's owner of the record.
        """
        settings = self.settings
        body = {**self.essence(values), **settings.due.values(moment)}
        if settings.note is not None:
            body["note"] = settings.note.markup(values)
        optional = {
            "owner_id": owner if settings.assignee == OWNER else self.assignee,
            "priority": self.priority,
            "duration": settings.duration,
        }
        return {**body, **{key: value for key, value in optional.items() if value}}


def recipes(actions: Sequence[Action], activities: Activities) -> dict[str, Recipe]:
    """Action -> what its activities are made of, with everything that it names in Pipedrive.

    Raises:
        ConfigurationError: Lists whatever isn't there.
    """
    found = collected(*(partial(_resolve, each.activity, activities) for each in actions))
    return {action.name: recipe for action, recipe in zip(actions, found, strict=True)}


def _resolve(settings: ActivitySettings, activities: Activities) -> Recipe:
    """Find type, priority and assignee."""
    where = settings.setting
    named = settings.assignee not in ("", OWNER)
    found = collected(
        partial(activities.type_key, settings.type, f"{where}.type"),
        partial(activities.priority, settings.priority, f"{where}.priority")
        if settings.priority
        else lambda: None,
        partial(activities.user, settings.assignee, f"{where}.assignee") if named else lambda: None,
    )
    return Recipe(settings, *found)
