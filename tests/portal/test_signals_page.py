"""The page of an application's stream of signals: set up, paused, verified and removed, and what it shows of the secret part."""

import json
from functools import partial

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.people import Registered
from tests.support.registration_pages import BASE, fields, page, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.protocol.signals.events import Kind
from varco.protocol.signals.streams import POLL, PUSH, StreamSettings
from varco.registry.errors import Denied
from varco.registry.models import Application, Revision, TeamMember
from varco.signals import services
from varco.signals.causes import About, tell
from varco.signals.models import Signal, Stream

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]

ADDRESS = "https://agenda.example/events"
PROOF = "Bearer of-the-receiver"


@pytest.fixture
def davide(frozen: FrozenClock) -> User:
    return people.davide()


@pytest.fixture
def registered(davide: User) -> Registered:
    return people.application(davide)


@pytest.fixture
def browser(davide: User) -> Client:
    return signed_in(davide)


def own(registered: Registered, rest: str = "") -> str:
    return f"{BASE}{registered.application.pk}/signals/{rest}"


def save(browser: Client, registered: Registered, **changes: object) -> int:
    address = own(registered, "change/")
    form = fields(browser.get(address)) | {"delivery": PUSH, "endpoint_url": ADDRESS, "authorization": PROOF} | changes
    return browser.post(address, form).status_code


def text(browser: Client, registered: Registered) -> str:
    return page(browser.get(own(registered))).one("main").get_text(" ", strip=True)


def test_a_stream_is_set_up_shown_without_its_secret_and_told_in_the_timeline(
    browser: Client, registered: Registered, davide: User
) -> None:
    assert "No stream yet" in text(browser, registered)
    assert save(browser, registered) == 303
    stream = Stream.objects.get()
    assert (stream.method, stream.endpoint_url, len(stream.delivered.split())) == (PUSH, ADDRESS, 4)
    shown = browser.get(own(registered)).content.decode() + browser.get(own(registered, "change/")).content.decode()
    assert ADDRESS in shown
    assert "of-the-receiver" not in shown
    event = Event.objects.get(tag="stream.created")
    assert (event.actor, event.application_id) == (davide.public_id, registered.application.pk)
    assert "of-the-receiver" not in json.dumps(event.detail)
    assert "Stream of signals made" in browser.get(f"{BASE}{registered.application.pk}/").content.decode()


def test_an_empty_proof_keeps_the_one_there_is_and_a_poll_needs_none(browser: Client, registered: Registered) -> None:
    save(browser, registered)
    before = bytes(Stream.objects.get().sealed_authorization)
    assert before
    assert save(browser, registered, authorization="", events=[Kind.SESSION_REVOKED.value]) == 303
    assert bytes(Stream.objects.get().sealed_authorization) == before
    assert save(browser, registered, delivery=POLL) == 303
    stream = Stream.objects.get()
    assert (stream.method, stream.endpoint_url, bytes(stream.sealed_authorization)) == (POLL, "", b"")
    assert f"/oauth2/ssf/poll/{stream.public_id}" in text(browser, registered)


@pytest.mark.parametrize("address", [f"{ADDRESS}/2", "https://elsewhere.example/events"])
def test_a_proof_is_never_sent_to_another_address_than_it_was_set_for(
    browser: Client, registered: Registered, address: str
) -> None:
    save(browser, registered)
    assert save(browser, registered, authorization="", endpoint_url=address) == 303
    stream = Stream.objects.get()
    assert (stream.endpoint_url, bytes(stream.sealed_authorization)) == (address, b"")


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint_url": "http://agenda.example/"},
        {"endpoint_url": ""},
        {"authorization": "Bearer é"},
        {"events": []},
        {"delivery": "x"},
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    browser: Client, registered: Registered, wrong: dict[str, object]
) -> None:
    assert save(browser, registered, **wrong) == 422
    assert not Stream.objects.exists()


def test_pausing_tells_the_receiver_and_is_undone(browser: Client, registered: Registered) -> None:
    services.save(registered.application, StreamSettings(), Origin(registered.application.owner))
    assert browser.post(own(registered), {"act": "pause"}).status_code == 303
    assert Stream.objects.get().status == "paused"
    assert browser.post(own(registered), {"act": "pause"}).status_code == 409
    assert browser.post(own(registered), {"act": "enable"}).status_code == 303
    told = [(row.kind, json.loads(row.detail)) for row in Signal.objects.order_by("pk")]
    assert told == [("stream-updated", {"status": "paused"}), ("stream-updated", {"status": "enabled"})]


