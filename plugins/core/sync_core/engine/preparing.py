"""select: from raw records to items, one per source record, with key and first verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sync_core import times
from sync_core.canonical import canon, is_empty
from sync_core.engine.model import Item, Kind, Outcome, Plan
from sync_core.mapping import simple
from sync_core.text import fold, has_control, length, same_email

#: Marks a record of which only its relation is known, since that has news for it: its id and key.
MEMBER = "__member"
#: Pipedrive's texts end here, by its documentation; an address has 254 characters at most.
LONGEST = 255
_MOST_BITS = 847  # of a number with 255 digits
_MOST_DIGITS = 19  # of an id that some taps write with a decimal point
_DELETED = ("is_deleted", "_sdc_deleted_at")
_NO = frozenset({"false", "f", "no", "n", "0"})


def prepare(plan: Plan, records: Iterable[dict[str, Any]]) -> list[Item]:
    """Make items; of several versions of one record in a batch, the last counts."""
    items = [_item(plan, record) for record in records]
    last = {item.source_id: item for item in items if item.source_id}
    for item in items:
        if item.source_id and last[item.source_id] is not item:
            item.key, item.keys = "", ()
            item.outcome = Outcome(
                Kind.UNCHANGED, "superseded", "a newer version of the record followed"
            )
    return items


def _item(plan: Plan, record: dict[str, Any]) -> Item:
    item = Item(record)
    if MEMBER in record:
        return _known_by_link(item)
    key = record.get(plan.key_column)
    main = simple(key)
    if (malformed := _malformed(plan, record, main)) is not None:
        item.outcome = malformed
        return item
    item.key = _key(plan, main) or _first_text(plan, key)
    item.keys = _keys(plan, key) if isinstance(key, list) else (item.key,) if item.key else ()
    item.further = _further(plan, record) if plan.further else ()
    own_id = _whole(record.get(plan.id_column))
    item.source_id = str(own_id) if isinstance(own_id, (str, int)) and own_id != "" else item.key
    if not item.key and item.source_id and item.further:
        item.key = "=".join(item.further[0])
    item.updated = times.comparable(record.get(plan.updated_column or ""))
    item.outcome = _first_verdict(plan, item)
    return item


def _known_by_link(item: Item) -> Item:
    """An item of which the ledger knows the rest; it was in its segments when it last came by."""
    item.source_id, item.key = item.record[MEMBER]["id"], item.record[MEMBER]["key"]
    item.keys = (item.key,)
    return item


def _malformed(plan: Plan, record: Mapping[str, Any], main: Any) -> Outcome | None:
    """Refuse an id or key that no service can hold, naming its field."""
    own = (plan.id_column, simple(record.get(plan.id_column)))
    further = [(key.column, key.read(record)) for key in plan.further]
    for column, value in (own, (plan.key_column, main), *further):
        if flaw := impossible(value):
            return Outcome(Kind.REJECTED, "malformed", f"{column}: {flaw}; correct it")
    return None


def impossible(value: Any) -> str:
    """Why a value can't be the id or key of a record, as a part of a sentence; empty if it can."""
    if not isinstance(value, str):
        too_large = isinstance(value, int) and value.bit_length() > _MOST_BITS
        return f"has more than {LONGEST} digits" if too_large else ""
    if len(value) <= LONGEST and value.isascii() and value.isprintable():  # nearly all are
        return ""
    plain = value.strip()
    if has_control(plain):
        return "holds a control character or half of one"
    return f"is longer than {LONGEST} characters" if length(plain) > LONGEST else ""


def _whole(value: Any) -> Any:
    """An id that a tap wrote with a decimal point, 12.0, as the number that it is."""
    if not isinstance(value, Decimal) or not 0 <= value.adjusted() < _MOST_DIGITS:
        return value
    return int(value) if value == value.to_integral_value() else value


def _key(plan: Plan, value: Any) -> str:
    if isinstance(value, (float, Decimal)) and not plan.casefold_key:
        value = canon(value)  # a field of numbers may give 7 as 7.0
    if isinstance(value, bool) or not isinstance(value, (str, int)) or impossible(value):
        return ""
    text = str(value).strip()
    return same_email(text) if plan.casefold_key else text


def _first_text(plan: Plan, value: Any) -> str:
    """The key that a list of texts is known by."""
    texts = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    return next((key for each in texts if (key := _key(plan, each))), "")


def _keys(plan: Plan, value: Any) -> tuple[str, ...]:
    """Every key that a contact list holds; a person answers to each of their addresses."""
    entries = value if isinstance(value, list) else [value]
    return tuple(key for entry in entries if (key := _key(plan, simple(entry))))


def _further(plan: Plan, record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((key.field, text) for key in plan.further for text in key.normal(key.read(record)))


def _first_verdict(plan: Plan, item: Item) -> Outcome | None:
    if not item.source_id and plan.id_column != plan.key_column:
        return Outcome(
            Kind.REJECTED,
            "malformed",
            f"the record has neither {plan.id_column} nor {plan.key_column}; "
            "one of them is needed to know it again",
        )
    if is_deleted(item.record):
        return Outcome(Kind.SKIPPED, "deleted", "the record is deleted at its origin")
    if not item.key:
        return Outcome(
            Kind.SKIPPED, "no_match_key", f"the {plan.noun} has no {plan.key_label} to match by"
        )
    if plan.segments and not any(map(plan.segments.have, _segments(item.record))):
        return Outcome(Kind.SKIPPED, "not_in_segment", "the record is in none of the segments")
    return None


def is_deleted(record: Mapping[str, Any]) -> bool:
    """Whether a record says that it was deleted at its origin."""
    for name in _DELETED:
        value = record.get(name)
        if value and not is_empty(value) and not _says_no(value):
            return True
    return False


def _says_no(value: Any) -> bool:
    """Whether a text denies, as taps of files and tables without flags write it."""
    return isinstance(value, str) and fold(value) in _NO


def _segments(record: Mapping[str, Any]) -> list[Any]:
    segments = record.get("segments")
    return segments if isinstance(segments, list) else []
