"""The calendar of signing keys: each algorithm always has one that signs and a next one already published.

A key is published from the moment it is made, a whole period before it signs, so that whoever keeps our JWKS knows it
when its first token comes, and so that an emergency revocation can hand over at once to a key already known. After its
last token it stays published for `key_retirement`; then it is gone. Private parts are sealed under the master key.

Access tokens are ES256; ID tokens are what each application chose. All four algorithms have their keys from the first
minute, so that the approval of an application never has to wait for one.
"""

import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

from varco import clock, sealing
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants.models import SigningKey
from varco.protocol.jose import jwk as protocol_keys
from varco.protocol.jose.jwk import ALGORITHMS, KeyTimes, Phase
from varco.protocol.jose.own_jwt import Signer

PURPOSE = "signing-key"
_LOCK = 0x5641_5243_4F4B  # "VARCOK", a PostgreSQL advisory lock

_log = logging.getLogger("varco.keys")


class KeyNotFoundError(LookupError):
    """There is no such key, or it is gone or revoked already."""


@contextmanager
def _calendar() -> Iterator[None]:
    """A transaction in which nobody else changes the calendar. SQLite's transactions begin with its write lock."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def times(key: SigningKey) -> KeyTimes:
    """The row as the protocol's calendar judges it."""
    return KeyTimes(
        kid=key.kid,
        alg=key.alg,
        published_at=key.published_at,
        active_at=key.active_at,
        retires_at=key.retires_at,
        gone_at=key.gone_at,
        revoked_at=key.revoked_at,
    )


def current(alg: str, now: int) -> SigningKey | None:
    """The key of an algorithm that signs at `now` (epoch seconds)."""
    rows = {key.kid: key for key in SigningKey.objects.filter(alg=alg, gone_at__gt=now)}
    signer = protocol_keys.Calendar(map(times, rows.values())).signer(alg, now)
    return rows[signer.kid] if signer else None


def following(alg: str, now: int) -> SigningKey | None:
    """The published key of an algorithm that signs next."""
    rows = SigningKey.objects.filter(alg=alg, gone_at__gt=now).order_by("active_at", "kid")
    return next((key for key in rows if times(key).phase(now) is Phase.NEXT), None)


def signer(alg: str, typ: str, now: int) -> Signer | None:
    """What signs tokens of a type at `now`; None while there is no key of the algorithm."""
    key = current(alg, now)
    if key is None:
        return None
    der = sealing.open_sealed(settings.MASTER_KEYS, PURPOSE, bytes(key.sealed_private), key.kid.encode())
    return Signer(key.kid, alg, protocol_keys.load_private(der), typ)


def unsigned(now: int) -> list[str]:
    """The algorithms that nothing could be signed with at `now`."""
    return [alg for alg in ALGORITHMS if current(alg, now) is None]


def ensure(origin: Origin | None = None, algorithms: Iterable[str] = ALGORITHMS) -> list[SigningKey]:
    """Make whatever the calendar lacks now and return the keys made; usually none. Safe to run at any time."""
    now = clock.now()
    if all(current(alg, now) and following(alg, now) for alg in algorithms):
        return []
    made: list[SigningKey] = []
    with _calendar():
        for alg in algorithms:
            made += _complete(alg, now, origin or Origin())
    return made


def rotate(algorithms: Iterable[str] = ALGORITHMS, origin: Origin | None = None) -> list[SigningKey]:
    """Let the next key of each algorithm take over now and return the keys that sign from here on.

    What the previous ones signed stays valid: they are published until `key_retirement` has passed.
    """
    now = clock.now()
    with _calendar():
        for alg in algorithms:
            _complete(alg, now, origin or Origin())
            before, after = current(alg, now), following(alg, now)
            if before and after:
                _retire(before, now)
                _activate(after, now)
                record(Tag.KEY_ROTATED, origin or Origin(), kid=after.kid, alg=alg, previous=before.kid)
            _complete(alg, now, origin or Origin())
    return [key for alg in algorithms if (key := current(alg, now))]


def revoke(kid: str, origin: Origin | None = None) -> SigningKey:
    """Emergency: a key is gone at once and everything it signed is worthless. The next key signs from here on.

    Raises `KeyNotFoundError`.
    """
    now = clock.now()
    with _calendar():
        key = SigningKey.objects.filter(kid=kid, revoked_at=None, gone_at__gt=now).first()
        if key is None:
            raise KeyNotFoundError(kid)
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        record(Tag.KEY_REVOKED, origin or Origin(), kid=kid, alg=key.alg)
        if current(key.alg, now) is None and (after := following(key.alg, now)):
            _activate(after, now)
        _complete(key.alg, now, origin or Origin())
    return key


def state(key: SigningKey, now: int) -> str:
    """Where a key stands, for people: its phase in the calendar, or revoked."""
    return "revoked" if key.revoked_at is not None else times(key).phase(now).value


def _complete(alg: str, now: int, origin: Origin) -> list[SigningKey]:
    """Inside `_calendar`: make the active and the next key of an algorithm where they lack."""
    made: list[SigningKey] = []
    active = current(alg, now)
    if active is None:
        # The first key of all, or the calendar slept through a whole period: there is nobody to wait for.
        active = _make(alg, now, now, origin)
        made.append(active)
    if following(alg, now) is None:
        made.append(_make(alg, now, active.retires_at, origin))
    return made


def _make(alg: str, now: int, active_at: int, origin: Origin) -> SigningKey:
    kid = f"{alg.lower()}-{secrets.token_hex(6)}"
    private = protocol_keys.generate(alg)
    period, retirement = settings.VARCO.key_period, settings.VARCO.key_retirement
    key = SigningKey.objects.create(
        kid=kid,
        alg=alg,
        public_jwk=protocol_keys.public_jwk(private, kid, alg),
        sealed_private=sealing.seal(settings.MASTER_KEYS, PURPOSE, protocol_keys.dump_private(private), kid.encode()),
        published_at=now,
        active_at=active_at,
        retires_at=active_at + period,
        gone_at=active_at + period + retirement,
    )
    record(Tag.KEY_CREATED, origin, kid=kid, alg=alg, active_at=active_at)
    _log.info("signing key %s made", kid, extra={"kid": kid, "alg": alg, "active_at": active_at})
    return key


def _activate(key: SigningKey, now: int) -> None:
    """A full period from now: the key signs earlier than it was planned to."""
    key.active_at = now
    key.retires_at = now + settings.VARCO.key_period
    key.gone_at = key.retires_at + settings.VARCO.key_retirement
    key.save(update_fields=["active_at", "retires_at", "gone_at"])


def _retire(key: SigningKey, now: int) -> None:
    key.retires_at = now
    key.gone_at = now + settings.VARCO.key_retirement
    key.save(update_fields=["retires_at", "gone_at"])
