"""Record sources other than the default one: described endpoints, and files."""

from __future__ import annotations

import json

import pytest
import requests_mock

URL = "https://journy.test"
CATALOGUES = ("/properties/users", "/properties/accounts", "/segments/users", "/segments/accounts")


@pytest.fixture
def journy():
    """A journy with empty catalogues, and whatever list a test describes."""
    with requests_mock.Mocker() as mocked:
        for path in (*CATALOGUES, "/events"):
            mocked.get(URL + path, json={"data": []})
        mocked.get(f"{URL}/validate", json={"data": {"permissions": ["ReadEvents"]}})
        mocked.get(f"{URL}/accounts", json={"data": []})
        yield mocked


def users(run) -> list[dict]:
    return run.records("users")


def test_an_endpoint_of_another_shape_can_be_described(tap, journy):
    first = {"result": {"items": [{"uid": 7, "mail": "a@example.com", "traits": {"plan": "x"}}]}}
    second = {"result": {"items": [{"uid": 8, "mail": None, "traits": {"plan": None}}]}}
    journy.get(f"{URL}/v9/people", json={**first, "after": "p2"})
    journy.get(f"{URL}/v9/people?page=p2", json=second)
    source = {
        "path": "/v9/people",
        "records": "result.items",
        "next": "after",
        "cursor_param": "page",
        "limit_param": None,
        "since_param": None,
        "id": "uid",
        "email": "mail",
        "properties": "traits",
    }
    run = tap(api_url=URL, record_source={"users": source})
    assert [(each["user_id"], each["email"], each["plan"]) for each in users(run)] == [
        ("7", "a@example.com", "x"),
        ("8", None, None),
    ]
    asked = [each.query for each in journy.request_history if each.path == "/v9/people"]
    assert set(asked) == {"", "page=p2"}


def test_a_user_without_an_id_is_known_by_the_e_mail(tap, journy):
    journy.get(f"{URL}/users", json={"data": [{"userId": None, "email": "a@example.com"}, {}]})
    run = tap(api_url=URL)
    assert [each["user_id"] for each in users(run)] == ["a@example.com"]
    assert "users: records without user_id and email, left out: 1" in run.log


def test_a_value_of_another_type_widens_its_column_before_it_leaves(tap, journy):
    sample = [
        {"userId": f"u{number}", "properties": {"plan": "Free", "logins": number}}
        for number in range(400)
    ]
    odd = {"userId": "odd", "properties": {"plan": 5, "logins": "many", "brand_new": 1}}
    journy.get(f"{URL}/users?limit=400", json={"data": sample})
    journy.get(f"{URL}/users?limit=500", json={"data": [*sample, odd]})
    run = tap(api_url=URL)
    assert [user["logins"] for user in users(run)[-2:]] == ["399", "many"]
    assert users(run)[-1]["plan"] == "5"
    kinds = [each["schema"]["properties"]["logins"]["type"] for each in run.of("SCHEMA", "users")]
    assert kinds == [["number", "null"], ["string", "null"]]
    assert "users: the column logins held number values and takes string from now on" in run.log
    assert "have no column, and their values were left out: brand_new" in run.log
    assert run.fits


def test_a_list_in_another_order_is_refused_before_a_bookmark_can_pass_a_record(tap, journy):
    times = ("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z")
    data = [{"userId": each, "updatedAt": each} for each in times]
    journy.get(f"{URL}/users", json={"data": data})
    run = tap(api_url=URL)
    assert run.exit_code == 1
    assert "set record_source.users.since_param to null" in run.log
    again = tap(api_url=URL, record_source={"users": {"since_param": None}})
    assert again.exit_code == 0
    assert len(users(again)) == 2


def test_an_endpoint_that_overlooks_the_since_parameter_does_no_harm(tap, journy):
    times = ("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z")
    data = [{"userId": each, "updatedAt": each} for each in times]
    journy.get(f"{URL}/users", json={"data": data})
    mark = {"replication_key": "updated_at", "replication_key_value": "2026-02-01T00:00:00.000Z"}
    run = tap(api_url=URL, state={"bookmarks": {"users": mark}})
    assert run.exit_code == 0
    assert run.bookmark("users") == "2026-03-01T00:00:00.000Z"


