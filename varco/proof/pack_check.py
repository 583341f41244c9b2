"""Checking a pack, without any database: its digest, its number of rows, and its signature by one of the keys of a JWKS (RFC 7517)."""

import hashlib
from collections.abc import Iterable
from typing import Any, BinaryIO

import msgspec

from varco.proof.formats import ALGORITHM, PACK, PackClaims
from varco.protocol.errors import OAuthError
from varco.protocol.jose import jwk
from varco.protocol.jose.own_jwt import VerificationKey, Verifier


class BadPackError(Exception):
    """The file is not what was signed."""


class _Last(msgspec.Struct, frozen=True):
    rows: int
    sha256: str
    jws: str


def keys_of(jwks: bytes) -> Iterable[VerificationKey]:
    """The keys of a JWKS that may have signed a pack. Raises `BadPackError`."""
    try:
        members: list[dict[str, Any]] = msgspec.json.decode(jwks)["keys"]
        return [
            VerificationKey(key["kid"], ALGORITHM, jwk.load_public(key), PACK)
            for key in members
            if key["alg"] == ALGORITHM
        ]
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as fault:
        raise BadPackError("the file with the keys is no JWKS") from fault


def check(file: BinaryIO, keys: Iterable[VerificationKey]) -> PackClaims:
    """Read a pack to its end and return what was signed. Raises `BadPackError` with what is wrong."""
    digest, lines = hashlib.sha256(), 0
    last = b""
    for line in file:
        if last:
            digest.update(last)
            lines += 1
        last = line
    try:
        said = msgspec.json.decode(last, type=_Last)
    except msgspec.DecodeError as fault:
        raise BadPackError("its last line is no signature: the end is missing") from fault
    try:
        claims = msgspec.json.decode(Verifier(keys).verify(said.jws), type=PackClaims)
    except (OAuthError, msgspec.DecodeError) as fault:
        raise BadPackError("it is signed by none of the keys") from fault
    if claims.sha256 != digest.hexdigest() or claims.rows != lines - 1:
        raise BadPackError("its rows are not those that were signed")
    return claims
