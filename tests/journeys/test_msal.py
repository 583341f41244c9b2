"""MSAL for Python, which knows no other server than Microsoft's until it is given an `oidc_authority`.

It wants that to be https and to have a path, and looks for the metadata below it. An issuer that is an origin is written
with the path `/.`: by RFC 3986 §6.2.2.3 the same address, and what MSAL asks for is the one metadata document there is.
"""

import ssl
from collections.abc import Collection, Iterator
from typing import Any

import pytest
import requests
from msal import ConfidentialClientApplication
from requests.adapters import HTTPAdapter

from tests.journeys.test_client_libraries import assert_is_luca
from tests.support.demo_world import World
from tests.support.http_person import fields_of

REDIRECT_URI = "http://127.0.0.1:8765/callback"
# MSAL asks for openid, profile and offline_access by itself.
SCOPES = ["email", "giponext.patients", "giponext.agenda"]


class Trusting(HTTPAdapter):
    """Trusts what a context trusts: the certificate of the proxy before the demo."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, ssl_context=self._context)


@pytest.fixture
def http(secure_world: World) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount("https://", Trusting(secure_world.transport["verify"]))
        yield session


@pytest.fixture
def application(secure_world: World, http: requests.Session) -> ConfidentialClientApplication:
    registered = secure_world.client("web_post")
    return ConfidentialClientApplication(
        registered["client_id"],
        client_credential=registered["client_secrets"][0],
        oidc_authority=f"{secure_world.issuer}/.",
        http_client=http,
    )


def answer(
    world: World, key: str, flow: dict[str, Any], button: str, *, refuse: Collection[str] = ()
) -> dict[str, str]:
    """What somebody's browser posts to the application (`form_post`, as MSAL advises) after they pressed the button."""
    with world.person(key) as person:
        page = person.sign_in(person.open(flow["auth_uri"]))
        form = person.press(page, button, without=refuse).soup.one(f"form[action='{REDIRECT_URI}']")
    return dict(fields_of(form))


def test_msal_signs_in_refreshes_and_reads_who_it_is(
    secure_world: World, application: ConfidentialClientApplication, http: requests.Session
) -> None:
    flow = application.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT_URI, response_mode="form_post")
    said = answer(secure_world, "manager_levante", flow, "accept.*", refuse=["giponext.agenda"])
    told = application.acquire_token_by_auth_code_flow(flow, said)
    assert "error" not in told, told
    assert set(told["scope"].split()) == {"openid", "profile", "offline_access", "email", "giponext.patients"}
    assert told["id_token_claims"]["iss"] == secure_world.issuer
    (account,) = application.get_accounts()
    refreshed = application.acquire_token_silent_with_error(["giponext.patients"], account, force_refresh=True)
    assert "error" not in refreshed, refreshed
    assert refreshed["token_source"] == "identity_provider"
    assert refreshed["access_token"] != told["access_token"]
    bearer = {"Authorization": f"Bearer {refreshed['access_token']}"}
    assert_is_luca(http.get(f"{secure_world.api}/v2/userinfo", headers=bearer).json(), secure_world)


def test_msal_is_told_when_the_person_refuses(secure_world: World, application: ConfidentialClientApplication) -> None:
    flow = application.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT_URI, response_mode="form_post")
    told = application.acquire_token_by_auth_code_flow(flow, answer(secure_world, "doctor_levante", flow, "refuse.*"))
    assert told["error"] == "access_denied"
