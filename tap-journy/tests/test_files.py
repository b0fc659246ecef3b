"""Users and accounts from files: JSON Lines and CSV, by path, pattern and address."""

from __future__ import annotations

import bz2
import gzip
import json
import os

import fsspec
import pytest
from sync_sandbox.journy import export


def source(path, **more) -> dict:
    return {"api_key": None, "record_source": {"type": "files", "users": str(path), **more}}


def ids(run) -> list[str]:
    return [each["user_id"] for each in run.records("users")]


def lines(*records: object) -> bytes:
    return "".join(json.dumps(each) + "\n" for each in records).encode()


@pytest.mark.parametrize(
    ("name", "packed"), [("u.jsonl", bytes), ("u.jsonl.gz", gzip.compress), ("u.bz2", bz2.compress)]
)
def test_compression_is_told_by_the_name(tap, tmp_path, name, packed):
    (tmp_path / name).write_bytes(packed(lines({"userId": "u1"}, {"userId": "u2"})))
    assert ids(tap(**source(tmp_path / name))) == ["u1", "u2"]


def test_an_export_holds_what_the_endpoint_tells(tap, sandbox, tmp_path):
    listed = tap()
    for which in export.BOTH:
        export.write_records(sandbox.journy.world, tmp_path / f"{which}.jsonl", which)
    read = tap(**source(tmp_path / "users.jsonl", accounts=str(tmp_path / "accounts.jsonl")))
    for stream in ("users", "accounts"):
        assert len(read.records(stream)) == len(listed.records(stream)) > 0
    by_id = {each["user_id"]: each for each in read.records("users")}
    for user in listed.records("users"):
        known = {name: value for name, value in user.items() if name in by_id[user["user_id"]]}
        assert by_id[user["user_id"]] == known
    assert read.fits


def test_a_pattern_reads_the_file_that_changed_last_at_the_end(tap, tmp_path):
    for name, changed in (("b", 1000), ("a", 2000)):
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(lines({"userId": name}))
        os.utime(path, (changed, changed))
    assert ids(tap(**source(tmp_path / "*.jsonl"))) == ["b", "a"]


def test_an_object_store_is_read_through_its_address_until_nothing_has_changed(tap):
    store = fsspec.filesystem("memory")
    for name in ("users", "more"):
        store.pipe(f"/bucket/{name}.jsonl", lines({"userId": name}))
    try:
        assert ids(tap(**source("memory://bucket/users.jsonl"))) == ["users"]
        first = tap(**source("memory://bucket/*.jsonl"))
        assert ids(first) == ["users", "more"]
        assert ids(tap(**source("memory://bucket/*.jsonl"), state=first.state)) == []
        store.pipe("/bucket/users.jsonl", lines({"userId": "again"}))
        assert ids(tap(**source("memory://bucket/*.jsonl"), state=first.state)) == ["again"]
    finally:
        store.rm("/bucket", recursive=True)


def test_compression_that_needs_a_package_names_it_and_the_others_are_read(tap, tmp_path):
    (tmp_path / "a.jsonl.lz4").write_bytes(b"packed")
    (tmp_path / "b.jsonl").write_bytes(lines({"userId": "b"}))
    run = tap(**source(tmp_path / "*.jsonl*"))
    assert run.exit_code == 3
    assert ids(run) == ["b"]
    assert "a.jsonl.lz4 can't be read (install lz4 beside this tap to read .lz4)" in run.log


