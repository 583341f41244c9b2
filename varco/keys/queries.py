"""Reading signing keys: which signs, which comes next, what verifies."""

from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.db.models import QuerySet

from varco import clock, sealing
from varco.keys.models import MasterKeyUse, SigningKey
from varco.protocol.credentials import key_id
from varco.protocol.jose import jwk
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.protocol.jose.key_schedule import KeySchedule, KeyTimes
from varco.protocol.jose.own_jwt import Signer, VerificationKey
from varco.sealed_rows import Part, SealedKind

PURPOSE = "signing-key"
"""What private parts are sealed for: no other sealed text opens as one."""

NOTED_EVERY = 120
"""Seconds within which a running server surely notes its master keys again."""


def times(key: SigningKey) -> KeyTimes:
    """The times of a row, as the schedule's arithmetic takes them."""
    return KeyTimes(
        kid=key.kid,
        alg=key.alg,
        published_at=key.published_at,
        active_at=key.active_at,
        retires_at=key.retires_at,
        gone_at=key.gone_at,
        revoked_at=key.revoked_at,
    )


def state(key: SigningKey, now: int) -> str:
    """The phase of a key, or `revoked`; for people."""
    return "revoked" if key.revoked_at is not None else times(key).phase(now).value


def everything() -> QuerySet[SigningKey]:
    """Every key there ever was, by algorithm and time."""
    return SigningKey.objects.order_by("alg", "active_at", "kid")


def newest() -> QuerySet[SigningKey]:
    """The same, those that are gone last."""
    return SigningKey.objects.order_by("-gone_at", "alg", "kid")


def schedule(keys: Iterable[SigningKey]) -> KeySchedule:
    """The schedule of some rows."""
    return KeySchedule(map(times, keys))


def of_algorithm(alg: str, now: int) -> dict[str, SigningKey]:
    """The keys of an algorithm that are not gone at `now` (epoch seconds), by `kid`."""
    return {key.kid: key for key in SigningKey.objects.filter(alg=alg, gone_at__gt=now)}


def current(alg: str, now: int) -> SigningKey | None:
    """The key of an algorithm that signs at `now`."""
    rows = of_algorithm(alg, now)
    found = schedule(rows.values()).signer(alg, now)
    return rows[found.kid] if found else None


def following(alg: str, now: int) -> SigningKey | None:
    """The published key of an algorithm that signs next."""
    rows = of_algorithm(alg, now)
    found = schedule(rows.values()).successor(alg, now)
    return rows[found.kid] if found else None


def signer(alg: str, typ: str, now: int) -> Signer | None:
    """The signer of tokens of a type at `now`; None while there is no key of the algorithm."""
    key = current(alg, now)
    return Signer(key.kid, alg, jwk.load_private(_private_der(key)), typ) if key else None


def verification_keys(typ: str, now: int) -> Iterable[VerificationKey]:
    """The keys of every token of ours of a type that may still be good at `now`."""
    rows = _living(now).values_list("kid", "alg", "public_jwk")
    return (VerificationKey(kid, alg, jwk.load_public(members), typ) for kid, alg, members in rows)


def _replace(key: SigningKey, sealed: Sequence[bytes]) -> None:
    (key.sealed_private,) = sealed


SEALED = SealedKind(
    "signing keys",
    PURPOSE,
    ("sealed_private",),
    lambda: _living(clock.now()),
    lambda key: [Part(bytes(key.sealed_private), key.kid.encode())],
    _replace,
)
"""The private parts."""


def master_ids(masters: tuple[bytes, ...]) -> list[str]:
    """The public names of master keys: what stands in the refresh tokens that they sign."""
    return [key_id(sealing.derive(master, "refresh-token")) for master in masters]


def in_front(uses: Mapping[str, MasterKeyUse], kid: str) -> int | None:
    """Until when (epoch seconds) a master key may have signed and sealed; None for one that never stood in front.

    A key that was there when the first note was taken may have stood in front before.
    """
    began = min((use.first_seen for use in uses.values()), default=clock.now())
    use = uses.get(kid)
    if use is None:
        return began
    if use.in_front_until is not None:
        return use.in_front_until + NOTED_EVERY
    return None if use.first_seen > began else began


def master_uses() -> dict[str, MasterKeyUse]:
    """What was noted of each master key, by its public name."""
    return {use.kid: use for use in MasterKeyUse.objects.all()}


def unsigned(now: int) -> list[str]:
    """The algorithms that nothing could be signed with at `now`."""
    return [alg for alg in ALGORITHMS if current(alg, now) is None]


def _living(now: int) -> QuerySet[SigningKey]:
    return SigningKey.objects.filter(gone_at__gt=now, revoked_at=None)


def _private_der(key: SigningKey) -> bytes:
    """The private part, PKCS#8. Raises `SealError`."""
    return sealing.open_sealed(settings.MASTER_KEYS, PURPOSE, bytes(key.sealed_private), key.kid.encode())


def every_verification_key(alg: str, typ: str) -> Iterable[VerificationKey]:
    """Every key of an algorithm that was not revoked, those that are gone too: for signatures that are to last."""
    rows = SigningKey.objects.filter(alg=alg, revoked_at=None).values_list("kid", "alg", "public_jwk")
    return (VerificationKey(kid, name, jwk.load_public(members), typ) for kid, name, members in rows)
