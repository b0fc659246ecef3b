"""Labels of persons, organizations and deals, by name."""

from __future__ import annotations

import pytest

#: stream's entity -> settings that reach one record of it, and labels that the sandbox has.
LABELS = {"person": ("Customer", "Hot lead"), "organization": ("Customer", "Prospect"),
          "deal": ("Hot", "Warm")}  # fmt: skip
COLUMNS = {"key": {"type": "string"}, "labels": {"type": ["array", "null"]}}


@pytest.fixture
def send(target, crm):
    records = {
        "person": lambda: crm.person("ann@acme.example"),
        "organization": lambda: crm.organization("ann@acme.example"),
        "deal": lambda: crm.deal("ann@acme.example"),
    }
    match = {"person": "key", "organization": {"from": "key", "to": "name"},
             "deal": {"from": "key", "to": "title"}}  # fmt: skip

    class Send:
        def __init__(self):
            self.ids = {}

        def __call__(self, entity, labels, **line):
            self.ids.setdefault(entity, records[entity]())
            fields = [{"from": "labels", "to": "Labels", **line}]
            about = {"entity": entity, "match": match[entity], "fields": fields}
            messages = target.table("rows", COLUMNS, {"key": "ann@acme.example", "labels": labels})
            crm.calls()
            return target.run(messages, streams={"rows": about})

        def stored(self, entity):
            return crm.stored(self.ids[entity], entity)["label_ids"]

    return Send()


@pytest.mark.parametrize("entity", LABELS)
def test_labels_go_by_name_and_replace_the_stored_ones(send, crm, entity):
    one, other = (crm.option("Labels", label, entity) for label in LABELS[entity])
    send(entity, [LABELS[entity][0].upper()])
    assert send.stored(entity) == [one]
    assert send(entity, [LABELS[entity][0]]).counts["rows"] == {"unchanged": 1}
    assert crm.writes() == []
    send(entity, [LABELS[entity][1]])
    assert send.stored(entity) == [other]


@pytest.mark.parametrize("entity", LABELS)
def test_labels_are_added_where_the_line_says_so(send, crm, entity):
    ids = {crm.option("Labels", label, entity) for label in LABELS[entity]}
    for label in LABELS[entity]:
        send(entity, [label], merge="add")
    assert set(send.stored(entity)) == ids


def test_a_label_that_is_not_there_is_refused_by_name_and_never_made(send, crm, target):
    run = send("person", ["Hot leed"])
    assert run.reasons["bad_value"] == 1
    assert "did you mean 'Hot lead'" in run.text("bad_value")
    messages = target.table("rows", COLUMNS, {"key": "ann@acme.example", "labels": ["Brand new"]})
    about = {"entity": "person", "match": "key", "fields": [{"from": "labels", "to": "label_ids"}]}
    run = target.run(messages, streams={"rows": about}, create_missing_options=True)
    assert run.reasons["bad_value"] == 1
    assert crm.writes() == []
