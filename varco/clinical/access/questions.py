"""Patients' questions who has seen their data, and the clock of the answers. Whoever calls records it."""

from django.db.models import F, QuerySet

from varco import clock
from varco.clinical.models import PatientQuestion

ANSWER_SECONDS = 15 * 86400
"""How long the clinic gives itself for an answer."""


def every(alias: str, tenant_id: str) -> QuerySet[PatientQuestion]:
    """The questions of a clinic's patients: the open ones first, by when they are due, then the answered ones, the newest first."""
    found = PatientQuestion.objects.using(alias).filter(tenant_id=tenant_id)
    return found.order_by(F("answered_at").desc(nulls_first=True), "due_at", "pk")


def by_id(alias: str, tenant_id: str, pk: int) -> PatientQuestion | None:
    """One of the clinic's questions."""
    return PatientQuestion.objects.using(alias).filter(tenant_id=tenant_id, pk=pk).first()


def add(alias: str, question: PatientQuestion) -> PatientQuestion:
    """Keep a question, due `ANSWER_SECONDS` after it was asked."""
    question.due_at = question.asked_on + ANSWER_SECONDS
    question.save(using=alias, force_insert=True)
    return question


def answer(alias: str, question: PatientQuestion, by: str) -> bool:
    """Note that a question is answered; False where it was already."""
    open_one = PatientQuestion.objects.using(alias).filter(pk=question.pk, answered_at=None)
    return bool(open_one.update(answered_at=clock.now(), answered_by_name=by))
