"""An application that acts by itself says so where people agree to it, and where they read what it did."""

import pytest

from tests.support import access_rows, people, registrations
from tests.support.authorization_pages import answer_of, consent_page, signed_in
from tests.support.registration_pages import BASE, fields, page
from tests.support.registration_pages import signed_in as developer
from varco.accounts.models import User
from varco.audit.models import Event
from varco.registry.change_risk import Risk, risk_of_change

pytestmark = pytest.mark.django_db(databases=["default", "clinic"])
WORDS = "It acts by itself: it works while nobody watches."


@pytest.mark.parametrize("acts", [True, False])
def test_people_are_told_before_they_agree_and_the_event_keeps_it(davide: User, *, acts: bool) -> None:
    agent = people.application(davide, acts_by_itself=acts)
    browser = signed_in(people.dario())
    shown = consent_page(browser, agent)
    assert (WORDS in shown.text) is acts
    answer_of(shown.accept())
    # What is accepted of an application that acts by itself is asked again at the next authorization.
    again = consent_page(browser, agent)
    assert ("asks for access" in again.text) is acts
    assert Event.objects.get(tag="consent.given").detail.get("by_itself") is (True if acts else None)


def test_the_access_log_says_which_accesses_nobody_watched(davide: User) -> None:
    agent = people.application(davide)
    access_rows.record(1, application_id=agent.application.pk, detail='{"by_itself":true}')
    access_rows.record(2, application_id=agent.application.pk, detail='{"changed":["phone"]}')
    shown = page(signed_in(people.marta()).get("/clinic/records/log/"))
    assert ["acted by itself" in row.get_text() for row in shown.select("tbody tr")] == [False, True]


@pytest.mark.either_engine
def test_a_developer_says_it_in_the_first_step_and_a_reviewer_reads_it(davide: User) -> None:
    draft = registrations.draft(davide)
    client = developer(davide)
    step = f"{BASE}{draft.pk}/edit/kind/"
    client.post(step, fields(client.get(step)) | {"acts_by_itself": "on", "then": "next"})
    revision = draft.revisions.get()
    assert revision.acts_by_itself
    text = page(client.get(f"{BASE}{draft.pk}/edit/summary/")).one("main").get_text(" ", strip=True)
    assert "An agent or a batch job: no person watches while it works" in text
    client.post(step, {name: value for name, value in fields(client.get(step)).items() if name != "acts_by_itself"})
    revision.refresh_from_db()
    assert not revision.acts_by_itself


def test_to_stop_saying_it_is_a_change_of_high_risk() -> None:
    told, silent = registrations.registration(acts_by_itself=True), registrations.registration()
    assert risk_of_change("acts_by_itself", told, silent) == Risk.HIGH
    assert risk_of_change("acts_by_itself", silent, told) == Risk.MEDIUM
