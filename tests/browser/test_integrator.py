"""A clinic asks for an integrator user, support grants it, they come by their invitation, work, and are ended."""

import re
from datetime import date, timedelta

import httpx
from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import approve, letter, link_in, open_ticket, set_app_up
from tests.support.browser_words import Words
from tests.support.demo_world import VERIFIER, World

PASSWORD = "tre parole e un ponte"


def ask(luca: Visitor, email: str, say: Words) -> None:
    """What the manager of Levante fills in; the ticket is with support then."""
    page = luca.page
    luca.open("/clinic/integrators/")
    page.get_by_role("link", name=say("Ask for access")).first.click()
    page.get_by_label(say("E-mail address of the integrator")).fill(email)
    page.get_by_label(say("What the access is for")).fill("Nuova Integra connects the laboratory's results.")
    page.locator("[name=sets][value=reading_patients]").check()
    page.get_by_label(say.beginning("Last day")).fill((date.today() + timedelta(days=30)).isoformat())  # noqa: DTZ011 - as a browser has it
    open_ticket(luca)


def accept(nora: Visitor, email: str, say: Words) -> None:
    """By the link of the mail, which is in the language of whoever asked: the password, then the authenticator app."""
    page = nora.page
    invited = letter(nora, email, say("Temporary access to %(name)s", name="Poliambulatorio Levante"))
    nora.open(link_in(invited, "/account/integrator/"))
    assert nora.violations() == []
    page.get_by_role("button", name=say("Accept the access")).click()
    page.locator("[name=given_name]").fill("Nora")
    page.locator("[name=family_name]").fill("Neri")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name=say("Set the password and sign in")).click()
    expect(page.locator(".countdown")).to_contain_text("30")
    nora.read_in(say.language)
    set_app_up(nora)


def token(nora: Visitor, world: World, say: Words) -> str:
    """What the application `web` gets after they accepted it."""
    callback = world.client("web")["redirect_uris"][0]
    nora.open(world.request("web", scope="openid giponext.patients"))
    nora.page.locator("[name=scope][value='giponext.patients']").check()
    sent = nora.answer(callback, nora.page.get_by_role("button", name=say("Accept"), exact=True).click)
    client = world.client("web")
    form = {
        "grant_type": "authorization_code",
        "code": sent["code"][0],
        "redirect_uri": callback,
        "code_verifier": VERIFIER,
    }
    auth = (client["client_id"], client["client_secrets"][0])
    return str(httpx.post(world.address("/oauth2/token"), data=form, auth=auth).json()["access_token"])


def end(luca: Visitor, email: str, say: Words) -> None:
    page = luca.page
    luca.open("/clinic/integrators/")
    page.get_by_role("link", name=email).click()
    assert luca.violations() == []
    page.get_by_role("link", name=say("End it now")).click()
    page.get_by_label(say("Reason")).fill("The results are connected.")
    page.get_by_role("button", name=say("End the access")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(say("What was done with the access"))
    row = page.locator("tbody tr").first
    expect(row).to_contain_text(luca.world.client("web")["name"])
    assert luca.violations() == []


def test_from_the_request_to_the_report(chromium: Chromium, say: Words) -> None:
    world, email = chromium.world, f"nora-{say.language}@nuovaintegra.example"
    with chromium.visitor("manager_levante", language=say.language) as luca:
        ask(luca, email, say)
        with chromium.visitor("support", language=say.language) as sara:
            approve(
                sara, email, say, "Give the access", "The access is given; the invitation goes out on its first day."
            )
        with chromium.visitor(language=say.language) as nora:
            accept(nora, email, say)
            bearer = {"Authorization": f"Bearer {token(nora, world, say)}"}
            patients = world.address(f"/v2/tenants/{world.tenant('levante')}/patients")
            assert httpx.get(patients, headers=bearer).status_code == 200
            end(luca, email, say)
            assert httpx.get(patients, headers=bearer).status_code == 401
            nora.open("/account/")
            expect(nora.page.locator("input[type=password]")).to_be_visible()  # signed out
            told = letter(
                nora, world.account("manager_levante")["email"], say("Integrator access ended: %(email)s", email=email)
            )
            assert re.search(r"(used for|servito per) 1 opera", told)
            assert "/report/" in told
