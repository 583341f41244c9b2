"""What a password may be (S9), and that every page which sets one asks the same."""

from collections.abc import Callable

import pytest
from allauth.account.forms import EmailAwarePasswordResetTokenGenerator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from tests.portal.conftest import AsUser
from tests.portal.test_account import words
from tests.portal.test_account_second_step import protected
from tests.support import people
from tests.support.client_response import ClientResponse
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.people import accounts, invitations

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
COMMON = "among the first that others would try"
SHORT = "Use at least 15 characters"


@pytest.mark.parametrize(
    "password",
    [
        "password12345678",
        "!!!2026password2026!!!",
        "Pass Word 2026 2026",
        "iloveyouiloveyou1",
        "GipoNext20262026",
        "varco-2026-2026-2026",
        "dariodario12345678",
        "abababababababab",
        "123456789123456789",
    ],
)
def test_what_is_common_stays_common_however_it_is_made_longer(password: str) -> None:
    with pytest.raises(ValidationError, match="among the first"):
        validate_password(password, people.dario())


@pytest.mark.parametrize(
    "password", ["password of my own making", "michael 74 elephants", "0000 viola 1111 corno", "àèìòù àèìòù viola"]
)
def test_words_that_are_common_alone_are_fine_together(password: str) -> None:
    validate_password(password, people.dario())


def _change(as_user: AsUser, password: str) -> ClientResponse:
    sent = {"oldpassword": people.PASSWORD, "password1": password, "password2": password}
    return as_user(people.dario()).post("/account/password/change/", sent)


def _reset(_: AsUser, password: str) -> ClientResponse:
    dario = people.dario()
    key = EmailAwarePasswordResetTokenGenerator().make_token(dario)
    browser = Client()
    opened = browser.get(f"/account/password/reset/key/{user_pk_to_url_str(dario)}-{key}/", follow=True)
    return browser.post(opened.request["PATH_INFO"], {"password1": password, "password2": password})


def _invitation(_: AsUser, password: str) -> ClientResponse:
    user = accounts.create(accounts.NewAccount(email="dario@aurora.example"), Origin())
    secret = invitations.invite(user, Origin(), by_mail=False)
    sent = {"given_name": "Dario", "family_name": "Aurora", "password1": password, "password2": password}
    return Client().post(f"/account/invitation/?token={secret}", sent)


PLACES: tuple[Callable[[AsUser, str], ClientResponse], ...] = (_change, _reset, _invitation)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("password", "fault"), [("14 characters.", SHORT), ("password12345678", COMMON), ("Dario Aurora 123456", COMMON)]
)
def test_the_rule_is_the_same_wherever_a_password_is_set(
    as_user: AsUser, place: Callable[[AsUser, str], ClientResponse], password: str, fault: str
) -> None:
    assert fault in words(place(as_user, password))
    assert not User.objects.get(email="dario@aurora.example").check_password(password)


@pytest.mark.parametrize("place", PLACES)
def test_nothing_but_length_and_the_list_is_asked(
    as_user: AsUser, place: Callable[[AsUser, str], ClientResponse]
) -> None:
    assert place(as_user, "only small letters").status_code in {302, 303}
    assert User.objects.get(email="dario@aurora.example").check_password("only small letters")


def test_eight_characters_are_enough_beside_a_second_factor() -> None:
    dario = protected(people.dario())
    validate_password("k7-viola", dario)
    with pytest.raises(ValidationError, match="at least 8"):
        validate_password("k7-viol", dario)
