"""The schedule of signing keys: which one is published, signs and verifies when, and which one has to be made.

A key goes `planned → next → active → retiring → gone`. It is published a whole period before it signs, so that whoever
keeps the JWKS knows it when its first token comes, and so that an emergency revocation can hand over at once to a key that
is known already. After its last token it stays published for the retirement, so that what it signed can be verified.

All times are epoch seconds.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import msgspec


class Phase(StrEnum):
    """Where a key stands in its life."""

    PLANNED = "planned"
    NEXT = "next"
    ACTIVE = "active"
    RETIRING = "retiring"
    GONE = "gone"


class Lifetimes(NamedTuple):
    """Seconds a key signs (`period`), and seconds it stays published afterwards (`retirement`)."""

    period: int
    retirement: int


class KeyTimes(msgspec.Struct, frozen=True, kw_only=True):
    """When one key is published, signs and goes."""

    kid: str
    alg: str
    published_at: int
    active_at: int
    retires_at: int
    gone_at: int
    revoked_at: int | None = None

    def phase(self, now: int) -> Phase:
        """The phase of the key at a time; a revoked key is gone at once."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return Phase.GONE
        for phase, until in (
            (Phase.PLANNED, self.published_at),
            (Phase.NEXT, self.active_at),
            (Phase.ACTIVE, self.retires_at),
            (Phase.RETIRING, self.gone_at),
        ):
            if now < until:
                return phase
        return Phase.GONE

    def activated(self, now: int, lifetimes: Lifetimes) -> "KeyTimes":
        """The times of a key that signs from now on for a full period, earlier than planned."""
        return msgspec.structs.replace(
            self,
            active_at=now,
            retires_at=now + lifetimes.period,
            gone_at=now + lifetimes.period + lifetimes.retirement,
        )

    def retired(self, now: int, lifetimes: Lifetimes) -> "KeyTimes":
        """The times of a key that signs no more from now on."""
        return msgspec.structs.replace(self, retires_at=now, gone_at=now + lifetimes.retirement)


def new_key(kid: str, alg: str, *, now: int, active_at: int, lifetimes: Lifetimes) -> KeyTimes:
    """The times of a key made now: published at once, signing from `active_at`."""
    unscheduled = KeyTimes(kid=kid, alg=alg, published_at=now, active_at=0, retires_at=0, gone_at=0)
    return unscheduled.activated(active_at, lifetimes)


class KeySchedule:
    """The keys of a server and what each may do at a time."""

    __slots__ = ("keys",)

    def __init__(self, keys: Iterable[KeyTimes]) -> None:
        self.keys = tuple(keys)

    def published(self, now: int) -> list[KeyTimes]:
        """The keys of the JWKS: before use, so that caches know it in time, and until its last token has expired."""
        return [key for key in self.keys if key.phase(now) in {Phase.NEXT, Phase.ACTIVE, Phase.RETIRING}]

    def verifying(self, now: int) -> list[KeyTimes]:
        """The keys that may have signed a token that is still valid. `next` too: another machine's clock may be ahead."""
        return self.published(now)

    def signer(self, alg: str, now: int) -> KeyTimes | None:
        """The key that signs: of the active ones of this algorithm the latest. None if there is none."""
        active = [key for key in self.keys if key.alg == alg and key.phase(now) is Phase.ACTIVE]
        return max(active, key=lambda key: (key.active_at, key.kid), default=None)

    def successor(self, alg: str, now: int) -> KeyTimes | None:
        """The published key of this algorithm that signs next. None if there is none."""
        planned = [key for key in self.keys if key.alg == alg and key.phase(now) is Phase.NEXT]
        return min(planned, key=lambda key: (key.active_at, key.kid), default=None)

    def missing(self, alg: str, now: int, lifetimes: Lifetimes) -> list[int]:
        """When each key that has to be made now begins to sign: usually none, at first the signer and its successor."""
        signer = self.signer(alg, now)
        # No signer: the first key of all, or the calendar slept through a whole period. There is nobody to wait for.
        activations = [] if signer else [now]
        if self.successor(alg, now) is None:
            activations.append(signer.retires_at if signer else now + lifetimes.period)
        return activations

    def next_change(self, now: int) -> int | None:
        """The next time at which a key changes its phase. None if none ever does."""
        times = (time for key in self.keys for time in (key.published_at, key.active_at, key.retires_at, key.gone_at))
        return min((time for time in times if time > now), default=None)
