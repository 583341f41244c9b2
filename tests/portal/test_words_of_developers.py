"""What developers write for others: in the reader's language where it is there, and said to be unreviewed where it is."""

from dataclasses import replace

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people, registrations
from tests.support.authorization_pages import consent_page, signed_in
from tests.support.html import parse
from tests.support.registration_pages import BASE, fields, register
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants.models import Consent
from varco.registry import services
from varco.registry.models import Application
from varco.registry.registration import Details

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
UNREVIEWED = "which GipoNext has not reviewed"


@pytest.fixture
def dario() -> User:
    return people.dario()


def reason(english: str, italian: str) -> dict[str, object]:
    return {"name": "giponext.patients", "reason": english, "reason_it": italian, "required": True}


@pytest.mark.parametrize(
    ("language", "given", "shown", "note"),
    [
        ("en", ("To call them.", "Per chiamarli."), ("en", "To call them."), ""),
        ("it", ("To call them.", "Per chiamarli."), ("it", "Per chiamarli."), ""),
        ("it", ("To call them.", ""), ("en", "To call them."), "(solo in inglese)"),
        ("en", ("", "Per chiamarli."), ("it", "Per chiamarli."), "(in Italian only)"),
    ],
)
def test_the_consent_page_tells_reasons_in_the_reader_s_language(
    dario: User, language: str, given: tuple[str, str], shown: tuple[str, str], note: str
) -> None:
    application = people.application(people.davide(), scopes=[people.scope("openid"), reason(*given)])
    dario.language = language
    dario.save()
    page = consent_page(signed_in(dario), application, scope="openid giponext.patients")
    quoted = page.soup.one(".consent__asked q")
    assert (quoted["lang"], quoted.get_text()) == shown
    after = page.soup.select_one(".consent__asked q ~ span")
    assert (after.get_text() if after else "") == note


def test_both_languages_are_entered_and_come_back_and_one_is_enough() -> None:
    davide = people.davide()
    browser = signed_in(davide)
    name = "giponext.patients"
    register(
        browser,
        **{
            "description": "",
            "description_it": "Prenota appuntamenti.",
            f"reason:{name}": "",
            f"reason_it:{name}": "Per chiamare i pazienti.",
        },
    )
    made = Application.objects.get()
    assert made.description_it == "Prenota appuntamenti."
    services.withdraw(made, Origin(davide))
    form = fields(browser.get(f"{BASE}{made.pk}/registration/"))
    assert form[f"reason_it:{name}"] == "Per chiamare i pazienti."
    assert not form[f"reason:{name}"]
    assert "Prenota appuntamenti. (in Italian only)" in text(browser, f"{BASE}{made.pk}/")


def text(browser: Client, address: str) -> str:
    page = parse(browser.get(address).content)
    return " ".join(page.select("main")[0].get_text(" ").split())


def test_a_manager_reads_descriptions_in_italian_and_a_reviewer_both() -> None:
    davide, olga, marta = people.davide(), people.olga(), people.marta()
    application = people.application(davide).application
    Application.objects.update(description="Books appointments.", description_it="Prenota appuntamenti.")
    marta.language = "it"
    marta.save()
    Consent.objects.create(user=marta, application=application, tenant=people.tenant("Aurora"), scopes="openid")
    clinic = text(signed_in(marta), "/clinic/applications/")
    assert "Prenota appuntamenti." in clinic
    assert "Books" not in clinic
    waiting = registrations.submitted(davide, name="Other")
    Application.objects.update(description="Books appointments.", description_it="Prenota appuntamenti.")
    review = text(signed_in(olga), f"/staff/applications/review/{waiting.pk}/")
    assert "Books appointments." in review
    assert "Prenota appuntamenti." in review


@pytest.mark.parametrize("changed", ["name", "publisher"])
def test_a_name_that_nobody_reviewed_is_said_to_be_so_until_the_next_approval(
    dario: User, frozen: FrozenClock, changed: str
) -> None:
    davide, olga = people.davide(), people.olga()
    application = registrations.approved(davide, olga)
    made = people.Registered(application, application.live_revision, "")  # type: ignore[arg-type]
    browser = signed_in(dario)
    callback = registrations.REGISTRATION.redirect_uris[0]

    def page() -> str:
        return consent_page(browser, made, redirect_uri=callback, scope="openid giponext.patients").text

    assert UNREVIEWED not in page()
    details = Details.of(application)
    other = replace(details, name="Other") if changed == "name" else replace(details, publisher="Other")
    services.edit_details(application, other, Origin(davide))
    assert UNREVIEWED in page()
    assert "Not reviewed" in text(signed_in(olga), f"/staff/applications/{application.pk}/")
    asked = registrations.registration(redirect_uris=(callback, "https://b.example/callback"))
    services.save_draft(application, asked, Origin(davide))
    services.approve(services.submit(application, Origin(davide)), Origin(olga))
    assert UNREVIEWED not in page()


def test_other_details_are_no_renaming(frozen: FrozenClock) -> None:
    davide = people.davide()
    application = registrations.approved(davide, people.olga())
    other = replace(Details.of(application), description="Another one.")
    services.edit_details(application, other, Origin(davide))
    assert Application.objects.get(pk=application.pk).renamed_at is None


@pytest.mark.parametrize(
    ("kind", "words"), [("web", "gets what you accepted without this page"), ("native", "and you see this page again")]
)
def test_what_happens_when_access_ends_is_said_as_it_is(dario: User, kind: str, words: str) -> None:
    application = people.application(people.davide(), type=kind)
    assert words in consent_page(signed_in(dario), application).text


def test_a_manager_sees_who_uses_an_application_since_when_and_in_words_of_others(frozen: FrozenClock) -> None:
    application = people.application(people.davide()).application
    marta, dario, lia = people.marta(), people.dario(), people.lia()
    for person in (dario, lia):
        tenant = person.membership.tenant
        Consent.objects.create(
            user=person, application=application, tenant=tenant, scopes="openid profile", given_at=frozen.seconds
        )
    browser = signed_in(marta)
    address = f"/clinic/applications/{application.client_id}/"
    page = text(browser, address)
    assert "Dario Aurora dario@aurora.example" in page
    assert "Lia" not in page
    assert "last used: never" in page
    assert "See the name and language of whoever signs in" in page
    assert "your" not in text(browser, f"{address}block/").split("It can no longer:")[1].split("Data it has")[0].lower()
    assert "Nobody of that name uses it." in text(browser, f"{address}?words=lia")
    assert "Dario Aurora" in text(browser, f"{address}?words=aurora+dario@")
