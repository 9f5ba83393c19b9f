"""The suites of all tables. To add a suite, add an entry to the list of its stage.

They are plain data without a heavy import, so that checks can be declared before they
are run.
"""

from __future__ import annotations

from pipeline.quality.model import Suite
from pipeline.quality.suites.aipl import (
    AIPL_FLOW,
    AIPL_LAPSING,
    AIPL_STAGE,
    AIPL_STAGE_HISTORY,
    DIM_PLAY,
)
from pipeline.quality.suites.audience import (
    AUDIENCE_CHANGES,
    AUDIENCE_MEMBERS,
    DIM_AUDIENCE,
)
from pipeline.quality.suites.core import (
    DIM_CUSTOMER,
    DIM_PRODUCT,
    FCT_INTERACTIONS,
    FCT_ORDER_LINES,
    FCT_ORDERS,
)
from pipeline.quality.suites.crowd import (
    AUDIENCE_PROFILE,
    BEHAVIOR_SEGMENT,
    CROWD_MEMBERSHIP,
    CROWD_SCENE,
    CUSTOMER_360,
    CUSTOMER_INTERESTS,
    IDENTITY_TIER,
)
from pipeline.quality.suites.journey import CUSTOMER_REPLENISHMENT, JOURNEY_TOUCHES
from pipeline.quality.suites.landing import ENTITY_SUITES, FILES
from pipeline.quality.suites.ledger import SEGMENT_LEDGER
from pipeline.quality.suites.lifecycle import CUSTOMER_LIFECYCLE
from pipeline.quality.suites.measurement import (
    COHORT_RETENTION,
    CUSTOMER_CHAIN,
    DIM_CHAIN_LINK,
    FUNNEL,
    FUNNEL_BREAKDOWN,
    REFERRALS,
)
from pipeline.quality.suites.outcomes import (
    EXPERIMENT_ASSIGNMENT,
    EXPERIMENT_RESULT,
    REPURCHASE_DECOMPOSITION,
    REPURCHASE_DRIVERS,
    TOUCH_OUTCOME,
)
from pipeline.quality.suites.rfm import DIM_RFM_SEGMENT, RFM_SCORES, RFM_THRESHOLDS

LANDING: tuple[Suite, ...] = (FILES, *ENTITY_SUITES)

MARTS: tuple[Suite, ...] = (
    DIM_CUSTOMER,
    DIM_PRODUCT,
    FCT_ORDERS,
    FCT_ORDER_LINES,
    FCT_INTERACTIONS,
    RFM_SCORES,
    RFM_THRESHOLDS,
    DIM_RFM_SEGMENT,
    AIPL_STAGE,
    AIPL_STAGE_HISTORY,
    AIPL_FLOW,
    AIPL_LAPSING,
    DIM_PLAY,
    CUSTOMER_LIFECYCLE,
    BEHAVIOR_SEGMENT,
    IDENTITY_TIER,
    CROWD_MEMBERSHIP,
    CROWD_SCENE,
    CUSTOMER_INTERESTS,
    AUDIENCE_PROFILE,
    CUSTOMER_CHAIN,
    DIM_CHAIN_LINK,
    FUNNEL,
    FUNNEL_BREAKDOWN,
    COHORT_RETENTION,
    REFERRALS,
    EXPERIMENT_ASSIGNMENT,
    EXPERIMENT_RESULT,
    TOUCH_OUTCOME,
    REPURCHASE_DRIVERS,
    REPURCHASE_DECOMPOSITION,
    CUSTOMER_REPLENISHMENT,
    JOURNEY_TOUCHES,
    DIM_AUDIENCE,
    AUDIENCE_MEMBERS,
    AUDIENCE_CHANGES,
    CUSTOMER_360,
    SEGMENT_LEDGER,
)
