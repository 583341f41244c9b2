"""What every endpoint of one running gate shares, and the background work that keeps it current."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from varco import catalog, sealing
from varco.config import Settings
from varco.gate.answer_times import AnswerTimes
from varco.gate.audit import AccessRecords, WriteAudit
from varco.gate.auth.client_cache import ClientCache
from varco.gate.auth.device_polls import DevicePolls
from varco.gate.auth.jwks_fetch import KeySets
from varco.gate.auth.keyring import Keyring
from varco.gate.auth.token_cache import AccessTokenCache
from varco.gate.cors import Origins
from varco.gate.deprecated_uses import DeprecatedUses
from varco.gate.master_keys import MasterKeys
from varco.gate.rate_limit import RateLimits
from varco.gate.refusal_log import RefusalLog
from varco.gate.shared_rate_limit import SharedRateLimits
from varco.gate.store import StatementError, Stores, StoreUnavailable
from varco.gate.store.sql.clients import SECRET_USED
from varco.network import place
from varco.paging import Positions
from varco.protocol import device_authorization
from varco.protocol.refresh_token import RefreshTokenCodec

if TYPE_CHECKING:
    from varco.gate.rate_store import RateSharing

logger = logging.getLogger("varco.gate")

TICK = 1.0
"""Seconds between two rounds of background writing."""

REFRESH_TICKS = 5
"""Rounds between two readings of keys and origins."""


def _rate_limits(settings: Settings) -> "tuple[RateLimits, RateSharing | None]":
    """Limits that count here alone, or what tells them to others, too."""
    if not settings.rate_limit_store:
        return RateLimits(settings.rate_share, settings.rate_window), None
    from varco.gate.rate_store import RateSharing, RateStore  # the client of Redis costs its memory only where one is

    parts = settings.workers * settings.rate_limit_shares
    limits = SharedRateLimits(settings.rate_limit, settings.rate_window, settings.rate_share, parts)
    return limits, RateSharing(limits, RateStore(settings.rate_limit_store, settings.issuer, settings.rate_window))


class GateContext:
    """Settings, stores, clients, keys, limits, records and clock of one gate."""

    def __init__(
        self,
        settings: Settings,
        masters: tuple[bytes, ...],
        clock_ms: Callable[[], int],
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.settings = settings
        self.now_ms = clock_ms
        self.masters = masters
        self.stopping = stopping
        self.catalog = catalog.load(settings.catalog)
        self.refresh_tokens = RefreshTokenCodec([sealing.derive(master, "refresh-token") for master in masters])
        self.positions = Positions(masters)
        self.user_code_key = sealing.derive(masters[0], device_authorization.USER_CODE_KEY)
        self.nonce_keys = [sealing.derive(master, "dpop-nonce") for master in masters]
        self.stores = Stores(settings)
        self.platform = self.stores.platform
        self.clients = ClientCache(self.platform)
        self.master_keys = MasterKeys(self.platform, masters)
        self.keyring = Keyring(self.platform, masters, settings.access_token_alg)
        self.access_tokens = AccessTokenCache(self.keyring, settings.token_cache * 1024 * 1024)
        self.origins = Origins(self.platform)
        self.key_sets = KeySets(private_allowed=settings.demo)
        self.rate_limits, self._rate_sharing = _rate_limits(settings)
        self.refusal_log = RefusalLog(self.platform, self.clients)
        self.deprecated_uses = DeprecatedUses(self.platform)
        self.answer_times = AnswerTimes(self.platform)
        self.device_polls = DevicePolls(self.platform)
        self.access_records = AccessRecords(self.stores.clinics)
        self.write_audit = WriteAudit(self.platform, self.stores.clinics.values())
        self.roll_back_told_ms = 0  # when the log was told last that the database was restored
        self._secrets_used: dict[int, tuple[int, str]] = {}
        self._background: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    def secret_used(self, secret_id: int, now: int, ip: str) -> None:
        """Note that a secret served (epoch seconds), and whom; written later, once for many uses."""
        self._secrets_used[secret_id] = (now, ip)

    async def start(self) -> None:
        """Open the stores and begin the background work. A store that is away, or not migrated, makes it unready, not dead."""
        await self.stores.open()
        await self._round(reading=True)
        if self._rate_sharing:
            await self._rate_sharing.start()
        self._background = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """End the background work, write everything that waits, close."""
        if self._background:
            self._background.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._background
        await self._round(reading=False, last=True)
        if self._rate_sharing:
            await self._rate_sharing.stop()
        self.key_sets.close()
        await self.stores.close()

    async def _work(self) -> None:
        rounds = 0
        while True:
            await asyncio.sleep(TICK)
            rounds += 1
            try:
                await self._round(reading=rounds % REFRESH_TICKS == 0)
            except Exception:
                logger.exception("background work failed; it is tried again")

    async def _round(self, *, reading: bool, last: bool = False) -> None:
        try:
            if reading:
                await self.keyring.refresh(self.now_ms())
                await self.origins.refresh(self.now_ms())
                await self.master_keys.note(self.now_ms() // 1000)
            await self.flush(last=last)
        except StoreUnavailable as away:
            logger.warning("background work waits for the database: %s", away)
        except StatementError:
            logger.exception("background work failed; it is tried again")

    async def flush(self, *, last: bool = True) -> None:
        """Write what waits to be written, and if it is the `last` time what could wait longer. Raises `StoreUnavailable`; it waits on, then."""
        async with self._writing:  # two at once would write the same rows
            await self.refusal_log.flush(self.now_ms())
            await self.device_polls.flush()
            await self.deprecated_uses.flush()
            await self.answer_times.flush(self.now_ms(), last=last)
            used = list(self._secrets_used.items())
            rows = [SECRET_USED.values(id=id_, now=now, place=place(ip)) for id_, (now, ip) in used]
            await self.platform.write_many(SECRET_USED, rows)
            self._secrets_used = dict(self._secrets_used.items() - used)
            await self.write_audit.flush()

    async def faults(self) -> dict[str, str]:
        """Why this gate is not ready to serve, by what is at fault; empty when it is (`/readyz`)."""
        found = await self.stores.faults()
        if not found and not self.keyring.ready:
            with contextlib.suppress(StoreUnavailable):
                await self.keyring.refresh(self.now_ms())
            if not self.keyring.ready:
                found["keys"] = "no active signing key; run `varco keys`"
        if not found and self.keyring.unopened:
            found["keys"] = (
                "signing keys are sealed under a master key that is not set here; run `varco keys master --status`"
            )
        if not found:
            with contextlib.suppress(StoreUnavailable):
                if not await self.master_keys.open_factors():
                    found["factors"] = "no second factor opens under the master keys; run `varco keys master --status`"
        return found
