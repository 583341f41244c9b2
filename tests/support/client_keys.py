"""Keys of applications, and what they sign, made with another library than the gate's."""

import base64
import hashlib
import json
import secrets
import warnings
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.support.people import Registered

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ISSUER = "http://localhost:8000"
ALGORITHMS = ("ES256", "PS256", "RS256", "EdDSA")
_REGISTRY = jws.JWSRegistry(algorithms=[*ALGORITHMS, "Ed25519", "HS256", "none"], strict_check_header=False)


def segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _make(alg: str) -> Any:
    if alg == "ES256":
        return ECKey.generate_key("P-256")
    return OKPKey.generate_key("Ed25519") if alg == "EdDSA" else RSAKey.generate_key(2048)


@dataclass
class ClientKey:
    """A key pair of an application."""

    alg: str = "ES256"
    kid: str = field(default_factory=lambda: secrets.token_hex(4))

    def __post_init__(self) -> None:
        self.key = _make(self.alg)

    @property
    def bare(self) -> dict[str, Any]:
        """The public JWK without more than it needs."""
        found: dict[str, Any] = self.key.as_dict(private=False)
        return {name: found[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in found}

    @property
    def jwk(self) -> dict[str, Any]:
        return self.bare | {"kid": self.kid, "alg": self.alg, "use": "sig"}

    @property
    def jwks(self) -> dict[str, Any]:
        return {"keys": [self.jwk]}

    @property
    def jkt(self) -> str:
        """The thumbprint (RFC 7638)."""
        return str(self.key.thumbprint())

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        with warnings.catch_warnings():  # it would rather have EdDSA called Ed25519 (RFC 9864)
            warnings.simplefilter("ignore", SecurityWarning)
            content = json.dumps(claims).encode()
            return jws.serialize_compact({"alg": self.alg} | header, content, self.key, registry=_REGISTRY)

    def assertion(self, app: Registered, now: int, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A client assertion; a claim changed to None is left out."""
        claims = {
            "iss": app.client_id,
            "sub": app.client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(12),
        } | changes
        found = {name: value for name, value in claims.items() if value is not None}
        return self.sign({"kid": self.kid, "typ": "JWT"} if header is None else header, found)

    def proof(
        self, method: str, url: str, now: int, *, token: str = "", header: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """A DPoP proof; a claim changed to None is left out."""
        claims = {"htm": method, "htu": url, "iat": now, "jti": secrets.token_urlsafe(12)} | changes
        if token and "ath" not in changes:
            claims["ath"] = segment(hashlib.sha256(token.encode()).digest())
        found = {name: value for name, value in claims.items() if value is not None}
        return self.sign({"typ": "dpop+jwt", "jwk": self.bare} | (header or {}), found)


def asserting(assertion: str) -> dict[str, str]:
    """The parameters that carry an assertion."""
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