def test_a_file_that_has_not_changed_is_passed_over_and_a_changed_one_read_again(tap, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(lines({"userId": name, "accounts": ["acc"]}))
    first = tap(**source(tmp_path / "*.jsonl"))
    second = tap(**source(tmp_path / "*.jsonl"), state=first.state)
    assert ids(second) == second.records("memberships") == []
    assert "users: 2 files haven't changed and are passed over" in second.log
    (tmp_path / "b.jsonl").write_bytes(lines({"userId": "b"}, {"userId": "c"}))
    third = tap(**source(tmp_path / "*.jsonl"), state=first.state)
    assert ids(third) == ["b", "c"]


def test_files_that_are_gone_are_forgotten_and_the_state_is_said_sparingly(tap, tmp_path):
    names = [f"{number}.jsonl" for number in range(60)]
    for name in names:
        (tmp_path / name).write_bytes(lines(*({"userId": f"{name}-{n}"} for n in range(20))))
    first = tap(**source(tmp_path / "*.jsonl"))
    assert len(first.state["bookmarks"]["users"]["files"]) == 60
    assert len(first.of("STATE")) < 10
    for name in names[1:]:
        (tmp_path / name).unlink()
    second = tap(**source(tmp_path / "*.jsonl"), state=first.state)
    assert second.records("users") == []
    for stream in ("users", "memberships"):
        kept = second.state["bookmarks"][stream]["files"]
        assert [name.endswith("/0.jsonl") for name in kept] == [True]


NO_LINES = {"spread": '[\n{\n"userId": "u1"\n}\n]\n', "bytes": "\x00\x01\n", "a text": '"a"\n'}


@pytest.mark.parametrize("text", NO_LINES.values(), ids=NO_LINES)
def test_a_file_in_which_nothing_is_a_record_is_no_empty_one(tap, tmp_path, text):
    (tmp_path / "a.jsonl").write_text(text)
    (tmp_path / "b.jsonl").write_bytes(lines({"userId": "b"}))
    run = tap(**source(tmp_path / "*.jsonl"))
    assert run.exit_code == 3
    assert ids(run) == ["b"]
    assert "a.jsonl can't be read (no line of it is a JSON object)" in run.log


def test_a_start_date_leaves_out_records_that_changed_before(tap, tmp_path):
    times = ("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", None)
    (tmp_path / "u.jsonl").write_bytes(
        lines(*({"userId": t or "?", "updatedAt": t} for t in times))
    )
    run = tap(**source(tmp_path / "u.jsonl"), start_date="2026-02-01")
    assert ids(run) == ["2026-03-01T00:00:00Z", "?"]


def test_csv_gets_types_lists_and_properties(tap, tmp_path):
    text = (
        "user_id;email;segments;accounts;updated_at;plan;logins;phone;active;since;empty\n"
        'u1;a@example.com;"Power users;New";acc-1|acc-2;2026-01-31T10:00:00Z;Pro;5;'
        "+3212345;true;2026-01-01;\n"
        'u2;;"[""One""]";;2026-02-01 10:00;Free;2.5;007;FALSE;2026-01-02;\n'
    )
    (tmp_path / "users.csv").write_text("\ufeff" + text, encoding="utf-8")
    run = tap(**source(tmp_path / "users.csv"))
    first, second = run.records("users")
    assert (first["segments"], first["accounts"]) == (["Power users", "New"], ["acc-1", "acc-2"])
    assert (first["logins"], second["logins"]) == (5, 2.5)
    assert (first["phone"], second["phone"]) == ("+3212345", "007")
    assert (first["active"], second["active"]) == (True, False)
    assert (second["segments"], second["email"]) == (["One"], None)
    assert second["updated_at"] == "2026-02-01T10:00:00.000Z"
    assert run.schema("users")["since"]["format"] == "date"
    assert first["empty"] is None
    assert run.fits


def test_a_broken_row_of_csv_is_reported_with_its_number(tap, tmp_path):
    (tmp_path / "users.csv").write_bytes(b"user_id,plan\nu1,Pro\nu2\nu3,\xff\nu4,Free\n")
    run = tap(**source(tmp_path / "users.csv"))
    assert ids(run) == ["u1", "u4"]
    assert "users.csv: line 3 isn't a row with as many cells as the header" in run.log
    assert "users.csv: line 4 isn't a row" in run.log


AWKWARD = {
    "a line break and quotation marks in a cell": (
        'u1,"Pro\nwith ""care""\r\nand more"\nu2,Free\n',
        {"u1": 'Pro\nwith "care"\r\nand more', "u2": "Free"},
    ),
    "a delimiter in a cell": ('u1,"a,b"\n', {"u1": "a,b"}),
    "empty cells and lines": ('u1,\n\nu2,""\n', {"u1": None, "u2": None}),
    "no line end at the end": ("u1,Pro\nu2,Free", {"u1": "Pro", "u2": "Free"}),
    "lines of Windows": ("u1,Pro\r\nu2,Free\r\n", {"u1": "Pro", "u2": "Free"}),
}


@pytest.mark.parametrize(("body", "plans"), AWKWARD.values(), ids=AWKWARD)
def test_awkward_cells_of_csv_arrive_as_they_are(tap, tmp_path, body, plans):
    path = tmp_path / "users.csv"
    path.write_bytes(f"\ufeffuser_id,plan\n{body}".encode())
    run = tap(**source(path))
    assert {each["user_id"]: each["plan"] for each in run.records("users")} == plans
    assert "left out" not in run.log.replace("catalogue streams are left out", "")


@pytest.mark.parametrize("more", ["", 'u4,"closed"\n'])
def test_a_quotation_mark_that_is_never_closed_breaks_one_row(tap, tmp_path, more):
    (tmp_path / "users.csv").write_text(f'user_id,plan\nu1,Pro\nu2,"Fr\nu3,Free\n{more}')
    run = tap(**source(tmp_path / "users.csv"))
    assert ids(run) == (["u1", "u3", "u4"] if more else ["u1", "u3"])
    assert "users.csv: line 3 isn't a row" in run.log


def test_a_row_s_number_is_that_of_its_first_line(tap, tmp_path):
    (tmp_path / "users.csv").write_text('user_id,plan\n"u1\n",Pro\nu2\n"u\n3",x,y\n')
    run = tap(**source(tmp_path / "users.csv"))
    assert ids(run) == ["u1\n"]
    assert "users.csv: line 4 isn't a row" in run.log
    assert "users.csv: line 5 isn't a row" in run.log


def test_a_column_of_csv_without_a_name_is_left_out(tap, tmp_path):
    (tmp_path / "users.csv").write_text(",user_id,plan\n0,u1,Pro\n")
    (user,) = tap(**source(tmp_path / "users.csv")).records("users")
    assert "" not in user
    assert user["plan"] == "Pro"


def test_columns_of_csv_with_one_name_are_reported_and_the_first_value_counts(tap, tmp_path):
    header = "user_id,plan,plan,email,email"
    (tmp_path / "users.csv").write_text(f"{header}\nu1,Pro,Free,,a@example.com\nu2,,Free,,\n")
    run = tap(**source(tmp_path / "users.csv"))
    found = [(each["plan"], each["email"]) for each in run.records("users")]
    assert found == [("Pro", "a@example.com"), ("Free", None)]
    said = "users.csv: several columns are called email, plan; the first that has a value counts"
    assert said in run.log
    assert run.log.count("several columns") == 1


def test_blanks_around_the_names_of_columns_of_csv_are_no_part_of_them(tap, tmp_path):
    (tmp_path / "users.csv").write_text("user_id, email, plan\nu1,a@example.com,Pro\n")
    (user,) = tap(**source(tmp_path / "users.csv")).records("users")
    assert (user["email"], user["plan"]) == ("a@example.com", "Pro")


def test_places_in_a_record_can_be_described(tap, tmp_path):
    (tmp_path / "u.jsonl").write_bytes(lines({"ref": {"id": 7}, "attrs": {"plan": "Pro"}}))
    described = {"path": str(tmp_path / "u.jsonl"), "id": "ref.id", "properties": "attrs"}
    (user,) = tap(**source("") | {"record_source": {"type": "files", "users": described}}).records(
        "users"
    )
    assert (user["user_id"], user["plan"]) == ("7", "Pro")


def test_a_file_that_is_cut_off_is_named_after_the_others_are_read(tap, tmp_path):
    whole = gzip.compress(lines(*({"userId": f"u{each}"} for each in range(3))))
    (tmp_path / "a.jsonl.gz").write_bytes(whole[: len(whole) - 12])
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines({"userId": "b"})))
    run = tap(**source(tmp_path / "*.gz"))
    assert run.exit_code == 3
    assert "b" in ids(run)
    assert "a.jsonl.gz can't be read" in run.log
    assert "Traceback" not in run.log
    kept = run.state["bookmarks"]["users"]["files"]
    assert [name.endswith("b.jsonl.gz") for name in kept] == [True]


