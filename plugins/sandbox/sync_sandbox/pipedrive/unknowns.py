"""Switches for what is undocumented; the default is the strict or the usual reading."""

from __future__ import annotations

from sync_sandbox.pipedrive.unknowns_reading import READING
from sync_sandbox.switches import Switch

SWITCHES: tuple[Switch, ...] = (
    *READING,
    Switch(
        "pipedrive.patch_lists",
        "replace",
        ("replace", "merge"),
        "Whether PATCH of emails or phones replaces the list or adds to it.",
    ),
    Switch(
        "pipedrive.patch_custom_fields",
        "merge",
        ("merge", "replace"),
        "Whether PATCH of custom_fields keeps the keys that are not sent or clears them.",
    ),
    Switch(
        "pipedrive.noop_patch_touches",
        True,
        bool,
        "Whether a PATCH that changes nothing still moves update_time.",
    ),
    Switch(
        "pipedrive.delete_touches",
        True,
        bool,
        "Whether deleting moves update_time; for an activity it once did not.",
    ),
    Switch(
        "pipedrive.errors_cost_tokens",
        True,
        bool,
        "Whether a request answered with 4xx costs its tokens (401, 429 and unknown paths "
        "never do).",
    ),
    Switch(
        "pipedrive.refused_field",
        "text",
        ("text", "beside"),
        "Where a refusal names a custom field: also in its text, or only in field_code beside it.",
    ),
    Switch(
        "pipedrive.search_in_burst_window",
        True,
        bool,
        "Whether searches also count in the general 2-second window.",
    ),
    Switch(
        "pipedrive.limit_over_maximum",
        "refuse",
        ("refuse", "clamp"),
        "What a limit above the maximum does.",
    ),
    Switch(
        "pipedrive.unknown_parameters",
        "refuse",
        ("refuse", "ignore"),
        "What a query parameter that the vendor's files don't list does. A published tap sends "
        "some in production, so v1 at least seems to pass over them.",
    ),
    Switch(
        "pipedrive.out_of_support_v1",
        "gone",
        ("gone", "serve"),
        "Whether GET /v1/deals/{id}/products still answers, which is out of support since August "
        "2026; the other paths that are out of support are gone.",
    ),
    Switch(
        "pipedrive.query_api_token",
        "refuse",
        ("refuse", "accept"),
        "Whether an API token in the query (?api_token=) is a credential; sources disagree.",
    ),
    Switch(
        "pipedrive.name_with_parts",
        "refuse",
        ("refuse", "name_wins", "parts_win"),
        "What a person body with name and first_name or last_name does.",
    ),
    Switch(
        "pipedrive.name_split",
        "first_word",
        ("first_word", "last_word"),
        "Where a person's name of several words is split: after its first word or before its last.",
    ),
    Switch(
        "pipedrive.monetary_bare_number",
        "refuse",
        ("refuse", "accept"),
        "Whether a monetary field takes a bare number in the default currency.",
    ),
    Switch(
        "pipedrive.set_null",
        "accept",
        ("accept", "refuse"),
        "Whether null clears a multiple-option field; in March 2026 it was refused.",
    ),
    Switch(
        "pipedrive.empty_string",
        "null",
        ("null", "keep", "refuse"),
        "What an empty text in a custom field does.",
    ),
    Switch(
        "pipedrive.inactive_owner",
        "refuse",
        ("refuse", "accept"),
        "Whether a deactivated user can be given as owner_id.",
    ),
    Switch(
        "pipedrive.contact_sync",
        False,
        bool,
        "Whether the company has Contact Sync: postal_address, notes, im, birthday, job_title.",
    ),
    Switch(
        "pipedrive.marketing_app",
        False,
        bool,
        "Whether the company has the marketing app: marketing_status, doi_status.",
    ),
    Switch(
        "pipedrive.unknown_activity_type",
        "refuse",
        ("refuse", "accept"),
        "What an activity type that does not exist does.",
    ),
    Switch(
        "pipedrive.activity_minimum",
        "subject",
        ("subject", "nothing"),
        "What a new activity needs: its subject, or nothing (subject and type default to "
        "Call, as in v1).",
    ),
    Switch(
        "pipedrive.note_html",
        "kept",
        ("kept", "sanitised"),
        "What becomes of the HTML of notes, also those of activities: the vendor's files say that "
        "it is cleaned, not how.",
    ),
    Switch(
        "pipedrive.duration_with_seconds",
        "refuse",
        ("refuse", "accept"),
        "Whether due_time and duration may be written as HH:MM:SS.",
    ),
    Switch(
        "pipedrive.daily_headers",
        True,
        bool,
        "Whether answers carry x-daily-ratelimit-token-limit and -remaining; staff say that "
        "they may be missing.",
    ),
    Switch(
        "pipedrive.retry_after_header",
        False,
        bool,
        "Whether a 429 carries Retry-After.",
    ),
    Switch(
        "pipedrive.block_after_429",
        30,
        int,
        "After how many 429s within 10 seconds an API token is blocked with an HTML page for a "
        "minute; 0 never blocks.",
    ),
    Switch(
        "pipedrive.oauth_redirect_uri",
        "",
        str,
        "The app's registered callback; empty takes any address on this machine.",
    ),
    Switch(
        "pipedrive.oauth_scopes",
        "base contacts:full activities:full deals:full leads:full products:full users:read "
        "search:read recents:read contact-fields:full deal-fields:full admin",
        str,
        "The scopes that the app is registered with; a consent grants them all.",
    ),
)