def test_a_cursor_that_repeats_itself_is_no_endless_loop(tap, journy):
    journy.get(f"{URL}/users", json={"data": [], "paging": {"next": "same"}})
    run = tap(api_url=URL)
    assert run.exit_code == 1
    assert "repeats the cursor of /users" in run.log


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_endpoint_that_is_not_there_is_explained(tap, journy, status):
    journy.get(f"{URL}/users", status_code=status, json={})
    run = tap(api_url=URL)
    assert run.exit_code == 3
    assert f"journy answered {status} to GET /users" in run.log
    assert "journy publishes no endpoint that lists users" in run.log
    assert "record_source.users must describe one" in run.log
    assert "Finished without all of these streams: memberships, users" in run.log
    assert "Traceback" not in run.log


def test_the_catalogues_can_be_discovered_where_no_endpoint_lists_records(tap, journy):
    journy.get(f"{URL}/users", status_code=404, json={})
    run = tap("--discover", api_url=URL)
    assert run.exit_code == 0
    assert "user_segments" in [each["stream"] for each in json.loads(run.out)["streams"]]


def test_an_answer_without_the_described_list_is_explained(tap, journy):
    journy.get(f"{URL}/users", json={"items": []})
    run = tap(api_url=URL)
    assert run.exit_code == 1
    assert "record_source.users.records: the answer to GET /users has no list at 'data'" in run.log


@pytest.fixture
def lines(tmp_path):
    def write(name: str, *content: object) -> str:
        path = tmp_path / name
        text = [each if isinstance(each, str) else json.dumps(each) for each in content]
        path.write_text("\n".join(text) + "\n", encoding="utf-8")
        return str(path)

    return write


def test_files_of_json_lines_are_read_without_an_api_key(tap, lines, sandbox):
    path = lines(
        "users.jsonl",
        {"userId": "u1", "email": "a@example.com", "properties": {"plan": "Free"}},
        {"userId": "u2", "accounts": ["acc-1", "acc-2"], "segments": ["Power users"]},
    )
    run = tap(api_key=None, record_source={"type": "files", "users": path})
    assert run.exit_code == 0
    assert [each["user_id"] for each in users(run)] == ["u1", "u2"]
    assert len(run.records("memberships")) == 2
    assert {each["stream"] for each in run.of("SCHEMA")} == {"users", "memberships"}
    assert sandbox.journal() == []


def test_a_line_that_ends_a_text_in_half_of_a_character_is_read(tap, lines):
    path = lines("users.jsonl", '{"userId": "u1", "properties": {"city": "Ghent \\ud83d"}}')
    run = tap(api_key=None, record_source={"type": "files", "users": path})
    assert [each["city"] for each in users(run)] == ["Ghent \ufffd"]


def test_a_broken_line_is_reported_with_its_number_and_the_rest_read(tap, lines):
    path = lines("users.jsonl", {"userId": "u1"}, '{"userId": "u2', "", "[1]", {"userId": "u3"})
    run = tap(api_key=None, record_source={"type": "files", "users": path})
    assert run.exit_code == 0
    assert [each["user_id"] for each in users(run)] == ["u1", "u3"]
    assert "users.jsonl: line 2 isn't a JSON object and is left out" in run.log
    assert "users.jsonl: line 4 isn't a JSON object and is left out" in run.log


def test_a_missing_file_is_explained(tap, tmp_path):
    source = {"type": "files", "users": str(tmp_path / "nowhere.jsonl")}
    run = tap(api_key=None, record_source=source)
    assert run.exit_code == 3
    assert run.of("SCHEMA", "users") == []
    assert "record_source.users" in run.log
    assert "nowhere.jsonl can't be read (No such file or directory)" in run.log


