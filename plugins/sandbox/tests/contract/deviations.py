"""Where the sandbox's answers are not what the vendor's OpenAPI files say, each with its reason.

A deviation is a kind and a place, below `data` or the rows of it: `null org_id`, `unknown outcome`,
`value field_type`, or another JSON type than the schema's, such as `str item.code`.
"""

from __future__ import annotations

EMPTY = "the files mark next to nothing as nullable; without a value it is null"
UNDOCUMENTED_END = "the end of a list, by the vendor's page on pagination"
PART = "parts that are not sent become null, by the vendor's guide"
EXAMPLE = "in the file's own example, missing in its schema"
SDK = "in the vendor's newer SDK, not yet in the file"
FORGOTTEN = "the schema has the other pins"
OTHER_FIELDS = "the schemas of the other v1 field lists have it"
WIDER = "the list of types holds those that can be created; built-in fields have others"
NARROW = "the entity's own schema says otherwise: {}"

ADDRESSES = ("address", "location", "postal_address")
PARTS = (
    "admin_area_level_1",
    "admin_area_level_2",
    "locality",
    "postal_code",
    "route",
    "street_number",
    "sublocality",
    "subpremise",
)
NULLS = (
    # links that a record need not have
    "activity_id",
    "created_by_user_id",
    "deal",
    "deal_id",
    "deal_name",
    "last_update_user_id",
    "last_updated_by_user_id",
    "lead_id",
    "lead_name",
    "mail_message_id",
    "mail_template_id",
    "org_id",
    "org_name",
    "organization",
    "person_id",
    "picture_id",
    "product_id",
    "product_name",
    "project",
    "project_id",
    "project_name",
    "task",
    "task_id",
    # values that need not be there
    "address",
    "birthday",
    "code",
    "color",
    "conference_meeting_client",
    "conference_meeting_id",
    "conference_meeting_url",
    "description",
    "due_date",
    "due_time",
    "duration",
    "expected_close_date",
    "items[].item.address",
    "items[].item.code",
    "items[].item.organization",
    "job_title",
    "last_name",
    "location",
    "lost_time",
    "marked_as_done_time",
    "note",
    "notes",
    "options",
    "postal_address",
    "priority",
    "public_description",
    "user.icon_url",
    "won_time",
)
DEAL_TIMES = (
    "archive_time",
    "creator_user_id",
    "local_close_date",
    "local_lost_date",
    "local_won_date",
)
FLAGS = (
    "add_time",
    "add_visible_flag",
    "created_by_user_id",
    "details_visible_flag",
    "filtering_allowed",
    "important_flag",
    "index_visible_flag",
    "is_subfield",
    "last_updated_by_user_id",
    "order_nr",
    "searchable_flag",
    "sortable_flag",
    "update_time",
)
DEVIATIONS = {
    "null additional_data.next_cursor": UNDOCUMENTED_END,
    **{f"null {name}": EMPTY for name in NULLS},
    **{f"null {address}.{part}": PART for address in ADDRESSES for part in PARTS},
    **{f"unknown {name}": EXAMPLE for name in DEAL_TIMES},
    **{f"unknown {name}": OTHER_FIELDS for name in FLAGS},
    "unknown additional_data.pagination": "nested in the file's example, flat in its schema",
    "unknown description": EXAMPLE,
    "unknown id": EXAMPLE,
    "unknown name": EXAMPLE,
    "unknown items[].item.organization.address": EXAMPLE,
    "unknown outcome": SDK,
    "unknown project_name": "in the schema of the files' own list",
    "unknown pinned_to_lead_flag": FORGOTTEN,
    "value field_type": WIDER,
    "float items[].item.value": NARROW.format("a deal's value is a number, not a whole one"),
    "str items[].item.code": NARROW.format("a product's code is a text"),
}
