"""Two-step sign-in: an app, passkeys, recovery codes, and what a short password has to do with them."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.html import parse
from tests.support.session_age import signed_in_before
from varco.accounts.models import User
from varco.audit.models import Event
from varco.mail.models import Message
from varco.portal.account import used_codes

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN, SECOND = "/account/login/", "/account/2fa/authenticate/"


def code(steps: int = 0, key: str = KEY) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(key, int(time.time()) // 30 + steps)))


def protected(user: User) -> User:
    """The person with an app and recovery codes."""
    totp.TOTP.activate(user, KEY)
    RecoveryCodes.activate(user)
    return user


def signed_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def words(answer: ClientResponse) -> str:
    return " ".join(parse(answer.content).get_text().split())


def first_step(browser: Client, user: User, **more: str) -> ClientResponse:
    return browser.post(LOGIN, {"login": user.email, "password": people.PASSWORD, **more})


def both_steps(user: User) -> Client:
    browser = Client()
    first_step(browser, user)
    browser.post(SECOND, {"code": code(-1)})
    assert signed_in(browser)
    return browser


def confirmed(browser: Client) -> Client:
    browser.post("/account/reauthenticate/", {"password": people.PASSWORD, "next": "/account/2fa/"})
    return browser


def test_the_password_alone_opens_nothing(browser: Client) -> None:
    dario = protected(people.dario())
    assert first_step(browser, dario)["Location"] == SECOND
    assert not signed_in(browser)
    assert not Event.objects.filter(tag="account.signed_in").exists()


def test_the_code_of_the_app_finishes_it_and_leads_on(browser: Client) -> None:
    dario = protected(people.dario())
    first_step(browser, dario, next="/account/profile/")
    assert "One more step" in words(browser.get(SECOND))
    assert browser.post(SECOND, {"code": code()})["Location"] == "/account/profile/"
    assert signed_in(browser)


def test_a_code_works_once(browser: Client) -> None:
    dario = protected(people.dario())
    used = code()
    first_step(browser, dario)
    browser.post(SECOND, {"code": used})
    again = Client()
    first_step(again, dario)
    assert again.post(SECOND, {"code": used}).status_code == 200
    assert not signed_in(again)


def test_a_recovery_code_works_once(browser: Client) -> None:
    dario = protected(people.dario())
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    first_step(browser, dario)
    browser.post(SECOND, {"code": codes[0]})
    assert signed_in(browser)
    again = Client()
    first_step(again, dario)
    again.post(SECOND, {"code": codes[0]})
    assert not signed_in(again)


def test_wrong_codes_are_recorded_and_soon_refused_unread(browser: Client) -> None:
    dario = protected(people.dario())
    first_step(browser, dario)
    assert "This code is not right" in words(browser.post(SECOND, {"code": "000000"}))
    for _ in range(6):
        browser.post(SECOND, {"code": "000000"})
    browser.post(SECOND, {"code": code()})
    assert not signed_in(browser)
    failed = Event.objects.filter(tag="account.sign_in_failed").first()
    assert failed
    assert (failed.user, failed.detail) == (dario.public_id, {"step": "totp"})


def test_the_second_step_of_one_browser_is_not_anothers(browser: Client) -> None:
    first_step(browser, protected(people.dario()))
    stranger = Client()
    assert stranger.post(SECOND, {"code": code()})["Location"] == LOGIN
    assert not signed_in(stranger)


@pytest.mark.either_engine
def test_one_can_turn_round_at_the_second_step(browser: Client) -> None:
    first_step(browser, protected(people.dario()))
    browser.post("/account/logout/", {"next": LOGIN})
    assert browser.get(SECOND)["Location"] == LOGIN


def test_an_app_is_set_up_with_the_password_and_a_first_code(transactional_db: None, as_user: AsUser) -> None:
    dario = people.dario()
    browser = signed_in_before(as_user(dario))
    assert browser.get("/account/2fa/totp/activate/")["Location"].startswith("/account/reauthenticate/")
    page = parse(confirmed(browser).get("/account/2fa/totp/activate/").content)
    assert page.select_one(".qr svg path")
    key = page.one(".copy__value").get_text()
    answer = browser.post("/account/2fa/totp/activate/", {"code": code(key=key)}, follow=True)
    assert len(parse(answer.content).select(".codes li")) == 10
    assert {event.detail["factor"] for event in Event.objects.filter(tag="account.factor_added")} == {
        "totp",
        "recovery_codes",
    }
    assert "Authenticator app switched on" in Message.objects.values_list("subject", flat=True)
    again = Client()
    assert first_step(again, dario)["Location"] == SECOND


@pytest.mark.either_engine
def test_setting_an_app_up_within_five_minutes_of_the_sign_in_asks_no_password(as_user: AsUser) -> None:
    browser = as_user(people.dario())
    assert browser.get("/account/2fa/totp/activate/").status_code == 200
    assert signed_in_before(browser, 280).get("/account/2fa/webauthn/add/").status_code == 200
    asked = signed_in_before(browser, 20).get("/account/2fa/webauthn/add/")
    assert asked["Location"].startswith("/account/reauthenticate/")


def set_up(browser: Client) -> str:
    """Set an app up, and return the code that did it."""
    page = parse(browser.get("/account/2fa/totp/activate/").content)
    used = code(key=page.one(".copy__value").get_text())
    assert browser.post("/account/2fa/totp/activate/", {"code": used}).status_code == 303
    return used


def test_the_code_that_set_the_app_up_is_not_accepted_again(transactional_db: None, as_user: AsUser) -> None:
    """RFC 6238 §5.2."""
    dario = people.dario()
    first = as_user(dario)
    used = set_up(first)
    for spelled in (used, f"{used[:3]} {used[3:]}", f"{used[:3]}-{used[3:]}"):
        browser = Client()
        first_step(browser, dario)
        assert "This code is not right" in words(browser.post(SECOND, {"code": spelled}))
        assert not signed_in(browser)
    again = first.post("/account/2fa/reauthenticate/", {"code": used, "next": "/account/"})
    assert "This code is not right" in words(again)


def test_a_code_is_remembered_as_long_as_it_would_be_accepted(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code after the present one would be accepted for three steps of 30 seconds."""
    kept: list[int] = []

    def add(_key: str, *, value: bool, timeout: int) -> bool:
        kept.append(timeout)
        return value

    monkeypatch.setattr(cache, "add", add)
    assert used_codes.use(people.dario(), code(1))
    assert kept == [90]


