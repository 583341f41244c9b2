"""Somebody registers for the demo; a clinic has them activated by a ticket, and the Developer menu is theirs."""

from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import NEXT, approve, fill_registration, letter, link_in, open_ticket
from tests.support.browser_words import Words

DEVELOPER = "/developer/applications/"


def register(ada: Visitor, email: str) -> None:
    ada.open("/account/signup/")
    fill_registration(ada, email)
    ada.open(link_in(letter(ada, email), "/account/signup/confirm/"))
    ada.page.locator(NEXT).click()
    ada.page.wait_for_url(ada.world.address("/"))


def ask(marta: Visitor, email: str, say: Words) -> str:
    """The number of the ticket that the manager of Aurora opens."""
    page = marta.page
    marta.open("/tickets/new/")
    page.get_by_role("link", name=say("Developer activation")).click()
    page.locator("[name=email]").fill(email)
    page.get_by_label(say("Company"), exact=True).fill("Lampone S.r.l.")
    page.get_by_label(say.beginning("What for")).fill(
        "Their program prints the lists of the morning for our reception."
    )
    return open_ticket(marta)


def test_from_registering_to_the_menu_of_developers(chromium: Chromium, say: Words) -> None:
    world, email = chromium.world, f"ada-{say.language}@lampone.example"
    managed_by = world.account("manager_aurora")["email"]
    with (
        chromium.visitor(language=say.language) as ada,
        chromium.visitor("manager_aurora", language=say.language) as marta,
        chromium.visitor("support", language=say.language) as sara,
    ):
        register(ada, email)
        menu = ada.page.get_by_role("navigation").get_by_role("link", name=say("OAuth applications"))
        expect(menu).to_have_count(0)
        answer = ada.page.goto(world.address(DEVELOPER))
        assert answer
        assert answer.status == 404
        ada.forgive_status()
        number = ask(marta, email, say)
        assert say("Developer activation") in letter(
            marta, managed_by, say("Ticket %(number)s: we have it", number=number)
        )
        approve(sara, email, say, "Activate the developer", "The Developer role is on.")
        told = letter(ada, email, say("You are a developer at %(vendor)s", vendor="GipoNext"))
        assert "Centro Medico Aurora" in told
        ada.open(link_in(told, "/tickets/developer/"))
        expect(ada.page.locator("main")).to_contain_text("Centro Medico Aurora")
        assert ada.violations() == []
        menu.click()
        ada.page.wait_for_url(f"**{DEVELOPER}")
        expect(ada.page.get_by_role("heading", level=1)).to_contain_text(say("OAuth applications"))
        assert ada.violations() == []
        told = letter(marta, managed_by, say("Ticket %(number)s: approved", number=number))
        marta.open(link_in(told, f"/tickets/{number}/"))
        expect(marta.page.locator("main")).to_contain_text(say("Approved"))
        expect(marta.page.locator("#thread")).to_contain_text(say("The Developer role is on"))
        assert marta.violations() == []
