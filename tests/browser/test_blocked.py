"""A manager blocks an application for her clinic, and lifts the block: what its next call and its next sign-in get."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_words import Words

SCOPE = "openid giponext.patients"


@pytest.fixture
def patients(chromium: Chromium) -> Callable[[], httpx.Response]:
    """Reads Aurora's patients with a token that the application `web` has for its doctor."""
    world = chromium.world
    bearer = {"Authorization": f"Bearer {world.tokens('doctor_aurora', scope=SCOPE)['access_token']}"}
    address = world.address(f"/v2/tenants/{world.tenant('aurora')}/patients")
    return lambda: httpx.get(address, headers=bearer)


def block(marta: Visitor, name: str, say: Words) -> None:
    page = marta.page
    marta.open("/clinic/applications/")
    page.locator("main").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("link", name=say("Block for the centre")).click()
    assert marta.violations() == []
    page.get_by_label(say("Reason")).fill("Ha letto i pazienti di notte, e nessuno sa perché.")
    page.get_by_role("button", name=say("Block the application")).click()
    expect(page.locator("main")).to_contain_text(say("%(name)s is blocked, with effect at once.", name=name))
    assert marta.violations() == []


def unblock(marta: Visitor, name: str, say: Words) -> None:
    page = marta.page
    marta.open("/clinic/applications/")
    page.locator("main").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("link", name=say("Lift the block")).click()
    assert marta.violations() == []
    page.get_by_role("button", name=say("Lift the block")).click()
    expect(page.locator("main")).to_contain_text(say("%(name)s can be used again.", name=name))


def test_the_next_call_of_a_blocked_application_is_refused_until_the_block_is_lifted(
    chromium: Chromium, patients: Callable[[], httpx.Response], say: Words
) -> None:
    name = chromium.world.client("web")["name"]
    assert patients().status_code == 200
    with chromium.visitor("manager_aurora", language=say.language) as marta:
        block(marta, name, say)
        refused = patients()
        assert refused.status_code == 403
        assert (refused.json()["layer"], refused.json()["fixableBy"]) == ("tenant policy", "manager")
        with chromium.visitor("doctor_aurora", language=say.language) as dario:
            dario.open(chromium.world.request("web", scope=SCOPE))
            heading = say("%(clinic)s does not allow %(application)s", clinic="Centro Medico Aurora", application=name)
            expect(dario.page.get_by_role("heading", level=1)).to_contain_text(heading)
            dario.forgive_status()
            assert dario.violations() == []
        unblock(marta, name, say)
    assert patients().status_code == 200
