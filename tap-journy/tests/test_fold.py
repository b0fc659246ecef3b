"""What memory can't hold goes through temporary files, which nobody else sees and none survives."""

from __future__ import annotations

import gc
import json
import tempfile
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tap_journy import fold
from tap_journy.lines import decoded
from tap_journy.tap import TapJourny

FEW = st.integers(0, 3)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just([{"a": 1}])
)
TRAITS = st.dictionaries(st.sampled_from(["email", "plan", "city"]), VALUES, max_size=3)
LINES = st.fixed_dictionaries(
    {"type": st.sampled_from(["identify", "group", "track", "alias"]), "groupId": FEW},
    optional={
        "userId": FEW,
        "anonymousId": FEW,
        "previousId": FEW,
        "timestamp": st.integers(1, 4).map("2026-01-0{}T00:00:00Z".format),
        "traits": TRAITS,
        "context": st.fixed_dictionaries({"traits": TRAITS}),
    },
)


def folded(lines, held: int) -> list[list[tuple]]:
    """All that comes out of lines of a byte each, if so many of them fit into memory."""
    with ExitStack() as files, pytest.MonkeyPatch.context() as patch:
        patch.setattr(fold, "HELD", held)
        folding = fold.Fold(files)
        for number, line in enumerate(lines):
            folding.take(decoded(json.dumps(line).encode()), number, 1)
        return [
            [
                (each.id, list(each.traits.items()), each.first, each.last, *map(sorted, sets))
                for each in found
                for sets in [(each.links, each.files)]
            ]
            for found in folding.end()
        ]


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=30), st.integers(1, 10))
def test_the_same_comes_out_in_the_same_order_whether_lines_fit_into_memory_or_not(lines, held):
    assert folded(lines, held) == folded(lines, len(lines) + 1)


def line(user: int, **more) -> str:
    return json.dumps({"type": "identify", "userId": f"u{user}", "traits": {"n": user}, **more})


@pytest.fixture
def made(tmp_path, monkeypatch):
    """The temporary files of a run that can't hold more than a line in memory."""
    folder, files = tmp_path / "temporary", []
    folder.mkdir()

    def make():
        files.append(ordinary())
        assert list(folder.iterdir()) == []  # it has no name that anybody could open
        return files[-1]

    ordinary = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(tempfile, "TemporaryFile", make)
    monkeypatch.setattr(fold, "HELD", 1)
    return files


def read(tap, tmp_path, *lines: str):
    path = tmp_path / "archive.jsonl"
    path.write_text("".join(f"{each}\n" for each in lines))
    return tap(record_source={"type": "files", "format": "segment", "users": str(path)})


@contextmanager
def gone(files):
    """Nothing is left of them once the tap is, too."""
    yield
    TapJourny.running.clear()
    gc.collect()
    assert files
    assert all(each.closed for each in files)


def test_no_temporary_file_is_left_after_a_run(tap, tmp_path, made):
    with gone(made):
        run = read(tap, tmp_path, *map(line, range(20)), line(3, traits={"n": "last"}))
        assert [each["n"] for each in run.records("users")][2:5] == ["2", "last", "4"]


def test_nor_after_one_that_ends_with_an_error(tap, tmp_path, made, monkeypatch):
    taken = fold.Fold.take

    def take(self, line, *more):
        taken(self, line, *more)
        if line.user_id == "u7":
            raise KeyboardInterrupt

    monkeypatch.setattr(fold.Fold, "take", take)
    with gone(made):
        run = read(tap, tmp_path, *map(line, range(20)))
        assert (run.exit_code, run.of("RECORD", "users")) == (1, [])


def test_nor_where_a_file_turns_out_to_be_unreadable(tap, tmp_path, made):
    (tmp_path / "archive.jsonl.gz").write_bytes(b"no archive")
    with gone(made):
        (tmp_path / "a.jsonl").write_text(line(1) + "\n" + line(2) + "\n")
        files = [str(tmp_path / "a.jsonl"), str(tmp_path / "archive.jsonl.gz")]
        run = tap(record_source={"type": "files", "format": "segment", "users": files})
        assert run.exit_code == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is always full")
def test_a_full_disk_is_told_from_an_unreadable_archive_and_said_once(tap, tmp_path, monkeypatch):
    monkeypatch.setattr(fold, "HELD", 1)
    monkeypatch.setattr(tempfile, "TemporaryFile", partial(Path.open, Path("/dev/full"), "r+b"))
    run = read(tap, tmp_path, *map(line, range(5)))
    assert run.exit_code == 1
    assert run.of("RECORD", "users") == []
    assert "(No space left on device): set TMPDIR to a folder with room" in run.log
    assert "Traceback" not in run.log
