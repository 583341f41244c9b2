"""The secrets of second factors as they are sealed: authenticator apps and recovery codes; a passkey has none here."""

import base64
from collections.abc import Iterator, Sequence

from allauth.mfa.models import Authenticator
from django.conf import settings

from varco import sealing
from varco.portal.common.unopened import FactorUnopenedError
from varco.sealed_rows import Part, SealedKind

PURPOSE = "second-factor"


def seal(text: str) -> str:
    """A secret for the database (S37)."""
    return _stored(sealing.seal(settings.MASTER_KEYS, PURPOSE, text.encode()))


def opened(stored: str) -> str:
    """What `seal` sealed. Raises `FactorUnopenedError` for anything else."""
    try:
        return sealing.open_sealed(settings.MASTER_KEYS, PURPOSE, base64.urlsafe_b64decode(stored)).decode()
    except ValueError as fault:
        raise FactorUnopenedError("a second factor does not open under any master key") from fault


def _stored(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode()


def _secrets(factor: Authenticator) -> Iterator[str]:
    data = factor.data
    yield from (data[name] for name in ("secret", "seed") if name in data)
    yield from data.get("migrated_codes") or ()


def _replace(factor: Authenticator, sealed: Sequence[bytes]) -> None:
    left = (_stored(each) for each in sealed)
    for name in ("secret", "seed"):
        if name in factor.data:
            factor.data[name] = next(left)
    if factor.data.get("migrated_codes"):
        factor.data["migrated_codes"] = list(left)


SEALED = SealedKind(
    "second factors",
    PURPOSE,
    ("data",),
    lambda: Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN),
    lambda factor: [Part(base64.urlsafe_b64decode(secret)) for secret in _secrets(factor)],
    _replace,
)
"""Authenticator apps and recovery codes."""
