"""Every parser of untrusted bytes, fed with broken relatives of good input: nothing comes out but a value or a refusal.

Seeded, so a failure repeats; VARCO_TEST_FUZZ=100000 sets the number of inputs for each parser.
"""

import base64
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.protocol import test_assertion, test_dpop, test_jws, test_logout
from tests.protocol.cast import API, CALLBACK, CLIENT_ID, DEEP, KEYS, VERIFIER, client, outcome, query
from tests.protocol.test_authorize import CATALOG, asked
from varco.protocol import authorize, base64url, claims, device, dpop, jws, logout, redirect, token, tokens
from varco.protocol.client_auth import ASSERTION_TYPE, authenticate, credentials
from varco.protocol.parameters import FORM, Parameters, parse_form, parse_query
from varco.protocol.refresh import RefreshCodec
from varco.protocol.refusal import Refusal

INPUTS = int(DEEP or 1500)

SPLINTERS = [
    b"\x00", b"\n", b"\r", b"\x7f", b"\xff", b"\xc3", b"\xed\xa0\x80", "è".encode(), "\u202e".encode(), b"%", b"%00", b"%FF", b"%zz", b"+", b"&",
    b"=", b"?", b"#", b"@", b"\\", b"/", b"..;", b"/..;/", b"%2e%2e", b":", b";", b".", b"..", b",", b'"', b"'", b"<", b"{", b"}", b"[", b"]", b"null",
    b"true", b"-1", b"0", b"1e999", b"9" * 40, b"NaN", b"\\ud800", b"Basic ", b"Bearer ", b"client_id=", b"scope=", b"resource=", b"state=", b"e30",
    b"W10", b"javascript:", b"http://", b"https://", b"localhost", b"[::1]", b":80", b"A" * 300, b"=" * 4, b"none", b"alg", b"jwk", b"crit", b" ",
]  # fmt: skip


def relatives(seeds: Sequence[bytes], name: str) -> list[bytes]:
    """Inputs made from the seeds by cutting, doubling, splicing and spoiling them, and some that are merely random."""
    chance = random.Random(name)
    made = []
    for _ in range(INPUTS):
        data = (
            bytearray(chance.choice(seeds))
            if chance.random() < 0.95
            else bytearray(chance.randbytes(chance.randrange(60)))
        )
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(6):
                case 0:
                    del data[at : at + chance.choice((1, 1, 2, 8, 40))]
                case 1:
                    data[at:at] = chance.choice(SPLINTERS)
                case 2:
                    data[at : at + 1] = bytes([chance.randrange(256)])
                case 3:
                    data[at:at] = data[chance.randrange(len(data) + 1) :][: chance.randrange(50)]
                case 4:
                    other = chance.choice(seeds)
                    data[at:] = other[chance.randrange(len(other) + 1) :]
                case _:
                    data[at : at + 1] = chance.choice(SPLINTERS)
        made.append(bytes(data))
    return made


def text(data: bytes) -> str:
    """What a header would be: each byte a character (RFC 9110 §5.5, as ASGI servers decode it)."""
    return data.decode("latin-1")


def segments(data: bytes) -> str:
    """The broken JSON of a header and of claims, truly signed, so that the fuzz gets past the signature."""
    header, _, body = data.partition(b"|")
    signed = f"{base64url.encode(header)}.{base64url.encode(body)}"
    return f"{signed}.{base64url.encode(jws._sign('ES256', KEYS['ES256'], signed.encode()))}"


FORM_SEED = (
    b"grant_type=authorization_code&code=vac.abc&redirect_uri=https%3A%2F%2Fagenda.example%2Fcallback&client_id=varco-1&code_verifier="
    + VERIFIER.encode()
)
QUERY_SEED = "&".join(
    f"{name}={value}"
    for name, value in asked(prompt="login", max_age="5", claims='{"userinfo":{"email":null}}').items()
).encode()
BASIC_SEED = b"Basic " + base64.b64encode(f"{CLIENT_ID}:vs.secret".encode())
CODEC = RefreshCodec([b"k" * 32])
REFRESH_SEED = CODEC.encode("0" * 32, 7, CLIENT_ID)
ACCESS_SEED = test_jws.TOKEN
ASSERTION_SEED = test_assertion.made()
PROOF_SEED = test_dpop.made()
HINT_SEED = test_logout.id_token()
JWT_PARTS = b'{"alg":"ES256","kid":"ES256","typ":"JWT"}|{"iss":"varco-0123456789abcdef","sub":"varco-0123456789abcdef","aud":"https://login.example","exp":1800000060,"jti":"j"}'
PROOF_PARTS = b"|".join(
    json.dumps(part).encode()
    for part in ({"typ": "dpop+jwt", "alg": "ES256", "jwk": test_dpop.JWK}, test_dpop.claims())
)


