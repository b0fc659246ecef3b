"""One occurrence of a signal, as it is kept until its activity is certain."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

import msgspec

from sync_core.actions.moments import before
from sync_core.engine import Outcome
from sync_core.ledger import OutcomeRow
from sync_core.ledger.writing import Retry

#: What the sync log calls the records that actions make; the text names the action.
ENTITY = "actions"
#: Clocks of one service may differ by so much.
_MARGIN = timedelta(minutes=1)


@dataclass
class Firing:
    """One occurrence of a signal.

    Attributes:
        action: The action's name.
        record: The source record's own id.
        key: Its match key, for the log.
        remote_id: The record in Pipedrive.
        values: Placeholder -> text, as it was when the signal fired.
        fired: When that was, by Pipedrive's clock.
        since: An activity made since then may be this one's; empty: there can't be one.
        sent: When it may have been sent without an answer, by Pipedrive's clock; empty if it
            certainly wasn't.
        entity: What the action watched then, `user` or `account`.
        is_first: Whether its record was made just then, so that it can't have an activity.
        others: Activities of its record that are known to be another occurrence's.
    """

    action: str
    record: str
    key: str
    remote_id: str
    values: dict[str, str] = field(default_factory=dict)
    fired: str = ""
    since: str = ""
    sent: str = ""
    entity: str = ""
    is_first: bool = False
    others: list[str] = field(default_factory=list)

    @property
    def stream(self) -> str:
        """Where it is kept for another try."""
        return kept_under(self.action)

    @property
    def id(self) -> str:
        """Its name there: a record may fire again before the first time is dealt with."""
        return f"{self.fired} {self.record}"

    @property
    def is_planned(self) -> bool:
        """Whether its record isn't there yet, since a dry run makes none."""
        return not self.remote_id

    def kept(self, reason: str) -> Retry:
        """The form in which the ledger keeps it."""
        payload = msgspec.json.encode(self).decode()
        return Retry(self.stream, self.id, payload, reason)

    def lost(self, clock: str, now: str) -> Firing:
        """The same, as it stands when it may have been sent.

        Args:
            clock: A moment before that, by Pipedrive's clock.
            now: That moment itself, likewise.
        """
        return replace(self, sent=now, since=self.since or before(clock, _MARGIN))

    def row(self, outcome: Outcome) -> OutcomeRow:
        """A line of the sync log."""
        return OutcomeRow(
            entity=ENTITY,
            outcome=outcome.kind.value,
            reason=outcome.reason,
            text=self.said(outcome),
            key=self.key,
            pipedrive_id=self.remote_id,
            journy_id=self.record,
        )

    def said(self, outcome: Outcome) -> str:
        """The outcome as a sentence, without personal data."""
        return f"{self.action}: {outcome.text}"


def kept_under(action: str) -> str:
    """The ledger's name for what an action keeps for another try."""
    return f"{ENTITY}/{action}"


def restored(payload: str, now: str) -> Firing:
    """A kept firing; one that seems to be sent later than now counts as sent now.

    Args:
        payload: What was kept.
        now: The time by Pipedrive's clock.
    """
    firing = msgspec.json.decode(payload, type=Firing)
    firing.sent = min(firing.sent, now)
    return firing


def counted(outcome: Outcome) -> Counter[tuple[str, str, str]]:
    """One action's outcome, as a run counts it."""
    return Counter({(ENTITY, outcome.kind.value, outcome.reason): 1})
