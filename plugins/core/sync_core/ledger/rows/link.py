"""That two records are the same, and what both sides last agreed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sync_core.ledger.rows import vacant
from sync_core.ledger.rows.agreed import NO_VALUE, Agreed
from sync_core.ledger.values import Both, Pair, Values


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
        steps: Side -> mark of the mapped values with which the record there was last found to
            have nothing to say that isn't agreed on; see `find_in_step`.
        vacant: Lines that nothing was agreed on, since their fields were empty on both sides when
            they were last compared; see `vacate`.
        values: The agreed values as they are; None where the ledger keeps digests alone.
        related: The related record that its lines read, such as a user's account, and the mark of
            what that said when they last did.
        read_row: The row's columns as they were read, or stored by us since; empty: there was none.
            Where they are others by now, another run has stored the link as well.
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
    steps: dict[str, str] = field(default_factory=dict)
    related: tuple[str, str] = ("", "")
    vacant: str = ""
    values: Values | None = None
    read_row: tuple[Any, ...] = ()
    _found: str = field(default="", init=False, repr=False, compare=False)
    _read: Callable[[], None] | None = field(default=None, init=False, repr=False, compare=False)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Read what was agreed on when it is first asked for."""
            if name in ("agreed", "stored") and self._read is not None:
                self._read()
                return object.__getattribute__(self, name)
            raise AttributeError(name)

    def read_later(self, read: Callable[[], None]) -> None:
        """Leave the agreed values unread until they are asked for; then this gives them."""
        del self.agreed, self.stored
        self._read = read

    def take(self, agreed: dict[Pair, Agreed]) -> None:
        """Take the agreed values as they are stored, unless they were taken before."""
        if not self.is_read:
            self.agreed, self.stored = agreed, dict(agreed)
            self._read = None

    @property
    def is_read(self) -> bool:
        """Whether the agreed values were asked for, or are new."""
        return self._read is None

    @property
    def has_moved(self) -> bool:
        """Whether the agreed values differ from what is stored."""
        return self.is_read and self.agreed != self.stored

    def find_in_step(self, side: str, mark: str) -> None:
        """Note that with these values, as they are, a side's record says nothing new.

        It holds until anything else is agreed on, or the key or one of the ids changes.
        """
        if self.lasting_steps.get(side) == mark:
            return
        self.steps = {**self.lasting_steps, side: mark}
        self.changed = True
        self._found = side

    @property
    def lasting_steps(self) -> dict[str, str]:
        """The marks that still hold; what was agreed on since leaves the one found after it."""
        if not self.has_moved:
            return self.steps
        return {side: mark for side, mark in self.steps.items() if side == self._found}

    def rename(self, key: str) -> None:
        """Follow a changed match key."""
        if self.key != key:
            self.changed = True
            self.steps.clear()
        self.key = key

    def place(self, side: str, record_id: str) -> None:
        """Set the id on one side."""
        before = self.on(side)
        if before == record_id:
            return
        self.changed = True
        self.steps.clear()
        if not before:
            self.agreed.pop(_left(side), None)
            self.agreed.pop(_aside(side), None)
        if side == "pipedrive":
            self.vouch("")
            self.pipedrive_updated = ""
        setattr(self, f"{side}_id", record_id)

    def leave(self, side: str) -> None:
        """Let the record on one side go, which is another link's now; that is remembered."""
        if left := self.on(side):
            self.place(side, "")
            self.agree(_left(side), Agreed(left, left))

    def left_by(self, side: str) -> str:
        """The record on one side that is another link's now; empty where there is none."""
        left = self.agreed.get(_left(side))
        return left.other if left else ""

    def put_aside(self, side: str) -> None:
        """Let the record on one side go until it is clear whose the key is; it is remembered."""
        if aside := self.on(side):
            self.place(side, "")
            self.agree(_aside(side), Agreed(aside, aside))

    def last_on(self, side: str) -> str:
        """The id on one side, or the one that was put aside there, or went to another link."""
        if here := self.on(side):
            return here
        aside = self.agreed.get(_aside(side))
        return aside.other if aside else self.left_by(side)

    def agree(self, pair: Pair, value: Agreed) -> None:
        """Note what both sides now agree on; a record seen before doesn't vouch for new values."""
        known = self.agreed.get(pair)
        if known != value:
            self.agreed[pair] = value
            self.changed = True
            self.steps.clear()
            if self.vacant:
                self._leave(vacant.minus(self.vacant, pair))
        if known is None or known.pipedrive != value.pipedrive:
            self.vouch("")

    def known(self, pair: Pair) -> Agreed | None:
        """What both sides last agreed on, be it that neither has a value; None: nothing."""
        agreed = self.agreed.get(pair)
        return NO_VALUE if agreed is None and vacant.holds(self.vacant, pair) else agreed

    def vacate(self, pair: Pair) -> None:
        """Note that a line's fields were seen empty on both sides, if nothing was agreed on."""
        if pair not in self.agreed:
            self._leave(vacant.plus(self.vacant, pair))

    def fill(self, pair: Pair) -> None:
        """Note that a line has filled a field in Pipedrive, which others may share."""
        if self.vacant:
            self._leave(vacant.beside(self.vacant, pair))

    def vacate_nothing(self) -> None:
        """Forget what was seen empty: another record stands there now."""
        self._leave("")

    def _leave(self, lines: str) -> None:
        self.changed |= self.vacant != lines
        self.vacant = lines

    def belong(self, related: str, mark: str) -> None:
        """Note the related record that its lines read, and the mark of what that said."""
        self.changed |= self.related != (related, mark)
        self.related = (related, mark)

    def learn(self, pair: Pair, both: Both) -> None:
        """Note the values of a pair that is agreed on, where values are kept."""
        if self.values is not None and pair in self.agreed:
            self.changed |= self.values.learn(pair, both)

    def vouch(self, stamp: str) -> None:
        """Note the fingerprint of a Pipedrive record that holds exactly the agreed values."""
        self.changed |= self.stamp != stamp
        self.stamp = stamp

    def on(self, side: str) -> str:
        """The id on one side, `pipedrive` or `journy`."""
        return self.pipedrive_id if side == "pipedrive" else self.journy_id


def _left(side: str) -> Pair:
    """Under what it is remembered, beside what is agreed on, which record has left a link."""
    return "", f"left by {side}"


def _aside(side: str) -> Pair:
    """Under what it is remembered which record was put aside."""
    return "", f"put aside in {side}"
