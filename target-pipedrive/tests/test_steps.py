"""A second run passes records that say nothing new with one look at their links."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sync_core.ledger import Agreed, Ledger
from sync_core.ledger.writing import Entries, record

DIRECTION = "journy-to-pipedrive"
STAGE = [{"from": "lifecycle", "to": "Lifecycle stage"}]


def people(count):
    return [
        {"user_id": f"u{n}", "email": f"ann{n}@acme.example", "lifecycle": "Trial"}
        for n in range(count)
    ]


@pytest.fixture
def statements():
    """What is asked of any database from now on."""
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_what_was_agreed_on_is_not_even_read_where_nothing_has_moved(
    target, crm, sandbox, statements
):
    for each in people(20):
        crm.person(each["email"])
    target.users(*people(20), fields=STAGE)
    sandbox.clear_journal()
    statements.clear()
    run = target.users(*people(20), fields=STAGE)
    assert run.counts["users"] == {"unchanged": 20}
    assert not [each for each in statements if "FROM agreed" in each]
    assert sum(each["tokens"] for each in sandbox.journal()) <= 30
    moved = people(20)
    moved[3]["lifecycle"] = "Customer"
    assert target.users(*moved, fields=STAGE).counts["users"] == {"updated": 1, "unchanged": 19}


def test_what_the_other_direction_agreed_on_since_is_looked_at_again(target, crm):
    person = crm.person("ann0@acme.example")
    target.users(*people(1), fields=STAGE)
    ledger = Ledger(target.ledger_url, "default")
    (link,) = ledger.links_by("user", "journy_id", ["u0"]).values()
    pair = next(pair for pair in link.agreed if pair[1] == "lifecycle")
    link.agree(pair, Agreed(link.agreed[pair].pipedrive, "what journy was told since"))
    record(ledger, ledger.start_run(DIRECTION, dry_run=True), DIRECTION, Entries(links=[link]))
    ledger.close()
    crm.change(person, custom={"Lifecycle stage": "Customer"})
    run = target.users(*people(1), fields=[{**STAGE[0], "conflict": "journy"}])
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(person)["Lifecycle stage"] == "Trial"


def test_a_line_that_joins_the_mapping_is_seen_to_for_every_record(target, crm):
    person = crm.person("ann0@acme.example")
    users = [{**each, "health": "Good"} for each in people(1)]
    target.users(*users, fields=STAGE)
    assert target.users(*users, fields=STAGE).counts["users"] == {"unchanged": 1}
    lines = [*STAGE, {"from": "health", "to": "Customer health"}]
    assert target.users(*users, fields=lines).counts["users"] == {"updated": 1}
    assert crm.stored(person)["Customer health"] is not None
