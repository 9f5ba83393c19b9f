"""The destinations that come with Siyu: plain settings that siyu.yaml may override.

A template says what a kind of system takes. Every key but ``about`` is a key of a
destination in `siyu.yaml`, which may override it. ``row_limit`` is a safeguard: a
delivery with more rows than the system or its staff can take at once is refused.
"""

from __future__ import annotations

from typing import Any

TEMPLATES: dict[str, dict[str, Any]] = {
    "custom": {
        "about": "Nothing but what the destination itself says; it must name columns.",
    },
    "wecom_message": {
        "about": (
            "Mass messages in WeCom: who writes to whom, and with what content. A call "
            "of its interface takes 10,000 customers, which is a file's size. Where "
            "customer_id is not WeCom's external_userid, take that from identities: "
            "external_userid: identifier.external_userid, with hash: false."
        ),
        "columns": {
            "customer_id": "customer_id",
            "persona": "customer.persona",
            "list": "list",
            "label_zh": "label_zh",
            "content_key": "touch.content_key",
            "offer_key": "touch.offer_key",
            "touch_id": "touch.touch_id",
        },
        "file": "{list}",
        "max_rows": 10_000,
        "row_limit": 200_000,
    },
    "wecom_tags": {
        "about": (
            "Tags of customers in WeCom: a file of those who get a tag and a file of "
            "those who lose it, an audience being a tag."
        ),
        "columns": {
            "customer_id": "customer_id",
            "tag": "label_zh",
            "since": "audience.since_date",
            "change": "change",
        },
        "file": "{list}-{change}",
        "max_rows": 10_000,
        "row_limit": 200_000,
    },
    "ad_audience": {
        "about": (
            "Customer lists of advertising platforms: one SHA-256 of a phone number a "
            "row, files to add and files to remove. form: national hashes the bare "
            "number, as platforms in China do; form: e164 or digits are for others."
        ),
        "columns": {"phone_sha256": "identifier.phone"},
        "identifiers": {"phone": {"form": "national"}},
        "file": "{list}-{change}",
        "byte_order_mark": False,
        "max_rows": 1_000_000,
        "row_limit": 10_000_000,
    },
    "coupon_list": {
        "about": "Coupons to issue: who gets which offer, each touch once.",
        "columns": {
            "customer_id": "customer_id",
            "offer_key": "touch.offer_key",
            "label_zh": "label_zh",
            "touch_id": "touch.touch_id",
        },
        "file": "{list}",
        "max_rows": 50_000,
        "row_limit": 200_000,
    },
    "call_list": {
        "about": (
            "Calls by people or by an AI: the number in clear, and what the call is "
            "about. The files can be read by their owner alone."
        ),
        "columns": {
            "phone": "identifier.phone",
            "customer_id": "customer_id",
            "topic": "label_zh",
            "persona": "customer.persona",
            "last_order_date": "customer.last_order_date",
            "change": "change",
        },
        "identifiers": {"phone": {"hash": False, "form": "national"}},
        "file": "{list}",
        "max_rows": 5_000,
        "row_limit": 20_000,
    },
}
