"""The rule file of lifecycle states."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from pipeline.rules.rows import Label, Name, RuleRow

_MOST_DAYS = 36_500
_BOUNDS = ("orders", "days_since_last", "days_since_first", "gap_ratio", "avg_amount")

Orders = Annotated[int, Field(ge=0, le=1_000_000)]
Days = Annotated[int, Field(ge=0, le=_MOST_DAYS)]
Ratio = Annotated[Decimal, Field(ge=0, le=1000, decimal_places=2)]
Amount = Annotated[Decimal, Field(ge=0, le=1_000_000_000_000, decimal_places=2)]


class LifecycleRow(RuleRow):
    """A state and its conditions on orders, days, gaps and amounts."""

    priority: int = Field(ge=-(2**31), lt=2**31)
    state: Name
    min_orders: Orders | None = None
    max_orders: Orders | None = None
    min_days_since_last: Days | None = None
    max_days_since_last: Days | None = None
    min_days_since_first: Days | None = None
    max_days_since_first: Days | None = None
    min_previous_gap_days: Days | None = None
    min_gap_ratio: Ratio | None = None
    max_gap_ratio: Ratio | None = None
    min_avg_amount: Amount | None = None
    max_avg_amount: Amount | None = None
    label_en: Label = None
    label_zh: Label = None

    @model_validator(mode="after")
    def _bounds_in_order(self) -> LifecycleRow:
        if self.state == "none":
            raise ValueError("'none' means to be in no state; give another name")
        for name in _BOUNDS:
            low, high = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
            if low is not None and high is not None and low > high:
                raise ValueError(f"min_{name} {low} is above max_{name} {high}")
        return self

    @model_validator(mode="after")
    def _can_hold(self) -> LifecycleRow:
        asked = self._conditions_on_orders()
        if self.max_orders == 0 and asked:
            raise ValueError(
                f"can never hold: {asked[0]} needs an order, but max_orders is 0"
            )
        if self.max_orders == 1 and self.min_previous_gap_days is not None:
            raise ValueError(
                "can never hold: min_previous_gap_days needs two "
                "orders, but max_orders is 1"
            )
        last, first = self.min_days_since_last, self.max_days_since_first
        if last is not None and first is not None and last > first:
            raise ValueError(
                f"can never hold: min_days_since_last {last} is above "
                f"max_days_since_first {first}"
            )
        return self

    def _conditions_on_orders(self) -> list[str]:
        """The given conditions that never hold without an order."""
        return [
            name
            for name, value in self
            if name.startswith(("min_", "max_"))
            and not name.endswith("_orders")
            and value is not None
        ]
