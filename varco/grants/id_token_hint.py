"""Reading our own ID tokens when they come back as `id_token_hint` (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2)."""

from django.conf import settings

from varco import clock
from varco.grants.models import SigningKey
from varco.protocol.errors import OAuthError
from varco.protocol.jose import jwk as keys
from varco.protocol.jose.own_jwt import VerificationKey, Verifier
from varco.protocol.logout import IdTokenHint, read_hint
from varco.protocol.tokens import ID_TYP


def verified(token: str) -> IdTokenHint:
    """The hint of an ID token that this server signed and whose key is still published. Raises `OAuthError` for anything else.

    An expired one counts: it still tells who was meant.
    """
    rows = SigningKey.objects.filter(gone_at__gt=clock.now(), revoked_at=None).values_list("kid", "alg", "public_jwk")
    verifier = Verifier(VerificationKey(kid, alg, keys.load_public(jwk), ID_TYP) for kid, alg, jwk in rows)
    return read_hint(token, verifier, settings.VARCO.issuer)


def read(token: str) -> IdTokenHint | None:
    """`verified`, and None for anything else."""
    try:
        return verified(token)
    except OAuthError:
        return None
