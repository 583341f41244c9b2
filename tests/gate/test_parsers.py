"""What the gate itself reads of untrusted bytes, fed as the protocol's parsers are: nothing comes out but a value or a refusal.

No database is asked here; whole requests through the gate are in `test_hostile.py`. What else reads foreign JSON (a
registration's keys, the demo's client file) is fed along.
"""

import asyncio
import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.support.fuzz_inputs import INPUTS, as_json, documents, relatives, text
from tests.support.protocol_records import JWKS, outcome
from varco import key_sets
from varco.gate.api import checks, conditions
from varco.gate.api.body import read_body
from varco.gate.api.patients.operations import get_patient, list_patients
from varco.gate.api.patients.schema import PatientChange, PatientFields, PatientsQuery
from varco.gate.auth.bearer import bearer_token
from varco.gate.body_timeout import BodyTimeout
from varco.gate.http import Request
from varco.key_sets import JwksError
from varco.ops.demo import client_file
from varco.ops.preflight import OperationError
from varco.ops.proxies import client_address
from varco.protocol.errors import OAuthError
from varco.protocol.jose import client_jwk, client_jwt
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.registry import jwks

LOOP = asyncio.new_event_loop()
PROXIES = (ipaddress.IPv4Network("10.0.0.0/8"), ipaddress.IPv6Network("fe80::/10"))
ADDRESS_LIMIT = 45


def request(*headers: tuple[bytes, bytes], query: bytes = b"", body: bytes = b"") -> Request:
    """A request as a server hands it over."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    scope = {
        "method": "POST", "path": "/oauth2/token", "query_string": query, "headers": list(headers), "client": ("10.0.0.1", 5),
    }  # fmt: skip
    return Request(scope, receive, BodyTimeout(1), "an id")


def _forwarded(data: bytes) -> None:
    """What comes out is an address, written in no more than the record has room for."""
    address = client_address("10.0.0.1", text(data), PROXIES)
    ipaddress.ip_address(address)
    assert len(address) <= ADDRESS_LIMIT
    assert "%" not in address


def _body(data: bytes) -> None:
    """A length that was announced, in whatever digits."""
    assert LOOP.run_until_complete(request((b"content-length", data), body=b"x").body(10)) == b"x"


def _query(data: bytes) -> None:
    found = checks.query(list_patients, data)
    assert isinstance(found, PatientsQuery)
    assert 0 <= found.offset <= 1_000_000
    assert 1 <= found.limit <= 500
    assert found.name.isprintable()


def _object_id(data: bytes) -> None:
    found = checks.object_ids(get_patient, {"tenantId": "t", "patientId": data.decode("utf-8", "replace")})
    assert 0 <= found["patientId"] < 10**18


def _json_body(data: bytes) -> None:
    """A body is of its type, or refused with the fields that are wrong."""
    for kind in (PatientFields, PatientChange):
        sent = request((b"content-type", b"application/json"), body=data)
        found = outcome(lambda sent=sent, kind=kind: LOOP.run_until_complete(read_body(sent, kind, 100_000)))  # type: ignore[misc]
        if isinstance(found, OAuthError):
            assert (found.status, bool(found.extra.get("fields"))) in {(422, True), (400, False)}
        else:
            assert isinstance(found, kind)


def _if_match(data: bytes) -> None:
    assert 0 < conditions.if_match(request((b"if-match", data))) < 10**18


def _idempotency_key(data: bytes) -> None:
    assert conditions.idempotency_key(request((b"idempotency-key", data))).isascii()


def _fetched(data: bytes) -> None:
    found = key_sets.parsed(data)
    for alg in ALGORITHMS:
        client_jwt.candidates(client_jwt.UnverifiedJwt({}, {}, alg, "", b"", b""), found)


def _registered_keys(document: Any) -> None:
    """Keys without a fault are keys that verify; none holds a private part."""
    found = jwks.public_only(document)
    if list(jwks.faults(found)):
        return
    assert not jwks.holds_secret(found)
    for key in found["keys"]:
        kinds = {"EC": ["ES256"], "OKP": ["EdDSA"], "RSA": ["RS256", "PS256"]}[key["kty"]]
        assert any(client_jwk.public_key_for({**key, "alg": alg}, alg) for alg in kinds)


BYTES: dict[str, tuple[list[bytes], Callable[[bytes], Any]]] = {
    "X-Forwarded-For": (
        [b"203.0.113.7, 10.0.0.2", b"fe80::1%eth0,fe80::2", b"[2001:db8::1]:443,10.0.0.3:80", b"::ffff:10.0.0.9"],
        _forwarded,
    ),
    "Content-Length": ([b"1", b"11", b"0"], _body),
    "bearer header": (
        [b"Bearer aaa.bbb.ccc", b"DPoP aaa.bbb.ccc"],
        lambda data: bearer_token(request((b"authorization", data), query=data)),
    ),
    "query of the API": ([b"offset=10&limit=50&name=Rossi%20Mario&fiscalCode=RSSMRA80A01H501Z"], _query),
    "body of the API": (
        [as_json({"firstName": "Anna", "lastName": "Neri", "birthDate": "1980-01-01", "sex": "F", "email": "a@b.example"})],
        _json_body,
    ),
    "If-Match": ([b'"12"', b'W/"3"'], _if_match),
    "Idempotency-Key": ([b"8e03978e-40d5-43dd-bc93-6894a57f9324"], _idempotency_key),
    "object id": ([b"123456789012345678"], _object_id),
    "fetched key set": ([as_json(JWKS)], _fetched),
    "client file": (
        [as_json({"web": {"redirect_uris": ["https://a.example/cb"], "jwks": JWKS, "jwks_uri": None, "profile": "fapi2"}})],
        lambda data: client_file.parsed(data, "clients.json"),
    ),
}  # fmt: skip


def answers(name: str, inputs: Iterable[Any], parse: Callable[[Any], Any]) -> None:
    for given in inputs:
        try:
            found = outcome(lambda given=given: parse(given))  # type: ignore[misc]
        except (JwksError, OperationError):  # how these two refuse
            continue
        except Exception as fault:
            raise AssertionError(f"{name}: {given!r}") from fault
        if isinstance(found, OAuthError):
            assert found.error.isascii()
            assert found.rule


@pytest.mark.parametrize("name", BYTES)
def test_of_any_bytes_nothing_comes_out_but_a_value_or_a_refusal(name: str) -> None:
    seeds, parse = BYTES[name]
    answers(name, relatives(seeds, name), parse)


@pytest.mark.parametrize("length", [b"11", b"9" * 5000, b"0" * 5000])
def test_a_length_announced_beyond_the_limit_is_refused_before_anything_is_read(length: bytes) -> None:
    with pytest.raises(OAuthError) as caught:
        request((b"content-length", length)).body(10).send(None)
    assert caught.value.status == 413


def test_keys_that_can_be_registered_are_public_keys_that_verify() -> None:
    answers("registered keys", documents(JWKS, "registered keys", INPUTS // 10), _registered_keys)
