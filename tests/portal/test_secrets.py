"""Client secrets: shown once, stored as hashes, several at a time, revoked one by one (S12, S37)."""

import hashlib
import logging
import re

import msgspec
import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people, registrations
from tests.support.client_response import ClientResponse
from tests.support.registration_pages import BASE, fields, page, register, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.portal.session_store import SessionStore
from varco.protocol import client_authentication
from varco.protocol.client import AuthMethod, SecretRecord
from varco.protocol.errors import OAuthError
from varco.registry import queries, services
from varco.registry.models import Application

pytestmark = pytest.mark.django_db


def create(client: Client, application: Application, **changes: str) -> ClientResponse:
    address = f"{BASE}{application.pk}/secrets/new/"
    return client.post(address, fields(client.get(address)) | {"label": "production server"} | changes)


def text_of(response: ClientResponse) -> str:
    found = re.search(r"varco-secret\.[A-Za-z0-9_-]{43}\.[0-9a-f]{8}", response.content.decode())
    assert found
    return found[0]


def accepted(application: Application, text: str, now: int) -> bool:
    """Whether the protocol takes the secret as this application's."""
    client = queries.client(application.client_id or "")
    assert client is not None
    rows = application.secrets.filter(revoked_at=None)
    records = tuple(SecretRecord(row.pk, row.digest, row.expires_at) for row in rows)
    client = msgspec.structs.replace(client, secrets=records)
    credentials = client_authentication.Credentials(
        method=AuthMethod.BASIC, client_id=application.client_id or "", secret=text
    )
    try:
        client_authentication.authenticate(credentials, client, now)
    except OAuthError:
        return False
    return True


def test_a_new_secret_is_shown_once_and_opens_the_token_endpoint(
    davide: User, application: Application, frozen: FrozenClock
) -> None:
    client = signed_in(davide)
    response = create(client, application)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    text = text_of(response)
    assert accepted(application, text, frozen.seconds)
    assert page(response).one("main .button--primary")["href"] == f"{BASE}{application.pk}/"
    assert text not in client.get(f"{BASE}{application.pk}/").content.decode()
    assert text not in client.get(f"{BASE}{application.pk}/secrets/new/").content.decode()


