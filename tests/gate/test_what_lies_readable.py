"""Whoever reads the databases can open nothing with what is there: everything that people and programs held is looked for."""

import base64
import json
import re
import time
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.core import signing
from django.test import Client
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import CHALLENGE, EVERY_GRANT_TYPE, VERIFIER, bearing, redeem, refresh, written
from tests.gate.test_device import begin, poll
from tests.gate.test_device_page import page_of
from tests.gate.test_pushed_request import bring, push
from tests.support import people
from tests.support.authorization_pages import Consent, answer_of, ask, consent_page
from tests.support.client_keys import ClientKey, asserting
from tests.support.database_contents import texts, unpacked
from tests.support.html import parse
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import services

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

NEW_PASSWORD = "a longer and unexpected phrase"


@dataclass
class World:
    """Everything that somebody held and that opens something, by what it is."""

    gate: TestClient
    app: Registered
    clock: FrozenClock
    held: dict[str, str] = field(default_factory=dict)

    def hold(self, **secrets: str) -> None:
        for name, secret in secrets.items():
            assert len(secret) >= 8, name
            self.held[name] = secret

    def cookies(self, whose: str, browser: Client) -> None:
        """A browser's cookies but its language."""
        for name, cookie in browser.cookies.items():
            if cookie.value and name != settings.LANGUAGE_COOKIE_NAME:
                self.held[f"{name} of {whose}"] = cookie.value

    def tokens(self, kind: str, answer: Any) -> dict[str, str]:
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        for name in found.keys() & {"access_token", "refresh_token", "id_token"}:
            self.held[f"{name} of {kind}"] = found[name]
            self.held[f"signature of {name} of {kind}"] = found[name].rpartition(".")[2]
        return found


def signed_in(user: User, password: str = people.PASSWORD) -> Client:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert browser.post("/account/login/", {"login": user.email, "password": password}).status_code == 303
    return browser


def link_in_mail(to: str) -> str:
    found = re.search(r"http://localhost:8000(/account/\S+/)", Message.objects.filter(to=to).latest("pk").text)
    assert found
    return found[1]


def reset_password(world: World, silvia: User, luca: User) -> None:
    """Silvia follows the link of her mail and stops there; Luca sets a new password."""
    for user, finishes in ((silvia, False), (luca, True)):
        browser = Client(HTTP_ACCEPT_LANGUAGE="en")
        browser.post("/account/password/reset/", {"email": user.email})
        link = link_in_mail(user.email)
        world.hold(**{f"reset link of {user.email}": link.rstrip("/").rpartition("/")[2]})
        form = browser.get(link)["Location"]
        assert browser.get(form).status_code == 200
        world.cookies(user.email, browser)
        if finishes:
            assert browser.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}).status_code == 303


def change_email(world: World, browser: Client) -> None:
    browser.post("/account/email/", {"email": "new@aurora.example", "action_add": ""})
    world.hold(email_link=link_in_mail("new@aurora.example").rstrip("/").rpartition("/")[2])


def begin_second_step(world: World, whose: str, browser: Client) -> str:
    page = parse(browser.get("/account/2fa/totp/activate/").content)
    key = page.one(".copy__value").get_text()
    world.hold(**{f"authenticator app of {whose}": key})
    return key


