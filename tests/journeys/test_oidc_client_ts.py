"""oidc-client-ts as it stands, in a single-page application on an origin of its own, in Debian's Chromium."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from tests.journeys.test_client_libraries import assert_is_luca
from tests.support import single_page_app
from tests.support.browser import Chromium, Visitor, launch
from tests.support.demo_world import Places, World

SCOPE = "openid profile email offline_access giponext.patients"


# Of each test its own: Django's fixtures stand around it, and Django refuses its ORM to a thread with Playwright's event loop.
@pytest.fixture
def chromium(world: World) -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield Chromium(world, browser)
        browser.close()


class Application:
    """The page of the application, in somebody's browser."""

    def __init__(self, visitor: Visitor, origin: str) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self.origin = origin
        visitor.origins.add(origin)
        visitor.open(f"{origin}/")
        self.told()

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def told(self, after: int = 0) -> dict[str, Any]:
        """What the application says came of the last thing it did."""
        self.page.wait_for_function(
            "after => JSON.parse(document.querySelector('#told')?.textContent || '{}').count > after", arg=after
        )
        return dict(json.loads(self.page.locator("#told").inner_text()))

    def ask(self, button: str) -> dict[str, Any]:
        """Press a button whose answer comes on this very page."""
        before = self.told()["count"]
        self.press(button)
        return self.told(before)


@contextmanager
def application(
    chromium: Chromium, world: World, places: Places, *, at: str = "", **settings: Any
) -> Iterator[Application]:
    """The application in a new browser; `settings` are those of oidc-client-ts beside the usual ones."""
    usual = {
        "authority": world.issuer,
        "client_id": world.client("spa")["client_id"],
        "scope": SCOPE,
        "api_url": world.api,
        "loadUserInfo": True,
        "prompt": "consent",  # else a journey before this one may have answered it
    }
    with (
        single_page_app.served(places.spa, usual | settings),
        # The proxy's certificate vouches for itself.
        Chromium(world, chromium.browser).visitor(ignore_https_errors=True) as visitor,
    ):
        yield Application(visitor, at or places.spa)


def sign_in(page: Page, visitor: Visitor) -> None:
    """Luca signs in and accepts everything, on whichever page the application opened for that."""
    at_varco = Visitor(visitor.world, page)
    page.wait_for_url(f"{visitor.world.issuer}/account/login/**")
    at_varco.sign_in("manager_levante")
    for switch in page.locator("form.consent input[name=scope]:not([disabled])").all():
        switch.check()
    page.get_by_role("button", name="Accept").click()


def signed_in(app: Application) -> dict[str, Any]:
    """What the application knows of Luca once he has signed in by a redirect."""
    app.press("Sign in")
    sign_in(app.page, app.visitor)
    app.page.wait_for_url(f"{app.origin}/**")
    told = app.told()
    assert "user" in told, told
    return dict(told["user"])


def test_a_single_page_application_signs_in_refreshes_and_signs_out(
    chromium: Chromium, world: World, places: Places
) -> None:
    with application(chromium, world, places) as app:
        user = signed_in(app)
        assert set(user["scope"].split()) == set(SCOPE.split())
        assert user["token_type"] == "Bearer"
        assert user["profile"]["iss"] == world.issuer
        assert_is_luca(user["profile"], world)
        refreshed = app.ask("Refresh")["user"]
        assert refreshed["access_token"] != user["access_token"]
        assert refreshed["refresh_token"] != user["refresh_token"]
        assert refreshed["profile"]["sub"] == user["profile"]["sub"]
        assert_is_luca(app.ask("Who am I")["v2"], world)
        assert app.ask("Revoke")["revoked"] is True
        who = app.ask("Who am I")
        assert who["status"] == 401
        assert 'error="invalid_token"' in who["challenge"]  # which its script may read
        app.visitor.forgive_status()
        app.press("Sign out")
        app.page.wait_for_url(f"{app.origin}/**")
        assert app.told() == {"count": 1, "left": True, "user": None}
        app.press("Sign in")
        app.page.wait_for_url(f"{world.issuer}/account/login/**")  # signed out of Varco as well


def test_it_signs_in_through_a_popup(chromium: Chromium, world: World, places: Places) -> None:
    with application(chromium, world, places) as app:
        before = app.told()["count"]
        with app.page.expect_popup() as popup:
            app.press("Sign in in a popup")
        sign_in(popup.value, app.visitor)
        assert_is_luca(app.told(before)["user"]["profile"], world)


def test_a_frame_renews_only_beside_varco(chromium: Chromium, world: World, places: Places) -> None:
    """`prompt=none` only ever redirects, so no page of Varco's is framed; but browsers keep its cookies from a foreign site's frame."""
    with application(chromium, world, places) as app:
        user = signed_in(app)
        assert app.ask("Renew in a frame") | {"count": 0} == {
            "count": 0,
            "fault": "ErrorResponse",
            "error": "login_required",
        }
        assert app.ask("Refresh")["user"]["access_token"] != user["access_token"]
    with application(chromium, world, places, at=places.spa_beside_varco) as app:
        user = signed_in(app)
        renewed = app.ask("Renew in a frame")["user"]
        assert renewed["access_token"] != user["access_token"]
        assert renewed["profile"]["sub"] == user["profile"]["sub"]


def test_its_tokens_are_bound_to_a_key_of_its_browser(chromium: Chromium, secure_world: World, places: Places) -> None:
    """DPoP over TLS, with the server's nonces. The library sends no proof to userinfo, so that is not asked."""
    with application(chromium, secure_world, places, dpop=True, loadUserInfo=False) as app:
        user = signed_in(app)
        assert user["token_type"] == "DPoP"
        refreshed = app.ask("Refresh")["user"]
        assert refreshed["access_token"] != user["access_token"]
        assert_is_luca(app.ask("Who am I")["v2"], secure_world)
        app.visitor.forgive_status()  # each answer with a nonce is an error first
        bearer = {"Authorization": f"Bearer {refreshed['access_token']}"}
        with httpx.Client(verify=secure_world.transport["verify"]) as thief:
            assert thief.get(f"{secure_world.api}/v2/userinfo", headers=bearer).status_code == 401
