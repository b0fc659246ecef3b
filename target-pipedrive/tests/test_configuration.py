"""Bad settings: every problem at once, with near names, before anything is written."""

from __future__ import annotations

import json
import socket

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}


def refused(run, crm, *sentences, exit_code=1, states=()):
    """The run ended before any write, and each problem has its sentence."""
    assert run.exit_code == exit_code
    assert "Traceback" not in run.log
    assert run.states == [*states]
    assert len(run.errors) == len(sentences), run.errors
    for found, parts in zip(run.errors, sentences, strict=True):
        for part in (parts,) if isinstance(parts, str) else parts:
            assert part in found
    assert crm.writes() == []
    assert crm.persons() == []


def test_every_wrong_destination_is_listed_at_once(target, crm):
    users = [
        {"from": "health", "to": "Customer helth"},
        {"from": "health", "to": "ID"},
        {"from": "health", "to": "Updated"},
        {"from": "health", "to": "Contract value", "zone": "UTC"},
    ]
    accounts = [{"from": "mrr", "to": "MMR"}]
    messages = target.stream("users", ANN)
    run = target.run(
        messages, users={"create": True, "fields": users}, accounts={"fields": accounts}
    )
    refused(
        run,
        crm,
        ("users.fields[0]", "no person field 'Customer helth'", "did you mean 'Customer health'"),
        (
            "users.fields[1]",
            "'ID' can't be written",
            "emails, first_name, label_ids, last_name, name, owner_id, phones",
        ),
        ("users.fields[2]", "'Updated' can't be written"),
        ("users.fields[3]", "'Contract value' is of type monetary", "no use for zone", "currency"),
        ("accounts.fields[0]", "no organization field 'MMR'", "did you mean 'MRR'"),
    )


def test_every_wrong_source_is_listed_at_once(target, crm):
    fields = [
        {"from": "helth", "to": "Customer health"},
        {"from": "churn", "to": "Churn score"},
    ]
    run = target.users(ANN, create=True, fields=fields, segments=["Powr users"])
    refused(
        run,
        crm,
        ("users.fields[0]", "stream users has no field 'helth'", "did you mean 'health'"),
        ("users.fields[1]", "stream users has no field 'churn'", "did you mean 'churn_score'"),
        ("users.segments", "no segment 'Powr users'", "did you mean 'Power users'"),
    )


def test_wrong_destinations_and_wrong_sources_are_listed_together_and_each_once(target, crm):
    users = [{"from": "helth", "to": "Churn score"}, {"from": "health", "to": "Churn scor"}]
    accounts = [{"from": "mrr", "to": "MMR"}]
    run = target.run(
        target.stream("users", ANN),
        owner="nobody@acme.example",
        users={"create": True, "fields": users},
        accounts={"fields": accounts},
    )
    refused(
        run,
        crm,
        ("owner", "no active user of this Pipedrive company"),
        ("users.fields[1]", "no person field 'Churn scor'", "did you mean 'Churn score'"),
        ("accounts.fields[0]", "no organization field 'MMR'", "did you mean 'MRR'"),
        ("users.fields[0]", "stream users has no field 'helth'", "did you mean 'health'"),
    )
    assert "journy-to-pipedrive: ended early: no record was looked at" in run.log
    assert "nothing to do" not in run.log


def test_the_id_of_a_stream_and_its_key_are_whole_columns_that_are_there(target, crm):
    firm = {"entity": "organization", "match": {"from": "ref.no", "to": "Account ID"}, "id": "idd"}
    columns = {"id": {"type": "integer"}, "ref": {"type": "object"}}
    run = target.run(
        target.table("firms", columns, {"id": 1, "ref": {"no": "a1"}}), streams={"firms": firm}
    )
    refused(
        run,
        crm,
        ("streams.firms.match", "'ref.no' is a part of the column ref"),
        ("streams.firms.id", "stream firms has no field 'idd'", "did you mean 'id'"),
    )


def test_a_field_that_is_the_target_twice(target, crm):
    fields = [{"from": "health", "to": name} for name in ("Lifecycle stage", "lifecycle STAGE ")]
    run = target.users(ANN, create=True, fields=fields)
    refused(run, crm, ("users.fields[1]", "already the target of users.fields[0]"))


