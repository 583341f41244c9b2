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
        silvia.sign_in("secretary_aurora")
        page.wait_for_url("**/2fa/authenticate/")
        session.send("WebAuthn.disable")
        with_key(page)  # another key, which nobody knows
        page.locator(PASSKEY).click()
        page.locator("[data-passkey-fault]:not([hidden])").wait_for()


def test_the_page_of_passkeys_says_what_to_do_without_scripts(chromium: Chromium) -> None:
    with chromium.visitor(java_script_enabled=False) as lia:
        lia.sign_in("doctor_levante")
        lia.open("/account/2fa/webauthn/add/")
        lia.page.locator("noscript .callout").wait_for()  # text of <noscript> is no text to Playwright
        assert not lia.page.locator(PASSKEY).is_visible()