REFUSED = {
    "unknown key": ({"users": {"pth": "/x"}}, "record_source.users: unknown key 'pth'; did you"),
    "unknown entity": ({"user": {}}, "unknown key 'user'; did you mean 'users'?"),
    "unknown type": ({"type": "ftp"}, "record_source.type: 'ftp' isn't one of api, files"),
    "page size": ({"users": {"page_size": 0}}, "page_size: expected a whole number from 1"),
    "relative path": ({"users": {"path": "users"}}, "expected a path below api_url"),
    "empty records": ({"users": {"records": None}}, "record_source.users.records: can't be empty"),
    "not an object": ({"users": "/users"}, "record_source.users: expected keys such as path"),
    "no file": ({"type": "files"}, "name files under users, accounts, or both"),
    "format": (
        {"type": "files", "format": "xml", "users": "u"},
        "'xml' isn't one of records, segment",
    ),
    "nested": (
        {"type": "files", "nested": "no", "users": "u"},
        "nested: 'no' isn't one of text, fl",
    ),
    "file key": ({"type": "files", "users": {"path": "u", "emial": "x"}}, "did you mean 'email'?"),
    "file path": ({"type": "files", "users": ["u", 1]}, "expected a path, pattern or address of f"),
    "pagination": ({"users": {"pagination": "pages"}}, "isn't one of cursor, page, offset, none"),
    "page without parameter": (
        {"users": {"pagination": "page", "page_param": None}},
        "record_source.users.page_param: can't be empty with pagination page",
    ),
    "method": ({"users": {"method": "PUT"}}, "record_source.users.method: 'PUT' isn't one of GET"),
    "since format": ({"users": {"since_format": "unix"}}, "since_format: 'unix' isn't one of iso"),
}


