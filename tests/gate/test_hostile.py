"""Whole requests, each with something broken in it: the gate refuses them in its own words, and writes nothing.

They go to the gate as a server hands them over, so that bytes arrive that no client library sends. The client is a real one
and its credentials are right, until they are broken; none could succeed, for the one thing that nobody can guess is missing.
"""

import base64
import ipaddress
import json
import random
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import EVERY_GRANT_TYPE, VERIFIER, MakeGate, core_of, on_its_loop, tokens, written
from tests.support import people
from tests.support.asgi_client import answer
from tests.support.client_keys import ClientKey, asserting
from tests.support.fuzz_inputs import INPUTS, spoiled
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import Event
from varco.grants.models import DeviceRequest, Grant, PushedRequest, UsedJti
from varco.ops.proxies import behind
from varco.protocol.parameters import FORM

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.either_engine,
]

PROXIES = (ipaddress.IPv4Network("10.0.0.0/8"),)
COUNT = max(INPUTS // 25, 50)
ELSEWHERE = "https://elsewhere.example/oauth2/token"
KEY = ClientKey()
ASSERTED = "an assertion"
SECRET = "a secret"
TOKEN = "a token"


class Sent(NamedTuple):
    """A request: method, path, the client's way to say who it is, what is in the query and in the body."""

    method: str
    path: str
    by: str
    query: bytes = b""
    body: bytes = b""


def posted(path: str, by: str = SECRET, **fields: str) -> Sent:
    return Sent("POST", path, by, body=form(**fields))


def form(**fields: str) -> bytes:
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


CODE = {
    "grant_type": "authorization_code",
    "code": "vac.x",
    "redirect_uri": people.CALLBACK,
    "code_verifier": VERIFIER,
}
PUSHED = {
    "response_type": "code",
    "scope": "openid",
    "redirect_uri": "https://elsewhere.example/",
    "max_age": "5",
    "claims": "{}",
}
REQUESTS = {
    "code": posted("/oauth2/token", **CODE),
    "code, asserted": posted("/oauth2/token", ASSERTED, **CODE),
    "refresh": posted(
        "/oauth2/token", grant_type="refresh_token", refresh_token=f"vrt.00000000.{'0' * 32}.1.{'a' * 43}", scope="openid"
    ),
    "device code": posted(
        "/oauth2/token", grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code="vdc.x"
    ),
    "device": posted("/oauth2/device_authorization", scope="giponext.invoices", resource="https://api.example"),
    "pushed": posted("/oauth2/par", **PUSHED),
    "revocation": posted("/oauth2/revoke", token="vrt.x", token_type_hint="refresh_token"),
    "introspection": posted("/oauth2/introspect", token="a.b.c", token_type_hint="access_token"),
    "userinfo": posted("/oauth2/userinfo", "", access_token="a.b.c"),
    "list": Sent("GET", "/v2/tenants/tenant-aurora/patients", TOKEN, b"offset=0&limit=5&name=Ros&fiscalCode=RSS"),
    "object": Sent("GET", "/v2/tenants/tenant-aurora/patients/1", TOKEN),
    "metadata": Sent("GET", "/.well-known/openid-configuration", TOKEN, b"x=1"),
}  # fmt: skip
HARMLESS = {"revocation", "introspection", "list", "metadata"}
"""What may be answered 200: that a token is dead or was, what the token's person may read, and what is public."""


class World:
    """A gate behind a proxy, a client of each kind, and a person's access token."""

    def __init__(self, gate: TestClient, app: Registered, other: Registered, access: str, now: int) -> None:
        self.gate = gate
        self.served = behind(gate.app, PROXIES)
        self.secret = b"Basic " + base64.b64encode(f"{app.client_id}:{app.secret}".encode())
        self.asserted = form(**asserting(KEY.assertion(other, now, aud=ELSEWHERE)))
        self.token = f"Bearer {access}".encode()
        self.proof = KEY.proof("POST", ELSEWHERE, now).encode()

    def parts(self, sent: Sent) -> dict[bytes, bytes]:
        """Path, query and body under names that no header has, and the headers."""
        parts = {b"/": sent.path.encode(), b"?": sent.query, b"": sent.body, b"origin": b"https://spa.example"}
        parts |= {b"content-type": FORM.encode(), b"x-forwarded-for": b"203.0.113.7, 10.0.0.2", b"content-length": b"9"}
        if sent.by == ASSERTED:
            return parts | {b"": sent.body + b"&" + self.asserted}
        return parts | ({b"authorization": self.token if sent.by == TOKEN else self.secret} if sent.by else {})

    def broken(self, sent: Sent, chance: random.Random) -> dict[bytes, bytes]:
        """The request with a part or two spoiled; only behind its last slash is the path."""
        parts = self.parts(sent)
        if chance.random() < 0.2:
            parts[b"dpop"] = self.proof
        seeds = [part for part in parts.values() if part]
        for name in chance.sample(list(parts), chance.choice((1, 1, 2))):
            kept, slash, last = parts[name].rpartition(b"/") if name == b"/" else (b"", b"", parts[name])
            parts[name] = kept + slash + spoiled(bytearray(last), seeds, chance)
        return parts

    async def answers(self, sent: Sent, name: str) -> list[tuple[dict[bytes, bytes], int, bytes]]:
        chance = random.Random(name)
        told = []
        for parts in [self.broken(sent, chance) for _ in range(COUNT)]:
            headers = [(header, value) for header, value in parts.items() if header not in {b"/", b"?", b""}]
            headers.append((b"host", b"localhost"))
            said = await answer(self.served, sent.method, parts[b"/"], headers, query=parts[b"?"], body=parts[b""])
            told.append((parts, *said))
            if len(told) % 1000 == 0:  # the gate writes reads down by the second, and refuses them when too many wait
                await core_of(self.gate).flush()
        return told


@pytest.fixture
def world(dario: User, frozen: FrozenClock, make_gate: MakeGate) -> World:
    app = people.application(people.davide(), grant_types=EVERY_GRANT_TYPE)
    other = people.application(
        app.application.owner, token_endpoint_auth_method="private_key_jwt", jwks=KEY.jwks, grant_types=EVERY_GRANT_TYPE
    )
    gate = make_gate(rate_limit="1000000000")
    return World(gate, app, other, tokens(gate, dario, app)["access_token"], frozen.seconds)


def kept() -> list[Any]:
    """What must be as it was; that a person's data were read is written down as it must be."""
    events = Event.objects.exclude(tag__startswith="patient")
    return [
        list(rows.values())
        for rows in (Grant.objects, DeviceRequest.objects, PushedRequest.objects, UsedJti.objects, events)
    ]


@pytest.mark.parametrize("name", REQUESTS)
def test_a_broken_request_is_refused_in_words_and_changes_nothing(world: World, name: str) -> None:
    before = kept()
    for parts, status, body in on_its_loop(world.gate, world.answers, REQUESTS[name], name):
        told = json.loads(body) if body else {}
        if status == 200 and name in HARMLESS:
            continue
        assert status in {400, 401, 403, 404, 413}, (parts, status, body)
        assert told["error"].isascii(), parts
        assert told.get("error_description") or told["message"], parts
    written(world.gate)
    assert kept() == before
