"""Every parser of untrusted bytes, fed with broken relatives of good input: nothing comes out but a value or a refusal.

What comes out is looked at, too: a redirect URI that may be registered is one that other software reads in the same way, and
no text but the one that was signed is a token. The parsers of the gate itself are in `tests/gate/test_parsers.py`.
"""

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from tests.protocol import test_client_assertion, test_dpop, test_logout, test_own_jwt
from tests.protocol.test_authorization_request import CATALOG, asked
from tests.support.fuzz_inputs import as_json, documents, relatives, text
from tests.support.protocol_records import API, CALLBACK, CLIENT_ID, JWKS, VERIFIER, client, outcome, query
from varco.protocol import (
    access_token,
    authorization_request,
    claims,
    client_assertion,
    device_authorization,
    dpop,
    logout,
    pkce,
    pushed_request,
    redirect_uri,
    resource_indicators,
    token_request,
)
from varco.protocol.client_authentication import ASSERTION_TYPE, authenticate, credentials
from varco.protocol.errors import OAuthError
from varco.protocol.jose import base64url, client_jwt
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.protocol.parameters import FORM, Parameters, parse_form, parse_query
from varco.protocol.refresh_token import RefreshTokenCodec

FORM_SEED = (
    b"grant_type=authorization_code&code=vac.abc&redirect_uri=https%3A%2F%2Fagenda.example%2Fcallback&client_id=varco-1&code_verifier="
    + VERIFIER.encode()
)
QUERY_SEED = "&".join(
    f"{name}={value}"
    for name, value in asked(prompt="login", max_age="5", claims='{"userinfo":{"email":null}}').items()
).encode()
LOGOUT_SEED = (
    f"client_id={CLIENT_ID}&post_logout_redirect_uri=https%3A%2F%2Fagenda.example%2Fbye&state=s&ui_locales=it&id_token_hint=a.b.c"
).encode()
BASIC_SEED = b"Basic " + base64.b64encode(f"{CLIENT_ID}:vs.secret".encode())
CODEC = RefreshTokenCodec([b"k" * 32])
REFRESH_SEED = CODEC.encode("0" * 32, 7, CLIENT_ID)
ACCESS_SEED = test_own_jwt.TOKEN
ASSERTION_SEED = test_client_assertion.made()
PROOF_SEED = test_dpop.made()
HINT_SEED = test_logout.id_token()
ASSERTION_PARTS = [{"alg": "ES256", "kid": "ES256", "typ": "JWT"}, test_client_assertion.claims()]
PROOF_PARTS = [
    {"typ": "dpop+jwt", "alg": "ES256", "jwk": test_dpop.JWK},
    test_dpop.claims(nonce="n", ath=dpop.token_hash("t")),
]
ACCESS_PAYLOAD = {
    "iss": "a",
    "sub": "b",
    "aud": "c",
    "exp": 1,
    "iat": 2,
    "jti": "d",
    "client_id": "e",
    "scope": "f g",
    "gid": "5",
    "tenant": "h",
    "cnf": {"jkt": "i"},
}
CLAIMS_PARAMETER = {
    "userinfo": {"email": {"essential": True, "values": ["a"]}, "name": None},
    "id_token": {"sub": {"value": "x"}, "acr": {"value": "y"}},
}
BOX = client(type="device", grant_types=["urn:ietf:params:oauth:grant-type:device_code"])
URIS = [
    CALLBACK.encode(),
    b"http://127.0.0.1:8000/cb?x=1",
    b"com.example.app:/cb",
    b"http://[::1]:1/cb",
    b"https://a.example:1/b/c;d?e=%20",
]


def _authorize(data: bytes) -> Any:
    parameters = parse_query(data, defer=True)
    authorization_request.state_and_mode(parameters)
    authorization_request.client_id_of(parameters)
    return authorization_request.parse(parameters, client(), CATALOG, audiences={API})


def _push(data: bytes) -> Any:
    parameters = parse_form(FORM, data)
    pushed_request.reference_of(parameters)
    kept = json.loads(msgspec.json.encode(pushed_request.stored(parameters)))
    assert "client_secret" not in kept["values"]
    return pushed_request.push(parameters, client(), CATALOG, audiences={API})


