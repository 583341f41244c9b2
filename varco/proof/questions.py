"""A patient asks who has seen their data: the question is kept with its clock, and answered from the access records (S41).

A ticket may be opened beside it; what the answer is made from stays here.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from varco import clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.clinical.access import questions, records
from varco.clinical.access.records import Wanted
from varco.clinical.models import PatientQuestion
from varco.proof import upkeep
from varco.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """What a patient asked: number of the patient, when (epoch seconds), and how the clinic refers to it."""

    patient: int
    asked_on: int
    note: str = ""


def open_question(tenant: Tenant, asked: NewQuestion, origin: Origin) -> PatientQuestion:
    """Keep a question."""
    actor = origin.actor
    question = PatientQuestion(
        tenant_id=tenant.public_id,
        patient_id=asked.patient,
        asked_on=asked.asked_on,
        note=asked.note,
        opened_by=actor.public_id if actor else "",
        opened_by_name=actor.name if actor else "",
        created_at=clock.now(),
    )
    with transaction.atomic():
        made = questions.add(tenant.database, question)
        record(Tag.QUESTION_OPENED, origin, tenant=tenant, question=made.pk)
    return made


def answer_question(tenant: Tenant, question: PatientQuestion, origin: Origin) -> bool:
    """Note that the patient has the answer; False where somebody noted it already."""
    with transaction.atomic():
        if not questions.answer(tenant.database, question, origin.actor.name if origin.actor else ""):
            return False
        record(Tag.QUESTION_ANSWERED, origin, tenant=tenant, question=question.pk)
    return True


def wanted(tenant: Tenant, question: PatientQuestion) -> Wanted:
    """The records that answer a question: all that show the patient, up to the answer; those of this moment are in the index, too."""
    upkeep.link_rows()
    until = question.answered_at * 1000 if question.answered_at else None
    return Wanted(tenant.database, tenant.public_id, patient=question.patient_id, until=until)


def summary(tenant: Tenant, question: PatientQuestion) -> list[dict[str, Any]]:
    """Who saw the patient, through what, how often, from when to when."""
    return [dict(row) for row in records.summary(wanted(tenant, question))]
