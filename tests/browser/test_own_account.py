"""Somebody registers, reads their mail, gets a sandbox, sets a second step up, takes their data, and closes the account again."""

import json
from pathlib import Path

from tests.support.browser import NARROW, WIDE, Chromium, Visitor
from tests.support.browser_acts import (
    NEXT,
    PASSWORD,
    fill_registration,
    letter,
    link_in,
    set_app_up,
)
from tests.support.browser_words import Words


def sound(visitor: Visitor) -> None:
    """The page that is open is accessible, nothing sticks out of it at either width, and no finger misses on the telephone."""
    assert visitor.violations() == []
    visitor.page.set_viewport_size(WIDE)
    assert visitor.overflow() == []
    visitor.page.set_viewport_size(NARROW)
    assert visitor.overflow() == []
    assert visitor.small_targets() == []


def test_from_registering_to_closing(chromium: Chromium, say: Words, tmp_path: Path) -> None:
    with chromium.visitor(narrow=True) as ada:
        page, email, language = ada.page, "ada@rossi.example", say.language
        ada.open("/account/signup/")
        ada.read_in(language)
        sound(ada)
        fill_registration(ada, email)
        sound(ada)
        ada.open(link_in(letter(ada, email), "/account/signup/confirm/"))
        sound(ada)
        page.locator(NEXT).click()
        page.wait_for_url(chromium.world.address("/"))
        ada.open("/account/")
        page.get_by_text(say("Sandbox of %(name)s", name="Ada Rossi")).wait_for()
        sound(ada)
        set_app_up(ada)
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


def _download(visitor: Visitor, directory: Path) -> str:
    visitor.open("/account/data/")
    sound(visitor)
    with visitor.page.expect_download() as told:
        visitor.page.locator(NEXT).click()
    path = directory / "data.json"
    told.value.save_as(path)
    return path.read_text("utf-8")
