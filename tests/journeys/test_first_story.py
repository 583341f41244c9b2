"""The first journey, told step by step over HTTP: registration, review, secret, sign-in, API, refresh, withdrawal."""

import re
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwk, jwt

from tests.support.demo_world import VERIFIER, World

NAME = "Cartella Amica"
REDIRECT_URIS = ("https://cartella.example/callback", "https://cartella.example/second")
ASKED = "openid profile offline_access giponext.patients giponext.agenda"
GRANTED = set(ASKED.split()) - {"giponext.agenda"}


class Application:
    """The software that Davide registers: it knows its `client_id` and secret, and calls the gate."""

    def __init__(self, world: World, client_id: str, secret: str) -> None:
        self.world = world
        self.authorization = (client_id, secret)

    def token(self, **form: str) -> httpx.Response:
        return httpx.post(self.world.address("/oauth2/token"), data=form, auth=self.authorization)

    def exchange(self, code: str) -> dict[str, str]:
        answer = self.token(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URIS[0], code_verifier=VERIFIER
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return dict(answer.json())

    def refresh(self, token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def get(self, path: str, access_token: str) -> httpx.Response:
        return httpx.get(f"{self.world.api}{path}", headers={"Authorization": f"Bearer {access_token}"})


def register(world: World) -> None:
    with world.person("developer") as davide:
        davide.sign_in()
        form = davide.open("/developer/applications/new/one-page/")
        fields: dict[str, str | list[str]] = {
            "name": NAME,
            "publisher": "Codice Sereno Srl",
            "description": "A record of visits, for doctors.",
            "contacts": "davide@codicesereno.example",
            "home_url": "https://cartella.example",
            "privacy_url": "https://cartella.example/privacy",
            "type": "web",
            "environment": "production",
            "redirect_uris": "\n".join(REDIRECT_URIS),
            "claims": ["profile", "email", "tenant"],
        }
        for scope in ASKED.split():
            fields |= {f"scope:{scope}": "on", f"reason:{scope}": f"The record needs {scope}."}
        check = davide.press(form, "check and submit", **fields)
        assert REDIRECT_URIS[1] in check.text
        submitted = davide.press(check, "submit for review")
        assert "waiting" in submitted.text.lower()


def approve(world: World) -> None:
    with world.person("operator") as olga:
        olga.sign_in()
        queue = olga.open("/staff/applications/")
        review = olga.open(queue.link(NAME))
        assert REDIRECT_URIS[0] in review.text
        olga.press(olga.press(review, "approve application"), "approve application")  # asked once more
        assert NAME not in olga.open("/staff/applications/").text.partition("Decided")[0]


def create_secret(world: World) -> tuple[str, str]:
    with world.person("developer") as davide:
        davide.sign_in()
        client = davide.open(davide.open("/developer/applications/").link(NAME))
        client_id = re.search(r"varco-[0-9a-f]{16}", client.text)
        assert client_id
        creating = davide.open(client.link("create .*secret.*"))
        shown = davide.press(creating, "create the secret", label="production server")
        secret = re.search(r"varco-secret\.[A-Za-z0-9_-]{43}\.[0-9a-f]{8}", str(shown.soup))
        assert secret
        again = davide.open(davide.open("/developer/applications/").link(NAME))
        assert secret[0] not in str(again.soup)
        assert secret[0][-4:] in again.text
    return client_id[0], secret[0]


def sign_in(world: World, client_id: str) -> str:
    """Dario signs in through it, accepts patients, refuses the agenda; the code."""
    asked = world.request(
        "web",
        client_id=client_id,
        redirect_uri=REDIRECT_URIS[0],
        scope=ASKED,
        nonce="n-0S6_WzA2Mj",
        state="af0ifjsldkj",
    )
    with world.person("doctor_aurora") as dario:
        page = dario.sign_in(dario.open(asked))
        assert NAME in page.heading
        assert "Codice Sereno Srl" in page.text
        assert "Centro Medico Aurora" in page.text
        answer = parse_qs(urlsplit(dario.consent(page, refuse=["giponext.agenda"])).query)
    assert answer["state"] == ["af0ifjsldkj"]
    assert answer["iss"] == [world.issuer]
    return answer["code"][0]


def check_id_token(world: World, text: str, client_id: str) -> None:
    discovery = httpx.get(world.address("/.well-known/openid-configuration")).json()
    keys = jwk.KeySet.import_key_set(httpx.get(discovery["jwks_uri"]).json())
    claims = jwt.decode(text, keys, algorithms=["RS256"]).claims
    assert claims["iss"] == world.issuer
    assert claims["aud"] == client_id
    assert claims["nonce"] == "n-0S6_WzA2Mj"
    assert claims["sub"].startswith("user-")


def check_api(world: World, application: Application, access_token: str) -> None:
    aurora, levante = world.tenant("aurora"), world.tenant("levante")
    told = application.get("/v2/userinfo", access_token).json()
    assert told["name"] == "Dario Donati"
    assert told["tenants"] == [{"id": aurora, "name": "Centro Medico Aurora"}]
    patients = application.get(f"/v2/tenants/{aurora}/patients?limit=5", access_token).json()
    assert len(patients["items"]) == 5
    assert patients["hasMore"] is True
    assert set(patients["items"][0]) >= {"id", "firstName", "lastName", "fiscalCode"}
    assert application.get(f"/v2/tenants/{levante}/patients", access_token).status_code == 404
    agendas = application.get(f"/v2/tenants/{aurora}/agendas", access_token)
    assert agendas.status_code == 403
    assert agendas.json()["layer"] == "scope"


def check_rotation(application: Application, first: str) -> None:
    """The immediate predecessor is forgiven, an older one is not."""
    second = application.refresh(first).json()
    assert set(second["scope"].split()) == GRANTED
    assert application.refresh(first).json()["refresh_token"] == second["refresh_token"]
    third = application.refresh(second["refresh_token"]).json()
    assert application.refresh(first).json()["error"] == "invalid_grant"
    assert application.refresh(third["refresh_token"]).json()["error"] == "invalid_grant"
    assert application.get("/v2/userinfo", third["access_token"]).status_code == 401


def withdraw(world: World) -> None:
    with world.person("doctor_aurora") as dario:
        dario.sign_in()
        connected = dario.open("/account/applications/")
        confirm = dario.open(dario.open(connected.link(NAME)).link("withdraw access"))
        dario.press(confirm, "withdraw access")
        assert NAME not in dario.open("/account/applications/").text


@pytest.fixture(scope="module")
def application(world: World) -> Application:
    register(world)
    approve(world)
    return Application(world, *create_secret(world))


def test_the_story_from_registration_to_withdrawal(world: World, application: Application) -> None:
    client_id = application.authorization[0]
    tokens = application.exchange(sign_in(world, client_id))
    assert set(tokens["scope"].split()) == GRANTED
    check_id_token(world, tokens["id_token"], client_id)
    check_api(world, application, tokens["access_token"])
    check_rotation(application, tokens["refresh_token"])
    tokens = application.exchange(sign_in(world, client_id))
    assert application.get("/v2/userinfo", tokens["access_token"]).status_code == 200
    withdraw(world)
    assert application.get("/v2/userinfo", tokens["access_token"]).status_code == 401
    assert application.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refused_request_is_explained_on_the_clients_page(world: World, application: Application) -> None:
    refused = application.token(
        grant_type="authorization_code", code="vac.never-issued", redirect_uri=REDIRECT_URIS[0], code_verifier=VERIFIER
    )
    assert refused.status_code == 400
    request_id = refused.headers["x-request-id"]
    with world.person("developer") as davide:
        davide.sign_in()
        client = davide.open(davide.open("/developer/applications/").link(NAME))
        for _ in range(50):  # the trace is written off the hot path, within a second or two
            time.sleep(0.1)
            page = davide.open(f"{client.url}refusals/{request_id}/")
            if page.status == 200:
                break
        assert "invalid_grant" in page.text
        assert "vac.never-issued" not in page.text


def test_the_tour_plays_the_story_too(world: World) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "varco.ops", "tour", "--url", world.issuer, "--json"]
    tour = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert tour.returncode == 0, tour.stdout[-4000:] + tour.stderr[-2000:]
