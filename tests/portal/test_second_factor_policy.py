"""Whoever's role demands a second factor sets one up before anything else, and keeps the last one."""

from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from tests.portal.conftest import AsUser
from tests.portal.test_account_second_step import KEY, both_steps, code, protected, words
from tests.portal.test_step_up import app_key
from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.portal_world import begun
from tests.support.races import race
from varco import config
from varco.accounts.models import User
from varco.people.second_factor import demanding_role
from varco.portal.account import second_step
from varco.registry.models import Application
from varco.setting_forms import SECOND_FACTOR_ROLES
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db
ASKED = "/account/second-step/"


@pytest.fixture(autouse=True)
def _demanding(settings: Any) -> None:
    settings.VARCO = replace(settings.VARCO, second_factor_roles=SECOND_FACTOR_ROLES)


def integrator() -> User:
    user = people.member("Ivo", "Aurora", "integrator")
    Membership.objects.filter(user=user).update(expires_at=4_000_000_000)
    return user


def sandbox_manager() -> User:
    return people.member("Mario", "Sandbox", "manager", "sandbox")


@pytest.mark.either_engine
@pytest.mark.parametrize(
    ("person", "role"),
    [
        (people.olga, "operator"),
        (people.sara, "support"),
        (people.davide, "developer"),
        (people.marta, "manager"),
        (integrator, "integrator"),
        (people.dario, ""),
        (sandbox_manager, ""),
    ],
)
def test_the_roles_that_answer_for_others_must_have_one(as_user: AsUser, settings: Any, person: Any, role: str) -> None:
    user = person()
    assert demanding_role(user) == role
    opened = as_user(user).get("/account/profile/")
    assert (opened.status_code, opened.get("Location", "")) == (
        (302, f"{ASKED}?next=%2Faccount%2Fprofile%2F") if role else (200, "")
    )
    settings.VARCO = replace(settings.VARCO, second_factor_roles=())
    assert demanding_role(user) == ""
    assert as_user(user).get("/account/profile/").status_code == 200


def test_until_then_no_other_page_opens_and_no_form_does_anything(as_user: AsUser) -> None:
    olga = people.olga()
    browser = as_user(olga)
    for name in (
        "home",
        "staff:queue",
        "account:overview",
        "account:sessions",
        "account_change_password",
        "device:page",
    ):
        assert browser.get(reverse(name))["Location"].startswith(ASKED), name
    sent = {"given_name": "X", "family_name": "Y", "language": "en"}
    assert browser.post("/account/profile/", sent)["Location"] == ASKED
    assert User.objects.get(pk=olga.pk).given_name == "Olga"
    assert "You are an operator" in words(browser.get(f"{ASKED}?next=/account/profile/"))
    assert browser.get("/account/2fa/totp/activate/").status_code == 200
    assert browser.post("/account/logout/").status_code == 303


@pytest.mark.either_engine
def test_every_page_that_stays_open_exists() -> None:
    names = set(second_step.OPEN)
    assert {name for name in names if reverse(name, kwargs=_arguments(name))} == names


def _arguments(name: str) -> dict[str, str]:
    return {"uidb36": "1", "key": "2-3"} if name == "account_reset_password_from_key" else {}


def test_a_short_password_that_lost_its_factor_in_another_tab_opens_nothing_but_setting_one_up() -> None:
    """Each of two tabs sees the other's half: the factor is there while the password becomes short, and the password long while it goes."""
    dario = protected(people.dario())
    browser = both_steps(dario)
    User.objects.filter(pk=dario.pk).update(password_is_short=True)
    assert browser.get("/account/profile/").status_code == 200
    Authenticator.objects.filter(user=dario).delete()
    assert browser.get("/account/profile/")["Location"].startswith(ASKED)
    assert "Your password is short" in words(browser.get(ASKED))


def test_with_the_app_set_up_one_goes_on_to_where_one_was_going(as_user: AsUser) -> None:
    olga = people.olga()
    browser = as_user(olga)
    asked = browser.get("/staff/applications/")["Location"]
    browser.get(asked)
    key = app_key(browser)
    done = browser.post("/account/2fa/totp/activate/", {"code": code(key=key)}, follow=True)
    assert "Go on to where you were going" in words(done)
    assert browser.get(ASKED)["Location"] == "/staff/applications/"
    assert browser.get("/staff/applications/").status_code == 200
    assert "Go on to where" not in words(browser.get("/account/2fa/"))


@pytest.mark.either_engine
@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_it_leads_nowhere_else(as_user: AsUser, after: str) -> None:
    olga = protected(people.olga())
    browser = both_steps(olga)
    assert browser.get(ASKED, {"next": after})["Location"] == "/"


