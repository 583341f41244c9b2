"""Somebody has lost their authenticator app: from the second step on to a ticket, a manager who knows them, support, and another app."""

import re

from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import NEXT, approve, code, letter, link_in, set_app_up
from tests.support.browser_words import Words

ALDO = "accountant_aurora"  # whom no other test needs
SECOND_STEP = "**/2fa/authenticate/"


def sign_in(aldo: Visitor, say: Words) -> None:
    page, account = aldo.page, aldo.world.account(ALDO)
    page.context.clear_cookies()
    aldo.open("/account/login/")
    aldo.read_in(say.language)
    page.get_by_label("E-mail").fill(account["email"])
    page.locator("input[type=password]").fill(account["password"])
    page.get_by_role("button", name=say("Sign in"), exact=True).click()


def ask(aldo: Visitor, say: Words) -> str:
    """From the second step, which he cannot do, to a ticket; its number."""
    page = aldo.page
    page.get_by_role("link", name=say("Lost your second step?")).click()
    assert aldo.violations() == []
    page.locator("[name=lost]").first.check()
    page.locator("[name=story]").fill("Il telefono è rimasto sul treno di ieri sera.")
    page.get_by_role("button", name=say("Ask for help")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(say("Your ticket is open"))
    assert aldo.violations() == []
    found = re.search(r"\d{6,}", page.locator("main").inner_text())
    assert found
    return found[0]


def confirm(marta: Visitor, number: str, say: Words) -> None:
    """By the link of the mail: she has spoken with him."""
    page = marta.page
    told = letter(marta, marta.world.account("manager_aurora")["email"], say("Is it %(person)s?", person="Aldo Amato"))
    marta.open(link_in(told, f"/tickets/{number}/"))
    page.get_by_role("link", name=say("Confirm who it is")).click()
    assert marta.violations() == []
    page.get_by_label(say("How you know")).fill("È venuto da me stamattina, con la sua carta d'identità.")
    page.get_by_role("button", name=say("It is them"), exact=True).click()
    expect(page.locator("main")).to_contain_text(say("Confirmed. Support decides now."))


def test_from_the_second_step_to_another_app(chromium: Chromium, say: Words) -> None:
    with chromium.visitor() as aldo, chromium.visitor("manager_aurora", language=say.language) as marta:
        page, email = aldo.page, chromium.world.account(ALDO)["email"]
        sign_in(aldo, say)
        page.wait_for_url(chromium.world.address("/"))
        aldo.read_in(say.language)
        lost = set_app_up(aldo)
        sign_in(aldo, say)
        page.wait_for_url(SECOND_STEP)
        number = ask(aldo, say)
        aldo.open("/account/")
        page.wait_for_url(SECOND_STEP)  # the ticket opens nothing
        confirm(marta, number, say)
        with chromium.visitor("support", language=say.language) as sara:
            approve(sara, number, say, "Remove the second step", "The second step is removed.")
        assert letter(aldo, email, say("Your two-step sign-in was removed"))
        sign_in(aldo, say)
        page.wait_for_url(chromium.world.address("/"))
        assert set_app_up(aldo) != lost
        with chromium.visitor() as other:
            sign_in(other, say)
            other.page.wait_for_url(SECOND_STEP)
            other.page.locator("[name=code]").fill(code(lost))
            other.page.locator(NEXT).click()
            other.page.get_by_role("alert").first.wait_for()
            other.forgive_status()
            assert "/2fa/authenticate/" in other.page.url
        aldo.open("/account/2fa/totp/deactivate/")
        page.locator("main form button.button--danger").click()
        expect(page.locator("main")).to_contain_text(say("The authenticator app is switched off."))
