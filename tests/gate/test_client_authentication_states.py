"""A decision on a client is made on the client as kept, and again on the client as it stands before anybody is refused."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from tests.support.protocol_records import CLIENT_ID, NOW, client
from varco.gate.auth import client_assertion, client_authentication
from varco.gate.auth.client_authentication import ATTEMPTS, Possession, with_authenticated_client
from varco.gate.http import Response, json_response
from varco.gate.rate_limit import RateLimits
from varco.protocol.client import AuthMethod, Client, SecretRecord
from varco.protocol.client_assertion import Verified
from varco.protocol.client_authentication import Credentials
from varco.protocol.credentials import hash_of
from varco.protocol.errors import OAuthError, invalid_grant, invalid_request

SECRET = Credentials(method=AuthMethod.BASIC, client_id=CLIENT_ID, secret="vs.right")
PUBLIC = Credentials(method=AuthMethod.NONE, client_id=CLIENT_ID)
SIGNED = Credentials(method=AuthMethod.PRIVATE_KEY_JWT, client_id=CLIENT_ID, assertion="a.b.c")


def confidential(version: int = 3, secret: str = "vs.right") -> Client:
    return msgspec.structs.replace(client(version=version), secrets=(SecretRecord(5, hash_of(secret), None),))


class Gate:
    """What of a gate a client's authentication looks at: the client as kept, as it stands, and what was counted and noted."""

    def __init__(self, kept: Client | None, *stands: Client | None, limit: int = 100) -> None:
        self.stands = list(stands) or [kept]
        self.reads = 0
        self.jtis: list[str] = []
        self.used: list[int] = []
        self.effects: list[Any] = []
        self.limits = RateLimits(limit, 60)
        self.request = SimpleNamespace(client_id="", application_id=None, ip="192.0.2.7")
        self.context: Any = SimpleNamespace(
            clients=SimpleNamespace(kept=lambda _: kept, fresh=self._fresh),
            now_ms=lambda: NOW * 1000,
            rate_limits=self.limits,
            secret_used=lambda secret, _now, _ip: self.used.append(secret),
        )

    async def _fresh(self, _client_id: str) -> Client | None:
        self.reads += 1
        return self.stands.pop(0) if len(self.stands) > 1 else self.stands[0]

    async def first_use(self, _context: object, _kind: str, single_use: str, _until: int) -> bool:
        self.jtis.append(single_use)
        return self.jtis.count(single_use) == 1

    def counted(self, key: str = CLIENT_ID) -> int:
        budget = self.limits.count(key, NOW * 1000, cost=0)
        return budget.limit - budget.remaining

    def decide(
        self,
        credentials: Credentials,
        act: Callable[[Client], Response | None],
        possession: Possession = Possession.NONE,
    ) -> Response:
        async def acting(found: Client) -> Response | None:
            return act(found)

        request: Any = self.request
        return asyncio.run(with_authenticated_client(self.context, request, credentials, acting, possession=possession))


def succeeds(_client: Client) -> Response:
    return json_response({})


def fails(_client: Client) -> Response:
    raise invalid_grant("No.", rule="r")


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing_ends(*_: object) -> None:
        return None

    monkeypatch.setattr(client_authentication, "apply_effects", nothing_ends)


def test_a_kept_client_that_is_right_is_not_read_again() -> None:
    gate = Gate(confidential())
    assert gate.decide(SECRET, succeeds).status == 200
    assert (gate.reads, gate.counted(), gate.used) == (0, 1, [5])
    assert (gate.request.client_id, gate.request.application_id) == (CLIENT_ID, 7)


def test_a_client_that_is_not_kept_is_read_once() -> None:
    gate = Gate(None, confidential())
    assert gate.decide(SECRET, succeeds).status == 200
    assert gate.reads == 1


@pytest.mark.parametrize("kept", [None, confidential()])
def test_nobody_is_refused_on_a_client_that_was_kept(kept: Client | None) -> None:
    """What is kept and what stands are alike: one read has to show it, and no second."""
    gate = Gate(kept, confidential())
    with pytest.raises(OAuthError, match="invalid_grant"):
        gate.decide(SECRET, fails)
    assert (gate.reads, gate.counted()) == (1, 1)


