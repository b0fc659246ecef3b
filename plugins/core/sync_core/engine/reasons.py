"""Every reason code with its meaning, for whoever reads the log.

What needs a person says what to do: until then a rejected record isn't sent again by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from sync_core.engine.model import Kind

#: Reason code -> (the outcomes it comes with, what it means and what follows).
REASONS: Mapping[str, tuple[tuple[Kind, ...], str]] = {
    "created": ((Kind.CREATED,), "The record was made."),
    "updated": ((Kind.UPDATED,), "What differed was written; the log names the fields."),
    "some_fields_rejected": (
        (Kind.CREATED, Kind.UPDATED),
        "Written, or planned by a dry run, without the fields that the text names with the reason.",
    ),
    "planned": ((Kind.CREATED, Kind.UPDATED), "A dry run would have written this."),
    "no_difference": ((Kind.UNCHANGED,), "Everything mapped says the same already."),
    "already_there": (
        (Kind.UNCHANGED,),
        "An action's activity was looked for and is there: nothing is sent twice.",
    ),
    "conflict": (
        (Kind.UNCHANGED,),
        "Both sides differ by their own doing, and the destination wins by the conflict rule.",
    ),
    "stale": (
        (Kind.UNCHANGED,),
        "Read from before our own last write; a newer version is certain to come.",
    ),
    "superseded": ((Kind.UNCHANGED,), "A newer version of the record came in the same batch."),
    "no_match": ((Kind.SKIPPED,), "Not known at the destination, and creating is off."),
    "no_match_key": (
        (Kind.SKIPPED,),
        "It has no e-mail address, account id or other key to match by. Fill it in at its origin.",
    ),
    "not_in_segment": ((Kind.SKIPPED,), "It is in none of the segments chosen in `segments`."),
    "left_segment": (
        (Kind.SKIPPED,),
        "It was in a segment chosen in `segments` before, and is in none now; it stays as it is.",
    ),
    "deleted": ((Kind.SKIPPED,), "Deleted at its origin; nothing is done here."),
    "removed": (
        (Kind.UPDATED,),
        "Deleted at its origin, and by `on_delete` deleted or archived here.",
    ),
    "reenter_after": (
        (Kind.SKIPPED,),
        "An action fired for the record within its `reenter_after`, and keeps quiet.",
    ),
    "several_matches": (
        (Kind.REJECTED,),
        (
            "More than one record matches; the text names all ids. Merge them or correct one: "
            "within a day it is looked for again, at once after `connector retry`."
        ),
    ),
    "duplicate_key": (
        (Kind.REJECTED,),
        (
            "Another source record has the same key. Merge them or correct one: whoever has it "
            "alone by then is sent again by itself from Pipedrive, else by `connector retry`. Of "
            "one in Pipedrive that is gone where nothing tells of it, `connector forget` does."
        ),
    ),
    "already_linked": (
        (Kind.REJECTED,),
        (
            "It matches a record that is another source record's already. Merge the two or take "
            "the shared key off one, then `connector retry`."
        ),
    ),
    "left_behind": (
        (Kind.REJECTED,),
        "Its record is another one's by now; none is made anew unless `connector retry` asks.",
    ),
    "incomplete": (
        (Kind.REJECTED,),
        (
            "It lacks what a new record needs, such as a name, or a key that finds it again; the "
            "text says what. Fill it in at its origin, or map it."
        ),
    ),
    "bad_value": (
        (Kind.REJECTED,),
        (
            "None of the values that differ fits its field; the text says why of each. Correct "
            "them at their origin, or the line that maps them."
        ),
    ),
    "malformed": (
        (Kind.REJECTED,),
        (
            "It has no identifier, or one that no service can hold; the text names the field. "
            "Correct it at its origin."
        ),
    ),
    "refused": (
        (Kind.REJECTED,),
        (
            "The service refused it; its own words are in the text, or in that of the run that "
            "sent it. Correct what they name: a changed record is sent by itself; what you mend in "
            "the service alone isn't seen, so let `connector retry` send it then."
        ),
    ),
    "forbidden": (
        (Kind.REJECTED,),
        (
            "The credential may not read or write this record. Let its user see and edit the "
            "record, or take another's, then `connector retry`. A write is tried again by itself a "
            "day later, where the record comes again."
        ),
    ),
    "given_up": (
        (Kind.REJECTED,),
        "It failed `retry_limit` times. `connector retry`, or its next change, sends it again.",
    ),
    "answer_lost": (
        (Kind.DEFERRED,),
        "A create got no answer; it is looked up before it is sent again.",
    ),
    "unavailable": ((Kind.DEFERRED,), "The service failed; the next run tries again."),
    "budget_spent": (
        (Kind.DEFERRED,),
        "The run's share of the daily tokens is spent; the next run goes on with it.",
    ),
    "rate_limited": ((Kind.DEFERRED,), "The burst limit stayed; the next run tries again."),
    "not_reached": (
        (Kind.DEFERRED,),
        "The run ended before an action's activity was sent; the next run sends it.",
    ),
    "gone": ((Kind.DEFERRED,), "It vanished between reading and writing; matched anew next time."),
}


def table() -> str:
    """The codes as a Markdown table."""
    rows = (
        f"| `{code}` | {', '.join(kind.value for kind in kinds)} | {meaning} |\n"
        for code, (kinds, meaning) in REASONS.items()
    )
    return "| Reason | Outcome | Meaning |\n|---|---|---|\n" + "".join(rows)
