"""Two at once: of many answers to one page one counts, and a withdrawal leaves nothing behind."""

import pytest

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import AUTHORIZE, consent_page, parameters, signed_in
from tests.support.races import race
from varco.audit.models import Event
from varco.grants.models import Consent, Grant

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 8


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


def test_of_many_answers_to_one_page_one_gives_a_code(application: people.Registered) -> None:
    page = consent_page(signed_in(people.dario()), application)
    statuses = [response.status_code for response in race(lambda _: page.accept(), MANY)]
    assert sorted(statuses) == [303] + [410] * (MANY - 1)
    assert Grant.objects.count() == Consent.objects.count() == Event.objects.filter(tag="code.issued").count() == 1


def test_first_answers_on_several_pages_at_once_make_one_consent(application: people.Registered) -> None:
    browser = signed_in(people.dario())
    pages = [consent_page(browser, application) for _ in range(MANY)]
    responses = race(lambda number: pages[number].accept(scopes=["giponext.patients"]), MANY)
    assert [response.status_code for response in responses] == [303] * MANY
    assert Consent.objects.get().scopes == "openid giponext.patients"
    assert Grant.objects.count() == MANY


def test_no_grant_survives_a_withdrawal_that_came_after_it(application: people.Registered) -> None:
    """Whatever the order, a grant that lives afterwards stands on a consent that was given again."""
    browser = signed_in(people.dario())
    consent_page(browser, application).accept()
    withdraw = f"/account/applications/{application.client_id}/withdraw/"

    def act(number: int) -> int:
        if number == 0:
            return browser.post(withdraw).status_code
        return browser.get(AUTHORIZE, parameters(application)).status_code

    statuses = race(act, MANY)
    assert set(statuses) == {303}
    assert Consent.objects.get().withdrawn_at is not None
    assert not Grant.objects.exclude(state="ended").exists()
