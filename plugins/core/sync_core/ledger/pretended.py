"""Links as a dry run would have recorded them: it finds them again, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

import msgspec

from sync_core.canonical import digest
from sync_core.ledger.rows import Agreed, Link
from sync_core.ledger.values import Values, from_texts
from sync_core.scratch import Name, Scratch, digests

#: By these a link is looked up.
COLUMNS = ("key", "pipedrive_id", "journy_id")
_LINK, _RELATED, _STAMP = "", "related", "digest"  # no names of those columns
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


class Pretended:
    """The links that a dry run has changed, in place of those that are stored."""

    def __init__(self) -> None:
        """Begin with none."""
        self._texts = Scratch()
        #: Numbers of links that aren't stored; no stored one has such a number.
        self._numbers = count(-1, -1)

    def keep(self, links: Iterable[Link]) -> None:
        """Take links as they are now; what was kept of them before counts no more."""
        texts: dict[Name, str] = {}
        readers: dict[Name, list[int]] = {}
        for link in links:
            number = next(self._numbers) if link.id is None else link.id
            texts[_name(link.kind, _LINK, number)] = _packed(link, number)
            for column in COLUMNS:
                if value := getattr(link, column):
                    texts[_name(link.kind, column, value)] = str(number)
            texts[_name(link.kind, _STAMP, digest(link.key))] = link.key
            if record := link.related[0]:
                readers.setdefault(_name(link.kind, _RELATED, record), []).append(number)
        for name, numbers in readers.items():
            every = dict.fromkeys([*self._readers(name), *numbers])
            texts[name] = _encode(list(every)).decode()
        self._texts.keep({at: texts[name] for name, at in digests(texts).items()})

    def amend(
        self, kind: str, column: str, wanted: Iterable[str], stored: Mapping[str, Link]
    ) -> dict[str, Link]:
        """The links that would be found by now.

        Args:
            kind: The links' kind.
            column: What they are looked up by.
            wanted: The values that are looked up.
            stored: What is stored of them.
        """
        wanted = set(wanted)
        numbers = self._recall(_name(kind, column, each) for each in wanted)
        known = {str(link.id) for link in stored.values()} | set(numbers.values())
        links = self._links(kind, known)
        found = {value: link for value, link in stored.items() if link.id not in links}
        by_value = {getattr(link, column): link for link in links.values()}
        return found | {value: link for value, link in by_value.items() if value in wanted}

    def key(self, kind: str, stamp: str) -> str:
        """The key that has a digest, of the links that were changed; empty if none has."""
        return next(iter(self._recall([_name(kind, _STAMP, stamp)]).values()), "")

    def latest(self, links: Sequence[Link]) -> list[Link]:
        """Stored links as they would be by now."""
        changed = self._links(links[0].kind, {link.id for link in links}) if links else {}
        return [changed.get(link.id or 0, link) for link in links]

    def related(self, kind: str, records: Iterable[str]) -> Iterator[list[Link]]:
        """Changed links, known on both sides, that read one of some related records, by record.

        Args:
            kind: The links' kind.
            records: The related records' names, as the links have them.
        """
        for record in sorted(records):
            numbers = self._readers(_name(kind, _RELATED, record))
            links = self._links(kind, numbers).values()
            there = [each for each in links if each.pipedrive_id and each.journy_id]
            yield [each for each in there if each.related[0] == record]

    def _readers(self, name: Name) -> list[int]:
        known = self._recall([name])
        return _decode(known[name]) if name in known else []

    def _links(self, kind: str, numbers: Iterable[object]) -> dict[int, Link]:
        texts = self._recall(_name(kind, _LINK, each) for each in numbers).values()
        return {link.id or 0: link for link in map(_unpacked, texts)}

    def _recall(self, names: Iterable[Name]) -> dict[Name, str]:
        known = digests(names)
        texts = self._texts.recall(list(known.values()))
        return {name: texts[at] for name, at in known.items() if at in texts}


def _name(kind: str, column: str, value: object) -> Name:
    return f"{kind}\0{column}", str(value)


def _packed(link: Link, number: int) -> str:
    values = link.values
    agreed = [
        (pair, each.pipedrive, each.other, each.other_written, values and values.texts(pair))
        for pair, each in link.agreed.items()
    ]
    ids = (link.pipedrive_id, link.journy_id, link.pipedrive_updated)
    rest = (link.stamp, link.steps, link.related, link.vacant)
    return _encode([number, link.kind, link.key, ids, rest, agreed, values is not None]).decode()


def _unpacked(text: str) -> Link:
    number, kind, key, ids, (stamp, steps, related, vacant), agreed, plain = _decode(text)
    known = {tuple(pair): Agreed(*digests_) for pair, *digests_, _ in agreed}
    both = {tuple(pair): from_texts(*texts) for pair, *_, texts in agreed if texts}
    pipedrive_id, journy_id, updated = ids
    return Link(
        kind, key, pipedrive_id, journy_id, updated, stamp, known, number,
        stored_key=key, stored=dict(known), steps=steps, related=tuple(related), vacant=vacant,
        values=Values(both) if plain else None,
    )  # fmt: skip
