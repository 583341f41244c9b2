"""The conditions that the suite checks of every answer, whatever module it belongs to."""

import base64
import hashlib
import re
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.journeys.certification.visitor import query_of

ERROR = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 §4.1.2.1, §5.2
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def key_set(jwks: dict[str, Any]) -> None:
    """ValidateServerJWKs, EnsureServerJwksDoesNotContainPrivateOrSymmetricKeys, CheckDistinctKeyIdValueInServerJWKs."""
    keys = jwks["keys"]
    assert keys
    assert len({key["kid"] for key in keys}) == len(keys)
    for key in keys:
        assert not PRIVATE_MEMBERS & set(key)
        assert key["kty"] in {"RSA", "EC", "OKP"}
        assert key["use"] == "sig"
        if key["kty"] == "RSA":  # FAPIEnsureMinimumServerKeyLength
            modulus = base64.urlsafe_b64decode(key["n"] + "==")
            assert int.from_bytes(modulus, "big").bit_length() >= 2048


def names_its_key(header: dict[str, Any], jwks: dict[str, Any]) -> None:
    """An ID token names one published key, made for its algorithm."""
    (key,) = [key for key in jwks["keys"] if key["kid"] == header["kid"]]
    assert key.get("alg", header["alg"]) == header["alg"]


def callback(address: str, redirect_uri: str) -> dict[str, str]:
    """The parameters that were added to a redirect URI, whose own query is kept; there is no fragment."""
    assert "#" not in address
    base, _, query = redirect_uri.partition("?")
    assert address.partition("?")[0] == base
    answer = query_of(address)
    for name, value in parse_qsl(query):
        assert answer.pop(name) == value
    return answer


def answer(found: dict[str, str], *, state: str | None, issuer: str, expected: set[str]) -> None:
    """CheckMatchingStateParameter, ValidateIssInAuthorizationResponse, and no parameter that nobody knows."""
    assert found.get("state") == state
    assert found["iss"] == issuer
    assert set(found) - {"state", "iss", "error_uri"} == expected


def error_texts(found: dict[str, Any]) -> None:
    """ValidateErrorResponse, CheckErrorDescriptionContainsCRLFTAB: RFC 6749's characters only."""
    assert ERROR.fullmatch(found["error"])
    assert ERROR.fullmatch(found["error_description"])


def not_stored(response: httpx.Response) -> None:
    """CheckTokenEndpointCacheHeaders."""
    assert "no-store" in response.headers["cache-control"]
    assert response.headers["pragma"] == "no-cache"


def is_json(response: httpx.Response) -> None:
    assert response.headers["content-type"].partition(";")[0] == "application/json"


def tokens(response: httpx.Response, *, refresh: bool = False, token_type: str = "bearer") -> dict[str, Any]:
    """A successful token response (RFC 6749 §5.1)."""
    assert response.status_code == 200, response.text
    is_json(response)
    not_stored(response)
    told: dict[str, Any] = response.json()
    assert told["token_type"].lower() == token_type
    assert isinstance(told["expires_in"], int)
    assert told["expires_in"] > 0
    assert isinstance(told["scope"], str)
    # CheckForAccessTokenValue, EnsureMinimumAccessTokenEntropy (128 bits), FAPI's VSCHAR.
    assert re.fullmatch(r"[\x21-\x7e]{22,}", told["access_token"])
    assert ("refresh_token" in told) == refresh
    return told


def failure(response: httpx.Response, *allowed: str, status: int | None = None) -> dict[str, Any]:
    """An error of an endpoint that answers JSON (RFC 6749 §5.2)."""
    told: dict[str, Any] = response.json()
    assert told["error"] in allowed, response.text
    assert response.status_code == (status or (401 if told["error"] == "invalid_client" else 400)), response.text
    is_json(response)
    not_stored(response)
    error_texts(told)
    return told


def id_token(
    claims: dict[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str | None = None,
    access_token: str = "",
    max_age: bool = False,
) -> None:
    """ValidateIdToken and what goes with it (OpenID Connect Core §2, §3.1.3.7)."""
    now = time.time()
    assert claims["iss"] == issuer
    assert claims["aud"] in (client_id, [client_id])
    assert claims.get("azp", client_id) == client_id
    assert isinstance(claims["sub"], str)
    assert 0 < len(claims["sub"]) <= 255
    assert claims["sub"].isascii()
    assert isinstance(claims["exp"], int)
    assert isinstance(claims["iat"], int)
    assert claims["exp"] > now - 5
    assert now - 300 < claims["iat"] < now + 5
    assert claims.get("nonce") == nonce
    if access_token and "at_hash" in claims:
        digest = hashlib.sha256(access_token.encode()).digest()[:16]
        assert claims["at_hash"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if max_age or "auth_time" in claims:
        assert isinstance(claims["auth_time"], int)
        assert claims["auth_time"] <= now + 5
    # Null members, and empty texts in the place of what is not known, are a mistake of many.
    assert all(value not in (None, "", [], {}) for value in claims.values())


def userinfo(response: httpx.Response, sub: str) -> dict[str, Any]:
    """VerifyUserInfoAndIdTokenSameSub, CheckUserInfoEndpointReturnedJsonContentType, ValidateUserInfoStandardClaims."""
    assert response.status_code == 200, response.text
    is_json(response)
    told: dict[str, Any] = response.json()
    assert told["sub"] == sub
    kinds = {
        "name": str, "given_name": str, "family_name": str, "preferred_username": str, "locale": str, "email": str, "email_verified": bool,
        "updated_at": int, "picture": str, "phone_number": str, "address": dict,
    }  # fmt: skip
    assert all(type(told[name]) is kind for name, kind in kinds.items() if name in told)
    assert all(value not in (None, "") for value in told.values())
    return told


def rejected(response: httpx.Response, status: int = 401) -> None:
    """A protected resource that refuses: status, and a challenge (RFC 6750 §3, RFC 9449 §7.1)."""
    assert response.status_code == status, response.text
    assert response.headers["www-authenticate"]


def https(address: str) -> None:
    """CheckDiscEndpoint…: an absolute https URL without fragment."""
    parts = urlsplit(address)
    assert parts.scheme == "https", address
    assert parts.netloc
    assert not parts.fragment
