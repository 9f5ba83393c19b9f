"""The figures of labels, journeys and the chain in the daily report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from support.shops import Shop

from pipeline.report.explain.labels import Labels
from pipeline.report.figures import chain_links, cohorts, journeys_due, label_counts

AS_OF = date(2025, 6, 30)
MARTS = """
create schema marts;
create table marts.dim_customer as from range(4) as customers (customer_id);
create table marts.customer_lifecycle as from (values
    ('active', date '2025-07-07'), ('active', date '2025-07-08'), ('new', null),
    ('strange', date '2025-07-01')) as rows (state, next_state_on);
create table marts.behavior_segment as from (values
    ('none'), ('none'), ('none'), ('continuous')) as rows (segment);
create table marts.identity_tier (tier varchar);
create table marts.crowd_membership as from (values
    ('students'), ('students')) as rows (crowd);
create table marts.segment_ledger as from (values
    (date '2025-06-24', 'lifecycle_state', 'new', 'active', 'a rule'),
    (date '2025-06-23', 'lifecycle_state', 'new', 'active', 'a rule'),
    (date '2025-06-30', 'crowd:students', 'students', 'none', 'a rule'),
    (date '2025-06-30', 'crowd:students', 'none', 'students', 'the ledger begins'),
    (date '2025-06-30', 'scene:students:dorm', 'dorm', 'none', 'a rule'))
    as rows (changed_on, dimension, from_label, to_label, cause);
create table marts.journey_touches as select *, 'wecom' as channel,
    date '2025-06-30' as anchor_date from (values
    ('new', 'a_late_step', 'Late', '晚', date '2025-07-07', 'send'),
    ('new', 'step', null, null, date '2025-07-01', 'send'),
    ('new', 'step', null, null, date '2025-07-02', 'defer'),
    ('new', 'step', null, null, date '2025-07-01', 'send'))
    as rows (journey, step, label_en, label_zh, due_date, decision);
create table marts.dim_chain_link as from (values
    (1, 'Exposed', '触达'), (2, 'In WeCom', '企微'))
    as rows (link_no, label_en, label_zh);
create table marts.funnel as from (values
    (1, 10, 10, 10), (1, 10, 10, 10), (2, 3, 10, 4), (2, 1, 10, 1))
    as rows (link_no, passed, entered, converted);
create table marts.cohort_retention as from (values
    (date '2024-10-01', 1, 9, 0.9), (date '2024-11-01', 0, 9, 1.0),
    (date '2024-11-01', 1, 9, 0.5), (date '2024-11-01', 7, 9, 0.8),
    (date '2025-05-01', 1, 4, 0.25), (date '2025-06-01', 0, 4, 1.0))
    as rows (cohort_month, month_no, customers, active_rate);
"""


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(MARTS)
        yield connection


@pytest.fixture
def labels(shop: Shop) -> Labels:
    """Those of the built-in rules."""
    shop.source()
    return Labels(shop.settings)


def test_labels_with_those_who_came_left_and_will_leave(
    marts: duckdb.DuckDBPyConnection, labels: Labels
) -> None:
    """A move of eight days ago, the opening of the ledger, a change too far ahead."""
    states = label_counts(marts, labels, AS_OF, 7)["lifecycle_state"]

    found = {
        row["label_en"]: [
            row[column] for column in ("customers", "share", "came", "went", "changing")
        ]
        for row in states
        if row["customers"]
    }
    assert found == {
        "New customer": [1, 0.25, 0, 1, 0],
        "Active": [2, 0.5, 1, 0, 1],
        "strange": [1, 0.25, 0, 0, 1],
    }


def test_labels_that_nobody_has_are_there_in_the_order_of_the_rules(
    marts: duckdb.DuckDBPyConnection, labels: Labels
) -> None:
    """An empty table of labels must not hide the labels; none comes last."""
    counts = label_counts(marts, labels, AS_OF, 7)

    assert [(row["label_en"], row["customers"]) for row in counts["identity_tier"]] == [
        ("Opinion leader", 0),
        ("Contributor", 0),
        ("Ordinary user", 0),
    ]
    segments = counts["behavior_segment"]
    assert segments[0]["label_en"] == "Buys continuously"
    assert [row["label_en"] for row in segments].index("None of these") == 6
    assert segments[6]["customers"] == 3


def test_a_crowd_is_counted_over_its_own_dimension(
    marts: duckdb.DuckDBPyConnection, labels: Labels
) -> None:
    """Scenes of a crowd are not the crowd."""
    crowds = label_counts(marts, labels, AS_OF, 7)["crowd"]

    [students] = [row for row in crowds if row["customers"]]
    assert (students["label_zh"], students["came"], students["went"]) == ("学生", 0, 1)


def test_steps_by_when_they_are_due(marts: duckdb.DuckDBPyConnection) -> None:
    found = journeys_due(marts)

    assert list(found["decisions"]) == ["send", "defer", "suppress"]
    assert found["most"] == 3
    assert [(x["label_en"], x["touches"], x["decisions"]) for x in found["steps"]] == [
        ("step", 3, {"send": 2, "defer": 1}),
        ("Late", 1, {"send": 1}),
    ]


def test_no_journey_is_no_error(marts: duckdb.DuckDBPyConnection) -> None:
    marts.execute("delete from marts.journey_touches")

    found = journeys_due(marts)

    assert (found["steps"], found["most"]) == ([], 1)


def test_links_are_summed_over_the_cohorts(marts: duckdb.DuckDBPyConnection) -> None:
    """A mean of rates in the place of the rate of all."""
    links = chain_links(marts)

    assert [(x["label_en"], x["passed"], x["converted"]) for x in links] == [
        ("Exposed", 20, 20),
        ("In WeCom", 4, 5),
    ]
    assert [(x["rate"], x["share"]) for x in links] == [(1, 1), (0.25, 0.25)]


def test_cohorts_of_the_months_before(marts: duckdb.DuckDBPyConnection) -> None:
    """Neither older ones, nor that of this month, of which nothing is known yet."""
    found = cohorts(marts, AS_OF)

    assert found["cohorts"] == {
        date(2024, 11, 1): {"customers": 9, "rates": {1: pytest.approx(0.5)}},
        date(2025, 5, 1): {"customers": 4, "rates": {1: pytest.approx(0.25)}},
    }
    assert found["months"] == [1, 2, 3, 4, 5, 6]
    assert found["most"] == pytest.approx(0.5)


def test_a_shop_without_orders_has_no_cohorts(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    marts.execute("delete from marts.cohort_retention")

    assert cohorts(marts, AS_OF)["cohorts"] == {}