def test_a_secret_made_a_moment_ago_is_found_and_one_revoked_a_moment_ago_is_not() -> None:
    made = Gate(confidential(secret="vs.old"), confidential(version=4))
    assert made.decide(SECRET, succeeds).status == 200
    assert (made.reads, made.counted()) == (1, 1)
    revoked = Gate(None, confidential(secret="vs.other"))
    with pytest.raises(OAuthError, match="invalid_client"):
        revoked.decide(SECRET, succeeds)
    assert (revoked.reads, revoked.counted()) == (1, 0)


def test_an_act_that_finds_the_client_changed_is_decided_again_and_counts_once() -> None:
    gate = Gate(confidential(), confidential(version=4))
    acted: list[int] = []

    def act(found: Client) -> Response | None:
        acted.append(found.version)
        return succeeds(found) if found.version == 4 else None

    assert gate.decide(SECRET, act).status == 200
    assert (acted, gate.reads, gate.counted()) == ([3, 4], 1, 1)


def test_a_decision_that_never_holds_is_given_up() -> None:
    gate = Gate(confidential(), *(confidential(version=version) for version in range(4, 20)))
    acted: list[int] = []
    with pytest.raises(OAuthError, match="temporarily_unavailable"):
        gate.decide(SECRET, lambda found: acted.append(found.version))
    assert (len(acted), gate.counted()) == (ATTEMPTS, 1)


def test_beyond_its_budget_a_client_is_not_read_again() -> None:
    gate = Gate(confidential(), limit=1)
    assert gate.decide(SECRET, succeeds).status == 200
    with pytest.raises(OAuthError, match="rate_limit_exceeded"):
        gate.decide(SECRET, succeeds)
    assert gate.reads == 0


def test_an_assertion_is_used_up_once_however_often_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    signing = msgspec.structs.replace(confidential(), auth_method=AuthMethod.PRIVATE_KEY_JWT)
    gate = Gate(signing, msgspec.structs.replace(signing, version=4))

    async def verified(*_: object) -> Verified:
        return Verified(CLIENT_ID, "j", NOW + 60)

    monkeypatch.setattr(client_assertion, "verify_assertion", verified)
    monkeypatch.setattr(client_authentication, "first_use", gate.first_use)
    assert gate.decide(SIGNED, lambda found: succeeds(found) if found.version == 4 else None).status == 200
    assert len(gate.jtis) == 1
    with pytest.raises(OAuthError, match="used before"):
        gate.decide(SIGNED, succeeds)


def public() -> Client:
    return client(type="native")


@pytest.mark.parametrize(
    ("possession", "act", "counted"),
    [
        (Possession.NONE, succeeds, 0),
        (Possession.BY_SUCCESS, succeeds, 1),
        (Possession.BY_SUCCESS, lambda _: json_response({}, 400), 0),
        (Possession.PROVEN, succeeds, 1),
        (Possession.PROVEN, lambda _: json_response({}, 400), 1),
    ],
)
def test_what_is_asked_in_a_public_clients_name_counts_against_it_once_it_was_proven(
    possession: Possession, act: Callable[[Client], Response], counted: int
) -> None:
    """S30: a stranger who knows the name uses up the budget of the place they come from."""
    gate = Gate(public())
    gate.decide(PUBLIC, act, possession)
    assert gate.counted() == counted
    assert gate.counted(f"{CLIENT_ID} 192.0.2.7") == (0 if possession is Possession.PROVEN else 1)


def test_an_error_of_the_act_counts_as_asked_without_proof() -> None:
    def malformed(_client: Client) -> Response:
        raise invalid_request("No.", rule="r")

    gate = Gate(public())
    with pytest.raises(OAuthError):
        gate.decide(PUBLIC, malformed, Possession.BY_SUCCESS)
    assert (gate.counted(), gate.counted(f"{CLIENT_ID} 192.0.2.7")) == (0, 1)
