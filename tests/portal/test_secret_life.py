"""The life of a secret after it was made: warnings before its end, what its use tells, and what is done when it leaked."""

from dataclasses import replace

import pytest
from django.conf import LazySettings

from tests.conftest import FrozenClock
from tests.support import people, registrations
from tests.support.registration_pages import BASE, fields, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.grants.models import Grant
from varco.mail.models import Message
from varco.registry import queries, secret_expiry, services
from varco.registry.errors import Conflict, Invalid
from varco.registry.models import Application, Secret
from varco.registry.secret_use import Use, use_of

pytestmark = pytest.mark.django_db
DAY = 86400


def made(application: Application, davide: User, days: int | None = None, now: int = 0) -> Secret:
    end = None if days is None else now + days * DAY
    return services.create_secret(application, Origin(davide), label="server", expires_at=end).secret


def warned() -> int:
    """Warnings that the developer got; contacts get the same (`test_secrets_end`)."""
    return Message.objects.filter(subject__contains="expires within", to__startswith="davide").count()


def test_its_developer_is_warned_four_times_and_once_each(
    davide: User, application: Application, frozen: FrozenClock
) -> None:
    secret, day = made(application, davide, 365, frozen.seconds), 0
    made(application, davide)  # without an end, and so without a warning
    for at, expected in ((304, 0), (305, 1), (306, 1), (335, 2), (358, 3), (364, 4), (366, 4)):
        frozen.advance((at - day) * DAY)
        day = at
        secret_expiry.run()
        secret_expiry.run()
        assert warned() == expected, at
    secret.refresh_from_db()
    assert (secret.due_at, secret.warned_days) == (None, 1)


def test_after_a_standstill_the_nearest_warning_says_it_all(
    davide: User, application: Application, frozen: FrozenClock
) -> None:
    made(application, davide, 90, frozen.seconds)
    frozen.advance(85 * DAY)
    assert (secret_expiry.run(), secret_expiry.run(), warned()) == (1, 0, 1)


def test_a_secret_of_the_last_version_is_warned_of_and_a_revoked_one_is_not(
    davide: User, application: Application, frozen: FrozenClock
) -> None:
    old, revoked = (made(application, davide, 90, frozen.seconds) for _ in range(2))
    Secret.objects.filter(pk=old.pk).update(due_at=None)
    services.revoke_secret(revoked, Origin(davide))
    secret_expiry.run()
    frozen.advance(31 * DAY)
    secret_expiry.run()
    assert warned() == 1


def test_what_its_use_tells_of_revoking_it() -> None:
    now = 100 * DAY
    old = Secret(pk=1, created_at=0, last_used_at=now - 8 * DAY)
    new = Secret(pk=2, created_at=0, last_used_at=now - DAY)
    assert use_of(old, [old, new], now) == Use.SAFE
    assert use_of(new, [old, new], now) == Use.RECENT
    assert use_of(old, [old], now) == Use.ALONE
    assert use_of(old, [old, Secret(pk=3, last_used_at=now - 9 * DAY)], now) == Use.ALONE
    assert use_of(Secret(pk=4, created_at=now - DAY), [new], now) == Use.RECENT


@pytest.mark.either_engine
def test_the_page_tells_use_network_and_a_near_end(davide: User, application: Application, frozen: FrozenClock) -> None:
    old, new = (made(application, davide, 90, frozen.seconds) for _ in range(2))
    Secret.objects.filter(pk=old.pk).update(last_used_at=frozen.seconds, last_used_from="192.0.2.0/24")
    frozen.advance(40 * DAY)
    Secret.objects.filter(pk=new.pk).update(last_used_at=frozen.seconds)
    shown = signed_in(davide).get(f"{BASE}{application.pk}/").content.decode()
    for words in ("from 192.0.2.0/24", "Safe to revoke", "Expires soon", "It has leaked"):
        assert words in shown


def leak(davide: User, secret: Secret, **changes: str) -> int:
    client, address = signed_in(davide), f"{BASE}{secret.application_id}/secrets/{secret.pk}/leaked/"
    return client.post(address, fields(client.get(address)) | changes).status_code


def test_a_leaked_secret_is_replaced_at_once_and_told(davide: User, application: Application) -> None:
    secrets = [made(application, davide) for _ in range(5)]  # as many as may be: the old one makes room
    assert leak(davide, secrets[0]) == 200
    secrets[0].refresh_from_db()
    assert secrets[0].revoked_at is not None
    assert queries.live_secrets(application).count() == 5
    assert Message.objects.filter(subject__contains="has leaked", to__startswith="davide").count() == 1
    assert Event.objects.filter(tag="secret.leaked").count() == 1


def test_a_later_end_leaves_both_and_never_lengthens_a_life(
    davide: User, application: Application, frozen: FrozenClock
) -> None:
    long, short = made(application, davide), made(application, davide, 1, frozen.seconds)
    assert leak(davide, long, ends="24") == leak(davide, short, ends="72") == 200
    for secret in (long, short):
        secret.refresh_from_db()
        assert (secret.revoked_at, secret.expires_at) == (None, frozen.seconds + DAY)
    assert queries.live_secrets(application).count() == 4
    frozen.advance(DAY)
    assert queries.live_secrets(application).count() == 2


def test_what_is_refused_changes_nothing(davide: User, application: Application) -> None:
    secret = made(application, davide)
    assert leak(davide, secret, label="") == 422
    assert leak(davide, secret, after="0") == 409
    secret.refresh_from_db()
    assert secret.revoked_at is None
    services.revoke_secret(secret, Origin(davide))
    with pytest.raises(Conflict):
        services.end_leaked_secret(secret, Origin(davide), ends_at=0, grants=False)
    assert not Message.objects.filter(subject__contains="has leaked").exists()


@pytest.mark.either_engine
def test_the_bound_of_the_installation_holds_on_the_page_and_in_the_service(
    davide: User, application: Application, frozen: FrozenClock, settings: LazySettings
) -> None:
    settings.VARCO = replace(settings.VARCO, secret_days=100)
    for end in (None, frozen.seconds + 101 * DAY):
        with pytest.raises(Invalid):
            services.create_secret(application, Origin(davide), label="x", expires_at=end)
    client, address = signed_in(davide), f"{BASE}{application.pk}/secrets/new/"
    sent = fields(client.get(address))
    assert sent["lifetime"] == "90"
    assert client.post(address, sent | {"label": "x", "lifetime": "365"}).status_code == 422
    settings.VARCO = replace(settings.VARCO, secret_days=40)
    assert fields(client.get(address))["lifetime"] == "40"
    assert client.post(address, sent | {"label": "x", "lifetime": "40"}).status_code == 200


@pytest.mark.parametrize(("box", "state"), [({"grants": "on"}, "ended"), ({}, "active")])
def test_what_people_granted_ends_with_it_or_goes_on(
    davide: User, application: Application, box: dict[str, str], state: str
) -> None:
    other = registrations.approved(davide, User.objects.get(given_name="Olga"), name="Another one")
    dario, tenant = people.dario(), people.tenant("Aurora")
    of_it, of_other = (
        Grant.objects.create(user=dario, application=one, tenant=tenant, state="active") for one in (application, other)
    )
    assert leak(davide, made(application, davide), **box) == 200
    of_it.refresh_from_db()
    of_other.refresh_from_db()
    assert (of_it.state, of_other.state) == (state, "active")
