"""The services beyond their pages: who may act, what is recorded, what the gate is told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import FrozenClock
from tests.support import people, registrations
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import queries, services
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.models import Application, Revision
from varco.registry.registration import Details, Registration, stamp

Approved = Callable[..., Application]


def acts(application: Application, by: User) -> list[Callable[[], Any]]:
    """Every act there is on an application in force whose revision 2 waits."""
    origin = Origin(by)
    waiting = application.revisions.order_by("-number")[0]
    secret = application.secrets.get()
    sent: dict[str, Any] = {"codes": ["other"], "text": "No."}
    return [
        lambda: services.save_draft(application, registrations.REGISTRATION, origin),
        lambda: services.submit(application, origin),
        lambda: services.withdraw(application, origin),
        lambda: services.edit_details(application, registrations.DETAILS, origin),
        lambda: services.retire(application, origin),
        lambda: services.create_secret(application, origin, label="x"),
        lambda: services.revoke_secret(secret, origin),
        lambda: services.add_tenant(application, origin, tenant_id="tenant-aurora"),
        lambda: services.remove_tenant(application, origin, tenant_id="tenant-aurora"),
        lambda: services.approve(waiting, origin),
        lambda: services.reject(waiting, origin, **sent),
        lambda: services.request_changes(waiting, origin, **sent),
        lambda: services.suspend(application, origin, reason="x"),
        lambda: services.restore(application, origin, reason="x"),
        lambda: services.set_pkce_required(application, origin, required=False, reason="x"),
    ]


@pytest.fixture
def waiting(approved: Approved, davide: User) -> Application:
    """An application in force with a secret and a second revision that waits."""
    application = approved()
    services.create_secret(application, Origin(davide), label="first")
    services.save_draft(
        application, registrations.registration(redirect_uris=("https://b.example/cb",)), Origin(davide)
    )
    services.submit(application, Origin(davide))
    return application


@pytest.mark.parametrize(
    "stranger",
    [
        people.luca,
        people.sara,
        people.dario,
        lambda: people.person("Dora", "Developer", developer_since=1),
        lambda: people.person("Olaf", "Operator", platform_role="operator", is_active=False),
    ],
    ids=["manager of a clinic", "support", "doctor", "another developer", "an operator whose account is off"],
)
def test_nobody_without_a_part_in_it_can_do_anything(waiting: Application, stranger: Callable[[], User]) -> None:
    for act in acts(waiting, stranger()):
        with pytest.raises(Denied):
            act()


def test_the_system_itself_decides_nothing(waiting: Application) -> None:
    with pytest.raises(Denied):
        services.approve(waiting.revisions.order_by("-number")[0], Origin())


def test_a_developer_who_lost_the_role_can_do_nothing(waiting: Application, davide: User) -> None:
    User.objects.filter(pk=davide.pk).update(developer_since=None)
    for act in acts(waiting, davide):
        with pytest.raises(Denied):
            act()


def test_an_operator_never_decides_about_an_application_of_their_own(olga: User) -> None:
    both = people.person("Bruna", "Both", developer_since=1, platform_role="operator")
    application = registrations.approved(both, olga)
    services.save_draft(application, registrations.registration(redirect_uris=("https://b.example/cb",)), Origin(both))
    revision = services.submit(application, Origin(both))
    with pytest.raises(Denied):
        services.approve(revision, Origin(both))
    services.suspend(application, Origin(olga), reason="Leaked.")
    with pytest.raises(Denied):
        services.restore(application, Origin(both), reason="x")


def test_the_client_id_is_made_once_and_stays(waiting: Application, olga: User) -> None:
    client_id = waiting.client_id
    assert client_id
    assert client_id.startswith("varco-")
    assert len(client_id) == 22
    services.approve(waiting.revisions.order_by("-number")[0], Origin(olga))
    waiting.refresh_from_db()
    assert waiting.client_id == client_id


def test_what_is_approved_runs_unchanged_while_a_later_revision_waits(waiting: Application, olga: User) -> None:
    before = queries.client(waiting.client_id or "")
    assert before is not None
    assert before.redirect_uris == registrations.REGISTRATION.redirect_uris
    services.approve(waiting.revisions.order_by("-number")[0], Origin(olga))
    after = queries.client(waiting.client_id or "")
    assert after is not None
    assert after.redirect_uris == ("https://b.example/cb",)
    assert after.version > before.version


def test_everything_the_gate_checks_moves_the_version(approved: Approved, davide: User, olga: User) -> None:
    application = approved()
    seen = [application.version]

    def moved(act: Callable[[], Any]) -> None:
        act()
        application.refresh_from_db()
        seen.append(application.version)

    moved(lambda: services.create_secret(application, Origin(davide), label="x"))
    moved(lambda: services.revoke_secret(application.secrets.get(), Origin(davide)))
    moved(lambda: services.set_pkce_required(application, Origin(olga), required=False, reason="It cannot."))
    moved(lambda: services.suspend(application, Origin(olga), reason="Leaked."))
    moved(lambda: services.restore(application, Origin(olga), reason="x"))
    moved(lambda: services.edit_details(application, replace(registrations.DETAILS, name="New"), Origin(davide)))
    moved(lambda: services.retire(application, Origin(davide)))
    assert seen == sorted(set(seen))


def test_every_act_is_recorded_with_who_and_from_where(davide: User, olga: User) -> None:
    application = registrations.draft(davide)
    origin = Origin(davide, "192.0.2.7", "request-1")
    services.submit(application, origin)
    event = Event.objects.get(tag="application.submitted")
    assert (event.actor, event.actor_name, event.ip, event.request_id) == (
        davide.public_id,
        "Davide Developer",
        "192.0.2.7",
        "request-1",
    )
    assert (event.application_id, event.application_name) == (application.pk, "Agenda Facile")


def test_an_act_that_fails_leaves_no_trace(davide: User) -> None:
    application = registrations.draft(davide, scopes=())
    events, mails = Event.objects.count(), Message.objects.count()
    with pytest.raises(Invalid) as caught:
        services.submit(application, Origin(davide))
    assert "scopes" in caught.value.faults
    assert (Event.objects.count(), Message.objects.count()) == (events, mails)
    assert application.revisions.get().state == "draft"


def test_a_decision_on_a_page_that_is_stale_is_refused(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide)
    seen = stamp(revision.application, revision)
    services.edit_details(
        revision.application, replace(registrations.DETAILS, name="GipoNext Official"), Origin(davide)
    )
    with pytest.raises(Conflict):
        services.approve(revision, Origin(olga), stamp=seen)
    revision.refresh_from_db()
    assert revision.state == "submitted"


def test_a_submitted_revision_cannot_be_written(waiting: Application, davide: User) -> None:
    with pytest.raises(Conflict):
        services.save_draft(waiting, registrations.REGISTRATION, Origin(davide))


def test_changes_requested_leave_the_old_revision_as_it_was(davide: User, olga: User) -> None:
    first = registrations.submitted(davide)
    services.request_changes(first, Origin(olga), codes=["other"], text="Use another host.")
    second = services.save_draft(
        first.application, registrations.registration(redirect_uris=("https://b.example/cb",)), Origin(davide)
    )
    first.refresh_from_db()
    assert (first.state, first.redirect_uris) == ("changes_requested", list(registrations.REGISTRATION.redirect_uris))
    assert (second.number, second.state) == (2, "draft")


def test_sending_back_needs_a_known_reason_and_words(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide)
    for codes, text, field in [([], "No.", "codes"), (["made_up"], "No.", "codes"), (["other"], "  ", "text")]:
        with pytest.raises(Invalid) as caught:
            services.reject(revision, Origin(olga), codes=codes, text=text)
        assert set(caught.value.faults) == {field}
    revision.refresh_from_db()
    assert revision.state == "submitted"


def test_submitting_what_is_in_force_already_is_refused(approved: Approved, davide: User) -> None:
    application = approved()
    services.save_draft(application, registrations.REGISTRATION, Origin(davide))
    with pytest.raises(Invalid, match="nothing_changed"):
        services.submit(application, Origin(davide))


def test_retiring_takes_back_what_waits(waiting: Application, davide: User) -> None:
    services.retire(waiting, Origin(davide))
    assert waiting.revisions.order_by("-number")[0].state == "withdrawn"
    client = queries.client(waiting.client_id or "")
    assert client is not None
    assert not client.usable


def test_pkce_cannot_be_made_optional_for_a_public_client(approved: Approved, olga: User) -> None:
    application = approved(type="spa")
    with pytest.raises(Conflict):
        services.set_pkce_required(application, Origin(olga), required=False, reason="They asked.")


def test_refresh_follows_from_offline_access(davide: User) -> None:
    without = registrations.draft(davide).revisions.get()
    with_it = registrations.draft(davide, scopes=("openid", "offline_access")).revisions.get()
    assert without.grant_types == ["authorization_code"]
    assert with_it.grant_types == ["authorization_code", "refresh_token"]


def test_a_web_application_may_send_its_secret_either_way_unless_it_says_one(davide: User) -> None:
    assert registrations.draft(davide).revisions.get().token_endpoint_auth_method == "client_secret"
    for method in ("client_secret_basic", "client_secret_post"):
        assert (
            registrations.draft(davide, token_endpoint_auth_method=method).revisions.get().token_endpoint_auth_method
            == method
        )


@pytest.mark.parametrize("kind", ["spa", "native", "device"])
def test_a_public_type_authenticates_with_nothing_whatever_was_sent(davide: User, kind: str) -> None:
    revision = registrations.draft(davide, type=kind, token_endpoint_auth_method="client_secret_post").revisions.get()
    assert revision.token_endpoint_auth_method == "none"


def test_an_unknown_plate_is_no_client(db: None) -> None:
    assert queries.client("varco-0000000000000000") is None
    assert queries.client("\0") is None


def test_expired_and_revoked_secrets_are_not_live(approved: Approved, davide: User, frozen: FrozenClock) -> None:
    application = approved()
    kept = services.create_secret(application, Origin(davide), label="kept")
    services.create_secret(application, Origin(davide), label="short", expires_at=frozen.seconds + 60)
    gone = services.create_secret(application, Origin(davide), label="gone")
    services.revoke_secret(gone.secret, Origin(davide))
    frozen.advance(61)
    assert [secret.pk for secret in queries.live_secrets(application)] == [kept.secret.pk]


def test_mails_are_written_in_the_readers_language(davide: User, olga: User) -> None:
    italian = people.person("Ornella", "Operatrice", platform_role="operator", language="it")
    registrations.submitted(davide)
    subjects = dict(Message.objects.values_list("to", "subject"))
    assert subjects == {olga.email: "To review: Agenda Facile", italian.email: "Da esaminare: Agenda Facile"}


def test_operators_hear_of_a_new_name_of_an_application_in_force(approved: Approved, davide: User, olga: User) -> None:
    application = approved()
    before = Message.objects.filter(to=olga.email).count()
    services.edit_details(application, replace(Details.of(application), name="GipoNext Official"), Origin(davide))
    mail = Message.objects.filter(to=olga.email).last()
    assert Message.objects.filter(to=olga.email).count() == before + 1
    assert mail is not None
    assert "GipoNext Official" in mail.subject


def test_a_registration_survives_the_database_unchanged(davide: User) -> None:
    asked = registrations.registration(
        type="native", redirect_uris=("com.example.app:/cb", "http://127.0.0.1/cb")
    ).normalised()
    application = services.create_application(details=registrations.DETAILS, registration=asked, origin=Origin(davide))
    assert Registration.of(Revision.objects.get(application=application)) == asked
