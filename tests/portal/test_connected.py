"""Connected applications: everyone sees their own, and what is taken back is gone at once."""

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import answer_of, ask, consent_page, signed_in
from tests.support.client_response import ClientResponse
from tests.support.html import parse
from varco.accounts.models import User
from varco.audit.models import Event
from varco.grants.models import Consent, Grant

pytestmark = pytest.mark.django_db

LIST = "/account/applications/"


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


@pytest.fixture
def dario(application: people.Registered) -> User:
    return people.dario()


@pytest.fixture
def browser(dario: User) -> Client:
    return signed_in(dario)


def connect(browser: Client, application: people.Registered, scope: str = "", without: tuple[str, ...] = ()) -> Grant:
    """Accept, and let the application redeem its code, as the gate would."""
    page = consent_page(
        browser, application, scope=scope or "openid email offline_access giponext.patients giponext.agenda"
    )
    answer_of(page.accept(scopes=[name for name in page.everything() if name not in without]))
    grant = Grant.objects.filter(state="code").get()
    offline = "offline_access" in grant.scopes.split()
    grant.state, grant.last_used_at = "active", grant.created_at
    grant.expires_at = grant.created_at + (365 * 86400 if offline else 600)
    if offline:
        grant.rid, grant.n, grant.idle_expires_at = f"{grant.pk:032x}"[-32:], 1, grant.created_at + 30 * 86400
    grant.save()
    return grant


def address(application: people.Registered, rest: str = "") -> str:
    return f"{LIST}{application.client_id}/{rest}"


def text(response: ClientResponse) -> str:
    return " ".join(parse(response.content).get_text(" ").split())


@pytest.mark.either_engine
def test_nobody_signed_out_sees_any_of_it(application: people.Registered) -> None:
    for path in (LIST, address(application), address(application, "withdraw/")):
        asked = Client().get(path)
        assert (asked.status_code, asked["Location"].startswith("/account/login/")) == (302, True)
        posted = Client().post(path)
        assert posted.status_code in {403, 405}  # 403: the form is handed back, to be sent again after signing in
        assert application.application.name not in posted.content.decode()


@pytest.mark.either_engine
def test_an_empty_list_says_what_will_stand_there(browser: Client) -> None:
    assert "No application is connected" in text(browser.get(LIST))


def test_the_list_says_what_each_may_do_what_was_refused_since_when_and_last_used(
    browser: Client, application: people.Registered
) -> None:
    connect(browser, application, without=("giponext.agenda",))
    page = text(browser.get(LIST))
    for words in ("Agenda Facile", "Facile Srl", "See and edit patients' personal details", "Has access", "Last used"):
        assert words in page, words
    assert "book and change appointments (refused)" in page
    assert "(just now)" in page


def test_the_clinics_own_page_belongs_to_the_person_and_not_to_the_other_clinics(
    browser: Client, application: people.Registered
) -> None:
    connect(browser, application)
    for other in (people.luca(), people.silvia(), people.olga()):
        stranger = signed_in(other)
        assert "Agenda Facile" not in text(stranger.get(LIST))
        for rest in ("", "withdraw/"):
            assert stranger.get(address(application, rest)).status_code == 404
            assert stranger.post(address(application, rest), {"scope": []}).status_code == 404
    assert Consent.objects.get().scopes.split()[-1] == "giponext.agenda"
    assert Grant.objects.get().state == "active"


def test_an_application_never_accepted_is_404(browser: Client, application: people.Registered) -> None:
    assert browser.get(address(application)).status_code == 404
    assert browser.post(address(application, "withdraw/")).status_code == 404


# --- Withdrawing everything -----------------------------------------------------------------------------------------


def test_withdrawing_says_first_what_stops_working(browser: Client, application: people.Registered) -> None:
    connect(browser, application)
    page = text(browser.get(address(application, "withdraw/")))
    assert "Withdraw the access of Agenda Facile?" in page
    assert "See and edit patients' personal details" in page
    assert Grant.objects.get().state == "active", "a GET changes nothing"


def test_withdrawing_ends_every_grant_and_the_consent_and_is_audited(
    browser: Client, application: people.Registered, dario: User, frozen: FrozenClock
) -> None:
    first = connect(browser, application)
    answer_of(ask(browser, application))
    second = Grant.objects.exclude(pk=first.pk).get()
    response = browser.post(address(application, "withdraw/"))
    assert (response.status_code, response["Location"]) == (303, LIST)
    assert "Agenda Facile has no access any more." in text(browser.get(LIST))
    for grant in (first, second):
        grant.refresh_from_db()
        assert (grant.state, grant.ended_at, grant.end_reason) == ("ended", frozen.seconds, "consent_withdrawn")
    assert Consent.objects.get().withdrawn_at == frozen.seconds
    assert Event.objects.filter(tag="grant.ended", user=dario.public_id).count() == 2
    event = Event.objects.get(tag="consent.withdrawn")
    assert (event.actor, event.tenant, event.detail["whole"]) == (dario.public_id, "tenant-aurora", True)


def test_after_withdrawing_the_application_has_to_ask_again(browser: Client, application: people.Registered) -> None:
    connect(browser, application)
    browser.post(address(application, "withdraw/"))
    assert answer_of(ask(browser, application, prompt="none"))["error"] == "consent_required"
    connect(browser, application, scope="openid giponext.agenda")
    assert Consent.objects.get().scopes == "openid giponext.agenda"


