"""One call of each operation that the sandbox serves, with bodies that fill what can be filled."""

from __future__ import annotations

from dataclasses import dataclass, field

UNTIL = {"value": "2026-01-01", "until": "2026-02-01"}
ADDRESS = {"value": "1 Main Street, Tallinn", "country": "Estonia"}
PERSON = {
    "name": "Ann Lee",
    "emails": [{"value": "ann@lee.example", "primary": True, "label": "work"}],
    "phones": [{"value": "+1 202 555 0101"}],
    "org_id": 1,
    "postal_address": ADDRESS,
    "notes": "Prefers mail",
    "im": [{"value": "ann.lee"}],
    "birthday": "1990-05-01",
    "job_title": "CEO",
    "custom_fields": {"$person_field": "$person_field.option"},
}
ORGANIZATION = {
    "name": "Acme",
    "address": ADDRESS,
    "website": "acme.example",
    "linkedin": "acme",
    "industry": None,
    "annual_revenue": 1000,
    "employee_count": 12,
    "custom_fields": {"$organization_field": "$organization_field.option"},
}
DEAL = {
    "title": "Ten seats",
    "value": 12.5,
    "currency": "EUR",
    "person_id": "$person",
    "org_id": 1,
    "status": "lost",
    "lost_reason": "Price",
    "probability": 50,
    "expected_close_date": "2027-01-31",
    "custom_fields": {"$deal_field": "$deal_field.option"},
}
ACTIVITY = {
    "subject": "Ring",
    "type": "call",
    "org_id": 1,
    "due_date": "2027-01-31",
    "due_time": "09:30",
    "duration": "00:30",
    "busy": True,
    "done": True,
    "location": ADDRESS,
    "participants": [{"person_id": 1, "primary": True}],
    "attendees": [{"email": "bo@acme.example", "name": "Bo"}],
    "public_description": "Ring Ann",
    "note": "About seats",
}
PRODUCT = {
    "name": "Seat",
    "code": "S-1",
    "description": "One seat",
    "unit": "piece",
    "tax": 20,
    "prices": [{"price": 9.5, "currency": "EUR", "cost": 1, "notes": "a month"}],
    "billing_frequency": "monthly",
    "billing_frequency_cycles": 12,
}
ATTACHED = {
    "product_id": 1,
    "item_price": 9.5,
    "quantity": 2,
    "discount": 10,
    "comments": "Ten off",
}
PIPELINE = {"name": "Partners", "is_deal_probability_enabled": True}
STAGE = {"name": "Signed", "pipeline_id": 1, "deal_probability": 80, "is_deal_rot_enabled": True}
STAGE |= {"days_to_rotten": 14}
CHOICE = {"field_name": "Region", "field_type": "enum"}
CHOICE |= {"options": [{"label": "North"}, {"label": "South"}]}
NOTE = {"content": "Hello", "person_id": 1, "deal_id": 1, "pinned_to_person_flag": 1}
LEAD = {"title": "Trial", "person_id": 1, "value": {"amount": 10, "currency": "EUR"}}
LEAD |= {"expected_close_date": "2027-01-31", "was_seen": True}
CONDITION = {"object": "person", "field_id": "$number", "operator": "=", "value": "Ann Lee"}
GROUPS = [{"glue": "and", "conditions": [CONDITION]}, {"glue": "or", "conditions": []}]
CONDITIONS = {"glue": "and", "conditions": GROUPS}
FILTER = {"name": "All", "type": "people", "conditions": CONDITIONS}
HOOK = {
    "subscription_url": "https://hooks.acme.example/one",
    "event_action": "*",
    "event_object": "*",
    "name": "Everything",
}
UPLOAD = {"files": {"file": ("a.txt", b"hello")}, "data": {"person_id": "1"}}


@dataclass
class Sent:
    """What one operation is called with.

    Attributes:
        of: the records whose ids stand in the path; "" where the path has none.
        json: the body.
        params: the query.
        more: other options of the request.
    """

    of: str = ""
    json: object = None
    params: dict = field(default_factory=dict)
    more: dict = field(default_factory=dict)


