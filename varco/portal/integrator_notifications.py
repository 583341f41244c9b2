"""Words of what is told of integrator access: the pages that each kind leads to, and what its template needs besides its facts."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import formats

from varco.integrators.notifications import (
    ConnectionToConfirm,
    ConnectionUnconfirmed,
    IntegratorDatesChanged,
    IntegratorEnded,
    IntegratorEnding,
    IntegratorIdle,
    IntegratorInvited,
    IntegratorStarted,
    IntegratorToConfirm,
)
from varco.portal.common.integrator_words import ENDS


def _access(notification: Any) -> str:
    return reverse("clinic:integrator", args=[notification.access.pk])


def _either_side(notification: Any) -> str:
    return _access(notification) if notification.to_manager else reverse("home")


def _ended(notification: Any) -> str:
    access = notification.access
    return reverse("clinic:integrator_report", args=[access.pk]) if notification.to_manager else reverse("home")


def _invitation(notification: Any) -> str:
    return f"{reverse('account:integrator_invitation')}?{urlencode({'token': notification.secret})}"


def _confirmations(_notification: Any) -> str:
    return reverse("clinic:confirmations")


def _applications(_notification: Any) -> str:
    return reverse("clinic:applications")


PAGES: Mapping[str, Callable[[Any], str]] = {
    IntegratorInvited.code: _invitation,
    IntegratorStarted.code: _access,
    IntegratorEnding.code: _either_side,
    IntegratorIdle.code: _either_side,
    IntegratorDatesChanged.code: _either_side,
    IntegratorEnded.code: _ended,
    IntegratorToConfirm.code: _confirmations,
    ConnectionToConfirm.code: _confirmations,
    ConnectionUnconfirmed.code: _applications,
}


def words(given: Mapping[str, Any]) -> dict[str, Any]:
    """The day of a moment by the clocks of the clinic, and why an access ended."""
    access = given.get("access")
    found: dict[str, Any] = {}
    if "until" in given:
        tenant = access.tenant if access else given["tenant"]
        day = dt.datetime.fromtimestamp(given["until"], ZoneInfo(tenant.zone))
        found["until_words"] = formats.date_format(day, "DATE_FORMAT")
    if access is not None and access.end_reason:
        found["end_words"] = ENDS[access.end_reason]
    return found
