"""Two people at once: whoever comes second is told, and the first decision stands. Raced on the engine of the run."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.conftest import FrozenClock
from tests.support import people, races, registrations
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import desk, schedule, secret_overlap, services
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.models import Application, Revision, SecretOverlap, TeamMember
from varco.registry.queries import live_secrets
from varco.registry.review_stamp import review_stamp
from varco.registry.services.secrets import MAX_LIVE

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run all at the same moment, each in a thread with a connection of its own; what each returned or raised."""

    def run(position: int) -> object:
        try:
            return acts[position]()
        except (Conflict, Invalid, Denied) as fault:
            return fault

    return races.race(run, len(acts))


def test_of_two_administrators_who_decide_at_once_one_is_told_to_look_again() -> None:
    davide, olga, otto = people.davide(), people.olga(), people.person("Otto", "Operator", platform_role="operator")
    for _ in range(5):
        revision = registrations.submitted(davide)
        results = at_once(
            partial(services.approve, revision, Origin(olga)),
            partial(services.reject, revision, Origin(otto), codes=["other"], text="No."),
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        revision.refresh_from_db()
        application = Application.objects.get(pk=revision.application_id)
        approved = revision.state == Revision.State.APPROVED
        assert approved == isinstance(results[1], Conflict)
        assert (application.state == "active") == (application.client_id is not None) == approved
        decisions = Event.objects.filter(
            application_id=application.pk, tag__in=["application.approved", "application.rejected"]
        )
        assert decisions.count() == 1
    assert Message.objects.filter(to=davide.email).count() == 5


def test_of_two_who_take_a_review_at_once_one_is_told_that_somebody_was_quicker() -> None:
    davide, olga, otto = people.davide(), people.olga(), people.person("Otto", "Operator", platform_role="operator")
    for _ in range(5):
        revision = registrations.submitted(davide)
        seen = review_stamp(revision.application, revision, desk.review_of(revision))
        results = at_once(
            *(partial(services.assign, revision, Origin(one), to=one, stamp=seen) for one in (olga, otto))
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        review = desk.review_of(revision)
        assert review is not None
        assert review.assignee == (otto if isinstance(results[0], Conflict) else olga)


def test_of_two_first_approvals_at_once_one_is_the_second_and_one_person_never_both() -> None:
    davide, olga, otto = people.davide(), people.olga(), people.person("Otto", "Operator", platform_role="operator")
    scopes = ("openid", "giponext.medicalreports")
    revision = registrations.submitted(davide, scopes=scopes)
    at_once(*(partial(services.approve, revision, Origin(one)) for one in (olga, otto)))
    revision.refresh_from_db()
    assert revision.state == "approved"
    other = registrations.submitted(davide, scopes=scopes)
    results = at_once(*[partial(services.approve, other, Origin(olga))] * 2)
    assert sum(isinstance(result, Conflict) for result in results) == 1
    other.refresh_from_db()
    assert other.state == "submitted"


def test_reminders_are_sent_once_however_many_workers_look(frozen: FrozenClock) -> None:
    davide, olga = people.davide(), people.olga()
    registrations.submitted(davide)
    frozen.advance(10 * 86400)
    at_once(*[schedule.run] * 4)
    assert Message.objects.filter(to=olga.email, subject__startswith="Overdue").count() == 1


def test_approval_and_withdrawal_at_once_end_in_one_of_the_two() -> None:
    davide, olga = people.davide(), people.olga()
    for _ in range(5):
        revision = registrations.submitted(davide)
        results = at_once(
            partial(services.approve, revision, Origin(olga)),
            partial(services.withdraw, revision.application, Origin(davide)),
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        revision.refresh_from_db()
        application = Application.objects.get(pk=revision.application_id)
        assert (revision.state == "approved") == (application.live_revision_id == revision.pk)


def test_ten_secrets_asked_for_at_once_never_exceed_the_limit() -> None:
    davide, olga = people.davide(), people.olga()
    application = registrations.approved(davide, olga)
    before = application.version
    results = at_once(*[lambda: services.create_secret(application, Origin(davide), label="raced")] * 10)
    made = sum(isinstance(result, services.NewSecret) for result in results)
    application.refresh_from_db()
    assert made == MAX_LIVE == live_secrets(application).count()
    assert application.version == before + MAX_LIVE


def test_a_double_click_on_save_begins_one_revision() -> None:
    davide, olga = people.davide(), people.olga()
    application = registrations.approved(davide, olga)
    asked = registrations.registration(redirect_uris=("https://new.facile.example/callback",))
    at_once(*[lambda: services.save_draft(application, asked, Origin(davide))] * 4)
    assert list(application.revisions.order_by("number").values_list("number", "state")) == [
        (1, "approved"),
        (2, "draft"),
    ]


def test_of_two_owners_who_leave_at_once_one_stays() -> None:
    davide, dora = people.davide(), people.person("Dora", "Rivale", developer_since=1)
    for _ in range(3):
        team = registrations.draft(davide).team
        assert team is not None
        own = TeamMember.objects.get(team=team, user=davide)
        other, _new = TeamMember.objects.get_or_create(team=team, user=dora, defaults={"role": "owner"})
        results = at_once(
            partial(services.remove_team_member, team, own.pk, Origin(davide)),
            partial(services.remove_team_member, team, other.pk, Origin(dora)),
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        assert team.members.filter(role="owner").count() == 1
        TeamMember.objects.all().delete()


def test_an_offer_is_accepted_once_or_taken_back_first_and_a_link_lets_one_in() -> None:
    davide, dora = people.davide(), people.person("Dora", "Rivale", developer_since=1)
    theirs = services.create_team("Rivale", Origin(dora))
    for _ in range(3):
        application = registrations.draft(davide)
        offer = services.offer_transfer(application, theirs.public_id, Origin(davide))
        results = at_once(
            partial(services.accept_transfer, theirs, offer.pk, Origin(dora)),
            partial(services.accept_transfer, theirs, offer.pk, Origin(dora)),
            partial(services.withdraw_transfer, application, Origin(davide)),
        )
        assert sum(isinstance(result, Conflict | Denied) for result in results) == 2
        application.refresh_from_db()
        taken = not isinstance(results[2], Conflict | Denied)
        assert (application.team_id == theirs.pk) is not taken


def test_secrets_of_an_application_that_signs_end_once_whoever_ends_them(frozen: FrozenClock) -> None:
    davide, olga = people.davide(), people.olga()
    keyed = {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.facile.example/jwks"}
    for round_ in range(4):
        application = registrations.approved(davide, olga, name=f"Application {round_}")
        services.create_secret(application, Origin(davide), label="server")
        services.save_draft(application, registrations.registration(**keyed), Origin(davide))
        services.approve(services.submit(application, Origin(davide)), Origin(olga))
        services.save_draft(application, registrations.registration(**registrations.FAPI), Origin(davide))
        revision = services.submit(application, Origin(davide))
        frozen.advance(secret_overlap.LONGEST - 1)  # its warning is due, and a developer may end it yet
        at_once(
            secret_overlap.run,
            partial(services.set_overlap_end, application, Origin(davide), ends_at=0),
            secret_overlap.run,
            partial(services.approve, revision, Origin(olga)),
        )
        assert not SecretOverlap.objects.filter(application=application).exists()
        assert not live_secrets(application).exists()
        ended = Event.objects.filter(application_id=application.pk, tag="secret.overlap_ended")
        assert ended.count() == 1
