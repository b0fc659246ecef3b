"""Two users with one address: which they are is said as far as it may be, and costs nothing."""

from __future__ import annotations

import pytest

MAIL = "ann@acme.example"
IDS = {
    ("u1", "u2"): "u1 and u2 have the same e-mail address",
    ("u1", "ann@home.example"): "u1 and another record, whose id is an address, have the same",
    (MAIL, "ann@home.example"): "two records, whose ids are addresses, have the same",
}


@pytest.mark.parametrize(("ids", "text"), IDS.items(), ids=str)
def test_a_duplicate_names_both_by_what_is_no_address(target, ids, text):
    run = target.users(*({"user_id": each, "email": MAIL} for each in ids))
    assert run.text("duplicate_key").startswith(text)
    assert "@" not in run.text("duplicate_key")


def test_who_is_rejected_as_a_duplicate_is_not_looked_up(target, crm):
    crm.person(MAIL)
    users = [{"user_id": each, "email": MAIL} for each in ("u1", "u2")]
    target.users(users[0])
    crm.calls()
    target.users(users[0])
    alone = crm.calls()
    assert target.users(*users).reasons == {"no_difference": 1, "duplicate_key": 1}
    assert crm.calls() == alone