def test_every_line_whose_field_has_one_already_is_listed_at_once(target, crm):
    names = ("Lifecycle stage", "lifecycle STAGE ", "Churn score", "Lifecycle stage", "churn score")
    run = target.users(ANN, create=True, fields=[{"from": "health", "to": name} for name in names])
    assert len(run.errors) == 3
    for error, (line, first) in zip(run.errors, [(1, 0), (3, 0), (4, 2)], strict=True):
        assert f"users.fields[{line}]" in error
        assert f"already the target of users.fields[{first}]" in error
    assert crm.writes() == []


def test_two_fields_with_one_name_are_told_apart_by_key(target, crm, sandbox):
    double = {"entity": "person", "name": "Lifecycle stage", "type": "varchar"}
    sandbox.apply(pipedrive={"add_field": double})
    run = target.users(ANN, create=True, fields=[{"from": "health", "to": "Lifecycle stage"}])
    key = crm.key("Lifecycle stage")
    refused(run, crm, ("2 person fields", "use one of their keys instead", key))
    fixed = target.users(
        {**ANN, "health": "Good"}, create=True, fields=[{"from": "health", "to": key}]
    )
    assert fixed.counts["users"] == {"created": 1}


def test_a_persons_whole_name_and_its_parts_are_not_mapped_together(target, crm):
    fields = [{"from": "first_name", "to": "First name"}, {"from": "health", "to": "Name"}]
    run = target.users(ANN, create=True, fields=fields)
    refused(run, crm, ("users.fields[0]", "either the whole name of a person or its parts"))


def test_unknown_keys_and_wrong_kinds_are_listed_at_once(target, crm):
    run = target.run(
        target.stream("users", ANN),
        users={"creat": True},
        accounts={"external_id": "x"},
        streams={
            "customers": {"entity": "persn", "match": "email"},
            "firms": {"entity": "organization", "match": "domain"},
            "others": {"entity": "person", "match": {"from": "mail", "to": "phone"}},
        },
    )
    refused(
        run,
        crm,
        ("users: unknown key 'creat'", "did you mean 'create'"),
        ("accounts: unknown key 'external_id'", "did you mean 'external_id_field'"),
        ("streams.customers.entity", "'persn'", "did you mean 'person'"),
        ("streams.firms.match", "organizations are matched by a field of your choice"),
        ("streams.others.match", "persons are matched by e-mail"),
    )


def test_a_setting_that_is_not_there_writes_nothing(target, crm):
    users = {"create": True}
    run = target.run(target.stream("users", ANN), users=users, dry_runs=True, daily_token_share=7)
    refused(
        run,
        crm,
        "daily_token_share",
        ("dry_runs: target-pipedrive has no such setting", "did you mean 'dry_run'"),
    )


def test_settings_of_the_sdk_are_known(target, crm):
    run = target.run(target.stream("users", ANN), users={"create": True}, batch_size_rows=7)
    assert run.exit_code == 0, run.log
    assert len(crm.persons()) == 1


@pytest.mark.parametrize(
    ("users", "says"),
    [
        ("everybody", "users: expected settings by name, got 'everybody'"),
        ({"create": "yes"}, "users.create: expected true or false, got 'yes'"),
        ({"segments": "Power users"}, "users.segments: expected a list, got 'Power users'"),
        ({"fields": [{"from": "health"}]}, "users.fields[0]: 'to' is a required property"),
        (
            {"fields": [{"from": "health", "to": "Churn score", "write": "never"}]},
            "write: expected one of 'always', 'if_empty', 'on_create', got 'never'",
        ),
    ],
)
def test_a_setting_of_a_wrong_kind(target, crm, users, says):
    run = target.run(target.stream("users", ANN), users=users)
    assert run.exit_code == 1
    assert says in run.log
    assert "Traceback" not in run.log
    assert crm.writes() == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"users": "all"}, "users: expected settings by name, got 'all'"),
        ({"users": []}, "users: expected settings by name"),
        (
            {"users": {"fields": ["health"]}},
            "users.fields[0]: expected settings by name, got 'health'",
        ),
    ],
)
def test_a_setting_that_is_no_object_where_one_belongs(target, crm, settings, says):
    run = target.run(target.stream("users", ANN), **settings, dry_runs=True)
    refused(run, crm, says, "dry_runs: target-pipedrive has no such setting")


