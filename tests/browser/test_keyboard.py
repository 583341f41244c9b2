"""Consent without a mouse: every control can be reached, the focus can be seen, and the order is that of the page."""

from tests.support.browser import Chromium, Visitor

FOCUSED = """() => {
    const e = document.activeElement, style = getComputedStyle(e)
    return [e.tagName, e.value || e.innerText || '', style.outlineStyle !== 'none' || style.boxShadow !== 'none']
}"""


def tab_through(visitor: Visitor, until: str) -> list[str]:
    """Press Tab until the button of that value has the focus; the values passed on the way."""
    passed = []
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        tag, value, visible = visitor.page.evaluate(FOCUSED)
        assert visible, f"focus on {tag} {value} cannot be seen"
        passed.append(value)
        if value == until:
            return passed
    raise AssertionError(f"{until} cannot be reached: {passed}")


def test_consent_is_given_by_keyboard_alone(chromium: Chromium) -> None:
    world = chromium.world
    with chromium.visitor() as lia:
        lia.open(world.request("spa", prompt="consent", scope="openid profile giponext.agenda"))
        account = world.account("doctor_levante")
        assert lia.page.evaluate("document.activeElement.name") == "login"  # no need to look for the field
        lia.page.keyboard.type(account["email"])
        lia.page.keyboard.press("Tab")
        lia.page.keyboard.type(account["password"])
        lia.page.keyboard.press("Enter")
        lia.page.wait_for_selector("button[value=accept]")
        passed = tab_through(lia, "giponext.agenda")
        lia.page.keyboard.press("Space")
        assert not lia.page.locator("input[value='giponext.agenda']").is_checked()
        passed += tab_through(lia, "accept")
        assert "refuse" in passed  # as near as accepting
        assert lia.answer("http://127.0.0.1:5173/callback", lambda: lia.page.keyboard.press("Enter"))["code"]


def test_the_skip_link_comes_first_and_leads_to_the_content(chromium: Chromium) -> None:
    with chromium.visitor("doctor_levante") as lia:
        lia.open("/account/applications/")
        lia.page.keyboard.press("Tab")
        assert lia.page.evaluate("document.activeElement.getAttribute('href')") == "#content"
        lia.page.keyboard.press("Enter")
        assert lia.page.evaluate("document.activeElement.id") == "content"


def test_a_review_is_written_by_keyboard_alone_and_a_missing_reason_loses_nothing(chromium: Chromium) -> None:
    with chromium.visitor("operator") as olga:
        olga.open("/staff/applications/")
        olga.page.locator("main a:has-text('Ricette in Tasca')").first.press("Enter")
        olga.page.wait_for_selector("textarea[name=text]")
        for key, part in (("j", "work"), ("j", "who"), ("k", "work"), ("d", "decide")):
            olga.page.keyboard.press(key)
            assert olga.page.evaluate("document.activeElement.id") == part
        olga.page.keyboard.press("Tab")
        assert olga.page.evaluate("document.activeElement.name") == "text"
        olga.page.keyboard.type("djqt?")  # in a field they are letters
        assert olga.page.locator("textarea[name=text]").input_value() == "djqt?"
        olga.page.locator("textarea[name=text]").fill("")
        olga.page.keyboard.type("Tell us why.")
        tab_through(olga, "request_changes")
        olga.page.keyboard.press("Enter")
        olga.page.wait_for_selector("[role=alert]")
        olga.forgive_status()
        assert olga.page.evaluate("document.activeElement.getAttribute('role')") == "alert"
        assert olga.page.locator("textarea[name=text]").input_value() == "Tell us why."
        olga.page.locator("h1").click()
        olga.page.keyboard.press("?")
        olga.page.get_by_label("Single keys work in this browser").uncheck()
        olga.page.keyboard.press("q")
        assert "/review/" in olga.page.url, "switched off"
        olga.page.get_by_label("Single keys work in this browser").check()
        olga.page.keyboard.press("q")
        olga.page.wait_for_url("**/staff/applications/")


def test_one_of_the_demo_s_people_is_chosen_by_keyboard_and_the_application_s_request_goes_on(
    chromium: Chromium,
) -> None:
    world = chromium.world
    name = "Lia Leone"
    with chromium.visitor() as anybody:
        anybody.open(world.request("spa", prompt="consent", scope="openid profile"))
        anybody.page.get_by_role("button", name=name).press("Enter")
        anybody.page.wait_for_selector("button[value=accept]")
        assert name in anybody.page.locator("main").inner_text()


def test_copying_says_how_it_went(chromium: Chromium) -> None:
    with chromium.visitor("developer") as davide:
        davide.open("/developer/applications/")
        davide.page.locator("main a:has-text('Agenda Facile')").first.click()
        button, status = davide.page.locator(".plate__copy"), davide.page.locator("body > [role=status]")
        davide.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.resolve() }")
        button.press("Enter")
        assert (button.locator("span").first.inner_text(), status.inner_text()) == ("Copied", "Copied")
        davide.page.reload()
        davide.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')) }")
        button.press("Enter")
        assert status.inner_text() == "Not copied: select it"
