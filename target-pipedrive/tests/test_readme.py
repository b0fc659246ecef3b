"""The README tells every reason, and its examples run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import sync_core.actions
import sync_core.engine
import yaml
from sync_core.engine.model import BUDGET_SPENT, DUPLICATE, REMOVED, TAKEN, Kind
from sync_core.engine.reasons import REASONS, table
from sync_core.engine.settling import SOME_REJECTED
from sync_core.engine.writing import OUTCOMES

ROOT = Path(__file__).resolve().parents[2]
READMES = ["target-pipedrive", "target-journy"]
CODE = re.compile(r"[a-z]+(_[a-z]+)*")
USER = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "health": "Good",
        "churn_score": 0.5, "lifecycle": "Trial", "segments": ["Product qualified leads"],
        "accounts": ["a1"]}  # fmt: skip


def codes_in(source: str) -> set[str]:
    """The reasons that a module gives to an `Outcome`."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    outcomes = [call for call in calls if getattr(call.func, "id", "") == "Outcome"]
    reasons = [call.args[1] for call in outcomes if len(call.args) > 1]
    return {one.value for one in reasons if isinstance(one, ast.Constant)}


def test_every_reason_that_the_engine_and_the_actions_give_is_told():
    folders = [*sync_core.engine.__path__, *sync_core.actions.__path__]
    modules = [path for folder in folders for path in Path(folder).glob("*.py")]
    found = {code for path in modules for code in codes_in(path.read_text("utf-8"))}
    found |= {reason for _, _, reason in OUTCOMES} | {Kind.CREATED.value, Kind.UPDATED.value}
    found |= {BUDGET_SPENT, DUPLICATE, REMOVED, SOME_REJECTED, TAKEN}  # by their names
    assert found == set(REASONS)
    assert all(CODE.fullmatch(code) for code in REASONS)


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_has_the_table_of_reasons(readme):
    text = (ROOT / readme / "README.md").read_text("utf-8")
    begin = "<!-- reasons: begin, from sync_core.engine.reasons -->\n"
    told = text.split(begin)[1].split("<!-- reasons: end -->")[0]
    assert told == table()


def example(heading):
    """The settings of the example under a heading of this README."""
    text = (ROOT / "target-pipedrive" / "README.md").read_text("utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    (block,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    return yaml.safe_load(block)["plugins"]["loaders"][0]["config"]


def test_the_example_of_the_readme_runs(target, crm, sandbox):
    config = example("Mapping")
    crm.organization("Acme", custom={"Account ID": "a1"})
    crm.organization("Firm", custom={"Account ID": "c1"})
    texts = {"type": ["string", "null"]}
    named = dict.fromkeys(("email", "customer_no", "first", "last"), texts)
    bob = {"email": "bob@acme.example", "customer_no": "c9", "first": "Bob"}
    customers = target.table("customers", named, bob)
    firms = target.table("firms", {"customer_no": texts, "name": texts},
                         {"customer_no": "c1", "name": "New name"})  # fmt: skip
    messages = target.stream("accounts", {"account_id": "a1", "name": "Acme", "mrr": 5})
    run = target.run(messages + target.stream("users", USER) + customers + firms, **config)
    assert run.exit_code == 0, run.log
    assert run.counts == {
        "accounts": {"updated": 1},
        "users": {"created": 1},
        "customers": {"created": 1},
        "firms": {"updated": 1},
    }
    assert {crm.stored(each)["owner_id"] for each in crm.persons()} == {1}


def test_the_matching_of_the_readme_finds(target, crm, sandbox):
    for name in ("CRM id", "Customer number"):
        field = {"entity": "person", "name": name, "type": "varchar"}
        sandbox.apply(pipedrive={"add_field": field})
    by_id = crm.person(custom={"CRM id": "7"})
    by_number = crm.person(custom={"Customer number": "8"})
    acme = crm.organization("Acme", website="https://acme.example")
    text = {"type": ["string", "null"]}
    users = target.table("users", {"user_id": text, "email": text, "crm_id": text},
                         {"user_id": "u1", "email": "ann@acme.example", "crm_id": "7"})  # fmt: skip
    customers = target.table("customers", {"email": text, "customer_no": text},
                             {"email": "bob@acme.example", "customer_no": "8"})  # fmt: skip
    accounts = target.stream("accounts", {"account_id": "a1", "domain": "acme.example"})
    run = target.run(accounts + users + customers, **example("Matching"))
    assert run.exit_code == 0, run.log
    assert [one["value"] for one in crm.stored(by_id)["emails"]] == ["ann@acme.example"]
    assert [one["value"] for one in crm.stored(by_number)["emails"]] == ["bob@acme.example"]
    assert crm.stored(acme, "organization")["Account ID"] == "a1"


def test_the_actions_of_the_readme_fire(target, crm):
    config = example("Actions")
    organization = crm.organization("Acme", custom={"Account ID": "a1"})
    person = crm.person("ann@acme.example", owner_id=2, org_id=organization)
    deal = crm.deal("Acme", person_id=person)
    columns = {"churn_score": {"type": ["number", "null"]}}
    states = [([], "Trial", 50), (USER["segments"], "Pro", 90)]
    for segments, plan, score in states:
        account = {"account_id": "a1", "name": "Acme", "plan": plan, "churn_score": score}
        accounts = target.stream("accounts", account)
        accounts[0]["schema"]["properties"] = {**accounts[0]["schema"]["properties"], **columns}
        users = target.stream("users", {**USER, "logins_30d": 3, "segments": segments})
        run = target.run(accounts + users, **config)
        assert run.exit_code == 0, run.log
    assert run.counts["actions"] == {"created": 2}
    rescue, call = crm.activities()
    assert (call["subject"], call["note"]) == ("Call Ann at Acme", "<b>3</b> logins in 30 days")
    assert (call["owner_id"], call["deal_id"], call["org_id"]) == (2, deal, organization)
    assert (rescue["subject"], rescue["org_id"]) == ("Acme is at risk", organization)