ENVIRONMENT = {
    "no number": ("daily_token_share", "lots", "a number, above 0 and at most 1, got 'lots'"),
    "too much": ("daily_token_share", "1.5", "a number, above 0 and at most 1, got 1.5"),
    "no truth": ("dry_run", "maybe", "true or false, got 'maybe'"),
    "no count": ("retry_limit", "many", "a whole number, at least 0, got 'many'"),
    "no JSON": ("users", "{create: true", "settings by name, got '{create: true'"),
    "no choice": ("ledger_values", "clear", "one of 'hashed', 'plain', got 'clear'"),
}


@pytest.fixture
def by_environment(target, monkeypatch):
    """A run with some settings in environment variables."""

    def run(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(f"TARGET_PIPEDRIVE_{name.upper()}", value)
        return target.run(target.stream("users", ANN), "--config", "ENV")

    return run


@pytest.mark.parametrize(("setting", "value", "wants"), ENVIRONMENT.values(), ids=ENVIRONMENT)
def test_what_an_environment_variable_can_not_mean_is_refused(
    by_environment, crm, setting, value, wants
):
    run = by_environment(**{setting: value})
    assert run.errors[0].endswith(f"{setting}: expected {wants}")
    assert (run.exit_code, len(run.errors), crm.writes()) == (1, 1, [])


def test_environment_variables_set_what_they_say(by_environment, crm):
    said = {"daily_token_share": "0.25", "dry_run": "Yes", "users": '{"create": true}'}
    run = by_environment(**said)
    assert run.counts["users"] == {"created": 1}, run.log
    assert crm.writes() == []


def test_a_line_with_an_unknown_key(target, crm):
    fields = [{"from": "health", "to": "Customer health", "wirte": "always"}]
    run = target.users(ANN, create=True, fields=fields)
    refused(run, crm, ("users.fields[0]: unknown key 'wirte'", "did you mean 'write'"))


def test_an_account_id_field_that_is_not_there(target, crm):
    run = target.accounts(
        {"account_id": "a1", "name": "Acme"}, create=True, external_id_field="ID no"
    )
    refused(run, crm, ("accounts.external_id_field", "no organization field 'ID no'"))


def test_a_domain_field_that_is_not_there(target, crm):
    account = {"account_id": "a1", "name": "Acme", "domain": "acme.example"}
    run = target.accounts(account, create=True, domain_field="Websit")
    refused(run, crm, ("accounts.domain_field", "no organization field 'Websit'", "'Website'"))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Plan", "'Plan' holds no domains; website or a custom field of text does"),
        ("MRR", "'MRR' holds no domains"),
        ("Name", "'Name' holds no domains"),
        ("account id", "'Account ID' holds the account id, by which organizations are matched"),
    ],
)
def test_a_domain_field_that_holds_something_else(target, crm, name, says):
    account = {"account_id": "a1", "name": "Acme", "domain": "acme.example"}
    run = target.accounts(account, create=True, domain_field=name)
    refused(run, crm, ("accounts.domain_field", says))
    assert crm.organizations() == []


def test_a_further_key_is_named_by_its_place_in_the_list(target, crm):
    match = [{"from": "number", "to": "Account ID"}, {"from": "nr", "to": "name"}]
    firms = {"entity": "organization", "match": match}
    run = target.run(target.stream("firms", {"id": "1"}), streams={"firms": firms})
    refused(run, crm, "streams.firms.match[1]: stream firms has no field 'nr'")


def test_a_stream_without_an_entity_is_told_which_there_are(target, crm):
    run = target.run(target.stream("firms", {"id": "1"}), streams={"firms": {"match": "name"}})
    refused(run, crm, "streams.firms.entity: expected one of person, organization, deal")


def test_a_wrong_token(target, crm):
    run = target.run(target.stream("users", ANN), api_token="another-token")
    refused(run, crm, ("401", "check the credential"))
    assert "another-token" not in run.log


def test_a_missing_token(target, crm):
    run = target.run(target.stream("users", ANN), api_token=None)
    refused(run, crm, "api_token is missing")


@pytest.mark.usefixtures("hasty")
def test_an_address_where_nothing_answers(target, crm):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        run = target.run(target.stream("users", ANN), api_url=url)
    refused(run, crm, (f"can't be reached at {url}", "check api_url"), exit_code=69)


