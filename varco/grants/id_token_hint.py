"""Reading our own ID tokens when they come back as `id_token_hint` (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2)."""

from django.conf import settings

from varco import clock
from varco.keys import queries as keys
from varco.protocol.errors import OAuthError
from varco.protocol.id_token import ID_TYP
from varco.protocol.jose.own_jwt import Verifier
from varco.protocol.logout import IdTokenHint, read_hint


def verified(token: str) -> IdTokenHint:
    """The hint of an ID token that this server signed and whose key is still published. Raises `OAuthError` for anything else.

    An expired one counts: it still tells who was meant.
    """
    verifier = Verifier(keys.verification_keys(ID_TYP, clock.now()))
    return read_hint(token, verifier, settings.VARCO.issuer)


def read(token: str) -> IdTokenHint | None:
    """`verified`, and None for anything else."""
    try:
        return verified(token)
    except OAuthError:
        return None
