"""The target: settings and command line."""

from __future__ import annotations

from singer_sdk import typing as th
from sync_singer.settings import account_fields, common, field_lines, journy_access, writing
from sync_singer.target import EngineTarget, Session

from target_journy.session import JournySession

_CREATE = th.Property(
    "create",
    th.BooleanType,
    default=False,
    title="Create",
    description="Whether a record that isn't known in journy is created there.",
)


_ON_DELETE = th.Property(
    "on_delete",
    th.StringType,
    allowed_values=["ignore", "delete"],
    default="ignore",
    title="On delete",
    description="Whether journy's record is deleted, with all that journy knows of it, when "
    "Pipedrive's is deleted.",
)


class TargetJourny(EngineTarget):
    """Writes persons and organizations to users, accounts and memberships."""

    name = "target-journy"

    config_jsonschema = th.PropertiesList(
        *common("journy.io", "Address of journy's REST API; by default https://api.journy.io."),
        *journy_access(),
        th.Property(
            "persons",
            th.ObjectType(_CREATE, _ON_DELETE, field_lines("the person", "the user", clears=True)),
            title="Persons to users",
            description="Which Pipedrive persons become or update users; the user id of a created "
            "one is the e-mail address.",
        ),
        th.Property(
            "organizations",
            th.ObjectType(
                _CREATE,
                _ON_DELETE,
                *account_fields(),
                field_lines("the organization", "the account", clears=True),
            ),
            title="Organizations to accounts",
            description="Which Pipedrive organizations become or update accounts.",
        ),
        *writing(),
    ).to_dict()

    def open_session(self) -> Session:
        """Check everything that can be checked before the first record."""
        return JournySession(self.config, user_agent=self.user_agent)
