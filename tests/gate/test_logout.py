"""What the gate says of signing out, and what a session that is over leaves of its tokens."""

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing, grant, redeem, refresh, tokens
from tests.support import people
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants import session_end
from varco.grants.models import Grant, LogoutNotice
from varco.keys import queries as keys
from varco.protocol.logout import LOGOUT_TYP, logout_token_claims

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

ONLINE = "openid giponext.patients"


@pytest.fixture
def told(transactional_db: None, frozen: FrozenClock) -> Registered:
    """An application that wants to know of logouts."""
    return people.application(people.davide(), backchannel_logout_uri="https://agenda.example/backchannel")


def leave(user: User) -> int:
    return session_end.session_over(user, "s-1", Origin(user))


def test_the_metadata_tells_where_to_sign_out_and_that_applications_are_told(gate: TestClient) -> None:
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        found = gate.get(path).json()
        assert found["end_session_endpoint"] == "http://localhost:8000/oauth2/logout"
        assert found["backchannel_logout_supported"] is True
        assert found["backchannel_logout_session_supported"] is True


def test_without_offline_access_the_tokens_die_with_the_session(
    gate: TestClient, dario: User, told: Registered
) -> None:
    online = tokens(gate, dario, told, ONLINE, sid="s-1")["access_token"]
    elsewhere = tokens(gate, dario, told, ONLINE, sid="s-2")["access_token"]
    assert gate.get("/v2/userinfo", headers=bearing(online)).status_code == 200
    assert leave(dario) == 1
    assert gate.get("/v2/userinfo", headers=bearing(online)).status_code == 401
    assert gate.get("/v2/userinfo", headers=bearing(elsewhere)).status_code == 200


def test_offline_access_outlives_it_and_its_id_tokens_name_no_session_any_more(
    gate: TestClient, dario: User, told: Registered
) -> None:
    found = tokens(gate, dario, told, sid="s-1")
    assert "sid" in claims_of(found["id_token"])
    assert leave(dario) == 1
    assert gate.get("/v2/userinfo", headers=bearing(found["access_token"])).status_code == 200
    refreshed = refresh(gate, told, found["refresh_token"], scope="openid").json()
    assert "sid" not in claims_of(refreshed["id_token"])
    assert leave(dario) == 0


def claims_of(token: str) -> dict[str, object]:
    from joserfc import jws

    payload: dict[str, object] = msgspec.json.decode(jws.extract_compact(token.encode()).payload)
    return payload


def test_a_code_of_a_session_that_is_over_is_refused(gate: TestClient, dario: User, told: Registered) -> None:
    _, code = grant(dario, told, sid="s-1")
    assert leave(dario) == 0
    assert redeem(gate, told, code).json()["error"] == "invalid_grant"


def test_a_logout_token_is_no_access_token(
    gate: TestClient, dario: User, told: Registered, frozen: FrozenClock
) -> None:
    signer = keys.signer("ES256", LOGOUT_TYP, frozen.seconds)
    assert signer is not None
    claims = logout_token_claims(
        issuer="http://localhost:8000", client_id=told.client_id, sub=dario.public_id, sid="s", jti="j", now=frozen.seconds
    )  # fmt: skip
    token = signer.sign(msgspec.json.encode(claims))
    for path in ("/v2/userinfo", "/oauth2/userinfo"):
        assert gate.get(path, headers=bearing(token)).status_code == 401
    answer = gate.post("/oauth2/introspect", data={"token": token}, auth=(told.client_id, told.secret))
    assert answer.json() == {"active": False}


def test_a_code_redeemed_while_the_person_leaves_is_told_of_or_refused(
    gate: TestClient, dario: User, told: Registered
) -> None:
    """Whoever is first: no application keeps a session of which nobody will tell it."""
    from django.db import connections

    codes = [grant(dario, told, sid="s-1")[1] for _ in range(15)]

    def act(number: int) -> int:
        if number < len(codes):
            return redeem(gate, told, codes[number]).status_code
        try:
            return leave(dario)
        finally:
            connections.close_all()

    *exchanged, first, second = race(act, len(codes) + 2)
    assert set(exchanged) <= {200, 400}
    assert first + second == LogoutNotice.objects.count()
    assert first + second == (1 if 200 in exchanged else 0)
    assert not Grant.objects.exclude(sid="").exists()
