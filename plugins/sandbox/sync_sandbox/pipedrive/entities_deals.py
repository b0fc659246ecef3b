"""What hangs on deals, as data: their products, and the log of their changes."""

from __future__ import annotations

from sync_sandbox.pipedrive.entity import Entity

DEAL_PRODUCT = Entity(
    name="deal_product",
    path="dealProducts",
    body={
        "product_id": "product",
        "item_price": "number",
        "quantity": "number",
        "tax": "number",
        "comments": "string",
        "discount": "number",
        "is_enabled": "boolean",
        "tax_method": "tax_method",
        "discount_type": "discount_type",
        "product_variation_id": "integer_or_null",
        "billing_frequency": "frequency",
        "billing_frequency_cycles": "integer_or_null",
        "billing_start_date": "date",
    },
    read_only=frozenset(
        {"id", "sum", "deal_id", "name", "order_nr", "add_time", "update_time", "currency"}
    ),
    blank={
        "id": 0,
        "deal_id": 0,
        "product_id": 0,
        "product_variation_id": None,
        "order_nr": 0,
        "add_time": None,
        "update_time": None,
        "comments": "",
        "item_price": 0,
        "quantity": 1,
        "discount": 0,
        "discount_type": "percentage",
        "tax": 0,
        "tax_method": "exclusive",
        "is_enabled": True,
        "billing_frequency": "one-time",
        "billing_frequency_cycles": None,
        "billing_start_date": None,
    },
    required=("product_id", "item_price", "quantity"),
    sort=("id", "add_time", "update_time", "order_nr"),
)
DEAL_CHANGE = Entity(
    name="deal_change",
    path="dealChanges",
    body={},
    read_only=frozenset(),
    blank={},
    sort=("id",),
)
DEAL_ENTITIES = {entity.name: entity for entity in (DEAL_PRODUCT, DEAL_CHANGE)}
