"""The credential and the errors, as the makers of other readers asked for them."""

from __future__ import annotations

from typing import Any

import pytest

STREAMS = ["organizations", "persons", "deals", "archived_deals", "pipelines", "stages", "leads"]


def test_the_token_travels_in_a_header_and_never_in_an_address_or_a_log_line(tap, asked):
    run = tap(streams=STREAMS)
    assert {each.headers["x-api-token"] for each in asked} == {"sandbox-token"}
    assert not [each.url for each in asked if "token" in each.url]
    assert not [each.body for each in asked if each.body]
    assert "sandbox-token" not in run.log + run.out


def test_a_connection_check_that_passes_says_that_it_is_no_proof_of_completeness(tap):
    run = tap("--test")
    assert run.exit_code == 0
    assert "acts for one user" in run.log
    assert "no proof of completeness" in run.log


HTML = {"body": "<html>Sorry</html>", "headers": {"Content-Type": "text/html"}}
#: What one answer brings: the exit code, whether the other stream is read, and what is said.
ERRORS: dict[str, tuple[dict[str, Any], int, bool, str]] = {
    "401": ({"status": 401}, 1, False, "check the credential"),
    "402": ({"status": 402}, 3, True, "its trial or its payment has ended"),
    "403": ({"status": 403}, 3, True, "ask an administrator"),
    "410": ({"status": 410}, 3, True, "is left out: Pipedrive answered 410"),
    "429": ({"status": 429, "headers": {"x-ratelimit-reset": "0"}}, 0, True, "answered 429"),
    "500": ({"status": 500}, 0, True, "answered 500"),
    "503": ({"status": 503, **HTML}, 0, True, "answered 503"),
    "a page in place of JSON": ({"status": 200, **HTML}, 0, True, "something that isn't JSON"),
    "a block": ({"status": 403, **HTML}, 1, False, "the service blocks this traffic"),
}


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("stream", ["currencies", "notes", "persons", "pipelines"])
@pytest.mark.parametrize("error", ERRORS)
def test_errors_are_told_apart_alike_for_every_stream_and_the_vendor_s_text_is_kept(
    tap, sandbox, stream, error
):
    answer, code, goes_on, said = ERRORS[error]
    action = {"body": {"success": False, "error": "words of the vendor"}, **answer}
    sandbox.fault(f"/pipedrive/*/{stream}", "GET", action=action)
    run = tap(streams=[stream, "stages"], concurrency=1)
    assert run.exit_code == code, run.log
    assert bool(run.records("stages")) is goes_on
    assert bool(run.records(stream)) is (code == 0)
    assert said in run.log
    assert ("words of the vendor" in run.log) is ("body" not in answer)
    assert "Traceback" not in run.log
    assert "Sorry" not in run.log


@pytest.mark.parametrize(("status", "code"), [(403, 3), (404, 0), (410, 0)])
def test_a_parent_that_is_gone_skips_that_parent_only_with_a_line_in_the_log(
    tap, sandbox, call, status, code
):
    for deal in (1, 2):
        body = {"product_id": 1, "quantity": 2, "item_price": 49}
        call("POST", f"/api/v2/deals/{deal}/products", **body)
    refusal = {"status": status, "body": {"success": False, "error": "no"}}
    for path in ("deals/products", "deals/1/products"):
        sandbox.fault(f"/pipedrive/api/v2/{path}", "GET", action=refusal)
    run = tap(streams=["deal_products", "stages"])
    assert run.exit_code == code
    assert {record["deal_id"] for record in run.records("deal_products")} == {2}
    assert f"those of 1 are left out: Pipedrive answered {status}" in run.log
    assert run.records("stages")
