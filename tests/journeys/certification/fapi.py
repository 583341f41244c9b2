"""A client under the FAPI 2.0 Security Profile as the suite plays it: PAR, private_key_jwt, DPoP, PKCE, and each of them wrong."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.journeys.certification import conditions
from tests.journeys.certification.party import Party, SignedIn
from tests.support.demo_world import World

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MADE = "made anew"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def s256(text: str) -> str:
    return b64(hashlib.sha256(text.encode()).digest())


def sign(header: dict[str, Any], claims: dict[str, Any], key: ECKey | RSAKey | OctKey | bytes | None) -> str:
    """A JWT with exactly this header; without a key unsigned, with bytes for a key their HMAC, which no library would make."""
    claims = {name: value for name, value in claims.items() if value is not None}
    if key is None or isinstance(key, bytes):
        signed = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{b64(hmac.digest(key, signed.encode(), 'sha256')) if key else ''}"
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


class FapiParty(Party):
    """`plain_oauth` unless `openid` is in the scope. Client key and DPoP key are two different ones."""

    token_type = "dpop"

    def __init__(self, world: World, client: str, redirect_uri: str, *, key: ECKey | RSAKey) -> None:
        super().__init__(world, client, redirect_uri)
        self.key = key
        self.id_token_alg = str(key["alg"])
        self.dpop_key = ECKey.generate_key("P-256")
        self.nonce: str | None = None
        self.verifier = secrets.token_urlsafe(48)

    # --- What it signs --------------------------------------------------------------------------------------------

    def assertion(self, *, header: dict[str, Any] | None = None, key: Any = MADE, **claims: Any) -> str:
        """The suite's client assertion; a claim that is None is left out."""
        now = int(time.time())
        sound = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.op["issuer"],
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        }
        head = {"alg": self.key["alg"], "kid": self.key["kid"]} | (header or {})
        return sign(head, sound | claims, self.key if key is MADE else key)

    def proof(
        self,
        method: str,
        url: str,
        access_token: str = "",
        *,
        header: dict[str, Any] | None = None,
        key: Any = MADE,
        **claims: Any,
    ) -> str:
        """The suite's DPoP proof; a claim that is None is left out."""
        signer = self.dpop_key if key is MADE else key
        named = signer if isinstance(signer, ECKey | RSAKey) else self.dpop_key
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": named.as_dict(private=False, kid=None)} | (header or {})
        head["jwk"].pop("kid", None)
        sound = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
            "ath": s256(access_token) if access_token else None,
            "nonce": self.nonce,
        }
        return sign({name: value for name, value in head.items() if value is not None}, sound | claims, signer)

    def authentication(self) -> tuple[dict[str, str], dict[str, str]]:
        return {}, self.proven(self.assertion())

    def proven(self, assertion: str) -> dict[str, str]:
        return {"client_assertion_type": JWT_BEARER, "client_assertion": assertion}

    # --- Pushing --------------------------------------------------------------------------------------------------

    def request(self, **changed: str | None) -> dict[str, str]:
        pkce = {"code_challenge": s256(self.verifier), "code_challenge_method": "S256"}
        return super().request(**({"scope": "giponext.patients", "nonce": None} | pkce | changed))

    def push(
        self, asked: dict[str, str], *, credentials: dict[str, str] | None = None, proof: str | None = None
    ) -> httpx.Response:
        form = (self.authentication()[1] if credentials is None else credentials) | asked
        headers = {"DPoP": proof} if proof else {}
        return self.http.post(self.op["pushed_authorization_request_endpoint"], data=form, headers=headers)

    def pushed(self, asked: dict[str, str], **how: Any) -> str:
        """The `request_uri` of a sound request (RFC 9126 §2.2)."""
        response = self.push(asked, **how)
        assert response.status_code == 201, response.text
        conditions.is_json(response)
        assert "no-store" in response.headers["cache-control"]
        told = response.json()
        assert set(told) == {"request_uri", "expires_in"}
        assert 5 <= told["expires_in"] < 600
        # CheckPAREndpointResponse201WithNoError, EnsureMinimumRequestUriEntropy: 128 bits and more.
        assert len(told["request_uri"].rpartition(":")[2]) >= 22
        return str(told["request_uri"])

    def address(self, asked: dict[str, str]) -> str:
        return self.address_of(self.pushed(asked))

    def address_of(self, request_uri: str, **more: str) -> str:
        return super().address({"client_id": self.client_id, "request_uri": request_uri, **more})

    # --- Tokens and the resource ----------------------------------------------------------------------------------

    def token(
        self, *, proof: str | None = MADE, credentials: dict[str, str] | None = None, **fields: Any
    ) -> httpx.Response:
        """With a sound proof and assertion unless told otherwise; once more with the nonce, if one is asked for."""
        url = self.op["token_endpoint"]
        sent = self.proof("POST", url) if proof == MADE else proof
        form = self.authentication()[1] if credentials is None else credentials
        body = form | {name: value for name, value in fields.items() if value is not None}
        response = self.http.post(url, data=body, headers={"DPoP": sent} if sent else {})
        if proof == MADE and response.status_code == 400 and response.json()["error"] == "use_dpop_nonce":
            self.nonce = response.headers["dpop-nonce"]
            return self.token(**fields)
        return response

    def redeem(self, code: str, **changed: Any) -> httpx.Response:
        return super().redeem(code, **({"code_verifier": self.verifier} | changed))

    @property
    def resource(self) -> str:
        return f"{self.world.api}/v2/userinfo"

    def call(
        self, access_token: str, *, proof: str | None = MADE, scheme: str = "DPoP", method: str = "GET", url: str = ""
    ) -> httpx.Response:
        """The protected resource; `url` is its address with something more to it."""
        sent = self.proof(method, self.resource, access_token) if proof == MADE else proof
        headers = {"Authorization": f"{scheme} {access_token}"} | ({"DPoP": sent} if sent else {})
        return self.http.request(method, url or self.resource, headers=headers)

    def userinfo(self, told: SignedIn) -> dict[str, Any]:
        url = self.op["userinfo_endpoint"]
        headers = {
            "Authorization": f"DPoP {told.access_token}",
            "DPoP": self.proof("GET", url, told.access_token),
        }
        return conditions.userinfo(self.http.get(url, headers=headers), told.claims["sub"])
