"""Whatever bytes arrive at an endpoint, it answers as it should: never with a 500, and nothing is written."""

from urllib.parse import quote

import pytest
from httpx import Auth, BasicAuth
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.gate.conftest import MakeGate
from tests.support.client_keys import ClientKey
from tests.support.people import Registered
from tests.support.protocol_records import fuzz
from varco.accounts.models import User
from varco.grants.models import DeviceRequest, Grant, PushedRequest, UsedJti
from varco.protocol.parameters import FORM

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.either_engine,
]

ENDPOINTS = (
    "/oauth2/token",
    "/oauth2/revoke",
    "/oauth2/introspect",
    "/oauth2/device_authorization",
    "/oauth2/par",
    "/oauth2/userinfo",
)
NAMES = [
    "grant_type",
    "code",
    "refresh_token",
    "device_code",
    "redirect_uri",
    "code_verifier",
    "scope",
    "resource",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "token",
    "token_type_hint",
    "access_token",
    "request",
    "request_uri",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "max_age",
    "prompt",
    "claims",
]
_KEY = ClientKey()
SEEDS = [
    "authorization_code",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "urn:ietf:params:oauth:request_uri:x",
    "https://api.example",
    "S256",
    "vrt.00000000.00000000000000000000000000000000.1.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    _KEY.sign({"typ": "JWT"}, {"iss": "a", "sub": "a", "aud": 7, "exp": [], "jti": {}}),
    _KEY.proof("POST", "http://localhost:8000/oauth2/token", 1_800_000_000, ath=[], nonce={}),
    _KEY.proof("POST", "http://[::1", 10**400),
]
text = st.one_of(st.sampled_from(SEEDS), st.text(max_size=60), st.binary(max_size=30).map(quote))
fields = st.lists(st.tuples(st.sampled_from(NAMES), text), max_size=8)
bodies = st.one_of(
    fields.map(lambda pairs: "&".join(f"{name}={quote(value)}" for name, value in pairs).encode()),
    fields.map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "surrogatepass")),
    st.binary(max_size=200),
)
headers = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=80).map(
    lambda value: value.encode("latin-1")
)
schemes = st.sampled_from([b"", b"Basic ", b"Bearer ", b"DPoP ", b"basic", b"Digest "])
seeded = st.one_of(headers, st.sampled_from([seed.encode() for seed in SEEDS]))


@pytest.fixture
def patient(make_gate: MakeGate) -> TestClient:
    """A gate that does not mind being asked often."""
    return make_gate(rate_limit="1000000000")


@fuzz
@given(
    path=st.sampled_from(ENDPOINTS),
    body=bodies,
    content_type=st.one_of(st.just(FORM.encode()), headers),
    authorization=st.one_of(st.none(), st.tuples(schemes, seeded).map(b"".join)),
    proof=st.one_of(st.none(), seeded),
    client=st.booleans(),
)
def test_garbage_gets_a_clean_answer(
    patient: TestClient,
    app: Registered,
    dario: User,
    *,
    path: str,
    body: bytes,
    content_type: bytes,
    authorization: bytes | None,
    proof: bytes | None,
    client: bool,
) -> None:
    sent = [(b"content-type", content_type)]
    if authorization is not None:
        sent.append((b"authorization", authorization))
    if proof is not None:
        sent.append((b"dpop", proof))
    auth = BasicAuth(app.client_id, app.secret) if client and authorization is None else Auth()
    answer = patient.post(path, content=body, headers=sent, auth=auth)
    assert answer.status_code in {200, 400, 401, 413}, (answer.status_code, answer.text)
    if answer.status_code != 200:
        assert answer.json()["error"]
        assert "Traceback" not in answer.text
    assert not Grant.objects.exists()
    assert not PushedRequest.objects.exists()
    assert not DeviceRequest.objects.exists()
    assert not UsedJti.objects.exists()
