"""Pushed requests at the authorization endpoint (RFC 9126 §4)."""

import hashlib

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import AUTHORIZE, Consent, answer_of, ask, parameters, signed_in
from tests.support.client_response import ClientResponse
from varco.audit.models import RefusedRequest
from varco.grants.models import Grant, Interaction, PushedRequest
from varco.protocol import pushed_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide(), profile="fapi2", token_endpoint_auth_method="private_key_jwt")


@pytest.fixture
def browser(application: people.Registered) -> Client:
    return signed_in(people.dario())


def push(application: people.Registered, frozen: FrozenClock, reference: str = "r" * 43, **changes: str | None) -> str:
    """As the PAR endpoint stores it; the `request_uri`."""
    jkt = changes.pop("dpop_jkt_of_proof", "") or ""
    values = parameters(application, **changes)
    values.pop("client_id")
    uri = pushed_request.PREFIX + reference
    PushedRequest.objects.create(
        request_uri_hash=hashlib.sha256(uri.encode()).hexdigest(),
        client_id=application.client_id,
        parameters={"values": values, "resource": []},
        dpop_jkt=jkt,
        expires_at=frozen.seconds + 90,
    )
    return uri


def bring(browser: Client, application: people.Registered, uri: str, **more: str) -> ClientResponse:
    return browser.get(AUTHORIZE, {"client_id": application.client_id, "request_uri": uri, **more})


def test_a_pushed_request_is_the_request_and_what_stands_beside_it_is_ignored(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    uri = push(application, frozen, scope="openid giponext.agenda", dpop_jkt_of_proof="j" * 43)
    evil = {"redirect_uri": "https://evil.example/", "scope": "openid giponext.patients", "state": "evil"}
    page = Consent(browser, bring(browser, application, uri, **evil)["Location"])
    assert list(page.switches()) == ["openid", "giponext.agenda"]
    answer = answer_of(page.accept())
    assert answer["state"] == "a state"
    grant = Grant.objects.get()
    assert (grant.scopes, grant.dpop_jkt) == ("openid giponext.agenda", "j" * 43)
    assert grant.code_expires_at == frozen.seconds + 60


def refused(response: ClientResponse, received: str) -> None:
    assert response.status_code == 400
    assert "Location" not in response
    refusal = RefusedRequest.objects.latest("pk")
    assert (refusal.error, refusal.received.split(" ")[0]) == ("invalid_request_uri", received)


def test_a_reference_is_good_once(browser: Client, application: people.Registered, frozen: FrozenClock) -> None:
    uri = push(application, frozen)
    page = Consent(browser, bring(browser, application, uri)["Location"])
    refused(bring(Client(), application, uri), "used")
    assert answer_of(page.accept())["code"]
    refused(bring(browser, application, uri), "used")
    assert Interaction.objects.count() == 1


def test_a_page_loaded_again_before_it_is_answered_is_no_second_use(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    """RFC 9126 §7.3; in that browser, for that client."""
    uri = push(application, frozen)
    first = bring(browser, application, uri)
    frozen.advance(100)
    again = bring(browser, application, uri, state="evil")
    assert (again.status_code, again["Location"]) == (303, first["Location"])
    other = people.application(people.olga(), name="Other")
    refused(bring(browser, other, uri), "unknown,")
    refused(bring(signed_in(people.silvia()), application, uri), "used")
    assert answer_of(Consent(browser, again["Location"]).accept())["state"] == "a state"
    assert Interaction.objects.count() == 1


def test_a_reference_is_good_once_where_no_page_is_shown(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    answer_of(Consent(browser, bring(browser, application, push(application, frozen))["Location"]).accept())
    uri = push(application, frozen, reference="s" * 43)
    assert answer_of(bring(browser, application, uri))["code"]
    refused(bring(browser, application, uri), "used")
    silent = push(application, frozen, reference="t" * 43, prompt="none")
    assert answer_of(bring(Client(), application, silent))["error"] == "login_required"
    refused(bring(browser, application, silent), "used")
    assert Grant.objects.count() == 2


def test_a_reference_is_good_for_a_short_time(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    uri = push(application, frozen)
    frozen.advance(90)
    refused(bring(browser, application, uri), "expired")


def test_a_reference_is_good_for_its_client_only(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    other = people.application(people.olga(), name="Other")
    refused(bring(browser, other, push(application, frozen)), "unknown,")
    assert PushedRequest.objects.get().used_at is None


def test_a_made_up_reference_is_refused(browser: Client, application: people.Registered) -> None:
    refused(bring(browser, application, pushed_request.PREFIX + "made-up"), "unknown,")
    assert bring(browser, application, pushed_request.PREFIX).status_code == 400


def test_a_fapi_client_that_does_not_push_is_told_to(browser: Client, application: people.Registered) -> None:
    answer = answer_of(ask(browser, application))
    assert answer["error"] == "invalid_request"
    assert "PAR" in answer["error_description"]


def test_what_was_sound_when_it_was_pushed_is_checked_again(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    uri = push(application, frozen)
    application.revision.scopes = [people.scope("openid")]
    application.revision.save()
    assert answer_of(bring(browser, application, uri))["error"] == "invalid_scope"