def _authorize(data: bytes) -> Any:
    parameters = parse_query(data, defer=True)
    authorize.state_and_mode(parameters)
    authorize.client_id_of(parameters)
    return authorize.parse(parameters, client(), CATALOG, audiences={API})


def _token(data: bytes) -> Any:
    return token.parse_token_request(parse_form(FORM, data))


def _basic(data: bytes) -> Any:
    return authenticate(credentials(Parameters({}), text(data)), client(), 0)


def _redirect(data: bytes) -> None:
    uri = text(data)
    redirect.registration_fault(uri, type="native")
    if redirect.matches("http://127.0.0.1/cb?x=1", uri, native=True):
        assert uri.startswith("http://127.0.0.1")
        assert uri.endswith("/cb?x=1")
    assert redirect.matches(CALLBACK, uri, native=True) is (uri == CALLBACK)


def _refresh(data: bytes) -> None:
    assert CODEC.decode(text(data), CLIENT_ID) in ({None} if text(data) != REFRESH_SEED else {("0" * 32, 7)})


def _access(data: bytes) -> None:
    assert test_jws.ES256.verify(text(data)) == test_jws.PAYLOAD
    assert text(data) == ACCESS_SEED


def _assertion(data: bytes) -> None:
    credentials(
        query(client_assertion_type=ASSERTION_TYPE, client_assertion=text(data).translate(PRINTABLE) or "x"), None
    )
    test_assertion.verify(text(data))
    assert text(data) == ASSERTION_SEED


PRINTABLE = dict.fromkeys((*range(32), *range(127, 160)), "?")

PARSERS: dict[str, tuple[list[bytes], Callable[[bytes], Any]]] = {
    "authorize query": ([QUERY_SEED], _authorize),
    "token form": (
        [FORM_SEED, b"grant_type=refresh_token&refresh_token=" + REFRESH_SEED.encode() + b"&scope=a+b&resource=x"],
        _token,
    ),
    "deferred form": ([FORM_SEED, QUERY_SEED], lambda data: parse_form(FORM, data, defer=True)),
    "content type": ([b"application/x-www-form-urlencoded; charset=utf-8"], lambda data: parse_form(text(data), b"")),
    "Basic header": ([BASIC_SEED, b"basic YTpi"], _basic),
    "Basic credentials": (
        [CLIENT_ID.encode() + b":vs.se%63ret"],
        lambda data: _basic(b"Basic " + base64.b64encode(data)),
    ),
    "redirect URI": (
        [
            CALLBACK.encode(),
            b"http://127.0.0.1:8000/cb?x=1",
            b"com.example.app:/cb",
            b"http://[::1]:1/cb",
            b"https://a.example:1/b/c;d?e=%20",
        ],
        _redirect,
    ),
    "refresh token": ([REFRESH_SEED.encode()], _refresh),
    "access token": ([ACCESS_SEED.encode()], _access),
    "access token payload": (
        [
            b'{"iss":"a","sub":"b","aud":"c","exp":1,"iat":2,"jti":"d","client_id":"e","scope":"f","gid":"g","tenant":"h"}'
        ],
        tokens.decode_access,
    ),
    "client assertion": ([ASSERTION_SEED.encode()], _assertion),
    "client assertion JSON": ([JWT_PARTS], lambda data: test_assertion.verify(segments(data))),
    "DPoP proof": ([PROOF_SEED.encode()], lambda data: test_dpop.check(text(data))),
    "DPoP proof JSON": ([PROOF_PARTS], lambda data: test_dpop.check(segments(data))),
    "DPoP address": ([test_dpop.URL.encode(), b"HTTP://[::1]:80/%7e%2f?x#y"], lambda data: dpop.normalized(text(data))),
    "ID token hint": (
        [HINT_SEED.encode()],
        lambda data: logout.read_hint(text(data), test_logout.VERIFIER, "https://login.example"),
    ),
    "claims parameter": (
        [b'{"userinfo":{"email":{"essential":true,"values":["a"]}},"id_token":{"sub":{"value":"x"}}}'],
        lambda data: claims.parse_request(text(data), {"email"}),
    ),
    "user code": ([b"BCDF-GHJK"], lambda data: device.typed(text(data))),
}


@pytest.mark.parametrize("name", PARSERS)
def test_nothing_comes_out_but_a_value_or_a_refusal(name: str) -> None:
    seeds, parse = PARSERS[name]
    for data in relatives(seeds, name):
        try:
            found = outcome(lambda data=data: parse(data))  # type: ignore[misc]
        except Exception as fault:
            raise AssertionError(f"{name}: {data!r}") from fault
        if isinstance(found, Refusal):
            assert found.error.isascii()
            assert found.rule
