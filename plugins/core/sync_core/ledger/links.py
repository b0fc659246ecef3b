"""Looking links up; what was agreed on is read when it is first asked for."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from sync_core.ledger import tables
from sync_core.ledger.pretended import Pretended
from sync_core.ledger.rows import Agreed, Link
from sync_core.ledger.runs import Runs
from sync_core.ledger.values import Values, from_texts

CHUNK = 500
#: What a link's row says of it, beside its number and its key.
STORED = ("pipedrive_id", "journy_id", "pipedrive_updated", "stamp", "step_pipedrive",
          "step_journy", "related", "related_mark", "vacant", "seen")  # fmt: skip
_LINK = ("id", "key", *STORED)
#: Stands in for what isn't read yet.
_NONE: dict[tuple[str, str], Agreed] = {}
_AGREED = ("link", "pipedrive_field", "other_field", "pipedrive_digest", "other_digest",
           "other_written")  # fmt: skip
_VALUES = ("link", "pipedrive_field", "other_field", "pipedrive_value", "other_value")


class Links(Runs):
    """The links of one connection.

    Attributes:
        pretended: Those that a dry run has changed, which it finds in place of the stored ones;
            None in a real run.
    """

    pretended: Pretended | None = None

    def links_by(self, kind: str, column: str, values: Iterable[str]) -> dict[str, Link]:
        """Links of one kind; their agreed values are read all together, once one is asked for.

        Args:
            kind: user, account, or a mapped stream's name.
            column: `key`, `pipedrive_id` or `journy_id`.
            values: What to look for; each at most once in the answer.
        """
        wanted = sorted({value for value in values if value})
        found: list[Link] = []
        if wanted:
            with self.reading() as db:
                for start in range(0, len(wanted), CHUNK):
                    found += self._links(db, kind, column, wanted[start : start + CHUNK])
        links = {getattr(link, column): link for link in found}
        return self.pretended.amend(kind, column, wanted, links) if self.pretended else links

    def latest(self, links: list[Link]) -> list[Link]:
        """The same links, as this run left them."""
        return self.pretended.latest(links) if self.pretended else links

    def _links(
        self, db: sa.Connection, kind: str, column: str, values: Sequence[str]
    ) -> list[Link]:
        return self.links_where(db, kind, among(db, tables.links.c[column], values))

    def links_where(
        self,
        db: sa.Connection,
        kind: str,
        *conditions: sa.ColumnElement[bool],
        most: int | None = None,
    ) -> list[Link]:
        """Links of one kind that meet some conditions; the oldest, where only some are wanted."""
        table = tables.links
        mine = (table.c.connection == self.connection, table.c.kind == kind)
        query = sa.select(*(table.c[name] for name in _LINK)).where(*mine, *conditions)
        if most is not None:
            query = query.order_by(table.c.id).limit(most)
        unread = _Unread(self)
        return [unread.link(kind, row) for row in db.execute(query).tuples().all()]

    def count_links(self, kind: str, side: str) -> int:
        """How many records of a kind are known on one side."""
        table = tables.links
        query = (
            sa.select(sa.func.count())
            .select_from(table)
            .where(
                table.c.connection == self.connection,
                table.c.kind == kind,
                table.c[f"{side}_id"].is_not(None),
            )
        )
        with self.reading() as db:
            return int(db.execute(query).scalar_one())


class _Unread:
    """Some links whose agreed values nobody has asked for yet."""

    def __init__(self, ledger: Links) -> None:
        self._ledger = ledger
        self._plain = ledger.policy.plain
        # Weakly: links know of this one, and a ring of objects is let go of late.
        self._links: list[tuple[int, weakref.ref[Link]]] = []

    def link(self, kind: str, row: Sequence[Any]) -> Link:
        """One more."""
        number, key, *stored = row
        pipedrive_id, journy_id, updated, stamp, step_pipedrive, step_journy, *rest = stored
        related, mark, vacant, _ = rest
        steps = {"pipedrive": step_pipedrive, "journy": step_journy}
        link = Link(kind, key, pipedrive_id or "", journy_id or "", updated, stamp, _NONE,
                    number, stored_key=key, stored=_NONE, steps=steps,
                    related=(related, mark), vacant=vacant, read_row=tuple(stored))  # fmt: skip
        if self._plain:
            link.values = Values()
        link.read_later(self.read)
        self._links.append((number, weakref.ref(link)))
        return link

    def read(self) -> None:
        """Read what was agreed on for all of them."""
        known = [(number, link) for number, weakly in self._links if (link := weakly())]
        agreed: dict[int, dict[tuple[str, str], Agreed]] = {number: {} for number, _ in known}
        table, numbers = tables.agreed, list(agreed)
        with self._ledger.reading() as db:
            for start in range(0, len(numbers), CHUNK):
                some = among(db, table.c.link, numbers[start : start + CHUNK])
                query = sa.select(*(table.c[name] for name in _AGREED)).where(some)
                for number, own, other, *digests in db.execute(query).tuples().all():
                    agreed[number][own, other] = Agreed(*digests)
                if self._plain:
                    _read_values(db, some, dict(known))
        for number, link in known:
            link.take(agreed[number])
        self._links = []


def _read_values(
    db: sa.Connection, some: sa.ColumnElement[bool], links: Mapping[int, Link]
) -> None:
    table = tables.agreed
    query = sa.select(*(table.c[name] for name in _VALUES)).where(some)
    for number, own, other, *texts in db.execute(query).tuples().all():
        if (values := links[number].values) is not None:
            values.agreed[own, other] = from_texts(*texts)


def among(
    db: sa.Connection, column: sa.Column[Any], values: Sequence[Any]
) -> sa.ColumnElement[bool]:
    """Whether a column has one of some values, which are one parameter of the statement."""
    if db.dialect.name == "postgresql":
        return column == sa.any_(sa.literal(list(values), ARRAY(column.type)))
    each = sa.func.json_each(msgspec.json.encode(values).decode()).table_valued("value")
    return column.in_(sa.select(each.c.value))