def _basic(data: bytes) -> Any:
    return authenticate(credentials(Parameters({}), text(data)), client(), 0)


def _redirect(data: bytes) -> None:
    uri = text(data)
    if redirect_uri.matches("http://127.0.0.1/cb?x=1", uri, native=True):
        assert uri.startswith("http://127.0.0.1")
        assert uri.endswith("/cb?x=1")
    assert redirect_uri.matches(CALLBACK, uri, native=True) is (uri == CALLBACK)


def _registered_redirect(data: bytes) -> None:
    uri = text(data)
    if redirect_uri.registration_fault(uri, type="native") is not None:
        assert redirect_uri.registration_fault(uri, type="web") is not None
        return
    parts = urlsplit(uri)  # as other software reads it
    assert parts.username is parts.password is None
    assert not parts.fragment
    if parts.scheme in {"http", "https"}:
        assert uri == parts.geturl()
        assert parts.hostname
        assert parts.port is None or 0 < parts.port < 65536
        assert parts.scheme == "https" or redirect_uri.is_loopback(uri)
        assert not {".", ".."}.intersection(parts.path.split("/"))


def _refresh(data: bytes) -> None:
    assert CODEC.decode(text(data), CLIENT_ID) in ({None} if text(data) != REFRESH_SEED else {("0" * 32, 7)})


def _access(data: bytes) -> None:
    assert test_own_jwt.ES256.verify(text(data)) == test_own_jwt.PAYLOAD
    assert text(data) == ACCESS_SEED


def _assertion(data: bytes) -> None:
    posted = query(client_assertion_type=ASSERTION_TYPE, client_assertion=text(data).translate(PRINTABLE) or "x")
    outcome(lambda: credentials(posted, None))
    client_assertion.has_key(text(data), JWKS)
    test_client_assertion.verify(text(data))
    assert text(data) == ASSERTION_SEED


PRINTABLE = dict.fromkeys((*range(32), *range(127, 160)), "?")


def _proof(data: bytes) -> None:
    test_dpop.check(text(data))
    assert text(data) == PROOF_SEED


def _hint(data: bytes) -> None:
    logout.read_hint(text(data), test_logout.VERIFIER, "https://login.example")
    assert text(data) == HINT_SEED


def _logout(data: bytes) -> None:
    request = logout.parse(parse_query(data, defer=True))
    logout.client_id_of(request, None)
    logout.check_redirect(request, client())
    assert request.post_logout_redirect_uri in {"", *client().post_logout_redirect_uris}
    assert logout.return_url(request).isascii()


def _claims(data: bytes) -> None:
    kept = claims.parse_request(text(data), {"email"})
    assert claims.requested_groups(kept) <= {"email"}
    assert claims.expects(kept, "x") in {True, False}
    assert claims.parse_request(kept, {"email"}) == kept


def _scope(data: bytes) -> None:
    found = authorization_request.requested_scope(data.decode("utf-8", "replace"), client(), CATALOG)
    assert found
    assert set(found) <= client().scopes.keys()


def _user_code(data: bytes) -> None:
    found = device_authorization.normalized_user_code(data.decode("utf-8", "replace"))
    assert (
        found is None
        or device_authorization.normalized_user_code(device_authorization.formatted_user_code(found)) == found
    )


