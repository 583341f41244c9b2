"""One review: everything needed to decide about a revision, the decision beside it, and the page that confirms it."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.portal.common import finding_words, registration_difference, registration_display
from varco.portal.common.forms import answered, posted
from varco.portal.common.listing import ASIDE, page_of
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.staff.forms import DecisionForm
from varco.protocol.fault import Fault
from varco.registry import access, evidence, queries, services
from varco.registry.deadline import due_at
from varco.registry.errors import Invalid
from varco.registry.fault_codes import RegistrationFault
from varco.registry.lifecycle import Role
from varco.registry.models import Revision
from varco.registry.registration import Registration, stamp
from varco.tickets import activations

# What cannot be taken back: an approval is in force at once, and a rejected revision stays rejected.
CONFIRMED = frozenset({"approve", "reject"})


@page(OPERATOR, "GET POST", step_up="POST")
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything needed to decide about one revision, and the decision beside it."""
    revision = queries.revision(pk)
    if revision is None or revision.state == Revision.State.DRAFT:
        raise Http404
    form = DecisionForm(posted(request))

    def show() -> HttpResponse:
        return render(request, "staff/review.html", _review_context(request, revision, form))

    def act() -> HttpResponse:
        decision, confirmed = request.POST.get("decision", ""), request.POST.get("confirmed", "")
        if confirmed == "no":
            return show()
        if decision in CONFIRMED and confirmed != "yes":
            return _confirmation(request, revision, form, decision)
        messages.success(request, _decide(request, revision, form))
        return redirect("staff:queue")

    return answered(request, form, act, show)


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
    }
    return render(request, "staff/confirm.html", context)


def _decide(request: SignedInRequest, revision: Revision, form: DecisionForm) -> str:
    """Carry out the decision of the button pressed and say what was done. Raises `Invalid` and `Conflict`."""
    codes, text, seen = (form.cleaned_data[name] for name in ("codes", "text", "stamp"))
    where, name = origin(request), {"name": revision.application.name}
    match request.POST.get("decision"):
        case "approve":
            if codes:
                raise Invalid({"codes": [Fault(RegistrationFault.REASONS_AGAINST_APPROVAL)]})
            services.approve(revision, where, text=text, stamp=seen)
            return _("“%(name)s” is approved. The developer has been told.") % name
        case "request_changes":
            services.request_changes(revision, where, codes=codes, text=text, stamp=seen)
            return _("Changes were requested for “%(name)s”. The developer has been told.") % name
        case "reject":
            services.reject(revision, where, codes=codes, text=text, stamp=seen)
            return _("“%(name)s” is rejected. The developer has been told.") % name
    raise Invalid({"": [Fault(RegistrationFault.DECISION_MISSING)]})


def _review_context(request: SignedInRequest, revision: Revision, form: DecisionForm) -> dict[str, object]:
    application = revision.application
    requested = Registration.of(revision)
    # Against what is in force, or, looking back at a decision, against what was approved before it.
    before = (
        application.revisions.filter(state=Revision.State.APPROVED, number__lt=revision.number)
        .order_by("-number")
        .first()
    )
    earlier = page_of(request, evidence.earlier_decisions(revision), ASIDE, "earlier")
    returned = _sent_back(revision)
    waiting = revision.state == Revision.State.SUBMITTED
    own = access.role_of(origin(request).actor, application) != Role.OPERATOR
    return {
        "application": application,
        "developer": access.developer_of(application),
        "introduced_by": activations.introduced_by_of(access.developer_id_of(application)),
        "revision": revision,
        "chip": registration_display.revision_chip(revision),
        "form": form,
        "stamp": form.data.get("stamp") or stamp(application, revision),
        "waiting": waiting,
        "own": own,
        "due_at": due_at(revision.submitted_at) if waiting and revision.submitted_at else None,
        "findings": finding_words.worded(evidence.findings(application, requested, reviewer=True)) if waiting else [],
        "before": before,
        "changes": registration_difference.difference(Registration.of(before), requested) if before else [],
        "returned": returned,
        "returned_reasons": registration_display.reason_labels(returned) if returned else [],
        "since": registration_difference.difference(Registration.of(returned), requested) if returned else [],
        "rows": registration_difference.rows(requested),
        "earlier": [
            {
                "decision": item,
                "chip": registration_display.revision_chip(item.revision),
                "reasons": registration_display.reason_labels(item.revision),
            }
            for item in evidence.connected(revision, earlier)
        ],
        "earlier_page": earlier,
        "reasons": registration_display.reason_labels(revision),
    }


def _sent_back(revision: Revision) -> Revision | None:
    """The revision that this one answers: the last decided before it, if it was sent back or rejected."""
    decided = (Revision.State.APPROVED, Revision.State.CHANGES_REQUESTED, Revision.State.REJECTED)
    last = (
        revision.application.revisions.filter(state__in=decided, number__lt=revision.number)
        .select_related("decided_by")
        .order_by("-number")
        .first()
    )
    return last if last and last.state != Revision.State.APPROVED else None
