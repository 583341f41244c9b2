"""What the token endpoint hands out, read with another library."""

import json
import re

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import MakeGate, bearing, grant, redeem, refresh, tokens, written
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import Event
from varco.grants.models import Grant
from varco.keys import services as keys
from varco.protocol.id_token import token_hash

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def read(gate: TestClient, token: str, algorithm: str) -> jwt.Token:
    published = KeySet.import_key_set(gate.get("/oauth2/jwks").json())
    return jwt.decode(token, published, algorithms=[algorithm])


def test_an_access_token_says_who_for_whom_and_what(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    got = tokens(gate, dario, app, acr="urn:varco:acr:2", auth_time=frozen.seconds - 300)
    token = read(gate, got["access_token"], "ES256")
    assert token.header["typ"] == "at+jwt"
    jti = token.claims.pop("jti")
    assert len(jti) >= 16
    assert token.claims == {
        "iss": "http://localhost:8000",
        "sub": dario.public_id,
        "aud": "https://api.example",
        "iat": frozen.seconds,
        "exp": frozen.seconds + 600,
        "client_id": app.client_id,
        "scope": got["scope"],
        "gid": str(Grant.objects.get().pk),
        "tenant": "tenant-aurora",
        "acr": "urn:varco:acr:2",
        "auth_time": frozen.seconds - 300,
    }
    assert got["expires_in"] == 600


def test_a_refresh_says_when_the_person_signed_in_and_not_when_the_token_was_refreshed(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    signed_in = frozen.seconds - 300
    got = tokens(gate, dario, app, "openid offline_access", acr="urn:varco:acr:2", auth_time=signed_in)
    frozen.advance(3600)
    again = refresh(gate, app, got["refresh_token"]).json()
    claims = read(gate, again["access_token"], "ES256").claims
    assert (claims["acr"], claims["auth_time"]) == ("urn:varco:acr:2", signed_in)
    assert claims["iat"] == frozen.seconds


def test_an_id_token_comes_with_a_code_and_carries_its_nonce_and_the_granted_claims(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    got = tokens(gate, dario, app, "openid email", claims="email")
    claims = read(gate, got["id_token"], "RS256").claims
    assert claims.pop("at_hash")
    assert claims == {
        "iss": "http://localhost:8000",
        "sub": dario.public_id,
        "aud": app.client_id,
        "iat": frozen.seconds,
        "exp": frozen.seconds + 600,
        "auth_time": frozen.seconds - 5,
        "nonce": "n-0S6_WzA2Mj",
        "amr": ["pwd"],
        "email": "dario@aurora.example",
        "email_verified": True,
    }
    assert "refresh_token" not in got


def test_the_subject_stays_whatever_else_of_a_person_changes(gate: TestClient, dario: User, app: Registered) -> None:
    """OpenID Connect Core §5.7: it is all that an application may know a person by."""
    before = read(gate, tokens(gate, dario, app)["id_token"], "RS256").claims["sub"]
    User.objects.filter(pk=dario.pk).update(email="dario@elsewhere.example", family_name="Levante")
    after = read(gate, tokens(gate, dario, app)["id_token"], "RS256").claims
    assert (after["sub"], after["email"]) == (before, "dario@elsewhere.example")
    others = {
        read(gate, tokens(gate, other, app)["id_token"], "RS256").claims["sub"]
        for other in (people.silvia(), people.lia())
    }
    assert len(others | {before}) == 3


def test_without_openid_there_is_no_id_token(gate: TestClient, dario: User, app: Registered) -> None:
    assert "id_token" not in tokens(gate, dario, app, "giponext.patients offline_access")


def test_a_refresh_brings_an_id_token_only_when_openid_is_asked_for(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    got = tokens(gate, dario, app, acr="urn:varco:acr:1", sid="a-session")
    first = read(gate, got["id_token"], "RS256").claims
    frozen.advance(3600)
    plain = refresh(gate, app, got["refresh_token"]).json()
    assert "id_token" not in plain
    asked = refresh(gate, app, plain["refresh_token"], scope="openid giponext.patients").json()
    claims = read(gate, asked["id_token"], "RS256").claims
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,255}", claims["sub"])
    # Core §12.2: of the same sign-in, made now, and no answer to the nonce of then.
    assert claims.keys() == first.keys() - {"nonce"}
    assert (claims["iat"], claims["exp"]) == (frozen.seconds, frozen.seconds + 600)
    assert claims["at_hash"] == token_hash(asked["access_token"], "RS256") != first["at_hash"]
    same = claims.keys() - {"iat", "exp", "at_hash"}
    assert {name: claims[name] for name in same} == {name: first[name] for name in same}
    assert {"iss", "sub", "aud", "auth_time", "acr", "amr", "sid"} <= same


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ["RS256", "PS256", "EdDSA"])
def test_access_tokens_can_be_signed_with_what_resource_servers_know(
    make_gate: MakeGate, dario: User, app: Registered, frozen: FrozenClock, alg: str
) -> None:
    """RFC 9068 §2.1 asks for RS256; and a gate still takes what it signed before the setting changed."""
    keys.ensure(algorithms=[alg])
    before = tokens(make_gate(), dario, app)["access_token"]
    gate = make_gate(access_token_alg=alg)
    token = tokens(gate, dario, app)["access_token"]
    assert read(gate, token, alg).header["typ"] == "at+jwt"
    for one in (before, token):
        assert gate.get("/v2/userinfo", headers=bearing(one)).status_code == 200


def test_a_scope_that_lost_its_approval_is_in_no_new_token(gate: TestClient, dario: User, app: Registered) -> None:
    got = tokens(gate, dario, app)
    app.revision.scopes = [people.scope("openid"), people.scope("offline_access")]
    app.revision.save()
    type(app.application).objects.update(version=2)
    assert refresh(gate, app, got["refresh_token"]).json()["scope"] == "openid offline_access"


def test_an_application_that_lost_the_refresh_grant_cannot_refresh(
    gate: TestClient, dario: User, app: Registered
) -> None:
    got = tokens(gate, dario, app)
    app.revision.grant_types = ["authorization_code"]
    app.revision.save()
    type(app.application).objects.update(version=2)
    answer = refresh(gate, app, got["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_a_secret_made_a_moment_ago_works_although_the_client_was_kept(
    gate: TestClient, dario: User, app: Registered
) -> None:
    import hashlib
    import secrets

    got = tokens(gate, dario, app)
    text = f"vs.{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    app.application.secrets.create(label="second", digest=digest, hint="xxxx", created_by=app.application.owner)
    type(app.application).objects.update(version=2)
    with_new = Registered(app.application, app.revision, text)
    assert refresh(gate, with_new, got["refresh_token"]).status_code == 200


def test_a_public_client_exchanges_with_its_client_id_and_the_verifier(gate: TestClient, dario: User) -> None:
    public = people.application(people.davide(), type="spa")
    _, code = grant(dario, public)
    assert redeem(gate, public, code).status_code == 200


def test_two_rotations_in_one_second_and_a_narrowed_retry_agree(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    second = refresh(gate, app, first).json()["refresh_token"]
    third = refresh(gate, app, second).json()["refresh_token"]
    again = refresh(gate, app, second, scope="giponext.patients").json()
    assert (again["refresh_token"], again["scope"]) == (third, "giponext.patients")


def test_what_happens_to_a_grant_is_in_the_record(gate: TestClient, dario: User, app: Registered) -> None:
    _, code = grant(dario, app)
    issued = redeem(gate, app, code)
    redeem(gate, app, code)
    events = list(Event.objects.exclude(tag__startswith="key.").order_by("id"))
    assert [event.tag for event in events] == ["grant.issued", "code.replayed", "grant.ended"]
    assert {(event.user, event.tenant, event.application_name) for event in events} == {
        (dario.public_id, "tenant-aurora", "Agenda Facile")
    }
    assert events[0].request_id == issued.headers["x-request-id"]
    assert events[0].ip == "192.0.2.7"
    assert events[2].detail["reason"] == "code_replayed"


def test_when_a_secret_was_last_used_is_written_when_the_gate_has_time(
    make_gate: MakeGate, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    gate = make_gate()
    tokens(gate, dario, app)
    written(gate)
    secret = app.application.secrets.get()
    assert (secret.last_used_at, secret.last_used_from) == (frozen.seconds, "192.0.2.0/24")


def test_no_answer_of_the_token_endpoint_is_stored(gate: TestClient, dario: User, app: Registered) -> None:
    _, code = grant(dario, app)
    for answer in (redeem(gate, app, code), redeem(gate, app, code)):
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        json.loads(answer.content)
