"""The review desk: the queue, one review, all applications, and the acts of an operator on them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from varco import clock
from varco.audit.queries import events_of_application
from varco.portal.common import finding_words, registration_difference, registration_display
from varco.portal.common.forms import check_possible, posted, show_faults
from varco.portal.middleware import origin
from varco.portal.staff.access import operator_page
from varco.portal.staff.forms import DecisionForm, MessageForm, PkceForm, ReasonForm, SearchForm
from varco.protocol.fault import Fault
from varco.registry import access, evidence, lint, queries, services
from varco.registry.deadline import due_at
from varco.registry.errors import Denied, Invalid
from varco.registry.fault_codes import RegistrationFault
from varco.registry.lifecycle import ApplicationAct, Role, may
from varco.registry.models import Application, Revision
from varco.registry.registration import Registration, stamp

PER_PAGE = 50
QUEUE_PER_PAGE = 20  # each row is looked at by the rules
EVENTS_SHOWN = 100
UNPROCESSABLE = 422
SOON = 4 * 3600  # seconds before the deadline from which a review is marked as urgent


@operator_page
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for review, the longest first, with the clock of two business days."""
    page = Paginator(queries.queue(), QUEUE_PER_PAGE).get_page(request.GET.get("page"))
    items = [_waiting(revision) for revision in page.object_list]
    return render(request, "staff/queue.html", {"items": items, "page": page})


