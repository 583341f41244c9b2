"""Upkeep of the clinical databases."""

from varco import clock
from varco.clinical.models import IdempotencyKey
from varco.databases import CLINIC_ALIASES


def sweep() -> dict[str, int]:
    """Delete what is over, and return how many rows of each kind and database went."""
    now = clock.now()
    return {
        f"idempotency keys of {alias}": IdempotencyKey.objects.using(alias).filter(expires_at__lt=now).delete()[0]
        for alias in CLINIC_ALIASES
    }