def test_folders_that_a_pattern_fits_are_no_files(tap, tmp_path):
    (tmp_path / "done" / "old").mkdir(parents=True)
    for name in ("a.jsonl", "done/b.jsonl"):
        (tmp_path / name).write_bytes(lines({"userId": name}))
    for pattern, found in (("*", ["a.jsonl"]), ("**", ["a.jsonl", "done/b.jsonl"])):
        run = tap(**source(tmp_path / pattern))
        assert run.exit_code == 0, run.log
        assert sorted(ids(run)) == found
    run = tap(**source(tmp_path / "d*"))
    assert run.exit_code == 3
    assert "no file fits" in run.log


@pytest.mark.parametrize("gone", ["/nowhere/*.jsonl", "nosuch://bucket/users.jsonl"])
def test_a_path_that_leads_to_nothing_is_named_and_the_others_are_read(tap, tmp_path, gone):
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(lines({"userId": name}))
    paths = [str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")]
    first = tap(api_key=None, record_source={"type": "files", "users": paths})
    settings = {"api_key": None, "record_source": {"type": "files", "users": [gone, paths[0]]}}
    run = tap(**settings, state=first.state)
    assert run.exit_code == 3
    assert "users is left out: record_source.users: " in run.log
    assert gone in run.log
    assert ids(tap(**settings)) == ["a"]
    # What couldn't be looked at may be there again, so nothing is forgotten.
    assert run.state["bookmarks"]["users"]["files"] == first.state["bookmarks"]["users"]["files"]


def test_an_archive_of_which_a_path_leads_to_nothing_is_not_folded(tap, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines({"type": "identify", "userId": "u1"}))
    paths = [str(path), "/nowhere/*.jsonl"]
    source = {"type": "files", "format": "segment", "users": paths}
    run = tap(api_key=None, record_source=source)
    assert run.exit_code == 3
    assert ids(run) == []
    assert "record_source: no file fits /nowhere/*.jsonl" in run.log


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/nowhere/*.jsonl", "record_source.users: no file fits /nowhere/*.jsonl"),
        ("nosuch://bucket/users.jsonl", "nosuch://bucket/users.jsonl can't be read"),
    ],
)
def test_what_cannot_be_found_is_explained_without_the_credential(tap, path, sentence):
    run = tap(**source(path))
    assert run.exit_code == 3
    assert sentence in run.log
    assert "Traceback" not in run.log
