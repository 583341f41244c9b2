"""Reading what the upkeep did."""

from django.db.models import F, QuerySet

from varco.upkeep.models import Run, Step


def steps() -> QuerySet[Step]:
    """Every step that was ever done, by name."""
    return Step.objects.order_by("name")


def failing() -> QuerySet[Step]:
    """Steps that failed when they were last done, by name."""
    return steps().filter(last_fault_at__gte=F("last_at"))


def runs(step: str = "", *, failed: bool = False) -> QuerySet[Run]:
    """Runs that did something or failed, of one step or all, the newest first."""
    found = Run.objects.filter(step=step) if step else Run.objects.all()
    return (found.exclude(fault="") if failed else found).order_by("-at", "-pk")
