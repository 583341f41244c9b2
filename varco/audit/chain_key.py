"""The key of all chains' digests: made once, sealed under the master key, and needed for as long as there are rows to be proven."""

import secrets
from collections.abc import Sequence

from django.conf import settings
from django.db import connection, transaction

from varco import sealing
from varco.audit.models import ChainKey
from varco.sealed_rows import Part, SealedKind

PURPOSE = "audit-chain"
"""What it is sealed for: no other sealed text opens as one."""

_ONLY = 1
_LOCK = 0x5641_5243_4F43  # "VARCOC", a PostgreSQL advisory lock


def _replace(row: ChainKey, sealed: Sequence[bytes]) -> None:
    (row.sealed,) = sealed


SEALED = SealedKind(
    "chain keys",
    PURPOSE,
    ("sealed",),
    ChainKey.objects.all,
    lambda row: [Part(bytes(row.sealed), b"%d" % row.pk)],
    _replace,
)
"""The one row."""


def chain_key() -> bytes:
    """The key, made if there is none. Raises `SealError` if it opens under none of the master keys."""
    row = ChainKey.objects.filter(pk=_ONLY).first() or _made()
    return sealing.open_sealed(settings.MASTER_KEYS, PURPOSE, bytes(row.sealed), b"%d" % row.pk)


def _made() -> ChainKey:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        sealed = sealing.seal(settings.MASTER_KEYS, PURPOSE, secrets.token_bytes(32), b"%d" % _ONLY)
        return ChainKey.objects.get_or_create(pk=_ONLY, defaults={"sealed": sealed})[0]
