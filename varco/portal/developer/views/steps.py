"""Registration in steps: each a small form with its own address, saved into the draft, left and resumed at will."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.portal.common import fault_words, finding_words, registration_display, remark_words
from varco.portal.common.finding_words import WordedFinding
from varco.portal.common.forms import UNPROCESSABLE, StampedForm, answered, check_possible, posted
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer import steps
from varco.portal.developer.access import current_stamp, working_application
from varco.portal.developer.forms import DetailsForm
from varco.portal.developer.openings import openings
from varco.portal.developer.step_forms import StepForm
from varco.portal.developer.steps import ABOUT, SUMMARY, Step
from varco.portal.developer.views.editing import handed_in, submission
from varco.portal.developer.views.first_token import after_submission
from varco.portal.middleware import origin
from varco.registry import desk, evidence, queries, services
from varco.registry.errors import Conflict, Faults, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.models import Application, Revision
from varco.registry.registration import Details, Registration, stamp
from varco.usage import reads


@dataclass
class Draft:
    """What the pages of one application work on: its draft, or what the next revision begins from."""

    application: Application
    latest: Revision | None

    @cached_property
    def registration(self) -> Registration:
        """What is asked for so far."""
        return Registration.of(self.latest) if self.latest else Registration(type="web").normalised()

    @cached_property
    def faults(self) -> Faults:
        """What keeps it from being submitted."""
        return steps.faults_of(*self.entered)

    @property
    def entered(self) -> tuple[Details, Registration]:
        """All that was entered in all steps."""
        return Details.of(self.application), self.registration

    @cached_property
    def stamp(self) -> str:
        """What the page was made from."""
        return stamp(self.application, self.latest)

    @cached_property
    def remarks(self) -> dict[str, str]:
        """What a reviewer wrote beside fields, as far as it is still to be answered."""
        return desk.remarks(self.latest) if self.latest else {}

    @property
    def decided_against(self) -> bool:
        """Whether the last revision was sent back, rejected or withdrawn, so that the next one is to be begun."""
        return bool(self.latest and self.latest.state not in {Revision.State.DRAFT, Revision.State.APPROVED})

    @property
    def in_force(self) -> bool:
        """Whether nothing has been changed since what was approved last."""
        return bool(self.latest and self.latest.state == Revision.State.APPROVED)


def draft_of(request: SignedInRequest, pk: int) -> Draft:
    """The draft of an own application. Raises `Http404`, and `Conflict` for a page that could do nothing.

    What is sent is always looked at, so that its page comes back with what was typed.
    """
    application = working_application(request, pk)
    latest = queries.latest_revision(application)
    if request.method != "POST":
        check_possible(application.state, ApplicationAct.REVISE, Role.DEVELOPER)
        if latest and latest.state == Revision.State.SUBMITTED:
            raise Conflict(ConflictFault.UNDER_REVIEW)
    return Draft(application, latest)


@page(DEVELOPER, "GET")
def resume(request: SignedInRequest, pk: int) -> HttpResponse:
    """Go on where something is still missing or was remarked on, else at the summary."""
    draft = draft_of(request, pk)
    remarked = draft.remarks if draft.decided_against else {}
    return redirect(steps.address_of(draft.application, steps.resumed(draft.faults, remarked)))


@page(DEVELOPER, "GET POST")
def step(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """One step. What is sent is kept even if something is missing in it; the page then says what."""
    shown = steps.BY_NAME.get(name)
    if shown is None or shown is SUMMARY:
        raise Http404
    draft = draft_of(request, pk)
    form = _form(request, draft, shown)
    checked = "check" in request.GET
    entered = draft.entered
    if not form.is_bound:
        found = steps.within(shown, draft.faults)
        _remark(form, found if checked else steps.begun(found))

    def act() -> HttpResponse:
        nonlocal entered
        entered = _entered(draft, form)
        left = steps.within(shown, steps.faults_of(*entered))
        if request.POST.get("then") == "look":  # what the page asks while it is filled in: nothing is saved
            form.show(steps.begun(left))
            return show()
        _save(request, draft, form, entered)
        if request.POST.get("then") == "leave":
            messages.success(request, _("The draft is saved. Nobody reviews it until you submit it."))
            return redirect("developer:client", pk=pk)
        if left:
            return redirect(f"{steps.address_of(draft.application, shown)}?check=1")
        return redirect(steps.address_of(draft.application, steps.next_after(shown)))

    def show() -> HttpResponse:
        context = _context(draft, shown, form, saved=checked)
        if request.POST.get("then") == "look":
            context["faulty"] = False  # no list of them above, which would push away what is being filled in
        return render(request, "developer/steps/step.html", context | {"findings": _findings(draft, shown, entered)})

    return answered(request, form, act, show, stamp=lambda: current_stamp(draft.application))


def _form(request: SignedInRequest, draft: Draft, shown: Step) -> StepForm | DetailsForm:
    if shown is ABOUT:
        initial = DetailsForm.initial_of(Details.of(draft.application))
        form = DetailsForm(posted(request), initial=initial | {"stamp": draft.stamp})
        return form.marked_for(draft.registration.environment)
    initial = StepForm.initial_of(draft.registration) | {"stamp": draft.stamp}
    return StepForm(posted(request), initial=initial, step=shown, base=draft.registration)


def _remark(form: StampedForm, faults: Faults) -> None:
    """Show faults in a form that nobody has sent."""
    form.full_clean()
    form.cleaned_data = {}
    form.show(faults)


def _entered(draft: Draft, form: StepForm | DetailsForm) -> tuple[Details, Registration]:
    """The whole draft with what was entered in one step."""
    details, registration = draft.entered
    return (form.details(), registration) if isinstance(form, DetailsForm) else (details, form.registration())


def _save(
    request: SignedInRequest, draft: Draft, form: StepForm | DetailsForm, entered: tuple[Details, Registration]
) -> None:
    """Write one step into the draft. Without a stamp, what was read now is the measure."""
    read = form.cleaned_data["stamp"] or draft.stamp
    details, registration = entered
    if isinstance(form, DetailsForm):
        services.edit_details(draft.application, details, origin(request), stamp=read, unfinished=True)
    elif not (draft.in_force and registration == draft.registration and read == draft.stamp):
        services.save_draft(draft.application, registration, origin(request), stamp=read)


def _findings(draft: Draft, shown: Step, entered: tuple[Details, Registration]) -> list[WordedFinding]:
    """What is unwise in one step."""
    details, registration = entered
    read = reads.only_read(draft.application) if shown.has("scopes") else frozenset()
    found = evidence.findings(draft.application, registration, details=details, reviewer=False, only_read=read)
    here = [finding for finding in found if steps.step_of(finding.field) is shown]
    return finding_words.worded(finding_words.first_of_each(here), steps.link_here)


def _context(draft: Draft, shown: Step, form: StepForm | DetailsForm, *, saved: bool) -> dict[str, object]:
    scopes = form.scope_rows if isinstance(form, StepForm) and shown.name == "scopes" else ()
    following = steps.next_after(shown)
    return {
        "application": draft.application,
        "registration": draft.registration,
        "latest": draft.latest,
        "reasons": registration_display.reason_labels(draft.latest) if draft.latest else [],
        "remarks": remark_words.worded_remarks(
            {field: text for field, text in draft.remarks.items() if steps.step_of(field) is shown}
        ),
        "step": shown,
        "number": steps.STEPS.index(shown) + 1,
        "progress": steps.progress(draft.application, shown, draft.faults),
        "form": form,
        "forms": (form,),
        "faulty": bool(form.errors),
        "kept": saved and bool(form.errors) and not form.is_bound,
        "following": steps.address_of(draft.application, following),
        "following_title": following.title,
        "scopes": [(row, openings(row.scope.name)) for row in scopes],
        "all_on_one": "developer:details" if shown is ABOUT else "developer:revise",
    }


@page(DEVELOPER, "GET POST")
def summary(request: SignedInRequest, pk: int) -> HttpResponse:
    """The last step: what is still missing, each with the way to it, what the reviewer sees, and handing it in."""
    draft = draft_of(request, pk)
    faults, status = draft.faults, 200
    if request.method == "POST":
        try:
            revision = services.submit(draft.application, origin(request), stamp=request.POST.get("stamp", ""))
        except Invalid as invalid:
            faults, status = invalid.faults, UNPROCESSABLE
        else:
            messages.success(request, handed_in(revision))
            return after_submission(revision)
    context = {
        "application": draft.application,
        "in_force": draft.in_force,
        "progress": steps.progress(draft.application, SUMMARY, draft.faults),
        "missing": [_missing(draft, item, faults) for item in steps.STEPS if steps.within(item, faults)],
    }
    if draft.latest and draft.latest.state == Revision.State.DRAFT:
        context |= submission(draft.application, draft.latest, faults)
    return render(request, "developer/steps/summary.html", context, status=status)


def _missing(draft: Draft, item: Step, faults: Faults) -> dict[str, object]:
    """What is missing or wrong in a step, each with the address of its field."""
    address = steps.address_of(draft.application, item)
    return {
        "step": item,
        "faults": [
            (f"{address}?check=1#{steps.field_id(name)}", text)
            for name, found in steps.within(item, faults).items()
            for text in fault_words.sentences(found)
        ],
    }
