"""A relying party as the suite plays it: written from the specifications with httpx and joserfc, and nothing of Varco's own."""

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.journeys.certification import conditions
from tests.journeys.certification.visitor import Visitor
from tests.support.demo_world import World

ID_TOKEN_ALGORITHMS = ["RS256", "ES256", "PS256"]


@dataclass
class SignedIn:
    """One authorization, from what was asked to what came of it."""

    asked: dict[str, str]
    answer: dict[str, str]
    tokens: dict[str, Any]
    claims: dict[str, Any] = field(default_factory=dict)

    @property
    def access_token(self) -> str:
        return str(self.tokens["access_token"])


class Party:
    """One registered client of the demo, at one of its redirect URIs."""

    token_type = "bearer"
    id_token_alg = "RS256"  # what a client gets that has not chosen (OpenID Connect Core §2)

    def __init__(self, world: World, key: str, redirect_uri: str) -> None:
        self.world = world
        self.registered = world.client(key)
        self.client_id: str = self.registered["client_id"]
        self.redirect_uri = redirect_uri
        self.http = httpx.Client(timeout=30, **world.transport)
        self.op: dict[str, Any] = self.http.get(world.address("/.well-known/openid-configuration")).json()
        self.jwks: dict[str, Any] = self.http.get(self.op["jwks_uri"]).json()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    # --- The authorization endpoint -------------------------------------------------------------------------------

    def request(self, **changed: str | None) -> dict[str, str]:
        """The parameters of the suite's authorization request; None leaves one out."""
        sound: dict[str, str | None] = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8),
            "response_type": "code",
        }
        return {name: value for name, value in (sound | changed).items() if value is not None}

    def address(self, asked: dict[str, str]) -> str:
        return f"{self.op['authorization_endpoint']}?{urlencode(asked, quote_via=quote)}"

    def answered(self, callback: str, asked: dict[str, str]) -> dict[str, str]:
        """The successful answer in a callback's address, every condition of it checked."""
        answer = conditions.callback(callback, self.redirect_uri)
        assert "error" not in answer, answer
        conditions.answer(answer, state=asked.get("state"), issuer=self.op["issuer"], expected={"code"})
        return answer

    def refused(self, callback: str, asked: dict[str, str], *allowed: str) -> dict[str, str]:
        """The error answer in a callback's address, every condition of it checked."""
        answer = conditions.callback(callback, self.redirect_uri)
        conditions.answer(
            answer, state=asked.get("state"), issuer=self.op["issuer"], expected={"error", "error_description"}
        )
        assert answer["error"] in allowed
        conditions.error_texts(answer)
        return answer

    # --- The token endpoint ---------------------------------------------------------------------------------------

    def authentication(self) -> tuple[dict[str, str], dict[str, str]]:
        """(headers, form fields) that authenticate this client."""
        secret = self.registered["client_secrets"][0]
        if self.registered["token_endpoint_auth_method"] == "client_secret_post":
            return {}, {"client_id": self.client_id, "client_secret": secret}
        pair = f"{quote(self.client_id, safe='')}:{quote(secret, safe='')}"  # RFC 6749 §2.3.1
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}

    def token(self, **fields: Any) -> httpx.Response:
        headers, form = self.authentication()
        body = form | {name: value for name, value in fields.items() if value is not None}
        return self.http.post(self.op["token_endpoint"], data=body, headers=headers)

    def redeem(self, code: str, **changed: Any) -> httpx.Response:
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri} | changed
        return self.token(**fields)

    def refresh(self, refresh_token: str, **changed: Any) -> httpx.Response:
        return self.token(**{"grant_type": "refresh_token", "refresh_token": refresh_token} | changed)

    def claims_of(self, id_token: str) -> dict[str, Any]:
        """The claims of an ID token whose signature is by the published key it names."""
        decoded = jwt.decode(
            id_token, KeySet.import_key_set({"keys": self.jwks["keys"]}), algorithms=ID_TOKEN_ALGORITHMS
        )
        conditions.names_its_key(decoded.header, self.jwks)
        assert decoded.header["alg"] == self.id_token_alg
        return {**decoded.claims}

    # --- The whole way --------------------------------------------------------------------------------------------

    def sign_in(self, visitor: Visitor, redeem: dict[str, str] | None = None, **changed: str | None) -> SignedIn:
        """Authorization, tokens and ID token, with every condition the suite checks of each on the way."""
        asked = self.request(**changed)
        answer = self.answered(visitor.visit(self.address(asked)), asked)
        return self.signed_in(asked, answer, self.redeem(answer["code"], **(redeem or {})))

    def signed_in(self, asked: dict[str, str], answer: dict[str, str], response: httpx.Response) -> SignedIn:
        tokens = conditions.tokens(
            response, refresh="offline_access" in asked["scope"].split(), token_type=self.token_type
        )
        told = SignedIn(asked, answer, tokens)
        if "openid" in asked["scope"].split():
            told.claims = self.claims_of(tokens["id_token"])
            conditions.id_token(
                told.claims,
                issuer=self.op["issuer"],
                client_id=self.client_id,
                nonce=asked.get("nonce"),
                access_token=told.access_token,
                max_age="max_age" in asked,
            )
        return told

    def userinfo(self, told: SignedIn) -> dict[str, Any]:
        response = self.http.get(self.op["userinfo_endpoint"], headers={"Authorization": f"Bearer {told.access_token}"})
        return conditions.userinfo(response, told.claims["sub"])
