"""The marts of audiences for the tests of their checks: valid rows, and broken ones.

Of the two customers, c1 is in gone and is held out of it, c2 has left it yesterday and
is in new; paused is not enabled.
"""

from __future__ import annotations

from datetime import date

from quality_rows.broken import Broken

MEMBERS = "marts.audience_members"
CHANGES = "marts.audience_changes"
AUDIENCE = "marts.dim_audience"
TABLES = (MEMBERS, CHANGES, AUDIENCE)

BUILT = """
create table marts.audience_members as select date '2024-03-31' as as_of_date, *
  from (values
    ('gone', 'c1', date '2024-03-02', 'idle', true, 'gone_off'),
    ('new', 'c2', date '2024-03-31', 'is_new', false, null))
  as rows (audience, customer_id, since_date, cause, is_held_out, holdout);
create table marts.audience_changes as select date '2024-03-31' as as_of_date, *
  from (values
    ('gone', 'c1', 'update', 'idle', 'idle_long'),
    ('gone', 'c2', 'remove', null, 'idle'),
    ('new', 'c2', 'add', 'is_new', null))
  as rows (audience, customer_id, change, cause, previous_cause);
create table marts.dim_audience as select date '2024-03-31' as as_of_date, *
  from (values
    ('gone', 'wake_up', 'sms', true, 'Gone', '流失', 1, 1),
    ('new', null, 'wecom', true, 'New', '新客', 1, 0),
    ('paused', null, 'call', false, 'Paused', '暂停', 0, 0))
  as rows (audience, play, channel, is_enabled, label_en, label_zh, members, held_out);
"""

GONE: dict[str, object] = {"audience": "gone", "customer_id": "c1"}
LEFT: dict[str, object] = {"audience": "gone", "customer_id": "c2"}
NEW: dict[str, object] = {"audience": "new", "customer_id": "c2"}
YESTERDAY: dict[str, object] = {"as_of_date": date(2024, 3, 30)}
PAUSED: dict[str, object] = {"audience": "paused"}
IN_GONE = "where audience = 'gone' and customer_id = 'c1'"
IN_PAUSED = "where audience = 'paused'"

BROKEN: list[Broken] = [
    *(
        (
            table,
            "as_of_date_is_the_runs",
            f"set as_of_date = date '2024-03-30' {where}",
            [row | YESTERDAY],
        )
        for table, where, row in (
            (MEMBERS, IN_GONE, GONE),
            (CHANGES, IN_GONE, GONE),
            (AUDIENCE, IN_PAUSED, PAUSED),
        )
    ),
    (
        MEMBERS,
        "not_after_as_of",
        f"set since_date = date '2024-04-01' {IN_GONE}",
        [GONE | {"since_date": date(2024, 4, 1)}],
    ),
    (
        MEMBERS,
        "held_out_by_a_holdout",
        "set is_held_out = true where audience = 'new'",
        [NEW | {"is_held_out": True, "holdout": None}],
    ),
    (
        MEMBERS,
        "held_out_by_a_holdout",
        f"set is_held_out = false {IN_GONE}",
        [GONE | {"is_held_out": False, "holdout": "gone_off"}],
    ),
    (MEMBERS, "held_out_by_a_holdout", f"set is_held_out = null {IN_GONE}", [GONE]),
    (
        CHANGES,
        "change_known",
        f"set change = 'moved' {IN_GONE}",
        [GONE | {"change": "moved"}],
    ),
    (
        CHANGES,
        "changes_agree_with_members",
        f"set change = 'remove' {IN_GONE}",
        [GONE | {"change": "remove"}],
    ),
    (
        CHANGES,
        "changes_agree_with_members",
        "set change = 'add' where audience = 'gone' and customer_id = 'c2'",
        [LEFT | {"change": "add"}],
    ),
    (
        AUDIENCE,
        "members_are_counted",
        f"set members = 1 {IN_PAUSED}",
        [PAUSED | {"members": 1, "found": None}],
    ),
    (
        AUDIENCE,
        "members_are_counted",
        "set held_out = 0 where audience = 'gone'",
        [{"audience": "gone", "held_out": 0, "found_held_out": 1}],
    ),
    (
        AUDIENCE,
        "members_are_counted",
        "set is_enabled = false where audience = 'new'",
        [{"audience": "new", "members": 1, "found": 1}],
    ),
    (
        AUDIENCE,
        "members_are_counted",
        f"delete from {AUDIENCE} where audience = 'new'",
        [{"audience": "new", "members": None, "found": 1}],
    ),
]
