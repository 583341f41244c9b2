"""When devices polled last, and how long each must wait, as this process has seen it (RFC 8628 §3.5).

A poll changes nothing but this, so it writes nothing: what a device was told to wait is judged from memory. That a device was
slowed down is written within a second, for the other processes and for the time after a restart. Where several processes
answer, each sees its own share: of the polls of one interval as many as there are processes may pass for being in time, the
next one does not, and from then on the longer interval holds in all of them.
"""

from typing import NamedTuple

import msgspec

from varco.gate.auth.token_cache import RecentlyUsed
from varco.gate.store import Database
from varco.gate.store.sql.devices import DEVICE_SLOWED
from varco.protocol.device_authorization import DeviceRecord

REMEMBERED = 20_000
"""Most devices that are remembered, of which the half that polled last is for sure: some 4 MB."""

WAITING_LIMIT = 5_000
"""Most longer intervals that wait to be written; what does not fit is known to this process alone."""


class Poll(NamedTuple):
    """The last poll of a device (epoch milliseconds), and its interval since (seconds)."""

    at: int
    interval: int


class DevicePolls:
    """The last polls that one process answered."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._polls: RecentlyUsed[int, Poll] = RecentlyUsed(REMEMBERED)
        self._slowed: dict[int, Poll] = {}

    def known(self, id_: int, stored: DeviceRecord) -> DeviceRecord:
        """A stored request with what is remembered of its polls, if that is newer."""
        poll = self._polls.get(id_)
        if poll is None:
            return stored
        return msgspec.structs.replace(
            stored, polled_at=max(stored.polled_at, poll.at), interval=max(stored.interval, poll.interval)
        )

    def note(self, id_: int, poll: Poll, *, slowed: bool) -> None:
        """Remember a poll; `slowed`: its interval grew."""
        self._polls.put(id_, poll)
        if slowed and (id_ in self._slowed or len(self._slowed) < WAITING_LIMIT):
            self._slowed[id_] = poll

    async def flush(self) -> None:
        """Write which devices were slowed down. Raises `StoreUnavailable`; it waits on, then."""
        slowed = list(self._slowed.items())
        rows = [DEVICE_SLOWED.values(id=id_, polled_at=poll.at, interval=poll.interval) for id_, poll in slowed]
        await self._database.write_many(DEVICE_SLOWED, rows)
        self._slowed = dict(self._slowed.items() - slowed)
