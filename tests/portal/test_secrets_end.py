"""The page on which a developer ends the secrets of an application that signs; what is told of it, and to whom."""

from typing import Any

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people, registrations
from tests.support.client_keys import ClientKey
from tests.support.registration_pages import BASE, fields, signed_in
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import queries, secret_expiry, services
from varco.registry.errors import Denied
from varco.registry.models import Application, SecretOverlap, TeamMember
from varco.registry.recipients import developers_and_contacts

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
DAY = 86400
KEYED: dict[str, Any] = {"token_endpoint_auth_method": "private_key_jwt", "jwks": ClientKey().jwks}


@pytest.fixture
def moved(application: Application, davide: User, frozen: FrozenClock) -> Application:
    """An application that may use its secret for 30 days more."""
    services.create_secret(application, Origin(davide), label="server")
    services.save_draft(application, registrations.registration(**KEYED), Origin(davide))
    services.approve(services.submit(application, Origin(davide)), Origin(User.objects.get(given_name="Olga")))
    application.refresh_from_db()
    return application


@pytest.fixture
def browser(davide: User) -> Client:
    return signed_in(davide)


def address_of(application: Application) -> str:
    return f"{BASE}{application.pk}/keys/secrets/"


def test_the_page_warns_while_both_are_taken_and_not_afterwards(
    browser: Client, moved: Application, davide: User, frozen: FrozenClock
) -> None:
    for page in ("", "keys/"):
        assert "still taken beside its keys" in browser.get(f"{BASE}{moved.pk}/{page}").content.decode()
    services.set_overlap_end(moved, Origin(davide), ends_at=frozen.seconds + DAY)
    frozen.advance(DAY)
    for page in ("", "keys/"):
        assert "still taken beside its keys" not in browser.get(f"{BASE}{moved.pk}/{page}").content.decode()
    assert browser.get(address_of(moved)).status_code == 404


def test_secrets_are_ended_now_after_a_page_that_says_what_stops(browser: Client, moved: Application) -> None:
    asked = browser.get(address_of(moved))
    assert "can get no tokens from then on" in asked.content.decode()
    assert browser.post(address_of(moved), fields(asked) | {"ends": "0"}).status_code == 303
    assert not SecretOverlap.objects.exists()
    assert not queries.live_secrets(moved).exists()
    assert "Secrets ended: it authenticates with keys alone" in browser.get(f"{BASE}{moved.pk}/").content.decode()
    assert browser.post(address_of(moved), {"ends": "0"}).status_code == 404


@pytest.mark.parametrize(("chosen", "days"), [("3", 3), ("14", 14), ("-1", 30)])
def test_another_end_is_set(browser: Client, moved: Application, frozen: FrozenClock, chosen: str, days: int) -> None:
    assert browser.post(address_of(moved), {"ends": chosen}).status_code == 303
    assert SecretOverlap.objects.get().ends_at == frozen.seconds + days * DAY


def test_nothing_is_chosen_for_them_and_nothing_later_than_the_latest(
    browser: Client, moved: Application, frozen: FrozenClock
) -> None:
    assert browser.post(address_of(moved), {}).status_code == 422
    frozen.advance(20 * DAY)
    assert 'value="14"' not in browser.get(address_of(moved)).content.decode()
    assert browser.post(address_of(moved), {"ends": "14"}).status_code == 422
    assert SecretOverlap.objects.get().ends_at == frozen.seconds + 10 * DAY


def test_to_others_the_page_does_not_exist(moved: Application) -> None:
    other = signed_in(people.person("Dora", "Other", developer_since=1))
    assert other.get(address_of(moved)).status_code == other.post(address_of(moved), {"ends": "0"}).status_code == 404
    assert SecretOverlap.objects.exists()


# --- contacts who have no account ---------------------------------------------------------------------------------------


def named(application: Application, *contacts: str) -> Application:
    Application.objects.filter(pk=application.pk).update(contacts=list(contacts))
    application.refresh_from_db()
    return application


def told(words: str) -> list[str]:
    return sorted(Message.objects.filter(subject__contains=words).values_list("to", flat=True))


def test_contacts_are_told_with_the_developers_and_nobody_twice(application: Application, davide: User) -> None:
    named(application, "Ops@facile.example", davide.email.upper(), "ops@FACILE.example", "it@facile.example")
    assert [reader.email for reader in developers_and_contacts(application)] == [
        davide.email,
        "Ops@facile.example",
        "it@facile.example",
    ]


def test_an_ending_secret_a_leak_and_the_end_of_all_reach_contacts_in_the_developers_language(
    application: Application, davide: User, frozen: FrozenClock
) -> None:
    User.objects.filter(pk=davide.pk).update(language="it")
    named(application, "ops@facile.example")
    everybody = sorted([davide.email, "ops@facile.example"])
    made = services.create_secret(application, Origin(davide), label="server", expires_at=frozen.seconds + 40 * DAY)
    frozen.advance(10 * DAY)
    secret_expiry.run()
    assert told("scade entro") == everybody
    services.end_leaked_secret(made.secret, Origin(davide), ends_at=0, grants=False)
    assert told("trapelato") == everybody
    letter = Message.objects.filter(to="ops@facile.example").latest("pk").text
    assert "il tuo indirizzo è tra i contatti di «Agenda Facile»" in letter
    assert "contatti di «" not in Message.objects.filter(to=davide.email).latest("pk").text


def test_contacts_hear_when_the_secrets_end(moved: Application, davide: User) -> None:
    named(moved, "ops@facile.example")
    services.set_overlap_end(moved, Origin(davide), ends_at=0)
    assert told("have ended") == sorted([davide.email, "ops@facile.example"])


def test_a_viewer_of_the_team_reads_until_when_and_changes_nothing(moved: Application) -> None:
    looking = people.person("Vera", "Viewer", developer_since=1)
    TeamMember.objects.create(team_id=moved.team_id or 0, user=looking, role="viewer")
    browser = signed_in(looking)
    shown = browser.get(f"{BASE}{moved.pk}/").content.decode()
    assert "still taken beside its keys" in shown
    assert "/keys/" not in shown
    for address in (address_of(moved), f"{BASE}{moved.pk}/keys/"):
        assert browser.get(address).status_code == browser.post(address, {"ends": "0"}).status_code == 404
    with pytest.raises(Denied):
        services.set_overlap_end(moved, Origin(looking), ends_at=0)


def test_the_start_page_says_that_all_secrets_end_and_no_single_one_is_warned_of(
    browser: Client, moved: Application, frozen: FrozenClock
) -> None:
    moved.secrets.update(expires_at=frozen.seconds + 20 * DAY, due_at=frozen.seconds)
    shown = browser.get("/").content.decode()
    assert "All secrets of Agenda Facile end" in shown
    assert "The secret “server” of Agenda Facile ends" not in shown
    assert secret_expiry.run() == 1
    assert not told("expires within")
