"""The report: what it shows, that it needs nothing else, and what it never shows."""

from __future__ import annotations

import re
import sqlite3
from html.parser import HTMLParser

import pytest
from sync_connector.reporting.charts import HEIGHT, WIDTH, Chart, Series, short
from sync_connector.reporting.gathering import said_of_fields


class Page(HTMLParser):
    """A page's text, its tables by the heading above them, and everything that it refers to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.text, self.tags, self.references = html, "", [], []
        self.tables: dict[str, list[list[str]]] = {}
        self._heading, self._inside, self._cell = "", "", None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.references += [v for k, v in attrs if k in {"src", "href", "srcset", "data", "action"}]
        if tag in {"h2", "h3", "figcaption"}:
            self._inside, self._heading = tag, ""
        if tag == "tr":
            self.tables.setdefault(self._heading, []).append([])
        if tag in {"td", "th"} and self._heading in self.tables:
            self.tables[self._heading][-1].append("")
            self._cell = tag

    def handle_endtag(self, tag):
        if tag == self._inside:
            self._inside = ""
        if tag == self._cell:
            self._cell = None

    def handle_data(self, data):
        self.text += data
        if self._inside:
            self._heading += data
        elif self._cell:
            self.tables[self._heading][-1][-1] += data

    def rows(self, heading):
        return [row for row in self.tables.get(heading, []) if row][1:]


@pytest.fixture
def page(history):
    def make(*arguments):
        out = history.folder / "report.html"
        history.run("report", "--out", str(out), *arguments)
        return Page(out.read_text("utf-8"))

    return make


def test_the_page_needs_no_network_no_script_and_no_other_file(page):
    made = page()
    assert all(each.startswith("#") for each in made.references)
    assert "script" not in made.tags
    assert "link" not in made.tags
    assert not re.search(r"url\(|@import|https?://", made.html)
    assert "default-src 'none'" in made.html


def test_each_direction_is_counted_as_in_the_ledger(page, history):
    chart = page().rows("Pipedrive → journy")
    # Runs on both sides of a mark of the axis stand in two places.
    assert [sum(map(int, column)) for column in list(zip(*chart, strict=True))[1:]] == [1, 1]
    reasons = page().rows("Outcomes and their reasons")
    assert ["Pipedrive → journy", "persons", "created", "created", "1", "The record was made."] in (
        reasons
    )
    runs = history.run("runs").output
    assert all(row[0] in runs for row in page().rows("Runs"))


def test_what_wants_a_person_is_named_with_its_reason_once(page):
    shown = page().rows("Needs a person")
    by_key = {row[0]: row for row in shown}
    assert by_key.keys() == {"two@acme.example", "cat@acme.example"}
    assert by_key["two@acme.example"][3] == "several_matches"
    assert "5, 6; merge them" in by_key["two@acme.example"][4]


def test_data_quality_tells_of_duplicates_and_missing_options(page):
    made = page()
    assert made.rows("Duplicates") == [["users", "several_matches", "1"]]
    (refused,) = made.rows("Values that don't fit their field")
    assert refused[0] == "Customer healthusers, an option is missing"
    assert refused[1] == "1"


def test_restless_records_activities_and_slow_writes_stand_out(page):
    made = page()
    restless = {row[0]: row for row in made.rows("Updated most often")}
    assert restless["ann@acme.example"][1:3] == ["usersboth ways", "5"]
    assert made.rows("Activities triggered") == [["call-new-pqls", "1", "1"]]
    assert all(re.fullmatch(r"[\d,]+ ms", row[2]) for row in made.rows("Slowest writes"))


def test_conflicts_are_listed_with_who_gave_way(page, history):
    (found,) = _linked(history, "ann@acme.example")
    _rename(history, found)
    history.users({"user_id": "u1", "email": "ann@acme.example", "first_name": "Annabel"})
    (row,) = [row for row in page().rows("Conflicts") if row[0] == "ann@acme.example"]
    assert "both sides changed it" in row[4]


def _linked(history, key):
    with sqlite3.connect(history.folder / "led ger.db") as db:
        return [row[0] for row in db.execute("select pipedrive_id from links where key=?", [key])]


def _rename(history, number):
    import requests

    requests.patch(
        f"{history.sandbox.pipedrive_url}/api/v2/persons/{number}",
        json={"first_name": "Anouk", "last_name": "Lee"},
        headers={"x-api-token": "sandbox-token"},
        timeout=30,
    ).raise_for_status()


def test_the_budget_is_shown_against_the_share_of_a_run(page, history):
    history.sandbox.reset(plan="lite", persons=9)
    history.users({"user_id": "u80", "email": "eve@acme.example"}, daily_token_share=0.01)
    made = page()
    spent = made.rows("Tokens that the sync's writing side spent")
    assert int(spent[-1][1].replace(",", "")) > 0
    assert "Tokens that the company had left that day" in made.tables


def test_the_bill_adds_up_to_what_the_runs_spent(page):
    made = page()
    billed = sum(int(row[1].replace(",", "")) for row in made.rows("Tokens by kind of call"))
    spent = sum(int(row[-1].replace(",", "")) for row in made.rows("Runs") if len(row) > 5)
    assert billed == spent > 0


def test_what_a_record_is_called_can_never_act_as_html(page):
    made = page()
    assert "=cmd|<b>x@acme.example" in made.text
    assert "<b>x" not in made.html


def test_an_anonymous_page_tells_records_apart_without_naming_any(page):
    made = page("--anonymous")
    assert "@acme.example" not in made.html
    assert not re.search(r"\bu\d+\b", made.text)
    assert len({row[0] for row in made.rows("Needs a person")}) == 2
    assert all(row[0].startswith("record ") for row in made.rows("Slowest writes"))


def test_dry_runs_count_only_on_request_and_say_what_they_are(page, history):
    dry = next(line for line in history.run("runs").output.splitlines() if "dry run" in line)
    number = dry.split()[1]
    assert number not in page().text
    assert number in page("--dry-runs").text
    assert "Nothing of this was written" in page("--run", number).text


def test_a_run_that_failed_says_why(page, history):
    path = "/pipedrive/api/v2/persons/*"
    history.sandbox.fault(path, "PATCH", times=None, action={"status": 401, "body": {}})
    history.users({"user_id": "u2", "email": "bob@acme.example", "stage": "Gone"}, expect=1)
    made = page("--since", "1h")
    assert "answered 401" in made.text
    assert any("failed" in row[3] for row in made.rows("Runs") if len(row) > 3)


def test_a_period_without_a_run_says_so_and_an_unknown_run_is_an_error(page, history):
    assert "No run in this period" in page("--until", "2001-01-01").text
    assert "There is no run" in history.run("report", "--run", "zzz", expect=1).output


def test_markdown_goes_to_standard_output_for_the_summary_of_a_job(history):
    said = history.run("report", "--markdown").output
    assert "| journy → Pipedrive | 4 | 1 | 10 |" in said
    assert "`several_matches`" in said
    assert "@acme.example" not in history.run("report", "--markdown", "--anonymous").output


def test_no_cell_of_the_markdown_breaks_its_table(history):
    history.users({"user_id": "u2", "email": "bob@acme.example", "health": "a|b\n# c"})
    for line in history.run("report", "--markdown").output.splitlines():
        assert line == "" or line[0] in "|#0123456789"


@pytest.mark.parametrize(
    ("values", "top"), [((0,), 1), ((1,), 1), ((7,), 8), ((99, 2), 200), ((6001,), 8000)]
)
def test_the_axis_ends_at_a_round_number_that_holds_every_bar(values, top):
    series = [Series(str(at), "created", [value]) for at, value in enumerate(values)]
    chart = Chart("c", "Chart", ["1 Jan"], series)
    assert chart.top == top
    assert next(text for _, text in chart.ticks) == "0"
    for x, y, width, height, _, _ in chart.bars:
        assert 0 <= x <= x + width <= WIDTH
        assert 0 <= y <= y + height <= HEIGHT


def test_bars_stand_on_each_other_without_a_gap():
    chart = Chart("c", "C", ["a"], [Series("x", "created", [3]), Series("y", "updated", [5])])
    lower, upper = chart.bars
    assert upper[1] + upper[3] == pytest.approx(lower[1])


@pytest.mark.parametrize("count", [1, 2, 5, 24, 62])
def test_labels_of_the_time_axis_stay_inside(count):
    labels = [f"{at % 28 + 1:02} Jan 09:00" for at in range(count)]
    chart = Chart("c", "C", labels, [Series("x", "created", [1] * count)])
    assert chart.marks[0][1] == labels[0]
    assert chart.marks[-1][1] == labels[-1]
    assert all(0 <= x <= WIDTH for x, _, _ in chart.marks)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (1500, "1.5k"), (30_000, "30k"), (2_000_000, "2M")]
)
def test_numbers_beside_the_axis_are_short(value, text):
    assert short(value) == text


def test_a_sentence_of_the_log_is_taken_apart_by_field():
    text = (
        "Plan: no option of the field fits the value; did you mean 'Pro'?; MRR: expected a number"
    )
    assert said_of_fields(text) == [
        ("Plan", "no option of the field fits the value; did you mean 'Pro'?"),
        ("MRR", "expected a number"),
    ]
