"""The README tells every reason, and its examples run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import sync_core.engine
import yaml
from sync_core.engine.model import Kind
from sync_core.engine.reasons import REASONS, table
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


def test_every_reason_that_the_engine_gives_is_told():
    (folder,) = sync_core.engine.__path__
    found = {code for path in Path(folder).glob("*.py") for code in codes_in(path.read_text())}
    found |= {reason for _, _, reason in OUTCOMES} | {Kind.CREATED.value, Kind.UPDATED.value}
    assert found | {"some_fields_rejected"} == set(REASONS)
    assert all(CODE.fullmatch(code) for code in REASONS)


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_has_the_table_of_reasons(readme):
    text = (ROOT / readme / "README.md").read_text("utf-8")
    begin = "<!-- reasons: begin, from sync_core.engine.reasons -->\n"
    told = text.split(begin)[1].split("<!-- reasons: end -->")[0]
    assert told == table()


def test_the_example_of_the_readme_runs(target, crm, sandbox):
    text = (ROOT / "target-pipedrive" / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    config = yaml.safe_load(example)["plugins"]["loaders"][0]["config"]
    crm.organization("Acme", custom={"Account ID": "a1"})
    crm.organization("Firm", custom={"Account ID": "c1"})
    texts = {"type": ["string", "null"]}
    customers = target.table("customers", {"email": texts, "first": texts, "last": texts},
                             {"email": "bob@acme.example", "first": "Bob"})  # fmt: skip
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
