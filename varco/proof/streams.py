"""Every table of chained rows, and the name of every stream."""

from collections.abc import Iterator

from varco.audit.queries import EVENTS
from varco.chains import verifying
from varco.chains.kinds import ChainedKind
from varco.clinical.access import chain
from varco.databases import CLINIC_ALIASES
from varco.tenants.models import Tenant

KINDS = (EVENTS, *(chain.kind(alias) for alias in CLINIC_ALIASES))
"""Events of the platform, and the access records of each clinical database."""


def stream_of(tenant: Tenant) -> str:
    """The stream of a clinic's access records."""
    return f"{tenant.database}:{tenant.public_id}"


def kind_of(stream: str) -> ChainedKind | None:
    """The table that a stream stands in."""
    return next((kind for kind in KINDS if kind.has(stream)), None)


def known() -> Iterator[tuple[ChainedKind, str]]:
    """Every stream that there is a row, an end or a head of."""
    from varco.audit.queries import heads

    signed = set(heads().values_list("stream", flat=True))
    for kind in KINDS:
        yield from (
            (kind, stream) for stream in sorted(verifying.streams(kind) | {name for name in signed if kind.has(name)})
        )
