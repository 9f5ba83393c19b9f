"""What is said of one customer: every label, since when, why, and what comes next."""

from __future__ import annotations

import io

import duckdb
import pytest
from rich.cells import cell_len
from rich.console import Console
from support.shops import Shop

from pipeline.errors import SiyuError
from pipeline.report.explain import print_explanation

# The marts of one customer, `?`, whose values look like markup.
CORE = """
create table marts.dim_customer as select ? as customer_id, true as is_member,
    false as wecom_bound, '[/]' as acquisition_channel,
    timestamp '2024-12-31 18:00:00' as first_seen_at,
    date '2025-01-01' as first_order_date, date '2025-06-01' as last_order_date,
    2 as valid_orders, '[b]teacher' as occupation;
create table marts.aipl_stage as select date '2025-06-30' as as_of_date,
    ? as customer_id, 'P' as stage, date '2025-06-01' as since_date,
    'second_order' as play, 'active_member' as persona,
    date '2026-06-01' as lapses_on, 'none' as lapses_to,
    'purchase_order: order [i]o1' as cause;
create table marts.aipl_stage_history as select ? as customer_id, * from (values
    ('A', date '2025-05-01', date '2025-06-01', 'aware_page_view: [x]'),
    ('P', date '2025-06-01', null, 'purchase_order: order [i]o1')
    ) as t(stage, valid_from, valid_to, cause);
create table marts.rfm_scores as select date '2025-06-30' as as_of_date,
    ? as customer_id, 'new' as rfm_segment, 'high' as value_tier, 'HLL' as rfm_class,
    '512' as rfm_code, 29 as recency_days, 5 as r_score,
    null::int as recency_days_to_next_score, 2 as frequency, 1 as f_score,
    1 as frequency_to_next_score, 9.5::decimal(18, 2) as monetary, 2 as m_score,
    0.5::decimal(18, 2) as monetary_to_next_score;
create table marts.dim_rfm_segment as
    select 'new' as segment, 'New [b]' as label_en, '新' as label_zh;
create table marts.rfm_thresholds as select * from (values
    ('recency', 1, 30.5, 'quantile'), ('frequency', 1, 5.5, 'rank'),
    ('monetary', 1, 10.5, 'quantile')) as t(metric, cut, threshold, method);
create table marts.fct_orders as select '[i]o1' as order_id, ? as customer_id,
    timestamp '2025-06-01' as ordered_at, date '2025-06-01' as order_date,
    'paid' as status, 9.5::decimal(18, 2) as net_amount, '[/x]' as channel,
    true as is_valid;
"""
LABELS = """
create table marts.customer_lifecycle as select ? as customer_id, 'active' as state,
    date '2025-06-01' as since_date, 29 as days_since_last_order,
    14.5::decimal(18, 1) as expected_interval_days, 'at_risk' as next_state,
    date '2025-08-01' as next_state_on, 'order [i]o1' as cause;
create table marts.behavior_segment as
    select ? as customer_id, 'active_no_activity' as segment;
create table marts.identity_tier as select ? as customer_id, 'ordinary' as tier,
    30 as contribution_points, 'everybody_else' as cause;
create table marts.crowd_membership as select ? as customer_id, * from (values
    ('big_city', date '2025-06-09', 'tier_one_city'),
    ('living_alone', date '2025-06-01', 'young_and_alone')
    ) as t(crowd, since_date, cause);
create table marts.crowd_scene as select ? as customer_id, * from (values
    ('big_city', 'work', date '2025-06-09', 'often_at_work'),
    ('living_alone', 'work', date '2025-06-09', 'often_at_work'),
    ('students', 'work', date '2025-06-01', 'often_at_work'),
    ('students', 'dorm', date '2025-06-01', '[b]gone')
    ) as t(crowd, scene, since_date, cause);
create table marts.customer_interests as select ? as customer_id, * from (values
    ('[b]skin', 2, 0.25, null, 0.5), ('hair', 1, 0.75, null, 0.5),
    ('tea', 3, 0.0, null, 0.0), ('no', 4, 0.0, null, 0.0)
    ) as t(category, interest_rank, order_share, spend_share, view_share);
create table marts.dim_chain_link as select * from (values
    (1, 'exposed', 'Exposed', '触达'), (5, 'first_order', 'First order', '首单'),
    (8, 'referred', 'Referred [b]', '转介绍')) as t(link_no, link, label_en, label_zh);
create table marts.customer_chain as select ? as customer_id,
    date '2024-12-31' as exposed_on, null::date as wecom_on,
    null::date as group_or_form_on, date '2024-12-31' as member_on,
    date '2025-01-01' as first_order_on, date '2025-06-01' as second_order_on,
    null::date as loyal_on, null::date as referred_on,
    'second_order' as furthest_link, 3 as referrals, 1 as converted_referrals;
create table marts.journey_touches as select ? as customer_id, * from (values
    ('s1', 'wecom', 'suppress', null, 'left: [i]complaint', 'Thanks [b]', '感谢'),
    ('s0', 'sms', 'defer', date '2025-07-02', 'cap: 1 a day on sms', null, null),
    ('s2', 'wecom', 'send', null, 'due today', null, null)
    ) as t(step, channel, decision, defer_until, reason, label_en, label_zh),
    (select date '2025-06-30' as due_date);
create table marts.customer_replenishment as select ? as customer_id,
    date '2025-06-30' as as_of_date, * from (values
    ('p0', date '2025-06-29', 30, 'own_gaps'),
    ('p1', date '2025-06-30', 29, 'own_gaps'),
    ('p2', date '2025-07-02', 10.5, 'category_median'),
    ('p3', date '2025-07-03', 32, 'consumption_days'),
    ('p4', date '2025-07-04', 33, 'consumption_days'), ('p5', null, null, 'none')
    ) as t(product_id, runs_out_on, days_per_unit, basis),
    (select date '2025-06-01' as last_bought_on, 1 as last_quantity);
create table marts.dim_product as select 'p1' as product_id, '[b]Cream' as name;
create table marts.audience_members as select ? as customer_id, * from (values
    ('win_back', date '2025-06-20', 'spent_much_and_left', true, 'win_back_off'),
    ('[b]own', date '2025-06-01', '[i]rule', false, null),
    ('play_wake_up', date '2025-06-01', 'is_for_wake_up', false, null)
    ) as t(audience, since_date, cause, is_held_out, holdout);
create table marts.experiment_assignment as select ? as customer_id, * from (values
    ('win_back_off', 'control', date '2025-01-01', 'holdout'),
    ('[b]summer', 'coupon', date '2025-06-01', 'assignment')
    ) as t(experiment, arm, assigned_on, assigned_by);
create table marts.segment_ledger as select ? as customer_id, * from (values
    ('lifecycle_state', date '2025-06-01', 'none', 'active', 'the ledger begins'),
    ('crowd:living_alone', date '2025-06-01', 'none', 'living_alone',
     'young_and_alone'),
    ('aipl_stage', date '2025-06-01', 'A', 'P', 'purchase_order: order [i]o1'),
    ('aipl_stage', date '2025-05-01', 'none', 'A', 'aware_page_view: [x]'),
    ('identity_tier', date '2025-06-01', 'none', 'ordinary', 'the ledger begins'),
    ('rfm_segment', date '2025-06-02', 'promising', 'new', 'R4F1M2 to R5F1M2: [i]o1'),
    ('crowd:big_city', date '2025-06-09', 'none', 'big_city', 'tier_one_city'),
    ('crowd:students', date '2025-06-10', 'students', 'none', 'holds no longer'),
    ('scene:students:dorm', date '2025-06-10', 'dorm', 'none', 'holds no longer'),
    ('scene:big_city:work', date '2025-06-09', 'none', 'work', 'often_at_work'),
    ('behavior_segment', date '2025-06-20', 'none', 'active_no_activity',
     'active_no_activity')
    ) as t(dimension, changed_on, from_label, to_label, cause);
"""


