"""What the protocol's tests are about: Facile's client, a grant of Dario's, and how deep the fuzzing goes."""

import json
import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, settings

from varco.protocol.client import Client, from_record
from varco.protocol.errors import OAuthError
from varco.protocol.grant import GrantRecord
from varco.protocol.jose import base64url, jwk, own_jwt
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.protocol.jose.own_jwt import PrivateKey
from varco.protocol.parameters import Parameters, parse_query

NOW = 1_800_000_000
ISSUER = "https://login.example"
API = "https://api.example"
CALLBACK = "https://agenda.example/callback"
CLIENT_ID = "varco-0123456789abcdef"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

T = TypeVar("T")
DEEP = os.environ.get("VARCO_TEST_FUZZ")
"""How deep this run goes (`make fuzz`): a fiftieth of it for property tests; unset, few and always the same ones."""


DEPTH = settings(
    max_examples=max(80, int(DEEP or 0) // 50),
    derandomize=not DEEP,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def machine_settings(lives: int, steps: int) -> settings:
    """How many lives of a state machine that has a gate and a database are tried, and of how many acts each.

    A failing life is printed as it was found; only a deep run takes the minutes to shorten it.
    """
    phases = tuple(Phase) if DEEP else (Phase.generate,)
    return settings(DEPTH, max_examples=max(lives, int(DEEP or 0) // 1000), stateful_step_count=steps, phases=phases)


def fuzz(test: Callable[..., None]) -> Callable[..., None]:
    """A property test, as deep as VARCO_TEST_FUZZ says."""
    return DEPTH(test)


def client(**changes: Any) -> Client:
    """An approved confidential web client; a change of `type` makes it public."""
    public = changes.get("type") in {"spa", "native", "device"}
    record: dict[str, Any] = {
        "application_id": 7,
        "client_id": CLIENT_ID,
        "name": "Agenda Facile",
        "application_state": "active",
        "version": 3,
        "pkce_required": True,
        "type": "web",
        "environment": "production",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": ["https://agenda.example/bye"],
        "scopes": [
            {"name": name, "reason": "needed", "required": name == "openid"}
            for name in ("openid", "profile", "email", "offline_access", "giponext.patients", "giponext.agenda")
        ],
        "claims": ["profile", "email", "tenant"],
        "profile": "",
        "token_endpoint_auth_method": "none" if public else "client_secret_basic",
        "id_token_alg": "RS256",
        "userinfo_alg": "",
        "jwks": None,
        "jwks_uri": "",
        "token_endpoint_audience": False,
        "acts_by_itself": False,
        "pkce_exception": "",
        "secrets": [],
        "overlap_method": "",
        "overlap_until": 0,
    }
    return from_record(record | changes)


def grant(**changes: Any) -> GrantRecord:
    """A grant of `client()` to a live person of tenant 5, its code still unused."""
    fields: dict[str, Any] = {
        "id": 99,
        "application_id": 7,
        "state": "code",
        "scopes": "openid giponext.patients offline_access",
        "code_expires_at": NOW + 60,
        "redirect_uri": CALLBACK,
        "redirect_uri_sent": True,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "tenant_id": 5,
        "membership_tenant_id": 5,
    }
    return GrantRecord(**(fields | changes))


def refreshed(**changes: Any) -> GrantRecord:
    """The same grant in use, its refresh token number 4 made ten seconds ago."""
    fields: dict[str, Any] = {
        "state": "active",
        "n": 4,
        "rotated_at": (NOW - 10) * 1000,
        "idle_expires_at": NOW + 1000,
        "expires_at": NOW + 10_000,
    }
    return grant(**(fields | changes))


def query(*pairs: tuple[str, str], **fields: str) -> Parameters:
    """Parameters as they would be parsed from these, faults deferred."""
    return parse_query(urlencode([*fields.items(), *pairs]).encode(), defer=True)


KEYS: dict[str, PrivateKey] = {alg: jwk.generate(alg) for alg in ALGORITHMS}
"""A key of the client for each algorithm; its `kid` is the algorithm's name."""

JWKS = {"keys": [jwk.public_jwk(key, alg, alg) for alg, key in KEYS.items()]}


def segment(value: object) -> str:
    return base64url.encode(json.dumps(value, separators=(",", ":")).encode())


def jwt(header: dict[str, Any], claims: object, key: PrivateKey | None = None) -> str:
    """A JWT with just this header, signed with the client's key of its `alg` or with another."""
    text = f"{segment(header)}.{segment(claims)}"
    alg = str(header.get("alg"))
    return f"{text}.{base64url.encode(own_jwt._sign(alg, key or KEYS.get(alg, KEYS['ES256']), text.encode()))}"


def outcome(call: Callable[[], T]) -> T | OAuthError:
    """What a call gives, or its refusal; any other exception is a failure of the test."""
    try:
        return call()
    except OAuthError as refusal:
        return refusal


class refused:  # noqa: N801 - reads as a word of the sentence
    """`with refused("invalid_request", "RFC 7636") as caught:` expects a refusal of this code by a rule naming this."""

    def __init__(self, error: str, rule: str = "", *, status: int = 400) -> None:
        self._raises = pytest.raises(OAuthError)
        self._expected = (error, rule, status)

    def __enter__(self) -> pytest.ExceptionInfo[OAuthError]:
        self.info = self._raises.__enter__()
        return self.info

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        done = self._raises.__exit__(kind, raised, traceback)
        error, rule, status = self._expected
        refusal = self.info.value
        assert (refusal.error, refusal.status) == (error, status), refusal
        assert rule in refusal.rule, f"{refusal.rule!r} refused, not {rule!r}"
        assert refusal.description
        return bool(done)
