"""What lists of applications are narrowed by, kept beside each one: to look at its revisions for it would be to look at those of all."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from varco.registry.models import Application, Revision

_AT_ONCE = 500


def place(applications: QuerySet[Application]) -> int:
    """Write `environment` and `high_risk` of these applications anew; how many there are. Whoever changes a revision calls it."""
    return applications.update(**_columns())


def misplaced() -> list[int]:
    """Keys of applications whose columns are not what their revisions say: an old release has written."""
    wrong = ~Q(environment=_columns()["environment"]) | ~Q(high_risk=_columns()["high_risk"])
    return list(Application.objects.filter(wrong).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])


def _columns() -> dict[str, Any]:
    own = Revision.objects.filter(application=OuterRef("pk"))
    live = own.filter(pk=OuterRef("live_revision")).values("environment")
    newest = own.order_by("-number").values("environment")[:1]
    risky = own.filter(Q(pk=OuterRef("live_revision")) | Q(state=Revision.State.SUBMITTED), high_risks__gt=0)
    return {
        "environment": Coalesce(Subquery(live), Subquery(newest), Value("")),
        "high_risk": Exists(risky),
    }