@pytest.mark.parametrize(("source", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_description_that_cannot_work_is_refused(tap, sandbox, source, sentence):
    run = tap(record_source=source)
    assert run.exit_code == 1
    assert run.out == ""
    assert sentence in run.log
    assert "Traceback" not in run.log
    assert sandbox.journal() == []


def test_every_problem_of_a_description_is_named_at_once(tap):
    run = tap(record_source={"users": {"pth": "/x"}, "accounts": {"page_size": "many"}})
    assert "unknown key 'pth'" in run.log
    assert "record_source.accounts.page_size" in run.log


@pytest.mark.parametrize(
    ("paging", "asked"),
    [
        ({"pagination": "page"}, ["page=1", "page=2", "page=3"]),
        ({"pagination": "page", "page_param": "p", "first_page": 0}, ["p=0", "p=1", "p=2"]),
        ({"pagination": "offset"}, ["", "offset=2", "offset=3"]),
        ({"pagination": "none"}, [""]),
    ],
    ids=["page", "page from 0", "offset", "none"],
)
def test_pages_and_offsets_are_counted_until_a_page_is_empty(tap, journy, paging, asked):
    answers = [[{"userId": "u1"}, {"userId": "u2"}], [{"userId": "u3"}], []]
    for query, data in zip(asked, answers, strict=False):
        journy.get(f"{URL}/people?{query}", json={"data": data})
    source = {"path": "/people", "limit_param": None, "since_param": None, **paging}
    run = tap(api_url=URL, record_source={"users": source})
    read = [each["user_id"] for each in users(run)]
    assert read == (["u1", "u2", "u3"] if len(asked) > 1 else ["u1", "u2"])
    queries = [each.query for each in journy.request_history if each.path == "/people"]
    assert queries == [asked[0], *asked]  # the sample, and the walk


def test_a_page_that_comes_again_is_no_endless_loop(tap, journy):
    journy.get(f"{URL}/users", json={"data": [{"userId": "u1"}]})
    run = tap(api_url=URL, record_source={"users": {"pagination": "offset"}})
    assert run.exit_code == 1
    assert "repeats a page of /users" in run.log


def test_an_endpoint_that_wants_its_parameters_as_json_is_asked_by_post(tap, journy):
    pages = [
        {"json": {"data": [{"userId": each}], "paging": {"next": after}}}
        for each, after in (("u1", None), ("u1", "p2"), ("u2", None))
    ]
    journy.post(f"{URL}/users/search", pages)
    source = {"users": {"path": "/users/search", "method": "POST"}}
    run = tap(api_url=URL, record_source=source, start_date="2026-02-01")
    assert run.exit_code == 0
    assert [each["user_id"] for each in users(run)] == ["u1", "u2"]
    asked = [each for each in journy.request_history if each.path == "/users/search"]
    assert [each.query for each in asked] == ["", "", ""]
    since = {"limit": 500, "updated_since": "2026-02-01T00:00:00.000Z"}
    assert [each.json() for each in asked] == [{"limit": 400}, since, {**since, "cursor": "p2"}]


def test_a_refused_post_is_named_as_one(tap, journy):
    journy.post(f"{URL}/users/search", status_code=401, json={})
    source = {"users": {"path": "/users/search", "method": "POST"}}
    run = tap(api_url=URL, record_source=source)
    assert run.exit_code == 3
    assert "journy answered 401 to POST /users/search although the key is right" in run.log


@pytest.mark.parametrize(
    ("spelling", "sent"),
    [
        ("iso", "2026-02-01t00:00:00.000z"),
        ("date", "2026-02-01"),
        ("seconds", "1769904000"),
        ("milliseconds", "1769904000000"),
    ],
)
def test_the_since_parameter_is_spelled_as_described(tap, journy, spelling, sent):
    journy.get(f"{URL}/users", json={"data": []})
    source = {"users": {"since_format": spelling, "since_param": "after"}}
    tap(api_url=URL, record_source=source, start_date="2026-02-01")
    last = [each for each in journy.request_history if each.path == "/users"][-1]
    assert last.qs["after"] == [sent]


def test_update_times_in_seconds_and_milliseconds_are_read(tap, journy):
    data = [{"userId": "u1", "updatedAt": 1769904000}, {"userId": "u2", "updatedAt": 1769904001500}]
    journy.get(f"{URL}/users", json={"data": data})
    run = tap(api_url=URL)
    assert [each["updated_at"] for each in users(run)] == [
        "2026-02-01T00:00:00.000Z",
        "2026-02-01T00:00:01.500Z",
    ]
    assert run.fits


def test_a_cursor_that_expires_in_mid_walk_is_told_from_a_wrong_endpoint(tap, journy):
    journy.get(f"{URL}/users", json={"data": [{"userId": "u1"}], "paging": {"next": "p2"}})
    journy.get(f"{URL}/users?cursor=p2", status_code=400, json={})
    run = tap(api_url=URL)
    assert run.exit_code == 1
    assert "its cursor may have expired; the next run goes on" in run.log
    assert [each["user_id"] for each in users(run)] == ["u1"]


def test_entries_that_are_no_objects_and_times_that_are_none_are_reported(tap, journy):
    data = [{"userId": "u1", "createdAt": "soon"}, 7, None]
    journy.get(f"{URL}/users", json={"data": data})
    run = tap(api_url=URL)
    assert [(each["user_id"], each["created_at"]) for each in users(run)] == [("u1", None)]
    assert "users: 2 entries aren't objects; left out" in run.log
    assert "users: values of created_at that are no time, left empty: 1" in run.log


def test_cursors_that_lead_in_a_circle_are_no_endless_loop(tap, journy):
    for cursor, after in (("", "a"), ("?cursor=a", "b"), ("?cursor=b", "a")):
        data = [{"userId": f"u{cursor}"}]
        journy.get(f"{URL}/users{cursor}", json={"data": data, "paging": {"next": after}})
    run = tap(api_url=URL)
    assert run.exit_code == 1
    assert "repeats the cursor of /users" in run.log


def test_a_bookmark_goes_back_when_a_later_page_turns_out_to_be_in_another_order(tap, journy):
    def page(day: str, **more) -> dict:
        own = {"updatedAt": f"{day}T00:00:00Z", "accounts": ["a"]}
        return {"data": [{"userId": f"{day} {n}", **own} for n in range(500)], **more}

    journy.get(f"{URL}/users", json=page("2026-03-01", paging={"next": "p2"}))
    journy.get(f"{URL}/users?cursor=p2", json=page("2026-01-01"))
    first = tap(api_url=URL)
    assert first.exit_code == 1
    assert len(users(first)) == 500
    for stream in ("users", "memberships"):
        assert "replication_key_value" not in first.state["bookmarks"][stream]
    mark = {"replication_key": "updated_at", "replication_key_value": "2025-12-01T00:00:00.000Z"}
    again = tap(api_url=URL, state={"bookmarks": {"users": mark}})
    assert again.bookmark("users") == "2025-12-01T00:00:00.000Z"