@pytest.mark.either_engine
def test_a_wrong_first_code_keeps_the_same_key(as_user: AsUser) -> None:
    browser = confirmed(as_user(people.dario()))
    key = parse(browser.get("/account/2fa/totp/activate/").content).select_one(".copy__value")
    answer = browser.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert "This code is not right" in words(answer)
    assert key
    assert key.get_text() in words(answer)


def test_secrets_of_second_factors_are_sealed(db: None) -> None:
    dario = protected(people.dario())
    stored = str(list(Authenticator.objects.filter(user=dario).values_list("data", flat=True)))
    assert KEY not in stored
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code())


def test_recovery_codes_are_shown_downloaded_and_replaced(db: None) -> None:
    dario = protected(people.dario())
    browser = signed_in_before(both_steps(dario))
    assert browser.get("/account/2fa/recovery-codes/")["Location"].startswith("/account/reauthenticate/")
    confirmed(browser)
    shown = [item.get_text() for item in parse(browser.get("/account/2fa/recovery-codes/").content).select(".codes li")]
    assert browser.get("/account/2fa/recovery-codes/download/").content.decode().split()[-10:] == shown
    browser.post("/account/2fa/recovery-codes/generate/")
    assert not set(shown) & set(Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes())


def test_switching_the_app_off_says_what_stops_and_stops_it(db: None) -> None:
    dario = protected(people.dario())
    browser = confirmed(both_steps(dario))
    assert "stop working at once" in words(browser.get("/account/2fa/totp/deactivate/"))
    browser.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert Event.objects.filter(tag="account.factor_removed").exists()


