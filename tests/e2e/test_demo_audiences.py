"""The built-in audiences of a demo shop are those that its other marts say."""

from __future__ import annotations

from hashlib import md5

import duckdb
import pytest

# The customers of each audience, by the mart that it is made from.
OTHERWISE = {
    "play": "select 'play_' || play, customer_id from marts.aipl_stage "
    "where play is not null",
    "rfm": "select 'rfm_' || rfm_segment, customer_id from marts.rfm_scores",
    "behavior": "select 'behavior_' || segment, customer_id "
    "from marts.behavior_segment where segment <> 'none'",
    "early": "select 'early_warning', customer_id from marts.aipl_lapsing "
    "where stage in ('P', 'L')",
    "win": "select 'win_back', customer_id from marts.customer_lifecycle "
    "where state in ('dormant', 'churned') and customer_id in (select customer_id "
    "from marts.fct_orders where is_valid group by customer_id "
    "having count(*) >= 3 or sum(net_amount) >= 500)",
}


@pytest.mark.parametrize("kind", OTHERWISE)
def test_members_are_those_of_the_mart(
    kind: str, marts: duckdb.DuckDBPyConnection
) -> None:
    """An audience that says something else than the label that it is named after."""
    members = marts.execute(
        "select audience, customer_id from marts.audience_members "
        "where split_part(audience, '_', 1) = ?",
        [kind],
    ).fetchall()
    expected = marts.execute(OTHERWISE[kind]).fetchall()
    assert sorted(members) == sorted(expected)
    assert members


def test_who_is_held_out_can_be_repeated_by_hand(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """By the hash of the built-in holdouts; win_back has one of its own."""

    def is_drawn(holdout: str, share: float, customer_id: str) -> bool:
        text = f"2026:{holdout}:{customer_id}".encode()
        return int(md5(text, usedforsecurity=False).hexdigest()[:8], 16) / 2**32 < share

    rows = marts.execute(
        "select audience, customer_id, is_held_out from marts.audience_members"
    ).fetchall()
    for audience, customer_id, is_held_out in rows:
        expected = is_drawn("no_contact", 0.05, customer_id) or (
            audience == "win_back" and is_drawn("win_back_off", 0.10, customer_id)
        )
        assert is_held_out == expected, (audience, customer_id)
    assert {is_held_out for *_, is_held_out in rows} == {True, False}
