"""From secrets to keys without an outage: both for a while, ended by the developer, the date or FAPI (S12, S13)."""

from typing import Any

import pytest

from tests.conftest import FrozenClock
from tests.support import people, registrations
from tests.support.client_keys import ClientKey
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import queries, secret_overlap, services
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.models import Application, SecretOverlap

pytestmark = pytest.mark.django_db
DAY = 86400
KEY = ClientKey()
KEYED: dict[str, Any] = {"token_endpoint_auth_method": "private_key_jwt", "jwks": KEY.jwks}


def mails(words: str) -> int:
    return Message.objects.filter(subject__contains=words).count()


def change(application: Application, olga: User, **changes: Any) -> Application:
    """The next revision, approved."""
    davide = application.owner
    services.save_draft(application, registrations.registration(**changes), Origin(davide))
    services.approve(services.submit(application, Origin(davide)), Origin(olga))
    return Application.objects.get(pk=application.pk)


@pytest.fixture
def application(davide: User, olga: User) -> Application:
    """One in force, with two secrets."""
    made = registrations.approved(davide, olga)
    for label in ("one", "two"):
        services.create_secret(made, Origin(davide), label=label)
    return made


@pytest.fixture
def moved(application: Application, olga: User, frozen: FrozenClock) -> Application:
    """The same, once it was approved for keys."""
    return change(application, olga, **KEYED)


def test_it_begins_with_the_approval_and_not_before(
    application: Application, davide: User, olga: User, frozen: FrozenClock
) -> None:
    services.save_draft(application, registrations.registration(**KEYED), Origin(davide))
    revision = services.submit(application, Origin(davide))
    assert not SecretOverlap.objects.exists()
    services.approve(revision, Origin(olga))
    overlap = SecretOverlap.objects.get()
    assert (overlap.method, overlap.begun_at, overlap.ends_at) == (
        "client_secret",
        frozen.seconds,
        frozen.seconds + 30 * DAY,
    )
    assert Event.objects.get(tag="secret.overlap_begun").detail["ends_at"] == overlap.ends_at
    approved = Message.objects.filter(subject__startswith="Approved").order_by("pk")
    assert ["its secrets are taken as well" in message.text for message in approved] == [False, True]


def test_the_date_ends_it_with_a_warning_and_a_mail(moved: Application, frozen: FrozenClock) -> None:
    for day, ran, warned, ended in (
        (22, 0, 0, 0),
        (1, 1, 1, 0),
        (1, 0, 1, 0),
        (5, 0, 1, 0),
        (1, 1, 1, 1),
        (9, 0, 1, 1),
    ):
        frozen.advance(day * DAY)
        assert (secret_overlap.run(), mails("end soon"), mails("have ended")) == (ran, 2 * warned, 2 * ended), day
    assert queries.live_secrets(moved).count() == 0
    event = Event.objects.get(tag="secret.overlap_ended")
    assert len(event.detail["secrets"]) == 2
    assert not event.actor_name


def test_a_developer_ends_it_at_once(moved: Application, davide: User) -> None:
    version = moved.version
    assert services.set_overlap_end(moved, Origin(davide), ends_at=0) is None
    moved.refresh_from_db()
    assert moved.version > version  # or the gate would go on with what it keeps
    assert not SecretOverlap.objects.exists()
    assert not queries.live_secrets(moved).exists()
    assert f"{davide.name} has ended" in Message.objects.filter(subject__contains="have ended")[0].text
    with pytest.raises(Conflict):
        services.set_overlap_end(moved, Origin(davide), ends_at=0)


def test_another_end_moves_the_warning_too_and_30_days_are_the_most(
    moved: Application, davide: User, frozen: FrozenClock
) -> None:
    now = frozen.seconds
    with pytest.raises(Invalid):
        services.set_overlap_end(moved, Origin(davide), ends_at=now + 30 * DAY + 1)
    sooner = services.set_overlap_end(moved, Origin(davide), ends_at=now + 3 * DAY)
    assert sooner
    assert (sooner.ends_at, sooner.due_at) == (now + 3 * DAY, now + 3 * DAY)
    later = services.set_overlap_end(moved, Origin(davide), ends_at=now + 20 * DAY)
    assert later
    assert later.due_at == now + 13 * DAY
    assert Event.objects.filter(tag="secret.overlap_moved").count() == 2
    frozen.advance(20 * DAY)
    with pytest.raises(Conflict):  # over, though no worker has come by yet
        services.set_overlap_end(moved, Origin(davide), ends_at=now + 25 * DAY)


def test_only_its_developers_choose(moved: Application, olga: User) -> None:
    for person in (olga, people.person("Dora", "Other", developer_since=1)):
        with pytest.raises(Denied):
            services.set_overlap_end(moved, Origin(person), ends_at=0)


def test_no_more_secrets_are_made_meanwhile(moved: Application, davide: User) -> None:
    with pytest.raises(Conflict):
        services.create_secret(moved, Origin(davide), label="third")


def test_another_revision_with_keys_neither_ends_nor_lengthens_it(
    moved: Application, olga: User, frozen: FrozenClock
) -> None:
    frozen.advance(5 * DAY)
    change(moved, olga, **KEYED | {"jwks": ClientKey().jwks})
    assert SecretOverlap.objects.get().ends_at == frozen.seconds + 25 * DAY


def test_back_to_secrets_they_go_on(moved: Application, olga: User, frozen: FrozenClock) -> None:
    change(moved, olga)
    frozen.advance(31 * DAY)
    assert secret_overlap.run() == 0
    assert not SecretOverlap.objects.exists()
    assert queries.live_secrets(moved).count() == 2


def test_fapi_ends_it_and_never_begins_one(moved: Application, davide: User, olga: User) -> None:
    change(moved, olga, **registrations.FAPI)
    assert not SecretOverlap.objects.exists()
    assert not queries.live_secrets(moved).exists()
    assert Event.objects.filter(tag="secret.overlap_ended").count() == 1
    other = registrations.approved(davide, olga, name="Other")
    services.create_secret(other, Origin(davide), label="one")
    change(other, olga, **registrations.FAPI)
    assert not SecretOverlap.objects.exists()


def test_without_a_live_secret_there_is_nothing_to_overlap(davide: User, olga: User) -> None:
    change(registrations.approved(davide, olga), olga, **KEYED)
    assert not SecretOverlap.objects.exists()


def test_of_a_retired_application_nobody_is_told(moved: Application, davide: User, frozen: FrozenClock) -> None:
    services.retire(moved, Origin(davide))
    frozen.advance(31 * DAY)
    assert (secret_overlap.run(), mails("have ended"), mails("end soon")) == (1, 0, 0)
    assert not queries.live_secrets(moved).exists()


def test_what_has_ended_does_not_come_back_with_a_way_back_to_secrets(
    moved: Application, olga: User, frozen: FrozenClock
) -> None:
    frozen.advance(31 * DAY)  # and no worker has run
    change(moved, olga, token_endpoint_auth_method="client_secret_basic")
    assert not SecretOverlap.objects.exists()
    assert not queries.live_secrets(moved).exists()
    assert Event.objects.filter(tag="secret.overlap_ended").count() == 1
