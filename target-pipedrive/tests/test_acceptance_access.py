"""The credential, the errors and the budget on the writing side, each behaviour under its name."""

from __future__ import annotations

from typing import Any

import pytest
from sync_sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("hasty")
STAGE = [{"from": "lifecycle", "to": "Lifecycle stage"}]
WORDS = {"success": False, "error": "words of the vendor"}
HTML = {"body": "<html>Sorry</html>", "headers": {"Content-Type": "text/html"}}


def user(name: str) -> dict[str, Any]:
    address = f"{name}@acme.example"
    return {"user_id": name, "email": address, "first_name": name, "lifecycle": "Trial"}


@pytest.fixture
def two(crm) -> dict[str, int]:
    """Ann and Bob, whom Pipedrive knows."""
    return {name: crm.person(f"{name}@acme.example") for name in ("ann", "bob")}


@pytest.fixture
def refuse(sandbox):
    """Answer writes in this way, so many times."""

    def answer(path: str, method: str, times: int | None = None, **action: Any) -> None:
        action = {"body": WORDS, **action}
        sandbox.fault(f"/pipedrive/api/v2/{path}", method, times=times, action=action)

    return answer


def tries(crm, call: str) -> int:
    return crm.writes().count(call)


def test_the_token_travels_in_a_header_and_never_in_an_address_a_body_a_log_line_or_the_ledger(
    target, two, asked
):
    run = target.users(user("ann"), user("cleo"), fields=STAGE, create=True)
    assert run.reasons == {"updated": 1, "created": 1}
    assert {each.method for each in asked} == {"GET", "PATCH", "POST"}
    assert {each.headers["x-api-token"] for each in asked} == {"sandbox-token"}
    assert not [each.url for each in asked if "token" in each.url]
    assert not [each.body for each in asked if b"token" in (each.body or b"")]
    assert "sandbox-token" not in run.log + run.out
    assert b"sandbox-token" not in target.ledger.read_bytes()


#: What concerns the whole credential: the answer, the exit code, and what is said.
ENDS: dict[str, tuple[dict[str, Any], int, str]] = {
    "401": ({"status": 401}, 1, "check the credential"),
    "402": ({"status": 402}, 1, "its trial or its payment has ended"),
    "a block": ({"status": 403, **HTML}, 69, "wait before running again"),
}


@pytest.mark.parametrize("case", ENDS)
@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_an_answer_that_concerns_the_credential_ends_the_run_and_the_next_one_writes_the_rest(  # noqa: PLR0913, PLR0917  # fixtures
    target, crm, two, sandbox, refuse, case, method
):
    answer, code, said = ENDS[case]
    path = {"PATCH": f"persons/{two['ann']}", "POST": "persons"}[method]
    name = {"PATCH": "ann", "POST": "cleo"}[method]
    refuse(path, method, **answer)
    run = target.users(user(name), fields=STAGE, create=True)
    assert run.exit_code == code
    assert said in run.errors[-1]
    assert ("words of the vendor" in run.errors[-1]) is ("body" not in answer)
    assert "Sorry" not in run.log
    assert tries(crm, f"{method} /api/v2/{path}") == 1
    assert run.states == []
    sandbox.clear_faults()
    assert target.users(user(name), fields=STAGE, create=True).exit_code == 0
    assert tries(crm, f"{method} /api/v2/{path}") == 1


@pytest.mark.parametrize(("status", "reason"), [(400, "refused"), (403, "forbidden")])
@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_a_refusal_of_one_record_takes_no_other_with_it_and_keeps_the_vendor_s_text(  # noqa: PLR0913, PLR0917  # fixtures
    target, crm, two, refuse, status, reason, method
):
    path = {"PATCH": f"persons/{two['ann']}", "POST": "persons"}[method]
    name = {"PATCH": "ann", "POST": "cleo"}[method]
    refuse(path, method, status=status)
    run = target.users(user(name), user("bob"), fields=STAGE, create=True)
    assert run.exit_code == 0
    assert run.reasons == {reason: 1, "updated": 1}
    assert f"answered {status} to {method} /api/v2/{path}: words of the vendor" in run.text(reason)
    assert tries(crm, f"{method} /api/v2/{path}") == 1
    assert run.states


@pytest.mark.parametrize("status", [404, 410])
def test_a_record_that_is_gone_is_left_out_alone(target, two, refuse, status):
    for method in ("PATCH", "GET"):
        refuse(f"persons/{two['ann']}", method, status=status)
    run = target.users(user("ann"), user("bob"), fields=STAGE)
    assert run.exit_code == 0
    assert run.reasons == {"no_match": 1, "updated": 1}


