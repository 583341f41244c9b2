"""Enter in a field or on a box decides nothing, and a change of language loses nothing that was typed."""

from playwright.sync_api import expect

from tests.support.browser import Chromium


def test_enter_on_a_reason_decides_nothing_and_keeps_what_was_written(chromium: Chromium) -> None:
    with chromium.visitor("operator") as olga:
        olga.open("/staff/applications/")
        olga.page.locator("main a:has-text('Ricette in Tasca')").first.click()
        address = olga.page.url
        olga.page.locator("textarea[name=text]").fill("Remove localhost.")
        olga.page.get_by_text("Reasons to send it back").click()
        reason = olga.page.locator("input[name=codes]").first
        reason.check()
        reason.press("Enter")
        olga.page.wait_for_timeout(300)
        assert olga.page.url == address
        assert olga.page.locator("textarea[name=text]").input_value() == "Remove localhost."
        expect(olga.page.get_by_role("button", name="Approve application")).to_be_in_viewport()
        olga.open("/staff/applications/")
        expect(olga.page.locator("main a:has-text('Ricette in Tasca')").first).to_be_visible()


def test_enter_on_a_switch_of_consent_neither_accepts_nor_refuses(chromium: Chromium) -> None:
    with chromium.visitor("doctor_aurora") as dario:
        dario.open(dario.world.request("native", prompt="consent", redirect_uri="http://127.0.0.1/callback"))
        address = dario.page.url
        dario.page.locator("form.consent input[type=checkbox]:not([disabled])").first.press("Enter")
        dario.page.wait_for_timeout(300)
        assert dario.page.url == address
        assert dario.page.get_by_role("button", name="Accept").is_visible()


def test_the_decision_is_one_link_away_on_a_telephone(chromium: Chromium) -> None:
    with chromium.visitor("operator", narrow=True) as olga:
        olga.open("/staff/applications/")
        olga.page.locator("main a:has-text('Ricette in Tasca')").first.click()
        olga.page.get_by_role("link", name="Decision").click()
        expect(olga.page.locator("textarea[name=text]")).to_be_in_viewport()


def test_a_half_filled_form_outlives_a_change_of_language(chromium: Chromium) -> None:
    with chromium.visitor("developer") as davide:
        page = davide.page
        davide.open("/developer/applications/new/one-page/")
        page.locator("input[name=name]").fill("Half a name")
        page.locator("textarea[name=redirect_uris]").fill("https://a.example/cb\nhttps://b.example/cb")
        page.locator("input[name=type][value=spa]").check()
        page.locator("input[name='scope:giponext.patients']").check()
        page.locator("select[name=id_token_alg]").evaluate("field => { field.value = 'ES256' }")
        for language, heading in (("Italiano", "Registra un'applicazione"), ("English", "Register an application")):
            page.get_by_role("button", name=language).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            assert page.locator("input[name=name]").input_value() == "Half a name"
            assert page.locator("textarea[name=redirect_uris]").input_value().splitlines() == [
                "https://a.example/cb", "https://b.example/cb",
            ]  # fmt: skip
            assert page.locator("input[name=type][value=spa]").is_checked()
            assert page.locator("input[name='scope:giponext.patients']").is_checked()
            assert page.locator("select[name=id_token_alg]").input_value() == "ES256"
        assert page.evaluate("sessionStorage.getItem('varco-typed')") is None
