"""The page `/device`: entering the code, what is shown, and what the answer comes to (RFC 8628 §3.3, §5)."""

import pytest
from django.db import OperationalError
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import Consent, signed_in
from tests.support.device_pages import (
    CODE,
    DEVICE,
    box,
    browser,
    confirmed,
    dario,
    enter,
    request_of,
    untouched,
    waiting,
    words,
)
from tests.support.html import parse
from tests.support.people import Registered
from varco.accounts.models import FailedAttempt, User
from varco.audit.models import Event, RefusedRequest
from varco.grants.models import Consent as ConsentRow
from varco.grants.models import DeviceRequest, Grant

__all__ = ["box", "browser", "dario", "waiting"]
pytestmark = pytest.mark.django_db

# --- Entering the code ----------------------------------------------------------------------------------------------


@pytest.mark.either_engine
def test_one_signs_in_first_and_comes_back_with_the_code(waiting: DeviceRequest) -> None:
    browser = Client()
    for response in (browser.get("/device?user_code=bcdf-ghjk"), enter(browser, "bcdf ghjk")):
        assert response.status_code == 303
        assert response["Location"] == "/account/login/?next=%2Fdevice%3Fuser_code%3DBCDF-GHJK"
    assert browser.get("/device")["Location"] == "/account/login/?next=%2Fdevice"
    assert browser.get(f"/device?request={waiting.pk}")["Location"] == "/account/login/?next=%2Fdevice"


@pytest.mark.either_engine
def test_the_page_asks_for_the_code_and_is_not_stored(browser: Client) -> None:
    response = browser.get("/device")
    page = parse(response.content)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert page.select_one("form[action='/device'] input[name=user_code]") is not None
    assert "dario@aurora.example" in page.get_text()


@pytest.mark.either_engine
def test_a_code_that_came_with_the_address_is_filled_in_and_still_has_to_be_confirmed(
    browser: Client, waiting: DeviceRequest
) -> None:
    response = browser.get("/device?user_code=BCDF-GHJK")
    field = parse(response.content).select_one("input[name=user_code]")
    assert field is not None
    assert field["value"] == "BCDF-GHJK"
    assert "only if your device shows the same one" in words(response)
    assert "asks for access" not in words(response)
    assert browser.get(f"/device?request={waiting.pk}").status_code == 403


def test_an_address_with_rubbish_for_a_code_is_just_the_empty_form(browser: Client) -> None:
    for rubbish in ("%00", "<script>", "A" * 5000, "BCDF"):
        response = browser.get("/device", {"user_code": rubbish})
        field = parse(response.content).select_one("input[name=user_code]")
        assert field is not None
        assert field.get("value", "") == ""


@pytest.mark.either_engine
@pytest.mark.parametrize("typed", ["BCDFGHJK", "bcdf-ghjk", " b.c.d.f/g h j k "])
def test_case_and_punctuation_do_not_matter(browser: Client, waiting: DeviceRequest, typed: str) -> None:
    assert confirmed(browser, typed).response.status_code == 200


def test_unknown_used_and_expired_codes_are_answered_alike(
    browser: Client, box: Registered, frozen: FrozenClock
) -> None:
    request_of(box, frozen, "CCCCDDDD", state="approved")
    request_of(box, frozen, "DDDDCCCC", state="denied")
    request_of(box, frozen, "FFFFGGGG", expires_at=frozen.seconds)
    said = set()
    for code in ("BBBBCCCC", "CCCCDDDD", "DDDDCCCC", "FFFFGGGG", "not a code"):
        response = enter(browser, code)
        assert response.status_code == 200
        page = parse(response.content)
        assert "This code does not work" in page.get_text()
        for varying in page.select("input[name=user_code], input[name=csrfmiddlewaretoken], [data-reference]"):
            varying.remove()
        said.add(" ".join(page.get_text().split()))
    assert len(said) == 1


