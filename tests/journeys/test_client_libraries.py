"""The client libraries that integrators use, each through the whole flow: sign-in, code with PKCE, userinfo, refresh."""

import json
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest

from tests.support.demo_world import World

SCOPE = "openid profile email offline_access giponext.patients giponext.agenda"
GRANTED = set(SCOPE.split()) - {"giponext.agenda"}
REDIRECT_URI = "http://127.0.0.1:8765/callback"


def assert_is_luca(claims: dict[str, Any], world: World) -> None:
    assert claims["name"] == "Luca Longo"
    assert [tenant["id"] for tenant in claims["tenants"]] == [world.tenant("levante")]


def test_requests_oauthlib_signs_in_refreshes_and_reads_who_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from requests_oauthlib import OAuth2Session

    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # http on loopback
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")  # it must bear that a person refuses a scope
    registered = world.client("web")
    authorization = (registered["client_id"], registered["client_secrets"][0])
    with (
        OAuth2Session(registered["client_id"], redirect_uri=REDIRECT_URI, scope=SCOPE.split(), pkce="S256") as session,
        world.person("manager_levante") as luca,
    ):
        address, _ = session.authorization_url(world.address("/oauth2/authorize"), prompt="consent")
        callback = luca.authorize(address, refuse=["giponext.agenda"])
        token = session.fetch_token(world.address("/oauth2/token"), authorization_response=callback, auth=authorization)
        assert set(token["scope"]) == GRANTED
        assert_is_luca(session.get(world.address("/oauth2/userinfo")).json(), world)
        refreshed = session.refresh_token(world.address("/oauth2/token"), auth=authorization)
        assert refreshed["refresh_token"] != token["refresh_token"]
        assert_is_luca(session.get(world.address("/v2/userinfo")).json(), world)


def a_web_application(world: World) -> tuple[Any, Any]:
    """A Starlette application that signs people in with Authlib, as its documentation shows."""
    from authlib.integrations.starlette_client import OAuth
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    registered = world.client("web")
    oauth = OAuth()
    varco = oauth.register(
        "varco",
        server_metadata_url=world.address("/.well-known/openid-configuration"),
        client_id=registered["client_id"],
        client_secret=registered["client_secrets"][0],
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
    )

    async def login(request: Request) -> Response:
        return await varco.authorize_redirect(request, REDIRECT_URI, prompt="consent")  # type: ignore[no-any-return]

    async def callback(request: Request) -> Response:
        return JSONResponse(await varco.authorize_access_token(request))

    application = Starlette(routes=[Route("/login", login), Route("/callback", callback)])
    session: dict[str, Any] = {}

    async def with_session(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        scope["session"] = session
        await application(scope, receive, send)

    return with_session, varco


def test_authlib_signs_in_refreshes_and_reads_who_it_is(world: World) -> None:
    application, varco = a_web_application(world)

    async def journey() -> None:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(application), base_url="http://127.0.0.1:8765"
        ) as browser:
            sent_to = (await browser.get("/login")).headers["location"]
            with world.person("manager_levante") as luca:
                callback = luca.authorize(sent_to, refuse=["giponext.agenda"])
            token = (await browser.get(callback)).json()
        assert set(token["scope"].split()) == GRANTED
        assert token["userinfo"]["sub"]  # the verified claims of the ID token
        assert_is_luca(await varco.userinfo(token=token), world)
        refreshed = await varco.fetch_access_token(grant_type="refresh_token", refresh_token=token["refresh_token"])
        assert refreshed["refresh_token"] != token["refresh_token"]
        assert_is_luca(await varco.userinfo(token=refreshed), world)

    anyio.run(journey)


def node(
    given: dict[str, Any], person: Callable[[str], str], *, script: str = "sign-in.mjs", **environment: str
) -> dict[str, Any]:
    """Run one sign-in of openid-client; `person` turns the authorization address into the callback's."""
    import os

    process = subprocess.Popen(
        ["node", str(Path(__file__).parent / "node" / script), json.dumps(given)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment,
    )  # fmt: skip
    with process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        first = process.stdout.readline()
        assert first, process.stderr.read()
        process.stdin.write(person(json.loads(first)["authorize"]) + "\n")
        process.stdin.close()
        second = process.stdout.readline()
        assert second, process.stderr.read()
        return dict(json.loads(second))


@pytest.mark.parametrize("key", ["web", "spa"])
def test_openid_client_signs_in_refreshes_and_reads_who_it_is(world: World, key: str) -> None:
    registered = world.client(key)
    given = {
        "issuer": world.issuer,
        "api_url": world.api,
        "client_id": registered["client_id"],
        "client_secret": (registered["client_secrets"] or [""])[0],
        "redirect_uri": registered["redirect_uris"][0],
        "post_logout_redirect_uri": registered["post_logout_redirect_uris"][0],
        "scope": SCOPE,
    }
    with world.person("manager_levante") as luca:
        told = node(given, lambda address: luca.authorize(f"{address}&prompt=consent", refuse=["giponext.agenda"]))
        assert luca.open(told["leave"]).left_for == given["post_logout_redirect_uri"]
    assert set(told["scope"].split()) == GRANTED
    assert told["claims"]["iss"] == world.issuer
    assert told["refreshed"] is True
    assert_is_luca(told["userinfo"], world)
    assert_is_luca(told["v2"], world)


def test_a_library_is_told_when_the_person_refuses(world: World) -> None:
    with world.person("doctor_levante") as lia:
        page = lia.sign_in(lia.open(world.request("web", state="kept", prompt="consent")))
        answer = parse_qs(urlsplit(lia.consent(page, button="refuse.*")).query)
    assert answer["error"] == ["access_denied"]
    assert answer["state"] == ["kept"]
    assert answer["iss"] == [world.issuer]
