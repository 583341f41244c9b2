"""A log worth reading: three weeks of a clinic's days as its access records, and what its patients asked about them."""

import random
from collections.abc import Iterator

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.clinical.models import AccessRecord, Patient
from varco.ops.demo.past import DAY, HOUR, REGISTERED, ago
from varco.proof import questions, upkeep
from varco.proof.questions import NewQuestion
from varco.registry.models import Application
from varco.tenants.models import Tenant

DAYS = 21
WHAT = (Tag.PATIENTS_LISTED, Tag.PATIENT_READ, Tag.PATIENT_CHANGED)
SEED = 2026  # the same log in every demo
ADDRESSES = ("198.51.100.24", "198.51.100.31", "203.0.113.77")  # RFC 5737


def build(people: dict[str, User], world: dict[str, Application]) -> None:
    """Write the records of both clinics, and three questions of Aurora's patients. Once: nothing looks whether it is there."""
    aurora, levante = (Tenant.objects.get(public_id=f"tenant-{name}") for name in ("aurora", "levante"))
    for tenant, of_clinic in (
        (aurora, (people["doctor_aurora"], people["secretary_aurora"])),
        (levante, (people["doctor_levante"],)),
    ):
        patients = list(Patient.objects.using("clinic").filter(tenant_id=tenant.public_id).order_by("pk")[:60])
        numbers = [patient.pk for patient in patients]
        writers = [_Writer(user, tenant, world["web"]) for user in of_clinic]
        rows = [row for writer in writers for row in writer.days(numbers)]
        if tenant == aurora:
            rows += writers[0].evening(numbers)
        AccessRecord.objects.using("clinic").bulk_create(sorted(rows, key=lambda row: row.at))
        if tenant == aurora:
            _questions(tenant, people["manager_aurora"], numbers)
    with ago(REGISTERED + DAY):
        record(Tag.ACCOUNT_ROLE_CHANGED, Origin(people["operator"]), user=people["developer"], role="developer")
    upkeep.link_rows()


class _Writer:
    """Makes the records of one person at one clinic."""

    def __init__(self, user: User, tenant: Tenant, application: Application) -> None:
        self.user, self.tenant, self.application = user, tenant, application
        self.chance = random.Random(f"{SEED} {user.email}")  # noqa: S311 - an invented world

    def record(self, at: int, tag: Tag, shown: list[int], outcome: str = "ok", detail: str = "") -> AccessRecord:
        return AccessRecord(
            at=at,
            tenant_id=self.tenant.public_id,
            operation=tag.value,
            category="patients",
            person=self.user.public_id,
            person_name=self.user.name,
            person_kind=AccessRecord.PersonKind.STAFF,
            application_id=self.application.pk,
            application_name=self.application.name,
            outcome=outcome,
            patients=" ".join(map(str, shown)),
            detail=detail,
            network=self.chance.choice(ADDRESSES),
            request_id=f"{self.chance.getrandbits(128):032x}",
        )

    def days(self, patients: list[int]) -> Iterator[AccessRecord]:
        """Their working days, the last one yesterday."""
        today = clock.now_ms() - clock.now_ms() % (DAY * 1000)
        for day in range(DAYS, 0, -1):
            for _ in range(self.chance.randint(6, 14)):
                at = today - day * DAY * 1000 + self.chance.randint(8 * HOUR, 18 * HOUR) * 1000
                tag = self.chance.choices(WHAT, (3, 6, 1))[0]
                many = tag == Tag.PATIENTS_LISTED
                yield self.record(at, tag, self.chance.sample(patients, 20 if many else 1))

    def evening(self, patients: list[int]) -> Iterator[AccessRecord]:
        """What a reader of the log should stop at: many patients late in the evening, and one who is not there."""
        at = clock.now_ms() - clock.now_ms() % (DAY * 1000) - 3 * DAY * 1000 + 21 * HOUR * 1000
        for number, patient in enumerate(patients[:25]):
            yield self.record(at + number * 4000, Tag.PATIENT_READ, [patient])
        yield self.record(at + 120_000, Tag.PATIENT_READ, [], "not_found", '{"asked":{"patientId":"99999"}}')


def _questions(tenant: Tenant, manager: User, patients: list[int]) -> None:
    """One whose answer is due soon, one that is new, one that was answered."""
    for days, patient, note, answered in (
        (13, patients[3], "PEC 118/2026", False),
        (2, patients[0], "", False),
        (30, patients[7], "PEC 97/2026", True),
    ):
        with ago(days * DAY):
            made = questions.open_question(tenant, NewQuestion(patient, clock.now(), note), Origin(manager))
        if answered:
            with ago((days - 6) * DAY):
                questions.answer_question(tenant, made, Origin(manager))
