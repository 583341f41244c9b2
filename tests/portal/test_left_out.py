"""The page that says why some of OAuth is left out on purpose, and the answers that lead to it."""

import re
from pathlib import Path

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import ISSUER, answer_of, ask, signed_in
from tests.support.html import Element, parse
from varco.audit.models import RefusedRequest

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]

PAGE = "/help/unsupported"
SOURCE = Path(__file__).parents[2] / "varco"


def topics(browser: Client, **headers: str) -> Element:
    response = browser.get(PAGE, headers=headers)
    assert response.status_code == 200
    return parse(response.content)


def test_it_has_a_section_for_each_reason_that_an_answer_links_to(frozen: FrozenClock) -> None:
    code = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    linked = set(re.findall(r'\bwhy="([a-z-]+)"', code)) | set(re.findall(r'UnsupportedGrant\(\s*"([a-z-]+)"', code))
    assert {"client-credentials", "implicit", "dynamic-registration"} <= linked
    for section in topics(Client()).select("section[id]"):
        assert len(section.get_text()) > 150
        linked.discard(str(section["id"]))
    assert linked == set()


def test_anybody_may_read_it_in_their_language(frozen: FrozenClock) -> None:
    assert topics(Client(), accept_language="it").one("h1").get_text(strip=True) == "Lasciato fuori di proposito"
    for person in (people.davide(), people.dario(), people.luca()):
        assert topics(signed_in(person)).one("h1").get_text(strip=True) == "Left out on purpose"


@pytest.mark.parametrize(
    ("changes", "anchor"),
    [
        ({"response_type": "token"}, "implicit"),
        ({"response_type": "code id_token"}, "implicit"),
        ({"request": "e30.e30."}, "request-objects"),
    ],
)
def test_a_refused_way_of_asking_leads_the_developer_there(
    frozen: FrozenClock, changes: dict[str, str], anchor: str
) -> None:
    answer = answer_of(ask(Client(), people.application(people.davide()), **changes))
    assert answer["error_uri"] == f"{ISSUER}{PAGE}#{anchor}"


def test_any_other_fault_leads_to_what_its_developer_reads_about_it(frozen: FrozenClock) -> None:
    davide = people.davide()
    answer = answer_of(ask(Client(), people.application(davide), scope="openid giponext.invoices"))
    assert answer["error"] == "invalid_scope"
    assert answer["error_uri"].startswith(f"{ISSUER}/help/requests/")
    shown = signed_in(davide).get(answer["error_uri"].removeprefix(ISSUER)).content.decode()
    assert RefusedRequest.objects.get().rule in shown
