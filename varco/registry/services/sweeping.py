"""What is over and of no use; and applications that an old release registered or changed."""

from django.db import transaction

from varco import clock
from varco.audit.services import Origin
from varco.registry import placing
from varco.registry.models import Application, CreationKey, TeamInvitation, Transfer
from varco.registry.services.teams import PAUSE, team_for


def sweep() -> dict[str, int]:
    """Delete links and offers that nobody can use any more, and return how many; put right what an old release wrote."""
    adopt()
    place_again()
    over = {"expires_at__lt": clock.now()}
    told = {"created_at__lt": clock.now() - PAUSE}  # what was taken back keeps the next one waiting
    return {
        "team invitations": TeamInvitation.objects.filter(**over, **told).delete()[0],
        "offers of applications": Transfer.objects.filter(**over, **told).delete()[0],
        "keys of registrations": CreationKey.objects.filter(**over).delete()[0],
    }


def place_again() -> int:
    """Place the applications anew that the last release changed while this one is installed, and return how many."""
    return placing.place(Application.objects.filter(pk__in=placing.misplaced()))


@transaction.atomic
def adopt() -> int:
    """Give each application without a team that of its owner: the last release registers such while this one is installed."""
    found = list(Application.objects.filter(team=None).select_related("owner"))
    for application in found:
        team = team_for(application.owner, None, Origin())
        Application.objects.filter(pk=application.pk, team=None).update(team=team)
    return len(found)
