"""Work on a review: who reads it, questions and answers, notes, remarks by field, and the second approver."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from tests.support import people, registrations
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.people import personal_data
from varco.registry import desk, services
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.models import Application, Revision, RevisionHost
from varco.registry.registration import Details
from varco.registry.review_stamp import review_stamp

pytestmark = pytest.mark.django_db
TWO = ("openid", "giponext.medicalreports")


@pytest.fixture
def omar(db: None) -> User:
    return people.person("Omar", "Other", platform_role="operator")


def stamp(revision: Revision) -> str:
    """What somebody has before their eyes who opens the review now."""
    now = Revision.objects.get(pk=revision.pk)
    return review_stamp(now.application, now, desk.review_of(now))


def told(user: User) -> list[str]:
    return list(Message.objects.filter(to=user.email).order_by("pk").values_list("subject", flat=True))


def test_a_review_is_taken_given_away_and_given_back_and_the_colleague_is_told(
    davide: User, olga: User, omar: User
) -> None:
    revision = registrations.submitted(davide)
    Message.objects.all().delete()
    for to, names in ((olga, "Olga"), (omar, "Omar"), (None, "")):
        services.assign(revision, Origin(olga), to=to, stamp=stamp(revision))
        review = desk.review_of(revision)
        assert review
        assert (review.assignee.given_name if review.assignee else "") == names
    assert (told(olga), told(omar)) == ([], ["Yours to review: Agenda Facile"])
    events = Event.objects.filter(tag="application.assigned").order_by("pk")
    assert [event.detail["to"] for event in events] == ["Olga Operator", "Omar Other", ""]


def test_whoever_takes_it_on_an_old_page_is_told_that_somebody_was_quicker(
    davide: User, olga: User, omar: User
) -> None:
    revision = registrations.submitted(davide)
    seen = stamp(revision)
    services.assign(revision, Origin(olga), to=olga, stamp=seen)
    with pytest.raises(Conflict) as late:
        services.assign(revision, Origin(omar), to=omar, stamp=seen)
    assert late.value.fault.code == ConflictFault.STALE
    review = desk.review_of(revision)
    assert review is not None
    assert review.assignee == olga


@pytest.mark.parametrize("who", ["davide", "sara", "both"])
def test_nobody_gets_a_review_who_could_not_decide_about_it(olga: User, who: str) -> None:
    both = people.person("Bruna", "Both", developer_since=1, platform_role="operator")
    revision = registrations.submitted(both)
    makers: dict[str, Callable[[], User]] = {"davide": people.davide, "sara": people.sara, "both": lambda: both}
    made = makers[who]()
    with pytest.raises(Invalid, match="assignee"):
        services.assign(revision, Origin(olga), to=made)


def test_a_question_and_its_answer_are_mailed_and_stand_in_the_thread(davide: User, olga: User, omar: User) -> None:
    revision = registrations.submitted(davide)
    services.assign(revision, Origin(olga), to=olga)
    Message.objects.all().delete()
    services.send_question(revision, Origin(olga), text="Why the patients?")
    services.send_answer(revision.application, Origin(davide), text="To book for them.")
    assert (told(davide), told(olga), told(omar)) == (
        ["A question about Agenda Facile"],
        ["Answer about Agenda Facile"],
        [],
    )
    assert "Why the patients?" in Message.objects.get(to=davide.email).text
    assert [(one.side, one.text) for one in desk.thread(revision.application)] == [
        ("developer", "To book for them."),
        ("operator", "Why the patients?"),
    ]
    assert not desk.notes(revision.application)


def test_the_file_of_ones_own_data_has_ones_own_words_alone(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide)
    services.send_question(revision, Origin(olga), text="Why?")
    services.send_answer(revision.application, Origin(davide), text="So.")
    for person, words in ((davide, ["So."]), (olga, ["Why?"])):
        assert [each["text"] for each in personal_data.export(person, Origin(person))["review_messages"]] == words


def test_an_answer_to_a_review_that_nobody_has_taken_goes_to_all_who_could(
    davide: User, olga: User, omar: User
) -> None:
    revision = registrations.submitted(davide)
    Message.objects.all().delete()
    services.send_answer(revision.application, Origin(davide), text="One thing more.")
    assert (len(told(olga)), len(told(omar))) == (1, 1)


def test_the_thread_goes_on_while_changes_are_made_and_ends_with_the_decision(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide)
    application = revision.application
    services.request_changes(revision, Origin(olga), codes=["other"], text="See the scopes.")
    services.save_draft(application, registrations.registration(scopes=("openid",)), Origin(davide))
    services.send_answer(application, Origin(davide), text="Which of them?")
    services.send_question(Revision.objects.get(pk=revision.pk), Origin(olga), text="The second.")
    services.approve(services.submit(application, Origin(davide)), Origin(olga))
    with pytest.raises(Conflict):
        services.send_answer(application, Origin(davide), text="Thank you.")
    with pytest.raises(Conflict):
        services.send_question(Revision.objects.get(pk=revision.pk + 1), Origin(olga), text="Welcome.")


def test_nobody_is_written_to_about_what_was_never_handed_in(davide: User) -> None:
    with pytest.raises(Conflict) as fault:
        services.send_answer(registrations.draft(davide), Origin(davide), text="Hello?")
    assert fault.value.fault.code == ConflictFault.NO_REVIEW


def test_a_note_is_kept_for_those_who_review_whatever_the_state(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide)
    services.reject(revision, Origin(olga), codes=["other"], text="No.")
    services.note(Revision.objects.get(pk=revision.pk), Origin(olga), text="Do not tell.")
    assert [one.text for one in desk.notes(revision.application)] == ["Do not tell."]
    assert not desk.thread(revision.application)
    assert "Do not tell." not in str(list(Event.objects.values("detail")))
    assert not any("Do not tell." in message.text for message in Message.objects.all())
    with pytest.raises(Denied):
        services.note(Revision.objects.get(pk=revision.pk), Origin(davide), text="Mine.")


def test_remarks_by_field_come_with_the_request_and_stay_until_they_are_answered(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide)
    remarks = {"redirect_uris": "Whose host is it?", "name": "Too general.", "claims": "  "}
    services.request_changes(revision, Origin(olga), codes=["other"], text="", remarks=remarks)
    said = {"redirect_uris": "Whose host is it?", "name": "Too general."}
    sent_back = Revision.objects.get(pk=revision.pk)
    assert desk.remarks(sent_back) == said
    mail = Message.objects.filter(to=davide.email).latest("pk").text
    assert "Redirect URIs:\nWhose host is it?" in mail
    assert "Name:\nToo general." in mail
    application = Application.objects.get(pk=revision.application_id)
    draft = services.save_draft(application, registrations.registration(scopes=("openid",)), Origin(davide))
    assert desk.remarks(draft) == said
    approved = services.approve(services.submit(application, Origin(davide)), Origin(olga))
    assert desk.remarks(approved) == {}
    changed = registrations.registration(scopes=("openid", "profile"))
    assert desk.remarks(services.save_draft(application, changed, Origin(davide))) == {}


@pytest.mark.parametrize(
    ("remarks", "text"),
    [
        ({"owner": "Who?"}, "See."),
        ({"name": "x" * 1001}, "See."),
        ({"name": "a\x1bb"}, "See."),
        ({"name": "   "}, ""),
        ({}, ""),
    ],
)
def test_remarks_that_cannot_be_kept_send_nothing_back(
    davide: User, olga: User, remarks: dict[str, str], text: str
) -> None:
    revision = registrations.submitted(davide)
    with pytest.raises(Invalid):
        services.request_changes(revision, Origin(olga), codes=["other"], text=text, remarks=remarks)
    revision.refresh_from_db()
    assert (revision.state, desk.remarks_on(revision)) == ("submitted", {})


def test_what_opens_medical_reports_takes_two_people(davide: User, olga: User, omar: User) -> None:
    revision = registrations.submitted(davide, scopes=TWO)
    Message.objects.all().delete()
    assert services.approve(revision, Origin(olga)).state == "submitted"
    assert Application.objects.get(pk=revision.application_id).client_id is None
    assert (told(davide), told(olga), told(omar)) == ([], [], ["A second approval is needed: Agenda Facile"])
    with pytest.raises(Conflict) as same:
        services.approve(revision, Origin(olga))
    assert same.value.fault.code == ConflictFault.SECOND_APPROVER
    assert services.approve(revision, Origin(omar)).state == "approved"
    assert Application.objects.get(pk=revision.application_id).state == "active"
    assert Event.objects.get(tag="application.approved").detail["first_approver"] == "Olga Operator"


def test_a_first_approval_counts_for_exactly_what_was_approved(davide: User, olga: User, omar: User) -> None:
    revision = registrations.submitted(davide, scopes=TWO)
    services.approve(revision, Origin(olga))
    application = revision.application
    services.edit_details(application, replace(Details.of(application), name="Something Else"), Origin(davide))
    assert services.approve(revision, Origin(omar)).state == "submitted", "the first one of the new name"
    assert services.approve(revision, Origin(olga)).state == "approved"


def test_a_first_approval_of_somebody_who_may_not_decide_any_more_is_none(davide: User, olga: User, omar: User) -> None:
    revision = registrations.submitted(davide, scopes=TWO)
    services.approve(revision, Origin(olga))
    User.objects.filter(pk=olga.pk).update(platform_role="")
    assert services.approve(revision, Origin(omar)).state == "submitted"


def test_the_second_can_send_it_back_and_the_next_revision_begins_anew(davide: User, olga: User, omar: User) -> None:
    revision = registrations.submitted(davide, scopes=TWO)
    services.approve(revision, Origin(olga))
    services.request_changes(revision, Origin(omar), codes=["other"], text="No.")
    application = Application.objects.get(pk=revision.application_id)
    services.save_draft(application, registrations.registration(scopes=(*TWO, "profile")), Origin(davide))
    again = services.submit(application, Origin(davide))
    assert services.approve(again, Origin(omar)).state == "submitted"


def test_an_approval_on_a_page_of_before_the_first_one_does_not_count_as_the_second(
    davide: User, olga: User, omar: User
) -> None:
    revision = registrations.submitted(davide, scopes=TWO)
    seen = stamp(revision)
    services.approve(revision, Origin(olga), stamp=seen)
    with pytest.raises(Conflict) as stale:
        services.approve(revision, Origin(omar), stamp=seen)
    assert stale.value.fault.code == ConflictFault.STALE


def test_what_was_handed_in_before_there_were_rows_of_hosts_is_found_by_them_after_the_migration(
    davide: User, olga: User
) -> None:
    registrations.approved(
        davide, olga, redirect_uris=("https://one.example/cb", "http://localhost/cb", "https://two.example/cb")
    )
    registrations.draft(davide, redirect_uris=("https://one.example/cb",))
    native = registrations.submitted(davide, type="native", redirect_uris=("com.example.app:/callback",))
    as_written = sorted(RevisionHost.objects.values_list("revision", "host"))
    assert [host for _, host in as_written] == ["one.example", "two.example", "com.example.app:/callback"]
    assert as_written[2][0] == native.pk
    RevisionHost.objects.all().delete()
    (name,) = (
        one for app, one in MigrationLoader(None).disk_migrations if app == "registry" and one.endswith("review_desk")
    )
    import_module(f"varco.registry.migrations.{name}").list_hosts(apps, None)
    assert sorted(RevisionHost.objects.values_list("revision", "host")) == as_written


def test_a_decision_on_a_page_of_before_the_answer_is_not_carried_out(davide: User, olga: User) -> None:
    revision = registrations.submitted(davide)
    seen = stamp(revision)
    services.send_answer(revision.application, Origin(davide), text="Please wait, there is a mistake in it.")
    with pytest.raises(Conflict):
        services.approve(revision, Origin(olga), stamp=seen)
    assert services.approve(revision, Origin(olga), stamp=stamp(revision)).state == "approved"