PARSERS: dict[str, tuple[list[bytes], Callable[[bytes], Any]]] = {
    "authorize query": ([QUERY_SEED], _authorize),
    "pushed request": (
        [QUERY_SEED, QUERY_SEED + b"&request_uri=" + pushed_request.PREFIX.encode() + b"x&client_secret=y"],
        _push,
    ),
    "token form": (
        [
            FORM_SEED,
            b"grant_type=refresh_token&refresh_token=" + REFRESH_SEED.encode() + b"&scope=a+b&resource=x",
            b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=vdc.x",
        ],
        lambda data: token_request.parse_token_request(parse_form(FORM, data)),
    ),
    "device form": (
        [b"client_id=a&scope=openid+giponext.patients&resource=https%3A%2F%2Fapi.example&code_challenge_method=S256"],
        lambda data: device_authorization.parse(parse_form(FORM, data), BOX, CATALOG, audiences={API}),
    ),
    "deferred form": ([FORM_SEED, QUERY_SEED], lambda data: parse_form(FORM, data, defer=True)),
    "content type": ([b"application/x-www-form-urlencoded; charset=utf-8"], lambda data: parse_form(text(data), b"")),
    "Basic header": ([BASIC_SEED, b"basic YTpi"], _basic),
    "Basic credentials": (
        [CLIENT_ID.encode() + b":vs.se%63ret"],
        lambda data: _basic(b"Basic " + base64.b64encode(data)),
    ),
    "redirect URI received": (URIS, _redirect),
    "redirect URI registered": (URIS, _registered_redirect),
    "logout request": ([LOGOUT_SEED], _logout),
    "refresh token": ([REFRESH_SEED.encode()], _refresh),
    "access token": ([ACCESS_SEED.encode()], _access),
    "client assertion": ([ASSERTION_SEED.encode()], _assertion),
    "DPoP proof": ([PROOF_SEED.encode()], _proof),
    "DPoP address": ([test_dpop.URL.encode(), b"HTTP://[::1]:80/%7e%2f?x#y"], lambda data: dpop.normalized(text(data))),
    "ID token hint": ([HINT_SEED.encode()], _hint),
    "claims parameter": ([as_json(CLAIMS_PARAMETER)], _claims),
    "scope": ([b"openid offline_access giponext.patients giponext.agenda"], _scope),
    "resource": ([API.encode(), API.encode() + b"/"], lambda data: resource_indicators.check([text(data)], {API})),
    "code verifier": ([VERIFIER.encode()], lambda data: pkce.verify(pkce.challenge(VERIFIER), "S256", text(data))),
    "code challenge": (
        [pkce.challenge(VERIFIER).encode()],
        lambda data: pkce.check_challenge(text(data), "S256", required=True),
    ),
    "user code": ([b"BCDF-GHJK"], _user_code),
}


def jwt_of(parts: Any) -> str:
    """A JWT of this header and these claims, whatever they are. Its signature is none: `believed` stands for it."""
    header, body = parts[:2] if isinstance(parts, list) and len(parts) > 1 else (parts, parts)
    return f"{base64url.encode(as_json(header))}.{base64url.encode(as_json(body))}.{base64url.encode(bytes(64))}"


def _decoded(document: Any) -> None:
    found = access_token.decode_access(as_json(document))
    access_token.check_access(found, issuer="a", audience="c", now=0)
    assert (found.iss, found.aud) == ("a", "c")


def _keys(document: Any) -> None:
    for alg in ALGORITHMS:
        found = client_jwt.UnverifiedJwt({}, {}, alg, "", b"", b"")
        client_jwt.candidates(found, document if isinstance(document, dict) else None)


DOCUMENTS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "client assertion JSON": (ASSERTION_PARTS, lambda parts: test_client_assertion.verify(jwt_of(parts))),
    "DPoP proof JSON": (PROOF_PARTS, lambda parts: test_dpop.check(jwt_of(parts), nonces=("n",), access_token="t")),
    "access token JSON": (ACCESS_PAYLOAD, _decoded),
    "claims parameter JSON": (CLAIMS_PARAMETER, lambda document: _claims(as_json(document))),
    "client keys": (JWKS, _keys),
}


def answers(name: str, inputs: Iterable[Any], parse: Callable[[Any], Any]) -> None:
    for given in inputs:
        try:
            found = outcome(lambda given=given: parse(given))  # type: ignore[misc]
        except Exception as fault:
            raise AssertionError(f"{name}: {given!r}") from fault
        if isinstance(found, OAuthError):
            assert found.error.isascii()
            assert found.rule


@pytest.mark.parametrize("name", PARSERS)
def test_of_any_bytes_nothing_comes_out_but_a_value_or_a_refusal(name: str) -> None:
    seeds, parse = PARSERS[name]
    answers(name, relatives(seeds, name), parse)


@pytest.fixture
def believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every signature counts, so that what stands behind it is reached, at a tenth of the cost."""
    monkeypatch.setattr(client_jwt, "signed_by", lambda _found, _key: True)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_of_any_json_nothing_comes_out_but_a_value_or_a_refusal(name: str, believed: None) -> None:
    seed, parse = DOCUMENTS[name]
    answers(name, documents(seed, name), parse)
