"""A confidential client that an administrator freed of PKCE, from the browser to its tokens (RFC 9700 §2.1.1, §4.8.2)."""

import base64
import json

import pytest
from django.test import Client
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import CHALLENGE, VERIFIER, post_token
from tests.support import people
from tests.support.authorization_pages import answer_of, ask, consent_page, signed_in
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.audit.services import Origin
from varco.grants.models import Grant
from varco.registry import services

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

WITHOUT = {"code_challenge": None, "code_challenge_method": None}


@pytest.fixture
def legacy(transactional_db: None, frozen: FrozenClock) -> Registered:
    app = people.application(people.davide())
    origin = Origin(people.olga())
    services.set_pkce_required(app.application, origin, required=False, reason="The vendor's library cannot.")
    return app


@pytest.fixture
def browser(dario: User) -> Client:
    return signed_in(dario)


def exchange(gate: TestClient, app: Registered, code: str, **more: str) -> tuple[int, str]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": people.CALLBACK}
    answer = post_token(gate, app, form | more)
    return answer.status_code, answer.json().get("error", "")


def test_it_may_do_without(gate: TestClient, browser: Client, legacy: Registered) -> None:
    code = answer_of(consent_page(browser, legacy, **WITHOUT).accept())["code"]
    assert exchange(gate, legacy, code) == (200, "")


@pytest.fixture
def nonced(transactional_db: None, frozen: FrozenClock) -> Registered:
    return people.application(people.davide(), pkce_exception="The library of 2014 knows no PKCE.")


def test_where_the_registration_says_so_a_nonce_does_instead(
    gate: TestClient, browser: Client, nonced: Registered
) -> None:
    """As passport-openidconnect and omniauth-openid-connect ask: state and nonce, and no challenge."""
    code = answer_of(consent_page(browser, nonced, **WITHOUT, nonce="n-0S6").accept())["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": people.CALLBACK}
    answer = post_token(gate, nonced, form).json()
    payload = answer["id_token"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["nonce"] == "n-0S6"


def test_neither_is_refused_and_its_developer_reads_why(browser: Client, nonced: Registered) -> None:
    app = people.application(nonced.application.owner)
    assert answer_of(ask(browser, nonced, **WITHOUT, nonce=None))["error"] == "invalid_request"
    assert answer_of(ask(browser, app, **WITHOUT, nonce="n-0S6"))["error"] == "invalid_request"
    told = {row.application_id: row.description for row in RefusedRequest.objects.all()}
    assert "may send nonce instead of PKCE" in told[nonced.application.pk]
    assert "ask in its registration to send nonce instead" in told[app.application.pk]


def test_with_a_nonce_a_challenge_that_was_sent_still_counts(
    gate: TestClient, browser: Client, nonced: Registered
) -> None:
    code = answer_of(consent_page(browser, nonced, code_challenge=CHALLENGE, nonce="n-0S6").accept())["code"]
    assert exchange(gate, nonced, code) == (400, "invalid_grant")
    assert exchange(gate, nonced, code, code_verifier=VERIFIER) == (200, "")


def test_a_verifier_nobody_announced_is_an_error_and_the_code_stays_good(
    gate: TestClient, browser: Client, legacy: Registered
) -> None:
    """Else an attacker could take the challenge out of the request and inject the code."""
    code = answer_of(consent_page(browser, legacy, **WITHOUT).accept())["code"]
    assert exchange(gate, legacy, code, code_verifier=VERIFIER) == (400, "invalid_grant")
    assert Grant.objects.get().state == "code"
    assert exchange(gate, legacy, code) == (200, "")


def test_a_challenge_that_was_sent_counts(gate: TestClient, browser: Client, legacy: Registered) -> None:
    code = answer_of(consent_page(browser, legacy, code_challenge=CHALLENGE).accept())["code"]
    assert exchange(gate, legacy, code) == (400, "invalid_grant")
    assert exchange(gate, legacy, code, code_verifier=VERIFIER[:-1] + "x") == (400, "invalid_grant")
    assert exchange(gate, legacy, code, code_verifier=VERIFIER) == (200, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "a" * 42},
        {"code_challenge": "a" * 44},
        {"code_challenge": "a" * 42 + "="},
        {"code_challenge": "a" * 42 + "."},
    ],
)
def test_half_a_challenge_or_a_wrong_one_is_refused(
    browser: Client, legacy: Registered, changes: dict[str, str | None]
) -> None:
    assert answer_of(ask(browser, legacy, **changes))["error"] == "invalid_request"


@pytest.mark.parametrize("length", [42, 129])
def test_a_verifier_of_the_wrong_length_is_refused(
    gate: TestClient, browser: Client, legacy: Registered, length: int
) -> None:
    code = answer_of(consent_page(browser, legacy, code_challenge=CHALLENGE).accept())["code"]
    assert exchange(gate, legacy, code, code_verifier="v" * length) == (400, "invalid_request")
    assert exchange(gate, legacy, code, code_verifier="v" * 60 + "+") == (400, "invalid_request")
    assert exchange(gate, legacy, code, code_verifier=VERIFIER) == (200, "")


def test_a_public_client_is_never_free_of_it_whatever_its_row_says(browser: Client, frozen: FrozenClock) -> None:
    spa = people.application(people.davide(), type="spa", pkce_required=False)
    assert answer_of(ask(browser, spa, **WITHOUT))["error"] == "invalid_request"


def test_required_again_it_is_required_on_the_next_request(browser: Client, legacy: Registered) -> None:
    olga = User.objects.get(platform_role="operator")
    services.set_pkce_required(legacy.application, Origin(olga), required=True, reason="They can now.")
    assert answer_of(ask(browser, legacy, **WITHOUT))["error"] == "invalid_request"
