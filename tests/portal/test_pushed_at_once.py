"""A pushed request that several browsers bring at one moment is used once (RFC 9126 §4), whether or not a page is shown."""

import pytest

from tests.conftest import FrozenClock
from tests.portal.test_authorize_pushed import bring, push
from tests.support import people
from tests.support.authorization_pages import Consent, answer_of, signed_in
from tests.support.races import race
from varco.grants.models import Grant, Interaction

pytestmark = pytest.mark.usefixtures("transactional_db")
BROWSERS = 8


@pytest.mark.parametrize("remembered", [True, False])
def test_of_many_browsers_with_one_reference_one_goes_on(frozen: FrozenClock, remembered: bool) -> None:
    application = people.application(people.davide(), profile="fapi2", token_endpoint_auth_method="private_key_jwt")
    dario = people.dario()
    if remembered:
        first = signed_in(dario)
        answer_of(Consent(first, bring(first, application, push(application, frozen))["Location"]).accept())
    before = Grant.objects.count(), Interaction.objects.count()
    uri = push(application, frozen, reference="s" * 43)
    browsers = [signed_in(dario) for _ in range(BROWSERS)]
    statuses = race(lambda number: bring(browsers[number], application, uri).status_code, BROWSERS)
    assert sorted(statuses) == [303] + [400] * (BROWSERS - 1)
    after = Grant.objects.count(), Interaction.objects.count()
    assert [now - then for now, then in zip(after, before, strict=True)] == ([1, 0] if remembered else [0, 1])
