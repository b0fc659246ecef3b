"""The target: settings and command line."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th
from sync_singer.settings import account_fields, common, field_lines, pipedrive_access, writing
from sync_singer.target import EngineTarget, Session

from target_pipedrive.actions import SETTING
from target_pipedrive.session import PipedriveSession

_SEGMENTS = th.Property(
    "segments",
    th.ArrayType(th.StringType),
    title="Segments",
    description="Names or ids of segments; a record must be in one. None named: everyone.",
)
_CREATE = th.Property(
    "create",
    th.BooleanType,
    default=False,
    title="Create",
    description="Whether a record that isn't in Pipedrive is created there.",
)


_ON_DELETE: th.Property[Any] = th.Property(
    "on_delete",
    th.CustomType({"type": ["string", "object", "null"]}),
    default="ignore",
    title="On delete",
    description="What happens to the Pipedrive record when the source's is deleted: ignore, "
    "delete, or {field, value}: the value is written into the field.",
)


_MATCH = th.Property(
    "match",
    th.ArrayType(
        th.ObjectType(
            th.Property("from", th.StringType, required=True, description="Field of the stream."),
            th.Property("to", th.StringType, required=True, description="Pipedrive's field."),
        )
    ),
    title="Further match keys",
    description="Keys that may find a record where the first one doesn't, in their order; they "
    "never create one.",
)


class TargetPipedrive(EngineTarget):
    """Writes users and accounts to persons and organizations, and any other stream."""

    name = "target-pipedrive"

    config_jsonschema = th.PropertiesList(
        *common(
            "Pipedrive",
            "Address up to where /api/v2 and /v1 begin; by default that of the company domain, "
            "or https://api.pipedrive.com.",
        ),
        *pipedrive_access(),
        th.Property(
            "owner",
            th.CustomType({"type": ["string", "integer", "null"]}),
            title="Owner",
            description="E-mail address or id of the Pipedrive user who owns what is created.",
        ),
        th.Property(
            "users",
            th.ObjectType(
                _SEGMENTS,
                _MATCH,
                _CREATE,
                _ON_DELETE,
                field_lines("the user", "the person", typed=True),
            ),
            title="Users to persons",
            description="Which journy users update which fields of persons, matched by e-mail.",
        ),
        th.Property(
            "accounts",
            th.ObjectType(
                _SEGMENTS,
                _MATCH,
                _CREATE,
                _ON_DELETE,
                *account_fields(),
                field_lines("the account", "the organization", typed=True),
            ),
            title="Accounts to organizations",
            description="Which journy accounts update which fields of organizations, matched by "
            "the account-ID field.",
        ),
        th.Property(
            "streams",
            th.ObjectType(additional_properties=True),
            title="Other streams",
            description="Streams of any other tap, by name: {entity: person, organization, deal, "
            "lead, activity or note, match: field or {from, to}, id: field with the record's own "
            "key where the match key may change, create, on_delete, fields}.",
        ),
        SETTING,
        th.Property(
            "create_missing_fields",
            th.BooleanType,
            default=False,
            title="Create missing fields",
            description="Whether a field that a mapping names and Pipedrive lacks is created, of a "
            "type that fits its source. That takes an admin's token, or the scope "
            "contact-fields:full.",
        ),
        th.Property(
            "create_missing_options",
            th.BooleanType,
            default=False,
            title="Create missing options",
            description="Whether a value that is no option of its field yet becomes one, at most "
            "100 in each field and run; without it the value is refused.",
        ),
        *writing(),
    ).to_dict()

    def open_session(self) -> Session:
        """Check everything that can be checked before the first record."""
        return PipedriveSession(self.config, user_agent=self.user_agent)
