"""The work of an integrator takes longer: the manager asks from the page of the access, support approves, the day moves; later she takes it back."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import approve, letter, open_ticket
from tests.support.browser_words import Words

INES = "ines@integra.example"
LONGER = 21  # days


def there(marta: Visitor, say: Words) -> date:
    """The last day of the access, as the form to shorten it has it; the page of the access is open then."""
    page = marta.page
    marta.open("/clinic/integrators/")
    page.locator("main").get_by_role("link", name=INES).click()
    page.get_by_role("link", name=say("End it sooner")).click()
    found = date.fromisoformat(page.locator("[name=last_day]").input_value())
    page.go_back()
    return found


def ask(marta: Visitor, day: date, say: Words) -> str:
    """By the button on the page of the access, which fills in whose it is; the number of the ticket."""
    page = marta.page
    page.get_by_role("link", name=say("Ask for an extension")).click()
    expect(page.get_by_role("radio", name=re.compile(INES))).to_be_checked()
    page.get_by_label(say("New last day")).fill(day.isoformat())
    page.get_by_label(say("Why it takes longer")).fill("Il centralino nuovo arriva due settimane dopo.")
    return open_ticket(marta)


def shorten(marta: Visitor, day: date, say: Words) -> None:
    page = marta.page
    page.get_by_role("link", name=say("End it sooner")).click()
    page.locator("[name=last_day]").fill(day.isoformat())
    assert marta.violations() == []
    page.get_by_role("button", name=say("Set the last day")).click()
    expect(page.locator("main")).to_contain_text(say("The access has another last day."))


def test_an_access_is_extended_by_a_ticket_and_shortened_at_once(chromium: Chromium, say: Words) -> None:
    managed_by = chromium.world.account("manager_aurora")["email"]
    with chromium.visitor("manager_aurora", language=say.language) as marta:
        before = there(marta, say)
        number = ask(marta, before + timedelta(days=LONGER), say)
        assert there(marta, say) == before  # until support has looked at it
        with chromium.visitor("support", language=say.language) as sara:
            approve(sara, number, say, "Extend the access", "The access has another last day.")
        assert there(marta, say) == before + timedelta(days=LONGER)
        for to, reads in ((INES, Words("it")), (managed_by, say)):
            told = letter(marta, to, reads("Another last day for %(name)s", name="").strip())
            assert INES in told or "Centro Medico Aurora" in told
        there(marta, say)
        shorten(marta, before, say)
        assert there(marta, say) == before
