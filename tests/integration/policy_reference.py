"""The contact policy by brute force, straight from its definition.

One customer, one touch and one day at a time, in plain Python. Nothing is shared with
the models, and nothing is clever: whether a cap has room on a day is found by counting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

_DAY = timedelta(days=1)
# Whatever frees has freed by then.
_FURTHEST_DAYS = 500


@dataclass(frozen=True)
class Channel:
    """A row of channels."""

    channel: str
    counts_as: str | None = None
    consent_channel: str | None = None
    needs_consent: bool = False
    reached_by: str = "none"
    complaint_days: int | None = None


@dataclass(frozen=True)
class Cap:
    """A row of contact_policy."""

    scope: str
    window_days: int | None
    calendar_unit: str | None
    max_contacts: int
    priority: int

    def covers(self, day: date, today: date) -> bool:
        """Whether the days are in one window that ends on the second."""
        if self.window_days is not None:
            return today - timedelta(self.window_days) < day <= today
        if self.calendar_unit == "week":
            return day.isocalendar()[:2] == today.isocalendar()[:2]
        if self.calendar_unit == "month":
            return (day.year, day.month) == (today.year, today.month)
        return day == today

    def words(self) -> str:
        """Say it as a reason."""
        if self.calendar_unit is not None:
            window = f"a {self.calendar_unit}"
        else:
            days = "1 day" if self.window_days == 1 else f"{self.window_days} days"
            window = f"in {days}"
        where = "over all channels" if self.scope == "global" else f"on {self.scope}"
        return f"cap: {self.max_contacts} {window} {where}"


@dataclass(frozen=True)
class Quiet:
    """A row of quiet_days."""

    date_from: date
    date_to: date
    scope: str
    reason: str


@dataclass(frozen=True)
class Contact:
    """A message that was sent, or failed."""

    channel: str
    sent_at: datetime
    outcome: str | None


@dataclass(frozen=True)
class Consent:
    """A change of consent."""

    channel: str
    granted: bool
    changed_at: datetime


@dataclass(frozen=True)
class Refusal:
    """An unsubscribe or a complaint."""

    event_type: str
    channel: str | None
    occurred_at: datetime


@dataclass(frozen=True)
class Touch:
    """A touch in its window."""

    touch_id: str
    journey: str
    channel: str
    priority: int | None
    due_date: date
    grace_days: int
    exit_fact: tuple[str, date] | None = None

    @property
    def last_day(self) -> date:
        """The last day on which it may be sent."""
        return self.due_date + timedelta(self.grace_days)


@dataclass(frozen=True)
class Customer:
    """All that is known of a customer."""

    customer_id: str
    touches: tuple[Touch, ...] = ()
    contacts: tuple[Contact, ...] = ()
    consents: tuple[Consent, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    # Names of holdouts that leave the customer out: scope, journey, name.
    holdouts: tuple[tuple[str, str | None, str], ...] = ()
    reached_by: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Policy:
    """The rule files."""

    channels: tuple[Channel, ...]
    caps: tuple[Cap, ...]
    quiet: tuple[Quiet, ...] = ()
    by_name: Mapping[str, Channel] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        names = {channel.channel: channel for channel in self.channels}
        object.__setattr__(self, "by_name", names)

    def counted(self, name: str) -> str:
        """The channel as which one counts."""
        channel = self.by_name.get(name)
        return (channel and channel.counts_as) or name

    def consented(self, name: str) -> str:
        """The channel whose consent holds for one."""
        channel = self.by_name.get(name)
        return (channel and channel.consent_channel) or name

    def quiet_on(self, channel: str, day: date) -> list[Quiet]:
        """Return the periods that make the day quiet."""
        return [
            period
            for period in self.quiet
            if period.date_from <= day <= period.date_to
            and period.scope in ("global", self.counted(channel))
        ]

    def first_open(self, channel: str, day: date) -> date:
        """Return the first day from then on that is not quiet."""
        while self.quiet_on(channel, day):
            day += _DAY
        return day


@dataclass(frozen=True)
class Decision:
    """What is decided of a touch."""

    decision: str
    defer_until: date | None
    reason_kind: str
    reason: str


def barrier(
    policy: Policy, customer: Customer, touch: Touch, today: date
) -> tuple[str, str] | None:
    """Return what stops a touch for good today, as kind and reason."""
    if touch.exit_fact is not None:
        kind, day = touch.exit_fact
        return "exited", f"left: {kind.replace('_', ' ')} on {day}"
    held = sorted(
        (scope, name)
        for scope, journey, name in customer.holdouts
        if scope == "global" or (scope == "journey" and journey == touch.journey)
    )
    if held:
        return "holdout", f"holdout: {held[0][1]}"
    channel = policy.by_name.get(touch.channel)
    if channel is None:
        return "unknown_channel", f"channel is not in channels: {touch.channel}"
    return refused(policy, customer, channel, today)


def refused(
    policy: Policy, customer: Customer, channel: Channel, today: date
) -> tuple[str, str] | None:
    """Return why the customer may not be contacted on the channel."""
    mine = policy.consented(channel.channel)
    changes = [c for c in customer.consents if policy.consented(c.channel) == mine]
    latest = max((c.changed_at for c in changes), default=None)
    granted = latest is not None and all(
        c.granted for c in changes if c.changed_at == latest
    )
    if latest is not None and not granted:
        return (
            "no_consent",
            f"consent for {channel.channel} withdrawn on {latest.date()}",
        )
    if latest is None and channel.needs_consent:
        return "no_consent", f"no consent for {channel.channel}"
    left = [
        refusal.occurred_at
        for refusal in customer.refusals
        if refusal.event_type == "unsubscribe"
        and (
            refusal.channel not in policy.by_name
            or policy.consented(str(refusal.channel)) == mine
        )
    ]
    if left and not (granted and latest is not None and latest > max(left)):
        return "opted_out", f"unsubscribed on {max(left).date()}"
    complaints = [
        refusal.occurred_at.date()
        for refusal in customer.refusals
        if refusal.event_type == "complaint"
    ]
    quiet_for = channel.complaint_days or 0
    if complaints and (today - max(complaints)).days < quiet_for:
        return "complaint", f"complained on {max(complaints)}"
    if channel.reached_by not in customer.reached_by | {"none"}:
        if channel.reached_by == "wecom_bound":
            return "unreachable", "not bound in WeCom"
        return "unreachable", f"no {channel.reached_by}"
    return None


def full(
    policy: Policy, channel: str, day: date, contacts: Sequence[tuple[str, date]]
) -> list[Cap]:
    """Return the caps that have no room on the day for one more on the channel."""
    return [
        cap
        for cap in policy.caps
        if cap.scope in ("global", policy.counted(channel))
        and sum(
            cap.covers(sent, day)
            for name, sent in contacts
            if cap.scope in ("global", policy.counted(name))
        )
        >= cap.max_contacts
    ]


def decide(policy: Policy, customer: Customer, today: date) -> dict[str, Decision]:
    """Take the customer's touches one after the other and decide each."""
    contacts = [
        (contact.channel, contact.sent_at.date())
        for contact in customer.contacts
        if contact.outcome != "failed"
    ]
    decisions: dict[str, Decision] = {}
    capped: list[tuple[Touch, Cap]] = []
    in_order = sorted(
        customer.touches,
        key=lambda t: (t.priority is None, t.priority or 0, t.due_date, t.touch_id),
    )
    for touch in in_order:
        stopped = barrier(policy, customer, touch, today)
        quiet = policy.quiet_on(touch.channel, today)
        binding = full(policy, touch.channel, today, contacts)
        if stopped is not None:
            decisions[touch.touch_id] = Decision("suppress", None, *stopped)
        elif quiet:
            period = min(quiet, key=lambda p: (p.date_from, p.date_to, p.scope))
            opens = policy.first_open(touch.channel, today)
            reason = f"quiet day: {period.reason.replace('_', ' ')}"
            decisions[touch.touch_id] = put_off(touch, opens, "quiet_day", reason)
        elif binding:
            capped.append((touch, min(binding, key=lambda cap: cap.priority)))
        else:
            contacts.append((touch.channel, today))
            decisions[touch.touch_id] = Decision("send", None, *due(touch, today))
    for touch, cap in capped:
        opens = next(
            day
            for day in (today + timedelta(n) for n in range(1, _FURTHEST_DAYS))
            if not full(policy, touch.channel, day, contacts)
            and not policy.quiet_on(touch.channel, day)
        )
        decisions[touch.touch_id] = put_off(touch, opens, "cap", cap.words())
    return decisions


def put_off(touch: Touch, opens: date, kind: str, reason: str) -> Decision:
    """Put a touch off to the day, if that is not too late."""
    if opens <= touch.last_day:
        return Decision("defer", opens, kind, reason)
    return Decision("suppress", None, kind, reason)


def due(touch: Touch, today: date) -> tuple[str, str]:
    """Say why a touch is sent."""
    late = (today - touch.due_date).days
    if late == 0:
        return "due", "due today"
    days = "1 day" if late == 1 else f"{late} days"
    return "catching_up", f"catching up, {days} late"
