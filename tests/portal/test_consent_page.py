"""The page of consent: what it says, to whom, in which words."""

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import answer_of, consent_page, signed_in
from varco.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


@pytest.fixture
def dario(application: people.Registered) -> User:
    return people.dario()


@pytest.fixture
def browser(dario: User) -> Client:
    return signed_in(dario)


def test_the_page_says_which_application_by_whom_for_which_clinic_and_as_whom(
    browser: Client, application: people.Registered
) -> None:
    page = consent_page(browser, application)
    assert page.response.status_code == 200
    for words in (
        "Agenda Facile asks for access",
        "Facile Srl",
        "Clinic Aurora",
        "Dario Aurora",
        "dario@aurora.example",
    ):
        assert words in page.text, words
    assert "Approved by GipoNext on" in page.text
    assert "Not you?" in page.text


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("https://www.agenda.example/cb", "Your answer goes to www.agenda.example."),
        ("http://127.0.0.1:5173/cb", "Your answer goes to a program on this device (127.0.0.1:5173)."),
        ("com.example.agenda:/cb", "Your answer goes to an application installed on this device (com.example.agenda)."),
    ],
)
def test_the_page_names_where_the_answer_goes(browser: Client, uri: str, said: str) -> None:
    native = people.application(
        people.person("Delia", "Developer", developer_since=1), type="native", redirect_uris=[uri]
    )
    assert said in consent_page(browser, native, redirect_uri=uri).text


@pytest.mark.parametrize("environment", ["development", "production"])
def test_an_application_in_development_is_marked_as_one(browser: Client, environment: str) -> None:
    registered = people.application(people.person("Delia", "Developer", developer_since=1), environment=environment)
    marked = "Development: not a finished product" in consent_page(browser, registered).text
    assert marked is (environment == "development")


def test_a_publisher_whose_name_ends_in_a_full_stop_gets_no_second_one(
    browser: Client, application: people.Registered
) -> None:
    application.application.publisher = "Codice Sereno S.r.l."
    application.application.save()
    assert ".." not in consent_page(browser, application).text
    answer_of(consent_page(browser, application).accept())
    connected = browser.get(f"/account/applications/{application.client_id}/").content.decode()
    assert "Codice Sereno S.r.l." in connected
    assert "S.r.l.." not in connected


def test_every_scope_is_a_sentence_with_a_switch_and_the_developers_reason(
    browser: Client, application: people.Registered
) -> None:
    page = consent_page(browser, application)
    assert list(page.switches()) == ["openid", "giponext.patients", "giponext.agenda"]
    assert "See and edit patients&#x27; personal details" in page.response.content.decode()
    assert "The application needs giponext.patients." in page.text
    assert "disabled" in page.switches()["openid"]
    assert "disabled" not in page.switches()["giponext.patients"]


def test_the_page_says_how_long_where_to_withdraw_and_what_refusing_means(
    browser: Client, application: people.Registered
) -> None:
    text = consent_page(browser, application, scope="openid offline_access").text
    assert "365 days" in text
    assert "30 days without use" in text
    assert "Connected applications" in text
    assert "If you refuse, nothing is shared" in text
    assert "10 minutes" in consent_page(browser, application).text


def test_the_clinic_is_told_and_the_page_says_so(browser: Client, application: people.Registered) -> None:
    assert "It is also told: the medical centre you work for." in consent_page(browser, application).text


def test_the_page_is_in_the_persons_language(application: people.Registered, dario: User) -> None:
    dario.language = "it"
    dario.save()
    page = consent_page(signed_in(dario), application)
    assert page.soup["lang"] == "it"
    assert "Vedere e modificare i dati anagrafici dei pazienti" in page.text
    assert "Accetta" in page.text
    assert "Rifiuta" in page.text


def test_names_and_reasons_are_escaped(browser: Client) -> None:
    application = people.application(
        people.olga(),
        name="<script>alert(1)</script>",
        scopes=[{"name": "openid", "reason": "<img src=x onerror=alert(1)>", "required": False}],
    )
    page = consent_page(browser, application, scope="openid")
    assert not page.soup.select("img[onerror]")
    assert "<script>alert" not in page.response.content.decode()


def test_a_sandbox_clinic_is_named_as_one(application: people.Registered) -> None:
    assert "Sandbox" in consent_page(signed_in(people.sandro()), application).text