def _waiting(revision: Revision) -> dict[str, object]:
    """One row of the queue."""
    found = evidence.findings(revision.application, Registration.of(revision), reviewer=True)
    due = due_at(revision.submitted_at or 0)
    left = due - clock.now()
    return {
        "revision": revision,
        "application": revision.application,
        "developer": access.developer_of(revision.application),
        "due_at": due,
        "clock": "late" if left < 0 else "soon" if left < SOON else "",
        "high": sum(finding.risk == lint.Risk.HIGH for finding in found),
    }


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything needed to decide about one revision, and the decision beside it."""
    revision = get_object_or_404(
        access.with_developer(Revision.objects.select_related("application__live_revision"), "application__"), pk=pk
    )
    if revision.state == Revision.State.DRAFT:
        raise Http404
    form = DecisionForm(posted(request))
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                decided = _decide(request, revision, form)
            except Invalid as invalid:
                show_faults(form, invalid)
            else:
                messages.success(request, decided)
                return redirect("staff:queue")
    return render(request, "staff/review.html", _review_context(request, revision, form), status=status)


def _decide(request: HttpRequest, revision: Revision, form: DecisionForm) -> str:
    """Carry out the decision of the button pressed and say what was done."""
    text, seen, where = form.cleaned_data["text"], form.cleaned_data["stamp"], origin(request)
    name = {"name": revision.application.name}
    match request.POST.get("decision"):
        case "approve":
            services.approve(revision, where, text=text, stamp=seen)
            return _("“%(name)s” is approved. The developer has been told.") % name
        case "request_changes":
            services.request_changes(revision, where, codes=form.cleaned_data["codes"], text=text, stamp=seen)
            return _("Changes were requested for “%(name)s”. The developer has been told.") % name
        case "reject":
            services.reject(revision, where, codes=form.cleaned_data["codes"], text=text, stamp=seen)
            return _("“%(name)s” is rejected. The developer has been told.") % name
    raise Invalid({"": [Fault(RegistrationFault.DECISION_MISSING)]})


def _review_context(request: HttpRequest, revision: Revision, form: DecisionForm) -> dict[str, object]:
    application = revision.application
    asked = Registration.of(revision)
    # Against what is in force, or, looking back at a decision, against what was approved before it.
    before = (
        application.revisions.filter(state=Revision.State.APPROVED, number__lt=revision.number)
        .order_by("-number")
        .first()
    )
    waiting = revision.state == Revision.State.SUBMITTED
    own = access.role_of(origin(request).actor, application) != Role.OPERATOR
    return {
        "application": application,
        "developer": access.developer_of(application),
        "revision": revision,
        "chip": registration_display.revision_chip(revision),
        "form": form,
        "stamp": form.data.get("stamp") or stamp(application, revision),
        "waiting": waiting,
        "own": own,
        "due_at": due_at(revision.submitted_at) if waiting and revision.submitted_at else None,
        "findings": finding_words.worded(evidence.findings(application, asked, reviewer=True)) if waiting else [],
        "before": before,
        "changes": registration_difference.difference(Registration.of(before), asked) if before else [],
        "rows": registration_difference.rows(asked),
        "earlier": [
            {
                "decision": item,
                "chip": registration_display.revision_chip(item.revision),
                "reasons": registration_display.reason_labels(item.revision),
            }
            for item in evidence.earlier_decisions(revision)
        ],
        "reasons": registration_display.reason_labels(revision),
    }


@operator_page
@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """All applications of all developers, searchable."""
    form = SearchForm(request.GET)
    valid = form.is_valid()
    found = queries.search(form.cleaned_data["words"], form.cleaned_data["state"]) if valid else queries.search()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    latest = queries.latest_revisions(page.object_list)
    items = [
        {
            "application": application,
            "developer": access.developer_of(application),
            "chips": registration_display.chips(application, latest.get(application.pk)),
        }
        for application in page.object_list
    ]
    return render(request, "staff/all.html", {"form": form, "page": page, "items": items})


@operator_page
@require_safe
def application(request: HttpRequest, pk: int) -> HttpResponse:
    """One application as an operator sees it: what is in force, its history, and what can be done."""
    found = _application(pk)
    latest = queries.latest_revision(found)
    live = found.live_revision
    role = access.role_of(origin(request).actor, found)
    return render(
        request,
        "staff/application.html",
        {
            "application": found,
            "developer": access.developer_of(found),
            "chips": registration_display.chips(found, latest),
            "live": live,
            "rows": registration_difference.rows(Registration.of(live)) if live else [],
            "waiting": latest if latest and latest.state == Revision.State.SUBMITTED else None,
            "revisions": [
                {"revision": revision, "chip": registration_display.revision_chip(revision)}
                for revision in found.revisions.exclude(state=Revision.State.DRAFT).order_by("-number")
            ],
            "tenants": queries.allowed_tenants(found),
            "live_secrets": queries.live_secrets(found).count(),
            "timeline": registration_display.timeline(
                events_of_application(found.pk, registration_display.TIMELINE_TAGS)[:EVENTS_SHOWN]
            ),
            "own": role != Role.OPERATOR,
            "may": {act: role == Role.OPERATOR and may(found.state, act, role) for act in ApplicationAct},
        },
    )


def _application(pk: int) -> Application:
    return get_object_or_404(access.with_developer(Application.objects.select_related("live_revision")), pk=pk)


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an application, after a page that says what stops (S16)."""
    found = _application_to(request, pk, ApplicationAct.SUSPEND)
    form = ReasonForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            services.suspend(found, origin(request), reason=form.cleaned_data["text"])
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            return _done(request, found, _("The application is suspended."))
    return _confirm(request, "staff/suspend.html", found, form)


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a suspended application back in force."""
    found = _application_to(request, pk, ApplicationAct.RESTORE)
    form = MessageForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            services.restore(found, origin(request), reason=form.cleaned_data["text"])
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            return _done(request, found, _("The application is in force again."))
    return _confirm(request, "staff/restore.html", found, form)


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def pkce(request: HttpRequest, pk: int) -> HttpResponse:
    """Make PKCE optional for a confidential client that cannot do it, or required again; audited."""
    found = _application_to(request, pk, ApplicationAct.SET_PKCE)
    form = PkceForm(posted(request), initial={"required": found.pkce_required})
    if form.is_bound and form.is_valid():
        required = form.cleaned_data["required"]
        try:
            services.set_pkce_required(found, origin(request), required=required, reason=form.cleaned_data["text"])
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            return _done(
                request, found, _("PKCE is required.") if required else _("PKCE is optional for this application.")
            )
    return _confirm(request, "staff/pkce.html", found, form)


def _application_to(request: HttpRequest, pk: int, act: ApplicationAct) -> Application:
    """The application, if this operator could do the act now."""
    found = _application(pk)
    role = access.role_of(origin(request).actor, found)
    if role != Role.OPERATOR:
        raise Denied
    check_possible(found.state, act, role)
    return found


def _done(request: HttpRequest, found: Application, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("staff:application", pk=found.pk)


def _confirm(request: HttpRequest, template: str, found: Application, form: Form) -> HttpResponse:
    """The page of an act with what was entered so far."""
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, template, {"application": found, "form": form}, status=status)
