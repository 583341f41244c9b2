"""What is written at a review: questions and answers, internal notes; and who reviews it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.portal.common.forms import answered, posted
from varco.portal.common.listing import ASIDE, page_of
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.staff.forms import AssignForm, ReviewMessageForm
from varco.protocol.fault import Fault
from varco.registry import access, desk, queries, services
from varco.registry.errors import Invalid
from varco.registry.fault_codes import RegistrationFault
from varco.registry.lifecycle import RevisionAct, Role, may
from varco.registry.models import Revision


def submitted_revision(pk: int) -> Revision:
    """A revision that was handed in once. Raises `Http404` for another one: a draft is nobody's business yet."""
    found = queries.revision(pk)
    if found is None or found.state == Revision.State.DRAFT:
        raise Http404
    return found


@page(OPERATOR, "GET POST")
def thread(request: SignedInRequest, pk: int) -> HttpResponse:
    """All that was written about an application; the button pressed says whether the developer reads it."""
    revision = submitted_revision(pk)
    form = ReviewMessageForm(posted(request))

    def act() -> HttpResponse:
        text, where = form.cleaned_data["text"], origin(request)
        match request.POST.get("write"):
            case "ask":
                services.send_question(revision, where, text=text)
                messages.success(request, _("Your message is sent. The developer has been told by mail."))
            case "note":
                services.note(revision, where, text=text)
                messages.success(request, _("The note is kept. Only those who review read it."))
            case _other:
                raise Invalid({"": [Fault(RegistrationFault.DECISION_MISSING)]})
        return redirect("staff:review", pk=pk)

    def show() -> HttpResponse:
        application = revision.application
        role = access.role_of(request.user, application)
        context = {
            "application": application,
            "revision": revision,
            "form": form,
            "said": page_of(request, desk.thread(application), ASIDE),
            "noted": page_of(request, desk.notes(application), ASIDE, "notes"),
            "may_note": role == Role.OPERATOR,
            "may_ask": role == Role.OPERATOR and may(revision.state, RevisionAct.MESSAGE, role),
        }
        return render(request, "staff/thread.html", context)

    return answered(request, form, act, show)


@page(OPERATOR, "GET POST")
def assign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a review, give it to a colleague, or give it back; somebody quicker makes it a 409."""
    revision = submitted_revision(pk)
    if request.method != "POST":
        return redirect("staff:review", pk=pk)
    deciders = access.whom_to_tell(revision.application, Role.OPERATOR)
    form = AssignForm(deciders, request.POST)

    def act() -> HttpResponse:
        chosen = request.user.public_id if request.POST.get("take") else form.cleaned_data["assignee"]
        to = next((person for person in deciders if person.public_id == chosen), None)
        services.assign(revision, origin(request), to=to, stamp=form.cleaned_data["stamp"])
        if to is None:
            messages.success(request, _("Nobody reviews it now. It stands in the queue for everybody."))
        elif to == request.user:
            messages.success(request, _("It is yours to review."))
        else:
            messages.success(request, _("%(name)s reviews it now and has been told.") % {"name": to.name})
        return redirect("staff:review", pk=pk)

    return answered(
        request, form, act, lambda: render(request, "staff/assign.html", {"revision": revision, "form": form})
    )
