"""Limits of failed proofs: a stranger's failures slow strangers down, and keep nobody out of a browser they signed in with before."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.test import Client, RequestFactory

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.portal.test_account_second_step import KEY, SECOND, code
from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.html import parse
from varco.accounts.models import User
from varco.accounts.queries import Failures
from varco.mail.models import Message
from varco.network import neighbourhood
from varco.portal.account import known_devices, limits
from varco.portal.common import attempts
from varco.portal.common.attempts import Limits

pytestmark = pytest.mark.django_db

LOGIN, OUT, RESET, CHANGE = (
    "/account/login/",
    "/account/logout/",
    "/account/password/reset/",
    "/account/password/change/",
)
AGAIN = "/account/reauthenticate/"
NEW = "another unexpected phrase"
CLOSED = "Too many failed attempts"


@pytest.fixture
def dario(db: None, frozen: FrozenClock) -> User:
    return people.dario()


@pytest.fixture
def known(as_user: AsUser, dario: User) -> Client:
    """A browser that Dario has signed in with, and out."""
    browser = as_user(dario)
    browser.post(OUT)
    return browser


def words(answer: ClientResponse) -> str:
    return " ".join(parse(answer.content).get_text(" ").split())


def sign_in(browser: Client, email: str, password: str = people.PASSWORD) -> ClientResponse:
    return browser.post(LOGIN, {"login": email, "password": password})


def inside(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def strangers(count: int, of: Callable[..., Limits], whom: object, *, near: str = "203.0.{}.9") -> None:
    """So many failures from so many places that nobody has signed in from."""
    for number in range(count):
        request = RequestFactory().post(LOGIN, REMOTE_ADDR=near.format(number))
        request.user = AnonymousUser()
        attempts.failed(of(request, whom))


# --- The delays -----------------------------------------------------------------------------------------------------


def test_the_delay_doubles_with_each_failure_up_to_its_longest() -> None:
    waits = [limits.OF_ONE_DEVICE.wait(Failures(count, 0, 0), 0) for count in range(4, 14)]
    assert waits == [0, 15, 30, 60, 120, 240, 480, 900, 900, 900]
    assert limits.OF_ONE_ACCOUNT.wait(Failures(10_000, 0, 0), 0) == 900
    assert limits.OF_ONE_DEVICE.wait(Failures(5, 0, 10_000), 24_001) == 1
    assert limits.OF_ONE_DEVICE.wait(Failures(5, 0, 10_000), 25_000) == 0
    assert limits.FORMS.wait(Failures(120, 10_000, 50_000), 60_000) == 10


def test_the_page_says_how_long_and_the_right_password_gets_in_afterwards(dario: User, frozen: FrozenClock) -> None:
    browser = Client()
    strangers(4, limits.of_password, dario.email, near="127.0.0.{}")
    sign_in(browser, dario.email, "not it")
    assert f"{CLOSED}. Try again in 1 minute" in words(sign_in(browser, dario.email))
    frozen.advance(15)
    assert "do not go together" in words(sign_in(browser, dario.email, "not it"))
    frozen.advance(29)
    assert CLOSED in words(sign_in(browser, dario.email))
    frozen.advance(1)
    sign_in(browser, dario.email)
    assert inside(browser)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.250", True),
        ("192.0.2.7", "192.0.3.7", False),
        ("::ffff:192.0.2.7", "192.0.2.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("unknown", "unknown", True),
    ],
)
def test_who_moves_among_neighbouring_addresses_gains_nothing(one: str, other: str, same: bool) -> None:
    assert (neighbourhood(one) == neighbourhood(other)) is same


# --- Strangers ------------------------------------------------------------------------------------------------------


def test_from_however_many_addresses_strangers_together_are_slowed_down(dario: User, frozen: FrozenClock) -> None:
    strangers(19, limits.of_password, dario.email)
    fresh = Client(REMOTE_ADDR="198.51.100.7")
    assert "do not go together" in words(sign_in(fresh, dario.email, "not it"))
    assert CLOSED in words(sign_in(Client(REMOTE_ADDR="192.0.2.1"), dario.email))
    frozen.advance(15)
    assert sign_in(Client(REMOTE_ADDR="192.0.2.1"), dario.email).status_code == 303


def test_where_a_person_has_signed_in_before_strangers_keep_them_out_of_nothing(dario: User, known: Client) -> None:
    strangers(40, limits.of_password, dario.email)
    strangers(40, limits.of_password, dario.email, near="127.0.0.1")  # at the person's own address too
    assert CLOSED in words(sign_in(Client(), dario.email))
    sign_in(known, dario.email)
    assert inside(known)


def test_faulty_forms_of_strangers_at_the_same_address_do_not_either(dario: User, known: Client) -> None:
    for _ in range(120):
        attempts.failed({"sign_in:forms:127.0.0.1": limits.FORMS})
    assert sign_in(Client(), dario.email).status_code == 429
    assert sign_in(known, dario.email).status_code == 303


@pytest.mark.parametrize("address", ["", "\0", "dario\0@aurora.example", "not an address", "a" * 400])
def test_what_is_no_address_at_all_is_a_fault_of_the_form_at_a_known_browser_too(known: Client, address: str) -> None:
    assert sign_in(known, address).status_code == 200
    assert known.post(RESET, {"email": address}).status_code == 200


def test_a_known_browser_has_a_limit_of_its_own_which_strangers_do_not_feel(dario: User, known: Client) -> None:
    for _ in range(5):
        sign_in(known, dario.email, "not it")
    assert CLOSED in words(sign_in(known, dario.email))
    sign_in(fresh := Client(), dario.email)
    assert inside(fresh)


def test_signing_in_forgets_what_failed_here_and_not_what_strangers_tried(dario: User, known: Client) -> None:
    strangers(20, limits.of_password, dario.email)
    for _ in range(4):
        sign_in(known, dario.email, "not it")
    sign_in(known, dario.email)
    known.post(OUT)
    for _ in range(4):
        assert CLOSED not in words(sign_in(known, dario.email, "not it"))
    assert CLOSED in words(sign_in(Client(), dario.email))


def test_signing_in_somewhere_new_gives_strangers_no_new_attempts(dario: User) -> None:
    strangers(19, limits.of_password, dario.email)
    assert sign_in(Client(REMOTE_ADDR="198.51.100.7"), dario.email).status_code == 303
    sign_in(Client(REMOTE_ADDR="192.0.2.1"), dario.email, "not it")
    assert CLOSED in words(sign_in(Client(REMOTE_ADDR="192.0.3.1"), dario.email))


def test_an_address_that_nobody_has_is_answered_as_one_that_somebody_has(dario: User, known: Client) -> None:
    told: list[list[bool]] = []
    for email in (dario.email, "nobody@aurora.example"):
        browser = Client(REMOTE_ADDR=f"198.51.{len(told)}.7")
        strangers(4, limits.of_password, email, near=f"198.51.{len(told)}.{{}}")
        browser.cookies[known_devices.COOKIE] = known.cookies[known_devices.COOKIE].value + "x"
        pages = [words(sign_in(browser, email, "not it")) for _ in range(3)]
        told.append([CLOSED in page for page in pages])
    assert told[0] == told[1] == [False, True, True]


# --- Known devices --------------------------------------------------------------------------------------------------


def test_the_cookie_is_for_this_server_and_names_nobody(as_user: AsUser, dario: User) -> None:
    cookie = as_user(dario).cookies[known_devices.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert int(cookie["max-age"]) == known_devices.LIFETIME
    told = str(signing.loads(cookie.value, salt="varco.portal.known_devices"))
    assert dario.public_id not in told
    assert dario.email not in told


def forged(browser: Client, known: Client) -> None:
    browser.cookies[known_devices.COOKIE] = known.cookies[known_devices.COOKIE].value[:-1]


def foreign(browser: Client, _known: Client) -> None:
    browser.cookies[known_devices.COOKIE] = signing.dumps([["a"], 1], salt="varco.portal.known_devices")


def of_another(browser: Client, _known: Client) -> None:
    browser.post(LOGIN, {"login": people.silvia().email, "password": people.PASSWORD})
    browser.post(OUT)


@pytest.mark.parametrize("claim", [forged, foreign, of_another])
def test_a_browser_is_known_by_what_this_server_signed_for_this_account(
    dario: User, known: Client, claim: Callable[[Client, Client], None]
) -> None:
    strangers(20, limits.of_password, dario.email)
    claim(browser := Client(), known)
    assert CLOSED in words(sign_in(browser, dario.email))


def test_it_is_known_for_ninety_days_and_under_one_password(dario: User, known: Client, frozen: FrozenClock) -> None:
    cookie = known.cookies[known_devices.COOKIE].value

    def closed() -> bool:
        strangers(20, limits.of_password, dario.email)
        browser = Client()
        browser.cookies[known_devices.COOKIE] = cookie
        return CLOSED in words(sign_in(browser, dario.email, "whatever it is now"))

    assert not closed()
    frozen.advance(known_devices.LIFETIME - 1)
    assert not closed()
    frozen.advance(1)
    assert closed()
    frozen.advance(-2)
    dario.set_password(NEW)
    dario.save()
    assert closed()


def test_several_people_share_a_browser_and_keep_their_names_in_it(dario: User, known: Client) -> None:
    def device() -> str:
        request = RequestFactory().get("/")
        request.COOKIES[known_devices.COOKIE] = known.cookies[known_devices.COOKIE].value
        return known_devices.device_of(request, dario)

    before = device()
    sign_in(known, people.silvia().email)
    known.post(OUT)
    assert device() == before
    sign_in(known, dario.email)
    assert device() == before != ""


# --- The second step, and proving anew ------------------------------------------------------------------------------


def test_at_the_second_step_strangers_who_know_the_password_keep_nobody_out(dario: User, known: Client) -> None:
    totp.TOTP.activate(dario, KEY)
    strangers(20, limits.of_second_step, dario)
    for browser, opened in ((Client(), False), (known, True)):
        sign_in(browser, dario.email)
        answer = browser.post(SECOND, {"code": code()})
        assert (answer.status_code == 303) is opened
        assert (CLOSED in words(answer)) is not opened


def test_somebody_signed_in_proves_anew_who_they_are_whatever_strangers_try(as_user: AsUser, dario: User) -> None:
    browser = as_user(dario)
    del browser.cookies[known_devices.COOKIE]
    strangers(40, limits.of_password, dario.email, near="127.0.0.1")
    assert browser.post(AGAIN, {"password": people.PASSWORD, "next": "/account/"})["Location"] == "/account/"


@pytest.mark.parametrize("page", [AGAIN, CHANGE])
def test_whoever_finds_a_session_guesses_its_password_no_faster(as_user: AsUser, dario: User, page: str) -> None:
    browser = as_user(dario)
    for _ in range(5):
        answer = browser.post(page, {"password": "no", "oldpassword": "no", "password1": NEW, "password2": NEW})
        assert "your" in words(answer)
        assert CLOSED not in words(answer)
    limited = {"password": people.PASSWORD, "oldpassword": people.PASSWORD, "password1": NEW, "password2": NEW}
    assert CLOSED in words(browser.post(page, limited))
    dario.refresh_from_db()
    assert not dario.check_password(NEW)


# --- A new password by a link ---------------------------------------------------------------------------------------


def ask_for_link(number: int, email: str) -> str:
    return words(Client(REMOTE_ADDR=f"203.0.{number}.9").post(RESET, {"email": email}, follow=True))


def follow_link(browser: Client) -> None:
    link = re.search(r"http://localhost:8000(/account/password/reset/key/\S+)", Message.objects.latest("pk").text)
    assert link
    form = browser.get(link[1], follow=True).request["PATH_INFO"]
    assert browser.post(form, {"password1": NEW, "password2": NEW}).status_code == 303


def test_a_stranger_who_asks_for_many_links_fills_no_mailbox_and_keeps_nobody_from_one(dario: User) -> None:
    pages = {ask_for_link(number, dario.email) for number in range(8)}
    assert Message.objects.count() == 3
    assert pages == {ask_for_link(9, "nobody@aurora.example")}
    browser = Client()
    assert "Look in your mail" in words(browser.post(RESET, {"email": dario.email}, follow=True))
    follow_link(browser)
    sign_in(browser, dario.email, NEW)
    assert inside(browser)


def test_links_are_sent_again_after_a_while_and_at_a_known_browser_at_once(
    dario: User, known: Client, frozen: FrozenClock
) -> None:
    for number in range(4):
        ask_for_link(number, dario.email)
    known.post(RESET, {"email": dario.email})
    assert Message.objects.count() == 4
    frozen.advance(60)
    ask_for_link(5, dario.email)
    assert Message.objects.count() == 5


def test_a_sign_in_which_ends_the_links_of_before_lets_others_be_sent(dario: User, known: Client) -> None:
    for number in range(4):
        ask_for_link(number, dario.email)
    assert Message.objects.count() == 3
    sign_in(known, dario.email)
    ask_for_link(5, dario.email)
    assert Message.objects.count() == 4


def test_a_new_password_opens_the_account_to_other_browsers_too(dario: User) -> None:
    strangers(20, limits.of_password, dario.email)
    ask_for_link(0, dario.email)
    follow_link(Client())
    assert sign_in(Client(REMOTE_ADDR="192.0.2.1"), dario.email, NEW).status_code == 303


def test_one_place_asks_for_so_many_links_and_no_more(dario: User) -> None:
    for _ in range(19):
        attempts.failed({"reset:ip:127.0.0.1": limits.LINKS_FROM_ONE_PLACE})
    statuses = [Client().post(RESET, {"email": f"{number}@aurora.example"}).status_code for number in range(2)]
    assert statuses == [303, 429]


def test_who_set_a_new_password_by_a_link_signs_in_with_it_whatever_strangers_try(dario: User) -> None:
    browser = Client()
    ask_for_link(0, dario.email)
    follow_link(browser)
    strangers(40, limits.of_password, dario.email)
    sign_in(browser, dario.email, NEW)
    assert inside(browser)


def test_a_link_gives_no_new_guesses_at_the_second_step(dario: User) -> None:
    totp.TOTP.activate(dario, KEY)
    browser = Client()
    ask_for_link(0, dario.email)
    follow_link(browser)
    strangers(20, limits.of_second_step, dario)
    sign_in(browser, dario.email, NEW)
    assert CLOSED in words(browser.post(SECOND, {"code": code()}))
