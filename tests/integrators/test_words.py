"""What both sides are told, in both languages, with a page to go to."""

import pytest
from bs4 import BeautifulSoup
from django.urls import resolve

from tests.support import integrators, people
from varco import clock
from varco.integrators.notifications import IntegratorEnded, IntegratorIdle
from varco.portal.notifications import compose


@pytest.mark.parametrize("language", ["en", "it"])
def test_every_side_is_told_in_its_language(db: None, language: str) -> None:
    davide, tenant = people.davide(), people.tenant("Aurora")
    davide.language = language
    application = people.application(davide).application
    for notification in integrators.one_of_each(application, tenant, davide):
        mail = compose(notification, davide)
        assert mail.subject
        assert "\n" not in mail.subject
        page, _sender = [line for line in mail.text.splitlines() if line.startswith("http://localhost:8000")]
        resolve(page.removeprefix("http://localhost:8000").partition("?")[0])
        assert "%(" not in mail.text
        assert tenant.name in mail.subject + mail.text


def test_the_manager_gets_the_way_to_the_report_and_the_other_side_does_not(db: None) -> None:
    davide, tenant = people.davide(), people.tenant("Aurora")
    made = people.application(davide).application
    ended = [kind for kind in integrators.one_of_each(made, tenant, davide) if isinstance(kind, IntegratorEnded)]
    texts = {kind.to_manager: compose(kind, davide).text for kind in ended}
    assert "/report/" in texts[True]
    assert "/report/" not in texts[False]
    assert "2 operations" in texts[True]


def test_a_day_is_told_by_the_clocks_of_the_clinic(db: None) -> None:
    davide, tenant = people.davide(), people.tenant("Aurora")
    tenant.zone = "Pacific/Auckland"
    access = integrators.one_of_each(people.application(davide).application, tenant, davide)[3]
    assert isinstance(access, IntegratorIdle)
    at = 1_800_057_600  # 15 January 2027, 24:00 UTC less some hours: the 16th in Auckland
    told = compose(IntegratorIdle(access.access, 30, at, to_manager=True), davide).text
    assert "16 January 2027" in told, told
    assert clock.now()
    assert BeautifulSoup(told, "html.parser").get_text() == told
