"""Somebody registers, reads their mail, gets a sandbox, sets a second step up, takes their data, and closes the account again."""

import json
import re
import time
from pathlib import Path

import pytest
from allauth.mfa.totp.internal import auth as totp

from tests.support.browser import Chromium, Visitor

PASSWORD = "seven words nobody would ever guess"


def sound(visitor: Visitor) -> None:
    """The page that is open is accessible, and nothing sticks out of it."""
    assert visitor.violations() == []
    assert visitor.overflow() == []
    size = visitor.page.viewport_size
    assert size
    assert size["width"] > 400 or visitor.small_targets() == []


def link_of_last_mail(visitor: Visitor, email: str, path: str) -> str:
    """The link in the newest mail to an address, as its reader finds it in the mailbox of the demo."""
    visitor.open(f"/demo/mailbox/?to={email}")
    visitor.page.locator("main a.way").first.click()
    visitor.page.wait_for_url(re.compile(r"/demo/mailbox/\d+/$"))
    found = re.search(rf"(http://\S+{path}\S+)", visitor.page.locator("main").inner_text())
    assert found
    return found[1]


@pytest.mark.parametrize(("language", "narrow"), [("en", False), ("it", True)])
def test_from_registering_to_closing(chromium: Chromium, language: str, narrow: bool, tmp_path: Path) -> None:
    with chromium.visitor(narrow=narrow) as ada:
        page, email = ada.page, f"ada-{language}@rossi.example"
        if language == "it":
            page.context.add_cookies([{"name": "varco_language", "value": "it", "url": chromium.world.issuer}])
        _register(ada, email)
        page.goto(link_of_last_mail(ada, email, r"/account/signup/confirm/"))
        sound(ada)
        page.locator("main form button.button--primary").click()
        page.wait_for_url(chromium.world.address("/"))
        ada.open("/account/")
        page.get_by_text({"en": "Sandbox of Ada Rossi", "it": "Sandbox di Ada Rossi"}[language]).wait_for()
        sound(ada)
        _set_app_up(ada)
        ada.open("/account/sessions/")
        assert page.locator("tbody tr").count() == 1
        assert json.loads(_download(ada, tmp_path))["account"]["email"] == email
        ada.open("/account/close/")
        sound(ada)
        page.locator("textarea").fill("Grazie e arrivederci")
        page.locator("button.button--danger").click()
        page.wait_for_url("**/account/login/")
        page.get_by_label("E-mail").fill(email)
        page.locator("input[type=password]").fill(PASSWORD)
        page.get_by_label("E-mail").press("Enter")
        page.locator("#id_login, .field__fault, [role=alert]").first.wait_for()
        ada.open("/account/")
        page.wait_for_url("**/account/login/**")


def _register(visitor: Visitor, email: str) -> None:
    page = visitor.page
    visitor.open("/account/signup/")
    sound(visitor)
    page.locator("[name=email]").fill(email)
    page.locator("[name=given_name]").fill("Ada")
    page.locator("[name=family_name]").fill("Rossi")
    for name in ("password1", "password2"):
        page.locator(f"[name={name}]").fill(PASSWORD)
    page.locator("[name=terms]").check()
    page.locator("main form button.button--primary").click()
    page.wait_for_url("**/account/signup/sent/")
    sound(visitor)


def _set_app_up(visitor: Visitor) -> None:
    """Type the code of an app, whose key stands on the page."""
    page = visitor.page
    visitor.open("/account/2fa/totp/activate/")
    address = page.locator("a[href^='otpauth:']").get_attribute("href") or ""
    (key,) = re.findall(r"secret=([A-Z2-7]+)", address)
    page.locator("[name=code]").fill(str(totp.format_hotp_value(totp.hotp_value(key, int(time.time()) // 30))))
    page.locator("main form button.button--primary").click()
    page.wait_for_url("**/recovery-codes/")
    assert page.locator(".codes li").count() == 10


def _download(visitor: Visitor, directory: Path) -> str:
    visitor.open("/account/data/")
    sound(visitor)
    with visitor.page.expect_download() as told:
        visitor.page.locator("main form button.button--primary").click()
    path = directory / "data.json"
    told.value.save_as(path)
    return path.read_text("utf-8")
