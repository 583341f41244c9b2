"""Finding access records: a page of them, all of them in parts, what one patient's say. Nothing here counts what it does not show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from varco.clinical.models import AccessChain, AccessRecord, Patient

CHUNK = 2000
"""Records read at once where all are wanted."""

COUNTED = 1000
"""As far as records are counted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records of a clinic: of a person (`sub`), an application, a patient, from a moment on and before another (epoch ms)."""

    alias: str
    tenant_id: str
    person: str = ""
    application_id: int | None = None
    patient: int | None = None
    since: int | None = None
    until: int | None = None

    def found(self, *further: Q) -> QuerySet[AccessRecord]:
        """The records, in no order; `further` speaks of `time`."""
        fits = Q(tenant_id=self.tenant_id)
        if self.patient is not None:
            fits &= Q(shown__tenant_id=self.tenant_id, shown__patient_id=self.patient)
        if self.person:
            fits &= Q(person=self.person)
        if self.application_id is not None:
            fits &= Q(application_id=self.application_id)
        if self.since is not None:
            fits &= Q(**{f"{self.time}__gte": self.since})
        if self.until is not None:
            fits &= Q(**{f"{self.time}__lt": self.until})
        # In one call: each further one would look among the record's patients anew.
        return AccessRecord.objects.using(self.alias).filter(fits, *further)

    @property
    def time(self) -> str:
        """The column by whose index they are found in the order of their time."""
        return "shown__at" if self.patient is not None else "at"

    def newest(self, number: int, before: tuple[int, int] | None = None) -> list[AccessRecord]:
        """The newest of them, after a position: time and key of the last one that was seen."""
        further = []
        if before:
            at, pk = before
            earlier = Q(**{f"{self.time}__lt": at}) | Q(**{self.time: at, "pk__lt": pk})
            further = [Q(**{f"{self.time}__lte": at}), earlier]
        return list(self.found(*further).order_by(f"-{self.time}", "-pk")[:number])

    def counted(self) -> int:
        """How many there are, but no more than one above `COUNTED`."""
        return self.found().order_by()[: COUNTED + 1].count()

    def in_parts(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """All of them, the oldest first, read in parts, as values of some columns."""
        at, pk = self.since or 0, 0
        while True:
            later = Q(**{f"{self.time}__gt": at}) | Q(**{self.time: at, "pk__gt": pk})
            rows = self.found(Q(**{f"{self.time}__gte": at}), later).order_by(self.time, "pk")
            part = list(rows.values_list("at", "pk", *columns)[:CHUNK])
            yield from (values[2:] for values in part)
            if len(part) < CHUNK:
                return
            at, pk = part[-1][:2]


def every(alias: str) -> QuerySet[AccessRecord]:
    """All records of a database, of every clinic, for what counts them."""
    return AccessRecord.objects.using(alias).all()


def summary(wanted: Wanted) -> list[Mapping[str, Any]]:
    """By person, application and operation: how often, first and last (epoch ms)."""
    groups = wanted.found().values(
        "person", "person_name", "person_kind", "application_id", "application_name", "operation", "category", "outcome"
    )
    counted = groups.annotate(number=Count("pk"), first=Min("at"), last=Max("at")).order_by("-last")
    return [dict(group) for group in counted]


def clinics_of(alias: str, application_id: int) -> list[str]:
    """The clinics of a database that an application has records at."""
    return [
        tenant for tenant in _clinics(alias) if Wanted(alias, tenant, application_id=application_id).found().exists()
    ]


def applications_that(operation: str, alias: str, since: int) -> set[int]:
    """Applications that did something at some clinic of a database since a moment (epoch ms), with success."""
    found: set[int] = set()
    # Clinic by clinic, since that is how records are found by their time.
    for tenant in _clinics(alias):
        rows = Wanted(alias, tenant, since=since).found(Q(operation=operation, outcome="ok"))
        found.update(rows.order_by().values_list("application_id", flat=True).distinct())
    return found


def _clinics(alias: str) -> list[str]:
    """Every clinic of a database that there are records of."""
    streams = AccessChain.objects.using(alias).order_by("stream").values_list("stream", flat=True)
    return [stream.partition(":")[2] for stream in streams]


def clinics_of_person(alias: str, person: str) -> list[str]:
    """The clinics of a database that somebody has records at: one, unless they changed."""
    rows = AccessRecord.objects.using(alias).filter(person=person)
    return sorted(rows.order_by().values_list("tenant_id", flat=True).distinct())


def seen(wanted: Wanted, person: str) -> bool:
    """Whether somebody has a record at the clinic."""
    return replace(wanted, person=person).found().exists()


def patient_number(alias: str, tenant_id: str, text: str) -> int | None:
    """The number of a patient of the clinic, by the number itself or a fiscal code; None where nobody is meant.

    A number is taken as it is: whoever is not kept any more was seen all the same.
    """
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) <= 18:
        return int(text)
    if not text or "\0" in text:
        return None
    found = Patient.objects.using(alias).filter(tenant_id=tenant_id, fiscal_code=text.upper())
    return found.values_list("pk", flat=True).first()
