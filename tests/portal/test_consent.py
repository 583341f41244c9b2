"""Consent: what the answer comes to, and who may give it. What the page shows: `test_consent_page.py`."""

import hashlib

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import CHALLENGE, Consent, answer_of, consent_page, signed_in
from varco.accounts.models import User
from varco.audit.models import Event, RefusedRequest
from varco.grants.models import Consent as ConsentRow
from varco.grants.models import Grant, Interaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


@pytest.fixture
def dario(application: people.Registered) -> User:
    return people.dario()


@pytest.fixture
def browser(dario: User) -> Client:
    return signed_in(dario)


def tags() -> list[str]:
    """The audited acts of the flow; signing in is another's matter."""
    return [tag for tag in Event.objects.order_by("pk").values_list("tag", flat=True) if not tag.startswith("account.")]


# --- The answer -----------------------------------------------------------------------------------------------------


def test_accepting_gives_a_code_that_stands_hashed_with_everything_that_proves_it(
    browser: Client, application: people.Registered, dario: User, frozen: FrozenClock
) -> None:
    answer = answer_of(consent_page(browser, application).accept())
    assert set(answer) == {"code", "state", "iss"}
    assert answer["code"].startswith("vac.")
    grant = Grant.objects.get()
    assert grant.code_hash == hashlib.sha256(answer["code"].encode()).hexdigest()
    assert grant.code_expires_at == frozen.seconds + 60
    assert (grant.state, grant.user, grant.tenant.name) == ("code", dario, "Clinic Aurora")
    assert grant.scopes == "openid giponext.patients giponext.agenda"
    assert grant.claims == "tenant"
    assert (grant.redirect_uri, grant.redirect_uri_sent) == (people.CALLBACK, True)
    assert (grant.code_challenge, grant.code_challenge_method) == (CHALLENGE, "S256")
    assert grant.nonce == "a nonce"
    assert grant.auth_time == frozen.seconds
    assert grant.sid
    assert tags() == ["consent.given", "code.issued"]
    event = Event.objects.get(tag="consent.given")
    assert event.detail["scopes"] == ["openid", "giponext.patients", "giponext.agenda"]
    assert (event.actor, event.tenant) == (dario.public_id, "tenant-aurora")


def test_what_is_refused_is_neither_granted_nor_forgotten(browser: Client, application: people.Registered) -> None:
    answer_of(consent_page(browser, application).accept(scopes=["giponext.patients"]))
    assert Grant.objects.get().scopes == "openid giponext.patients"
    consent = ConsentRow.objects.get()
    assert (consent.scopes, consent.refused) == ("openid giponext.patients", "giponext.agenda")


@pytest.mark.either_engine
def test_accepting_nothing_at_all_is_a_refusal(browser: Client, application: people.Registered) -> None:
    answer = answer_of(consent_page(browser, application, scope="giponext.patients").accept(scopes=[]))
    assert answer["error"] == "access_denied"
    assert not Grant.objects.exists()


@pytest.mark.either_engine
def test_refusing_tells_the_client_that_and_nothing_else(browser: Client, application: people.Registered) -> None:
    answer = answer_of(consent_page(browser, application).refuse())
    assert answer["error"] == "access_denied"
    assert (answer["state"], answer["iss"]) == ("a state", "http://localhost:8000")
    assert not Grant.objects.exists()
    assert not ConsentRow.objects.exists()
    assert tags() == ["consent.refused"]
    assert RefusedRequest.objects.get().rule == "RFC 6749 §4.1.2.1 access_denied"


@pytest.mark.either_engine
def test_scopes_put_into_the_form_that_were_not_asked_for_are_not_granted(
    browser: Client, application: people.Registered
) -> None:
    page = consent_page(browser, application, scope="openid giponext.patients")
    answer_of(
        page.accept(scopes=["giponext.patients", "giponext.agenda", "offline_access", "giponext.invoices", "x", ""])
    )
    assert Grant.objects.get().scopes == "openid giponext.patients"


