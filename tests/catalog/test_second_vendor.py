"""Another vendor swaps one file: every face speaks of its scopes, permissions and roles, and of nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.gate.conftest import (  # noqa: F401 - pytest finds these fixtures here
    MakeGate,
    TestClient,
    bearing,
    make_gate,
    settings_of_gate,
    signing_keys,
    tokens,
)
from tests.support import people
from tests.support.authorization_pages import ask
from tests.support.registration_pages import BASE, DETAILS, REGISTRATION, page, signed_in
from tests.support.registrations import REASON
from varco import catalog
from varco.accounts.models import User
from varco.clinical.models import Patient
from varco.registry.models import Revision

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

FILE = str(Path(__file__).with_name("second_vendor.toml"))
SCOPES = ("openid", "profile", "offline_access", "chiara.register")
ELSEWHERE = ("giponext", "GipoNext", "Gipo")
REGISTER = "/v2/tenants/tenant-aurora/patients"


@pytest.fixture(autouse=True)
def _second_vendor(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """The process is configured as another vendor would."""
    monkeypatch.setenv("VARCO_CATALOG", FILE)
    monkeypatch.setenv("VARCO_VENDOR", "Clinica Chiara")
    settings.VARCO = replace(settings.VARCO, catalog=FILE, vendor="Clinica Chiara")
    catalog.current.cache_clear()
    yield
    catalog.current.cache_clear()


@pytest.fixture
def gate(make_gate: MakeGate) -> TestClient:  # noqa: F811 - a fixture by the name it is imported by
    return make_gate(catalog=FILE, vendor="Clinica Chiara")


@pytest.fixture
def app(transactional_db: None, frozen: FrozenClock) -> people.Registered:
    scopes = [people.scope(name) for name in SCOPES]
    return people.application(people.davide(), scopes=scopes, claims=["profile"])


@pytest.fixture
def physician(app: people.Registered) -> User:
    return people.member("Chiara", "Aurora", "physician")


def browser(user: User) -> Client:
    return signed_in(user, HTTP_ACCEPT_LANGUAGE="en")


def test_the_api_asks_for_the_vendor_s_scope_and_permissions(
    gate: TestClient, app: people.Registered, physician: User
) -> None:
    token = bearing(tokens(gate, physician, app, "openid chiara.register", claims="profile")["access_token"])
    made = gate.post(REGISTER, json={"firstName": "Anna", "lastName": "Neri"}, headers=token)
    assert made.status_code == 201
    assert gate.get(REGISTER, headers=token).json()["items"] == [made.json()]
    director = people.member("Dina", "Aurora", "director")
    token = bearing(tokens(gate, director, app, "openid chiara.register")["access_token"])
    assert gate.get(REGISTER, headers=token).status_code == 200
    refused = gate.post(REGISTER, json={"firstName": "Anna", "lastName": "Neri"}, headers=token).json()
    assert (refused["layer"], refused["required"]) == ("permission", "register.keep")
    token = bearing(tokens(gate, physician, app, "openid")["access_token"])
    assert gate.get(REGISTER, headers=token).json()["required"] == "chiara.register"
    assert Patient.objects.using("clinic").count() == 1


def test_what_the_vendor_does_not_have_is_not_there(gate: TestClient, app: people.Registered, physician: User) -> None:
    token = bearing(tokens(gate, physician, app, " ".join(SCOPES))["access_token"])
    assert gate.get("/v2/tenants/tenant-aurora/agendas", headers=token).status_code == 404


@pytest.mark.parametrize("path", ["/v2/openapi.json", "/swagger/docs/v2", "/.well-known/openid-configuration"])
def test_documents_speak_of_this_vendor_alone(gate: TestClient, path: str) -> None:
    told = gate.get(path).text
    assert "chiara.register" in told
    assert [word for word in (*ELSEWHERE, "agendas") if word in told] == []


def test_the_consent_page_has_the_vendor_s_words(app: people.Registered, physician: User) -> None:
    reader = browser(physician)
    answer = ask(reader, app, scope="openid profile chiara.register")
    told = page(reader.get(answer["Location"])).get_text(" ", strip=True)
    assert "See and keep the register of patients" in told.replace("see and keep", "See and keep")
    assert [word for word in ELSEWHERE if word in told] == []


def test_the_registration_form_offers_what_there_is(physician: User) -> None:
    davide = browser(User.objects.get(email="davide@developer.example"))
    form = page(davide.get(f"{BASE}new/one-page/"))
    offered = {field["name"] for field in form.select("input[type=checkbox]") if "name" in field.attrs}
    assert {name for name in map(str, offered) if name.startswith("scope:")} == {f"scope:{name}" for name in SCOPES}
    assert {field["value"] for field in form.select("input[name=claims]")} == {"profile"}
    assert [word for word in ELSEWHERE if word in form.get_text()] == []
    filled = {name: value for name, value in REGISTRATION.items() if ":giponext." not in name} | {"claims": ["profile"]}
    chosen = {"scope:chiara.register": "on", "reason:chiara.register": REASON}
    assert davide.post(f"{BASE}new/one-page/", DETAILS | filled | chosen).status_code == 303
    assert Revision.objects.latest("id").scopes[-1]["name"] == "chiara.register"


def test_the_account_page_has_the_vendor_s_name_of_the_role(physician: User) -> None:
    told = page(browser(physician).get("/account/")).get_text(" ", strip=True)
    assert "Physician" in told


def test_who_manages_is_who_the_catalogue_says_whatever_the_role_is_called(physician: User) -> None:
    director, stock = (
        people.member(name, "Aurora", role) for name, role in (("Dina", "director"), ("Mino", "manager"))
    )
    assert browser(director).get("/clinic/applications/").status_code == 200
    assert browser(stock).get("/clinic/applications/").status_code == 404
