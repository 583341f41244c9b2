"""How passwords are hashed (S9): argon2id as OWASP gives it, upgraded in use, so many at once and no more."""

import threading
import time
from typing import Any

import argon2
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import Client

from tests.support import people
from varco import config
from varco.accounts import hashers
from varco.accounts.hashers import PasswordHasher
from varco.accounts.models import User

LOGIN = "/account/login/"


def sign_in(email: str, password: str = people.PASSWORD) -> Client:
    browser = Client()
    browser.post(LOGIN, {"login": email, "password": password})
    return browser


def is_signed_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


@pytest.fixture
def dario_of_before(db: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """Dario, whose password was hashed at another cost."""
    dario = people.dario()
    encoded = argon2.PasswordHasher(time_cost=3, memory_cost=16, parallelism=2).hash(people.PASSWORD, salt=b"s" * 22)
    User.objects.filter(pk=dario.pk).update(password=f"argon2{encoded}")
    dario.refresh_from_db()
    return dario


def cost(user: User) -> tuple[int, int, int]:
    user.refresh_from_db()
    told = PasswordHasher().decode(user.password)
    return told["memory_cost"], told["time_cost"], told["parallelism"]


def test_the_cost_is_the_one_of_the_settings_and_by_default_the_one_of_owasp() -> None:
    settings = config.load({"VARCO_ISSUER": "http://localhost"})
    assert (settings.password_hash_memory, settings.password_hash_passes) == (19 * 1024, 2)
    cheap = {"VARCO_ISSUER": "http://localhost", "VARCO_PASSWORD_HASH_MEMORY": "7168"}
    with pytest.raises(config.ConfigError, match="VARCO_PASSWORD_HASH_MEMORY"):
        config.load(cheap)
    assert config.load(cheap | {"VARCO_PASSWORD_HASH_PASSES": "5"}).password_hash_passes == 5
    hasher: Any = type("_", (PasswordHasher,), {"memory_cost": 19 * 1024, "time_cost": 2})()
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in hasher.encode("a password", "a-salt-of-22-characters")


def test_a_password_of_another_cost_opens_and_is_hashed_anew(dario_of_before: User) -> None:
    assert cost(dario_of_before) == (16, 3, 2)
    assert not is_signed_in(sign_in(dario_of_before.email, "not it"))
    assert cost(dario_of_before) == (16, 3, 2)
    assert is_signed_in(sign_in(dario_of_before.email))
    assert cost(dario_of_before) == (PasswordHasher.memory_cost, PasswordHasher.time_cost, 1)
    assert is_signed_in(sign_in(dario_of_before.email))


def test_hashing_anew_ends_no_session_but_another_password_does(dario_of_before: User) -> None:
    here = Client()
    here.force_login(dario_of_before, "allauth.account.auth_backends.AuthenticationBackend")
    elsewhere = sign_in(dario_of_before.email)
    assert is_signed_in(here)
    again = here.post("/account/reauthenticate/?next=/account/", {"password": people.PASSWORD})
    assert again.status_code == 303
    assert is_signed_in(here)
    dario_of_before.refresh_from_db()
    dario_of_before.set_password("quite another password")
    dario_of_before.save()
    assert not is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_a_session_outlives_a_change_of_the_master_key(db: None, settings: Any) -> None:
    dario = people.dario()
    before = dario.get_session_auth_hash()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a secret key of the tests"
    assert dario.get_session_auth_hash() != before
    assert list(dario.get_session_auth_fallback_hash()) == [before]


def test_an_account_without_a_password_has_sessions_of_its_own(db: None) -> None:
    one, other = people.person("A", "X"), people.person("B", "X")
    for user in (one, other):
        user.set_unusable_password()
    assert one.get_session_auth_hash() != other.get_session_auth_hash()


def test_no_more_are_hashed_at_once_than_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, guard = 0, 0, threading.Lock()

    def slow(*_: Any) -> str:
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with guard:
            running -= 1
        return "argon2$"

    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", slow)
    monkeypatch.setattr(hashers, "_AT_ONCE", threading.BoundedSemaphore(3))
    acts = [lambda: make_password("x"), lambda: PasswordHasher().verify("x", "y")] * 10
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3