def change(browser: Client, new: str) -> ClientResponse:
    sent = {"oldpassword": people.PASSWORD, "password1": new, "password2": new}
    return browser.post("/account/password/change/", sent)


@pytest.mark.either_engine
def test_with_a_second_factor_eight_characters_are_enough(db: None) -> None:
    dario = protected(people.dario())
    browser = both_steps(dario)
    assert "Use at least 8 characters" in words(change(browser, "sh0rt-7"))
    assert change(browser, "kestrel9").status_code == 303
    assert User.objects.get(pk=dario.pk).password_is_short


def test_the_last_factor_stays_while_the_password_is_short(db: None) -> None:
    dario = protected(people.dario())
    browser = both_steps(dario)
    change(browser, "kestrel9")
    browser.post("/account/reauthenticate/", {"password": "kestrel9", "next": "/account/2fa/"})
    assert "Choose a longer password first" in words(browser.post("/account/2fa/totp/deactivate/"))
    assert Authenticator.objects.filter(type="totp").exists()
    passkey = Authenticator.objects.create(user=dario, type="webauthn", data={"name": "Laptop", "credential": {}})
    Authenticator.objects.filter(type="totp").delete()
    remove = f"/account/2fa/webauthn/keys/{passkey.pk}/remove/"
    assert "Choose a longer password first" in words(browser.post(remove))
    assert Authenticator.objects.filter(pk=passkey.pk).exists()
    User.objects.update(password_is_short=False)
    assert browser.post(remove).status_code == 303
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("act", ["remove", "edit"])
def test_a_passkey_of_somebody_else_does_not_exist(as_user: AsUser, act: str) -> None:
    luca = people.luca()
    passkey = Authenticator.objects.create(user=luca, type="webauthn", data={"name": "Laptop", "credential": {}})
    browser = confirmed(as_user(people.dario()))
    address = f"/account/2fa/webauthn/keys/{passkey.pk}/{act}/"
    assert browser.get(address).status_code == 404
    assert browser.post(address, {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get(pk=passkey.pk).data["name"] == "Laptop"


@pytest.mark.either_engine
def test_passkeys_belong_to_the_issuers_host_whatever_the_request_says(as_user: AsUser) -> None:
    browser = confirmed(as_user(people.dario()))
    text = browser.get("/account/2fa/webauthn/add/", headers={"host": "evil.example"}).content.decode()
    assert '"id": "localhost"' in text
    assert "evil" not in text
    assert "Passkeys need JavaScript" in text


@pytest.mark.either_engine
@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", '{"id": 1}', "not json", '{"response": {"clientDataJSON": "AA"}}']
)
def test_a_made_up_passkey_is_an_error_of_the_form(as_user: AsUser, answer: str) -> None:
    browser = confirmed(as_user(people.dario()))
    browser.get("/account/2fa/webauthn/add/")
    assert browser.post("/account/2fa/webauthn/add/", {"name": "x", "credential": answer}).status_code == 200
    assert not Authenticator.objects.exists()


@pytest.mark.either_engine
def test_the_app_is_opened_on_the_same_phone_by_a_link_that_holds_the_same_key(as_user: AsUser) -> None:
    page = parse(as_user(people.dario()).get("/account/2fa/totp/activate/").content)
    key = page.one(".copy__value").get_text()
    assert f"secret={key}" in str(page.one("a[href^='otpauth://totp/']")["href"])


@pytest.mark.either_engine
def test_recovery_codes_are_copied_and_printed_where_scripts_run(browser: Client) -> None:
    protected(people.dario())
    first_step(browser, User.objects.get(email="dario@aurora.example"))
    browser.post(SECOND, {"code": code()})
    page = parse(confirmed(browser).get("/account/2fa/recovery-codes/").content)
    shown = [line.get_text() for line in page.select(".codes code")]
    copy = page.select_one("[data-copy]:not(.copy *)")
    assert copy
    assert str(copy["data-copy"]).splitlines() == shown
    assert len(shown) == 10
    assert all(button.has_attr("hidden") for button in page.select("[data-copy], [data-print]"))
    assert "dario@aurora.example" in page.one(".print-only").get_text()
