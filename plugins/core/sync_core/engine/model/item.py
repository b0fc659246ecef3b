"""One record on its way, with what the destination has and says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import UNSET

from sync_core.engine.model.outcome import Outcome
from sync_core.ledger import Link


@dataclass(frozen=True, repr=False)
class Said:
    """The values of one field as the other side would hold them; `UNSET` where nobody knows.

    Attributes:
        before: The destination's before.
        after: The destination's now.
        lost: The source's that gave way to it.
    """

    before: Any
    after: Any
    lost: Any = UNSET


@dataclass
class Item:
    """One record on its way.

    Attributes:
        record: The source record.
        source_id: Its own id there.
        key: The match key that it goes by.
        keys: Every key that it answers to, such as all of a person's e-mails.
        further: (Destination field, text) of the keys that may find it as well, in their order.
        updated: Its time of last change, comparable.
        link: What the ledger remembers of it.
        match: What the destination has for it.
        outcome: What became of it; None while it is on its way.
        rejected_fields: Field label -> why its value was refused.
        conflicts: Field label -> who won, where both sides had changed it.
        former: The link that was the record's until its key became another link's.
        ousted: The record that the link of its key was until this one came with it as well.
        written: The destination's answer.
        kept: Why an earlier run had kept it; empty if none had.
        asked: Whether what is kept of it is to be tried again, by a person's wish for instance.
        given_up: Why it failed, now that it has failed too often.
        intended: Whether its create was noted before it was sent.
        lost_at: When the answer to its create was lost, if it was.
        mark: Mark of its mapped values.
        milliseconds: How long its write took, waits included; None without one.
        said: Field label -> its values, where the ledger keeps values.
        unmet: Whether the other direction knows a record of its key, but found that no counterpart:
            whether that still has the key, and alone, has to be looked up.
        surely: Whether its match has to be certain, though it was another one's before.
        made_up: Whether its record isn't there, but would have been made by this dry run.
    """

    record: dict[str, Any]
    source_id: str = ""
    key: str = ""
    keys: tuple[str, ...] = ()
    further: tuple[tuple[str, str], ...] = ()
    updated: str = ""
    link: Link | None = None
    match: Match | None = None
    outcome: Outcome | None = None
    rejected_fields: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    former: Link | None = None
    ousted: str = ""
    written: Written | None = None
    kept: str = ""
    asked: bool = False
    given_up: str = ""
    lost_at: str = ""
    intended: bool = False
    mark: str = ""
    milliseconds: int | None = None
    said: dict[str, Said] = field(default_factory=dict, repr=False)
    unmet: bool = False
    surely: bool = False
    made_up: bool = False


@dataclass(frozen=True)
class Match:
    """What the destination has for an item.

    Attributes:
        ids: Remote ids that match; none, one, or several.
        current: Field key -> stored value; None where the destination can't be read.
        updated: The remote record's time of last change, where it is known.
        stamp: Fingerprint of the stored values, where they were read.
        as_agreed: Whether the record certainly holds what was last agreed on, so that it wasn't
            read; `current` then has no more than writing needs.
        why: Which keys found which records, where that is why there are several.
        unaffordable: Why it wasn't looked for, where the run may not spend what that costs.
        hidden: Why it can't be told, where a record may not be read.
        note: What a person should know of the match, though it is certain.
        lost_at: When a create that may have made the record got no answer; empty: none is known.
        left: What it was linked with, and is there still; None: there is no such record.
        unsearched: Whether others may match as well, which weren't searched for since the record
            was another one's when it was last seen.
    """

    ids: tuple[str, ...] = ()
    current: Mapping[str, Any] | None = None
    updated: str = ""
    stamp: str = ""
    as_agreed: bool = False
    why: str = ""
    unaffordable: str = ""
    hidden: str = ""
    note: str = ""
    lost_at: str = ""
    left: Match | None = None
    unsearched: bool = False


@dataclass(frozen=True)
class Written:
    """The destination's answer to a write.

    Attributes:
        remote_id: The record's id there.
        updated: Its new time of last change, by the service's own clock.
        rejected: Field key -> why the service didn't take it; the rest was written.
        current: Field key -> stored value after the write, where the answer tells.
        stamp: Fingerprint of those; where the answer doesn't tell, what vouches for the record.
        for_good: Whether what was rejected would be again, as long as nothing changes.
    """

    remote_id: str
    updated: str = ""
    rejected: Mapping[str, str] = field(default_factory=dict)
    current: Mapping[str, Any] | None = None
    stamp: str = ""
    for_good: bool = False
