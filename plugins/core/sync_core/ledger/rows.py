"""What the ledger's rows are to those who use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sync_core import times

Pair = tuple[str, str]


@dataclass
class Link:
    """That a Pipedrive record and a journy record are the same person or company.

    Attributes:
        kind: user, account, or a mapped stream's name.
        key: The match key: an e-mail in lower case, or an account id.
        pipedrive_id: Empty while the record isn't known in Pipedrive.
        journy_id: Empty while the record isn't known in journy.
        pipedrive_updated: `update_time` that Pipedrive gave to our last write.
        stamp: Fingerprint of the Pipedrive record that holds exactly the agreed values; empty where
            no such record was seen.
        agreed: (Pipedrive field, other field) -> what both sides last agreed on.
        id: The ledger's own number; None before it is stored.
        changed: Whether it differs from what is stored.
        stored_key: The key under which it is stored.
        stored: The agreed values that are stored.
    """

    kind: str
    key: str
    pipedrive_id: str = ""
    journy_id: str = ""
    pipedrive_updated: str = ""
    stamp: str = ""
    agreed: dict[Pair, Agreed] = field(default_factory=dict)
    id: int | None = None
    changed: bool = False
    stored_key: str = ""
    stored: Mapping[Pair, Agreed] = field(default_factory=dict)

    def rename(self, key: str) -> None:
        """Follow a changed match key."""
        self.changed |= self.key != key
        self.key = key

    def place(self, side: str, record_id: str) -> None:
        """Set the id on one side."""
        self.changed |= self.on(side) != record_id
        if side == "pipedrive" and record_id != self.pipedrive_id:
            self.vouch("")
        setattr(self, f"{side}_id", record_id)

    def agree(self, pair: Pair, value: Agreed) -> None:
        """Note what both sides now agree on; a record seen before doesn't vouch for new values."""
        known = self.agreed.get(pair)
        if known != value:
            self.agreed[pair] = value
            self.changed = True
        if known is None or known.pipedrive != value.pipedrive:
            self.vouch("")

    def vouch(self, stamp: str) -> None:
        """Note the fingerprint of a Pipedrive record that holds exactly the agreed values."""
        self.changed |= self.stamp != stamp
        self.stamp = stamp

    def on(self, side: str) -> str:
        """The id on one side, `pipedrive` or `journy`."""
        return self.pipedrive_id if side == "pipedrive" else self.journy_id


@dataclass(frozen=True)
class Agreed:
    """Digests of one field's values on both sides when they last agreed.

    Attributes:
        pipedrive: Digest of the value in Pipedrive.
        other: Digest of the value in journy, or in another source.
        other_written: When we wrote it there, by that service's clock; empty if we didn't.
    """

    pipedrive: str
    other: str
    other_written: str = ""


@dataclass(frozen=True)
class Kept:
    """A record kept for another try: its JSON text, why, and when it was last tried."""

    payload: str
    reason: str
    last: str


@dataclass(frozen=True)
class Retry:
    """A record to be kept for another try.

    Attributes:
        stream: The record's stream.
        source_id: Its own id there.
        payload: The record as JSON text.
        reason: Why it is kept.
        last: When it was last tried; now, if empty.
        tried: Whether it was, or is only kept on.
        parked: Whether it waits for a person: no run tries it by itself.
    """

    stream: str
    source_id: str
    payload: str
    reason: str
    last: str = ""
    tried: bool = True
    parked: bool = False


@dataclass(frozen=True)
class OutcomeRow:
    """One line of the sync log; `milliseconds` is how long its write took, waits included."""

    entity: str
    outcome: str
    reason: str
    text: str = ""
    key: str = ""
    pipedrive_id: str = ""
    journy_id: str = ""
    fields: tuple[str, ...] = ()
    milliseconds: int | None = None


@dataclass(frozen=True)
class Sample:
    """One field of a record that a dry run would have written.

    Attributes:
        entity: The stream.
        outcome: created or updated.
        key: The record's match key.
        pipedrive_id: Its id in Pipedrive; empty if it has none.
        journy_id: Its id in journy; empty if it has none.
        field: The destination field's label.
        before: The value that is there; None where the destination can't be read.
        after: The value that would be written.
    """

    entity: str
    outcome: str
    key: str
    pipedrive_id: str
    journy_id: str
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class RunRow:
    """One run as reports show it.

    Attributes:
        run: Its id.
        connection: The connection's name.
        direction: `pipedrive-to-journy` or `journy-to-pipedrive`.
        started: When it began.
        ended: When it ended; None while it runs, or if it was killed.
        status: running, completed, failed, or abandoned by a process that died.
        error: What ended it early.
        dry_run: Whether it was one.
        calls: Calls to the destination.
        tokens: What those cost of Pipedrive's daily tokens.
        counts: Stream -> outcome -> records.
        reasons: Records by stream, outcome and reason.
        daily_at_start: The company's daily tokens when it began; None where Pipedrive didn't say.
        daily_left: Those that were left at its end.
        daily_share: Those that it was allowed to spend.
        planned_calls: Calls that the writes of a dry run would have taken.
        planned_tokens: Tokens that they would have cost.
        estimate: What it was expected to cost, as JSON.
        bill: What it did cost, as JSON.
    """

    run: str
    connection: str
    direction: str
    started: str
    ended: str | None
    status: str
    error: str | None
    dry_run: bool
    calls: int
    tokens: int
    counts: Mapping[str, Mapping[str, int]]
    reasons: Sequence[Mapping[str, Any]]
    daily_at_start: int | None = None
    daily_left: int | None = None
    daily_share: int | None = None
    planned_calls: int | None = None
    planned_tokens: int | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it isn't over."""
        if self.ended is None:
            return None
        return times.between(self.started, self.ended)

    @classmethod
    def of(cls, row: Mapping[str, Any], reasons: Sequence[Mapping[str, Any]]) -> RunRow:
        """A stored run with what it counted, added up by stream and outcome."""
        by_entity: dict[str, dict[str, int]] = {}
        for each in reasons:
            outcomes = by_entity.setdefault(each["entity"], {})
            outcomes[each["outcome"]] = outcomes.get(each["outcome"], 0) + each["count"]
        made = {"run", "counts", "reasons"}
        about = {each.name: row[each.name] for each in fields(cls) if each.name not in made}
        return cls(run=row["id"], counts=by_entity, reasons=reasons, **about)

    estimate: str | None = None
    bill: str | None = None
