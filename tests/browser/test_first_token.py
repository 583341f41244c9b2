"""The short way of a registration for development, on a telephone and without scripts; its steps in one line; keys made in the browser."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from playwright.sync_api import expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import NEXT
from tests.support.browser_words import Words

NEW = "/developer/applications/new/"
NARROW_WITHOUT_SCRIPTS: Mapping[str, Any] = {"narrow": True, "java_script_enabled": False, "color_scheme": "dark"}


def sound(visitor: Visitor) -> None:
    """No page of the way sticks out, or has a control that a finger misses."""
    assert visitor.overflow() == []
    assert visitor.small_targets() == []


def test_from_a_name_to_the_first_secret_in_three_pages(chromium: Chromium, say: Words) -> None:
    with chromium.visitor("developer", language=say.language, **NARROW_WITHOUT_SCRIPTS) as davide:
        page = davide.page
        davide.open(NEW)
        sound(davide)
        page.locator("main [name=name]").fill(f"Prova {say.language}")
        page.locator("main [name=start][value=django]").press("Space")
        page.locator(NEXT).press("Enter")
        page.wait_for_url("**/edit/summary/")
        sound(davide)
        page.locator(NEXT).press("Enter")
        page.wait_for_url("**/first-token/")
        sound(davide)
        expect(page.locator(".plate")).to_contain_text("varco-")
        page.locator("#next").get_by_role("button", name=say("Make the first secret")).press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(say("Your new secret"))
        sound(davide)
        expect(page.locator("#quick-start")).to_contain_text("Sandbox di Codice Sereno")


def test_where_it_stands_takes_one_line_on_a_telephone(chromium: Chromium) -> None:
    with chromium.visitor("developer", narrow=True) as davide:
        page = davide.page
        davide.open(NEW)
        page.locator("main [name=name]").fill("In una riga")
        page.locator("main [name=start][value=nothing]").check()
        page.locator(NEXT).click()
        page.wait_for_url("**/edit/kind/")
        expect(page.locator(".steps__now")).to_have_text("Step 1 of 8: Kind")
        steps = page.locator(".steps--linked a")
        tops = steps.evaluate_all("all => [...new Set(all.map(each => Math.round(each.getBoundingClientRect().top)))]")
        assert len(tops) == 1
        assert steps.count() == 8
        assert page.get_by_role("link", name="Scopes (incomplete)").count() == 1, (
            "each has its name for those who listen"
        )
        assert davide.violations() == []
        # A field that is called like a property of its form hides that property from scripts.
        page.evaluate("""() => {
            const form = document.querySelector('main form')
            for (const name of ['method', 'action']) form.append(Object.assign(document.createElement('input'), {name, type: 'hidden'}))
            window.stopped = []
            document.addEventListener('submit', event => { window.stopped.push(event.defaultPrevented); event.preventDefault() })
        }""")
        with page.expect_response("**/edit/kind/") as looked:
            page.locator("main [name=acts_by_itself]").check()
        assert looked.value.status == 200
        for _twice in range(2):
            page.locator(NEXT).click()
        assert page.evaluate("window.stopped") == [False, True], "it is sent once"


def test_a_key_pair_is_made_in_the_browser_and_only_its_public_half_is_sent(chromium: Chromium, tmp_path: Path) -> None:
    with chromium.visitor("developer") as davide:
        page = davide.page
        davide.open("/developer/applications/")
        page.locator("main a:has-text('Agenda Facile')").first.click()
        page.wait_for_url("**/applications/*/")
        davide.open(f"{page.url}keys/")
        field = page.locator("[name=jwks]")
        before = field.input_value()
        page.locator("[data-pair-alg]").select_option("ES256")
        page.locator("[data-pair-make]").click()
        expect(page.locator("[data-pair-pem]")).to_be_focused()
        (made,) = json.loads(field.input_value())["keys"][len(json.loads(before or '{"keys": []}')["keys"]) :]
        assert set(made) == {"crv", "kty", "x", "y", "kid", "use", "alg"}, "nothing of the private half"
        # What was made and not kept would be lost: the form is not sent.
        page.locator("button[value=save]").click()
        expect(page.locator("[data-pair-says=owed]")).to_be_visible()
        with page.expect_download() as saving:
            page.locator("[data-pair-pem]").click()
        saving.value.save_as(tmp_path / "key.pem")
        key = load_pem_private_key((tmp_path / "key.pem").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        numbers = key.public_key().public_numbers()
        for name, number in (("x", numbers.x), ("y", numbers.y)):
            assert base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode() == made[name]
        assert saving.value.suggested_filename == f"{made['kid']}.pem"
        expect(page.locator("[data-pair-says=owed]")).to_be_hidden()
        page.locator("select[data-pair-alg]").select_option("RS256")
        field.fill("no JSON")
        page.locator("[data-pair-make]").click()
        expect(page.locator("[data-pair-says=unread]")).to_be_visible()