@pytest.mark.parametrize("status", [404, 410])
def test_a_record_that_is_not_found_for_a_change_and_is_there_all_the_same_is_made_no_second_time(
    target, crm, two, refuse, status
):
    refuse(f"persons/{two['ann']}", "PATCH", status=status)
    run = target.users(user("ann"), user("bob"), fields=STAGE, create=True)
    assert run.exit_code == 0
    assert run.reasons == {"forbidden": 1, "updated": 1}
    assert f"answered {status}" in run.text("forbidden")
    assert "is there all the same" in run.text("forbidden")
    assert len(crm.persons()) == 2


@pytest.mark.parametrize("how", ["purged", "deleted", "merged"])
def test_a_record_that_is_gone_when_it_is_changed_is_made_anew(target, two, sandbox, how):
    target.users(user("ann"), fields=STAGE)
    path = f"/pipedrive/api/v2/persons/{two['ann']}"
    none = {"status": 404, "body": WORDS}
    row = dict(sandbox.pipedrive.rows("person")[two["ann"]])
    row |= {"deleted": {"is_deleted": True}, "merged": {"id": two["bob"]}}.get(how, {})
    other = {"status": 200, "body": {"success": True, "data": row}}
    sandbox.fault(path, "PATCH", times=None, action=none)
    sandbox.fault(path, "GET", times=None, action=none if how == "purged" else other)
    changed = {**user("ann"), "lifecycle": "Customer"}
    assert target.users(changed, fields=STAGE, create=True).reasons == {"created": 1}


#: What passes: the answer, and why the record waits where it doesn't.
PASSING: dict[str, tuple[dict[str, Any], str]] = {
    "429": ({"status": 429, "headers": {"x-ratelimit-reset": "0"}}, "rate_limited"),
    "500": ({"status": 500}, "unavailable"),
    "503 with a page": ({"status": 503, **HTML}, "unavailable"),
    "a page in place of JSON": ({"status": 200, **HTML}, "unavailable"),
}


@pytest.mark.parametrize("case", PASSING)
def test_what_passes_is_tried_again_and_then_by_the_next_run(  # noqa: PLR0913, PLR0917  # fixtures
    target, crm, two, sandbox, refuse, case
):
    answer, reason = PASSING[case]
    call = f"PATCH /api/v2/persons/{two['ann']}"
    refuse(f"persons/{two['ann']}", "PATCH", times=1, **answer)
    run = target.users(user("ann"), fields=STAGE)
    assert run.reasons == {"updated": 1}
    assert tries(crm, call) == 2
    refuse(f"persons/{two['ann']}", "PATCH", **answer)
    run = target.users({**user("ann"), "lifecycle": "Customer"}, user("bob"), fields=STAGE)
    assert run.reasons == {reason: 1, "updated": 1}
    assert tries(crm, call) == 5
    sandbox.clear_faults()
    assert target.users(fields=STAGE).reasons == {"updated": 1}
    assert crm.stored(two["ann"])["Lifecycle stage"] == "Customer"


@pytest.mark.parametrize("case", ["500", "503 with a page", "a page in place of JSON"])
def test_a_create_whose_answer_says_nothing_is_not_sent_again_by_the_same_run(
    target, crm, refuse, case
):
    answer, _ = PASSING[case]
    refuse("persons", "POST", **answer)
    run = target.users(user("cleo"), fields=STAGE, create=True)
    assert run.reasons == {"answer_lost": 1}
    assert tries(crm, "POST /api/v2/persons") == 1


def test_a_create_that_the_burst_limit_refuses_is_sent_again(target, crm, refuse):
    refuse("persons", "POST", times=1, **PASSING["429"][0])
    assert target.users(user("cleo"), create=True).reasons == {"created": 1}
    assert tries(crm, "POST /api/v2/persons") == 2


def test_two_accounts_in_one_process_share_no_field_catalogue(crm, target, tmp_path, capfd):
    person = crm.person("ann@acme.example")
    user = {"user_id": "u1", "email": "ann@acme.example", "health": "Good"}
    fields = [{"from": "health", "to": "Customer health"}]
    gone = {"remove_field": {"entity": "person", "name": "Customer health"}}
    (tmp_path / "other").mkdir()
    with Sandbox(persons=0, organizations=0, users=0, accounts=0) as lacking:
        lacking.apply(pipedrive=gone)
        other = type(target)(lacking, tmp_path / "other", capfd)
        for _ in range(2):
            assert target.users(user, fields=fields).exit_code == 0
            refused = other.users(user, fields=fields)
            assert refused.exit_code == 1
            assert "Pipedrive has no person field 'Customer health'" in refused.log
    assert crm.stored(person)["Customer health"] == crm.option("Customer health", "Good")
