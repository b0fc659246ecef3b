"""What has to be true once both directions have said all that there is."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sync_core.ledger.log import LogLine
from sync_core.pipedrive.values.built_in import same_phone

from sync_tests.scenarios.choices import PLAN, STAGE
from sync_tests.scenarios.pictures import Picture, addresses
from sync_tests.scenarios.running import Pair

#: (what it is called in Pipedrive, in journy)
OF_USERS = (("first_name", "first_name"), ("last_name", "last_name"), (STAGE, "lifecycle"))
OF_ACCOUNTS = (("name", "name"), (PLAN, "plan"))


@dataclass(frozen=True)
class Terms:
    """By which two of a pair may differ.

    Attributes:
        clear: Whether an empty value goes across in both directions.
        movable: Whether journy lets a user have another address.
        dropped: Person -> each number that somebody took off them.
    """

    clear: bool
    movable: bool
    dropped: Container[tuple[int, str]]


def differences(
    picture: Picture, links: Iterable[Pair], told: Iterable[LogLine], terms: Terms
) -> Iterator[str]:
    """Where the two of a pair differ, and no outcome says why.

    Args:
        picture: Both services.
        links: The pairs.
        told: The lines of the last runs, in which every record came.
        terms: By which they may differ.
    """
    excused = {each for line in told for each in (line.pipedrive_id, line.journy_id, line.key)}
    for kind, pipedrive, journy in links:
        entity = "person" if kind == "user" else "organization"
        row = picture.living(entity).get(int(pipedrive or 0))
        known = picture.known[kind].get(journy)
        if row is None or known is None or excused & {pipedrive, journy, known.contact}:
            continue
        names = OF_USERS if kind == "user" else OF_ACCOUNTS
        values = {**row, **picture.custom(entity, row)}
        for one, other in names:
            mine, theirs = values.get(one), known.properties.get(other)
            both = mine and theirs
            if mine != theirs and (both or (terms.clear and one in (STAGE, PLAN))):
                yield f"{entity} {pipedrive} has {one} {mine}, and {kind} {journy} {theirs}"
        if kind == "user":
            if terms.movable and not _others(picture, row, journy):
                yield from _address(row, known, pipedrive, journy)
            yield from _phone(row, known, journy, terms.dropped)


def _others(picture: Picture, row: dict[str, Any], journy: str) -> bool:
    """Whether a person has an address of another user, from whom journy doesn't take it."""
    mine = addresses(row)
    return any(
        each.contact in mine for name, each in picture.known["user"].items() if name != journy
    )


def _address(row: dict[str, Any], known: Any, pipedrive: str, journy: str) -> Iterator[str]:
    if known.contact and known.contact not in addresses(row):
        yield f"person {pipedrive} lacks {known.contact} of user {journy}"


def _phone(
    row: dict[str, Any], known: Any, journy: str, dropped: Container[tuple[int, str]]
) -> Iterator[str]:
    phones = {same_phone(each["value"]) for each in row["phones"]}
    phone = known.properties.get("phone")
    # One that somebody took off the person stays with the user: phones are never emptied.
    if phone and same_phone(phone) not in phones and (row["id"], phone) not in dropped:
        yield f"person {row['id']} lacks {phone} of user {journy}"
