"""Archives of calls in Segment's specification, folded into the latest state."""

from __future__ import annotations

import json

import pytest
from sync_sandbox.journy import export


@pytest.fixture(params=["memory", "temporary files"], autouse=True)
def place(request, monkeypatch):
    """Where an archive is folded: whatever holds for a small one holds for a large one."""
    if request.param == "temporary files":
        monkeypatch.setattr("tap_journy.fold.HELD", 1)  # after each line
    return request.param


@pytest.fixture
def fold(tap, tmp_path):
    """Read lines as an archive of users and accounts."""

    def run(*lines: object, state=None, **more):
        path = tmp_path / "archive.jsonl"
        texts = [each if isinstance(each, str) else json.dumps(each) for each in lines]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        files = {"users": str(path), "accounts": str(path)}
        source = {"type": "files", "format": "segment", **files, **more}
        return tap(api_key=None, record_source=source, state=state)

    return run


def identify(user: str, at: int, **traits) -> dict:
    stamp = f"2026-01-{at:02}T00:00:00Z"
    return {"type": "identify", "userId": user, "traits": traits, "timestamp": stamp}


def group(account: str, at: int, user: str | None = None, **traits) -> dict:
    line = identify(user or "", at, **traits) | {"type": "group", "groupId": account}
    return line if user else {k: v for k, v in line.items() if k != "userId"}


def test_the_latest_value_of_each_trait_stands_whatever_the_order_of_the_lines(fold):
    run = fold(
        identify("u1", 20, plan="Pro", email="a@example.com"),
        identify("u1", 10, plan="Free", city="Ghent"),
    )
    (user,) = run.records("users")
    assert (user["plan"], user["city"], user["email"]) == ("Pro", "Ghent", "a@example.com")
    assert user["created_at"] == "2026-01-10T00:00:00.000Z"
    assert user["updated_at"] == "2026-01-20T00:00:00.000Z"
    assert run.fits


def test_group_lines_make_accounts_and_memberships(fold):
    run = fold(
        group("acc", 5, name="Acme", domain="acme.example"),
        group("acc", 6, "u1"),
        group("acc", 7, "u2", plan="Pro"),
        identify("u1", 1),
    )
    (account,) = run.records("accounts")
    assert (account["account_id"], account["domain"]) == ("acc", "acme.example")
    assert (account["name"], account["plan"]) == ("Acme", "Pro")
    pairs = [(each["user_id"], each["account_id"]) for each in run.records("memberships")]
    assert sorted(pairs) == [("u1", "acc"), ("u2", "acc")]


def test_an_anonymous_visitor_becomes_the_user_who_was_identified(fold):
    visit = {"type": "identify", "anonymousId": "x", "traits": {"city": "Ghent", "plan": "Old"}}
    run = fold(
        {**visit, "timestamp": "2026-01-01T00:00:00Z"},
        identify("u1", 2, plan="Pro") | {"anonymousId": "x"},
    )
    (user,) = run.records("users")
    assert (user["user_id"], user["city"], user["plan"]) == ("u1", "Ghent", "Pro")


def test_an_alias_may_come_long_after_what_the_visitor_did(fold):
    run = fold(
        {"type": "identify", "anonymousId": "x", "traits": {"city": "Ghent"}},
        group("acc", 3) | {"anonymousId": "x"},
        *(identify(f"u{number}", 1) for number in range(50)),
        {"type": "alias", "previousId": "x", "userId": "u7"},
        {"type": "alias", "previousId": "y", "userId": "u8"},
    )
    (user,) = (each for each in run.records("users") if each["city"])
    assert (user["user_id"], user["accounts"]) == ("u7", ["acc"])
    assert len(run.records("users")) == 50


def test_a_device_that_two_users_share_tells_of_neither(fold):
    run = fold(
        {"type": "identify", "anonymousId": "x", "traits": {"city": "Ghent", "email": "a@b.c"}},
        identify("u1", 1) | {"anonymousId": "x"},
        identify("u2", 2) | {"anonymousId": "x"},
    )
    assert [(each["user_id"], each["city"]) for each in run.records("users")] == [
        ("u1", None),
        ("u2", None),
        ("a@b.c", "Ghent"),
    ]


def test_a_visitor_can_be_a_user_of_whom_no_line_tells(fold):
    run = fold(
        {"type": "alias", "previousId": "x", "userId": "u1"},
        {"type": "identify", "anonymousId": "x", "traits": {"city": "Ghent"}},
        {"type": "identify", "anonymousId": "nobody", "traits": {"city": "Ghent"}},
        identify("u2", 1),
    )
    found = [(each["user_id"], each["city"]) for each in run.records("users")]
    assert found == [("u2", None), ("u1", "Ghent")]


