"""A sign-in that waits at its second step ends with whatever ends the sessions of its person."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.portal.test_account import NEW, change
from tests.portal.test_account_second_step import SECOND, both_steps, code, first_step, protected, signed_in, words
from tests.support import people
from varco.accounts import queries
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.people import accounts

pytestmark = pytest.mark.django_db
WHY = "Your password was changed or you were signed out everywhere meanwhile."


def reset_the_password(user: User) -> None:
    other = Client()
    other.post("/account/password/reset/", {"email": user.email})
    link = re.search(r"http://localhost:8000(/account/password/reset/key/\S+)", Message.objects.get().text)
    assert link
    form = other.get(link[1], follow=True).request["PATH_INFO"]
    other.post(form, {"password1": NEW, "password2": NEW})


def change_the_password(user: User) -> None:
    assert change(both_steps(user), NEW).status_code == 303


def sign_out_everywhere(user: User) -> None:
    both_steps(user).post("/account/sessions/end/")


def end_the_other_sessions(user: User) -> None:
    both_steps(user)
    both_steps_with_the_next_code(user).post("/account/sessions/")


def both_steps_with_the_next_code(user: User) -> Client:
    browser = Client()
    first_step(browser, user)
    browser.post(SECOND, {"code": code(1)})
    assert signed_in(browser)
    return browser


def deactivated_for_a_moment(user: User) -> None:
    accounts.deactivate(user, Origin())
    accounts.activate(user, Origin())


ENDS = [
    reset_the_password,
    change_the_password,
    sign_out_everywhere,
    end_the_other_sessions,
    deactivated_for_a_moment,
]


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_sessions_ends_it(browser: Client, end: Callable[[User], None]) -> None:
    dario = protected(people.dario())
    first_step(browser, dario, next="/account/profile/")
    end(dario)
    answer = browser.post(SECOND, {"code": code()})
    assert answer["Location"] == "/account/login/?next=%2Faccount%2Fprofile%2F"
    assert not signed_in(browser)


def test_its_page_says_why_and_asks_for_the_password_again(browser: Client) -> None:
    dario = protected(people.dario())
    first_step(browser, dario)
    sign_out_everywhere(dario)
    assert WHY in words(browser.get(SECOND, follow=True))
    first_step(browser, dario)
    browser.post(SECOND, {"code": code()})
    assert signed_in(browser)


@pytest.mark.parametrize("second_step", [True, False])
def test_an_end_between_the_last_proof_and_the_session_counts(
    browser: Client, monkeypatch: pytest.MonkeyPatch, second_step: bool
) -> None:
    dario = people.dario()
    real = queries.locked

    def ended_meanwhile(user: User) -> User | None:
        User.objects.filter(pk=user.pk).update(session_generation=7)
        return real(user)

    if second_step:
        first_step(browser, protected(dario))
    with monkeypatch.context() as patched:
        patched.setattr(queries, "locked", ended_meanwhile)
        if second_step:
            browser.post(SECOND, {"code": code()})
        else:
            first_step(browser, dario)
    assert not signed_in(browser)


def test_somebody_elses_sessions_are_somebody_elses(browser: Client) -> None:
    dario = protected(people.dario())
    first_step(browser, dario)
    other = Client()
    first_step(other, people.silvia())
    other.post("/account/sessions/end/")
    browser.post(SECOND, {"code": code()})
    assert signed_in(browser)


def test_nothing_of_the_binding_stays_in_the_session(browser: Client) -> None:
    first_step(browser, people.dario())
    assert not [name for name in browser.session.keys() if "unfinished" in name]  # noqa: SIM118 - a session is no dict
