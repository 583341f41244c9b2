"""Signing the places of chains with the platform's key, and proving such signatures.

A head is a JWS (RFC 7515) that anybody verifies with the published keys. Each is told to the log `varco.audit` too: what is kept of it
outside is a proof that nobody takes back who has the databases.
"""

import logging
from collections.abc import Iterable

import msgspec
from django.conf import settings

from varco import clock
from varco.audit import queries, services
from varco.audit.models import ChainHead
from varco.chains.heads import Head
from varco.chains.kinds import ChainedKind
from varco.keys import queries as keys
from varco.proof.formats import ALGORITHM, HEAD, HeadClaims
from varco.protocol.errors import OAuthError
from varco.protocol.jose.own_jwt import Verifier

_SOME = 500  # streams that are asked for at once

_log = logging.getLogger("varco.audit")


class NoKeyError(Exception):
    """There is no key to sign with; `varco keys ensure` makes one."""


def sign(stream: str, seq: int, digest: bytes, kind: ChainHead.Kind) -> ChainHead:
    """Sign a place of a stream, keep it and tell it to the log. Raises `NoKeyError`."""
    now = clock.now()
    signer = keys.signer(ALGORITHM, HEAD, now)
    if signer is None:
        raise NoKeyError
    claims = HeadClaims(settings.VARCO.issuer, now, stream, seq, digest.hex(), str(kind.value))
    jws = signer.sign(msgspec.json.encode(claims))
    head = ChainHead(stream=stream, seq=seq, digest=digest, kind=kind, at=now, kid=signer.kid, jws=jws)
    services.keep_head(head)
    if not settings.VARCO.demo:  # nobody keeps a demo's log elsewhere
        _log.info("head of %s at %s", stream, seq, extra={"stream": stream, "seq": seq, "head": jws})
    return head


def verifier() -> Verifier:
    """What heads are verified with: every key there ever was, but for revoked ones."""
    return Verifier(keys.every_verification_key(ALGORITHM, HEAD))


def checked(rows: Iterable[ChainHead], proof: Verifier) -> list[Head]:
    """The heads as the walk needs them, each with what is wrong with its signature."""
    return [Head(row.seq, bytes(row.digest), row.kind == ChainHead.Kind.CUT, _fault(row, proof)) for row in rows]


def claims_of(jws: str, proof: Verifier) -> HeadClaims | None:
    """What a head says, if one of the keys signed it."""
    try:
        return msgspec.json.decode(proof.verify(jws), type=HeadClaims)
    except (OAuthError, msgspec.DecodeError):
        return None


def _fault(row: ChainHead, proof: Verifier) -> str:
    claims = claims_of(row.jws, proof)
    if claims is None:
        return "its signature is not one of ours, or of a revoked key"
    said = (claims.stream, claims.seq, claims.digest, claims.kind)
    return "" if said == (row.stream, row.seq, bytes(row.digest).hex(), row.kind) else "it does not say what was signed"


def sign_ends(kind: ChainHead.Kind, kinds: Iterable[ChainedKind], since: int = 0) -> list[ChainHead]:
    """Sign the end of every stream that went on since its last head, where that is older than a moment (epoch seconds)."""
    done = queries.streams_signed(since) if since else set()
    made = []
    for chained in kinds:
        states = [state for state in chained.states() if state.stream not in done]
        for some in (states[at : at + _SOME] for at in range(0, len(states), _SOME)):
            last = queries.last_signed([state.stream for state in some])
            made += [
                sign(state.stream, state.seq, bytes(state.digest), kind)
                for state in some
                if state.seq > last.get(state.stream, 0)
            ]
    return made
