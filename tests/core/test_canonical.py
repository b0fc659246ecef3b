"""What makes two spellings of a value the same, and what says nothing at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sync_core.canonical import EMPTY, digest, in_words, is_empty

SAME = {
    "blanks around a text": (" Acme ", "Acme"),
    "an accent of its own": ("Cafe\u0301", "Caf\u00e9"),
    "a number's zeros": (5, 5.0, Decimal("5.00")),
    "a zero's sign": (0, -0.0, Decimal("-0.00")),
    "the order of entries": (["b", "a"], ("a", "b")),
    "parts that say nothing": ({"a": 1, "b": " "}, {"b": None, "a": 1.0}),
}
DIFFERENT = {
    "yes and one": (True, 1),
    "no and nothing": (False, None),
    "ten and one": (10, 1),
    "upper and lower case": ("Acme", "acme"),
    "one entry and two": (["a"], ["a", "a"]),
}


@pytest.mark.parametrize("values", SAME.values(), ids=SAME)
def test_values_that_differ_in_nothing_that_counts_are_the_same(values):
    assert len({digest(value) for value in values}) == 1
    assert EMPTY not in map(digest, values)


@pytest.mark.parametrize("values", DIFFERENT.values(), ids=DIFFERENT)
def test_values_that_say_something_else_are_not_the_same(values):
    assert len({digest(value) for value in values}) == len(values)


@pytest.mark.parametrize("value", [None, "", " \n", [], [" ", None], {}, {"a": None, "b": []}])
def test_what_has_no_part_that_says_anything_is_empty(value):
    assert is_empty(value)
    assert digest(value) == EMPTY


def test_a_number_that_would_fill_pages_is_not_written_out():
    assert in_words(Decimal("1E+100000")) == "1E+100000"
