"""The demo's world by its manifest: who is who, which applications there are, and browsers to be someone with."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from tests.support.demo_server import Demo
from tests.support.http_person import Person
from tests.support.postgres import free_port

VERIFIER = "a-code-verifier-that-nobody-could-guess-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Places:
    """Origins on loopback where two applications of the journeys are served: one in the browser, one behind Apache.

    `apache_by_tls` is the second one behind a proxy, where a server that speaks https only can tell it of logouts.
    `quick_start` is where the samples of two others listen.
    """

    spa: str
    apache: str
    apache_by_tls: str
    quick_start: str

    @classmethod
    def free(cls) -> Self:
        return cls(
            spa=f"http://127.0.0.1:{free_port()}",
            apache=f"http://127.0.0.1:{free_port()}",
            apache_by_tls=f"https://localhost:{free_port()}",
            quick_start=f"http://127.0.0.1:{free_port()}/callback",
        )

    @property
    def spa_beside_varco(self) -> str:
        """The first one by another name: of the same site as the issuer, which makes a difference to cookies."""
        return self.spa.replace("127.0.0.1", "localhost")

    def clients(self, *, told: bool = False) -> dict[str, Any]:
        """The client file that registers them for clients of the demo; `told`: the one behind Apache wants to know of logouts."""
        beside = [self.quick_start, "http://127.0.0.1:8765/callback"]
        return {
            "web": {"redirect_uris": beside},
            "web_post": {"redirect_uris": beside},
            "spa": {
                "redirect_uris": [f"{origin}/callback" for origin in (self.spa, self.spa_beside_varco)],
                "post_logout_redirect_uris": [f"{self.spa}/bye"],
            },
            "web_legacy": {
                "redirect_uris": [f"{self.apache}/staff/callback"],
                "post_logout_redirect_uris": [f"{self.apache}/bye/"],
                "backchannel_logout_uri": f"{self.apache_by_tls}/staff/callback?logout=backchannel" if told else "",
            },
        }


class World:
    """One running demo, seen from outside."""

    def __init__(self, demo: Demo, *, certificate: Path | None = None, **transport: Any) -> None:
        self.demo = demo
        self.certificate = certificate
        self.transport = transport
        self.issuer: str = demo.manifest["issuer"]
        self.api: str = demo.manifest["api"]

    def _named(self, kind: str, key: str) -> dict[str, Any]:
        return next(item for item in self.demo.manifest[kind] if item["key"] == key)

    def person(self, key: str) -> Person:
        """Somebody of the demo at a new browser, not signed in. Use it in a `with` block."""
        account = self.account(key)
        return Person(self.issuer, account["email"], account["password"], **self.transport)

    def account(self, key: str) -> dict[str, Any]:
        return self._named("accounts", key)

    def client(self, key: str) -> dict[str, Any]:
        return self._named("applications", key)

    def tenant(self, key: str) -> str:
        return str(self._named("tenants", key)["id"])

    def tokens(self, who: str, **parameters: str) -> dict[str, Any]:
        """What the application `web` is given after somebody has signed in and accepted; `parameters` of its request."""
        with self.person(who) as person:
            return self.tokens_of(person, **parameters)

    def tokens_of(self, person: Person, **parameters: str) -> dict[str, Any]:
        """The same of somebody at a browser that is open."""
        registered = self.client("web")
        callback = person.authorize(self.request("web", **parameters))
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(callback).query)["code"][0],
            "redirect_uri": registered["redirect_uris"][0],
            "code_verifier": VERIFIER,
        }
        authorization = (registered["client_id"], registered["client_secrets"][0])
        answer = httpx.post(self.address("/oauth2/token"), data=form, auth=authorization)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def address(self, path: str) -> str:
        return f"{self.issuer}{path}"

    def request(self, key: str, **parameters: str) -> str:
        """Address of an authorization request of one of the demo's applications, with PKCE."""
        client = self.client(key)
        asked = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": client["redirect_uris"][0],
            "scope": " ".join(client["scopes"]),
            "state": "as-it-was",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | parameters
        return self.address(f"/oauth2/authorize?{urlencode(asked)}")