def publish(shop: Shop, marts: str) -> Shop:
    shop.source()
    shop.warehouse.prepare()
    with duckdb.connect(str(shop.warehouse.database)) as connection:
        connection.execute("create schema marts")
        for statement in marts.strip().split(";\n"):
            marks = ["[/c]1"] * statement.count("?")
            connection.execute(statement.rstrip(";\n"), marks)
    return shop


@pytest.fixture
def published(shop: Shop) -> Shop:
    return publish(shop, CORE + LABELS)


def explained(shop: Shop, customer: str = "[/c]1", width: int = 200) -> str:
    """The page, the spaces between its columns as one."""
    page = io.StringIO()
    print_explanation(Console(file=page, width=width), shop.settings, customer)
    lines = page.getvalue().splitlines()
    return "\n".join(" ".join(line.strip("─ ").split()) for line in lines)


def section(page: str, title: str) -> list[str]:
    """The lines from a title to the next."""
    titles = ("AIPL", "Lifecycle", "RFM", "Behaviour", "Identity", "Crowds", "Scenes")
    others = (
        *("Interests", "Chain", "Audiences", "Experiments", "Journeys"),
        *("Replenishment", "Last "),
    )
    lines = page.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith(title))
    rest = lines[first + 1 :]
    ends = (i for i, x in enumerate(rest) if x.startswith((*titles, *others)))
    return [lines[first], *rest[: next(ends, len(rest))]]