def test_users_and_accounts_come_in_the_order_in_which_lines_first_tell_of_them(fold):
    names = ["z", "b", "ü", "10", "9", "a", "\U0001f600", '"', "B"]
    lines = [identify(name, 9, plan=n) for n, name in enumerate(names)]
    groups = [group(name, 9, "z") for name in names]
    run = fold(*lines, *groups, *reversed(lines), *reversed(groups))
    assert [each["user_id"] for each in run.records("users")] == names
    assert [each["account_id"] for each in run.records("accounts")] == names
    assert run.records("users")[0]["accounts"] == sorted(names)


def test_a_track_line_brings_the_traits_of_its_context(fold):
    track = {"type": "track", "userId": "u1", "event": "Paid", "properties": {"amount": 5}}
    run = fold({**track, "context": {"traits": {"plan": "Pro"}}})
    (user,) = run.records("users")
    assert user["plan"] == "Pro"
    assert "amount" not in user


def test_a_context_of_another_form_and_a_mark_of_bytes_break_no_line(fold):
    first = "\ufeff" + json.dumps(identify("u1", 1, plan="Pro"))
    run = fold(first, identify("u2", 1) | {"context": "web"}, identify("u3", 1) | {"context": []})
    assert [each["user_id"] for each in run.records("users")] == ["u1", "u2", "u3"]
    assert "left out" not in run.log.replace("catalogue streams are left out", "")


def test_nested_traits_are_kept_as_text_or_flattened(fold):
    line = identify("u1", 1, address={"city": "Ghent", "geo": {"lat": 51.0}})
    (user,) = fold(line).records("users")
    assert json.loads(user["address"]) == {"city": "Ghent", "geo": {"lat": 51.0}}
    (user,) = fold(line, nested="flatten").records("users")
    assert (user["address_city"], user["address_geo_lat"]) == ("Ghent", 51.0)


def test_traits_that_are_an_object_in_a_text_are_read_as_they_are_in_csv(tap, tmp_path, fold):
    traits, context = '{"plan": "Pro", "logins": 5}', '{"traits": {"city": "Ghent"}}'
    path = tmp_path / "calls.csv"
    quoted = [each.replace('"', '""') for each in (traits, context)]
    path.write_text(f'type,userId,traits,context\nidentify,u1,"{quoted[0]}","{quoted[1]}"\n')
    source = {"type": "files", "format": "segment", "users": str(path)}
    line = {"type": "identify", "userId": "u1", "traits": traits, "context": context}
    for run in (tap(api_key=None, record_source=source), fold(line)):
        (user,) = run.records("users")
        assert (user["plan"], user["logins"], user["city"]) == ("Pro", 5, "Ghent")


def test_traits_that_are_no_object_are_told(fold):
    run = fold(identify("u1", 1) | {"traits": "Pro"}, identify("u1", 2) | {"traits": ["Pro"]})
    assert len(run.records("users")) == 1
    assert "traits that are no object, passed over: 2" in run.log


def test_awkward_lines_are_reported_and_the_rest_folded(fold, place):
    run = fold('{"type": "iden', {"type": "identify"}, {"type": "huh"}, 7, identify("u1", 1))
    assert run.exit_code == 0
    assert [each["user_id"] for each in run.records("users")] == ["u1"]
    assert "archive.jsonl: line 1 isn't a JSON object and is left out" in run.log
    assert "archive.jsonl: line 4 isn't a JSON object" in run.log
    assert "lines without userId and anonymousId, passed over: 1" in run.log
    where = {"memory": "in memory", "temporary files": "through temporary files"}[place]
    assert f"3 lines of 1 file folded {where}: 1 user and 0 accounts" in run.log


def test_only_those_of_a_changed_file_come_again_with_all_that_is_known(tap, tmp_path):
    old, new = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    lines = [identify("u1", 1, plan="Free", city="Ghent"), identify("u2", 1)]
    old.write_text("".join(json.dumps(each) + "\n" for each in lines))
    pattern = str(tmp_path / "*.jsonl")
    source = {"type": "files", "format": "segment", "users": pattern}
    settings = {"api_key": None, "record_source": source}
    first = tap(**settings)
    assert len(first.records("users")) == 2
    assert tap(**settings, state=first.state).records("users") == []
    new.write_text(json.dumps(identify("u1", 2, plan="Pro")) + "\n")
    (user,) = tap(**settings, state=first.state).records("users")
    assert (user["user_id"], user["plan"], user["city"]) == ("u1", "Pro", "Ghent")


