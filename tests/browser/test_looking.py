"""What is looked at after a click is the page that the click leads to, however long that takes to come."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from tests.support.browser import Chromium, Visitor

WIDE_PAGE = "<!doctype html><title>wide</title><body><div id=wide style='width: 5000px'>wide</div>"


def late(route: Route) -> None:
    time.sleep(0.3)
    route.fulfill(body=WIDE_PAGE, content_type="text/html")


def by_link(visitor: Visitor) -> None:
    visitor.page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('afterbegin', '<a id=on href=/late>on</a>')"
    )
    visitor.page.locator("#on").dispatch_event("click")


def by_form(visitor: Visitor) -> None:
    form = "<form action=/late><button id=on>on</button></form>"
    visitor.page.evaluate("form => document.querySelector('main').insertAdjacentHTML('afterbegin', form)", form)
    visitor.page.locator("#on").dispatch_event("click")


@pytest.mark.parametrize("leave", [by_link, by_form])
def test_it_is_the_page_that_a_click_leads_to(chromium: Chromium, leave: Callable[[Visitor], None]) -> None:
    with chromium.visitor() as anybody:
        anybody.page.route("**/late*", late)
        anybody.open("/account/login/")
        assert anybody.overflow() == []
        leave(anybody)
        assert [line for line in anybody.overflow() if 'id="wide"' in line]


def test_what_stays_on_the_page_is_not_waited_for(chromium: Chromium) -> None:
    with chromium.visitor() as anybody:
        anybody.open("/account/login/")
        anybody.page.evaluate("addEventListener('submit', event => event.preventDefault())")
        anybody.page.locator("input[name=login]").fill("nobody@aurora.example")
        anybody.page.locator("input[name=password]").fill("x")
        anybody.page.locator("main form:has(input[name=login]) button[type=submit]").click()
        assert anybody.overflow() == []
