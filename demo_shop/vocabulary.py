"""The words of the demo shop: regions, channels, personas, event types and free text.

Generators work with positions in these tuples; the words appear only in the clean
tables. Nothing here is drawn at random.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from demo_shop.season import Ints

CHANNELS = (
    *("小程序", "APP", "公众号", "企业微信", "短信", "门店"),
    *("抖音广告", "小红书", "朋友圈广告", "老客推荐", "线下活动"),
)
# Acquisition channels of members, with their shares.
ACQUISITION = (
    "抖音广告",
    "小红书",
    "朋友圈广告",
    "公众号",
    "门店",
    "老客推荐",
    "线下活动",
)
ACQUISITION_SHARES = (0.24, 0.18, 0.16, 0.12, 0.16, 0.09, 0.05)

REGIONS = (
    *("上海", "北京", "广东", "浙江", "江苏", "四川"),
    *("湖北", "湖南", "山东", "河南", "福建", "陕西"),
)
CITY_TIERS = ("一线", "新一线", "二线", "三线及以下")
PERSONAS = ("小鹿顾问", "鹿妈妈", "美肤师小林", "成分党阿泽")
GROUPS_PER_PERSONA = 12
SCENES = ("工作", "睡前", "厨房", "宿舍", "出差", "周末亲子")
ROLES = ("KOL", "员工")
GENDERS = ("女", "男")
HOUSEHOLDS = ("独居", "情侣同住", "有孩家庭", "宿舍", "与父母同住")
OCCUPATIONS = (
    *("学生", "上班族", "自由职业", "企业管理", "销售", "全职妈妈", "教师", "医护"),
)
SKIN_TYPES = ("干性", "油性", "混合性", "敏感性", "中性")
BABY_STAGES = ("孕期", "0-1岁", "1-3岁", "3-6岁")
TRAVEL = ("经常出差", "偶尔出差", "几乎不出差")
STORES = ("SH01", "SH02", "BJ01", "GZ01", "HZ01", "CD01", "NJ01", "WH01")
COUPONS = ("CP-NEW-10", "CP-MEMBER-5", "CP-DAY-15", "CP-BACK-10")

# Free text as customers and staff type it, which breaks naive readers and spreadsheets.
NOTES = (
    "喜欢小样, 不要打电话",
    '备注: "敏感肌", 先试用',
    "周末才有空\n工作日勿扰",
    "宝宝对牛奶蛋白过敏⚠️",
    "老客户😊👍",
    "=1+1",
    "@小鹿 记得送试用装",
    "-",
)
REMARKS = (
    "放门卫, 谢谢🙏",
    '请写贺卡: "生日快乐"',
    "工作日送\n周末不在家",
    "开发票",
    "不要放辣条🌶️,谢谢",
)

EVENT_TYPES = (
    *("ad_impression", "ad_click", "search", "page_view", "product_view", "favorite"),
    *("add_to_cart", "follow", "add_wecom", "group_join", "register"),
    *(
        "message_delivered",
        "message_open",
        "message_click",
        "activity_join",
        "check_in",
    ),
    *("sample_claim", "survey_submit", "consult", "review_positive", "review_negative"),
    *("share", "refer", "complaint", "unsubscribe"),
)
# These are in WeCom's own event export, the others come from app and mini-program.
WECOM_EVENTS = (
    *("add_wecom", "group_join", "message_delivered", "message_open", "message_click"),
    *("consult", "complaint", "unsubscribe"),
)
CONTENTS = (
    *("page_home", "page_category", "page_member", "page_coupon", "topic_skin_care"),
    *("topic_baby", "topic_travel", "note_ingredients", "note_unboxing", "live_room"),
)

NO_WORD = -1


def code(words: tuple[str, ...], word: str) -> int:
    """Return the position of a word; ``ValueError`` if it is not in the vocabulary."""
    return words.index(word)


def codes(words: tuple[str, ...], chosen: tuple[str, ...]) -> Ints:
    """Return the positions of several words."""
    return np.array([words.index(word) for word in chosen], dtype=np.int64)


def as_text(positions: Ints, words: tuple[str, ...]) -> Any:
    """Return positions as a column of words; ``NO_WORD`` becomes null."""
    return pd.Categorical.from_codes(
        positions.astype(np.int32), categories=pd.Index(words)
    )
