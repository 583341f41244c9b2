"""The forms: a new registration, the next revision, the details; and handing in and taking back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from varco.portal.common import fault_words, finding_words, registration_difference, registration_display
from varco.portal.common.forms import check_possible, posted
from varco.portal.developer.access import developer_page, own_application
from varco.portal.developer.forms import DetailsForm, FaultForm, RegistrationForm
from varco.portal.middleware import origin
from varco.registry import evidence, queries, services, validation
from varco.registry.errors import Conflict, Faults, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import OPEN, ApplicationAct, RevisionAct, Role
from varco.registry.models import Application, Revision
from varco.registry.registration import Details, Registration, stamp

UNPROCESSABLE = 422
STALE = 409


def _complete(request: HttpRequest) -> bool:
    """Whether the button pressed goes on to the submission; the other one saves an incomplete draft."""
    return request.POST.get("then") == "check"


@developer_page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Register an application: details and first draft in one form; nothing typed is lost on a fault."""
    details, registration = DetailsForm(posted(request)), RegistrationForm(posted(request))
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        # Both, so that one sending shows every fault.
        if details.is_valid() & registration.is_valid():
            entered, asked = details.details(), registration.registration()
            faults: Faults = {}
            if _complete(request):
                faults = (
                    validation.missing_details(entered) | validation.details_faults(entered) | validation.faults(asked)
                )
            try:
                if faults:
                    raise Invalid(faults)
                made = services.create_application(details=entered, registration=asked, origin=origin(request))
            except Invalid as invalid:
                _show(invalid.faults, details, registration)
            else:
                return _saved(request, made)
    return render(
        request,
        "developer/form.html",
        _forms(details, registration) | {"details": details, "registration": registration, "new": True},
        status=status,
    )


def _show(faults: Faults, details: DetailsForm, registration: RegistrationForm) -> None:
    """Give each form its own faults."""
    own = {name: found for name, found in faults.items() if name in details.fields}
    details.show(own)
    registration.show({name: found for name, found in faults.items() if name not in own})


def _forms(*forms: FaultForm) -> dict[str, object]:
    """The forms of a page, for the list of faults on top of it."""
    return {"forms": forms, "faulty": any(form.errors for form in forms)}


def _saved(request: HttpRequest, application: Application) -> HttpResponse:
    if _complete(request):
        return redirect("developer:submit", pk=application.pk)
    messages.success(request, _("The draft is saved. Nobody reviews it until you submit it."))
    return redirect("developer:client", pk=application.pk)


@developer_page
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what was asked for: in the open draft, or in a new revision while the approved one stays in force (S13)."""
    application = own_application(request, pk)
    check_possible(application.state, ApplicationAct.REVISE, Role.DEVELOPER)
    latest = queries.latest_revision(application)
    base = Registration.of(latest or Revision(type="web"))
    if latest and latest.state == Revision.State.SUBMITTED:
        raise Conflict(ConflictFault.UNDER_REVIEW)
    initial = RegistrationForm.initial_of(base) | {"stamp": stamp(application, latest)}
    form = RegistrationForm(posted(request), initial=initial, base=base)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            asked = form.registration()
            try:
                if _complete(request) and (faults := validation.faults(asked)):
                    raise Invalid(faults)
                services.save_draft(application, asked, origin(request), stamp=form.cleaned_data["stamp"])
            except Invalid as invalid:
                form.show(invalid.faults)
            except Conflict as conflict:
                status = STALE
                form.add_error(None, fault_words.conflict_sentence(conflict))
                form.restamp(stamp(*_as_it_stands(application)))
            else:
                return _saved(request, application)
    context = _forms(form) | {
        "application": application,
        "registration": form,
        "latest": latest,
        "continuing": bool(latest and latest.state in OPEN),
        "reasons": registration_display.reason_labels(latest) if latest else [],
    }
    return render(request, "developer/form.html", context, status=status)


def _as_it_stands(application: Application) -> tuple[Application, Revision | None]:
    application.refresh_from_db()
    return application, queries.latest_revision(application)


@developer_page
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what needs no review; it holds at once and stands in the timeline."""
    application = own_application(request, pk)
    check_possible(application.state, ApplicationAct.EDIT, Role.DEVELOPER)
    initial = DetailsForm.initial_of(Details.of(application)) | {"stamp": stamp(*_as_it_stands(application))}
    form = DetailsForm(posted(request), initial=initial)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                services.edit_details(application, form.details(), origin(request), stamp=form.cleaned_data["stamp"])
            except Invalid as invalid:
                form.show(invalid.faults)
            except Conflict as conflict:
                status = STALE
                form.add_error(None, fault_words.conflict_sentence(conflict))
                form.restamp(stamp(*_as_it_stands(application)))
            else:
                messages.success(request, _("The details are saved."))
                return redirect("developer:client", pk=application.pk)
    context = _forms(form) | {"application": application, "details": form}
    return render(request, "developer/form.html", context, status=status)


@developer_page
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Read everything once more, with guidance on what is unwise, and hand it in."""
    application = own_application(request, pk)
    latest = queries.latest_revision(application)
    if latest is None or latest.state != Revision.State.DRAFT:
        raise Conflict(ConflictFault.NO_DRAFT_TO_SUBMIT)
    asked = Registration.of(latest)
    known = Details.of(application)
    faults = validation.missing_details(known) | validation.details_faults(known) | validation.faults(asked)
    status = 200
    if request.method == "POST":
        try:
            services.submit(application, origin(request), stamp=request.POST.get("stamp", ""))
        except Invalid as invalid:
            faults, status = invalid.faults, UNPROCESSABLE
        else:
            messages.success(request, _("Submitted. You get an answer by mail, as a rule within two business days."))
            return redirect("developer:client", pk=application.pk)
    live = application.live_revision
    before = Registration.of(live) if live else None
    details_names = set(DetailsForm.base_fields)
    context = {
        "application": application,
        "revision": latest,
        "rows": registration_difference.difference(before, asked) if before else registration_difference.rows(asked),
        "compared": before is not None,
        "findings": finding_words.worded(evidence.findings(application, asked, reviewer=False)),
        "details_faults": _sentences(faults, lambda name: name in details_names),
        "faults": _sentences(faults, lambda name: name not in details_names),
        "stamp": stamp(application, latest),
    }
    return render(request, "developer/submit.html", context, status=status)


def _sentences(faults: Faults, wanted: Callable[[str], bool]) -> list[str]:
    """The faults of the fields that are wanted, in words."""
    return [text for name, found in faults.items() if wanted(name) for text in fault_words.sentences(found)]


@developer_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the latest revision back, after a page that says what that means."""
    application = own_application(request, pk)
    latest = queries.latest_revision(application)
    check_possible(latest.state if latest else "", RevisionAct.WITHDRAW, Role.DEVELOPER)
    if request.method == "POST":
        services.withdraw(application, origin(request), stamp=request.POST.get("stamp", ""))
        messages.success(request, _("The revision is withdrawn."))
        return redirect("developer:client", pk=application.pk)
    context = {"application": application, "revision": latest, "stamp": stamp(application, latest)}
    return render(request, "developer/withdraw.html", context)


@developer_page
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """End the application for good, after a page that says what stops."""
    application = own_application(request, pk)
    check_possible(application.state, ApplicationAct.RETIRE, Role.DEVELOPER)
    if request.method == "POST":
        services.retire(application, origin(request))
        messages.success(request, _("The application is retired."))
        return redirect("developer:client", pk=application.pk)
    return render(request, "developer/retire.html", {"application": application})