def test_the_customer(published: Shop) -> None:
    lines = explained(published).splitlines()[:5]
    assert lines == [
        "[/c]1 · test · as of 2025-06-30",
        "reachable member · not in WeCom",
        "came from [/] · first seen 2025-01-01",  # a day later than in UTC
        "person [b]teacher",
        "orders 2 valid, the first on 2025-01-01, the last on 2025-06-01",
    ]


def test_aipl(published: Shop) -> None:
    assert section(explained(published), "AIPL") == [
        "AIPL: Purchase 购买 (P)",
        "since 2025-06-01",
        "because of purchase_order: order [i]o1 (Bought 下单购买)",
        "next from 2026-06-01 on No stage 无阶段 (none), unless something happens",
        "rises with Loyalty 忠诚 (L): Bought on two days; Bought and praised; "
        "Bought and shared; Bought and referred",
        "play second_order, as active_member",
        "before from until because of",
        "Awareness 2025-05-01 2025-05-31 aware_page_view: [x]",
    ]


def test_lifecycle(published: Shop) -> None:
    assert section(explained(published), "Lifecycle") == [
        "Lifecycle 生命周期: Active 活跃客户 (active)",
        "since 2025-06-01",
        "because of order [i]o1",
        "next from 2025-08-01 on At risk of leaving 流失风险客户 (at_risk), "
        "unless something happens",
        "interval usually 14.5 days between orders; 29 since the last, "
        "2.0 times as long",
    ]


def test_rfm(published: Shop) -> None:
    assert section(explained(published), "RFM") == [
        "RFM: New [b] 新 (new)",
        "since 2025-06-02",
        "because of R4F1M2 to R5F1M2: [i]o1",
        "value tier high",
        "class General customers to develop 一般发展客户 (HLL)",
        "metric value score because of the cut points a better score",
        "recency 29 days 5 of 5 30.5 (quantile) –",
        "frequency 2 orders 1 of 5 5.5 (rank) 1 order more",
        "monetary 9.50 CNY 2 of 5 10.5 (quantile) 0.50 CNY more",
    ]


def test_behavior(published: Shop) -> None:
    assert section(explained(published), "Behaviour") == [
        "Behaviour 行为分层: Bought 2 or 3 times lately, joined no activity "
        "近期购买2-3次未参与活动 (active_no_activity)",
        "since 2025-06-20",
        "holds while 2 to 3 orders in the last 60 days, no activity joined for 60 days",
        "goes first with",
        "Buys continuously 持续购买 an order in each of the last 3 windows of 30 days",
        "Silent for 60 days 沉默60天 no order or interaction for 60 days",
    ]


def test_identity(published: Shop) -> None:
    assert section(explained(published), "Identity") == [
        "Identity 身份: Ordinary user 普通用户 (ordinary)",
        "since 2025-06-01 or before",
        "because of everybody_else: is_member is not null",
        "points 30",
        "tiers above with",
        "Opinion leader KOL role in KOL|kol; or count:refer >= 50",
        "Contributor 贡献者 contribution_points >= 80 (50 points more)",
    ]


def test_crowds_in_the_order_of_their_rules(published: Shop) -> None:
    assert section(explained(published), "Crowds")[2:] == [
        "Young people living alone 独居青年 2025-06-01 or before "
        "household in 独居|alone, age between 18 and 35",
        "People of the big cities 大城市人群 2025-06-09 "
        "city_tier in 一线|新一线|tier_1",
    ]


