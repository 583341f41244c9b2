"""Walking the chains of an installation: what `varco audit verify` asks."""

from collections.abc import Iterator

from varco.audit import queries
from varco.audit.chain_key import chain_key
from varco.chains import verifying
from varco.chains.heads import Head
from varco.chains.verifying import Verdict
from varco.proof import heads, streams
from varco.tenants.models import Tenant


def verify(tenant: Tenant | None = None, kept: str = "") -> Iterator[Verdict]:
    """Walk every stream, or that of one clinic, and tell what was found. Raises `SealError` without the chain key.

    `kept` is a head (JWS) that was kept outside: its stream must still have that place as it was.
    """
    key, proof = chain_key(), heads.verifier()
    outside = heads.claims_of(kept, proof) if kept else None
    for kind, stream in list(streams.known()):
        if tenant and stream != streams.stream_of(tenant):
            continue
        signed = heads.checked(queries.heads(stream), proof)
        if outside and outside.stream == stream:
            signed.append(Head(outside.seq, bytes.fromhex(outside.digest)))
        yield verifying.verify(kind, stream, key, signed)
