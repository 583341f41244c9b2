"""Reading our own ID tokens when they come back as `id_token_hint` (OpenID Connect Core §3.1.2.1)."""

import msgspec
from django.conf import settings

from varco import clock
from varco.grants.models import SigningKey
from varco.protocol import keys
from varco.protocol.jws import VerificationKey, Verifier
from varco.protocol.refusal import Refusal
from varco.protocol.tokens import ID_TYP


class Hint(msgspec.Struct, frozen=True):
    """The claims of an ID token that say whose it is, whom it was made for, and in which browser session."""

    iss: str
    sub: str
    aud: str
    sid: str = ""


def read(token: str) -> Hint | None:
    """The hint of an ID token that this server signed and whose key is still published; None for anything else.

    An expired one counts: it still tells who was meant.
    """
    rows = SigningKey.objects.filter(gone_at__gt=clock.now(), revoked_at=None).values_list("kid", "alg", "public_jwk")
    verifier = Verifier(VerificationKey(kid, alg, keys.load_public(jwk), ID_TYP) for kid, alg, jwk in rows)
    try:
        hint = msgspec.json.decode(verifier.verify(token), type=Hint)
    except (Refusal, msgspec.DecodeError, UnicodeError):
        return None
    return hint if hint.iss == settings.VARCO.issuer else None
