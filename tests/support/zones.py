"""Timezones of drawn shops; what the models read is in UTC, and without a zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

# East and west of UTC, without and with daylight saving time.
ZONES = ("Asia/Shanghai", "Europe/London", "America/New_York")


def to_utc(local: datetime, zone: str) -> datetime:
    """Return the time in UTC at which clocks in the zone show this one."""
    moment = local.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
    return moment.replace(tzinfo=None)


def local_day(moment: datetime, zone: str) -> date:
    """Return the day in the zone at this time in UTC."""
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone)).date()


def midnight(day: date, zone: str) -> datetime:
    """Return the time in UTC at which the day begins in the zone."""
    return to_utc(datetime.combine(day, time()), zone)


def first_or_last_second(day: date | None, zone: str, number: int) -> datetime | None:
    """Return an end of the day: the first one for even numbers, or the last one."""
    if day is None or number % 2 == 0:
        return day and midnight(day, zone)
    return midnight(day + timedelta(1), zone) - timedelta(seconds=1)
