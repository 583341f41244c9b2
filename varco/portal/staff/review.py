"""One review: everything needed to decide about a revision, the decision beside it, and the page that confirms it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.portal.common import registration_display, remark_words
from varco.portal.common.forms import answered, posted
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.staff.forms import DecisionForm
from varco.portal.staff.review_context import is_second, review_context
from varco.portal.staff.thread import submitted_revision
from varco.protocol.fault import Fault
from varco.registry import desk, services
from varco.registry.errors import Invalid
from varco.registry.fault_codes import RegistrationFault
from varco.registry.models import Revision
from varco.registry.review_stamp import review_stamp

# What cannot be taken back: an approval is in force at once, and a rejected revision stays rejected.
CONFIRMED = frozenset({"approve", "reject"})


@page(OPERATOR, "GET POST", step_up="POST")
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything needed to decide about one revision, and the decision beside it."""
    revision = submitted_revision(pk)
    form = DecisionForm(posted(request))

    def show() -> HttpResponse:
        now = submitted_revision(pk) if form.is_bound else revision  # as it stands after what was refused
        return render(request, "staff/review.html", review_context(request, now, form))

    def act() -> HttpResponse:
        decision, confirmed = request.POST.get("decision", ""), request.POST.get("confirmed", "")
        if confirmed == "no":
            return show()
        if decision in CONFIRMED and confirmed != "yes":
            return _confirmation(request, revision, form, decision)
        messages.success(request, _decide(request, revision, form))
        return redirect("staff:queue")

    return answered(request, form, act, show, stamp=lambda: _stamp(pk))


def _stamp(pk: int) -> str:
    """The stamp of how a review stands now."""
    now = submitted_revision(pk)
    return review_stamp(now.application, now, desk.review_of(now))


def _confirmation(request: SignedInRequest, revision: Revision, form: DecisionForm, decision: str) -> HttpResponse:
    """The page that asks once more. Whatever the decision would be refused for, it is refused for before. Raises as `_decide`."""
    with transaction.atomic():
        _decide(request, revision, form)
        transaction.set_rollback(True)
    context = {
        "application": revision.application,
        "revision": revision,
        "decision": decision,
        "entered": form.cleaned_data,
        "reasons": [registration_display.reason_label(code) for code in form.cleaned_data["codes"]],
        "remarks": remark_words.worded_remarks(form.remarks),
        "first_of_two": decision == "approve" and not is_second(revision),
    }
    return render(request, "staff/confirm.html", context)


def _decide(request: SignedInRequest, revision: Revision, form: DecisionForm) -> str:
    """Carry out the decision of the button pressed and say what was done. Raises `Invalid` and `Conflict`."""
    codes, text, seen = (form.cleaned_data[name] for name in ("codes", "text", "stamp"))
    where, name, remarks = origin(request), {"name": revision.application.name}, form.remarks
    match request.POST.get("decision"):
        case "approve":
            if codes:
                raise Invalid({"codes": [Fault(RegistrationFault.REASONS_AGAINST_APPROVAL)]})
            if remarks:
                raise Invalid({"": [Fault(RegistrationFault.REMARKS_AGAINST_APPROVAL)]})
            done = services.approve(revision, where, text=text, stamp=seen)
            if done.state != Revision.State.APPROVED:
                return _("You are the first of two for “%(name)s”. It waits for the approval of somebody else.") % name
            return _("“%(name)s” is approved. The developer has been told.") % name
        case "request_changes":
            services.request_changes(revision, where, codes=codes, text=text, remarks=remarks, stamp=seen)
            return _("Changes were requested for “%(name)s”. The developer has been told.") % name
        case "reject":
            services.reject(revision, where, codes=codes, text=text, remarks=remarks, stamp=seen)
            return _("“%(name)s” is rejected. The developer has been told.") % name
    raise Invalid({"": [Fault(RegistrationFault.DECISION_MISSING)]})
