"""Pages with the longest values that their fields allow, unbroken, from right to left and in pictures, on narrow screens."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.support.browser import Chromium, Visitor

WIDTHS = (320, 360)
CALLBACK = "https://a.example/" + "c" * 200


def longest(letter: str, leftwards: str, picture: str, length: int) -> str:
    """A value as long as a field allows, each third of another kind and the first two wider than any screen, with nowhere to break.

    Browsers count a picture as two characters (HTML, maxlength), we as one.
    """
    third = length // 3
    return letter * third + leftwards * third + picture * ((length - 2 * third) // 2)


# Name, publisher, description, product; what begins from right to left has its direction from that.
LONGEST = (
    longest("W", "\u05e9", "\U0001fa7a", 80),
    longest("\u0645", "P", "\U0001f3e5", 120),
    "\u05e9\u05dc\u05d5\u05dd " * 100 + longest("D", "\u05d0", "\U0001f48a", 1400),
    longest("W", "\u05d0", "\U0001f9ea", 80),
)
SCOPES = ("openid", "profile", "giponext.patients", "giponext.agenda")


def sideways(visitor: Visitor, *addresses: str) -> list[str]:
    """What sticks out at any width; without addresses, of the page that is open."""
    found = []
    for address in addresses or ("",):
        if address:
            visitor.open(address)
        for width in WIDTHS:
            visitor.page.set_viewport_size({"width": width, "height": 740})
            found += [f"{width} px {visitor.page.url}: {what}" for what in visitor.overflow()]
    return found


def register(davide: Visitor, values: tuple[str, str, str, str]) -> str:
    """Register an application with these values; its number."""
    page = davide.page
    davide.open("/developer/applications/new/one-page/")
    name, publisher, description, product = values
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=environment][value=production]").check()
    page.locator("input[name=publisher]").fill(publisher)
    page.locator("textarea[name=description]").fill(description)
    page.locator("textarea[name=contacts]").fill(f"{'a' * 60}@{'b' * 60}.example")
    page.locator("input[name=product]").fill(product)
    for field in ("home_url", "privacy_url"):
        page.locator(f"input[name={field}]").fill(f"https://a.example/{'h' * 400}")
    page.locator("textarea[name=redirect_uris]").fill(CALLBACK)
    for scope in SCOPES:
        page.locator(f"input[name='scope:{scope}']").check()
        page.locator(f"textarea[name='reason:{scope}']").fill("R" * 500)
    page.get_by_role("button", name="Check and submit").click()
    found = re.search(r"/applications/(\d+)/submit/", page.url)
    assert found, page.locator("main").inner_text()[:2000]
    assert sideways(davide) == []
    page.get_by_role("button", name="Submit for review").click()
    return found[1]


def decide(olga: Visitor, name: str) -> None:
    """Look at the pages of the review and approve."""
    page = olga.page
    olga.open("/staff/applications/?page=99")
    page.locator(f"main .row__title a:text-is('{name}')").last.click()  # the youngest stands last
    assert sideways(olga) == []
    page.locator("textarea[name=text]").fill("T" * 1000)
    page.get_by_role("button", name="Approve application").click()
    assert sideways(olga) == []
    page.get_by_role("button", name="Approve application").click()


@pytest.fixture
def registered(chromium: Chromium) -> Iterator[tuple[str, str]]:
    """The number and the client_id of an approved application with the longest values; retired afterwards."""
    with chromium.visitor("developer") as davide, chromium.visitor("operator") as olga:
        number = register(davide, LONGEST)
        decide(olga, LONGEST[0])
        davide.open(f"/developer/applications/{number}/")
        client_id = re.search(r"varco-[0-9a-f]{16}", davide.page.locator("main").inner_text())
        assert client_id
        yield number, client_id[0]
        davide.open(f"/developer/applications/{number}/retire/")
        davide.page.locator("main form button:visible").first.click()


def test_no_page_gets_wider_than_the_screen(chromium: Chromium, registered: tuple[str, str]) -> None:
    number, client_id = registered
    own, desk = f"/developer/applications/{number}/", f"/staff/applications/{number}/"
    with chromium.visitor("developer") as davide:
        forms = [
            f"{own}{page}/" for page in ("details", "registration", "retire", "secrets/new", "centres/new", "refusals")
        ]
        assert sideways(davide, "/", "/developer/applications/", own, *forms, "/demo/mailbox/") == []
        davide.page.locator("main .row a, main td a, main li a").first.click()
        assert sideways(davide) == []
    with chromium.visitor("operator") as olga:
        assert sideways(olga, "/staff/applications/all/", desk, f"{desk}suspend/", f"{desk}pkce/") == []
    asked = {"client_id": client_id, "redirect_uri": CALLBACK, "scope": " ".join(SCOPES)}
    with chromium.visitor() as stranger:
        assert sideways(stranger, stranger.world.request("web", **asked)) == []
    with chromium.visitor("doctor_aurora") as dario:
        assert sideways(dario, dario.world.request("web", prompt="select_account", **asked)) == []
        hint = f"{'h' * 400}@a.example"
        assert sideways(dario, dario.world.request("web", login_hint=hint, **asked)) == []
        assert sideways(dario, dario.world.request("web", prompt="login", login_hint=hint, **asked)) == []
        assert sideways(dario, dario.world.request("web", prompt="consent", **asked)) == []
        dario.answer(CALLBACK[:18], dario.page.get_by_role("button", name="Accept").click)
        mine = f"/account/applications/{client_id}/"
        assert sideways(dario, "/account/applications/", mine, f"{mine}withdraw/") == []
        with chromium.visitor("manager_aurora") as marta:  # while somebody of hers uses it
            assert sideways(marta, "/clinic/applications/", f"/clinic/applications/{client_id}/block/") == []
        dario.page.locator("main form button.button--danger").click()
        dario.open("/account/applications/")
        assert dario.page.locator(f"main a[href='{mine}']").count() == 0


# The person's own pages, and those of the flows they stand on.
OWN_PAGES = (
    "/", "/account/", "/account/profile/", "/account/logout/", "/account/sessions/", "/account/2fa/",
    "/account/2fa/totp/activate/", "/account/email/", "/account/password/change/", "/oauth2/logout",
)  # fmt: skip
NAMES = (longest("W", "\u05e9", "\U0001fa7a", 60), longest("\u0645", "M", "\U0001f3e5", 60))

LONG_AGENT = "A" * 500
LONG_EMAIL = f"{'a' * 64}@{'.'.join(['b' * 60] * 3)}.it"
"""As long as an address may be (RFC 5321 §4.5.3.1), or nearly, and nowhere to break."""


def test_a_long_address_and_a_browser_with_a_long_name_break_no_page(chromium: Chromium) -> None:
    with chromium.visitor("manager_levante", user_agent=LONG_AGENT) as luca:
        luca.open("/account/email/")
        luca.page.locator("input[name=email]").last.fill(LONG_EMAIL)
        luca.page.locator("main form:has(input[name=email]) button[type=submit]").last.click()
        assert LONG_EMAIL in luca.page.locator("main").inner_text()
        assert sideways(luca) == []
        assert sideways(luca, "/account/email/", "/account/", "/account/sessions/", "/demo/mailbox/") == []
        device_consent(luca)
        assert sideways(luca) == []
    with chromium.visitor(user_agent=LONG_AGENT) as stranger:
        stranger.open("/account/login/")
        stranger.page.locator("input[name=login]").fill(LONG_EMAIL)
        stranger.page.locator("input[name=password]").fill("x" * 40)
        stranger.page.locator("main form:has(input[name=login]) button[type=submit]").click()
        assert sideways(stranger) == []


def device_consent(visitor: Visitor) -> None:
    """Open the consent page of a device, from its code on."""
    asked = {"client_id": visitor.world.client("device")["client_id"], "scope": "openid giponext.patients"}
    code = httpx.post(
        visitor.world.address("/oauth2/device_authorization"), data=asked, headers={"user-agent": LONG_AGENT}
    ).json()["user_code"]
    visitor.open("/device")
    visitor.page.locator("input[name=user_code]").fill(code)
    visitor.page.locator("main form:has(input[name=user_code]) button.button--primary").click()


def rename(visitor: Visitor, given: str, family: str) -> None:
    visitor.open("/account/profile/")
    visitor.page.locator("input[name=given_name]").fill(given)
    visitor.page.locator("input[name=family_name]").fill(family)
    visitor.page.locator("main form button[type=submit]").last.click()


def test_a_long_name_of_a_person_breaks_no_page(chromium: Chromium) -> None:
    with chromium.visitor("secretary_aurora") as silvia:
        silvia.open("/account/profile/")
        before = [silvia.page.locator(f"input[name={name}]").input_value() for name in ("given_name", "family_name")]
        rename(silvia, *NAMES)
        assert sideways(silvia, *OWN_PAGES) == []
        device_consent(silvia)
        assert sideways(silvia) == []
        assert silvia.page.locator("button[name=decision][value=accept]").count() == 1
        rename(silvia, *before)
