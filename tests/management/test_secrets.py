"""Secrets by a program: told once, after a sign-in of just now, and never again (S12, RFC 9470)."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.managing import APPLICATIONS, caller, error, manage, signed_in
from varco.accounts.models import User
from varco.caller import ManagementCaller
from varco.protocol.claims import ONE_FACTOR, TWO_FACTORS
from varco.protocol.credentials import hash_of
from varco.registry.models import Application, Secret

STEP_UP = 900


@pytest.fixture
def davide(db: None, frozen: FrozenClock) -> User:
    return people.davide()


@pytest.fixture
def app(davide: User) -> Application:
    made = people.application(davide).application
    made.revisions.update(token_endpoint_auth_method="client_secret")
    return made


@pytest.fixture
def through(davide: User) -> Application:
    return people.application(davide, name="Console").application


def by(davide: User, through: Application, *, ago: int = 0, acr: str = TWO_FACTORS) -> ManagementCaller:
    grant = signed_in(davide, through, people.tenant("Sandbox", "sandbox"), ago=ago, acr=acr)
    return caller(davide, application=through, grant=grant)


def address(app: Application) -> str:
    return f"{APPLICATIONS}/{app.pk}/secrets"


def test_a_secret_is_told_once_works_and_ends(davide: User, app: Application, through: Application) -> None:
    program = by(davide, through)
    made = manage(program, "POST", address(app), {"label": "server", "lifetimeDays": 90})
    assert made.status_code == 201
    text, secret = made.json()["text"], made.json()["secret"]
    row = Secret.objects.get(label="server")
    assert (row.digest, row.created_by, secret["hint"]) == (hash_of(text), davide, text[-4:])
    assert (secret["live"], secret["use"], secret["createdBy"]) == (True, "recent", davide.name)
    listed = manage(program, "GET", address(app))
    assert [(item["label"], item["live"]) for item in listed.json()["items"]] == [("server", True), ("first", True)]
    assert text not in listed.content.decode()
    revoked = manage(program, "DELETE", made.headers["Location"])
    assert (revoked.status_code, revoked.json()["live"]) == (200, False)
    again = manage(program, "DELETE", made.headers["Location"])
    assert (again.status_code, again.json()["revokedAt"]) == (200, revoked.json()["revokedAt"])
    listed = manage(program, "GET", address(app)).json()["items"]
    assert [(item["label"], item["live"], item["use"]) for item in listed] == [
        ("first", True, "recent"), ("server", False, None),
    ]  # fmt: skip


def test_a_call_sent_twice_makes_no_second_secret(davide: User, app: Application, through: Application) -> None:
    program, newest = by(davide, through), app.secrets.get().pk
    body = {"label": "server", "after": newest}
    assert manage(program, "POST", address(app), body).status_code == 201
    again = manage(program, "POST", address(app), body)
    assert (*error(again), again.json()["reason"]) == (409, "not_possible", "secret_created_already")
    keyed = manage(program, "POST", address(app), body, Idempotency_Key="1")
    assert error(keyed) == (400, "invalid_request")
    assert app.secrets.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        ({"label": ""}, "label", "secret_label"),
        ({}, "label", "required"),
        ({"label": "x", "lifetimeDays": 0}, "lifetimeDays", "out_of_range"),
        ({"label": "x", "lifetimeDays": 3651}, "lifetimeDays", "out_of_range"),
        ({"label": "x", "lifetimeDays": "1"}, "lifetimeDays", "wrong_type"),
        ({"label": "x", "expires": 1}, "expires", "unknown_field"),
    ],
)
def test_what_is_wrong_is_told_by_field(
    davide: User, app: Application, through: Application, wrong: tuple[Any, str, str]
) -> None:
    body, field, code = wrong
    answer = manage(by(davide, through), "POST", address(app), body)
    assert error(answer) == (422, "invalid_fields")
    assert [(fault["field"], fault["code"]) for fault in answer.json()["fields"]] == [(field, code)]


def test_lifetimes_are_those_of_the_pages(
    davide: User, app: Application, through: Application, settings: Any, frozen: FrozenClock
) -> None:
    from dataclasses import replace

    program = by(davide, through)

    def expires(**body: Any) -> int | None:
        made = manage(program, "POST", address(app), {"label": "x", **body})
        assert made.status_code == 201, made.content
        return Secret.objects.get(pk=made.json()["secret"]["id"]).expires_at

    from varco import clock

    assert expires() == clock.now() + 365 * 86400
    assert expires(lifetimeDays=None) is None
    settings.VARCO = replace(settings.VARCO, secret_days=30)
    assert expires() == clock.now() + 30 * 86400
    answer = manage(program, "POST", address(app), {"label": "x", "lifetimeDays": None})
    assert [(fault["field"], fault["code"]) for fault in answer.json()["fields"]] == [
        ("lifetimeDays", "secret_lifetime")
    ]


def test_a_client_without_secrets_has_none(davide: User, through: Application) -> None:
    spa = people.application(davide, name="SPA", type="spa").application
    answer = manage(by(davide, through), "POST", address(spa), {"label": "x"})
    assert (*error(answer), answer.json()["reason"]) == (409, "not_possible", "no_secrets")


def test_secrets_of_another_application_of_the_same_developer_are_not_here(
    davide: User, app: Application, through: Application
) -> None:
    theirs = through.secrets.get().pk
    program = by(davide, through)
    for method in ("GET", "DELETE"):
        assert error(manage(program, method, f"{address(app)}/{theirs}")) == (404, "not_found")
    assert Secret.objects.get(pk=theirs).revoked_at is None


@pytest.mark.parametrize(
    "case",
    [
        (STEP_UP - 1, ONE_FACTOR, False, None),
        (STEP_UP - 1, TWO_FACTORS, True, None),
        (STEP_UP, ONE_FACTOR, False, ONE_FACTOR),
        (STEP_UP, TWO_FACTORS, True, TWO_FACTORS),
        (0, ONE_FACTOR, True, TWO_FACTORS),
        (0, "", True, TWO_FACTORS),
        (10**6, TWO_FACTORS, False, ONE_FACTOR),
    ],
)
def test_a_secret_needs_a_sign_in_of_just_now_with_all_that_the_person_has(
    davide: User, app: Application, through: Application, case: tuple[int, str, bool, str | None]
) -> None:
    ago, acr, second_step, asked_for = case
    if second_step:
        Authenticator.objects.create(user=davide, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    program, secret = by(davide, through, ago=ago, acr=acr), app.secrets.get()
    for method, place, body in (
        ("POST", address(app), {"label": "x"}),
        ("DELETE", f"{address(app)}/{secret.pk}", None),
    ):
        answer = manage(program, method, place, body)
        if asked_for is None:
            assert answer.status_code < 300
            continue
        assert error(answer) == (401, "insufficient_user_authentication")
        assert (answer.json()["acrValues"], answer.json()["maxAge"]) == (asked_for, STEP_UP)
    assert app.secrets.count() == (1 if asked_for else 2)
    assert (Secret.objects.get(pk=secret.pk).revoked_at is None) == bool(asked_for)


def test_a_token_whose_grant_is_gone_is_no_fresh_sign_in(davide: User, app: Application) -> None:
    assert error(manage(caller(davide), "POST", address(app), {"label": "x"})) == (
        401,
        "insufficient_user_authentication",
    )
