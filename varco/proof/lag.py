"""Whether the chains keep up with what is recorded: until a row is linked, nobody would notice that it was changed."""

from dataclasses import dataclass

from varco import clock
from varco.audit.chain_key import chain_key
from varco.chains import lagging
from varco.proof import streams

LATE = 120
"""Seconds after which a row without a place is late; linking comes every two."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How linking stands in one database: `seconds` that its oldest row without a place is old, `altered` ends, by stream."""

    alias: str
    seconds: int
    altered: list[str]

    @property
    def late(self) -> bool:
        """Whether linking lags or has stopped."""
        return self.seconds > LATE


def lags(*, waiting_only: bool = False) -> list[Lag]:
    """How it stands in each database. With `waiting_only` only the ends that rows wait for are proven, which is quicker.

    Raises `SealError` if the key of the digests does not open.
    """
    found = []
    for kind in streams.KINDS:
        oldest = lagging.oldest_unlinked(kind)
        seconds = 0 if oldest is None else max(0, (clock.now_ms() - oldest) // 1000)
        found.append(Lag(kind.alias, seconds, lagging.altered_ends(kind, chain_key, waiting_only=waiting_only)))
    return found