# What is made before each call: (where, what is sent); the answer's id is known by the name.
MADE = {
    **{
        f"{entity}_field": (f"/api/v2/{entity}Fields", Sent(json=CHOICE))
        for entity in ("person", "organization", "deal", "product")
    },
    "person": ("/api/v2/persons", Sent(json=PERSON)),
    "other_person": ("/api/v2/persons", Sent(json={"name": "Ann Other"})),
    "organization": ("/api/v2/organizations", Sent(json=ORGANIZATION)),
    "other_organization": ("/api/v2/organizations", Sent(json={"name": "Acme"})),
    "third_organization": ("/api/v2/organizations", Sent(json={"name": "Acme Two"})),
    "deal": ("/api/v2/deals", Sent(json=DEAL)),
    "other_deal": ("/api/v2/deals", Sent(json={"title": "Two seats"})),
    "archived_deal": ("/api/v2/deals", Sent(json={**DEAL, "is_archived": True})),
    "deal_product": ("/api/v2/deals/{}/products", Sent("deal", ATTACHED)),
    "other_deal_product": ("/api/v2/deals/{}/products", Sent("deal", {**ATTACHED, "quantity": 3})),
    "older_deal": ("/api/v2/deals", Sent(json={"title": "Older", "is_archived": True})),
    "activity": ("/api/v2/activities", Sent(json=ACTIVITY)),
    "other_activity": ("/api/v2/activities", Sent(json={"subject": "Write"})),
    "product": ("/api/v2/products", Sent(json=PRODUCT)),
    "other_product": ("/api/v2/products", Sent(json={"name": "Seat plus"})),
    "pipeline": ("/api/v2/pipelines", Sent(json=PIPELINE)),
    "stage": ("/api/v2/stages", Sent(json=STAGE)),
    "note": ("/v1/notes", Sent(json=NOTE)),
    "lead": ("/v1/leads", Sent(json=LEAD)),
    "other_lead": ("/v1/leads", Sent(json={"title": "Another", "person_id": 1})),
    "archived_lead": ("/v1/leads", Sent(json=LEAD)),
    "older_lead": ("/v1/leads", Sent(json={**LEAD, "title": "Older"})),
    "label": ("/v1/leadLabels", Sent(json={"name": "Hot", "color": "red"})),
    "type": ("/v1/activityTypes", Sent(json={"name": "Demo", "icon_key": "call"})),
    "filter": ("/v1/filters", Sent(json=FILTER)),
    "file": ("/v1/files", Sent(more=UPLOAD)),
    "other_file": ("/v1/files", Sent(more=UPLOAD)),
    "webhook": ("/v1/webhooks", Sent(json=HOOK)),
}
RECORDS = {
    "/api/v2/persons": ("person", PERSON),
    "/api/v2/organizations": ("organization", ORGANIZATION),
    "/api/v2/activities": ("activity", ACTIVITY),
    "/api/v2/deals": ("deal", DEAL),
    "/api/v2/products": ("product", PRODUCT),
    "/api/v2/pipelines": ("pipeline", PIPELINE),
    "/api/v2/stages": ("stage", STAGE),
    "/v1/notes": ("note", NOTE),
    "/v1/leads": ("lead", LEAD),
    "/v1/leadLabels": ("label", {"name": "Cold", "color": "blue"}),
    "/v1/webhooks": ("webhook", HOOK),
}
# The bodies of changes that are not those of new records.
CHANGES = {
    "/v1/leadLabels": {"name": "Warm"},
    "/api/v2/deals": {"title": "Twelve seats", "status": "won"},
}


def _records():
    for path, (name, body) in RECORDS.items():
        yield ("GET", path), Sent()
        yield ("POST", path), Sent(json=body)
        yield ("GET", f"{path}/{{}}"), Sent(name)
        yield ("DELETE", f"{path}/{{}}"), Sent(name)
        for method in ("PATCH", "PUT"):
            yield (method, f"{path}/{{}}"), Sent(name, CHANGES.get(path, body))


def _fields():
    for entity in ("person", "organization", "deal", "product", "activity"):
        path, name = f"/api/v2/{entity}Fields", f"{entity}_field"
        options = f"{path}/{{}}/options"
        yield ("GET", path), Sent()
        yield ("GET", f"/v1/{entity}Fields"), Sent()
        yield ("GET", f"{path}/{{}}"), Sent(name)
        yield ("POST", path), Sent(json=CHOICE)
        yield ("PATCH", f"{path}/{{}}"), Sent(name, {"field_name": "Area"})
        yield ("DELETE", f"{path}/{{}}"), Sent(name)
        yield ("POST", options), Sent(name, [{"label": "West"}])
        yield ("PATCH", options), Sent(name, [{"id": f"${name}.option", "label": "Up north"}])
        yield ("DELETE", options), Sent(name, [{"id": f"${name}.option"}])


