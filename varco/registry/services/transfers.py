"""Handing an application over to another team, which has to accept it (S45)."""

from django.db import transaction

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.registry.access import workers_of
from varco.registry.errors import Conflict
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.lifecycle import ApplicationAct, Role, TeamRole
from varco.registry.models import Application, Team, Transfer
from varco.registry.services.limits import check_applications, check_often
from varco.registry.services.locking import Locked, lock
from varco.registry.services.teams import DAYS, PAUSE, as_owner, fault
from varco.registry.team_notifications import TransferAccepted, TransferDeclined, TransferOffered


@transaction.atomic
def offer_transfer(application: Application, team: str, origin: Origin) -> Transfer:
    """Offer an application to the team of this id, in the place of any offer before. Nothing changes until it is accepted.

    Raises `Denied` unless the actor is an owner, `Invalid` and `Conflict`.
    """
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.OFFER)
    wanted = team.strip()
    target = Team.objects.filter(public_id=wanted).first() if wanted.isascii() and wanted.isprintable() else None
    if target is None or not workers_of(target.pk, owners=True):
        raise fault("team", RegistrationFault.TEAM_UNKNOWN)
    if target.pk == locked.application.team_id:
        raise fault("team", RegistrationFault.TEAM_OWN)
    before = Transfer.objects.filter(application=locked.application).first()
    if before and before.created_at > clock.now() - PAUSE:
        raise Conflict(ConflictFault.TRANSFER_JUST_NOW, minutes=PAUSE // 60)
    check_often(Tag.APPLICATION_TRANSFER_OFFERED, origin)
    values = {
        "team": target,
        "offered_by": locked.actor,
        "expires_at": clock.now() + DAYS * 86400,
        "created_at": clock.now(),
    }
    made, _new = Transfer.objects.update_or_create(application=locked.application, defaults=values)
    record(
        Tag.APPLICATION_TRANSFER_OFFERED,
        origin,
        application=locked.application,
        team=target.public_id,
        label=target.name,
    )
    told = TransferOffered(target, locked.application, DAYS, locked.actor)
    notify(told, workers_of(target.pk, owners=True))
    return made


@transaction.atomic
def withdraw_transfer(application: Application, origin: Origin) -> None:
    """Take an offer back. Raises `Denied`, and `Conflict` where it was answered or is too old."""
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.OFFER)
    found = Transfer.objects.filter(application=locked.application, expires_at__gt=0).select_related("team").first()
    if found is None:
        raise Conflict(ConflictFault.TRANSFER_OVER)
    Transfer.objects.filter(pk=found.pk).update(expires_at=0)
    record(Tag.APPLICATION_TRANSFER_WITHDRAWN, origin, application=locked.application, label=found.team.name)


@transaction.atomic
def accept_transfer(team: Team, offer: int, origin: Origin) -> Application:
    """Take an application over, by an owner of the team that it was offered to; who had it before has no part in it any more.

    Raises `Denied`, and `Conflict` where the offer is over or the team has as many applications as it may.
    """
    team, actor = as_owner(team, origin)
    locked = _offered(team, offer, actor)
    locked.move(ApplicationAct.TRANSFER)
    check_applications(team)
    application = locked.application
    before, owners_before = application.team, workers_of(application.team_id, owners=True)
    application.team, application.owner = team, actor
    # Sandboxes are the team's: what the gate lets through may be others from here on.
    locked.save("team", "owner", gate=True)
    Transfer.objects.filter(application=application).delete()
    name_before = before.name if before else ""
    record(
        Tag.APPLICATION_TRANSFERRED,
        origin,
        application=application,
        team=team.public_id,
        label=team.name,
        before=name_before,
    )
    told = {owner.pk: owner for owner in (*owners_before, *workers_of(team.pk, owners=True))}
    notify(TransferAccepted(team, application, name_before, actor), told.values())
    return application


@transaction.atomic
def decline_transfer(team: Team, offer: int, origin: Origin) -> Application:
    """Do not take an application. Raises `Denied`, and `Conflict` where the offer is over."""
    team, actor = as_owner(team, origin)
    application = _offered(team, offer, actor).application
    Transfer.objects.filter(application=application).update(expires_at=0)
    record(Tag.APPLICATION_TRANSFER_DECLINED, origin, application=application, team=team.public_id, label=team.name)
    notify(TransferDeclined(team, application, actor), workers_of(application.team_id, owners=True))
    return application


def _offered(team: Team, offer: int, actor: User) -> Locked:
    """The application of an offer to the team, held, as its future owner holds it. Raises `Conflict`."""
    found = Transfer.objects.filter(pk=offer, team=team).values_list("application", flat=True).first()
    application = (
        Application.objects.select_for_update(of=("self",), no_key=True).filter(pk=found).first() if found else None
    )
    # Read again under the application's row: it may have been taken back, or offered to others, at this moment.
    still = Transfer.objects.filter(pk=offer, team=team, expires_at__gt=clock.now()).exists()
    if application is None or not still:
        raise Conflict(ConflictFault.TRANSFER_OVER)
    return Locked(application, Role.DEVELOPER, actor, TeamRole.OWNER)
