"""What is read of a body in JSON."""

from __future__ import annotations

import pytest
from sync_core.answers import UNREADABLE, decoded


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"cut \ud83d", "cut \ufffd"),
        (r"\ude00 cut", "\ufffd cut"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\uD83D\u0041", "\ufffdA"),
        (r"\ud83d\\ud83d", "\ufffd\\ud83d"),
        (r"\ud83d\"", '\ufffd"'),
    ],
)
def test_half_of_a_character_stands_for_one_that_is_unknown(text, read):
    # JSON allows it: services that count as JavaScript does cut texts in the middle of an emoji.
    assert decoded(f'{{"name": "{text}"}}'.encode()) == {"name": read}


@pytest.mark.parametrize("text", [r"\\ud83d", r"\ud83d\ude00", r"\\\\ud83d"])
def test_what_only_looks_like_half_a_character_stays(text):
    half = r'"\ud83d"'
    other = decoded(f'["{text}"]'.encode())
    assert decoded(f'["{text}", {half}]'.encode()) == [*other, "\ufffd"]


@pytest.mark.parametrize("body", [b'{"name": "\\ud83d', b'"\\ud83', b"\\ud83d", b"[1e999]"])
def test_what_is_no_json_is_unreadable_with_half_a_character_too(body):
    assert decoded(body) is UNREADABLE
