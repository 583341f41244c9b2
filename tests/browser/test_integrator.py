"""A clinic asks for an integrator user, support grants it, they come by their invitation, work, and are ended."""

import re
from datetime import date, timedelta

import httpx
from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import approve, letter, link_in, set_app_up
from tests.support.demo_world import VERIFIER, World

EMAIL = "nora@nuovaintegra.example"
PASSWORD = "tre parole e un ponte"


def ask(luca: Visitor) -> None:
    """What the manager of Levante fills in; the ticket is with support then."""
    page = luca.page
    luca.open("/clinic/integrators/")
    page.get_by_role("link", name="Ask for access").first.click()
    page.get_by_label("E-mail address of the integrator").fill(EMAIL)
    page.get_by_label("What the access is for").fill("Nuova Integra connects the laboratory's results.")
    page.get_by_label(re.compile("Patients, reading only")).check()
    page.get_by_label(re.compile("^Last day")).fill((date.today() + timedelta(days=30)).isoformat())  # noqa: DTZ011 - as a browser has it
    assert luca.violations() == []
    page.get_by_role("button", name="Open the ticket").click()
    expect(page.locator("main")).to_contain_text("Patients, reading only")


def accept(nora: Visitor) -> None:
    """By the link of the mail: the password, then the authenticator app."""
    page = nora.page
    nora.open(link_in(letter(nora, EMAIL, "Temporary access to Poliambulatorio Levante"), "/account/integrator/"))
    assert nora.violations() == []
    page.get_by_role("button", name="Accept the access").click()
    page.get_by_label("First name").fill("Nora")
    page.get_by_label("Last name").fill("Neri")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Set the password and sign in").click()
    expect(page.locator(".countdown")).to_contain_text("30 days left")
    set_app_up(nora)


def token(nora: Visitor, world: World) -> str:
    """What the application `web` gets after they accepted it."""
    callback = world.client("web")["redirect_uris"][0]
    nora.open(world.request("web", scope="openid giponext.patients"))
    nora.page.get_by_label(re.compile("patients' personal details")).check()
    sent = nora.answer(callback, nora.page.get_by_role("button", name="Accept").click)
    client = world.client("web")
    form = {
        "grant_type": "authorization_code",
        "code": sent["code"][0],
        "redirect_uri": callback,
        "code_verifier": VERIFIER,
    }
    auth = (client["client_id"], client["client_secrets"][0])
    return str(httpx.post(world.address("/oauth2/token"), data=form, auth=auth).json()["access_token"])


def end(luca: Visitor) -> None:
    page = luca.page
    luca.open("/clinic/integrators/")
    page.get_by_role("link", name=EMAIL).click()
    assert luca.violations() == []
    page.get_by_role("link", name="End it now").click()
    page.get_by_label("Reason").fill("The results are connected.")
    page.get_by_role("button", name="End the access").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What was done with the access")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text(luca.world.client("web")["name"])
    assert luca.violations() == []


def test_from_the_request_to_the_report(chromium: Chromium) -> None:
    world = chromium.world
    with chromium.visitor("manager_levante") as luca:
        ask(luca)
    with chromium.visitor("support") as sara:
        approve(sara, EMAIL, "Give the access", "The access is given")
    with chromium.visitor() as nora:
        accept(nora)
        bearer = {"Authorization": f"Bearer {token(nora, world)}"}
        patients = world.address(f"/v2/tenants/{world.tenant('levante')}/patients")
        assert httpx.get(patients, headers=bearer).status_code == 200
        with chromium.visitor("manager_levante") as luca:
            end(luca)
        assert httpx.get(patients, headers=bearer).status_code == 401
        nora.open("/account/")
        expect(nora.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()  # signed out
    with chromium.visitor() as anybody:
        told = letter(anybody, world.account("manager_levante")["email"], "Integrator access ended")
        assert "used for 1 operation" in told
        assert "/report/" in told
