"""What is to come of an access, and when: pure, so that every date can be tried."""

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from varco.integrators import dates
from varco.integrators.limits import CONFIRM_NOTICE, IDLE_GRACE, WARNINGS, Limits
from varco.integrators.models import IntegratorAccess

_NEVER_WARNED = 10**6


class Act(StrEnum):
    """What is done at a date."""

    INVITE = "invite"
    WARN = "warn"
    WARN_IDLE = "warn_idle"
    ASK_TO_CONFIRM = "ask_to_confirm"
    EXPIRE = "expire"
    END_IDLE = "end_idle"
    END_UNCONFIRMED = "end_unconfirmed"


ENDS = {
    Act.EXPIRE: IntegratorAccess.End.EXPIRED,
    Act.END_IDLE: IntegratorAccess.End.IDLE,
    Act.END_UNCONFIRMED: IntegratorAccess.End.UNCONFIRMED,
}


class Moment(NamedTuple):
    """Something to be done at a time (epoch seconds); `days` of a warning: before the end."""

    at: int
    act: Act
    days: int = 0


def moments(access: IntegratorAccess, zone: str, limits: Limits) -> Iterator[Moment]:
    """All that is to come of an access that was granted and has not ended, what was done already left out."""
    yield Moment(access.ends_at, Act.EXPIRE)
    if access.invited_at is None:
        yield Moment(access.starts_at, Act.INVITE)
    for days in WARNINGS:
        at = dates.morning_of(access.last_day - dt.timedelta(days=days), zone)
        warned = _NEVER_WARNED if access.warned_days is None else access.warned_days
        if days < warned and access.dates_set_at <= at < access.ends_at:
            yield Moment(at, Act.WARN, days)
    if access.accepted_at is not None:
        yield _idle(access, access.accepted_at, limits)
    if access.confirmed_at is not None:
        end = access.confirmed_at + limits.confirmation
        if access.confirm_warned_at is None:
            yield Moment(end - CONFIRM_NOTICE, Act.ASK_TO_CONFIRM)
        yield Moment(max(end, (access.confirm_warned_at or end) + 1), Act.END_UNCONFIRMED)


def _idle(access: IntegratorAccess, accepted_at: int, limits: Limits) -> Moment:
    used = max(access.last_used_at or 0, accepted_at)
    if access.idle_warned_at is None or access.idle_warned_at < used:
        return Moment(used + limits.idle, Act.WARN_IDLE)
    return Moment(access.idle_warned_at + IDLE_GRACE, Act.END_IDLE)


def next_at(access: IntegratorAccess, zone: str, limits: Limits) -> int | None:
    """When something is next to be done at an access; None for one that is not given."""
    if not access.is_given:
        return None
    return min(moment.at for moment in moments(access, zone, limits))


def due(access: IntegratorAccess, zone: str, limits: Limits, now: int) -> list[Moment]:
    """What is to be done now: an end alone, or whatever does not end it, and of several warnings the last one."""
    reached = sorted(moment for moment in moments(access, zone, limits) if moment.at <= now)
    ends = [moment for moment in reached if moment.act in ENDS]
    if ends:
        return ends[:1]
    warnings = [moment for moment in reached if moment.act is Act.WARN]
    return [moment for moment in reached if moment.act is not Act.WARN] + warnings[-1:]
