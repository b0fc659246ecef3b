"""What nobody has documented, each time the other way: both directions still come to rest.

The sandbox has a switch for each unknown behaviour of the two services. A world with awkward
rows is imported and synced both ways, and then nothing may be written any more and no record
doubled, wherever the switches stand.
"""

from __future__ import annotations

from typing import Any

import pytest
from sync_tests.unknowns import SWITCHES, others

# Large enough for awkward rows.
SMALL = {"seed": 23, "persons": 60, "organizations": 12, "users": 60, "accounts": 12}
USERS = [
    {"from": "health", "to": "Customer health"},
    {"from": "churn_score", "to": "Churn score"},
    {"from": "last_seen_at", "to": "Last seen"},
    {"from": "stage", "to": "Lifecycle stage"},
    {"from": "support_phone", "to": "Support line", "write": "if_empty"},
]
ACCOUNTS = [{"from": "plan", "to": "Plan"}, {"from": "mrr", "to": "MRR"}]
PERSONS = [{"from": "Notes on fit", "to": "notes_on_fit"}, {"from": "Interests", "to": "interests"}]
#: Switches that shape the limits or the access, which have tests of their own.
APART = {"pipedrive.block_after_429", "journy.block_after_429", "journy.rate_limit"}
LAGS = {"pipedrive.list_lag_seconds": 5.0, "pipedrive.search_lag_seconds": 36.0}
LAGS |= {"journy.accept_delay_seconds": 3.0}


def alternatives() -> dict[str, list[Any]]:
    """The positions of each switch that aren't its usual one."""
    found = {name: others(switch) for name, switch in SWITCHES.items() if name not in APART}
    return {name: at for name, at in found.items() if at}


def turns() -> list[dict[str, Any]]:
    """Few settings of all switches, in which each position comes up at least once."""
    others = alternatives()
    many = max(map(len, others.values()))
    return [{name: at[turn % len(at)] for name, at in others.items()} for turn in range(many)]


class World:
    def __init__(self, plugins, sandbox, journy):
        self.plugins, self.sandbox, self.journy = plugins, sandbox, journy
        self.told = []

    def to_pipedrive(self):
        code, text, log = self.plugins.call("tap-journy")
        assert code == 0, log
        users, accounts = {"fields": USERS}, {"fields": ACCOUNTS}
        run = self.plugins.write(text, "target-pipedrive", users=users, accounts=accounts)
        assert run.exit_code == 0, run.log
        self.told.append(run.reasons)
        return run

    def to_journy(self, *, create=False):
        code, text, log = self.plugins.call("tap-pipedrive", streams=["organizations", "persons"])
        assert code == 0, log
        persons = {"create": create, "fields": PERSONS}
        run = self.plugins.write(text, persons=persons, organizations={"create": create})
        assert run.exit_code == 0, run.log
        self.told.append(run.reasons)
        return run

    def round(self) -> list[str]:
        self.journy.writes()
        self.to_pipedrive()
        self.to_journy()
        self.sandbox.clock.advance(60)
        return self.journy.writes()

    def sizes(self) -> tuple[int, int]:
        rows = self.sandbox.pipedrive.rows
        return len(rows("person")), len(rows("organization"))


@pytest.mark.parametrize("turn", [{}, LAGS, *turns()], ids=str)
def test_with_the_unknown_the_other_way_nothing_doubles_and_both_directions_come_to_rest(
    plugins, sandbox, journy, turn
):
    sandbox.reset(**SMALL, switches=turn)
    world = World(plugins, sandbox, journy)
    before = world.sizes()
    world.to_journy(create=True)
    sandbox.clock.advance(60)
    rounds = [world.round() for _ in range(3)]
    assert rounds[0], world.told  # why nothing was written
    assert rounds[-1] == []
    assert world.sizes() == before


def test_every_position_of_every_switch_comes_up():
    seen = {(name, value) for turn in turns() for name, value in turn.items()}
    assert seen == {(name, value) for name, at in alternatives().items() for value in at}
