"""The vendor's policy: what it approves at once, what it leaves to a person, and how that is told (S44)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.support import people, registrations
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import evidence, policy, services
from varco.registry.errors import Conflict
from varco.registry.models import Application, Revision
from varco.registry.policy import Obstacle
from varco.registry.registration import Registration

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]

FOR_DEVELOPMENT = {"environment": "development"}


def obstacle(application: Application, **changes: Any) -> Obstacle | None:
    wanted = registrations.registration(**(FOR_DEVELOPMENT | changes))
    return policy.obstacle(application, wanted, evidence.findings(application, wanted, reviewer=True))


def test_a_development_registration_is_in_force_as_soon_as_it_is_submitted(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide, **FOR_DEVELOPMENT)
    application = Application.objects.get()
    assert (revision.state, application.state, application.live_revision) == ("approved", "active", revision)
    assert application.client_id
    assert (revision.sandboxes_only, revision.decided_by) == (True, None)
    assert revision.decided_at is not None
    secret = services.create_secret(application, Origin(davide), label="first")
    assert secret.text
    mails = Message.objects.values_list("to", flat=True)
    assert list(mails) == [davide.email], "nobody is asked to read it; its developer is told"
    assert "sandboxes" in Message.objects.get().text


def test_the_decision_stands_in_the_timeline_as_the_policy_s(davide: User) -> None:
    registrations.submitted(davide, **FOR_DEVELOPMENT)
    submitted, approved = Event.objects.order_by("pk").filter(tag__in=["application.submitted", "application.approved"])
    assert submitted.actor == davide.public_id
    assert (approved.actor, approved.detail["policy"]) == ("policy:sandboxes", "sandboxes")


def test_going_to_production_is_read_by_a_person_while_the_lock_stays(davide: User, olga: User) -> None:
    locked = registrations.submitted(davide, **FOR_DEVELOPMENT)
    application = locked.application
    services.save_draft(application, registrations.registration(), Origin(davide))
    waiting = services.submit(application, Origin(davide))
    application.refresh_from_db()
    assert (waiting.state, application.live_revision) == ("submitted", locked)
    services.approve(waiting, Origin(olga))
    application.refresh_from_db()
    live = application.live_revision
    assert live is not None
    assert (live, live.sandboxes_only) == (waiting, False)


def test_what_is_locked_may_be_changed_without_waiting(davide: User) -> None:
    application = registrations.submitted(davide, **FOR_DEVELOPMENT).application
    changed = {"redirect_uris": ("https://b.example/cb",), "scopes": ("openid", "giponext.medicalreports")}
    assert obstacle(application, **changed) is None


def by_a_person(davide: User, olga: User) -> Application:
    return registrations.approved(davide, olga)


def sent_back(davide: User, olga: User) -> Application:
    waiting = registrations.submitted(davide)
    services.reject(waiting, Origin(olga), codes=["other"], text="No.")
    return waiting.application


def suspended(davide: User, olga: User) -> Application:
    application = registrations.submitted(davide, **FOR_DEVELOPMENT).application
    return services.suspend(application, Origin(olga), reason="x")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (by_a_person, Obstacle.APPROVED_BY_A_PERSON),
        (sent_back, Obstacle.SENT_BACK),
        (suspended, Obstacle.STOPPED),
    ],
)
def test_what_a_person_has_decided_a_person_decides_again(
    davide: User, olga: User, make: Callable[[User, User], Application], expected: Obstacle
) -> None:
    application = make(davide, olga)
    assert obstacle(application) is expected
    changed = registrations.registration(**FOR_DEVELOPMENT, claims=("tenant", "profile"))
    services.save_draft(application, changed, Origin(davide))
    assert services.submit(application, Origin(davide)).state == "submitted"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"environment": "production"}, Obstacle.NOT_DEVELOPMENT),
        ({"environment": "staging"}, Obstacle.NOT_DEVELOPMENT),
        ({"redirect_uris": ("http://localhost:3000/cb", "https://a.example/cb")}, Obstacle.FINDINGS),
    ],
)
def test_what_can_reach_clinics_or_looks_dangerous_is_read(
    davide: User, olga: User, changes: dict[str, Any], expected: Obstacle
) -> None:
    assert obstacle(registrations.draft(davide), **changes) is expected
    assert registrations.submitted(davide, **(FOR_DEVELOPMENT | changes)).state == "submitted"
    assert Message.objects.filter(to=olga.email).exists()


def test_a_setting_turns_it_off(davide: User, settings: Any) -> None:
    settings.VARCO = replace(settings.VARCO, sandbox_policy=False)
    revision = registrations.submitted(davide, **FOR_DEVELOPMENT)
    assert (revision.state, revision.sandboxes_only) == ("submitted", False)
    assert obstacle(revision.application) is Obstacle.SWITCHED_OFF


def test_restored_it_is_locked_as_before_and_nobody_decides_twice(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide, **FOR_DEVELOPMENT)
    with pytest.raises(Conflict):
        services.approve(revision, Origin(olga))
    application = services.suspend(revision.application, Origin(olga), reason="x")
    live = services.restore(application, Origin(olga), reason="Found harmless.").live_revision
    assert live is not None
    assert live.sandboxes_only


def test_a_draft_says_nothing_of_the_lock() -> None:
    assert "sandboxes_only" not in registrations.registration().columns(), "no form can set it or take it away"
    assert not Revision(type="web").sandboxes_only
    assert Registration.of(Revision(type="web", sandboxes_only=True)) == Registration.of(Revision(type="web"))


def test_an_operator_who_develops_does_not_read_their_own(olga: User) -> None:
    operator = people.person("Otto", "Both", platform_role="operator", developer_since=1)
    assert registrations.submitted(operator, **FOR_DEVELOPMENT).sandboxes_only
