"""The forms: a new registration, the next revision, the details; and handing in and taking back."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.grants.stopping import concerned
from varco.portal.common import fault_words, finding_words, registration_difference, registration_display
from varco.portal.common.forms import UNPROCESSABLE, ServiceForm, answered, check_possible, posted
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.policy_words import WHY_A_PERSON
from varco.portal.common.request import SignedInRequest
from varco.portal.developer import starts, steps
from varco.portal.developer.access import current_stamp, working_application
from varco.portal.developer.forms import DetailsForm, RegistrationForm, TeamChoice
from varco.portal.developer.views.first_token import after_submission
from varco.portal.middleware import origin
from varco.registry import access, evidence, policy, queries, services, teams, validation
from varco.registry.errors import Conflict, Faults, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import OPEN, ApplicationAct, RevisionAct, Role
from varco.registry.lint import Finding
from varco.registry.models import Application, Revision
from varco.registry.registration import Details, Registration, stamp
from varco.usage import reads


def _complete(request: SignedInRequest) -> bool:
    """Whether the button pressed goes on to the submission; the other one saves an incomplete draft."""
    return request.POST.get("then") == "check"


def _looks(request: SignedInRequest) -> bool:
    """Whether the page asks, while it is filled in, what would be wrong or unwise: nothing is saved."""
    return request.POST.get("then") == "look"


def _looked(found: list[Finding]) -> dict[str, object]:
    """What a page says of what it was asked about: no list of faults above, which would push away what is being filled in."""
    shown = finding_words.worded(finding_words.first_of_each(found), steps.link_here)
    return {"findings": shown, "faulty": False}


@page(DEVELOPER, "GET POST")
def new(request: SignedInRequest) -> HttpResponse:
    """Register an application: details and first draft in one form; nothing typed is lost on a fault."""
    known = DetailsForm.initial_of(starts.known_details(request.user, None, ""))
    details, registration = DetailsForm(posted(request), initial=known), RegistrationForm(posted(request))
    team = TeamChoice(posted(request), teams=list(teams.where_maintainer(request.user)))
    looked: dict[str, object] = {}

    def act() -> HttpResponse:
        nonlocal looked
        entered, requested = details.details(), registration.registration()
        if _looks(request):
            details.show(steps.begun(validation.submitted_details_faults(entered, requested.environment)))
            registration.show(steps.begun(validation.faults(requested)))
            looked = _looked(evidence.findings_of_new(request.user, entered, requested))
            return show()
        if _complete(request) and (faults := validation.all_faults(entered, requested)):
            raise Invalid(faults)
        made = services.create_application(
            details=entered, registration=requested, origin=origin(request), team=team.chosen()
        )
        return _saved(request, made)

    def show() -> HttpResponse:
        context = {"details": details, "registration": registration, "new": True, "team": team}
        return render(request, "developer/form.html", _forms(team, details, registration) | context | looked)

    return answered(request, (team, details, registration), act, show)


def _forms(*forms: ServiceForm) -> dict[str, object]:
    """The forms of a page, for the list of faults on top of it."""
    return {"forms": forms, "faulty": any(form.errors for form in forms)}


def _saved(request: SignedInRequest, application: Application) -> HttpResponse:
    if _complete(request):
        return redirect("developer:submit", pk=application.pk)
    messages.success(request, _("The draft is saved. Nobody reviews it until you submit it."))
    return redirect("developer:client", pk=application.pk)


@page(DEVELOPER, "GET POST")
def revise(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change what was requested for: in the open draft, or in a new revision while the approved one stays in force (S13)."""
    application = working_application(request, pk)
    check_possible(application.state, ApplicationAct.REVISE, Role.DEVELOPER)
    latest = queries.latest_revision(application)
    base = Registration.of(latest) if latest else Registration(type="web").normalised()
    if latest and latest.state == Revision.State.SUBMITTED:
        raise Conflict(ConflictFault.UNDER_REVIEW)
    initial = RegistrationForm.initial_of(base) | {"stamp": stamp(application, latest)}
    form = RegistrationForm(posted(request), initial=initial, base=base)
    looked: dict[str, object] = {}

    def act() -> HttpResponse:
        nonlocal looked
        requested = form.registration()
        if _looks(request):
            form.show(steps.begun(validation.faults(requested)))
            found = evidence.findings(application, requested, reviewer=False, only_read=reads.only_read(application))
            looked = _looked([finding for finding in found if not steps.ABOUT.has(finding.field)])
            return show()
        if _complete(request) and (faults := validation.faults(requested)):
            raise Invalid(faults)
        services.save_draft(application, requested, origin(request), stamp=form.cleaned_data["stamp"])
        return _saved(request, application)

    def show() -> HttpResponse:
        context = {
            "application": application,
            "registration": form,
            "latest": latest,
            "continuing": bool(latest and latest.state in OPEN),
            "reasons": registration_display.reason_labels(latest) if latest else [],
        }
        return render(request, "developer/form.html", _forms(form) | context | looked)

    return answered(request, form, act, show, stamp=lambda: current_stamp(application))


