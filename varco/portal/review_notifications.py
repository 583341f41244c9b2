"""Words of what is told of a review: the pages that each kind leads to, and what its template needs besides its facts."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse

from varco.portal.common.remark_words import worded_remarks
from varco.portal.templatetags.times import plain_moment
from varco.registry import desk
from varco.registry.deadline import due_at
from varco.registry.review_notifications import (
    ReviewAnswered,
    ReviewAssigned,
    ReviewHalfTime,
    ReviewOverdue,
    ReviewQuestioned,
    SecondApprovalNeeded,
)


def _review(notification: Any) -> str:
    return reverse("staff:review", args=[notification.revision.pk])


def _thread(notification: Any) -> str:
    return reverse("developer:thread", args=[notification.application.pk])


PAGES: Mapping[str, Callable[[Any], str]] = {
    ReviewAssigned.code: _review,
    ReviewQuestioned.code: _thread,
    ReviewAnswered.code: _review,
    ReviewHalfTime.code: _review,
    ReviewOverdue.code: _review,
    SecondApprovalNeeded.code: _review,
}


def words(given: Mapping[str, Any]) -> dict[str, Any]:
    """When the answer is due by the clock of the desk, and the remarks of a decision by the names of their fields."""
    revision = given.get("revision")
    if revision is None:
        return {}
    moment = given.get("answer_due") or (due_at(revision.submitted_at) if revision.submitted_at else None)
    return {
        "answer_due_words": plain_moment(moment) if moment else "",
        "remarks": worded_remarks(desk.remarks_on(revision)) if revision.pk else [],
    }
