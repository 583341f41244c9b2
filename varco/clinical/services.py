"""Upkeep of the clinical databases."""

from django.db import transaction

from varco import clock
from varco.clinical.models import AgendaHold, IdempotencyKey, OccupiedTime
from varco.databases import CLINIC_ALIASES


def sweep() -> dict[str, int]:
    """Delete what is over, and return how many rows of each kind and database went."""
    now = clock.now()
    found = {}
    for alias in CLINIC_ALIASES:
        keys = IdempotencyKey.objects.using(alias).filter(expires_at__lt=now)
        found[f"idempotency keys of {alias}"] = keys.delete()[0]
        found[f"holds of {alias}"] = _ended_holds(alias, now)
    return found


def _ended_holds(alias: str, now: int) -> int:
    with transaction.atomic(using=alias):
        ended = AgendaHold.objects.using(alias).filter(expires_at__lt=now)
        OccupiedTime.objects.using(alias).filter(hold_id__in=ended.values("pk")).delete()
        return ended.delete()[0]
