"""Switches for what is undocumented of how records, fields and searches read."""

from __future__ import annotations

from sync_sandbox.switches import Switch

READING: tuple[Switch, ...] = (
    Switch(
        "pipedrive.lists_include_deleted",
        "never",
        ("never", "with_updated_since", "always"),
        "Whether lists of persons, organizations and activities return softly deleted rows.",
    ),
    Switch(
        "pipedrive.updated_since_keeps_null",
        False,
        bool,
        "Whether lists with updated_since or updated_until return rows that have no update_time.",
    ),
    Switch(
        "pipedrive.item_search_field_emails",
        "empty",
        ("empty", "find", "refuse"),
        "What itemSearch/field does with field=email (and phone) of persons.",
    ),
    Switch(
        "pipedrive.item_search_field_other_types",
        "refuse",
        ("refuse", "empty"),
        "What itemSearch/field does with a field whose type is not searchable.",
    ),
    Switch(
        "pipedrive.person_without_email",
        "empty_list",
        ("empty_list", "blank_entry"),
        "How a person without an e-mail reads: [] or one blank entry, as v1 gave.",
    ),
    Switch(
        "pipedrive.system_field_codes",
        "spec",
        ("spec", "entity"),
        "Whether the person fields are called email and phone, as the field examples say, or "
        "emails and phones, as on the record.",
    ),
    Switch(
        "pipedrive.is_writable_flag",
        False,
        bool,
        "Whether field definitions carry is_writable, which one report of September 2026 saw.",
    ),
    Switch(
        "pipedrive.list_lag_seconds",
        0.0,
        float,
        "How long a write stays out of lists with updated_since or updated_until.",
    ),
    Switch(
        "pipedrive.search_lag_seconds",
        0.0,
        float,
        "How long a new or changed record stays out of searches.",
    ),
    Switch(
        "pipedrive.unset_custom_fields",
        "null",
        ("null", "absent"),
        "How a custom field without a value reads: null, as seen live, or left out, as in the "
        "vendor's example.",
    ),
    Switch(
        "pipedrive.last_page",
        "null",
        ("null", "absent"),
        "How the last page of a list says so: next_cursor null, or no additional_data.",
    ),
    Switch(
        "pipedrive.milliseconds",
        False,
        bool,
        "Whether the times of records read with milliseconds, as in the migration guide.",
    ),
    Switch(
        "pipedrive.activity_times",
        "as_written",
        ("as_written", "seconds"),
        "How due_time and duration read: as they were written, or always as HH:MM:SS.",
    ),
    Switch(
        "pipedrive.deleted_by_id",
        "record",
        ("record", "missing"),
        "Whether GET by id gives a deleted record; that it does was seen for persons only, "
        "which always do.",
    ),
)
