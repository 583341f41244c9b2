"""The page `/device`: who may answer for a device, when, and who may not (RFC 8628 §5.4)."""

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import Consent, signed_in
from tests.support.device_pages import box, browser, confirmed, dario, request_of, untouched, waiting, words
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import Event, RefusedRequest
from varco.grants.models import DeviceRequest, Grant
from varco.registry.models import BlockedApplication

__all__ = ["box", "browser", "dario", "waiting"]
pytestmark = pytest.mark.django_db

# --- Who may answer, and when ---------------------------------------------------------------------------------------


def test_nobody_answers_who_has_not_entered_the_code_in_this_browser(waiting: DeviceRequest, dario: User) -> None:
    page = confirmed(signed_in(dario))
    for other in (signed_in(dario), signed_in(people.luca())):
        for response in (other.get(page.address), other.post(page.address, {"decision": "accept"})):
            assert response.status_code == 403
            assert "does not belong to your sign-in" in words(response)
    assert untouched()
    assert page.accept().status_code == 303


def test_somebody_who_signed_in_since_in_the_same_browser_changes_nothing_by_anothers_page(
    browser: Client, waiting: DeviceRequest
) -> None:
    page = confirmed(browser)
    browser.force_login(people.luca())
    for decision in ("accept", "refuse"):
        assert page.decide(decision).status_code == 403
    assert untouched()


def test_a_confirmation_carried_into_anothers_session_is_worth_nothing(browser: Client, waiting: DeviceRequest) -> None:
    page = confirmed(browser)
    other = signed_in(people.luca())
    session = other.session
    session["device_requests"] = browser.session["device_requests"]
    session.save()
    assert other.post(page.address, {"decision": "accept"}).status_code == 403
    assert untouched()


def test_signed_out_meanwhile_one_signs_in_and_enters_the_code_again(browser: Client, waiting: DeviceRequest) -> None:
    page = confirmed(browser)
    browser.logout()
    assert page.accept()["Location"].startswith("/account/login/")
    assert untouched()


@pytest.mark.either_engine
def test_not_you_signs_out_and_comes_back_to_the_code(browser: Client, waiting: DeviceRequest) -> None:
    page = confirmed(browser)
    (form,) = [form for form in page.soup.select("form:has(button)") if form.get_text(strip=True) == "Not you?"]
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    response = browser.post(str(form["action"]), fields | {"choice": "switch"})
    assert response["Location"] == "/account/login/?next=%2Fdevice%3Fuser_code%3DBCDF-GHJK"
    assert browser.get("/device").status_code == 303
    assert untouched()


def test_a_code_that_ran_out_meanwhile_says_so(browser: Client, waiting: DeviceRequest, frozen: FrozenClock) -> None:
    page = confirmed(browser)
    frozen.advance(600)
    for response in (browser.get(page.address), page.accept(), page.refuse()):
        assert response.status_code == 410
        assert "This took too long" in words(response)
    assert untouched()


def test_of_two_people_with_the_same_code_the_first_answer_counts(browser: Client, waiting: DeviceRequest) -> None:
    mine, theirs = confirmed(browser), confirmed(signed_in(people.luca()))
    assert theirs.refuse().status_code == 303
    for response in (mine.accept(), mine.browser.get(mine.address)):
        assert response.status_code == 410
        assert "answered already" in words(response)
    waiting.refresh_from_db()
    assert waiting.state == "denied"
    assert not Grant.objects.exists()


def test_the_back_button_after_the_answer_changes_nothing(browser: Client, waiting: DeviceRequest) -> None:
    page = confirmed(browser)
    page.accept()
    for response in (page.accept(scopes=[]), page.refuse()):
        assert response["Location"] == page.address
    assert Grant.objects.count() == 1
    assert Event.objects.filter(tag__startswith="device.").count() == 1
    assert "The device is approved" in words(browser.get(page.address))


def test_two_tabs_are_two_requests(
    browser: Client, box: Registered, waiting: DeviceRequest, frozen: FrozenClock
) -> None:
    other = request_of(box, frozen, "CCCCDDDD")
    first, second = confirmed(browser), confirmed(browser, "CCCCDDDD")
    second.refuse()
    first.accept()
    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.state, other.state) == ("approved", "denied")


# --- Barriers -------------------------------------------------------------------------------------------------------


def barred(browser: Client, text: str) -> Consent:
    page = confirmed(browser)
    assert page.response.status_code == 403
    assert text in page.text
    assert not page.switches()
    assert page.accept()["Location"] == page.address
    assert untouched()
    return page


@pytest.mark.either_engine
def test_a_developer_without_a_clinic_is_told_why(box: Registered, waiting: DeviceRequest) -> None:
    page = barred(signed_in(box.application.owner), "belongs to no medical centre")
    page.refuse()
    waiting.refresh_from_db()
    assert waiting.state == "denied"
    assert RefusedRequest.objects.get().rule == "S5 membership of a tenant"
    assert "You refused" in words(page.browser.get(page.address))


def test_a_block_between_page_and_answer_holds(
    browser: Client, box: Registered, waiting: DeviceRequest, dario: User
) -> None:
    page = confirmed(browser)
    BlockedApplication.objects.create(application=box.application, tenant=dario.membership.tenant, blocked_by=dario)
    assert page.accept()["Location"] == page.address
    assert untouched()
    barred(browser, "Clinic Aurora does not allow Agenda Facile")
