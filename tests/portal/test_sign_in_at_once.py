"""People who sign in at one moment from one address, as a clinic does in the morning, all get in."""

import hashlib

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connections
from django.test import Client

from tests.portal.test_account_second_step import SECOND, code, first_step, protected, signed_in
from tests.support import people
from tests.support.races import race
from varco.accounts.models import FailedAttempt, User

pytestmark = pytest.mark.usefixtures("transactional_db")
PEOPLE = 30


def colleagues() -> list[User]:
    """People of one password, which is hashed once."""
    password = people.dario().password
    made = User.objects.bulk_create(
        User(email=f"{number}@aurora.example", password=password, given_name=str(number)) for number in range(PEOPLE)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in made
    )
    return made


def at_once(users: list[User]) -> list[bool]:
    def one(number: int) -> bool:
        try:
            browser = Client()
            first_step(browser, users[number])
            return signed_in(browser)
        finally:
            connections.close_all()

    return race(one, len(users))


def test_many_people_get_in_at_once() -> None:
    assert at_once(colleagues()) == [True] * PEOPLE
    assert not FailedAttempt.objects.exists()


def test_one_person_gets_in_at_once_in_many_browsers() -> None:
    assert at_once([people.dario()] * 12) == [True] * 12


def test_the_second_step_counts_wrong_codes_only() -> None:
    for number, user in enumerate([people.dario(), people.silvia()]):
        protected(user)
        for turn in range(3):
            browser = Client()
            first_step(browser, user)
            browser.post(SECOND, {"code": code(turn - 1)})
            assert signed_in(browser), (number, turn)
    assert not FailedAttempt.objects.exists()


def test_a_lock_that_somebody_holds_is_waited_for() -> None:
    dario = people.dario()
    key = hashlib.sha256(dario.email.encode()).hexdigest()
    for lock in ("20/60.0/ip:ip:127.0.0.1", f"5/60.0/key:{key}"):
        for spelled in (lock, lock.replace("60.0", "60")):
            cache.add(f"allauth:rl:allauth.account:reset_password:{spelled}:lock", value=True, timeout=3)
    assert Client().post("/account/password/reset/", {"email": dario.email}).status_code == 303