def test_scenes(published: Shop) -> None:
    assert section(explained(published), "Scenes")[2:] == [
        "In the dorm 宿舍 Students 2025-06-01 or before [b]gone",
        "At work 工作 Students 2025-06-01 or before scene:工作 >= 3",
        "At work 工作 People of the big cities, Young people living alone 2025-06-09 "
        "scene:工作 >= 3",
    ]


def test_interests(published: Shop) -> None:
    assert section(explained(published), "Interests")[2:] == [
        "hair 75% – 50%",
        "[b]skin 25% – 50%",
        "tea 0% – 0%",
    ]


def test_chain(published: Shop) -> None:
    assert section(explained(published), "Chain") == [
        "Chain 链路: second_order",
        "2024-12-31 Exposed 触达 · member",
        "2025-01-01 First order 首单",
        "2025-06-01 second_order",
        "not yet wecom_added · group_or_form · loyal · Referred [b] 转介绍",
        "brought 3 customers, of whom 1 bought",
    ]


def test_audiences_in_the_order_of_their_file(published: Shop) -> None:
    assert section(explained(published), "Audiences")[2:] == [
        "Play: Dormant fans to wake up 打法：沉睡粉丝唤醒 2025-06-01 or before "
        "play = wake_up –",
        "Buyers worth winning back 值得召回的老客 2025-06-20 "
        "lifecycle_state in dormant|churned, net_amount >= 500 "
        "win_back_off",
        "[b]own 2025-06-01 or before [i]rule –",
        "held out by Left out of winning back 召回人群对照组 (win_back_off)",
    ]


def test_experiments_the_latest_first(published: Shop) -> None:
    assert section(explained(published), "Experiments")[2:] == [
        "[b]summer coupon 2025-06-01 assignment",
        "Left out of winning back 召回人群对照组 control 2025-01-01 holdout",
    ]


def test_journeys(published: Shop) -> None:
    assert section(explained(published), "Journeys")[2:] == [
        "s2 wecom 2025-06-30 send due today",
        "s0 sms 2025-06-30 defer until 2025-07-02 cap: 1 a day on sms",
        "Thanks [b] 感谢 wecom 2025-06-30 suppress left: [i]complaint",
    ]


def test_run_outs_from_today_on(published: Shop) -> None:
    assert section(explained(published), "Replenishment")[2:] == [
        "2025-06-30 [b]Cream (p1) 2025-06-01 1 29 own purchases",
        "2025-07-02 p2 2025-06-01 1 10.5 purchases in the category",
        "2025-07-03 p3 2025-06-01 1 32 days that the product lasts",
    ]


def test_the_last_run_out_where_none_is_to_come(shop: Shop) -> None:
    late = LABELS.replace("'2025-06-30' as as_of_date", "'2026-01-01' as as_of_date")
    page = explained(publish(shop, CORE + late))
    assert section(page, "Replenishment")[1:] == [
        "ran out product bought pieces days each by",
        "2025-07-04 p4 2025-06-01 1 33 days that the product lasts",
    ]


def test_changes_are_not_what_the_ledger_began_with(published: Shop) -> None:
    assert section(explained(published), "Last changes")[2:] == [
        "2025-06-20 behaviour none → Bought 2 or 3 times lately, joined no activity "
        "active_no_activity",
        "2025-06-10 crowd left Students holds no longer",
        "2025-06-10 scene In the dorm ends, as one of Students holds no longer",
        "2025-06-09 crowd joined People of the big cities tier_one_city",
        "2025-06-09 scene At work begins, as one of People of the big cities "
        "often_at_work",
        "2025-06-02 RFM Promising → New R4F1M2 to R5F1M2: [i]o1",
        "2025-06-01 AIPL Awareness → Purchase purchase_order: order [i]o1",
        "2025-05-01 AIPL none → Awareness aware_page_view: [x]",
    ]


def test_ten_changes_at_most(shop: Shop) -> None:
    ledger = LABELS.index("create table marts.segment_ledger")
    many = """
    create table marts.segment_ledger as select ? as customer_id,
        'aipl_stage' as dimension, date '2025-01-01' + x::int as changed_on,
        'A' as from_label, 'none' as to_label, 'c' as cause from range(30) as t(x);
    """
    page = explained(publish(shop, CORE + LABELS[:ledger] + many))
    changes = section(page, "Last changes")[2:]
    assert len(changes) == 10
    assert changes[0].startswith("2025-01-30 ")