def test_a_ledger_that_cannot_be_opened(target, crm):
    url = f"sqlite:///{target.folder}/missing/ledger.db"
    run = target.run(target.stream("users", ANN), ledger_url=url)
    refused(run, crm, ("ledger_url", "check that the folder exists"))


def test_nothing_is_read_of_the_input_before_the_settings_are_right(target, crm):
    fields = [{"from": "health", "to": "Nope"}]
    run = target.users(ANN, create=True, fields=fields)
    assert run.exit_code == 1
    assert run.counts == {}
    assert crm.writes() == []


def twice_wrong():
    """Settings with one wrong line for accounts, and one for users."""
    return {
        "accounts": {"create": True, "fields": [{"from": "mrrr", "to": "MRR"}]},
        "users": {"create": True, "fields": [{"from": "helth", "to": "Customer health"}]},
    }


BOTH_NAMED = (
    ("accounts.fields[0]", "stream accounts has no field 'mrrr'", "did you mean 'mrr'"),
    ("users.fields[0]", "stream users has no field 'helth'", "did you mean 'health'"),
)


def announced_ahead(target, *, state=None):
    """What a tap sends that announces all of its streams before the first record."""
    accounts, users = target.stream("accounts", ACME), target.stream("users", ANN)
    before = [{"type": "STATE", "value": state}] if state else []
    return [*before, accounts[0], users[0], *accounts, *users]


ACME = {"account_id": "a1", "name": "Acme", "plan": "Growth"}


@pytest.mark.parametrize("state", [None, {"bookmarks": {"accounts": 1}}], ids=["new", "resumed"])
def test_wrong_lines_of_two_streams_are_one_error_before_any_write(target, crm, state):
    run = target.run(announced_ahead(target, state=state), **twice_wrong())
    refused(run, crm, *BOTH_NAMED, states=[state] if state else [])
    assert crm.organizations() == []


@pytest.mark.parametrize("end", [
    [],
    [{"type": "STATE", "value": {"bookmarks": {}}}],
    [{"type": "ACTIVATE_VERSION", "stream": "users", "version": 1}],
    [{"type": "BATCH", "stream": "users", "encoding": {"format": "jsonl"}, "manifest": []}],
], ids=["end", "state", "version", "batch"])  # fmt: skip
def test_wrong_lines_are_told_by_whatever_follows_the_schemas(target, crm, end):
    messages = [target.stream(name)[0] for name in ("users", "accounts")]
    run = target.run([*messages, *end], **twice_wrong())
    refused(run, crm, *BOTH_NAMED)


def test_the_last_schema_before_the_first_record_counts(target, crm):
    early, *rest = target.stream("users", {**ANN, "nickname": "Annie"})
    late = json.loads(json.dumps(early))
    late["schema"]["properties"]["nickname"] = {"type": ["string", "null"]}
    fields = [{"from": "nickname", "to": "Notes on fit"}]
    run = target.run([early, late, *rest], users={"create": True, "fields": fields})
    assert run.exit_code == 0, run.log
    (person,) = crm.persons()
    assert crm.stored(person)["Notes on fit"] == "Annie"


def test_no_missing_field_is_made_while_another_stream_is_wrong(target, crm):
    settings = twice_wrong()
    settings["accounts"]["fields"] = [{"from": "plan", "to": "Plan name"}]
    run = target.run(announced_ahead(target), create_missing_fields=True, **settings)
    refused(run, crm, BOTH_NAMED[1])
    settings["users"]["fields"] = []
    run = target.run(announced_ahead(target), create_missing_fields=True, **settings)
    assert run.exit_code == 0, run.log
    (organization,) = crm.organizations()
    assert crm.stored(organization, "organization")["Plan name"] == "Growth"


def test_accounts_are_written_before_users_in_whatever_order_they_are_announced(target, crm):
    accounts = target.stream("accounts", ACME)
    users = target.stream("users", {**ANN, "accounts": ["a1"]})
    settings = {
        "accounts": {"create": True, "external_id_field": "Account ID"},
        "users": {"create": True, "fields": [{"from": "account.plan", "to": "Lifecycle stage"}]},
    }
    run = target.run([users[0], accounts[0], *accounts[1:], *users[1:]], **settings)
    assert run.exit_code == 0, run.log
    (person,), (organization,) = crm.persons(), crm.organizations()
    assert crm.stored(person)["org_id"] == organization
    assert crm.stored(person)["Lifecycle stage"] == "Growth"
