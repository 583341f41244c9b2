"""The signing keys in force: which signs now, which verify, and the published JWKS (RFC 7517)."""

import logging
from typing import Any

import msgspec

from varco import sealing
from varco.gate.http import encode_json
from varco.gate.store import Database
from varco.gate.store.sql.keys import SIGNING_KEYS, SigningKeyRow
from varco.protocol.access_token import ACCESS_TYP
from varco.protocol.id_token import ID_TYP
from varco.protocol.jose import jwk
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.protocol.jose.key_schedule import KeySchedule, KeyTimes
from varco.protocol.jose.own_jwt import PrivateKey, Signer, VerificationKey, Verifier
from varco.protocol.signals.events import SET_TYP
from varco.protocol.userinfo import USERINFO_TYP

logger = logging.getLogger("varco.gate")

REREAD_MS = 1000
"""Tokens with an unknown header make the gate look for new keys at most this often."""


class _Key(msgspec.Struct, frozen=True):
    """A key as loaded: its times, its private half, and its public JWK."""

    times: KeyTimes
    private: PrivateKey
    public: dict[str, Any]
    sealed: bytes


class Keyring:
    """Read by `refresh` from time to time, and arranged anew whenever a key changes its phase.

    `generation` grows when a key verifies no more: what was remembered of its signatures is worthless from then on.
    """

    def __init__(self, database: Database, masters: tuple[bytes, ...], access_alg: str) -> None:
        self._database = database
        self._masters = masters
        self._access_alg = access_alg
        self._loaded: dict[str, _Key] = {}
        self._signers: dict[tuple[str, str], Signer] = {}
        self._verifier = Verifier(())
        self._verifying: frozenset[str] = frozenset()
        self.generation = 0
        self.unopened: frozenset[str] = (
            frozenset()
        )  # keys in force whose private part no master key of ours opens any more
        self._jwks = b'{"keys":[]}'
        self._algorithms: tuple[str, ...] = ()
        self._rearrange_at = 0
        self._reread_ms = 0

    @property
    def ready(self) -> bool:
        """Whether access tokens can be signed."""
        return (self._access_alg, ACCESS_TYP) in self._signers

    async def refresh(self, now_ms: int) -> None:
        """Read the keys. Raises `StoreUnavailable`; the keys known before then stay in force."""
        self._reread_ms = now_ms
        rows = await self._database.all(SIGNING_KEYS(now=now_ms // 1000))
        loaded: dict[str, _Key] = {}
        unopened = set()
        for row in rows:
            key = self._load(row)
            if key is not None:
                loaded[key.times.kid] = key
            if key is None or key.sealed != row.sealed_private:
                unopened.add(row.kid)
        self.unopened = frozenset(unopened)
        if loaded.keys() != self._loaded.keys() or any(
            loaded[kid].times != key.times for kid, key in self._loaded.items()
        ):
            self._loaded = loaded
            self._arrange(now_ms // 1000)

    def _load(self, row: SigningKeyRow) -> _Key | None:
        times = KeyTimes(
            kid=row.kid,
            alg=row.alg,
            published_at=row.published_at,
            active_at=row.active_at,
            retires_at=row.retires_at,
            gone_at=row.gone_at,
        )
        known = self._loaded.get(times.kid)
        if known is not None and known.sealed == row.sealed_private:
            return _Key(times, known.private, known.public, known.sealed)
        try:
            der = sealing.open_sealed(self._masters, "signing-key", row.sealed_private, times.kid.encode())
            return _Key(times, jwk.load_private(der), msgspec.json.decode(row.public_jwk), row.sealed_private)
        except ValueError as fault:
            logger.error("signing key %s cannot be used: %s", times.kid, fault)
            # One that was read before is as good as ever, until this process ends.
            return _Key(times, known.private, known.public, known.sealed) if known else None

    def _arrange(self, now: int) -> None:
        """Decide by the schedule what every key does from now on, until the next date in it."""
        schedule = KeySchedule(key.times for key in self._loaded.values())
        self._signers = {}
        for alg in ALGORITHMS:
            times = schedule.signer(alg, now)
            if times is not None:
                for typ in (ACCESS_TYP, ID_TYP, USERINFO_TYP, SET_TYP):
                    self._signers[alg, typ] = Signer(times.kid, alg, self._loaded[times.kid].private, typ)
        verifying = [
            VerificationKey(key.times.kid, key.times.alg, key.private.public_key(), ACCESS_TYP)
            for key in self._loaded.values()
            if key.times in schedule.verifying(now)
        ]
        self._verifier = Verifier(verifying)
        verifiers = frozenset(key.kid for key in verifying)
        if self._verifying - verifiers:
            self.generation += 1
        self._verifying = verifiers
        published = schedule.published(now)
        self._jwks = encode_json({"keys": [self._loaded[times.kid].public for times in published]})
        self._algorithms = tuple(alg for alg in ALGORITHMS if (alg, ID_TYP) in self._signers)
        self._rearrange_at = schedule.next_change(now) or 1 << 62

    def _rearrange_if_due(self, now: int) -> None:
        if now >= self._rearrange_at:
            self._arrange(now)

    def signer(self, alg: str, typ: str, now: int) -> Signer | None:
        """The key that signs tokens of a type now."""
        self._rearrange_if_due(now)
        return self._signers.get((alg, typ))

    def jwks(self, now: int) -> bytes:
        """The published keys, as JSON."""
        self._rearrange_if_due(now)
        return self._jwks

    def algorithms(self, now: int) -> tuple[str, ...]:
        """The algorithms that clients can choose for what is signed for them now."""
        self._rearrange_if_due(now)
        return self._algorithms

    async def verify(self, token: str, now_ms: int) -> bytes:
        """The payload of an access token of ours. Raises `OAuthError` (invalid_token, 401).

        A header that is not known may be that of a key made a moment ago: look, but not for every piece of garbage.
        """
        self._rearrange_if_due(now_ms // 1000)
        if not self._verifier.knows(token) and now_ms - self._reread_ms >= REREAD_MS:
            await self.refresh(now_ms)
        return self._verifier.verify(token)