SINGLE = {
    ("GET", "/api/v2/deals/archived"): Sent(),
    ("GET", "/api/v2/persons/search"): Sent(params={"term": "Ann"}),
    ("GET", "/api/v2/organizations/search"): Sent(params={"term": "Acme"}),
    ("GET", "/api/v2/deals/search"): Sent(params={"term": "seats"}),
    ("GET", "/api/v2/products/search"): Sent(params={"term": "Seat"}),
    ("GET", "/api/v2/itemSearch"): Sent(params={"term": "Ann", "search_for_related_items": "true"}),
    ("GET", "/api/v2/itemSearch/field"): Sent(
        params={"term": "Acme", "entity_type": "organization", "field": "name"}
    ),
    ("GET", "/api/v2/deals/products"): Sent(params={"deal_ids": "$deal"}),
    ("GET", "/api/v2/deals/{}/products"): Sent("deal"),
    ("POST", "/api/v2/deals/{}/products"): Sent("deal", ATTACHED),
    ("PATCH", "/api/v2/deals/{}/products/{}"): Sent("deal deal_product", {"quantity": 5}),
    ("DELETE", "/api/v2/deals/{}/products/{}"): Sent("deal deal_product"),
    ("GET", "/v1/deals/{}/flow"): Sent("deal"),
    ("GET", "/v1/recents"): Sent(
        params={"since_timestamp": "2026-01-01 00:00:00", "items": "activityType,file,filter,note"}
    ),
    ("GET", "/v1/users"): Sent(),
    ("GET", "/v1/users/me"): Sent(),
    ("GET", "/v1/users/find"): Sent(params={"term": "stone"}),
    ("GET", "/v1/users/{}"): Sent("user"),
    ("GET", "/v1/permissionSets"): Sent(),
    ("GET", "/v1/currencies"): Sent(),
    ("GET", "/v1/activityTypes"): Sent(),
    ("POST", "/v1/activityTypes"): Sent(json={"name": "Visit", "icon_key": "task"}),
    ("PUT", "/v1/activityTypes/{}"): Sent("type", {"name": "Show"}),
    ("DELETE", "/v1/activityTypes/{}"): Sent("type"),
    ("GET", "/v1/noteFields"): Sent(),
    ("GET", "/v1/leads/archived"): Sent(),
    ("GET", "/v1/leadSources"): Sent(),
    ("GET", "/v1/filters"): Sent(),
    ("POST", "/v1/filters"): Sent(json=FILTER),
    ("GET", "/v1/filters/{}"): Sent("filter"),
    ("PUT", "/v1/filters/{}"): Sent("filter", {"conditions": CONDITIONS}),
    ("DELETE", "/v1/filters/{}"): Sent("filter"),
    ("DELETE", "/v1/filters"): Sent(params={"ids": "$filter"}),
    ("GET", "/v1/files"): Sent(),
    ("POST", "/v1/files"): Sent(more=UPLOAD),
    ("GET", "/v1/files/{}"): Sent("file"),
    ("PUT", "/v1/files/{}"): Sent("file", more={"data": {"name": "b", "description": "c"}}),
    ("DELETE", "/v1/files/{}"): Sent("file"),
    ("GET", "/v1/files/{}/download"): Sent("file"),
    ("PUT", "/v1/persons/{}/merge"): Sent("person", {"merge_with_id": "$other_person"}),
    ("PUT", "/v1/organizations/{}/merge"): Sent(
        "organization", {"merge_with_id": "$other_organization"}
    ),
    ("PUT", "/v1/deals/{}/merge"): Sent("deal", {"merge_with_id": "$other_deal"}),
}
CALLS = {**dict(_records()), **dict(_fields()), **SINGLE}


class World:
    """A company with a record of each kind, each known by a name."""

    def __init__(self, client):
        self._client = client
        self._ids = {"user": 1, "activity_field": "subject", "number": self._name_number()}
        for name, (path, sent) in MADE.items():
            self._keep(name, self.send("POST", path, sent))
        for name in ("archived_lead", "older_lead"):  # a new one can't be archived at once
            archived = self.send("PATCH", "/v1/leads/{}", Sent(name, {"is_archived": True}))
            assert archived.status_code == 200
        moved = {"custom_fields": {"$deal_field": "$deal_field.other"}}
        assert self.send("PATCH", "/api/v2/deals/{}", Sent("deal", moved)).status_code == 200

    def _name_number(self):
        """The number by which filters know the persons' name."""
        fields = self._client.data("/v1/personFields")
        return str(next(field["id"] for field in fields if field["key"] == "name"))

    def _keep(self, name, answer):
        assert answer.status_code in (200, 201), (name, answer.text)
        made = answer.json()["data"]
        if name.endswith("_field"):
            first, last = made["options"]
            self._ids.update({f"{name}.option": first["id"], f"{name}.other": last["id"]})
        self._ids[name] = made.get("field_code", made.get("id"))

    def filled(self, value):
        """A value with the names in it turned into ids."""
        if isinstance(value, dict):
            return {self.filled(key): self.filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        named = isinstance(value, str) and value.startswith("$")
        return self._ids[value[1:]] if named else value

    def send(self, method, path, sent, **params):
        """Carry out one call."""
        for name in sent.of.split():
            path = path.replace("{}", str(self._ids[name]), 1)
        return self._client.call(
            method,
            path,
            params=self.filled({**sent.params, **params}),
            json=self.filled(sent.json),
            **sent.more,
        )
