"""A passkey is made, signs in, and is taken away again, with Chromium's own virtual authenticator."""

from playwright.sync_api import CDPSession, Page

from tests.support.browser import Chromium

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_key(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return session


PASSKEY = "[data-passkey]"


def test_a_passkey_is_made_and_signs_in_and_another_does_not(chromium: Chromium) -> None:
    with chromium.visitor() as silvia:  # whom no other test needs; she reads Italian
        page = silvia.page
        session = with_key(page)
        silvia.sign_in("secretary_aurora")
        silvia.open("/account/2fa/webauthn/add/")
        page.locator("[name=name]").fill("Banco all'ingresso")
        assert silvia.violations() == []
        page.locator(PASSKEY).click()
        page.wait_for_url("**/recovery-codes/")
        assert page.locator(".codes li").count() == 10
        assert silvia.violations() == []

        page.context.clear_cookies()
        silvia.sign_in("secretary_aurora")
        page.wait_for_url("**/2fa/authenticate/")
        assert silvia.violations() == []
        page.locator(PASSKEY).click()
        page.wait_for_url(chromium.world.address("/"))
        silvia.open("/account/2fa/")
        page.get_by_text("Banco all'ingresso").wait_for()
        assert silvia.violations() == []

        page.context.clear_cookies()
        silvia.open("/account/login/?next=/account/profile/")
        page.locator(PASSKEY).click()  # alone: neither address nor password
        page.wait_for_url(chromium.world.address("/account/profile/"))

        page.context.clear_cookies()
        silvia.sign_in("secretary_aurora")
        page.wait_for_url("**/2fa/authenticate/")
        session.send("WebAuthn.disable")
        with_key(page)  # another key, which nobody knows
        page.locator(PASSKEY).click()
        page.locator("[data-passkey-fault]:not([hidden])").wait_for()


def test_the_page_of_passkeys_says_what_to_do_without_scripts(chromium: Chromium) -> None:
    with chromium.visitor(java_script_enabled=False) as lia:
        lia.open("/account/login/")
        for hidden in (PASSKEY, "[data-show-password]"):
            assert not lia.page.locator(hidden).is_visible()
        lia.sign_in("doctor_levante")
        lia.open("/account/2fa/webauthn/add/")
        lia.page.locator("noscript .callout").wait_for()  # text of <noscript> is no text to Playwright
        assert not lia.page.locator(PASSKEY).is_visible()


def test_a_password_is_shown_while_one_wants_it_and_hidden_when_it_is_sent(chromium: Chromium) -> None:
    with chromium.visitor(narrow=True) as dario:
        dario.open("/account/login/")
        page = dario.page
        field, button = page.locator("#id_password"), page.locator("[data-show-password]")
        page.get_by_label("E-mail").fill("nobody@aurora.example")
        field.fill("not the password")
        button.click()
        assert field.get_attribute("type") == "text"
        assert button.get_attribute("aria-label") == "Hide the password"
        page.get_by_role("status").get_by_text("The password is visible.").wait_for()
        assert (dario.violations(), dario.overflow(), dario.small_targets()) == ([], [], [])
        sent = "addEventListener('submit', e => { window.sent = e.target.password.type; e.preventDefault() })"
        page.evaluate(sent)
        field.press("Enter")
        assert page.evaluate("window.sent") == "password"
        assert field.get_attribute("type") == "password"
        assert button.inner_text() == "Show"
