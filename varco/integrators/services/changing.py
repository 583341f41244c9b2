"""Another last day, and the manager's word that it goes on."""

import datetime as dt

from django.conf import settings
from django.db import transaction

from varco import clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.integrators import dates
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess
from varco.integrators.notifications import IntegratorDatesChanged
from varco.integrators.services.acting import holder, locked, manager, managers, plan, refused, support
from varco.mail.notifications import notify
from varco.tenants import services as tenants

_DATES = ["last_day", "ends_at", "dates_set_at", "warned_days", "due_at"]


@transaction.atomic
def shorten(access: IntegratorAccess, origin: Origin, *, last_day: dt.date) -> IntegratorAccess:
    """Let it end sooner. Raises `Denied` for anybody but a manager of the clinic, and `Invalid` for a day that is not sooner."""
    manager(access.tenant, origin)
    fresh = _given(access)
    if last_day < dates.today(clock.now(), fresh.tenant.zone):
        refused(IntegratorFault.LAST_DAY_PAST, "last_day")
    if last_day >= fresh.last_day:
        refused(IntegratorFault.NOT_SHORTER, "last_day")
    if last_day < fresh.first_day:
        refused(IntegratorFault.LAST_DAY_BEFORE_FIRST, "last_day")
    return _moved(fresh, last_day, origin)


@transaction.atomic
def extend(access: IntegratorAccess, origin: Origin, *, last_day: dt.date) -> IntegratorAccess:
    """Let it end later, at most twelve months from today.

    Raises `Denied` for anybody but support (and a manager of the clinic where the vendor lets them), and `Invalid`.
    """
    if settings.VARCO.integrators_direct and not (origin.actor and origin.actor.answers_for_all):
        manager(access.tenant, origin)
    else:
        support(origin)
    fresh = _given(access)
    code = fault_of_extension(fresh, last_day)
    if code:
        refused(code, "last_day")
    return _moved(fresh, last_day, origin)


def fault_of_extension(access: IntegratorAccess, last_day: dt.date) -> IntegratorFault | None:
    """What speaks against another last day than now, if it is to be a later one."""
    if not access.is_given or access.ends_at <= clock.now():
        return IntegratorFault.OVER
    if last_day <= access.last_day:
        return IntegratorFault.NOT_LONGER
    day = dates.today(clock.now(), access.tenant.zone)
    return IntegratorFault.LAST_DAY_FAR if last_day > dates.latest_day(max(day, access.first_day)) else None


@transaction.atomic
def confirm(access: IntegratorAccess, origin: Origin) -> IntegratorAccess:
    """Say that it is still needed. Raises `Denied` for anybody but a manager of the clinic, and `Invalid` once it has ended."""
    actor, _tenant = manager(access.tenant, origin)
    fresh = _given(access)
    fresh.confirmed_at, fresh.confirmed_by, fresh.confirm_warned_at = clock.now(), actor, None
    plan(fresh)
    fresh.save(update_fields=["confirmed_at", "confirmed_by", "confirm_warned_at", "due_at"])
    record(Tag.INTEGRATOR_CONFIRMED, origin, user=fresh.user, tenant=fresh.tenant, email=fresh.email)
    return fresh


def _moved(access: IntegratorAccess, last_day: dt.date, origin: Origin) -> IntegratorAccess:
    before = access.last_day
    access.last_day, access.ends_at = last_day, dates.end_of(last_day, access.tenant.zone)
    access.dates_set_at, access.warned_days = clock.now(), None
    plan(access)
    access.save(update_fields=_DATES)
    if access.user is not None:
        tenants.set_end(access.user, access.tenant, access.ends_at)
    record(
        Tag.INTEGRATOR_DATES_CHANGED, origin, user=access.user, tenant=access.tenant, email=access.email,
        before=before.isoformat(), last_day=last_day.isoformat(),
    )  # fmt: skip
    notify(IntegratorDatesChanged(access, to_manager=True), managers(access))
    notify(IntegratorDatesChanged(access, to_manager=False), holder(access))
    return access


def _given(access: IntegratorAccess) -> IntegratorAccess:
    """The access, locked. Raises `Invalid` where it is not given, or its time is up."""
    fresh = locked(access)
    if not fresh.is_given or fresh.ends_at <= clock.now():
        refused(IntegratorFault.OVER)
    return fresh
