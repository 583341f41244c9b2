"""The queue of the review desk: what waits, the longest first, with the clock and who reviews it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from varco import clock
from varco.portal.common.listing import CARDS_PER_PAGE, page_of
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.staff.forms import WaitingForm
from varco.registry import access, lists
from varco.registry.deadline import due_at
from varco.registry.lifecycle import Role
from varco.registry.models import Review, Revision

SOON = 4 * 3600  # seconds before the deadline from which a review is marked as urgent


@page(OPERATOR, "GET")
def queue(request: SignedInRequest) -> HttpResponse:
    """What waits for review, the longest first, with the clock of two business days."""
    form = WaitingForm(request.GET)
    revisions = page_of(request, lists.queue(**_narrowing(request, form)), CARDS_PER_PAGE)
    items = rows_of(request, list(revisions.object_list))
    return render(request, "staff/queue.html", {"form": form, "items": items, "page": revisions})


def _narrowing(request: SignedInRequest, form: WaitingForm) -> dict[str, Any]:
    chosen = form.narrowing()
    match chosen.pop("reviewer", ""):
        case "me":
            chosen["reviewer"] = request.user
        case "nobody":
            chosen["free"] = True
    return chosen


def rows_of(request: SignedInRequest, revisions: Sequence[Revision]) -> list[dict[str, object]]:
    """Rows of the queue; those of the reader's own teams are marked, for they do not decide about them."""
    own = access.own_among(request.user, [revision.application for revision in revisions])
    return [_row(request, revision, own=revision.application_id in own) for revision in revisions]


def _row(request: SignedInRequest, revision: Revision, *, own: bool) -> dict[str, object]:
    due = due_at(revision.submitted_at or 0)
    left = due - clock.now()
    review: Review | None = getattr(revision, "review", None)  # one of before there were any has none
    return {
        "revision": revision,
        "application": revision.application,
        "developer": access.developer_of(revision.application),
        "due_at": due,
        "clock": "late" if left < 0 else "soon" if left < SOON else "",
        "high": revision.high_risks,
        "assignee": review.assignee if review else None,
        "mine": bool(review and review.assignee_id == request.user.pk),
        "first_approver": review.first_approver if review else None,
        "answered": bool(review and review.last_word == Role.DEVELOPER),
        "asked": bool(review and review.last_word == Role.OPERATOR),
        "own": own,
    }
