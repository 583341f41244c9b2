"""Making, rotating and revoking signing keys: each algorithm always has one that signs and a next one already published.

What a key does when is arithmetic of `varco.protocol.jose.key_schedule`; here it is stored. Private parts are sealed under
the master key.

Access tokens are ES256; ID tokens are what each application chose. All four algorithms have their keys from the first
minute, so that the approval of an application never has to wait for one.
"""

import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from varco import clock, sealing
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.keys.models import MasterKeyUse, SigningKey
from varco.keys.queries import PURPOSE, current, following, master_ids, of_algorithm, schedule, times
from varco.protocol.jose import jwk
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.protocol.jose.key_schedule import KeyTimes, Lifetimes, new_key

_LOCK = 0x5641_5243_4F4B  # "VARCOK", a PostgreSQL advisory lock

_log = logging.getLogger("varco.keys")


class KeyNotFoundError(LookupError):
    """There is no such key, or it is gone or revoked already."""


@contextmanager
def _schedule_locked() -> Iterator[None]:
    """A transaction in which nobody else changes the schedule. SQLite's transactions begin with its write lock."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def _lifetimes() -> Lifetimes:
    return Lifetimes(settings.VARCO.key_period, settings.VARCO.key_retirement)


def ensure(origin: Origin | None = None, algorithms: Iterable[str] = ALGORITHMS) -> list[SigningKey]:
    """Make whatever keys the schedule lacks now and return the keys made; usually none. Safe to run at any time."""
    now = clock.now()
    if all(current(alg, now) and following(alg, now) for alg in algorithms):
        return []
    made: list[SigningKey] = []
    with _schedule_locked():
        for alg in algorithms:
            made += _complete(alg, now, origin or Origin())
    return made


def rotate(
    algorithms: Iterable[str] = ALGORITHMS, origin: Origin | None = None, *, reason: str = ""
) -> list[SigningKey]:
    """Let the next key of each algorithm take over now and return the keys that sign from here on.

    What the previous ones signed stays valid: they are published until `key_retirement` has passed.
    """
    now = clock.now()
    with _schedule_locked():
        for alg in algorithms:
            _complete(alg, now, origin or Origin())
            before, after = current(alg, now), following(alg, now)
            if before and after:
                _reschedule(before, times(before).retired(now, _lifetimes()))
                _reschedule(after, times(after).activated(now, _lifetimes()))
                text: dict[str, Any] = {"text": reason} if reason else {}
                record(Tag.KEY_ROTATED, origin or Origin(), kid=after.kid, alg=alg, previous=before.kid, **text)
            _complete(alg, now, origin or Origin())
    return [key for alg in algorithms if (key := current(alg, now))]


def revoke(kid: str, origin: Origin | None = None) -> SigningKey:
    """Emergency: a key is gone at once and everything it signed is worthless. The next key signs from here on.

    Raises `KeyNotFoundError`.
    """
    now = clock.now()
    with _schedule_locked():
        key = SigningKey.objects.filter(kid=kid, revoked_at=None, gone_at__gt=now).first()
        if key is None:
            raise KeyNotFoundError(kid)
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        record(Tag.KEY_REVOKED, origin or Origin(), kid=kid, alg=key.alg)
        if current(key.alg, now) is None and (after := following(key.alg, now)):
            _reschedule(after, times(after).activated(now, _lifetimes()))
        _complete(key.alg, now, origin or Origin())
    return key


def note_masters() -> None:
    """Note which master keys this process has, and which stands in front."""
    now = clock.now()
    kids = master_ids(settings.MASTER_KEYS)
    MasterKeyUse.objects.bulk_create([MasterKeyUse(kid=kid, first_seen=now) for kid in kids[1:]], ignore_conflicts=True)
    MasterKeyUse.objects.bulk_create(
        [MasterKeyUse(kid=kids[0], first_seen=now, in_front_until=now)],
        update_conflicts=True,
        unique_fields=["kid"],
        update_fields=["in_front_until"],
    )


def _complete(alg: str, now: int, origin: Origin) -> list[SigningKey]:
    """Make the active and the next key of an algorithm where they lack. Inside `_schedule_locked`."""
    missing = schedule(of_algorithm(alg, now).values()).missing(alg, now, _lifetimes())
    return [_make(alg, now, active_at, origin) for active_at in missing]


def _make(alg: str, now: int, active_at: int, origin: Origin) -> SigningKey:
    kid = f"{alg.lower()}-{secrets.token_hex(6)}"
    private = jwk.generate(alg)
    planned = new_key(kid, alg, now=now, active_at=active_at, lifetimes=_lifetimes())
    key = SigningKey.objects.create(
        kid=kid,
        alg=alg,
        public_jwk=jwk.public_jwk(private, kid, alg),
        sealed_private=sealing.seal(settings.MASTER_KEYS, PURPOSE, jwk.dump_private(private), kid.encode()),
        published_at=planned.published_at,
        active_at=planned.active_at,
        retires_at=planned.retires_at,
        gone_at=planned.gone_at,
    )
    record(Tag.KEY_CREATED, origin, kid=kid, alg=alg, active_at=active_at)
    _log.info("signing key %s made", kid, extra={"kid": kid, "alg": alg, "active_at": active_at})
    return key


def _reschedule(key: SigningKey, planned: KeyTimes) -> None:
    key.active_at, key.retires_at, key.gone_at = planned.active_at, planned.retires_at, planned.gone_at
    key.save(update_fields=["active_at", "retires_at", "gone_at"])
