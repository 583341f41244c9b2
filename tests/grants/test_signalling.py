"""What applications are told of the people who gave them access: written with what caused it, of them alone, and nothing more."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants import services, session_end
from varco.grants.models import Consent, Grant
from varco.people import accounts, clinics, closing, members
from varco.protocol.errors import EndReason
from varco.protocol.signals.events import Kind
from varco.protocol.signals.streams import StreamSettings
from varco.registry.models import Application
from varco.signals import services as signals
from varco.signals.models import Signal, Stream

pytestmark = pytest.mark.django_db

SCOPES = "openid offline_access giponext.patients"
DISABLED, ENABLED = Kind.ACCOUNT_DISABLED.value, Kind.ACCOUNT_ENABLED.value
REVOKED, CHANGED = Kind.SESSION_REVOKED.value, Kind.TOKEN_CLAIMS_CHANGE.value


@pytest.fixture
def dario(frozen: FrozenClock) -> User:
    return people.dario()


@pytest.fixture
def application(frozen: FrozenClock) -> Registered:
    made = people.application(people.davide())
    signals.save(made.application, StreamSettings(), Origin(made.application.owner))
    return made


def used(application: Registered, user: User, frozen: FrozenClock, **changes: Any) -> Grant:
    """A grant that tokens were issued of, and the consent to it."""
    fields: dict[str, Any] = {
        "state": Grant.State.ACTIVE,
        "scopes": SCOPES,
        "sid": "s-1",
        "tenant": user.membership.tenant,
        "last_used_at": frozen.seconds - 1,
        "expires_at": frozen.seconds + 600,
    } | changes
    Consent.objects.get_or_create(
        user=user,
        application=application.application,
        defaults={"tenant": fields["tenant"], "scopes": fields["scopes"]},
    )
    return Grant.objects.create(user=user, application=application.application, **fields)


def told(application: Registered | None = None) -> list[tuple[str, str, str]]:
    rows = Signal.objects.order_by("pk")
    if application:
        rows = rows.filter(stream__application=application.application)
    return list(rows.values_list("kind", "sub", "sid"))


def details(kind: str) -> list[dict[str, Any]]:
    return [
        json.loads(text) for text in Signal.objects.filter(kind=kind).order_by("pk").values_list("detail", flat=True)
    ]


# --- Sessions -------------------------------------------------------------------------------------------------------------


def test_one_session_that_ends_is_named_and_what_goes_on_is_not_told(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    used(application, dario, frozen)
    session_end.session_over(dario, "s-1", Origin(dario, request_id="r-1"))
    assert told() == [(REVOKED, dario.public_id, "s-1")]
    assert details(REVOKED) == [{"initiating_entity": "user"}]
    assert Signal.objects.get().txn == "r-1"


def test_what_lived_by_the_session_is_told_too(application: Registered, dario: User, frozen: FrozenClock) -> None:
    used(application, dario, frozen, scopes="openid giponext.patients")
    session_end.session_over(dario, "s-1", Origin(dario))
    assert told() == [(REVOKED, dario.public_id, "s-1"), (CHANGED, dario.public_id, "")]
    assert details(CHANGED) == [{"claims": {"scope": ""}, "initiating_entity": "user"}]


def test_signing_out_everywhere_names_the_person_once(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    used(application, dario, frozen)
    used(application, dario, frozen, sid="s-2")
    accounts.end_sessions(dario, Origin(people.olga()), reason="a lost telephone")
    assert told() == [(REVOKED, dario.public_id, "")]
    assert details(REVOKED) == [{"initiating_entity": "admin"}]


def test_a_session_that_is_kept_is_not_meant(application: Registered, dario: User, frozen: FrozenClock) -> None:
    used(application, dario, frozen)
    used(application, dario, frozen, sid="s-2")
    session_end.sessions_over(dario, Origin(dario), kept="s-2")
    assert told() == [(REVOKED, dario.public_id, "s-1")]


def test_an_application_without_openid_knows_no_session(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    used(application, dario, frozen, scopes="offline_access giponext.patients")
    session_end.sessions_over(dario, Origin(dario))
    assert told() == []


# --- What an application may do -------------------------------------------------------------------------------------------


def test_a_scope_that_is_taken_back_is_told_with_what_is_left(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    used(application, dario, frozen)
    services.withdraw_scopes(dario, application.application, ["giponext.patients"], Origin(dario))
    assert told() == [(CHANGED, dario.public_id, "")]
    assert details(CHANGED) == [{"claims": {"scope": "offline_access openid"}, "initiating_entity": "user"}]


def test_a_consent_that_is_withdrawn_leaves_nothing(application: Registered, dario: User, frozen: FrozenClock) -> None:
    used(application, dario, frozen)
    used(application, dario, frozen, sid="s-2")
    services.withdraw(dario, application.application, Origin(dario))
    assert told() == [(CHANGED, dario.public_id, "")]
    assert details(CHANGED)[0]["claims"] == {"scope": ""}


def test_one_of_two_grants_for_the_same_changes_nothing(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    first = used(application, dario, frozen)
    used(application, dario, frozen, sid="s-2")
    services.end_grants(Grant.objects.filter(pk=first.pk), EndReason.REVOKED, Origin())
    assert told() == []


def test_a_code_nobody_redeemed_tells_nobody(application: Registered, dario: User, frozen: FrozenClock) -> None:
    used(application, dario, frozen, state=Grant.State.CODE, last_used_at=0)
    accounts.deactivate(dario, Origin())
    assert told() == []


# --- Accounts and clinics -------------------------------------------------------------------------------------------------


def marta() -> User:
    return User.objects.filter(given_name="Marta").first() or people.marta()


CLOSE: dict[str, tuple[Callable[[User], object], Callable[[User], object]]] = {
    "the account": (lambda user: accounts.deactivate(user, Origin()), lambda user: accounts.activate(user, Origin())),
    "the membership": (
        lambda user: members.deactivate(user.membership.tenant, user, Origin(marta()), reason="has left us"),
        lambda user: members.activate(user.membership.tenant, user, Origin(marta()), reason="is back again"),
    ),
    "the clinic": (
        lambda user: clinics.remove_member(user, Origin()),
        lambda user: clinics.add_member(user, people.tenant("Aurora"), "doctor", Origin()),
    ),
}


@pytest.mark.parametrize("what", CLOSE)
def test_who_is_let_in_no_more_and_again_is_told(
    application: Registered, dario: User, frozen: FrozenClock, what: str
) -> None:
    used(application, dario, frozen)
    close, reopen = CLOSE[what]
    close(dario)
    sub = dario.public_id
    first = told()
    assert first[0] == (DISABLED, sub, "")
    assert (CHANGED, sub, "") in first
    reopen(User.objects.get(pk=dario.pk))
    assert told()[len(first) :] == [(ENABLED, sub, "")]


def test_who_is_switched_off_at_the_clinic_is_not_let_in_by_an_account(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    used(application, dario, frozen)
    members.deactivate(dario.membership.tenant, dario, Origin(marta()), reason="has left us")
    before = told()
    accounts.deactivate(dario, Origin())
    accounts.activate(User.objects.get(pk=dario.pk), Origin())
    assert [kind for kind, _, _ in told()[len(before) :]] == []


def test_who_closes_their_account_is_gone(application: Registered, dario: User, frozen: FrozenClock) -> None:
    used(application, dario, frozen)
    closing.close(dario, Origin(dario))
    assert [kind for kind, _, _ in told()] == [DISABLED, REVOKED, CHANGED]


def test_of_a_person_whose_consent_is_over_an_application_hears_no_more(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    used(application, dario, frozen)
    services.withdraw(dario, application.application, Origin(dario))
    before = told()
    accounts.deactivate(dario, Origin())
    accounts.activate(User.objects.get(pk=dario.pk), Origin())
    assert told() == before


def test_a_consent_at_another_clinic_says_nothing_of_this_one(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    used(application, dario, frozen, state=Grant.State.ENDED)
    Consent.objects.update(tenant=people.tenant("Elsewhere"))
    accounts.deactivate(dario, Origin())
    assert DISABLED not in [kind for kind, _, _ in told()]


# --- Who is told ----------------------------------------------------------------------------------------------------------


def test_an_application_hears_of_its_own_people_alone(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    other = people.application(application.application.owner, name="Another")
    signals.save(other.application, StreamSettings(), Origin(other.application.owner))
    used(application, dario, frozen)
    silvia = people.silvia()
    used(other, silvia, frozen)
    accounts.deactivate(dario, Origin())
    assert told(other) == []
    assert {sub for _, sub, _ in told(application)} == {dario.public_id}


OUT: dict[str, Callable[[Application], object]] = {
    "the stream is disabled": lambda _: Stream.objects.update(status="disabled"),
    "the application is suspended": lambda app: Application.objects.filter(pk=app.pk).update(state="suspended"),
    "the application is retired": lambda app: Application.objects.filter(pk=app.pk).update(state="retired"),
    "nothing of it is in force": lambda app: Application.objects.filter(pk=app.pk).update(live_revision=None),
    "it asked for no event": lambda _: Stream.objects.update(delivered=""),
    "it asked for another event": lambda _: Stream.objects.update(delivered="account-enabled"),
    "there is no stream": lambda _: Stream.objects.all().delete(),
}


@pytest.mark.parametrize("why", OUT)
def test_whoever_is_not_to_hear_is_not_told(
    application: Registered, dario: User, frozen: FrozenClock, why: str
) -> None:
    used(application, dario, frozen)
    OUT[why](application.application)
    accounts.deactivate(dario, Origin())
    assert told() == []


def test_a_paused_stream_keeps_what_happens_meanwhile(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    used(application, dario, frozen)
    signals.set_status(application.application, "paused", Origin(application.application.owner))
    accounts.deactivate(dario, Origin())
    assert [kind for kind, _, _ in told()] == ["stream-updated", DISABLED, REVOKED, CHANGED]


def test_what_did_not_happen_was_not_told(application: Registered, dario: User, frozen: FrozenClock) -> None:
    used(application, dario, frozen)

    def broken_off() -> None:
        with transaction.atomic():
            accounts.deactivate(dario, Origin())
            assert told()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    assert told() == []


def test_an_event_holds_no_name_no_address_and_no_clinic(
    application: Registered, dario: User, frozen: FrozenClock
) -> None:
    used(application, dario, frozen)
    accounts.deactivate(dario, Origin(people.olga()), reason="Dario has left Aurora")
    kept = str(list(Signal.objects.values())).lower()
    for word in ("dario", "rossi", "aurora", dario.family_name.lower(), dario.email, "olga"):
        assert word not in kept
