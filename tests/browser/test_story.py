"""The first journey, clicked by people whose browsers run no JavaScript: register, review, secret, sign in and consent, read, withdraw.

With JavaScript people click through the same pages in `test_whole_life.py` and, where it is about all on one page and about
withdrawing, in `test_longest.py`.
"""

import re

import httpx
from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.demo_world import VERIFIER, World

CALLBACK = "https://diario.example/callback"
NAME = "Diario Clinico"


def register(davide: Visitor) -> None:
    page = davide.page
    davide.open("/developer/applications/")
    page.get_by_role("link", name=re.compile("Register")).first.click()
    page.get_by_role("link", name="All on one page").click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.locator("input[name=environment][value=production]").check()
    page.get_by_label("Publisher").fill("Codice Sereno Srl")
    page.get_by_label("Description", exact=True).fill("A diary of visits for the clinic's doctors.")
    page.get_by_label("Contacts").fill("davide@codicesereno.example")
    page.get_by_label("Home page").fill("https://diario.example")
    page.get_by_label("Privacy policy").fill("https://diario.example/privacy")
    page.get_by_label("Redirect URIs", exact=False).first.fill(f"{CALLBACK}\n{CALLBACK}/second")
    for scope in ("openid", "profile", "giponext.patients", "giponext.agenda"):
        row = page.locator("fieldset.scope", has=page.locator(f"code:text-is('{scope}')"))
        row.locator("input[type=checkbox]").first.check()
        row.locator("textarea, input[type=text]").first.fill(f"The diary shows this: {scope}.")
    for claim in ("profile", "tenant"):
        page.locator(f"input[name=claims][value={claim}]").check()
    page.get_by_role("button", name="Check and submit").click()
    page.get_by_role("button", name=re.compile("Submit")).click()
    expect(page.locator("main")).to_contain_text(re.compile("Waiting", re.IGNORECASE))


def approve(olga: Visitor) -> None:
    page = olga.page
    olga.open("/staff/applications/")
    page.locator("main").get_by_role("link", name=NAME).first.click()
    expect(page.locator("main")).to_contain_text(CALLBACK)
    page.get_by_role("button", name=re.compile("^Approve")).click()
    page.get_by_role("button", name=re.compile("^Approve")).click()  # asked once more
    olga.open("/staff/applications/")
    expect(page.locator("main")).not_to_contain_text(NAME)


def create_secret(davide: Visitor) -> tuple[str, str]:
    """The `client_id` and the secret, read from the pages that show them."""
    page = davide.page
    davide.open("/developer/applications/")
    page.locator("main").get_by_role("link", name=NAME).first.click()
    client_id = re.search(r"varco-[0-9a-f]{16}", page.locator("main").inner_text())
    page.locator("a[href$='/secrets/new/']").first.click()
    page.get_by_label("Label").fill("server")
    page.get_by_role("button", name=re.compile("Create")).click()
    secret = re.search(r"varco-secret\.[A-Za-z0-9_-]{43}\.[0-9a-f]{8}", page.content())
    assert client_id
    assert secret
    page.reload()
    davide.forgive_status()
    assert secret[0] not in page.content()  # shown once
    return client_id[0], secret[0]


def sign_in_through_it(dario: Visitor, client_id: str) -> dict[str, list[str]]:
    """Sign in and refuse the agenda; what the application gets on its redirect URI."""
    page = dario.page
    dario.open(
        dario.world.request(
            "web", client_id=client_id, redirect_uri=CALLBACK, scope="openid profile giponext.patients giponext.agenda"
        )
    )
    dario.sign_in("doctor_aurora")
    expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)
    expect(page.locator("main")).to_contain_text("Centro Medico Aurora")
    page.get_by_label(re.compile("agendas and availabilities")).uncheck()
    page.get_by_label(re.compile("patients' personal details")).check()
    return dario.answer(CALLBACK, page.get_by_role("button", name="Accept").click)


def exchange(world: World, client_id: str, secret: str, code: str) -> str:
    """The access token of a code, after looking at what it may do."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    answer = httpx.post(world.address("/oauth2/token"), data=form, auth=(client_id, secret)).json()
    assert set(answer["scope"].split()) == {"openid", "profile", "giponext.patients"}
    return str(answer["access_token"])


def withdraw(dario: Visitor) -> None:
    page = dario.page
    dario.open("/account/applications/")
    page.locator("main").get_by_role("link", name=NAME).first.click()
    page.locator("main").get_by_role("link", name=re.compile("Withdraw")).first.click()
    page.locator("main").get_by_role("button", name=re.compile("Withdraw")).click()
    dario.open("/account/applications/")
    expect(page.locator("main")).not_to_contain_text(NAME)


def test_an_application_is_registered_approved_used_and_withdrawn(world: World, chromium: Chromium) -> None:
    with chromium.visitor("developer", java_script_enabled=False) as davide:
        register(davide)
        with chromium.visitor("operator", java_script_enabled=False) as olga:
            approve(olga)
        client_id, secret = create_secret(davide)
    with chromium.visitor(java_script_enabled=False) as dario:
        answer = sign_in_through_it(dario, client_id)
        assert answer["state"] == ["as-it-was"]
        assert answer["iss"] == [world.issuer]
        bearer = {"Authorization": f"Bearer {exchange(world, client_id, secret, answer['code'][0])}"}
        patients = world.address(f"/v2/tenants/{world.tenant('aurora')}/patients")
        assert httpx.get(patients, headers=bearer).json()["items"]
        withdraw(dario)
    assert httpx.get(patients, headers=bearer).status_code == 401
