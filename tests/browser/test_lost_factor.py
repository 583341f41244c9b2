"""Somebody has lost their authenticator app: from the second step on to a ticket, a manager who knows them, support, and another app.

Both of the clinic read Italian, support English.
"""

import re

from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import NEXT, approve, code, in_italian, letter, link_in, set_app_up

ALDO = "accountant_aurora"  # whom no other test needs
SECOND_STEP = "**/2fa/authenticate/"


def sign_in(aldo: Visitor) -> None:
    page, account = aldo.page, aldo.world.account(ALDO)
    page.context.clear_cookies()
    in_italian(aldo).open("/account/login/")
    page.get_by_label("E-mail").fill(account["email"])
    page.locator("input[type=password]").fill(account["password"])
    page.get_by_role("button", name="Accedi", exact=True).click()


def ask(aldo: Visitor) -> str:
    """From the second step, which he cannot do, to a ticket; its number."""
    page = aldo.page
    page.get_by_role("link", name="Hai perso il secondo passaggio?").click()
    assert aldo.violations() == []
    page.get_by_label("Il telefono con l’app di autenticazione").check()
    page.get_by_label("Che cosa è successo").fill("Il telefono è rimasto sul treno di ieri sera.")
    page.get_by_role("button", name="Chiedi aiuto").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("La tua richiesta è aperta")
    assert aldo.violations() == []
    found = re.search(r"\d{6,}", page.locator("main").inner_text())
    assert found
    return found[0]


def confirm(marta: Visitor, number: str) -> None:
    """By the link of the mail: she has spoken with him."""
    page = marta.page
    told = letter(marta, marta.world.account("manager_aurora")["email"], "È davvero Aldo Amato?")
    marta.open(link_in(told, f"/tickets/{number}/"))
    page.get_by_role("link", name="Conferma di chi si tratta").click()
    assert marta.violations() == []
    page.get_by_label("Come lo sai").fill("È venuto da me stamattina, con la sua carta d'identità.")
    page.get_by_role("button", name="È la persona giusta", exact=True).click()
    expect(page.locator("main")).to_contain_text("Confermato. Ora decide l’assistenza.")


def test_from_the_second_step_to_another_app(chromium: Chromium) -> None:
    with chromium.visitor() as aldo:
        page, email = aldo.page, chromium.world.account(ALDO)["email"]
        sign_in(aldo)
        lost = set_app_up(aldo)
        sign_in(aldo)
        page.wait_for_url(SECOND_STEP)
        number = ask(aldo)
        aldo.open("/account/")
        page.wait_for_url(SECOND_STEP)  # the ticket opens nothing
        with chromium.visitor("manager_aurora") as marta:
            confirm(marta, number)
        with chromium.visitor("support") as sara:
            approve(sara, number, "Remove the second step", "The second step is removed.")
        assert "disconnesso ovunque" in letter(aldo, email, "Il tuo accesso in due passaggi è stato rimosso")
        sign_in(aldo)
        page.wait_for_url(chromium.world.address("/"))
        assert set_app_up(aldo) != lost
        sign_in(aldo)
        page.wait_for_url(SECOND_STEP)
        page.locator("[name=code]").fill(code(lost))
        page.locator(NEXT).click()
        page.get_by_role("alert").first.wait_for()
        aldo.forgive_status()
        assert "/2fa/authenticate/" in page.url
