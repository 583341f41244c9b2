"""Small things that were reported once: each is named as it should be."""

import dataclasses

import pytest
from django.test import Client

from tests.support import people, registrations
from tests.support.authorization_pages import signed_in
from tests.support.html import Element, parse
from tests.support.registration_pages import BASE, fields
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.portal.assets import assets
from varco.registry import services
from varco.registry.models import Application
from varco.registry.registration import Details

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]


def parsed(content: bytes) -> Element:
    return parse(content)


@pytest.mark.parametrize("path", ["/favicon.ico", "/apple-touch-icon.png"])
def test_icons_are_where_browsers_look_for_them(browser: Client, path: str) -> None:
    answer = browser.get(path)
    picture = browser.get(answer["Location"])
    assert picture["Content-Type"] == "image/png"
    assert picture.content == assets()["varco/touch-icon.png"].plain
    page = parsed(browser.get("/").content)
    assert page.one('link[rel="apple-touch-icon"]')["href"] == answer["Location"]


def test_mails_about_applications_greet_their_reader_and_say_who_writes(davide: User) -> None:
    olga = people.olga()
    registrations.approved(davide, olga)
    for mail, name in ((Message.objects.get(to=davide.email), "Davide"), (Message.objects.get(to=olga.email), "Olga")):
        assert mail.text.startswith(f"Hello {name},\n\n")
        assert mail.text.endswith("-- \nVarco for GipoNext\nhttp://localhost:8000\n")


def test_whoever_comes_too_late_sees_what_was_saved_meanwhile_beside_their_own_words(davide: User) -> None:
    application = registrations.draft(davide)
    browser = signed_in(davide)
    address = f"{BASE}{application.pk}/details/"
    form = fields(browser.get(address))
    other = dataclasses.replace(Details.of(application), publisher="Theirs Srl")
    services.edit_details(application, other, Origin(davide))
    late = browser.post(address, form | {"publisher": "Mine Srl"})
    assert late.status_code == 409
    page = parsed(late.content)
    publisher = page.select_one("#id_publisher")
    assert publisher is not None
    assert publisher["value"] == "Mine Srl"
    told = page.select_one("#id_publisher_stands")
    assert told is not None
    assert " ".join(told.get_text().split()) == "Saved meanwhile: Theirs Srl"
    assert "id_publisher_stands" in publisher["aria-describedby"]
    assert len(page.select("[id$=_stands]")) == 1


def test_of_a_registration_too_in_the_words_of_its_choices(davide: User) -> None:
    application = registrations.draft(davide)
    browser = signed_in(davide)
    address = f"{BASE}{application.pk}/registration/"
    form = fields(browser.get(address))
    asked = registrations.registration(environment="staging", claims=("profile", "email"))
    services.save_draft(application, asked, Origin(davide))
    page = parsed(browser.post(address, form | {"then": "save"}).content)
    told = {str(item["id"]): " ".join(item.get_text().split()) for item in page.select("[id$=_stands]")}
    assert told == {
        "id_environment_stands": "Saved meanwhile: Staging",
        "id_claims_stands": "Saved meanwhile: Your name and language, Your e-mail address",
    }


def test_what_ends_an_application_does_not_shout_and_says_what_it_withdraws(davide: User) -> None:
    waiting = registrations.submitted(davide)
    page = parsed(signed_in(davide).get(f"{BASE}{waiting.application_id}/").content)
    assert not page.select("main .button--danger")
    assert "Withdraw from review" in page.get_text()


def test_a_page_of_what_is_not_possible_says_so_in_its_title(davide: User) -> None:
    application = registrations.draft(davide)
    Application.objects.update(state="retired")
    page = parsed(signed_in(davide).get(f"{BASE}{application.pk}/retire/").content)
    assert page.one("title").get_text().startswith("Not possible as things stand now")


@pytest.mark.parametrize("path", ["profile", "email", "password/change", "2fa", "sessions"])
def test_pages_of_the_account_stand_under_one_name_and_on_cards(davide: User, path: str) -> None:
    page = parsed(signed_in(davide).get(f"/account/{path}/").content)
    assert page.one(".breadcrumb a").get_text() == "Your account"
    assert page.select("main .card")
