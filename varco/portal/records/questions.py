"""Patients ask who has seen their data: a question, its clock, and the answer as PDF and CSV (S41)."""

import datetime as dt

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco import clock
from varco.audit.services import record
from varco.audit.tags import Tag
from varco.clinical.access import questions, records
from varco.clinical.models import PatientQuestion
from varco.portal.common.days import midnight, today
from varco.portal.common.forms import LenientForm, ServiceForm, posted
from varco.portal.common.forms import answered as answered_form
from varco.portal.common.listing import CARDS_PER_PAGE, ROWS_PER_PAGE, page_of
from varco.portal.common.page import RECORDS, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.records import pdf, presentation, table, words
from varco.proof import questions as service
from varco.tenants.models import Tenant
from varco.validators import ReadableText

SOON = 3 * 86400  # seconds before the end from which a question is marked


class QuestionForm(ServiceForm):
    """A new question."""

    patient = forms.CharField(
        label=gettext_lazy("Patient"),
        max_length=20,
        help_text=gettext_lazy(
            "Number or fiscal code, as the centre keeps them. Prove first that it is the patient who asks."
        ),
        error_messages={"required": gettext_lazy("Say which patient asks.")},
    )
    day = forms.DateField(
        label=gettext_lazy("Asked on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("The answer is due 15 days after."),
        error_messages={"required": gettext_lazy("Say on which day the patient asked.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Reference"),
        required=False,
        max_length=200,
        validators=[ReadableText()],
        help_text=gettext_lazy("How the centre finds the letter again. No names."),
    )

    def __init__(self, data: object, tenant: Tenant) -> None:
        super().__init__(data, initial={"day": today()})
        self.tenant = tenant

    def clean_patient(self) -> int:
        """The number of the patient."""
        number = records.patient_number(self.tenant.database, self.tenant.public_id, self.cleaned_data["patient"])
        if number is None:
            raise forms.ValidationError(_("The centre has no patient with this number or fiscal code."))
        return number

    def clean_day(self) -> dt.date:
        """The day, which is not to come."""
        day: dt.date = self.cleaned_data["day"]
        if not dt.date(2000, 1, 1) <= day <= today():
            raise forms.ValidationError(_("This day is still to come, or too long ago."))
        return day


class AnsweredForm(LenientForm):
    """Nothing to fill in."""


@page(RECORDS, "GET")
def every(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """The questions, the open ones first."""
    found = page_of(request, questions.every(tenant.database, tenant.public_id), CARDS_PER_PAGE)
    items = [{"question": question, "clock": _clock(question)} for question in found.object_list]
    return render(request, "records/questions.html", {"tenant": tenant, "items": items, "page": found})


def _clock(question: PatientQuestion) -> str:
    if question.answered_at:
        return ""
    left = question.due_at - clock.now()
    return "late" if left < 0 else "soon" if left < SOON else "open"


@page(RECORDS, "GET POST")
def new(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """Keep a question; its clock runs from the day on which the patient asked."""
    form = QuestionForm(posted(request), tenant)

    def act() -> HttpResponse:
        said = form.cleaned_data
        asked_on = midnight(said["day"]) // 1000
        made = service.open_question(
            tenant, service.NewQuestion(said["patient"], asked_on, said["note"]), origin(request)
        )
        messages.success(request, _("The question is kept, and its answer is ready."))
        return redirect("records:question", pk=made.pk)

    return answered_form(
        request, form, act, lambda: render(request, "records/question_new.html", {"tenant": tenant, "form": form})
    )


@page(RECORDS, "GET")
def one(request: SignedInRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """One question: when it is due, and what the answer says."""
    question = _question(tenant, pk)
    return render(request, "records/question.html", _context(tenant, question))


def _context(tenant: Tenant, question: PatientQuestion) -> dict[str, object]:
    summary = service.summary(tenant, question)
    lines = [
        row
        | {
            "words": words.operation(row["operation"]),
            "kind": words.kind(row["person_kind"]),
            "outcome_words": words.outcome(row["outcome"]),
        }
        for row in summary
    ]
    shown, more = lines[:ROWS_PER_PAGE], len(lines) > ROWS_PER_PAGE
    return {"tenant": tenant, "question": question, "clock": _clock(question), "lines": shown, "more": more}


def _question(tenant: Tenant, pk: int) -> PatientQuestion:
    found = questions.by_id(tenant.database, tenant.public_id, pk)
    if found is None:
        raise Http404
    return found


@page(RECORDS, "GET", step_up="GET")
def as_pdf(request: SignedInRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """The answer as a letter's enclosure."""
    question = _question(tenant, pk)
    record(Tag.LOG_EXPORTED, origin(request), tenant=tenant, question=question.pk)
    made = pdf.answer(tenant, question, service.summary(tenant, question), service.wanted(tenant, question))
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="answer-{question.pk}.pdf"'
    return response


@page(RECORDS, "GET", step_up="GET")
def as_csv(request: SignedInRequest, tenant: Tenant, pk: int) -> StreamingHttpResponse:
    """The answer as a table, a line an access."""
    question = _question(tenant, pk)
    record(Tag.LOG_EXPORTED, origin(request), tenant=tenant, question=question.pk)
    only_this = (
        [*row[:7], str(question.patient_id), *row[8:]]
        for row in presentation.exported(service.wanted(tenant, question))
    )
    return table.answer(f"answer-{question.pk}.csv", presentation.heading(), only_this)


@page(RECORDS, "GET POST")
def answered(request: SignedInRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """Note that the patient has the answer, after a page that says what that means."""
    question = _question(tenant, pk)
    form = AnsweredForm(posted(request))

    def act() -> HttpResponse:
        if service.answer_question(tenant, question, origin(request)):
            messages.success(request, _("The question is answered."))
        else:
            messages.info(request, _("The question was answered already."))
        return redirect("records:question", pk=question.pk)

    context = {"tenant": tenant, "question": question, "clock": _clock(question), "form": form}
    return answered_form(request, form, act, lambda: render(request, "records/answered.html", context))
