"""Somebody registers for the demo; a clinic has them activated by a ticket, and the Developer menu is theirs. One reads English, one Italian."""

from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import NEXT, approve, fill_registration, letter, link_in, open_ticket

EMAIL = "ada@lampone.example"
DEVELOPER = "/developer/applications/"


def register(ada: Visitor) -> None:
    ada.open("/account/signup/")
    fill_registration(ada, EMAIL)
    ada.open(link_in(letter(ada, EMAIL), "/account/signup/confirm/"))
    ada.page.locator(NEXT).click()
    ada.page.wait_for_url(ada.world.address("/"))


def ask(marta: Visitor) -> str:
    """The number of the ticket that the manager of Aurora opens."""
    page = marta.page
    marta.open("/tickets/new/")
    page.get_by_role("link", name="Attivazione di uno sviluppatore").click()
    page.get_by_label("Indirizzo e-mail dello sviluppatore").fill(EMAIL)
    page.get_by_label("Azienda").fill("Lampone S.r.l.")
    page.get_by_label("Per che cosa").fill("Scrive il programma con cui la reception stampa le liste del mattino.")
    return open_ticket(marta)


def test_from_registering_to_the_menu_of_developers(chromium: Chromium) -> None:
    managed_by = chromium.world.account("manager_aurora")["email"]
    with chromium.visitor() as ada:
        register(ada)
        menu = ada.page.get_by_role("navigation").get_by_role("link", name="OAuth applications")
        expect(menu).to_have_count(0)
        answer = ada.page.goto(chromium.world.address(DEVELOPER))
        assert answer
        assert answer.status == 404
        ada.forgive_status()
        with chromium.visitor("manager_aurora") as marta:
            number = ask(marta)
            assert "Attivazione di uno sviluppatore" in letter(
                marta, managed_by, f"Richiesta {number}: l’abbiamo ricevuta"
            )
        with chromium.visitor("support") as sara:
            approve(sara, EMAIL, "Activate the developer", "The Developer role is on.")
        told = letter(ada, EMAIL, "You are a developer at")
        assert "Centro Medico Aurora asked for it" in told
        ada.open(link_in(told, "/tickets/developer/"))
        expect(ada.page.locator("main")).to_contain_text("Centro Medico Aurora")
        assert ada.violations() == []
        menu.click()
        ada.page.wait_for_url(f"**{DEVELOPER}")
        expect(ada.page.get_by_role("heading", level=1)).to_contain_text("OAuth applications")
        assert ada.violations() == []
    with chromium.visitor("manager_aurora") as marta:
        told = letter(marta, managed_by, f"Richiesta {number}: approvata")
        marta.open(link_in(told, f"/tickets/{number}/"))
        expect(marta.page.locator("main")).to_contain_text("Approvata")
        expect(marta.page.locator("#thread")).to_contain_text("Il ruolo di sviluppatore è attivo")
        assert marta.violations() == []