@pytest.mark.either_engine
def test_profile_and_email_are_told_only_with_their_scope(browser: Client, application: people.Registered) -> None:
    page = consent_page(browser, application, scope="openid profile email")
    answer_of(page.accept(scopes=["profile"]))
    assert Grant.objects.get().claims == "profile tenant"


@pytest.mark.either_engine
def test_claims_asked_for_one_by_one_have_their_own_switch(browser: Client, application: people.Registered) -> None:
    claims = '{"userinfo": {"email": {"essential": true}, "given_name": null}, "id_token": {"auth_time": null}}'
    page = consent_page(browser, application, scope="openid", claims=claims)
    assert set(page.switches("claim")) == {"email", "profile"}
    answer_of(page.accept(claim=["email"]))
    grant = Grant.objects.get()
    assert grant.claims == "email tenant"
    assert "given_name" not in grant.claims_request
    assert "email" in grant.claims_request
    assert ConsentRow.objects.get().refused == "profile"


@pytest.mark.either_engine
def test_claims_that_are_not_registered_are_not_asked_for(browser: Client) -> None:
    application = people.application(people.olga(), claims=[])
    page = consent_page(browser, application, scope="openid", claims='{"userinfo": {"email": null}}')
    assert not page.switches("claim")
    assert "It is also told: the medical centre you work for." in page.text  # by /v2/userinfo, whatever is registered
    answer_of(page.accept())
    assert Grant.objects.get().claims == ""


@pytest.mark.either_engine
def test_an_answer_that_is_neither_yes_nor_no_decides_nothing(browser: Client, application: people.Registered) -> None:
    page = consent_page(browser, application)
    for decision in ("", "ACCEPT", "perhaps"):
        assert page.decide(decision)["Location"] == page.address
    assert not Grant.objects.exists()
    assert answer_of(page.accept())["code"]


def test_a_registration_that_changed_meanwhile_is_shown_again_before_anything_is_given(
    browser: Client, application: people.Registered
) -> None:
    page = consent_page(browser, application)
    application.application.version += 1
    application.application.save()
    again = page.accept()
    assert again.status_code == 200
    assert "has just changed" in again.content.decode()
    page.show(again)
    assert not Grant.objects.exists()
    assert answer_of(page.accept())["code"]


def test_a_form_of_an_older_version_is_refused_whatever_another_tab_shows(
    browser: Client, application: people.Registered
) -> None:
    first = consent_page(browser, application)
    application.application.version += 1
    application.application.save()
    second = Consent(browser, first.address)
    again = first.accept()
    assert (again.status_code, Grant.objects.exists()) == (200, False)
    assert answer_of(second.accept())["code"]


@pytest.mark.parametrize("version", ["", "0", "-1", "2\0", "x" * 300])
def test_a_form_without_its_version_decides_nothing(
    browser: Client, application: people.Registered, version: str
) -> None:
    page = consent_page(browser, application)
    assert page.accept(version=version).status_code == 200
    assert not Grant.objects.exists()
    assert answer_of(page.refuse())["error"] == "access_denied"


def test_what_was_chosen_in_an_outdated_form_stands_when_it_is_shown_anew(
    browser: Client, application: people.Registered
) -> None:
    page = consent_page(browser, application)
    application.application.version += 1
    application.application.save()
    page.show(page.accept(scopes=["giponext.agenda"]))
    assert page.on() == ["giponext.agenda"]
    page.accept(scopes=page.on())
    assert Grant.objects.get().scopes == "openid giponext.agenda"


def test_a_scope_that_the_application_lost_meanwhile_is_not_given(
    browser: Client, application: people.Registered
) -> None:
    page = consent_page(browser, application)
    application.revision.scopes = [people.scope("openid")]
    application.revision.save()
    assert answer_of(page.accept())["error"] == "invalid_scope"
    assert not Grant.objects.exists()


