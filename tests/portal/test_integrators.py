"""Pages about integrator access: the manager's, the invited person's, and the countdown."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.support import access_rows, integrators, people
from tests.support.integrators import active, fresh, given, secret_of
from tests.support.registration_pages import page
from varco.accounts import queries
from varco.accounts.models import User
from varco.grants.models import Consent
from varco.integrators import confirmations
from varco.integrators.models import ConnectedApplication, IntegratorAccess
from varco.tenants.models import Membership

LIST = "/clinic/integrators/"


@pytest.fixture
def marta(frozen: FrozenClock, db: None) -> User:
    return people.marta()


@pytest.fixture
def browser(marta: User, as_user: AsUser) -> Client:
    return as_user(marta)


def words(answer: Any) -> str:
    return " ".join(page(answer).get_text(" ").split())


@pytest.fixture
def direct(settings: Any) -> None:
    """A vendor whose managers give access themselves."""
    settings.VARCO = dataclasses.replace(settings.VARCO, integrators_direct=True)


def asked(**changes: Any) -> dict[str, Any]:
    last_day = integrators.today() + dt.timedelta(days=30)
    right = {"email": "Ivo@Integra.example", "project": "The agenda moves.", "sets": ["bookings"], "last_day": last_day}
    return right | changes


def as_signed_in_now(browser: Client, frozen: FrozenClock) -> None:
    """Days have gone by in a moment; what is sensitive wants a sign-in of now."""
    session = browser.session
    session["varco_signed_in_ms"] = frozen.milliseconds
    session.save()


@pytest.mark.either_engine
def test_the_way_to_ask_is_a_ticket(browser: Client) -> None:
    assert browser.get(f"{LIST}new/")["Location"] == "/tickets/new/integrator_access/"
    assert "Nobody outside has access" in words(browser.get(LIST))


def test_where_managers_may_they_give_it_by_a_form(browser: Client, direct: None) -> None:
    answer = browser.post(f"{LIST}new/", asked(permissions=["patients.read"]))
    access = IntegratorAccess.objects.get()
    assert answer["Location"] == f"{LIST}{access.pk}/"
    assert access.email == "ivo@integra.example"
    assert access.ceiling == ["patients.read", "agenda.read", "agenda.write", "treatments.read"]
    shown = words(browser.get(answer["Location"]))
    assert "See agendas and appointments" in shown
    assert "ivo@integra.example" in words(browser.get(LIST))


@pytest.mark.either_engine
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sets": []}, "Choose what the integrator may do"),
        ({"sets": ["everything"]}, "Select a valid choice"),
        ({"last_day": ""}, "Give the last day"),
        ({"last_day": "tomorrow"}, "Enter a valid date"),
        ({"email": "marta@aurora.example"}, "works at your centre already"),
        ({"project": "x" * 501}, "at most 500 characters"),
    ],
)
def test_a_form_that_will_not_do_comes_again_with_what_was_typed(
    browser: Client, direct: None, changes: dict[str, Any], told: str
) -> None:
    answer = browser.post(f"{LIST}new/", asked(**changes))
    assert answer.status_code == 422
    assert told in words(answer)
    assert not IntegratorAccess.objects.exists()


def test_it_is_ended_with_a_reason_and_the_report_is_shown(browser: Client, marta: User) -> None:
    access, user = active()
    access_rows.record(
        0, [7], person=user.public_id, at=(fresh(access).accepted_at or 0) * 1000, application_name="Ponte"
    )
    address = f"{LIST}{access.pk}/end/"
    assert browser.post(address, {"text": " "}).status_code == 422
    assert fresh(access).state == "active"
    answer = browser.post(address, {"text": "The work is done."})
    assert answer["Location"] == f"{LIST}{access.pk}/report/"
    shown = words(browser.get(answer["Location"]))
    assert "Ponte Saw a patient 1" in shown
    assert "A manager of the centre ended it." in shown
    assert browser.post(address, {"text": "Again."}).status_code == 404
    assert not Membership.objects.filter(user=user).exists()


def test_its_last_day_moves_forward_only_by_the_manager(browser: Client, marta: User) -> None:
    access, _user = active(days=30)
    address = f"{LIST}{access.pk}/dates/"
    assert browser.get(address).status_code == 200
    later = browser.post(address, {"last_day": access.last_day + dt.timedelta(days=5)})
    assert later.status_code == 422
    assert "ask for an extension" in words(later)
    assert browser.post(address, {"last_day": ""}).status_code == 422
    sooner = access.last_day - dt.timedelta(days=5)
    assert browser.post(address, {"last_day": sooner.isoformat()}).status_code == 303
    assert fresh(access).last_day == sooner
    shown = page(browser.get(f"{LIST}{access.pk}/"))
    (extension,) = [a["href"] for a in shown.select("main a") if "extension" in str(a["href"])]
    prefilled = page(browser.get(str(extension)))
    assert prefilled.one("input[name=access][checked]")["value"] == access.email


def test_a_manager_who_may_moves_it_later_too(browser: Client, marta: User, direct: None) -> None:
    access, _user = active(days=30)
    later = access.last_day + dt.timedelta(days=5)
    assert browser.post(f"{LIST}{access.pk}/dates/", {"last_day": later.isoformat()}).status_code == 303
    assert fresh(access).last_day == later


def test_people_and_applications_are_confirmed_by_one_button_each(
    browser: Client, marta: User, frozen: FrozenClock
) -> None:
    access, _user = active(days=300)
    dario, made = people.dario(), people.application(people.davide())
    Consent.objects.create(user=dario, application=made.application, tenant=dario.membership.tenant, scopes="openid")
    confirmations.notice_new()
    row = ConnectedApplication.objects.get()
    frozen.advance(80 * 86400)
    shown = words(browser.get("/clinic/confirmations/"))
    assert shown.count("Confirm soon") == 2
    as_signed_in_now(browser, frozen)
    for pressed in (f"integrator:{access.pk}", f"application:{row.pk}"):
        assert browser.post("/clinic/confirmations/", {"confirmed": pressed}).status_code == 303
    assert fresh(access).confirmed_at == ConnectedApplication.objects.get().confirmed_at == frozen.seconds
    assert "Confirm soon" not in words(browser.get("/clinic/confirmations/"))


@pytest.mark.parametrize(
    "pressed", ["", "integrator:0", "integrator:x", "application:99", "person:1", "integrator:" + "9" * 40]
)
def test_nothing_else_is_confirmed(browser: Client, pressed: str) -> None:
    assert browser.post("/clinic/confirmations/", {"confirmed": pressed}).status_code == 404


def test_an_invitation_is_sent_again(browser: Client, marta: User, frozen: FrozenClock) -> None:
    access = given()
    old = secret_of()
    address = f"{LIST}{access.pk}/invite/"
    browser.post(address)
    assert secret_of() == old  # sent just now
    frozen.advance(3 * 86400)
    assert "not accepted within 48 hours" in words(browser.get(f"{LIST}{access.pk}/"))
    as_signed_in_now(browser, frozen)
    browser.post(address)
    assert secret_of() != old


def test_somebody_new_accepts_sets_a_password_and_is_led_to_the_second_step(
    db: None, frozen: FrozenClock, settings: Any
) -> None:
    access = given(permissions=("patients.read",))
    demo = settings.VARCO
    settings.VARCO = dataclasses.replace(demo, second_factor_roles=("integrator",))
    guest = Client()
    link = f"/account/integrator/?token={secret_of()}"
    shown = words(guest.get(link))
    assert "Temporary access to Clinic Aurora" in shown
    assert "See patients" in shown
    to_password = guest.post(link)["Location"]
    assert to_password.startswith("/account/invitation/?token=vin.")
    typed = {"given_name": "Ines", "family_name": "Integra", "password1": people.PASSWORD, "password2": people.PASSWORD}
    assert guest.post(to_password, typed).status_code == 303
    settings.VARCO = demo
    assert "It works once you have set up two-step sign-in." in words(guest.get("/"))
    settings.VARCO = dataclasses.replace(demo, second_factor_roles=("integrator",))
    assert guest.get("/")["Location"].startswith("/account/second-step/")
    assert guest.get(link).status_code == 410
    assert not Membership.objects.get(user__email=access.email).active


def test_an_account_is_asked_to_sign_in_first_and_comes_back(db: None, frozen: FrozenClock, as_user: AsUser) -> None:
    davide = people.davide()
    given(email=davide.email)
    link = f"/account/integrator/?token={secret_of(davide.email)}"
    assert "/account/login/?next=%2Faccount%2Fintegrator%2F" in Client().get(link).content.decode()
    other = as_user(people.silvia())
    assert other.post(link).status_code == 422
    assert as_user(davide).post(link)["Location"] == "/"
    assert Membership.objects.filter(user=davide).exists()


def test_an_account_that_is_made_at_this_moment_is_no_error(
    db: None, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    davide = people.davide()
    given(email=davide.email)
    link = f"/account/integrator/?token={secret_of(davide.email)}"
    monkeypatch.setattr(queries, "by_email", lambda _email: None)  # as it was a moment before he registered
    answer = Client().post(link)
    assert (answer.status_code, davide.email in answer.content.decode()) == (422, True)
    assert not Membership.objects.filter(user=davide).exists()


@pytest.mark.either_engine
@pytest.mark.parametrize(("days", "told"), [(40, "40 days left"), (1, "1 day left"), (0, "it ends today at 23:59:59")])
def test_the_countdown_stands_on_every_page_of_the_integrator_alone(
    marta: User, browser: Client, days: int, told: str
) -> None:
    _access, user = active(days=days)
    guest = Client()
    guest.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    for path in ("/", "/account/", "/account/applications/"):
        assert told in words(guest.get(path)), path
    assert "left" not in words(browser.get("/account/"))
    assert guest.get(LIST).status_code == 404
