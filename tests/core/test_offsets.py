"""Lists of API v1: no row is left out, though others come and go while pages are read."""

from __future__ import annotations

import pytest
import requests_mock
from sync_core.errors import TransientError
from sync_core.pipedrive import PipedriveClient
from sync_core.pipedrive.offsets import OVERLAP, by_offset

URL, PATH = "https://api.pipedrive.com", "/v1/notes"


@pytest.fixture
def served():
    """A list, and how it is read while something happens between its pages."""

    def read(rows, between=()):
        changes = list(between)

        def answer(request, _context):
            start, size = (int(request.qs[name][0]) for name in ("start", "limit"))
            page, more = rows[start : start + size], len(rows) > start + size
            if changes:
                changes.pop(0)(rows)
            paging = {"more_items_in_collection": more}
            data = [{"id": each} for each in page]
            return {"success": True, "data": data, "additional_data": {"pagination": paging}}

        client = PipedriveClient(api_token="t", user_agent="test")
        with requests_mock.Mocker() as mocker:
            mocker.get(URL + PATH, json=answer)
            return {row["id"] for page in by_offset(client.http, PATH, {}, 20) for row in page}

    return read


def test_all_rows_are_read_page_by_page(served):
    assert served(list(range(1300))) == set(range(1300))


@pytest.mark.parametrize("count", [1, OVERLAP - 1, OVERLAP, 200, 499, 700])
def test_rows_that_are_deleted_between_two_pages_hide_no_other(served, count):
    found = served(list(range(1300)), [lambda rows: rows.__delitem__(slice(count))])
    assert found >= set(range(count, 1300))


def test_rows_that_come_first_between_two_pages_hide_no_other(served):
    found = served(list(range(1300)), [lambda rows: rows.insert(0, 9999)])
    assert found >= set(range(1300))


def test_more_that_is_promised_and_does_not_come_is_a_failure():
    client = PipedriveClient(api_token="t", user_agent="test")
    body = {"success": True, "data": [], "additional_data": {"more_items_in_collection": True}}
    with requests_mock.Mocker() as mocker:
        mocker.get(URL + PATH, json=body)
        with pytest.raises(TransientError, match="no end in sight"):
            list(by_offset(client.http, PATH, {}, 20))