def test_an_application_suspended_meanwhile_gets_nothing(browser: Client, application: people.Registered) -> None:
    page = consent_page(browser, application)
    application.application.state = "suspended"
    application.application.save()
    response = page.accept()
    assert (response.status_code, "Location" in response) == (400, False)
    assert not Grant.objects.exists()


# --- Who may answer -------------------------------------------------------------------------------------------------


@pytest.mark.either_engine
def test_the_form_needs_its_proof_against_cross_site_requests(application: people.Registered, dario: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(dario)
    page = consent_page(browser, application)
    assert page.accept().status_code == 403
    assert not Grant.objects.exists()
    (field,) = page.soup.select("form.consent input[name=csrfmiddlewaretoken]")
    assert answer_of(page.accept(csrfmiddlewaretoken=field["value"]))["code"]


def test_another_browser_cannot_see_or_answer_it(browser: Client, application: people.Registered, dario: User) -> None:
    page = consent_page(browser, application)
    for other in (signed_in(people.luca()), signed_in(dario), Client()):
        assert other.get(page.address).status_code == 403
        assert other.post(page.address, {"decision": "accept", "scope": ["giponext.patients"]}).status_code == 403
    assert not Grant.objects.exists()
    assert answer_of(page.accept())["code"]


@pytest.mark.either_engine
def test_an_interaction_that_never_was_looks_like_anothers(browser: Client, application: people.Registered) -> None:
    consent_page(browser, application)
    assert browser.get("/oauth2/authorize/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/").status_code == 403


def test_somebody_who_signed_in_since_in_the_same_browser_is_asked_anew_and_gives_nothing_by_anothers_page(
    browser: Client, application: people.Registered
) -> None:
    page = consent_page(browser, application)
    browser.force_login(people.luca())
    response = page.accept()
    assert response["Location"] == page.address
    assert not Grant.objects.exists()
    fresh = Consent(browser, page.address)
    assert "Luca" in fresh.text
    assert "Clinic Levante" in fresh.text
    assert answer_of(fresh.accept())["code"]
    assert Grant.objects.get().tenant.name == "Clinic Levante"


@pytest.mark.either_engine
def test_not_you_signs_out_and_comes_back_to_the_same_request(browser: Client, application: people.Registered) -> None:
    page = consent_page(browser, application)
    (form,) = [form for form in page.soup.select("form:has(button)") if form.get_text(strip=True) == "Not you?"]
    response = browser.post(str(form["action"]), {"choice": "switch"})
    assert response["Location"] == page.address
    login = browser.get(page.address)
    assert login["Location"].startswith("/account/login/?next=")
    browser.force_login(people.silvia())
    assert "Silvia" in Consent(browser, page.address).text


def test_a_request_left_too_long_is_over_and_says_so(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    page = consent_page(browser, application)
    frozen.advance(1801)
    for response in (browser.get(page.address), page.accept()):
        assert response.status_code == 410
        assert "This took too long" in response.content.decode()
    assert not Grant.objects.exists()


def test_the_back_button_after_the_answer_gives_no_second_code(browser: Client, application: people.Registered) -> None:
    page = consent_page(browser, application)
    assert answer_of(page.accept())["code"]
    for response in (browser.get(page.address), page.accept(), page.refuse()):
        assert response.status_code == 410
        assert "answered this already" in response.content.decode()
    assert Grant.objects.count() == 1


def test_two_tabs_are_two_requests_that_do_not_disturb_each_other(
    browser: Client, application: people.Registered
) -> None:
    first = consent_page(browser, application, state="one")
    second = consent_page(browser, application, state="two")
    assert answer_of(second.accept())["state"] == "two"
    assert answer_of(first.accept())["state"] == "one"


def test_the_rows_of_interactions_hold_no_cookie_only_its_hash(browser: Client, application: people.Registered) -> None:
    consent_page(browser, application)
    cookie = browser.cookies["varco_browser"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert Interaction.objects.get().browser == hashlib.sha256(cookie.value.encode()).hexdigest()