def test_withdrawing_twice_is_404_and_ends_nothing_more(browser: Client, application: people.Registered) -> None:
    connect(browser, application)
    browser.post(address(application, "withdraw/"))
    assert browser.post(address(application, "withdraw/")).status_code == 404
    assert Event.objects.filter(tag="consent.withdrawn").count() == 1


def test_withdrawing_leaves_other_people_and_other_applications_alone(
    browser: Client, application: people.Registered
) -> None:
    other = people.application(people.olga(), name="Other")
    kept = connect(browser, other)
    silvia = signed_in(people.silvia())
    hers = connect(silvia, application)
    connect(browser, application)
    browser.post(address(application, "withdraw/"))
    for grant in (kept, hers):
        grant.refresh_from_db()
        assert grant.state == "active"


@pytest.mark.either_engine
def test_the_form_needs_its_proof_against_cross_site_requests(application: people.Registered, dario: User) -> None:
    connect(signed_in(dario), application)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(dario)
    for rest in ("", "withdraw/"):
        assert browser.post(address(application, rest)).status_code == 403
    assert Grant.objects.get().state == "active"


# --- Single scopes --------------------------------------------------------------------------------------------------


def test_one_scope_less_narrows_the_grant_at_once(browser: Client, application: people.Registered) -> None:
    grant = connect(browser, application)
    response = browser.post(address(application), {"scope": ["email", "offline_access", "giponext.agenda"]})
    assert (response.status_code, response["Location"]) == (303, address(application))
    grant.refresh_from_db()
    assert grant.scopes == "openid email offline_access giponext.agenda"
    assert grant.state == "active"
    assert Consent.objects.get().refused == "giponext.patients"
    event = Event.objects.get(tag="consent.withdrawn")
    assert (event.detail["scopes"], event.detail["whole"]) == (["giponext.patients"], False)
    assert "One permission of Agenda Facile is withdrawn" in text(browser.get(address(application)))
    assert (
        answer_of(ask(browser, application, scope="openid giponext.patients", prompt="none"))["error"]
        == "consent_required"
    )


def test_without_its_scope_the_claims_go_too(browser: Client, application: people.Registered) -> None:
    grant = connect(browser, application)
    assert grant.claims == "email tenant"
    browser.post(address(application), {"scope": ["offline_access", "giponext.patients", "giponext.agenda"]})
    grant.refresh_from_db()
    assert grant.claims == "tenant"
    assert Consent.objects.get().claims == "tenant"


def test_without_stay_connected_the_refresh_token_is_dead_and_the_access_token_lives_out_its_minutes(
    browser: Client, application: people.Registered, frozen: FrozenClock
) -> None:
    grant = connect(browser, application)
    browser.post(address(application), {"scope": ["email", "giponext.patients", "giponext.agenda"]})
    grant.refresh_from_db()
    assert (grant.rid, grant.n, grant.state) == (None, 0, "active")
    assert grant.expires_at == frozen.seconds + 600


@pytest.mark.either_engine
def test_sign_in_and_required_scopes_cannot_be_taken_alone(browser: Client) -> None:
    application = people.application(
        people.olga(), scopes=[people.scope("openid"), people.scope("giponext.agenda", required=True)]
    )
    grant = connect(browser, application, scope="openid giponext.agenda")
    page = browser.get(address(application))
    assert "It cannot work without this" in text(page)
    assert "Save what it may do" not in text(page)
    browser.post(address(application), {"scope": []})
    grant.refresh_from_db()
    assert grant.scopes == "openid giponext.agenda"
    assert not Event.objects.filter(tag="consent.withdrawn").exists()


@pytest.mark.either_engine
def test_leaving_all_switches_on_changes_nothing(browser: Client, application: people.Registered) -> None:
    grant = connect(browser, application)
    names = ["email", "offline_access", "giponext.patients", "giponext.agenda", "giponext.invoices"]
    browser.post(address(application), {"scope": names})
    assert "Nothing was changed." in text(browser.get(address(application)))
    grant.refresh_from_db()
    assert grant.scopes == "openid email offline_access giponext.patients giponext.agenda"


def test_a_grant_of_which_nothing_is_left_ends(browser: Client) -> None:
    application = people.application(people.olga(), scopes=[people.scope("giponext.agenda")])
    grant = connect(browser, application, scope="giponext.agenda")
    browser.post(address(application), {"scope": []})
    grant.refresh_from_db()
    assert (grant.state, grant.end_reason) == ("ended", "consent_withdrawn")


def test_a_suspended_application_is_shown_as_one_that_can_do_nothing(
    browser: Client, application: people.Registered
) -> None:
    connect(browser, application)
    application.application.state = "suspended"
    application.application.save()
    assert "Suspended: it can do nothing now" in text(browser.get(LIST))
    assert browser.post(address(application, "withdraw/")).status_code == 303


@pytest.mark.either_engine
def test_names_are_escaped(browser: Client) -> None:
    application = people.application(people.olga(), name="<script>alert(1)</script>")
    connect(browser, application, scope="openid")
    for path in (LIST, address(application), address(application, "withdraw/")):
        assert "<script>alert" not in browser.get(path).content.decode()


@pytest.mark.either_engine
def test_the_page_is_in_italian_for_an_italian(browser: Client, application: people.Registered, dario: User) -> None:
    connect(browser, application)
    dario.language = "it"
    dario.save()
    page = text(browser.get(LIST))
    assert "Applicazioni collegate" in page
    assert "Vedere e modificare i dati anagrafici dei pazienti" in page