def test_orders(published: Shop) -> None:
    assert (
        explained(published).splitlines()[-1] == "2025-06-01 [i]o1 paid 9.50 [/x] yes"
    )


def test_sections_with_nothing_to_say_are_left_out(shop: Shop) -> None:
    """A warehouse that an older version published has not all the marts."""
    page = explained(publish(shop, CORE))
    assert "RFM" in page
    for title in ("Lifecycle", "Behaviour", "Identity", "Crowds", "Scenes"):
        assert title not in page
    for title in ("Interests", "Chain", "Audiences", "Experiments", "Journeys"):
        assert title not in page
    assert "Replenishment" not in page
    assert "Last changes" not in page


def test_a_customer_of_whom_little_is_known(shop: Shop) -> None:
    """A prospect in no segment, with no order and no facts."""
    empty = (CORE + LABELS).replace("as select ? as", "as select 'other' as")
    publish(shop, empty.replace("'[i]o1' as order_id, ?", "'o1' as order_id, 'other'"))
    with duckdb.connect(str(shop.warehouse.database)) as connection:
        connection.execute(
            "insert into marts.dim_customer by name select 'p' as customer_id, "
            "false as is_member, false as wecom_bound, 0 as valid_orders; "
            "insert into marts.behavior_segment values ('p', 'none'); "
            "insert into marts.identity_tier values ('p', 'none', 0, null); "
            "insert into marts.customer_lifecycle by name select 'p' as customer_id, "
            "'prospect' as state, 'no order yet' as cause; "
            "insert into marts.segment_ledger values ('p', 'lifecycle_state', "
            "'2025-06-01', 'none', 'prospect', 'the ledger begins')"
        )
    page = explained(shop, "p")
    assert page.splitlines()[1:3] == [
        "reachable no member · not in WeCom",
        "orders no valid order",
    ]
    assert section(page, "RFM")[1:] == ["no valid order in the window, so no scores"]
    assert section(page, "Lifecycle")[1:] == [
        "since the beginning",
        "because of no order yet",
        "next no change until the next order",
    ]
    behavior = section(page, "Behaviour")
    assert behavior[:2] == [
        "Behaviour 行为分层: in no segment 无分层",
        "since 2025-06-01 or before",
    ]
    assert len(behavior) == 3 + 6
    assert section(page, "Identity")[0] == "Identity 身份: none 无"
    for title in ("Crowds", "Scenes", "Interests", "Chain", "Audiences", "Last"):
        assert f"\n{title}" not in page


def test_labels_are_those_of_the_shop(published: Shop) -> None:
    published.keys["rules"] = "rules"
    published.write(
        "rules/crowd_rules.csv",
        "priority,crowd,rule_id,attribute,operator,value,value_to,label_en,label_zh\n"
        "1,big_city,tier_one_city,city_tier,=,[b]1,,Towns,城里人\n",
    )
    assert section(explained(published), "Crowds")[2:] == [
        "Towns 城里人 2025-06-09 city_tier = [b]1",
        "living_alone 2025-06-01 or before young_and_alone",
    ]


def test_a_broken_rule_file_costs_its_labels_only(published: Shop) -> None:
    published.keys["rules"] = "rules"
    published.write("rules/crowd_rules.csv", "priority\n")
    page = explained(published)
    assert section(page, "Crowds")[2] == "big_city 2025-06-09 tier_one_city"
    assert page.splitlines()[-1] == (
        "labels of crowd_rules are missing; run `siyu validate` to see why"
    )
    assert "Active 活跃客户" in page


def test_the_page_fits_a_terminal(published: Shop) -> None:
    """A long label goes below its title, and is not cut off."""
    page = io.StringIO()
    print_explanation(Console(file=page, width=80), published.settings, "[/c]1")
    text = page.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "(active_no_activity)" in text
    assert "…" not in text


def test_an_unknown_customer(published: Shop) -> None:
    with pytest.raises(SiyuError, match="customer 'nobody' is unknown"):
        explained(published, "nobody")


def test_before_the_first_publish(shop: Shop) -> None:
    shop.source()
    with pytest.raises(SiyuError, match="nothing has been published yet"):
        explained(shop)
