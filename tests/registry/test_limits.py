"""What one person may do in a day that writes to others or leaves rows behind, and how often others are told of what they do."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from tests.conftest import FrozenClock
from tests.registry.conftest import code_of
from tests.support import people, registrations
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.audit.tags import Tag
from varco.mail.models import Message
from varco.protocol.signals.streams import StreamSettings
from varco.registry import services
from varco.registry.errors import Conflict
from varco.registry.fault_codes import ConflictFault
from varco.registry.models import Application
from varco.registry.registration import Details
from varco.registry.services import limits
from varco.signals import services as signals


def created(davide: User, _olga: User) -> Callable[[int], object]:
    return lambda _number: registrations.draft(davide)


def submitted(davide: User, _olga: User) -> Callable[[int], object]:
    application = registrations.draft(davide)

    def act(number: int) -> None:
        if number:
            services.withdraw(application, Origin(davide))
            services.save_draft(application, registrations.registration(claims=("tenant",)), Origin(davide))
        services.submit(application, Origin(davide))

    return act


def answered(davide: User, _olga: User) -> Callable[[int], object]:
    application = registrations.submitted(davide).application
    return lambda _number: services.send_answer(application, Origin(davide), text="Well?")


def offered(davide: User, _olga: User) -> Callable[[int], object]:
    theirs = people.team_of(people.person("Dora", "Rivale", developer_since=1))
    made = [registrations.draft(davide) for _ in range(3)]
    return lambda number: services.offer_transfer(made[number], theirs.public_id, Origin(davide))


def team_made(davide: User, _olga: User) -> Callable[[int], object]:
    def act(number: int) -> None:
        team = services.create_team(f"Team {number}", Origin(davide))
        services.remove_team_member(team, team.members.get().pk, Origin(davide))  # with which the team is gone

    return act


def invited(davide: User, _olga: User) -> Callable[[int], object]:
    team = people.team_of(davide)

    def act(number: int) -> None:
        made = services.invite_to_team(team, f"somebody-{number}@elsewhere.example", "viewer", Origin(davide))
        services.withdraw_team_invitation(team, made.pk, Origin(davide))

    return act


def stream_set(davide: User, olga: User) -> Callable[[int], object]:
    application = registrations.approved(davide, olga)
    signals.save(application, StreamSettings(), Origin(davide))
    states = ("paused", "enabled", "paused")
    return lambda number: signals.set_status(application, states[number], Origin(davide))


ACTS = {
    Tag.APPLICATION_CREATED: created,
    Tag.APPLICATION_SUBMITTED: submitted,
    Tag.APPLICATION_ANSWERED: answered,
    Tag.APPLICATION_TRANSFER_OFFERED: offered,
    Tag.TEAM_CREATED: team_made,
    Tag.TEAM_INVITED: invited,
    Tag.STREAM_CHANGED: stream_set,
}
ELSEWHERE = {Tag.APPLICATION_LOGO_CHANGED, Tag.APPLICATION_KEYS_READ}  # test_logo.py, portal/test_keys.py


def test_every_limit_is_tried() -> None:
    assert limits.A_DAY.keys() == ACTS.keys() | ELSEWHERE


@pytest.mark.parametrize("tag", ACTS)
def test_nobody_does_it_more_often_in_a_day_than_they_may(
    tag: Tag, davide: User, olga: User, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = ACTS[tag](davide, olga)
    limit = Event.objects.filter(tag=tag, actor=davide.public_id).count() + 2
    monkeypatch.setattr(limits, "A_DAY", dict(limits.A_DAY) | {tag: limit})
    act(0)
    act(1)
    mails = Message.objects.count()
    with pytest.raises(Conflict) as raised:
        act(2)
    assert (code_of(raised), raised.value.fault.parameters) == (ConflictFault.DONE_OFTEN, {"limit": limit})
    assert Message.objects.count() == mails
    frozen.advance(86_401)
    if tag != Tag.APPLICATION_SUBMITTED:  # of which the draft is there already
        act(2)


def renamed(application: Application, origin: Origin, name: str) -> None:
    application.refresh_from_db()
    services.edit_details(application, replace(Details.of(application), name=name), origin)


def test_operators_get_one_mail_an_hour_about_names_and_one_about_logos_beside_it(
    davide: User, olga: User, frozen: FrozenClock
) -> None:
    application = registrations.approved(davide, olga)
    rename = partial(renamed, application, Origin(davide))
    before = Message.objects.count()
    for name in ("Banca", "Agenda Facile", "Banca di Tutti", "Agenda"):
        rename(name)
    told = list(Message.objects.order_by("pk")[before:])
    assert [message.next_try_at for message in told] == [frozen.seconds, frozen.seconds + 3600]
    assert all(message.to == olga.email for message in told)
    assert Event.objects.filter(tag="application.edited").count() == 4
    frozen.advance(7201)
    rename("Agenda Facile")
    assert Message.objects.latest("pk").next_try_at == frozen.seconds