def test_files_that_are_gone_from_an_archive_are_told_since_records_then_lack_what_they_said(
    tap, tmp_path
):
    source = {"type": "files", "format": "segment", "users": str(tmp_path / "*.jsonl")}
    settings = {"api_key": None, "record_source": source}
    (tmp_path / "1.jsonl").write_text(json.dumps(identify("u1", 1, city="Ghent")) + "\n")
    first = tap(**settings)
    (tmp_path / "1.jsonl").unlink()
    (tmp_path / "2.jsonl").write_text(json.dumps(identify("u1", 2, plan="Pro")) + "\n")
    second = tap(**settings, state=first.state)
    said = "the archive has lost 1 file that earlier runs read"
    assert f"users: {said}: records come without what stood only there" in second.log
    assert said not in tap(**settings, state=second.state).log


def test_a_user_comes_again_when_an_alias_tells_who_a_visitor_was(tap, tmp_path):
    source = {"type": "files", "format": "segment", "users": str(tmp_path / "*.jsonl")}
    settings = {"api_key": None, "record_source": source}
    visit = {"type": "identify", "anonymousId": "x", "traits": {"city": "Ghent"}}
    first = [visit, identify("u1", 1, plan="Pro"), identify("u2", 1)]
    (tmp_path / "1.jsonl").write_text("".join(json.dumps(each) + "\n" for each in first))
    state = tap(**settings).state
    alias = {"type": "alias", "previousId": "x", "userId": "u1"}
    (tmp_path / "2.jsonl").write_text(json.dumps(alias) + "\n")
    (user,) = tap(**settings, state=state).records("users")
    assert (user["user_id"], user["plan"], user["city"]) == ("u1", "Pro", "Ghent")


def test_lines_that_come_late_fill_in_and_overwrite_nothing_that_is_newer(tap, tmp_path):
    files = str(tmp_path / "*.jsonl")
    source = {"type": "files", "format": "segment", "users": files, "accounts": files}
    settings = {"api_key": None, "record_source": source}
    (tmp_path / "1.jsonl").write_text(
        "".join(json.dumps(each) + "\n" for each in [identify("u1", 20, plan="Pro")])
    )
    first = tap(**settings)
    late = [identify("u1", 10, plan="Free", city="Ghent"), group("acc", 5, "u1", plan="Team")]
    (tmp_path / "2.jsonl").write_text("".join(json.dumps(each) + "\n" for each in late))
    second = tap(**settings, state=first.state)
    (user,) = second.records("users")
    assert (user["plan"], user["city"]) == ("Pro", "Ghent")
    assert user["updated_at"] == "2026-01-20T00:00:00.000Z"
    assert user["created_at"] == "2026-01-05T00:00:00.000Z"
    assert user["accounts"] == ["acc"]
    assert [each["plan"] for each in second.records("accounts")] == ["Team"]
    assert [each["account_id"] for each in second.records("memberships")] == ["acc"]
    assert second.fits


def test_an_archive_with_an_unreadable_file_is_left_out_and_said_once(tap, tmp_path):
    (tmp_path / "1.jsonl").write_text(json.dumps(identify("u1", 1)) + "\n")
    (tmp_path / "2.jsonl.gz").write_bytes(b"no archive")
    files = str(tmp_path / "*.jsonl*")
    source = {"type": "files", "format": "segment", "users": files, "accounts": files}
    run = tap(record_source=source)
    assert run.exit_code == 3
    assert run.records("users") == run.records("accounts") == []
    assert run.records("user_segments")
    assert "2.jsonl.gz can't be read" in run.log
    assert "Finished without all of these streams: accounts, memberships, users" in run.log


def test_an_archive_of_the_sandbox_tells_what_its_endpoint_tells(tap, sandbox, tmp_path):
    listed = tap()
    export.write_segment_lines(sandbox.journy.world, tmp_path / "all.jsonl")
    path = str(tmp_path / "all.jsonl")
    source = {"type": "files", "format": "segment", "users": path, "accounts": path}
    read = tap(record_source=source)
    assert len(read.records("users")) == len(listed.records("users"))
    pairs = [
        {(each["user_id"], each["account_id"]) for each in run.records("memberships")}
        for run in (listed, read)
    ]
    assert pairs[0] == pairs[1]
    emails = [{each["email"] for each in run.records("users")} for run in (listed, read)]
    assert len(emails[0]) == len(emails[1])
    assert read.fits