def test_a_verification_event_waits_and_is_shown(browser: Client, registered: Registered) -> None:
    services.save(registered.application, StreamSettings(), Origin(registered.application.owner))
    assert browser.post(own(registered), {"act": "verify"}).status_code == 303
    assert Signal.objects.get().kind == "verification"
    assert "Verification" in text(browser, registered)
    assert browser.post(own(registered), {"act": "nothing"}).status_code == 409


def test_another_verification_event_takes_a_minute_as_at_the_gate(
    browser: Client, registered: Registered, frozen: FrozenClock
) -> None:
    services.save(registered.application, StreamSettings(), Origin(registered.application.owner))
    asked = [browser.post(own(registered), {"act": "verify"}) for _ in range(3)]
    assert [answer.status_code for answer in asked] == [303, 409, 409]
    assert "60 seconds after it" in asked[1].content.decode()
    frozen.advance(60)
    assert browser.post(own(registered), {"act": "verify"}).status_code == 303
    assert Signal.objects.count() == 2
    Stream.objects.update(status="disabled", verified_at=0)
    assert browser.post(own(registered), {"act": "verify"}).status_code == 409
    assert Signal.objects.count() == 2


def test_what_went_wrong_stands_on_the_page(browser: Client, registered: Registered, frozen: FrozenClock) -> None:
    save(browser, registered)
    tell(Kind.ACCOUNT_DISABLED, [About(registered.application.pk, "user-x")], Origin())
    Signal.objects.update(last_error="HTTP 503", next_try_at=None)
    Stream.objects.update(failed_at=frozen.seconds, last_fault="HTTP 503")
    shown = text(browser, registered)
    for words in ("The last event did not arrive", "HTTP 503", "Given up", "A person can use it no more"):
        assert words in shown
    assert "user-x" not in shown


def test_removing_says_what_is_lost(browser: Client, registered: Registered) -> None:
    assert browser.get(own(registered, "remove/")).status_code == 404
    services.save(registered.application, StreamSettings(), Origin(registered.application.owner))
    services.verify(registered.application, Origin(registered.application.owner))
    assert "1 event that waits is lost" in browser.get(own(registered, "remove/")).content.decode()
    assert browser.post(own(registered, "remove/")).status_code == 303
    assert not Stream.objects.exists()
    assert not Signal.objects.exists()


def test_a_public_application_and_one_out_of_force_can_have_none(browser: Client, registered: Registered) -> None:
    Revision.objects.update(token_endpoint_auth_method="none")
    assert "can have no stream" in text(browser, registered)
    assert browser.get(own(registered, "change/")).status_code == 409
    Revision.objects.update(token_endpoint_auth_method="client_secret_basic")
    Application.objects.update(state="suspended")
    assert browser.get(own(registered, "change/")).status_code == 409


def test_nobody_elses_stream_exists(registered: Registered, frozen: FrozenClock) -> None:
    services.save(registered.application, StreamSettings(), Origin(registered.application.owner))
    sara = people.sara()
    User.objects.filter(pk=sara.pk).update(developer_since=1)
    other = signed_in(User.objects.get(pk=sara.pk))
    for rest in ("", "change/", "remove/"):
        assert other.get(own(registered, rest)).status_code == 404
        assert other.post(own(registered, rest), {"act": "pause"}).status_code == 404
    assert Stream.objects.get().status == "enabled"


def test_whoever_reads_for_the_team_or_stands_outside_changes_no_stream(registered: Registered, davide: User) -> None:
    services.save(registered.application, StreamSettings(), Origin(davide))
    viewer, stranger = (people.person(name, "Other", developer_since=1) for name in ("Vera", "Sandra"))
    TeamMember.objects.create(team=people.team_of(davide), user=viewer, role="viewer")
    for who in (Origin(viewer), Origin(stranger), Origin()):
        acts = (
            partial(services.save, registered.application, StreamSettings(), who),
            partial(services.set_status, registered.application, "paused", who),
            partial(services.verify, registered.application, who),
            partial(services.remove, registered.application, who),
        )
        for act in acts:
            with pytest.raises(Denied):
                act()
    assert Stream.objects.get().status == "enabled"