def test_no_application_is_let_in_before(as_user: AsUser) -> None:
    application = people.application(people.davide()).application
    marta = people.marta()
    browser = as_user(marta)
    address = reverse("authorize:continue", args=[begun(browser, application, redirect_uri=people.CALLBACK)])
    opened = browser.get(address)
    assert opened["Location"] == f"{ASKED}?{urlencode({'next': address})}"
    decided = browser.post(address, {"decision": "accept"})
    assert "code=" not in decided["Location"]
    totp.TOTP.activate(marta, KEY)
    on = browser.get(opened["Location"])
    assert on["Location"] == address
    assert browser.get(address).status_code == 200  # the consent page


@pytest.mark.either_engine
def test_prompt_none_is_told_that_a_page_is_needed(as_user: AsUser) -> None:
    application = people.application(people.davide()).application
    answer = _asked(as_user(people.marta()), application, prompt="none")
    assert "error=interaction_required" in answer["Location"]


def _asked(browser: Client, application: Application, **changes: str) -> ClientResponse:
    asked = {
        "response_type": "code",
        "client_id": application.client_id or "",
        "redirect_uri": people.CALLBACK,
        "scope": "openid",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    return browser.get("/oauth2/authorize", asked | changes)


def test_the_last_factor_stays_where_the_role_demands_one() -> None:
    olga = protected(people.olga())
    browser = both_steps(olga)
    browser.post("/account/2fa/reauthenticate/", {"code": code(1), "next": "/account/2fa/"})
    refused = browser.post("/account/2fa/totp/deactivate/")
    assert "Your role demands two-step sign-in" in words(refused)
    assert Authenticator.objects.filter(user=olga, type="totp").exists()
    Authenticator.objects.create(user=olga, type="webauthn", data={"name": "Laptop", "credential": {}})
    browser.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=olga, type="totp").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("why", ["role", "short password"])
def test_of_tabs_that_remove_different_factors_at_once_one_keeps_its_own(why: str) -> None:
    user = protected(people.olga() if why == "role" else people.dario())
    laptop = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Laptop", "credential": {}})
    browser = both_steps(user)
    User.objects.filter(pk=user.pk).update(password_is_short=why != "role")
    addresses = ("/account/2fa/totp/deactivate/", f"/account/2fa/webauthn/keys/{laptop.pk}/remove/")

    def tab(number: int) -> int:
        other = Client()
        other.cookies = browser.cookies
        return other.post(addresses[number]).status_code

    for _again in range(2):
        assert sorted(race(tab, 2)) == [200, 303], "the other one says why it stays"
        left = Authenticator.objects.filter(user=user, type__in=["totp", "webauthn"])
        assert left.count() == 1, "one of the two stays"
        Authenticator.objects.filter(user=user).delete()
        protected(user)
        Authenticator.objects.create(pk=laptop.pk, user=user, type="webauthn", data={"name": "x", "credential": {}})


def test_a_role_that_is_given_later_counts_at_once(as_user: AsUser) -> None:
    dario = people.dario()
    browser = as_user(dario)
    assert browser.get("/account/profile/").status_code == 200
    User.objects.filter(pk=dario.pk).update(developer_since=1)
    assert browser.get("/account/profile/")["Location"].startswith(ASKED)


def test_a_clinic_that_is_past_demands_nothing() -> None:
    user = integrator()
    Membership.objects.filter(user=user).update(expires_at=1)
    assert demanding_role(User.objects.get(pk=user.pk)) == ""
    Membership.objects.filter(user=user).update(expires_at=None, role="manager", active=False)
    assert demanding_role(User.objects.get(pk=user.pk)) == ""
    assert Tenant.objects.exists()


ISSUER = {"VARCO_ISSUER": "https://login.example.org"}


@pytest.mark.either_engine
def test_the_setting_names_roles_and_the_demo_asks_nobody_by_itself() -> None:
    assert config.load(ISSUER).second_factor_roles == SECOND_FACTOR_ROLES
    assert config.load(ISSUER | {"VARCO_DEMO": "true"}).second_factor_roles == ()
    named = {"VARCO_DEMO": "true", "VARCO_SECOND_FACTOR_ROLES": "support, operator"}
    assert config.load(ISSUER | named).second_factor_roles == ("operator", "support")
    assert config.load(ISSUER | {"VARCO_SECOND_FACTOR_ROLES": "none"}).second_factor_roles == ()
    with pytest.raises(config.ConfigError, match="VARCO_SECOND_FACTOR_ROLES: must be none, or some of operator"):
        config.load(ISSUER | {"VARCO_SECOND_FACTOR_ROLES": "operators"})
