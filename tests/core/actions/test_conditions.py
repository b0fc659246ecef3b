"""A condition fires exactly when it comes true, whatever sequence of values it sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sync_core.actions.conditions import compile_condition, read_condition
from sync_core.errors import ConfigurationError
from sync_core.mapping import SourceSchema

SCHEMA = SourceSchema(
    "users",
    {
        "properties": {
            "score": {"type": ["number", "null"]},
            "stage": {"type": ["string", "null"]},
            "active": {"type": ["boolean", "null"]},
            "address": {"type": ["object", "null"]},
            "tags": {"type": ["array", "null"]},
            "segments": {"type": ["array", "null"], "x-journy": {"segments": ["Trial", "PQL"]}},
        }
    },
)
ABOVE = {"property": "score", "crosses_above": 50}
BELOW = {"property": "score", "crosses_below": 20}
TRIAL, GONE = {"segment_entered": "Trial"}, {"segment_left": "PQL"}
WON, LOST = {"property": "stage", "becomes": "won"}, {"property": "stage", "stops_being": "won"}
CHANGES = {"property": "stage", "changes": True}
SET = {"property": "stage", "set_first_time": True}


def compiled(when):
    return compile_condition(read_condition(when, "when"), SCHEMA)


def fires(when, *records, fresh=False):
    """For each record whether the condition fired; all but the first are seen with a memory."""
    tree, state, found = compiled(when), {}, []
    for at, record in enumerate(records):
        after = {}
        sight = tree.look(record, state, after, fresh=fresh and not at)
        found.append(sight.happens)
        state = after
    return found


def on(name, *values):
    return [{name: value} for value in values]


CASES = {
    "above": (ABOVE, on("score", 50, 51, 99, 50, 50.5), [False, True, False, False, True]),
    "above from nothing": (ABOVE, on("score", None, 51), [False, True]),
    "above with text": (ABOVE, on("score", "9", "51", "many"), [False, True, False]),
    "below": (BELOW, on("score", 20, 19.9, 5, None, 1), [False, True, False, False, True]),
    "a yes is no number": (ABOVE, on("score", 0, True), [False, False]),
    "becomes": (
        WON,
        on("stage", "new", "won", "won", "new", "Won "),
        [False, True, False, False, True],
    ),
    "becomes from nothing": (WON, on("stage", None, "won"), [False, True]),
    "becomes a number": ({"property": "score", "becomes": 5}, on("score", 4, 5.0), [False, True]),
    "becomes true": (
        {"property": "active", "becomes": True},
        on("active", False, True),
        [False, True],
    ),
    "becomes part of a list": (
        {"property": "tags", "becomes": "vip"},
        on("tags", [], ["new", "VIP"]),
        [False, True],
    ),
    "stops being": (
        LOST,
        on("stage", "won", "won", "new", None, "won"),
        [False, False, True, False, False],
    ),
    "stops being by vanishing": (LOST, on("stage", "won", None), [False, True]),
    "enters": (
        TRIAL,
        on("segments", [], ["Trial"], ["Trial", "PQL"], [], ["Trial"]),
        [False, True, False, False, True],
    ),
    "leaves": (
        GONE,
        on("segments", ["PQL"], [], [], ["PQL"], ["Trial"]),
        [False, True, False, False, True],
    ),
    "changes": (
        CHANGES,
        on("stage", "a", "b", "b", "c", None, None),
        [False, True, False, True, True, False],
    ),
    "changes only in spelling of a number": (
        {"property": "score", "changes": True},
        on("score", 5, 5.0),
        [False, False],
    ),
    "set": (SET, on("stage", None, " ", "a", None, "b"), [False, False, True, False, False]),
    "part of an object": (
        {"property": "address.city", "becomes": "Bern"},
        on("address", None, {"city": "Bern"}),
        [False, True],
    ),
}


@pytest.mark.parametrize(("when", "records", "expected"), CASES.values(), ids=CASES)
def test_each_kind_fires_on_its_edge_and_on_nothing_else(when, records, expected):
    assert fires(when, *records) == expected


@pytest.mark.parametrize("when", [ABOVE, WON, TRIAL, SET])
def test_what_is_so_at_first_sight_counts_for_a_fresh_record_only(when):
    record = {"score": 99, "stage": "won", "segments": ["Trial"]}
    assert fires(when, record, record) == [False, False]
    assert fires(when, record, record, fresh=True) == [True, False]


@pytest.mark.parametrize("when", [LOST, GONE, CHANGES])
def test_nothing_ends_or_changes_at_first_sight(when):
    assert fires(when, {"stage": "new", "segments": []}, fresh=True) == [False]


@pytest.mark.parametrize("when", [ABOVE, BELOW, WON, LOST, TRIAL, GONE, CHANGES, SET])
def test_a_record_without_the_column_says_nothing_about_it(when):
    low = {"score": 30, "stage": "won", "segments": ["PQL"]}
    assert fires(when, low, {}, {}, low) == [False] * 4
    assert fires(when, {}, low) == [False, False]


def test_null_segments_are_not_taken_for_none():
    assert fires(GONE, {"segments": ["PQL"]}, {"segments": None}, {"segments": ["PQL"]}) == [
        False,
        False,
        False,
    ]


VALUES = {
    "score": st.one_of(st.none(), st.integers(0, 100), st.floats(0, 100)),
    "stage": st.sampled_from([None, "new", "won"]),
    "segments": st.lists(st.sampled_from(["Trial", "PQL", "Other"]), unique=True),
}
RECORDS = st.lists(st.fixed_dictionaries(VALUES), min_size=2, max_size=12)
TRUTHS = {
    "above": (ABOVE, lambda r: r["score"] is not None and r["score"] > 50),
    "below": (BELOW, lambda r: r["score"] is not None and r["score"] < 20),
    "becomes": (WON, lambda r: r["stage"] == "won"),
    "stops being": (LOST, lambda r: r["stage"] != "won"),
    "enters": (TRIAL, lambda r: "Trial" in r["segments"]),
    "leaves": (GONE, lambda r: "PQL" not in r["segments"]),
}


def edges(truth, records):
    return [
        bool(at) and truth(record) and not truth(records[at - 1])
        for at, record in enumerate(records)
    ]


@pytest.mark.parametrize(("when", "truth"), TRUTHS.values(), ids=TRUTHS)
@given(records=RECORDS)
def test_a_condition_fires_if_and_only_if_it_was_false_and_is_true(when, truth, records):
    assert fires(when, *records) == edges(truth, records)


PAIR = st.lists(st.sampled_from(sorted(TRUTHS)), min_size=1, max_size=4)


@given(records=RECORDS, names=PAIR)
def test_all_fires_if_and_only_if_together_they_were_not_true_and_are(records, names):
    when = {"all": [TRUTHS[name][0] for name in names]}
    together = lambda record: all(TRUTHS[name][1](record) for name in names)  # noqa: E731
    assert fires(when, *records) == edges(together, records)


@given(records=RECORDS, names=PAIR)
def test_any_fires_if_and_only_if_one_of_them_does(records, names):
    when = {"any": [TRUTHS[name][0] for name in names]}
    each = [edges(TRUTHS[name][1], records) for name in names]
    assert fires(when, *records) == [any(at) for at in zip(*each, strict=True)]


@given(records=RECORDS)
def test_changes_fires_if_and_only_if_the_value_differs(records):
    stages = [record["stage"] for record in records]
    differs = [bool(at) and stage != stages[at - 1] for at, stage in enumerate(stages)]
    assert fires(CHANGES, *records) == differs


@given(records=RECORDS)
def test_a_replayed_record_never_fires_again(records):
    for when in (*(when for when, _ in TRUTHS.values()), CHANGES, SET):
        doubled = [record for record in records for _ in range(2)]
        assert not any(fires(when, *doubled)[1::2])


def test_groups_nest_and_a_change_counts_while_the_rest_holds():
    when = {"all": [{"any": [WON, ABOVE]}, TRIAL]}
    base = {"score": 0, "stage": "new", "segments": ["Trial"]}
    won, both = {**base, "stage": "won"}, {**base, "stage": "won", "score": 60}
    assert fires(when, base, won, {**won, "segments": []}, won, both) == [
        False,
        True,
        False,
        True,
        True,
    ]
    while_in = {"all": [CHANGES, TRIAL]}
    moved = [{"stage": stage, "segments": ["Trial"]} for stage in ("a", "b", "c", "c")]
    assert fires(while_in, *moved, {"stage": "d", "segments": []}) == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_another_condition_is_learned_anew_and_the_same_one_is_known_again():
    assert compiled(WON).marks == compiled({"becomes": "won", "property": "stage"}).marks
    assert compiled(WON).marks != compiled(LOST).marks
    assert compiled(WON).marks != compiled({**WON, "becomes": "lost"}).marks
    assert compiled({"any": [WON, TRIAL]}).marks == compiled({"all": [TRIAL, WON]}).marks


def test_what_is_remembered_holds_no_value():
    after = {}
    tree = compiled({"any": [CHANGES, SET, WON, ABOVE]})
    tree.look({"stage": "secret stage", "score": 77}, {}, after, fresh=False)
    assert "secret" not in str(after)
    assert "77" not in after.values()


WRONG = {
    "no object": ("won", "when: expected an object with segment_entered, segment_left"),
    "nothing": ({}, "when: expected exactly one of segment_entered"),
    "two": ({**TRIAL, **GONE}, "several conditions go together under `all` or `any`"),
    "unknown": (
        {"segment_entred": "x"},
        ("unknown key 'segment_entred'; did you mean 'segment_entered'"),
    ),
    "no property": ({"becomes": 5}, "when: becomes needs `property`"),
    "too many": ({**TRIAL, "property": "x"}, "leave `property` out"),
    "no number": ({"property": "score", "crosses_above": "50"}, "crosses_above: expected a number"),
    "a yes for a number": ({"property": "score", "crosses_below": True}, "expected a number"),
    "no value": ({"property": "stage", "becomes": None}, "becomes: expected a text, a number"),
    "changes: false": ({"property": "stage", "changes": False}, "changes: expected true"),
    "no list": ({"all": TRIAL}, "when.all: expected a list of conditions"),
    "an empty list": ({"any": []}, "when.any: expected a list of conditions"),
    "deep": ({"all": [{"any": [TRIAL, {"become": 1}]}]}, "when.all[0].any[1]: unknown key"),
    "no such property": (
        {"property": "scor", "changes": True},
        ("no field 'scor'; did you mean 'score'"),
    ),
    "no such segment": (
        {"segment_left": "trail"},
        ("when.segment_left: journy has no segment 'trail'; did you mean 'Trial'"),
    ),
    "never a number": (
        {"property": "active", "crosses_above": 1},
        ("'active' holds boolean, never a number"),
    ),
}


@pytest.mark.parametrize(("when", "expected"), WRONG.values(), ids=WRONG)
def test_a_condition_that_cannot_work_is_refused_by_name(when, expected):
    with pytest.raises(ConfigurationError) as refused:
        compiled(when)
    assert expected in str(refused.value)


def test_everything_wrong_in_a_group_is_said_at_once():
    with pytest.raises(ConfigurationError) as refused:
        compiled({"all": [{"segment_left": "trail"}, {"property": "scor", "changes": True}]})
    assert len(refused.value.problems) == 2


def test_segments_need_the_column():
    with pytest.raises(ConfigurationError, match="stream users has no column segments"):
        compile_condition(read_condition(TRIAL, "when"), SourceSchema("users", {}))


def test_a_segment_is_known_regardless_of_case():
    assert fires({"segment_entered": " trial"}, {"segments": []}, {"segments": ["Trial"]})[1]
