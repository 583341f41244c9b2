"""The ground every page stands on."""

import pytest
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import people

pytestmark = pytest.mark.either_engine


def test_the_start_page_answers_anybody(browser: Client) -> None:
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/account/", "/styleguide/", "/demo/mailbox/"])
def test_pages_answer_somebody_signed_in(as_user: AsUser, path: str) -> None:
    assert as_user(people.dario()).get(path).status_code == 200
