"""The page of a clinic's manager: what the clinic's people use, and the clinic's own no (S19, S21)."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import consent_page, signed_in
from tests.support.registration_pages import fields, page
from varco.accounts.models import User
from varco.audit.models import Event
from varco.grants.models import Consent, Grant
from varco.registry.models import BlockedApplication
from varco.tenants.models import Tenant

pytestmark = pytest.mark.django_db

LIST = "/clinic/applications/"
REASON = "It sends mails that nobody asked for."


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


@pytest.fixture
def marta(application: people.Registered) -> User:
    return people.marta()


@pytest.fixture
def browser(marta: User) -> Client:
    return signed_in(marta)


def connect(user: User, application: people.Registered, scopes: str, last_used_at: int = 0) -> Grant:
    """What is there once somebody has accepted an application and it has its tokens."""
    tenant = user.membership.tenant
    Consent.objects.create(user=user, application=application.application, tenant=tenant, scopes=scopes)
    return Grant.objects.create(
        user=user,
        application=application.application,
        tenant=tenant,
        state="active",
        scopes=scopes,
        last_used_at=last_used_at,
    )


def address(application: people.Registered, act: str = "block") -> str:
    return f"{LIST}{application.client_id}/{act}/"


def text(browser: Client, path: str = LIST) -> str:
    return page(browser.get(path)).one("main").get_text(" ", strip=True)


def block(browser: Client, application: people.Registered) -> None:
    response = browser.post(address(application), {"text": REASON})
    assert (response.status_code, response["Location"]) == (303, LIST)


def expired() -> User:
    user = people.marta()
    user.membership.expires_at = user.membership.created_at
    user.membership.save()
    return user


def switched_off() -> User:
    user = people.marta()
    user.membership.active = False
    user.membership.save()
    return user


def of_a_clinic(state: str) -> User:
    user = people.marta()
    Tenant.objects.update(state=state)
    return user


NO_MANAGERS: dict[str, Callable[[], User]] = {
    "doctor": people.dario,
    "secretary": people.silvia,
    "doctor of a sandbox": people.sandro,
    "operator": people.olga,
    "support": people.sara,
    "developer": lambda: User.objects.get(given_name="Davide"),
    "manager whose time is over": expired,
    "manager switched off": switched_off,
    "manager of a suspended clinic": lambda: of_a_clinic("suspended"),
    "manager of a closed clinic": lambda: of_a_clinic("closed"),
}


@pytest.mark.either_engine
@pytest.mark.parametrize("who", NO_MANAGERS)
def test_for_anybody_who_is_not_an_active_manager_there_is_no_such_page(
    application: people.Registered, who: str
) -> None:
    user = NO_MANAGERS[who]()
    BlockedApplication.objects.create(
        application=application.application, tenant=people.tenant("Aurora"), blocked_by=user
    )
    browser = signed_in(user)
    for path in (LIST, address(application), address(application, "unblock")):
        assert browser.get(path).status_code == 404
        assert browser.post(path, {"text": REASON}).status_code == 404
    assert BlockedApplication.objects.count() == 1
    assert f'href="{LIST}"' not in browser.get("/").content.decode()


@pytest.mark.either_engine
def test_somebody_signed_out_is_asked_to_sign_in(application: people.Registered) -> None:
    for path in (LIST, address(application), address(application, "unblock")):
        assert Client().get(path)["Location"].startswith("/account/login/")


@pytest.mark.either_engine
def test_a_manager_finds_the_page_in_the_menu(browser: Client) -> None:
    assert page(browser.get("/")).select_one(f'nav a[href="{LIST}"]')


@pytest.mark.either_engine
def test_a_manager_of_a_sandbox_has_the_page_too(application: people.Registered) -> None:
    browser = signed_in(people.member("Sveva", "Sandbox", "manager", "sandbox"))
    assert "No application is in use" in text(browser)


def test_the_list_counts_people_and_tells_scopes_last_use_and_publisher(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    connect(people.dario(), application, "openid giponext.patients", frozen.seconds - 86400)
    connect(people.silvia(), application, "openid giponext.agenda", frozen.seconds)
    connect(people.lia(), application, "openid email", frozen.seconds)
    shown = text(browser)
    for words in ("Agenda Facile", "Facile Srl", "People who use it 2", "patients' personal details", "(just now)"):
        assert words in shown, words
    assert "appointments" in shown
    assert "e-mail" not in shown, "what the other clinic's people granted"
    assert "Dario" not in shown


def test_what_was_withdrawn_or_is_of_somebody_who_left_is_not_in_use(
    browser: Client, application: people.Registered
) -> None:
    dario, silvia = people.dario(), people.silvia()
    connect(dario, application, "openid"), connect(silvia, application, "openid")
    assert "People who use it 2" in text(browser)
    Consent.objects.filter(user=dario).update(withdrawn_at=1)
    assert "People who use it 1" in text(browser)
    silvia.membership.active = False
    silvia.membership.save()
    assert "No application is in use" in text(browser)
    assert browser.get(address(application)).status_code == 404


def test_blocking_says_first_what_stops_working(browser: Client, application: people.Registered) -> None:
    connect(people.dario(), application, "openid giponext.patients")
    shown = text(browser, address(application))
    for words in ("Block Agenda Facile for Clinic Aurora?", "nobody of the centre can sign in", "for one person",
                  "patients' personal details", "Other centres are not affected"):  # fmt: skip
        assert words in shown, words
    assert not BlockedApplication.objects.exists()


def test_a_block_bars_the_clinics_people_and_lifting_it_lets_them_in_again(
    browser: Client, application: people.Registered, marta: User
) -> None:
    dario, lia = people.dario(), people.lia()
    connect(dario, application, "openid")
    block(browser, application)
    assert "does not allow Agenda Facile" in consent_page(signed_in(dario), application).response.content.decode()
    assert consent_page(signed_in(lia), application).response.status_code == 200
    shown = text(browser)
    assert "Blocked here" in shown
    assert REASON in shown
    event = Event.objects.get(tag="clinic.application_blocked")
    assert (event.actor, event.tenant, event.detail) == (marta.public_id, "tenant-aurora", {"text": REASON})
    assert event.application_id == application.application.pk

    lift = address(application, "unblock")
    assert REASON in text(browser, lift)
    assert LIST in [link["href"] for link in page(browser.get(lift)).select("main form a")]
    assert BlockedApplication.objects.exists(), "a GET changes nothing"
    assert browser.post(lift).status_code == 303
    assert not BlockedApplication.objects.exists()
    assert "does not allow" not in consent_page(signed_in(dario), application).response.content.decode()
    assert Event.objects.get(tag="clinic.application_unblocked").tenant == "tenant-aurora"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "because \u202e", "a\0b"])
def test_a_block_needs_a_reason_that_can_be_read(browser: Client, application: people.Registered, reason: str) -> None:
    connect(people.dario(), application, "openid")
    response = browser.post(address(application), {"text": reason})
    assert response.status_code == 422
    assert page(response).select_one("#id_text_fault")
    assert not BlockedApplication.objects.exists()


def test_blocking_twice_and_lifting_twice_are_told_and_change_nothing(
    browser: Client, application: people.Registered
) -> None:
    connect(people.dario(), application, "openid")
    assert browser.post(address(application, "unblock")).status_code == 409
    block(browser, application)
    assert browser.post(address(application), {"text": "Again."}).status_code == 409
    assert BlockedApplication.objects.get().reason == REASON
    assert Event.objects.filter(tag="clinic.application_blocked").count() == 1


def test_a_blocked_one_stays_on_the_list_when_nobody_uses_it_any_more(
    browser: Client, application: people.Registered
) -> None:
    connect(people.dario(), application, "openid")
    block(browser, application)
    Consent.objects.update(withdrawn_at=1)
    assert "People who use it 0" in text(browser)
    assert browser.post(address(application, "unblock")).status_code == 303
    assert "No application is in use" in text(browser)


def test_the_other_clinics_manager_sees_and_changes_nothing_of_ours(
    browser: Client, application: people.Registered
) -> None:
    dario = people.dario()
    connect(dario, application, "openid giponext.patients")
    luca = signed_in(people.luca())
    assert "No application is in use" in text(luca)
    for act in ("block", "unblock"):
        assert luca.get(address(application, act)).status_code == 404
        assert luca.post(address(application, act), {"text": REASON}).status_code == 404
    assert not BlockedApplication.objects.exists()
    block(browser, application)
    assert REASON not in text(luca)
    assert luca.post(address(application, "unblock")).status_code == 404
    assert BlockedApplication.objects.get().tenant.public_id == "tenant-aurora"


def test_each_clinic_blocks_for_itself(browser: Client, application: people.Registered) -> None:
    connect(people.dario(), application, "openid"), connect(people.lia(), application, "openid")
    luca = signed_in(people.luca())
    block(browser, application)
    block(luca, application)
    assert luca.post(address(application, "unblock")).status_code == 303
    assert BlockedApplication.objects.get().tenant.public_id == "tenant-aurora"


@pytest.mark.either_engine
def test_what_was_typed_is_escaped_and_the_form_needs_its_token(
    browser: Client, application: people.Registered, marta: User
) -> None:
    connect(people.dario(), application, "openid")
    assert browser.post(address(application), {"text": "<img src=x>"}).status_code == 303
    assert b"<img src=x>" not in browser.get(LIST).content
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(marta)
    assert guarded.post(address(application, "unblock")).status_code == 403
    assert fields(browser.get(address(application, "unblock"))) == {}
