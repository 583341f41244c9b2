"""Patients' questions who has seen their data, and the clock of the answers. Whoever calls records it."""

import datetime as dt

from django.db.models import F, QuerySet
from django.utils import timezone

from varco import clock
from varco.clinical.models import PatientQuestion

ANSWER_DAYS = 15
"""How long the clinic gives itself for an answer: until the end of that day."""


def every(alias: str, tenant_id: str) -> QuerySet[PatientQuestion]:
    """The questions of a clinic's patients: the open ones first, by when they are due, then the answered ones, the newest first."""
    found = PatientQuestion.objects.using(alias).filter(tenant_id=tenant_id)
    return found.order_by(F("answered_at").desc(nulls_first=True), "due_at", "pk")


def by_id(alias: str, tenant_id: str, pk: int) -> PatientQuestion | None:
    """One of the clinic's questions."""
    return PatientQuestion.objects.using(alias).filter(tenant_id=tenant_id, pk=pk).first()


def add(alias: str, question: PatientQuestion) -> PatientQuestion:
    """Keep a question, due at the end of the day `ANSWER_DAYS` after that on which it was asked."""
    here = timezone.get_current_timezone()
    day = dt.datetime.fromtimestamp(question.asked_on, here).date() + dt.timedelta(days=ANSWER_DAYS)
    question.due_at = int(dt.datetime.combine(day, dt.time(23, 59, 59), here).timestamp())
    question.save(using=alias, force_insert=True)
    return question


def answer(alias: str, question: PatientQuestion, by: str) -> bool:
    """Note that a question is answered; False where it was already."""
    open_one = PatientQuestion.objects.using(alias).filter(pk=question.pk, answered_at=None)
    return bool(open_one.update(answered_at=clock.now(), answered_by_name=by))
