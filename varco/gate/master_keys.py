"""What a gate says and sees of its master keys: it notes that it has them, and looks whether they open second factors."""

import base64
import time

import msgspec

from varco import sealing
from varco.gate.store import Database
from varco.gate.store.sql.keys import NOTE_MASTER_KEY, SEALED_FACTORS
from varco.protocol.credentials import key_id

NOTE_EVERY = 60.0
"""Seconds between two notes."""

LOOK_EVERY = 30.0
"""Seconds between two looks at second factors, while some open."""


class _Secrets(msgspec.Struct, frozen=True):
    secret: str = ""
    seed: str = ""


class MasterKeys:
    """The master keys of this process, the first of which signs and seals."""

    def __init__(self, database: Database, masters: tuple[bytes, ...]) -> None:
        self._database = database
        self._masters = masters
        self._kids = [key_id(sealing.derive(master, "refresh-token")) for master in masters]
        self._noted = float("-inf")
        self._looked = float("-inf")

    async def note(self, now: int) -> None:
        """Note the keys, from time to time. Raises `StoreUnavailable`."""
        if time.monotonic() < self._noted + NOTE_EVERY:
            return
        for place, kid in enumerate(self._kids):
            await self._database.write(NOTE_MASTER_KEY(kid=kid, now=now, in_front=None if place else now))
        self._noted = time.monotonic()

    async def open_factors(self) -> bool:
        """Whether second factors open: of some, at least one, or there are none. Raises `StoreUnavailable`.

        One that does not open is its person's trouble; where none does, the keys are those of another installation, or one
        was taken away too early, and nobody with a second factor could sign in.
        """
        if time.monotonic() < self._looked + LOOK_EVERY:
            return True
        rows = await self._database.all(SEALED_FACTORS())
        if rows and not any(self._opens(row.data) for row in rows):
            return False
        self._looked = time.monotonic()
        return True

    def _opens(self, data: str) -> bool:
        kept = msgspec.json.decode(data, type=_Secrets)
        stored = kept.secret or kept.seed
        try:
            sealed = base64.urlsafe_b64decode(stored)
        except ValueError:
            return False
        return not stored or sealing.opened_by(self._masters, "second-factor", sealed) is not None
