"""How many statements a step of the authorization flow costs: what it stands on is read once a request, and no secret is."""

import re
from collections.abc import Callable
from typing import TypeVar

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import FrozenClock
from tests.support import authorization_pages, device_pages, people
from tests.support.authorization_pages import Consent
from tests.support.people import Registered

pytestmark = pytest.mark.django_db
Answer = TypeVar("Answer")

REQUEST, CONSENT, DECISION, REMEMBERED, DEVICE, APPROVAL = 7, 7, 17, 11, 9, 20
"""Statements of each step for somebody signed in, their session and account included. They may fall."""


@pytest.fixture
def application(db: None) -> Registered:
    return people.application(people.davide())


@pytest.fixture
def browser(application: Registered) -> Client:
    """Dario's, in which he has looked at a page before: what is noted once in a while is noted."""
    browser = authorization_pages.signed_in(people.dario())
    browser.get("/account/")
    return browser


def statements(act: Callable[[], Answer]) -> tuple[Answer, list[str]]:
    with CaptureQueriesContext(connection) as captured:
        answer = act()
    return answer, [query["sql"] for query in captured.captured_queries]


def reads_of(table: str, executed: list[str]) -> list[str]:
    """The statements that read rows of a table; what is only asked within another one is no read of its own."""
    return [sql for sql in executed if sql.startswith("SELECT") and f'FROM "{table}"' in without_parts(sql)]


def without_parts(sql: str) -> str:
    found = ""
    while found != sql:
        found, sql = sql, re.sub(r"\([^()]*\)", "", sql)
    return sql


def each_read_once(executed: list[str], limit: int) -> None:
    assert len(executed) <= limit, "\n".join(executed)
    assert len(reads_of("registry_application", executed)) <= 1
    assert len(reads_of("tenants_membership", executed)) == 1
    assert not reads_of("registry_secret", executed)


def test_from_an_authorization_request_to_its_code(browser: Client, application: Registered) -> None:
    started, request = statements(lambda: authorization_pages.ask(browser, application))
    page, shown = statements(lambda: Consent(browser, started["Location"]))
    answered, decided = statements(page.accept)
    assert "code" in authorization_pages.answer_of(answered)
    for executed, limit in ((request, REQUEST), (shown, CONSENT), (decided, DECISION)):
        each_read_once(executed, limit)


def test_a_request_that_was_accepted_before(browser: Client, application: Registered) -> None:
    authorization_pages.consent_page(browser, application).accept()
    answered, executed = statements(lambda: authorization_pages.ask(browser, application))
    assert "code" in authorization_pages.answer_of(answered)
    each_read_once(executed, REMEMBERED)


def test_the_approval_of_a_device(browser: Client, frozen: FrozenClock) -> None:
    box = people.application(
        people.person("Bea", "Boxes"), type="device", grant_types=[device_pages.DEVICE], redirect_uris=[]
    )
    device_pages.request_of(box, frozen)
    entered = device_pages.enter(browser)
    page, shown = statements(lambda: Consent(browser, entered["Location"]))
    answered, decided = statements(page.accept)
    assert answered.status_code == 303
    for executed, limit in ((shown, DEVICE), (decided, APPROVAL)):
        each_read_once(executed, limit)


def test_the_sign_in_page_names_the_application_that_waits_and_reads_nothing_for_it(application: Registered) -> None:
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    address = authorization_pages.ask(browser, application)["Location"]
    page, executed = statements(lambda: browser.get(address))
    assert "To go on to" in page.content.decode()
    assert application.application.name in page.content.decode()
    assert not reads_of("registry_application", executed)
    assert not reads_of("grants_interaction", executed)
    elsewhere = Client(HTTP_ACCEPT_LANGUAGE="en").get(address).content.decode()
    assert application.application.name not in elsewhere
