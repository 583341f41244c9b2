"""What the upkeep does for the chains: link what was committed, sign heads once a day, remove what is over. Safe in any number of processes."""

import functools
import time

from django.conf import settings

from varco import clock
from varco.audit import services
from varco.audit.chain_key import chain_key
from varco.audit.models import ChainHead
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.chains import cutting, linking
from varco.chains.kinds import ChainedKind
from varco.proof import heads, streams

LINK_SECONDS = 1.5
"""How long one round of linking goes on where there is much; the rest of the upkeep waits for it."""

_DAY = 86400
_MONTH_MS = 2_629_746_000  # a twelfth of a mean year


def link_rows(seconds: float = LINK_SECONDS) -> int:
    """Link what is committed and not linked, until nothing is left or the time is over; return how many rows."""
    deadline, total = time.monotonic() + seconds, 0
    key = b""
    for kind in streams.KINDS:
        while kind.unlinked().exists():
            key = key or chain_key()
            number = linking.link(kind, key)
            total += number
            if number < linking.BATCH or time.monotonic() > deadline:
                break
    return total


def sign_daily() -> list[ChainHead]:
    """Sign the ends of all streams that went on, once a day (UTC)."""
    now = clock.now()
    return heads.sign_ends(ChainHead.Kind.DAILY, streams.KINDS, since=now - now % _DAY)


def sign_now() -> list[ChainHead]:
    """Link everything and sign the ends of all streams that went on."""
    link_rows(seconds=60)
    return heads.sign_ends(ChainHead.Kind.DEMAND, streams.KINDS)


def remove_old() -> dict[str, int]:
    """Remove what is kept no longer, and return how many rows went, by stream."""
    removed = {}
    for kind in streams.KINDS:
        oldest = clock.now_ms() - months_kept(kind) * _MONTH_MS
        if not kind.records().filter(at__lt=oldest).exists():
            continue
        for stream in kind.states().values_list("stream", flat=True):
            if number := cutting.cut(kind, stream, oldest, functools.partial(_sign_cut, stream)):
                removed[stream] = number
                record(Tag.RECORDS_REMOVED, Origin(), stream=stream, rows=number)
    return removed


def _sign_cut(stream: str, seq: int, digest: bytes) -> None:
    heads.sign(stream, seq, digest, ChainHead.Kind.CUT)


def months_kept(kind: ChainedKind) -> int:
    """For how long the rows of a table are kept."""
    return int(settings.VARCO.access_months if kind.field else settings.VARCO.event_months)


def forget_heads_beyond() -> int:
    """After a restore: take out the heads of places that no chain reaches, and return how many.

    The clinics' databases are copied before the platform's, so a head may have been signed in between. What was kept outside tells of it.
    """
    return sum(services.remove_heads(state.stream, state.seq) for kind in streams.KINDS for state in kind.states())


def tend_chains() -> None:
    """Sign what is due and remove what is over."""
    sign_daily()
    remove_old()
