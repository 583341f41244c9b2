"""The work of an integrator takes longer: the manager asks from the page of the access, support approves, the day moves; later she takes it back.

Both sides read Italian.
"""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import approve, letter, open_ticket

INES = "ines@integra.example"
LONGER = 21  # days


def there(marta: Visitor) -> date:
    """The last day of the access, as the form to shorten it has it; the page of the access is open then."""
    page = marta.page
    marta.open("/clinic/integrators/")
    page.locator("main").get_by_role("link", name=INES).click()
    page.get_by_role("link", name="Anticipa la fine").click()
    found = date.fromisoformat(page.locator("[name=last_day]").input_value())
    page.go_back()
    return found


def ask(marta: Visitor, day: date) -> str:
    """By the button on the page of the access, which fills in whose it is; the number of the ticket."""
    page = marta.page
    page.get_by_role("link", name="Chiedi una proroga").click()
    expect(page.get_by_role("radio", name=re.compile(INES))).to_be_checked()
    page.get_by_label("Nuovo ultimo giorno").fill(day.isoformat())
    page.get_by_label("Perché serve più tempo").fill("Il centralino nuovo arriva due settimane dopo.")
    return open_ticket(marta)


def shorten(marta: Visitor, day: date) -> None:
    page = marta.page
    page.get_by_role("link", name="Anticipa la fine").click()
    page.locator("[name=last_day]").fill(day.isoformat())
    assert marta.violations() == []
    page.get_by_role("button", name="Imposta l'ultimo giorno").click()
    expect(page.locator("main")).to_contain_text("L'accesso ha un altro ultimo giorno.")


def test_an_access_is_extended_by_a_ticket_and_shortened_at_once(chromium: Chromium) -> None:
    managed_by = chromium.world.account("manager_aurora")["email"]
    with chromium.visitor("manager_aurora") as marta:
        before = there(marta)
        number = ask(marta, before + timedelta(days=LONGER))
        assert there(marta) == before  # until support has looked at it
        with chromium.visitor("support") as sara:
            approve(sara, number, "Extend the access", "The access has another last day.")
        assert there(marta) == before + timedelta(days=LONGER)
        told = [letter(marta, to, "Un altro ultimo giorno per l'accesso") for to in (INES, managed_by)]
        assert "Il tuo accesso temporaneo a Centro Medico Aurora" in told[0]
        assert INES in told[1]
        there(marta)
        shorten(marta, before)
        assert there(marta) == before
