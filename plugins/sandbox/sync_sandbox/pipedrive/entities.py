"""The entities as data: what a body may hold, what is read-only, how lists filter and sort."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

COUNTERS = (
    "open_deals_count",
    "related_open_deals_count",
    "closed_deals_count",
    "related_closed_deals_count",
    "email_messages_count",
    "activities_count",
    "done_activities_count",
    "undone_activities_count",
    "files_count",
    "notes_count",
    "followers_count",
    "won_deals_count",
    "related_won_deals_count",
    "lost_deals_count",
    "related_lost_deals_count",
)


@dataclass(frozen=True)
class Entity:
    """One kind of record.

    Attributes:
        name: singular, as in searches.
        path: plural, as in paths.
        body: writable fields and the kind of each, see `kinds`.
        read_only: fields that a body must not hold.
        blank: the row that a new record starts from, in the order of the answer.
        required: fields that a new record needs; persons and activities have rules of their own.
        create_only: writable by POST alone.
        gated: writable only when a switch is on.
        sort: fields that `sort_by` takes.
        filters: list parameters that compare with a field: parameter -> field.
        include: what `include_fields` takes.
        fields_path: where the field definitions are; None where there are none.
    """

    name: str
    path: str
    body: dict[str, str]
    read_only: frozenset[str]
    blank: dict[str, Any]
    required: tuple[str, ...] = ()
    create_only: frozenset[str] = frozenset()
    gated: dict[str, str] = field(default_factory=dict)
    sort: tuple[str, ...] = ("id", "update_time", "add_time")
    filters: dict[str, str] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    fields_path: str | None = None
    title: str = "name"

    @property
    def custom(self) -> bool:
        """Whether records have custom fields."""
        return "custom_fields" in self.body


PERSON = Entity(
    name="person",
    path="persons",
    body={
        "name": "name",
        "first_name": "name_part",
        "last_name": "name_part",
        "owner_id": "user",
        "org_id": "organization",
        "add_time": "datetime",
        "emails": "contacts",
        "phones": "contacts",
        "visible_to": "visible_to",
        "label_ids": "labels",
        "postal_address": "address",
        "notes": "notes",
        "im": "contacts",
        "birthday": "date",
        "job_title": "string",
        "marketing_status": "marketing_status",
        "custom_fields": "custom_fields",
    },
    read_only=frozenset({"id", "update_time", "is_deleted", "picture_id"}),
    blank={
        "id": 0,
        "name": "",
        "first_name": None,
        "last_name": None,
        "owner_id": None,
        "org_id": None,
        "add_time": None,
        "update_time": None,
        "emails": [],
        "phones": [],
        "is_deleted": False,
        "visible_to": 3,
        "label_ids": [],
        "picture_id": None,
        "custom_fields": {},
    },
    create_only=frozenset({"add_time"}),
    gated={
        "postal_address": "pipedrive.contact_sync",
        "notes": "pipedrive.contact_sync",
        "im": "pipedrive.contact_sync",
        "birthday": "pipedrive.contact_sync",
        "job_title": "pipedrive.contact_sync",
        "marketing_status": "pipedrive.marketing_app",
    },
    filters={"owner_id": "owner_id", "org_id": "org_id"},
    include=(
        "next_activity_id",
        "last_activity_id",
        *COUNTERS,
        "participant_open_deals_count",
        "participant_closed_deals_count",
        "last_incoming_mail_time",
        "last_outgoing_mail_time",
        "marketing_status",
        "doi_status",
        "smart_bcc_email",
    ),
    fields_path="personFields",
)

ORGANIZATION = Entity(
    name="organization",
    path="organizations",
    body={
        "name": "name",
        "owner_id": "user",
        "add_time": "datetime",
        "visible_to": "visible_to",
        "label_ids": "labels",
        "address": "address",
        "website": "string_or_null",
        "linkedin": "string_or_null",
        "industry": "integer_or_null",
        "annual_revenue": "integer_or_null",
        "employee_count": "integer_or_null",
        "custom_fields": "custom_fields",
    },
    read_only=frozenset({"id", "update_time", "is_deleted"}),
    blank={
        "id": 0,
        "name": "",
        "owner_id": None,
        "add_time": None,
        "update_time": None,
        "is_deleted": False,
        "visible_to": 3,
        "address": None,
        "label_ids": [],
        "website": None,
        "linkedin": None,
        "industry": None,
        "annual_revenue": None,
        "employee_count": None,
        "custom_fields": {},
    },
    required=("name",),
    create_only=frozenset({"add_time"}),
    filters={"owner_id": "owner_id"},
    include=("next_activity_id", "last_activity_id", *COUNTERS, "people_count", "smart_bcc_email"),
    fields_path="organizationFields",
)

ACTIVITY = Entity(
    name="activity",
    path="activities",
    body={
        "subject": "string",
        "type": "activity_type",
        "owner_id": "user",
        "deal_id": "deal",
        "lead_id": "lead",
        "org_id": "organization",
        "project_id": "integer_or_null",
        "due_date": "date",
        "due_time": "clock_time",
        "duration": "clock_time",
        "busy": "boolean",
        "done": "boolean",
        "location": "address",
        "participants": "participants",
        "attendees": "attendees",
        "public_description": "string_or_null",
        "priority": "priority",
        "note": "string_or_null",
        "outcome": "integer_or_null",
    },
    # person_id is set through participants (vendor's v2 guide), although the OpenAPI file lists it.
    read_only=frozenset(
        {
            "id",
            "creator_user_id",
            "is_deleted",
            "add_time",
            "update_time",
            "person_id",
            "marked_as_done_time",
            "conference_meeting_client",
            "conference_meeting_url",
            "conference_meeting_id",
        }
    ),
    blank={
        "id": 0,
        "subject": "",
        "type": "call",
        "owner_id": None,
        "creator_user_id": None,
        "is_deleted": False,
        "add_time": None,
        "update_time": None,
        "deal_id": None,
        "lead_id": None,
        "person_id": None,
        "org_id": None,
        "project_id": None,
        "due_date": None,
        "due_time": None,
        "duration": None,
        "busy": False,
        "done": False,
        "marked_as_done_time": None,
        "location": None,
        "participants": [],
        "attendees": [],
        "conference_meeting_client": None,
        "conference_meeting_url": None,
        "conference_meeting_id": None,
        "public_description": None,
        "priority": None,
        "note": None,
        "outcome": None,
    },
    sort=("id", "update_time", "add_time", "due_date"),
    filters={
        "owner_id": "owner_id",
        "deal_id": "deal_id",
        "lead_id": "lead_id",
        "person_id": "person_id",
        "org_id": "org_id",
        "done": "done",
    },
    include=("attendees",),
    fields_path="activityFields",
    title="subject",
)

ENTITIES: dict[str, Entity] = {entity.name: entity for entity in (PERSON, ORGANIZATION, ACTIVITY)}