def test_the_clear_text_is_nowhere_but_in_that_one_answer(
    davide: User, application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in(davide)
    with caplog.at_level(logging.DEBUG):
        text = text_of(create(client, application))
    for model in apps.get_models():
        if model._meta.app_label == "clinic":
            continue
        for row in model._default_manager.values():
            assert text not in repr(row), model
            assert text.removeprefix("varco-secret.")[:43] not in repr(row), model
    assert not any(text in str(SessionStore(row.session_key).load()) for row in Session.objects.all())
    assert text not in caplog.text
    secret = application.secrets.get()
    assert secret.digest == hashlib.sha256(text.encode()).hexdigest()
    assert secret.hint == text[-4:]
    assert text not in repr(services.NewSecret(secret, text))


def test_a_secret_is_never_left_in_the_report_of_an_error(
    davide: User, application: Application, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = []

    def fail(*arguments: object, **named: object) -> None:
        made.append(arguments)
        raise RuntimeError("the page cannot be rendered")

    client = signed_in(davide, raise_request_exception=False)
    sent = fields(client.get(f"{BASE}{application.pk}/secrets/new/")) | {"label": "x"}
    monkeypatch.setattr("varco.portal.developer.views.secrets.render", fail)
    with caplog.at_level(logging.DEBUG):
        assert client.post(f"{BASE}{application.pk}/secrets/new/", sent).status_code == 500
    context = made[0][2]
    assert isinstance(context, dict)
    assert context["made"].text not in caplog.text


def test_reloading_the_page_that_shows_it_makes_no_second_one(davide: User, application: Application) -> None:
    client = signed_in(davide)
    address = f"{BASE}{application.pk}/secrets/new/"
    sent = fields(client.get(address)) | {"label": "production server"}
    assert client.post(address, sent).status_code == 200
    again = client.post(address, sent)
    assert again.status_code == 409
    assert not re.search(r"varco-secret\.", again.content.decode())
    assert application.secrets.count() == 1


def test_five_can_live_at_once_and_creating_one_breaks_none(
    davide: User, application: Application, frozen: FrozenClock
) -> None:
    client = signed_in(davide)
    texts = [text_of(create(client, application)) for _ in range(5)]
    assert all(accepted(application, text, frozen.seconds) for text in texts)
    sixth = create(client, application)
    assert sixth.status_code == 422
    assert "already 5 live secrets" in sixth.content.decode()
    assert application.secrets.count() == 5


def test_revoking_is_confirmed_and_bites_on_the_next_request(
    davide: User, application: Application, frozen: FrozenClock
) -> None:
    client = signed_in(davide)
    first, second = (text_of(create(client, application)) for _ in range(2))
    secret = application.secrets.order_by("pk")[0]
    address = f"{BASE}{application.pk}/secrets/{secret.pk}/revoke/"
    assert "refused from the next request on" in client.get(address).content.decode()
    assert accepted(application, first, frozen.seconds)
    assert client.post(address).status_code == 303
    assert not accepted(application, first, frozen.seconds)
    assert accepted(application, second, frozen.seconds)
    version = Application.objects.get(pk=application.pk).version
    assert client.post(address).status_code == 303  # a second click changes nothing
    assert Application.objects.get(pk=application.pk).version == version
    assert Event.objects.filter(tag="secret.revoked").count() == 1


@pytest.mark.parametrize(("days", "lives"), [("90", False), ("180", True), ("0", True)])
def test_a_secret_expires_on_its_day(
    davide: User, application: Application, frozen: FrozenClock, days: str, lives: bool
) -> None:
    text = text_of(create(signed_in(davide), application, lifetime=days))
    frozen.advance(91 * 86400)
    assert accepted(application, text, frozen.seconds) is lives


@pytest.mark.parametrize(
    "changes",
    [
        {"label": ""},
        {"label": "x" * 61},
        {"label": "a\0b"},
        {"lifetime": "1000000000000"},
        {"lifetime": "soon"},
        {"after": "x"},
        {"after": "9" * 40},
        {"after": ""},
    ],
)
def test_bad_input_is_answered_with_the_form_and_makes_nothing(
    davide: User, application: Application, changes: dict[str, str]
) -> None:
    response = create(signed_in(davide), application, **changes)
    assert response.status_code == 422
    assert page(response).select_one(".callout--danger")
    assert not application.secrets.exists()


def test_before_the_first_approval_there_is_no_secret(davide: User) -> None:
    client = signed_in(davide)
    application = register(client)
    assert f"{BASE}{application.pk}/secrets/" not in client.get(f"{BASE}{application.pk}/").content.decode()
    assert (
        client.post(f"{BASE}{application.pk}/secrets/new/", {"label": "x", "lifetime": "90", "after": "0"}).status_code
        == 409
    )
    assert not application.secrets.exists()


@pytest.mark.either_engine
@pytest.mark.parametrize("type_", ["spa", "native"])
def test_a_public_application_has_none(davide: User, type_: str) -> None:
    application = registrations.approved(davide, people.olga(), type=type_)
    client = signed_in(davide)
    assert "cannot keep a secret" in client.get(f"{BASE}{application.pk}/").content.decode()
    assert (
        client.post(f"{BASE}{application.pk}/secrets/new/", {"label": "x", "lifetime": "90", "after": "0"}).status_code
        == 409
    )


def test_a_secret_of_another_application_cannot_be_revoked_through_ones_own(
    davide: User, application: Application
) -> None:
    dora = people.person("Dora", "Developer", developer_since=1)
    theirs = services.create_secret(application, Origin(davide), label="theirs").secret
    own = registrations.approved(dora, User.objects.get(given_name="Olga"))
    assert signed_in(dora).post(f"{BASE}{own.pk}/secrets/{theirs.pk}/revoke/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_the_client_page_lists_label_expiry_and_last_use(
    davide: User, application: Application, frozen: FrozenClock
) -> None:
    client = signed_in(davide)
    create(client, application, label="old server")
    create(client, application, label="new server", lifetime="0")
    application.secrets.filter(label="old server").update(revoked_at=frozen.seconds)
    application.secrets.filter(label="new server").update(last_used_at=frozen.seconds)
    rows = [
        row.get_text(" ", strip=True) for row in page(client.get(f"{BASE}{application.pk}/")).select("#secrets .row")
    ]
    assert [row.split(" …")[0] for row in rows] == ["new server", "old server"]
    assert "last used: 15 January 2027" in rows[0]
    assert "expires: never" in rows[0]
    assert "Revoked" in rows[1]


def test_while_suspended_a_leaked_secret_can_be_replaced(davide: User, application: Application) -> None:
    client = signed_in(davide)
    create(client, application)
    services.suspend(application, Origin(User.objects.get(given_name="Olga")), reason="A secret leaked.")
    secret = application.secrets.get()
    assert client.post(f"{BASE}{application.pk}/secrets/{secret.pk}/revoke/").status_code == 303
    assert create(client, application).status_code == 200