def test_after_ten_wrong_codes_a_person_has_to_wait_whatever_they_enter(
    browser: Client, waiting: DeviceRequest
) -> None:
    for _ in range(10):
        assert enter(browser, "BBBBBBBB").status_code == 200
    for code in ("BBBBBBBB", CODE):
        response = enter(browser, code)
        assert response.status_code == 429
        assert response["Retry-After"]
    assert confirmed(signed_in(people.luca())).response.status_code == 200


def test_an_address_with_many_accounts_has_to_wait_too(waiting: DeviceRequest, frozen: FrozenClock) -> None:
    cast = [people.member(f"P{number}", "Aurora", "doctor") for number in range(7)]
    for user in cast[:6]:
        browser = signed_in(user)
        for _ in range(10):
            assert enter(browser, "BBBBBBBB").status_code == 200
    assert enter(signed_in(cast[6])).status_code == 429
    assert enter(signed_in(cast[6]), REMOTE_ADDR="203.0.113.9").status_code == 303


def test_codes_that_work_do_not_count(browser: Client, waiting: DeviceRequest) -> None:
    for _ in range(12):
        confirmed(browser)


def test_without_a_working_count_nobody_may_try(
    browser: Client, waiting: DeviceRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the database is away")

    browser.raise_request_exception = False
    monkeypatch.setattr(FailedAttempt.objects, "filter", away)
    assert enter(browser).status_code == 503


@pytest.mark.either_engine
def test_the_forms_need_their_proof_against_cross_site_requests(waiting: DeviceRequest, dario: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(dario)
    assert enter(browser).status_code == 403
    token = parse(browser.get("/device").content).select_one("[name=csrfmiddlewaretoken]")
    assert token is not None
    response = browser.post("/device", {"user_code": CODE, "csrfmiddlewaretoken": token["value"]})
    page = Consent(browser, response["Location"])
    assert page.accept().status_code == 403
    assert untouched()


# --- What is shown --------------------------------------------------------------------------------------------------


@pytest.mark.either_engine
def test_the_page_says_what_for_whom_from_where_and_warns(browser: Client, waiting: DeviceRequest) -> None:
    page = confirmed(browser)
    assert page.response.status_code == 200
    assert page.response["Cache-Control"] == "no-store"
    for text in (
        "Agenda Facile asks for access",
        "Clinic Aurora",
        "dario@aurora.example",
        "BCDF-GHJK",
        "198.51.100.7",
        "Box/1 <b>",
        "Did you start this yourself?",
        "If somebody sent you the code or the link, refuse",
        "365 days",
    ):
        assert text in page.text, text
    assert list(page.switches()) == ["openid", "offline_access", "giponext.patients"]
    assert "disabled" in page.switches()["openid"]
    assert page.soup.select_one("time") is not None


@pytest.mark.either_engine
def test_the_pages_are_in_the_persons_language(waiting: DeviceRequest, dario: User) -> None:
    dario.language = "it"
    dario.save()
    browser = signed_in(dario)
    assert "Collega un dispositivo" in words(browser.get("/device"))
    page = confirmed(browser)
    assert "Hai avviato tu questa richiesta?" in page.text
    assert "Il dispositivo è approvato" in words(browser.get(page.accept()["Location"]))


def test_consent_is_asked_for_although_everything_was_accepted_before(
    browser: Client, box: Registered, waiting: DeviceRequest, frozen: FrozenClock
) -> None:
    confirmed(browser).accept()
    request_of(box, frozen, "CCCCDDDD")
    assert confirmed(browser, "CCCCDDDD").switches()
    assert Grant.objects.count() == 1


# --- The answer -----------------------------------------------------------------------------------------------------


def test_accepting_gives_the_device_what_was_left_on(
    browser: Client, waiting: DeviceRequest, dario: User, frozen: FrozenClock
) -> None:
    page = confirmed(browser)
    response = page.accept(scopes=["giponext.patients"])
    assert response.status_code == 303
    assert response["Location"] == page.address
    waiting.refresh_from_db()
    grant = Grant.objects.get()
    assert (waiting.state, waiting.grant) == ("approved", grant)
    assert (grant.state, grant.user, grant.tenant.name) == ("code", dario, "Clinic Aurora")
    assert grant.scopes == "openid giponext.patients"
    assert grant.auth_time == frozen.seconds
    assert grant.sid == ""  # signing out of this browser is no business of the device
    assert ConsentRow.objects.get().refused == "offline_access"
    event = Event.objects.get(tag="device.approved")
    assert (event.actor, event.tenant, event.detail["device_ip"]) == (dario.public_id, "tenant-aurora", "198.51.100.7")
    assert "The device is approved" in words(browser.get(page.address))


@pytest.mark.either_engine
def test_scopes_put_into_the_form_are_not_granted(browser: Client, waiting: DeviceRequest) -> None:
    confirmed(browser).accept(scopes=["giponext.patients", "giponext.agenda", "x", ""])
    assert Grant.objects.get().scopes == "openid giponext.patients"


@pytest.mark.either_engine
def test_required_scopes_are_locked_and_there_is_no_acceptance_without_them(
    browser: Client, frozen: FrozenClock
) -> None:
    scopes = [people.scope("giponext.patients"), people.scope("giponext.agenda", required=True)]
    box = people.application(people.olga(), type="device", grant_types=[DEVICE], redirect_uris=[], scopes=scopes)
    waiting = request_of(box, frozen, scopes="giponext.patients giponext.agenda")
    page = confirmed(browser)
    assert "disabled" in page.switches()["giponext.agenda"]
    assert "giponext.agenda" in page.on()
    page.accept(scopes=["giponext.patients"])
    waiting.refresh_from_db()
    assert waiting.state == "denied"
    assert not Grant.objects.exists()


@pytest.mark.either_engine
def test_refusing_gives_nothing_and_says_so(browser: Client, waiting: DeviceRequest) -> None:
    page = confirmed(browser)
    assert page.refuse()["Location"] == page.address
    waiting.refresh_from_db()
    assert waiting.state == "denied"
    assert not Grant.objects.exists()
    assert not ConsentRow.objects.exists()
    assert Event.objects.filter(tag="device.denied").count() == 1
    assert "You refused" in words(browser.get(page.address))


@pytest.mark.either_engine
def test_accepting_nothing_at_all_is_a_refusal(browser: Client, box: Registered, frozen: FrozenClock) -> None:
    waiting = request_of(box, frozen, scopes="giponext.patients")
    confirmed(browser).accept(scopes=[])
    waiting.refresh_from_db()
    assert waiting.state == "denied"


@pytest.mark.either_engine
def test_an_answer_that_is_neither_yes_nor_no_decides_nothing(browser: Client, waiting: DeviceRequest) -> None:
    page = confirmed(browser)
    for decision in ("", "ACCEPT", "perhaps"):
        assert page.decide(decision)["Location"] == page.address
    assert untouched()


def test_a_registration_that_changed_meanwhile_is_shown_again_first(
    browser: Client, box: Registered, waiting: DeviceRequest
) -> None:
    page = confirmed(browser)
    box.application.version += 1
    box.application.save()
    again = page.accept()
    assert again.status_code == 200
    assert "has just changed" in words(again)
    page.show(again)
    assert untouched()
    assert page.accept().status_code == 303
    assert Grant.objects.exists()


@pytest.mark.parametrize("change", ["suspended", "without the device flow", "without the scopes"])
def test_an_application_that_may_not_any_more_gets_nothing(
    browser: Client, box: Registered, waiting: DeviceRequest, change: str
) -> None:
    page = confirmed(browser)
    if change == "suspended":
        box.application.state = "suspended"
        box.application.save()
    elif change == "without the device flow":
        box.revision.grant_types = ["authorization_code"]
        box.revision.save()
    else:
        box.revision.scopes = [people.scope("giponext.agenda")]
        box.revision.save()
    for response in (page.accept(), browser.get(page.address)):
        assert response.status_code == 400
        assert "This application is not in use" in words(response)
        refusal = RefusedRequest.objects.get(request_id=response["X-Request-Id"])
        assert (refusal.application_id, refusal.endpoint) == (box.application.pk, "/device")
        assert refusal.received.startswith("application ")
    assert untouched()
