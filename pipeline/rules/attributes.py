"""The attributes of a customer that rules may name: the one list.

A rule compares one attribute with a value. Some names have parts that the shop chooses:
what follows the colon (a behaviour, a scene, a column of its member files), and numbers
of days, written here as ``N`` and ``K``.
"""

from __future__ import annotations

import re

from pipeline.errors import did_you_mean

# Attributes that every rule may name.
ATTRIBUTES = {
    "gender": "as the member files have it",
    "age": "whole years on the day",
    "region": "as the member files have it",
    "city_tier": "as the member files have it",
    "household": "as the member files have it",
    "occupation": "as the member files have it",
    "role": "as the member files have it, such as KOL or staff",
    "persona": "the WeCom persona who received the customer",
    "group_id": "the WeCom group",
    "acquisition_channel": "the channel that won the customer",
    "acquisition_campaign_id": "the campaign that won the customer",
    "is_member": "true or false",
    "wecom_bound": "true or false",
    "net_amount": "net amount of all valid orders",
    "average_order_amount": "net amount of all valid orders / their number",
    "days_since_first_order": "days since the first valid order",
    "buyer_kind": "sample: only samples so far; full_size: a full-size product too",
    "days_silent": (
        "days since the last order of any status or interaction of any kind, or else "
        "since the customer became known"
    ),
    "days_idle": (
        "days since the last own behaviour, which excludes received messages and "
        "advertisements"
    ),
    "contribution_points": "sum of contribution_points.csv over all that was done",
    "interest": "the category of most interest",
    "interest_2": "the category of second most interest",
    "interest_3": "the category of third most interest",
    "aipl_stage": "A, I, P or L",
    "rfm_segment": "named segment of RFM",
    "rfm_class": "one of the eight classes, such as HHL",
    "value_tier": "high, medium or low",
    "r_score": "1 to 5",
    "f_score": "1 to 5",
    "m_score": "1 to 5",
    "lifecycle_state": "prospect, new, active …",
    "member:COLUMN": "a further column of the shop's member files",
    "scene:SCENE": "interactions in a scene up to the as-of date",
    "count:BEHAVIOR": "how often so far; a behaviour is an event type or valid_order",
    "count_Nd:BEHAVIOR": "how often in the last N days",
    "count_Nd_before_Kd:BEHAVIOR": "how often in the N days that end K days ago",
    "days_since:BEHAVIOR": "days since the last time; null if never",
}
# Labels given by rules; only scenes and audiences are found after them.
LABELS = {
    "behavior_segment": "one of the behaviour segments, or null",
    "identity_tier": "ordinary, contributor or kol",
    "play": "the play of plays.csv for the stage of AIPL and the idle days, or null",
    "crowd:CROWD": "true where the customer is in the crowd",
    "due:JOURNEY": (
        "the step of the journey that is due on the as-of date, first by priority; no "
        "value on other days"
    ),
}
_NAME = r"[a-z][a-z0-9_]*"
_BUILT = {
    "member": r"\S.*",
    "scene": r"\S.*",
    "crowd": _NAME,
    "due": _NAME,
    "count": _NAME,
    "count_Nd": _NAME,
    "count_Nd_before_Kd": _NAME,
    "days_since": _NAME,
}
_NUMBERS = re.compile(r"^count_[1-9][0-9]{0,4}d(_before_[1-9][0-9]{0,4}d)?$")


_COUNTED = re.compile(r"^(scene|count(_.*)?|days_since)$")
_NUMBERED = {
    *("age", "net_amount", "average_order_amount", "days_since_first_order"),
    *("days_silent", "days_idle", "contribution_points"),
    *("r_score", "f_score", "m_score"),
}


def is_number(attribute: str) -> bool:
    """Whether all values of the attribute are numbers."""
    kind, colon, _ = attribute.partition(":")
    return bool(_COUNTED.match(kind)) if colon else attribute in _NUMBERED


def problem_of(attribute: str, known: dict[str, str]) -> str | None:
    """Describe what is wrong with the name of an attribute, or return None.

    ``known`` lists the attributes that may be named: `ATTRIBUTES` with or without
    `LABELS`.
    """
    kind, colon, rest = attribute.partition(":")
    if not colon:
        return None if attribute in known else _unknown(attribute, known)
    if _NUMBERS.match(kind):
        kind = "count_Nd_before_Kd" if "before" in kind else "count_Nd"
    if not any(name.partition(":")[0] == kind and ":" in name for name in known):
        return _unknown(attribute, known)
    if not re.fullmatch(_BUILT[kind], rest):
        return f"'{rest}' after '{kind}:' is not a valid name"
    return None


def _unknown(attribute: str, known: dict[str, str]) -> str:
    text = f"there is no attribute '{attribute}'.{did_you_mean(attribute, known)}"
    if ":" in attribute:
        return text
    return f"{text} A column of your own member files is named member:{attribute}"
