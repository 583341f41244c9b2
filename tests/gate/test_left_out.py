"""What does not exist on purpose is refused with a link that says why (S17)."""

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import post_token
from tests.support.people import Registered

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.either_engine,
]

PAGE = "http://localhost:8000/help/unsupported"
GRANT = "urn:ietf:params:oauth:grant-type:"


@pytest.mark.parametrize(
    ("grant_type", "anchor"),
    [
        ("client_credentials", "client-credentials"),
        ("password", "password"),
        ("implicit", "implicit"),
        (f"{GRANT}token-exchange", "token-exchange"),
        (f"{GRANT}jwt-bearer", "assertions"),
        (f"{GRANT}saml2-bearer", "assertions"),
    ],
)
def test_a_grant_type_left_out_on_purpose_is_refused_with_the_reason(
    gate: TestClient, app: Registered, grant_type: str, anchor: str
) -> None:
    answer = post_token(gate, app, {"grant_type": grant_type, "username": "dario", "password": "x"})
    told = answer.json()
    assert (answer.status_code, told["error"]) == (400, "unsupported_grant_type")
    assert told["error_uri"] == f"{PAGE}#{anchor}"
    assert len(told["error_description"]) > 60


@pytest.mark.parametrize("form", [{"grant_type": "wish"}, {"grant_type": "authorization_code", "code": "x"}])
def test_any_other_error_leads_to_what_its_developer_reads_about_it(
    gate: TestClient, app: Registered, form: dict[str, str]
) -> None:
    answer = post_token(gate, app, form)
    assert answer.json()["error_uri"] == f"http://localhost:8000/help/requests/{answer.headers['x-request-id']}"


def test_so_does_an_error_of_the_api_and_of_userinfo(gate: TestClient) -> None:
    for path, member in (("/v2/userinfo", "errorUri"), ("/oauth2/userinfo", "error_uri")):
        answer = gate.get(path)
        assert answer.json()[member] == f"http://localhost:8000/help/requests/{answer.headers['x-request-id']}"


def test_what_no_log_keeps_leads_to_what_its_code_means(gate: TestClient) -> None:
    meaning = "http://localhost:8000/docs/errors/{}/"
    assert gate.post("/oauth2/jwks").json()["error_uri"] == meaning.format("method_not_allowed")
    assert gate.get("/v2/nowhere").json()["errorUri"] == meaning.format("not_found")


def test_nothing_registers_itself(gate: TestClient) -> None:
    answer = gate.post("/oauth2/register", json={"redirect_uris": ["https://app.example/callback"]})
    assert (answer.status_code, answer.json()["error"]) == (403, "registration_not_supported")
    assert answer.json()["error_uri"] == f"{PAGE}#dynamic-registration"
    assert answer.headers["cache-control"] == "no-store"
    assert "registration_endpoint" not in gate.get("/.well-known/openid-configuration").json()
