"""What people do at Chromium in several stories: register, set an app up, read a mail, open a ticket and approve it."""

import re
import time

from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import expect

from tests.support.browser import Visitor
from tests.support.browser_words import Words

PASSWORD = "seven words nobody would ever guess"
NEXT = "main form button.button--primary"
"""The button that leads on, in any language."""


def letter(visitor: Visitor, to: str, subject: str = "") -> str:
    """The text of the newest mail to an address, of a subject, as its reader finds it in the mailbox of the demo."""
    visitor.open(f"/demo/mailbox/?to={to}")
    visitor.page.locator("main a.way", has_text=subject).first.click()
    visitor.page.wait_for_url(re.compile(r"/demo/mailbox/\d+/$"))
    expect(visitor.page.frame_locator("iframe").locator(".letter")).to_be_visible()
    return visitor.page.locator(".mail").inner_text()


def link_in(text: str, path: str) -> str:
    """The address in a mail that leads to a path."""
    found = re.search(rf"http://\S+{path}\S*", text)
    assert found, text
    return found[0]


def fill_registration(visitor: Visitor, email: str) -> None:
    """Fill in the page that is open, by which somebody registers, and send it."""
    page = visitor.page
    page.locator("[name=email]").fill(email)
    page.locator("[name=given_name]").fill("Ada")
    page.locator("[name=family_name]").fill("Rossi")
    for name in ("password1", "password2"):
        page.locator(f"[name={name}]").fill(PASSWORD)
    page.locator("[name=terms]").check()
    page.locator(NEXT).click()
    page.wait_for_url("**/account/signup/sent/")


def code(key: str) -> str:
    """What an authenticator app with this key shows now."""
    return str(totp.format_hotp_value(totp.hotp_value(key, int(time.time()) // 30)))


def set_app_up(visitor: Visitor) -> str:
    """Type the code of an authenticator app, whose key stands on the page; the key."""
    page = visitor.page
    visitor.open("/account/2fa/totp/activate/")
    address = page.locator("a[href^='otpauth:']").get_attribute("href") or ""
    (key,) = re.findall(r"secret=([A-Z2-7]+)", address)
    page.locator("[name=code]").fill(code(key))
    page.locator(NEXT).click()
    page.wait_for_url("**/recovery-codes/")
    assert page.locator(".codes li").count() == 10
    return str(key)


def open_ticket(visitor: Visitor) -> str:
    """Send the form of a ticket that is filled in; the number it gets."""
    page = visitor.page
    assert visitor.violations() == []
    page.locator(NEXT).click()
    page.wait_for_url(re.compile(r"/tickets/\d+/$"))
    return page.url.rstrip("/").rpartition("/")[2]


def approve(sara: Visitor, about: str, say: Words, act: str, done: str) -> None:
    """Open a ticket by its number, or by its words in the inbox of support, and approve it: `act` is on the button, `done` is said afterwards."""
    act, done = say(act), say(done)
    page = sara.page
    if about.isdecimal():
        sara.open(f"/support/{about}/")
    else:
        sara.open("/support/")
        page.locator("main li.row", has_text=about).get_by_role("link").first.click()
    page.get_by_role("button", name=act, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{act}?")
    page.get_by_role("button", name=act, exact=True).click()
    expect(page.locator("main")).to_contain_text(done)