@page(DEVELOPER, "GET POST")
def details(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change what needs no review; it holds at once and stands in the timeline."""
    application = working_application(request, pk)
    check_possible(application.state, ApplicationAct.EDIT, Role.DEVELOPER)
    initial = DetailsForm.initial_of(Details.of(application)) | {"stamp": current_stamp(application)}
    latest = queries.latest_revision(application)
    requested = Registration.of(latest) if latest else Registration(type="web").normalised()
    form = DetailsForm(posted(request), initial=initial).marked_for(requested.environment)
    looked: dict[str, object] = {}

    def act() -> HttpResponse:
        nonlocal looked
        if _looks(request):
            entered = form.details()
            form.show(steps.begun(validation.submitted_details_faults(entered, requested.environment)))
            found = evidence.findings(application, requested, details=entered, reviewer=False)
            looked = _looked([finding for finding in found if steps.ABOUT.has(finding.field)])
            return show()
        services.edit_details(application, form.details(), origin(request), stamp=form.cleaned_data["stamp"])
        messages.success(request, _("The details are saved."))
        return redirect("developer:client", pk=application.pk)

    def show() -> HttpResponse:
        context = {"application": application, "details": form}
        return render(request, "developer/form.html", _forms(form) | context | looked)

    return answered(request, form, act, show, stamp=lambda: current_stamp(application))


@page(DEVELOPER, "GET POST")
def submit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Read everything once more, with guidance on what is unwise, and hand it in."""
    application = working_application(request, pk)
    latest = queries.latest_revision(application)
    if latest is None or latest.state != Revision.State.DRAFT:
        raise Conflict(ConflictFault.NO_DRAFT_TO_SUBMIT)
    requested = Registration.of(latest)
    # Hidden fields alone, so the faults stand in a list of their own, those of the details apart from the others.
    faults = validation.all_faults(Details.of(application), requested)
    status = 200
    if request.method == "POST":
        try:
            revision = services.submit(application, origin(request), stamp=request.POST.get("stamp", ""))
        except Invalid as invalid:
            faults, status = invalid.faults, UNPROCESSABLE
        else:
            messages.success(request, handed_in(revision))
            return after_submission(revision)
    return render(request, "developer/submit.html", submission(application, latest, faults), status=status)


def handed_in(revision: Revision) -> str:
    """What the developer is told who has just submitted it."""
    if revision.state == Revision.State.APPROVED:
        if access.sandboxes(revision.application).exists():
            return _("Approved at once: it works in your sandboxes now.")
        return _("Approved at once. It works in a sandbox as soon as your team has one.")
    return _("Submitted. You get an answer by mail, as a rule within two business days.")


def submission(application: Application, draft: Revision, faults: Faults) -> dict[str, object]:
    """What the page shows before a draft is handed in."""
    live, requested = application.live_revision, Registration.of(draft)
    before = Registration.of(live) if live else None
    # A policy weighs what a reviewer would read, of which a developer is told less.
    obstacle = policy.obstacle(application, requested, evidence.findings(application, requested, reviewer=True))
    details_names = set(DetailsForm.base_fields)
    return {
        "application": application,
        "revision": draft,
        "rows": registration_difference.difference(before, requested)
        if before
        else registration_difference.rows(requested),
        "compared": before is not None,
        "findings": finding_words.worded(
            finding_words.first_of_each(
                evidence.findings(application, requested, reviewer=False, only_read=reads.only_read(application))
            ),
            partial(steps.address_of_field, application),
        ),
        "details_faults": _sentences(faults, lambda name: name in details_names),
        "faults": _sentences(faults, lambda name: name not in details_names),
        "stamp": stamp(application, draft),
        "at_once": obstacle is None,
        "why_a_person": WHY_A_PERSON[obstacle] if obstacle else "",
    }


def _sentences(faults: Faults, wanted: Callable[[str], bool]) -> list[str]:
    """The faults of the fields that are wanted, in words."""
    return [text for name, found in faults.items() if wanted(name) for text in fault_words.sentences(found)]


@page(DEVELOPER, "GET POST")
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the latest revision back, after a page that says what that means."""
    application = working_application(request, pk)
    latest = queries.latest_revision(application)
    check_possible(latest.state if latest else "", RevisionAct.WITHDRAW, Role.DEVELOPER)
    if request.method == "POST":
        services.withdraw(application, origin(request), stamp=request.POST.get("stamp", ""))
        messages.success(request, _("The revision is withdrawn."))
        return redirect("developer:client", pk=application.pk)
    context = {"application": application, "revision": latest, "stamp": stamp(application, latest)}
    return render(request, "developer/withdraw.html", context)


@page(DEVELOPER, "GET POST")
def retire(request: SignedInRequest, pk: int) -> HttpResponse:
    """End the application for good, after a page that says what stops."""
    application = working_application(request, pk, ApplicationAct.RETIRE)
    check_possible(application.state, ApplicationAct.RETIRE, Role.DEVELOPER)
    if request.method == "POST":
        services.retire(application, origin(request))
        messages.success(request, _("The application is retired."))
        return redirect("developer:client", pk=application.pk)
    return render(request, "developer/retire.html", {"application": application, "concerned": concerned(application)})
