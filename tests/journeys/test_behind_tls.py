"""Behind a TLS proxy the public face is https throughout, and nothing a request says about its host changes that."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.support.demo_world import World

LIES = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example;proto=http"}


@pytest.fixture
def world(secure_world: World) -> World:
    return secure_world


@pytest.fixture
def stranger(world: World) -> Iterator[httpx.Client]:
    """A program without cookies that trusts the proxy's certificate."""
    with httpx.Client(verify=world.transport["verify"]) as client:
        yield client


def test_the_issuer_and_every_endpoint_are_https_whatever_the_request_says(
    world: World, stranger: httpx.Client
) -> None:
    for headers in ({}, LIES, {"Host": "evil.example"}, {"Host": "evil.example:80", **LIES}):
        for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
            document = stranger.get(world.address(path), headers=headers).json()
            assert document["issuer"] == world.issuer
            addresses = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))]
            assert len(addresses) >= 3
            assert [address for address in addresses if not address.startswith(f"{world.issuer}/")] == []


def test_pages_do_not_repeat_the_host_of_the_request(world: World, stranger: httpx.Client) -> None:
    for path in ("/account/login/", "/account/password/reset/", "/oauth2/authorize?client_id=unknown", "/nothing-here"):
        for headers in (LIES, {"Host": "evil.example", **LIES}):
            answer = stranger.get(world.address(path), headers=headers)
            assert "evil.example" not in answer.text
            assert "evil.example" not in str(answer.headers)
            assert answer.status_code < 500


def test_a_password_reset_mail_links_to_the_issuer(world: World) -> None:
    with world.person("doctor_levante") as lia:
        lia.http.headers.update(LIES)
        page = lia.open("/account/password/reset/")
        lia.press(page, "(send|reset).*", email=lia.email)
        mailbox = lia.open("/demo/mailbox")
        mail = lia.open(mailbox.link(".*password.*"))
        links = re.findall(r"https?://[^\s\"'<>]+", str(mail.soup))
    assert any("/account/password/reset/key/" in link for link in links)
    assert [link for link in links if "/account/" in link and not link.startswith(world.issuer)] == []


def test_cookies_are_secure_and_bound_to_the_host(world: World) -> None:
    with world.person("doctor_levante") as lia:
        page = lia.open("/account/login/")
        lia.sign_in(page)
        cookies = list(lia.http.cookies.jar)
        assert {"__Host-varco_session", "__Host-varco_csrf"} <= {cookie.name for cookie in cookies}
        assert [cookie.name for cookie in cookies if not cookie.secure or cookie.domain_specified] == []
        assert page.headers["strict-transport-security"].startswith("max-age=")


def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    with world.person("doctor_levante") as lia:
        page = lia.open("/account/login/")
        token = str(page.soup.one("input[name=csrfmiddlewaretoken]")["value"])
        fields = {"login": lia.email, "password": lia.password, "csrfmiddlewaretoken": token}
        foreign = {"Origin": "https://evil.example", "Referer": "https://evil.example/"}
        assert lia.http.post(page.url, data=fields, headers=foreign).status_code == 403


def test_an_application_signs_a_person_in(world: World, stranger: httpx.Client) -> None:
    from authlib.integrations.httpx_client import OAuth2Client

    registered = world.client("web")
    with (
        world.person("doctor_aurora") as dario,
        OAuth2Client(
            registered["client_id"],
            registered["client_secrets"][0],
            scope="openid profile",
            redirect_uri=registered["redirect_uris"][0],
            code_challenge_method="S256",
            verify=world.transport["verify"],
        ) as application,
    ):
        verifier = "v" * 64
        address, state = application.create_authorization_url(
            world.address("/oauth2/authorize"), code_verifier=verifier, prompt="consent"
        )
        callback = dario.authorize(address)
        token = application.fetch_token(
            world.address("/oauth2/token"), authorization_response=callback, code_verifier=verifier, state=state
        )
        assert token["id_token"]
        assert application.get(world.address("/oauth2/userinfo")).json()["name"] == "Dario Donati"
