"""What a run may cost: the numbers that the product promises, with two thousand persons."""

from __future__ import annotations

from collections import Counter

import pytest

LINES = [{"from": "churn_score", "to": "Churn score"}]
COUNT = 2_000
#: Tokens: who the credential is and two field catalogues; a page of a list; a write.
START, PAGE, WRITE = 22, 10, 5


@pytest.fixture
def people(crm, sandbox):
    """A user for each person with an address of their own, whose values are Pipedrive's."""
    sandbox.reset(persons=COUNT)
    rows = [crm.stored(each) for each in crm.persons()]
    addresses = Counter(row["emails"][0]["value"].casefold() for row in rows if row["emails"])
    known = [row for row in rows if row["emails"]]
    alone = [row for row in known if addresses[row["emails"][0]["value"].casefold()] == 1]
    return [
        {
            "user_id": f"u{row['id']}",
            "email": row["emails"][0]["value"],
            "churn_score": row.get("Churn score"),
        }
        for row in alone
    ]


def moved(people, step, by=1):
    """One in a hundred has another score."""
    return [
        {**one, "churn_score": (one["churn_score"] or 0) + by} if at % 100 == step else one
        for at, one in enumerate(people)
    ]


def price(sandbox):
    """The tokens since the last question, by kind of call."""
    spent = Counter()
    for each in sandbox.journal():
        spent["write" if each["method"] != "GET" else "read"] += each["tokens"]
    sandbox.clear_journal()
    return spent


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_a_first_run_costs_one_reading_of_all_and_the_writes(target, sandbox, people):
    run = target.users(*moved(people, 0), fields=LINES)
    writes = run.counts["users"]["updated"]
    assert writes == len(people) // 100 + 1
    looks = PAGE + 1  # at how many there are, and at what one write leaves alone
    assert price(sandbox) == {"read": START + looks + COUNT // 500 * PAGE, "write": writes * WRITE}


def test_a_second_run_over_the_same_users_writes_nothing_and_costs_at_most_30_tokens(
    target, sandbox, people
):
    target.users(*people, fields=LINES)
    price(sandbox)
    run = target.users(*people, fields=LINES)
    assert run.counts["users"] == {"unchanged": len(people)}
    assert price(sandbox) == {"read": START}


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_changed_users_cost_a_write_each_and_at_most_a_hundred_tokens_for_all_of_them(
    target, sandbox, people
):
    target.users(*people, fields=LINES)
    for step in range(2):
        price(sandbox)
        people = moved(people, step)
        run = target.users(*people, fields=LINES)
        writes = run.counts["users"]["updated"]
        assert writes == pytest.approx(len(people) / 100, abs=1)
        spent = price(sandbox)
        assert spent["write"] == writes * WRITE
        # The first few are read alone, until a page of what changed has paid.
        assert START + PAGE <= spent["read"] < START + 2 * PAGE


def test_users_who_are_not_in_pipedrive_cost_one_page_however_many_they_are(
    target, sandbox, people
):
    strangers = [{"user_id": f"s{n}", "email": f"s{n}@far.example"} for n in range(1_000)]
    target.users(*people, *strangers, fields=LINES)
    price(sandbox)
    run = target.users(*people, *strangers, fields=LINES)
    assert run.counts["users"] == {"unchanged": len(people), "skipped": len(strangers)}
    assert price(sandbox) == {"read": START + PAGE}


def test_a_lost_ledger_costs_one_reading_of_all_and_no_write(target, sandbox, people):
    target.users(*people, fields=LINES)
    target.forget()
    price(sandbox)
    run = target.users(*people, fields=LINES)
    assert run.counts["users"] == {"unchanged": len(people)}
    assert price(sandbox) == {"read": START + PAGE + COUNT // 500 * PAGE}