def second_step(world: World, whose: str, browser: Client) -> None:
    key = begin_second_step(world, whose, browser)
    code = str(totp.format_hotp_value(totp.hotp_value(key, int(time.time()) // 30)))
    answer = browser.post("/account/2fa/totp/activate/", {"code": code}, follow=True)
    codes = [item.get_text().strip() for item in parse(answer.content).select(".codes li")]
    assert len(codes) == 10
    for number, each in enumerate(codes):
        world.hold(**{f"recovery code {number} of {whose}": each})


def authorize(world: World, browser: Client) -> dict[str, str]:
    page = consent_page(browser, world.app, code_challenge=CHALLENGE, scope="openid offline_access giponext.patients")
    code = answer_of(page.accept())["code"]
    world.hold(interaction=urlsplit(page.address).path.split("/")[3], code=code, verifier=VERIFIER)
    found = world.tokens("a code", redeem(world.gate, world.app, code))
    redeem(world.gate, world.app, code, code_verifier="x" * 43)  # refused, and kept for the developer to see
    second = world.tokens("a refresh", refresh(world.gate, world.app, found["refresh_token"]))
    waiting = ask(browser, world.app, prompt="consent")["Location"]
    unused = answer_of(Consent(browser, ask(browser, world.app, prompt="consent")["Location"]).accept())["code"]
    world.hold(waiting_interaction=waiting.split("/")[3], unused_code=unused)
    return second


def device(world: World, browser: Client) -> None:
    for name in ("waiting", "approved"):
        asked = begin(world.gate, world.app, scope="openid offline_access giponext.patients").json()
        world.hold(**{
            f"device code, {name}": asked["device_code"],
            f"user code, {name}": asked["user_code"],
            f"user code, {name}, as typed": asked["user_code"].replace("-", ""),
        })  # fmt: skip
        page = page_of(browser, asked["verification_uri_complete"])
        assert asked["user_code"] in page.text
        if name == "approved":
            page.accept()
            world.clock.advance(5)
            world.tokens("a device", poll(world.gate, world.app, asked["device_code"]))


def pushed(world: World, browser: Client) -> None:
    by_key, key = (
        people.application(world.app.application.owner, token_endpoint_auth_method="private_key_jwt"),
        ClientKey(),
    )
    by_key.revision.jwks = key.jwks
    by_key.revision.save()
    assertion = key.assertion(by_key, world.clock.seconds)
    for name, app, more in (("secret", world.app, {}), ("key", by_key, asserting(assertion))):
        answer = (
            push(world.gate, app, code_challenge=CHALLENGE)
            if not more
            else world.gate.post(
                "/oauth2/par",
                data={
                    "response_type": "code",
                    "client_id": app.client_id,
                    "redirect_uri": people.CALLBACK,
                    "scope": "openid",
                    "code_challenge": CHALLENGE,
                    "code_challenge_method": "S256",
                }
                | more,
            )
        )
        assert answer.status_code == 201, answer.text
        uri = answer.json()["request_uri"]
        world.hold(**{f"request_uri by {name}": uri, f"reference by {name}": uri.rpartition(":")[2]})
    world.hold(assertion=assertion, assertion_signature=assertion.rpartition(".")[2])
    bring(browser, by_key, uri)


def journey(world: World) -> None:
    dario, silvia, luca, lia = people.dario(), people.silvia(), people.luca(), people.lia()
    world.hold(secret=world.app.secret, password=people.PASSWORD, new_password=NEW_PASSWORD)
    made = services.create_secret(world.app.application, Origin(world.app.application.owner), label="second")
    world.hold(second_secret=made.text)
    reset_password(world, silvia, luca)
    browser, other = signed_in(dario), signed_in(lia)
    change_email(world, signed_in(people.marta()))
    begin_second_step(world, "lia", other)  # and leaves it at that
    tokens = authorize(world, browser)
    device(world, browser)
    pushed(world, browser)
    add = {"firstName": "Anna", "lastName": "Neri"}
    kept = bearing(tokens["access_token"]) | {"Idempotency-Key": "a-key-of-the-application"}
    world.hold(idempotency_key="a-key-of-the-application")
    assert world.gate.post("/v2/tenants/tenant-aurora/patients", json=add, headers=kept).status_code == 201
    world.gate.get(
        "/v2/userinfo", headers=bearing(world.held["id_token of a code"])
    )  # the wrong token, and kept as a refusal
    world.gate.post("/oauth2/token", data={"grant_type": "x", "client_secret": world.app.secret})
    browser.get("/oauth2/logout", {"id_token_hint": world.held["id_token of a code"], "client_id": "another"})
    second_step(world, "dario", browser)
    waits = Client(HTTP_ACCEPT_LANGUAGE="en")  # at the second step
    waits.post("/account/login/", {"login": dario.email, "password": people.PASSWORD})
    for whose, each in (("dario", browser), ("lia", other), ("dario at the second step", waits)):
        world.cookies(whose, each)


@pytest.fixture
def world(gate: TestClient, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "varco.mail.backend.OutboxBackend")
    app = people.application(people.davide(), grant_types=EVERY_GRANT_TYPE)
    made = World(gate, app, frozen)
    journey(made)
    written(gate)
    return made


def test_nothing_that_opens_anything_stands_in_any_column(world: World) -> None:
    everything = list(texts())
    places = {place.rpartition(".")[0] for place, _ in everything}
    assert {"default.django_session", "default.mail_message", "default.grants_interaction"} <= places
    assert {"default.grants_devicerequest", "default.mfa_authenticator", "clinic.clinic_idempotencykey"} <= places
    assert {"default.audit_refusal", "default.usersessions_usersession", "default.portal_cache"} <= places
    found = {(name, place) for place, text in everything for name, secret in world.held.items() if secret in text}
    assert found == set()


@pytest.mark.parametrize(
    "packed",
    [
        "it is: a-secret-of-mine!",
        {"a": [{"b": "a-secret-of-mine"}]},
        json.dumps({"a": ["a-secret-of-mine"]}),
        json.dumps({"a-secret-of-mine": 1}),
        base64.b64encode(b'{"a": "a-secret-of-mine"}').decode(),
        zlib.compress(b"a-secret-of-mine"),
        base64.urlsafe_b64encode(zlib.compress(b'["a-secret-of-mine"]')).rstrip(b"=").decode(),
        signing.dumps({"a": "a-secret-of-mine"}, compress=True, key="k"),
        signing.dumps({"a": "a-secret-of-mine" * 99}, compress=True, key="k"),
    ],
    ids=range(9),  # the signed ones say when they were signed
)
def test_a_secret_would_be_found_however_it_is_packed(packed: Any) -> None:
    assert any("a-secret-of-mine" in text for text in unpacked(packed))
