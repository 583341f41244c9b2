"""Step-up: what is sensitive opens to a token of a sign-in of just now (RFC 9470), as the pages ask for a fresh proof (S38)."""

from allauth.mfa.models import Authenticator
from django.conf import settings

from varco import clock
from varco.accounts.models import User
from varco.caller import ManagementCaller
from varco.grants.queries import sign_in_of
from varco.management.errors import ManagementError
from varco.protocol.claims import ONE_FACTOR, TWO_FACTORS

_SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def demand(caller: ManagementCaller, user: User) -> None:
    """Refuse a token whose person signed in too long ago, or without the second step that they have.

    Raises `ManagementError` (401), which says how to ask for a better one.
    """
    signed_in = sign_in_of(caller.grant_id)
    two = Authenticator.objects.filter(user=user, type__in=_SECOND_STEPS).exists()
    needed = TWO_FACTORS if two else ONE_FACTOR
    recent = signed_in.auth_time > clock.now() - settings.VARCO.step_up
    if recent and (signed_in.acr == TWO_FACTORS or not two):
        return
    raise ManagementError(
        "insufficient_user_authentication",
        "This needs a sign-in of just now. Send the person to sign in again, with acr_values and max_age as given here.",
        401,
        acrValues=needed,
        maxAge=settings.VARCO.step_up,
        fixableBy="person",
    )
