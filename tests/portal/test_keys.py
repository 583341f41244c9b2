"""An application's own keys: pasted, or by their address, and reviewed before they open anything (S13, RFC 7523)."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.support import registrations
from tests.support.client_keys import ClientKey
from tests.support.client_response import ClientResponse
from tests.support.http_receiver import Receiver, say
from tests.support.registration_pages import BASE, fields, page, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.audit.tags import Tag
from varco.registry import queries, services
from varco.registry.models import Application, Revision
from varco.registry.services import limits

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]


@pytest.fixture
def browser(davide: User) -> Client:
    return signed_in(davide)


def sent(browser: Client, application: Application, **changes: str) -> ClientResponse:
    address = f"{BASE}{application.pk}/keys/"
    return browser.post(address, fields(browser.get(address)) | {"then": "check"} | changes)


def pasted(keys: Any) -> str:
    return json.dumps({"keys": keys})


def latest(application: Application) -> Revision:
    revision = queries.latest_revision(application)
    assert revision
    return revision


def test_pasted_keys_become_a_draft_and_what_is_approved_goes_on(browser: Client, application: Application) -> None:
    key = ClientKey()
    response = sent(browser, application, jwks=json.dumps(key.jwks))
    assert response.status_code == 303
    assert response["Location"] == f"{BASE}{application.pk}/submit/"
    draft = latest(application)
    assert (draft.state, draft.number, draft.token_endpoint_auth_method) == ("draft", 2, "private_key_jwt")
    assert draft.jwks == key.jwks
    assert draft.redirect_uris == ["https://app.facile.example/callback"]
    application.refresh_from_db()
    assert application.live_revision
    assert application.live_revision.token_endpoint_auth_method == "client_secret"
    # The page goes on with the draft, and hands it in like any other change.
    assert key.kid in browser.get(f"{BASE}{application.pk}/keys/").content.decode()
    summary = browser.get(response["Location"])
    assert "private_key_jwt" in summary.content.decode()
    assert key.kid in summary.content.decode()


def test_an_address_can_stand_in_the_place_of_the_keys(browser: Client, application: Application) -> None:
    response = sent(browser, application, jwks_uri="https://app.facile.example/jwks", then="save")
    assert response["Location"] == f"{BASE}{application.pk}/"
    assert latest(application).jwks_uri == "https://app.facile.example/jwks"
    assert latest(application).jwks is None


def test_one_key_alone_is_a_set_of_one(browser: Client, application: Application) -> None:
    key = ClientKey()
    assert sent(browser, application, jwks=json.dumps(key.jwk)).status_code == 303
    assert latest(application).jwks == key.jwks


@pytest.mark.parametrize("form", ["jwk", "set", "pem"])
def test_a_private_key_is_refused_and_not_sent_back(browser: Client, application: Application, form: str) -> None:
    key = ClientKey()
    private = key.key.as_dict(private=True) | {"kid": key.kid}
    text = {"jwk": json.dumps(private), "set": pasted([private]), "pem": key.key.as_pem(private=True).decode()}[form]
    response = sent(browser, application, jwks=text)
    assert response.status_code == 422
    assert "This is a private key" in response.content.decode()
    assert private["d"] not in response.content.decode()
    assert "PRIVATE KEY-----" not in response.content.decode()
    assert latest(application).number == 1


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ({"jwks": "", "jwks_uri": ""}, "either here or by the address"),
        ({"jwks": pasted([ClientKey().jwk]), "jwks_uri": "https://app.facile.example/jwks"}, "either here or by"),
        ({"jwks": "-----BEGIN PUBLIC KEY-----"}, "This is not JSON"),
        ({"jwks": "[1]"}, "This is not a JWK set"),
        ({"jwks": pasted([{"kty": "EC"}])}, "needs a `kid`"),
        ({"jwks": pasted([ClientKey(kid=str(number)).jwk for number in range(6)])}, "at most 5 keys"),
        ({"jwks_uri": "http://app.facile.example/jwks"}, "Give a full https:// address"),
    ],
)
def test_keys_that_the_gate_would_not_take_are_refused(
    browser: Client, application: Application, entered: dict[str, str], words: str
) -> None:
    response = sent(browser, application, **entered)
    assert response.status_code == 422
    assert words in page(response).get_text()
    assert latest(application).number == 1


def test_keys_that_fapi_does_not_take_are_told_on_the_page(davide: User, browser: Client) -> None:
    draft = registrations.draft(davide, **registrations.FAPI)
    assert "<option>RS256" not in browser.get(f"{BASE}{draft.pk}/keys/").content.decode()
    response = sent(browser, draft, jwks=pasted([ClientKey("RS256").jwk]), jwks_uri="")
    assert response.status_code == 422
    assert "FAPI 2.0" in page(response).get_text()


def test_an_application_that_cannot_keep_a_key_gets_no_form(davide: User, browser: Client) -> None:
    draft = registrations.draft(davide, type="spa")
    address = f"{BASE}{draft.pk}/keys/"
    assert "cannot keep a key" in browser.get(address).content.decode()
    refused = browser.post(address, {"jwks": json.dumps(ClientKey().jwks), "then": "check"})
    assert refused.status_code == 409
    assert latest(draft).jwks is None


def test_while_a_revision_waits_keys_wait_too(davide: User, browser: Client) -> None:
    application = registrations.submitted(davide).application
    address = f"{BASE}{application.pk}/keys/"
    assert "A revision waits for review" in browser.get(address).content.decode()
    assert browser.post(address, {"jwks": json.dumps(ClientKey().jwks)}).status_code == 409
    assert latest(application).jwks is None


def test_a_refused_revision_brings_nothing_along(davide: User, browser: Client, application: Application) -> None:
    wider = registrations.registration(redirect_uris=("https://elsewhere.example/cb",))
    services.save_draft(application, wider, Origin(davide))
    services.withdraw(application, Origin(davide))
    sent(browser, application, jwks=json.dumps(ClientKey().jwks))
    assert latest(application).redirect_uris == ["https://app.facile.example/callback"]


def test_a_page_that_came_too_late_changes_nothing_and_keeps_what_was_typed(
    davide: User, browser: Client, application: Application
) -> None:
    address, key = f"{BASE}{application.pk}/keys/", ClientKey()
    opened = fields(browser.get(address)) | {"jwks": json.dumps(key.jwks), "then": "check"}
    services.save_draft(application, registrations.registration(claims=()), Origin(davide))
    late = browser.post(address, opened)
    assert late.status_code == 409
    assert key.kid in late.content.decode()
    assert latest(application).jwks is None


def test_the_page_sends_no_script_but_its_own_file(browser: Client, application: Application) -> None:
    response = browser.get(f"{BASE}{application.pk}/keys/")
    scripts = page(response).select("script")
    assert any(script.get("src").startswith("/static/varco/key_pair") for script in scripts)
    assert all(script.get("src") and not script.get_text() for script in scripts)
    assert "default-src 'self'" in response["Content-Security-Policy"]


# --- what stands at the address -----------------------------------------------------------------------------------------


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Receiver]:
    """The web server of an application, in a demo, which may be asked on loopback."""
    running = Receiver(tmp_path, "/keys.json")
    monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
    settings.VARCO = replace(settings.VARCO, demo=True)
    yield running
    running.stop()


def test_the_address_is_read_at_once_and_nothing_is_saved(
    browser: Client, application: Application, host: Receiver
) -> None:
    good, short = ClientKey(), ClientKey("RS256").jwk | {"alg": "ES256", "kid": "other"}
    host.answer = say(200, json.dumps({"keys": [good.jwk, short, "x"]}).encode())
    # What stands in the other field is no hindrance; it comes back as it was typed.
    shown = sent(browser, application, jwks=pasted([good.jwk]), jwks_uri=host.uri, then="read")
    assert shown.status_code == 200
    words = page(shown).get_text()
    assert "This is what we find there now" in words
    assert f"{good.kid}: ES256" in words
    assert "other: the key cannot sign with the algorithm" in words
    assert latest(application).number == 1


@pytest.mark.parametrize(("body", "words"), [(b"<html>", "not JSON"), (b'{"keys": []}', "the key set is empty")])
def test_an_address_without_keys_is_told_with_the_reason(
    browser: Client, application: Application, host: Receiver, body: bytes, words: str
) -> None:
    host.answer = say(200, body)
    shown = sent(browser, application, jwks_uri=host.uri, then="read")
    assert shown.status_code == 200
    assert words in page(shown).get_text()


def test_of_a_name_inside_and_of_one_that_is_none_the_same_is_said(
    browser: Client, application: Application, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.VARCO = replace(settings.VARCO, demo=False)

    def told(answer: Any) -> str:
        monkeypatch.setattr(socket, "getaddrinfo", answer)
        shown = sent(browser, application, jwks_uri="https://intranet.example/keys", then="read")
        return "".join(found.get_text() for found in page(shown).select(".callout--danger"))

    def unknown(*_arguments: Any, **_named: Any) -> Any:
        raise socket.gaierror

    inside = told(lambda *_arguments, **_named: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 443))])
    assert inside == told(unknown)
    assert "no address of the public internet" in inside


def test_reading_an_address_is_recorded_and_counted_whatever_comes_of_it(
    browser: Client, application: Application, host: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "A_DAY", {Tag.APPLICATION_KEYS_READ: 2})
    host.answer = say(404)
    answers = [sent(browser, application, jwks_uri=host.uri, then="read") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert len(host.requests) == 2
    events = Event.objects.filter(tag="application.keys_read", application_id=application.pk)
    assert [event.detail for event in events] == [{"address": host.uri}] * 2


def test_an_address_of_a_private_network_is_never_asked(
    browser: Client, application: Application, host: Receiver, settings: Any
) -> None:
    settings.VARCO = replace(settings.VARCO, demo=False)
    shown = sent(browser, application, jwks_uri=host.uri, then="read")
    assert "cannot be read now" in page(shown).get_text()
    assert host.requests == []
    assert sent(browser, application, jwks_uri="http://10.0.0.1/keys", then="read").status_code == 422
    assert sent(browser, application, jwks_uri="", then="read").status_code == 422
