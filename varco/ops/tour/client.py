"""The integrator's software: code and PKCE, tokens, API calls. What it checks is what a careful client checks."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from varco.ops.tour.browser import Answer, Wire
from varco.ops.tour.steps import Mismatch, Step

LONG_STATE = 3_800  # characters


@dataclass(frozen=True)
class Reply:
    """A JSON answer."""

    status: int
    json: dict[str, Any]
    headers: dict[str, str]

    def require(self, status: int) -> "Reply":
        """This reply, if it has this status. Raises `Mismatch`."""
        Step.require(self.status == status, f"status {status}", f"{self.status} {json.dumps(self.json)}")
        return self


@dataclass(frozen=True)
class Attempt:
    """One authorization request: where to send the browser, and what its answer must match."""

    url: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str


class Client:
    """A confidential web application that has been given its `client_id` and a secret."""

    def __init__(self, metadata: dict[str, Any], client_id: str, secret: str) -> None:
        self.metadata = metadata
        self.client_id = client_id
        self._secret = secret
        self._wire = Wire()

    def attempt(self, redirect_uri: str, scopes: str, *, long_state: bool = False) -> Attempt:
        """A new authorization request: code, PKCE S256, state and nonce (RFC 9700 §2.1).

        Some libraries keep all they have to remember in the state; a proxy in front has to let `LONG_STATE` characters pass.
        """
        verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        if long_state:
            state = secrets.token_urlsafe(LONG_STATE)[:LONG_STATE]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        url = f"{self.metadata['authorization_endpoint']}?{urlencode(query)}"
        return Attempt(url, state, nonce, verifier, redirect_uri)

    def code_of(self, attempt: Attempt, callback: str) -> str:
        """The code in the address the browser came back to. Raises `Mismatch` when any of it is not as it must be."""
        Step.require(callback.startswith(f"{attempt.redirect_uri}?"), f"a return to {attempt.redirect_uri}", callback)
        told = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
        Step.require("code" in told, "a code", told)
        Step.equal(told.get("state"), attempt.state, "the state sent:")
        Step.equal(told.get("iss"), self.metadata["issuer"], "iss (RFC 9207)")
        return told["code"]

    def token(self, **form: str) -> Reply:
        """A request to the token endpoint, authenticated with HTTP Basic (RFC 6749 §2.3.1)."""
        pair = f"{quote(self.client_id, safe='')}:{quote(self._secret, safe='')}".encode()
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return _reply(
            self._wire.send("POST", self.metadata["token_endpoint"], headers=headers, body=urlencode(form).encode())
        )

    def exchange(self, attempt: Attempt, code: str) -> Reply:
        """Exchange the code, proving with the verifier that it was this client that asked."""
        return self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=attempt.redirect_uri,
            code_verifier=attempt.verifier,
        )

    def refresh(self, refresh_token: str) -> Reply:
        """Use a refresh token."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def get(self, url: str, access_token: str) -> Reply:
        """Call the API for the person whose token this is."""
        return _reply(self._wire.send("GET", url, headers={"Authorization": f"Bearer {access_token}"}))


def fetch(url: str) -> Reply:
    """A public document."""
    return _reply(Wire().send("GET", url))


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT that came straight from the token endpoint over its own connection (OIDC Core §3.1.3.7)."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        raise Mismatch("a JWT", token[:20]) from None
    return dict(claims)


def _reply(answer: Answer) -> Reply:
    try:
        content = json.loads(answer.body)
    except ValueError:
        raise Mismatch(f"JSON from {answer.url}", f"{answer.status} {answer.body[:200]!r}") from None
    return Reply(answer.status, content, {name.lower(): value for name, value in answer.headers.items()})
