"""One's own account: profile, password, e-mail address, sessions."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.html import parse
from varco.accounts.models import User
from varco.audit.models import Event
from varco.mail.models import Message

CHANGE = "/account/password/change/"
NEW = "a longer and unexpected phrase"


def signed_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def words(answer: ClientResponse) -> str:
    return " ".join(parse(answer.content).get_text().split())


def change(browser: Client, new: str, old: str = people.PASSWORD) -> ClientResponse:
    return browser.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})


def confirm(browser: Client, after: str) -> ClientResponse:
    """Give the password again, as the pages for sensitive acts ask."""
    return browser.post("/account/reauthenticate/", {"password": people.PASSWORD, "next": after}, follow=True)


@pytest.mark.either_engine
@pytest.mark.parametrize(
    "path",
    [
        "/account/",
        "/account/profile/",
        "/account/email/",
        "/account/password/change/",
        "/account/2fa/",
        "/account/2fa/totp/activate/",
        "/account/sessions/",
    ],
)
def test_account_pages_are_for_people_signed_in(browser: Client, path: str) -> None:
    assert browser.get(path)["Location"].startswith("/account/login/?next=")


def test_the_overview_tells_who_one_is_and_nobody_else(as_user: AsUser) -> None:
    luca, marta = people.luca(), people.marta()
    text = words(as_user(luca).get("/account/"))
    assert "Luca Levante" in text
    assert "Clinic Levante" in text
    assert "tenant-levante" in text
    assert luca.public_id in text
    assert "Aurora" not in text
    assert marta.public_id not in text


@pytest.mark.either_engine
def test_the_developer_menu_exists_only_with_the_role(as_user: AsUser) -> None:
    assert "/developer/applications/" not in as_user(people.dario()).get("/").content.decode()
    assert "/developer/applications/" in as_user(people.davide()).get("/").content.decode()


@pytest.mark.either_engine
def test_the_review_menu_exists_only_for_operators(as_user: AsUser) -> None:
    for person in (people.dario(), people.davide(), people.sara()):
        assert "/staff/applications/" not in as_user(person).get("/").content.decode()
    assert "/staff/applications/" in as_user(people.olga()).get("/").content.decode()


@pytest.mark.either_engine
def test_the_menu_marks_the_page_one_is_on(as_user: AsUser) -> None:
    browser = as_user(people.dario())
    for path, current in {"/": "/", "/account/profile/": "/account/", "/account/2fa/": "/account/2fa/"}.items():
        page = parse(browser.get(path).content)
        marked = {link["href"] for link in page.select("nav.sidenav a[aria-current=page]")}
        assert marked == {current}


def test_name_and_language_are_changed_and_recorded(as_user: AsUser) -> None:
    dario = people.dario()
    browser = as_user(dario)
    sent = {"given_name": "Darío", "family_name": "D'Aurora", "language": "it"}
    answer = browser.post("/account/profile/", sent)
    assert (answer.status_code, answer["Location"]) == (303, "/account/")
    assert "Darío D'Aurora" in words(browser.get("/account/"))
    event = Event.objects.get(tag="account.profile_changed")
    assert (event.actor, event.detail) == (dario.public_id, {"fields": ["given_name", "family_name", "language"]})


def test_a_profile_form_changes_nothing_else_and_nobody_else(as_user: AsUser) -> None:
    dario, luca = people.dario(), people.luca()
    sent = {"given_name": "X", "family_name": "Y", "language": "en", "platform_role": "operator", "id": str(luca.pk)}
    as_user(dario).post("/account/profile/", sent)
    assert User.objects.get(pk=dario.pk).platform_role == ""
    assert User.objects.get(pk=luca.pk).given_name == "Luca"


@pytest.mark.either_engine
@pytest.mark.parametrize("language", ["de", "", "../en"])
def test_a_language_we_do_not_speak_is_an_error_of_the_form(as_user: AsUser, language: str) -> None:
    dario = people.dario()
    answer = as_user(dario).post("/account/profile/", {"given_name": "New", "family_name": "", "language": language})
    assert answer.status_code == 200
    assert 'value="New"' in answer.content.decode()  # what was typed is still there
    assert User.objects.get(pk=dario.pk).given_name == "Dario"


def test_a_new_password_works_and_ends_the_other_sessions(as_user: AsUser) -> None:
    dario = people.dario()
    here, elsewhere = as_user(dario), as_user(dario)
    assert change(here, NEW).status_code == 303
    assert signed_in(here)
    assert not signed_in(elsewhere)
    assert signed_in(as_user(dario, NEW))
    assert Event.objects.get(tag="account.password_changed").actor == dario.public_id
    mail = Message.objects.get(to=dario.email)
    assert mail.subject == "Your password was changed"
    assert "127.0.0.1" in mail.text


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ("fourteen chars", "Use at least 15 characters"),
        ("passwordpassword", "among the first that others would try"),
        ("qwertyqwertyqwerty", "among the first that others would try"),
        ("aaaaaaaaaaaaaaaa", "among the first that others would try"),
        ("123123123123123123", "among the first that others would try"),
        ("Dario@Aurora.Example", "among the first that others would try"),
        ("Dario Maria Aurora", "among the first that others would try"),
    ],
)
def test_a_password_others_would_guess_is_refused(as_user: AsUser, new: str, fault: str) -> None:
    dario = people.dario()
    User.objects.filter(pk=dario.pk).update(given_name="Dario Maria")
    browser = as_user(dario)
    assert fault in words(change(browser, new))
    assert signed_in(as_user(dario))  # with the old one


@pytest.mark.either_engine
@pytest.mark.parametrize(
    "new", ["fifteen letters", "correct horse è una batteria", "   spaces count   ", "密码密码密码密码密码密码密码密x"]
)
def test_any_long_unexpected_password_is_taken(as_user: AsUser, new: str) -> None:
    dario = people.dario()
    assert change(as_user(dario), new).status_code == 303
    assert signed_in(as_user(dario, new))


@pytest.mark.either_engine
def test_the_current_password_is_asked_for(as_user: AsUser) -> None:
    dario = people.dario()
    assert change(as_user(dario), NEW, old="not it").status_code == 200
    assert User.objects.get(pk=dario.pk).check_password(people.PASSWORD)


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(browser: Client, as_user: AsUser) -> None:
    dario = people.dario()
    elsewhere = as_user(dario)
    answer = browser.post("/account/password/reset/", {"email": "DARIO@aurora.example"})
    assert answer["Location"] == "/account/password/reset/done/"
    mail = Message.objects.get(to=dario.email)
    link = re.search(r"http://localhost:8000(/account/password/reset/key/\S+)", mail.text)
    assert link
    opened = browser.get(link[1], follow=True)
    form = opened.request["PATH_INFO"]
    assert form.endswith("-set-password/")  # the key is not in the address of the page, nor in its Referer
    browser.post(form, {"password1": NEW, "password2": NEW})
    assert not signed_in(elsewhere)
    assert signed_in(as_user(dario, NEW))
    assert "This link no longer works" in words(Client().get(link[1], follow=True))


def test_nobody_learns_whether_an_address_has_an_account(browser: Client) -> None:
    people.dario()
    known = browser.post("/account/password/reset/", {"email": "dario@aurora.example"})
    unknown = browser.post("/account/password/reset/", {"email": "nobody@aurora.example"})
    assert known["Location"] == unknown["Location"]
    assert [message.to for message in Message.objects.all()] == ["dario@aurora.example"]


def test_no_mail_goes_to_somebody_switched_off(browser: Client) -> None:
    people.dario()
    User.objects.update(is_active=False)
    browser.post("/account/password/reset/", {"email": "dario@aurora.example"})
    assert not Message.objects.exists()


@pytest.mark.either_engine
@pytest.mark.parametrize("key", ["1-made-up", "zzzzzzzzzzzzz-made-up", "0-set-password", "1-" + "x" * 3000])
def test_a_made_up_link_is_a_page(browser: Client, key: str) -> None:
    assert "This link no longer works" in words(browser.get(f"/account/password/reset/key/{key}/"))


@pytest.mark.either_engine
def test_mail_speaks_the_language_of_who_gets_it(browser: Client) -> None:
    User.objects.filter(pk=people.dario().pk).update(language="it")
    browser.post("/account/password/reset/", {"email": "dario@aurora.example"}, headers={"accept-language": "en"})
    mail = Message.objects.get()
    assert mail.subject == "Scegli una nuova password"
    assert "Il link funziona una volta sola" in mail.text


def test_an_address_changes_only_when_the_new_one_is_confirmed(as_user: AsUser) -> None:
    dario = people.dario()
    browser = as_user(dario)
    confirm(browser, "/account/email/")
    browser.post("/account/email/", {"email": "new@aurora.example", "action_add": ""})
    assert "Not confirmed yet" in words(browser.get("/account/email/"))
    assert User.objects.get(pk=dario.pk).email == "dario@aurora.example"
    mail = Message.objects.get(to="new@aurora.example")
    link = re.search(r"http://localhost:8000(/account/confirm-email/\S+)", mail.text)
    assert link
    browser.post(link[1])
    assert User.objects.get(pk=dario.pk).email == "new@aurora.example"
    assert Event.objects.get(tag="account.email_changed").detail == {"to": "new@aurora.example"}
    told = Message.objects.filter(to="dario@aurora.example").last()
    assert told
    assert "no longer with dario@aurora.example" in told.text


def test_an_address_of_somebody_else_cannot_be_taken(as_user: AsUser) -> None:
    dario, luca = people.dario(), people.luca()
    browser = as_user(dario)
    confirm(browser, "/account/email/")
    browser.post("/account/email/", {"email": luca.email, "action_add": ""})
    link = re.search(r"http://localhost:8000(/account/confirm-email/\S+)", Message.objects.get(to=luca.email).text)
    assert link
    browser.post(link[1])  # even with the mail in hand
    assert User.objects.get(pk=dario.pk).email == "dario@aurora.example"
    assert signed_in(as_user(luca))


@pytest.mark.either_engine
def test_sessions_name_the_browser_and_mark_this_one(as_user: AsUser) -> None:
    dario = people.dario()
    as_user(dario)
    browser = as_user(dario)
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    session = browser.session
    session["seen_at"] = 0
    session.save()
    text = words(browser.get("/account/sessions/", headers={"user-agent": firefox}))
    assert "Firefox on Linux" in text
    assert text.count("This browser") == 1


def test_one_signs_out_everywhere_else(as_user: AsUser) -> None:
    dario, silvia = people.dario(), people.silvia()
    here, elsewhere, silvias = as_user(dario), as_user(dario), as_user(silvia)
    here.post("/account/sessions/")
    assert (signed_in(here), signed_in(elsewhere), signed_in(silvias)) == (True, False, True)


def test_one_signs_out_everywhere(as_user: AsUser) -> None:
    dario, silvia = people.dario(), people.silvia()
    here, elsewhere, silvias = as_user(dario), as_user(dario), as_user(silvia)
    assert here.get("/account/sessions/end/").status_code == 405
    assert here.post("/account/sessions/end/")["Location"] == "/account/login/"
    assert (signed_in(here), signed_in(elsewhere), signed_in(silvias)) == (False, False, True)
    assert Event.objects.get(tag="account.sessions_ended").detail == {"sessions": 2}


def test_a_page_in_a_row_writes_nothing(as_user: AsUser, django_assert_max_num_queries: Any) -> None:
    browser = as_user(people.dario())
    browser.get("/account/")
    with django_assert_max_num_queries(12) as asked:
        browser.get("/account/")
    assert not [query["sql"] for query in asked.captured_queries if not query["sql"].startswith("SELECT")]


@pytest.mark.either_engine
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Dario\u202e", "Character 6 (U+202E) cannot be seen here"),
        ("Da\u200drio", "Character 3 (U+200D)"),
        ("Win at https://evil.example", "A name holds no link or address"),
        ("evil.com", "A name holds no link or address"),
    ],
)
def test_a_name_is_one_line_without_links(as_user: AsUser, name: str, told: str) -> None:
    dario = people.dario()
    browser = as_user(dario)
    sent = {"given_name": name, "family_name": "Aurora", "language": "en"}
    assert told in words(browser.post("/account/profile/", sent))
    assert User.objects.get(pk=dario.pk).given_name == "Dario"
    sent["given_name"] = "Dario 👨‍👩‍👧"
    assert browser.post("/account/profile/", sent).status_code == 303


def test_a_passkey_has_a_name_that_can_be_seen() -> None:
    from varco.portal.account.forms import AddWebAuthnForm, EditWebAuthnForm

    made = Authenticator(user=User(), type="webauthn", data={"name": "Laptop"})
    edit = EditWebAuthnForm({"name": "Lap\u202etop"}, instance=made)
    assert "Character 4" in str(edit.errors["name"])
    assert EditWebAuthnForm({"name": "Laptop 💻"}, instance=made).is_valid()
    assert AddWebAuthnForm.__mro__[1] is EditWebAuthnForm.__mro__[1]


@pytest.mark.either_engine
def test_mail_to_an_address_that_is_not_confirmed_says_nothing_of_the_askers_choosing(as_user: AsUser) -> None:
    dario = people.dario()
    browser = as_user(dario)
    User.objects.filter(pk=dario.pk).update(given_name="You won", family_name="call 899 899 899")
    confirm(browser, "/account/email/")
    browser.post(
        "/account/email/", {"email": "somebody@else.example", "action_add": ""}, headers={"user-agent": "Call 899"}
    )
    mail = Message.objects.get(to="somebody@else.example")
    for chosen in ("You won", "899", dario.email):
        assert chosen not in mail.subject + mail.text
