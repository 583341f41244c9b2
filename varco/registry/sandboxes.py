"""Reading sandboxes of teams, and which master key opens what is sealed of them."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from varco.accounts.models import User
from varco.registry.models import Sandbox, Team, TeamMember
from varco.registry.sandbox_models import PASSWORD
from varco.registry.teams import where_maintainer
from varco.sealed_rows import Part, SealedKind
from varco.sealing import SealError


def seen_by(person: User) -> QuerySet[Sandbox]:
    """The sandboxes of the teams that somebody belongs to, by team and name."""
    mine = TeamMember.objects.filter(user=person).values("team")
    return (
        Sandbox.objects.filter(team__in=mine)
        .select_related("team", "tenant", "neighbour")
        .order_by("team__name", "tenant__name", "pk")
    )


def seen_as(person: User, public_id: str) -> Sandbox | None:
    """One of them, by the public id of its clinic."""
    return seen_by(person).filter(tenant__public_id=public_id).first()


def works_on(person: User, sandbox: Sandbox) -> bool:
    """Whether somebody may change a sandbox and be its users: whoever works on the team's applications."""
    return sandbox.team is not None and where_maintainer(person).filter(pk=sandbox.team.pk).exists()


def add(sandbox: Sandbox, password: str) -> None:
    """Keep a new one with the password of its users, sealed."""
    sandbox.password = password
    sandbox.save(force_insert=True)


def password_of(sandbox: Sandbox) -> str:
    """The password of its users; empty where no master key opens it any more."""
    try:
        return sandbox.password
    except SealError:
        return ""


def set_password(sandbox: Sandbox, password: str) -> None:
    """Keep another one."""
    sandbox.password = password
    sandbox.save(update_fields=["sealed_password"])


def number_of(team: Team) -> int:
    """How many a team has."""
    return Sandbox.objects.filter(team=team).count()


def first_of(team: Team) -> Sandbox | None:
    """The one that a team made first; None where it has none."""
    return Sandbox.objects.filter(team=team).select_related("tenant").order_by("pk").first()


def whole(pk: int) -> Sandbox:
    """One with its team and clinics, as it stands now."""
    return Sandbox.objects.select_related("team", "tenant", "neighbour").get(pk=pk)


def locked(sandbox: Sandbox, team: Team) -> Sandbox | None:
    """The same, held until the transaction ends; None where it is gone, or of another team now."""
    rows = Sandbox.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("tenant", "neighbour", "team").filter(pk=sandbox.pk, team=team).first()


def delete(sandbox: Sandbox) -> None:
    """Forget one; its clinics are closed by whoever calls."""
    Sandbox.objects.filter(pk=sandbox.pk).delete()


def without_team_due_now() -> None:
    """Let those whose team is gone be looked at next."""
    Sandbox.objects.filter(team=None).exclude(due_at=0).update(due_at=0)


def _replace(sandbox: Sandbox, sealed: Sequence[bytes]) -> None:
    (sandbox.sealed_password,) = sealed


SEALED = SealedKind(
    "sandbox passwords",
    PASSWORD,
    ("sealed_password",),
    lambda: Sandbox.objects.filter(~Q(sealed_password=b"")),
    lambda sandbox: [Part(bytes(sandbox.sealed_password), sandbox.context)],
    _replace,
)
"""The passwords of the users of sandboxes."""
