"""Two managers at once: one wins, and a clinic is never left without somebody who answers for it."""

import pytest

from tests.support import people
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.people import member_invitations, members
from varco.people.errors import Refused
from varco.registry.errors import Denied
from varco.tenants import queries
from varco.tenants.models import MemberInvitation, Membership

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "Somebody has to go."


def outcome(act: object) -> str:
    """What became of an act in a race."""
    try:
        act()  # type: ignore[operator]
    except Refused as refusal:
        return str(refusal.fault.code)
    except Denied:
        return "denied"
    return "done"


def test_two_managers_who_switch_each_other_off_do_not_both_go() -> None:
    pair = [people.marta(), people.member("Vera", "Aurora", "manager")]
    tenant = people.tenant("Aurora")
    told = race(
        lambda number: outcome(
            lambda: members.deactivate(tenant, pair[1 - number], Origin(pair[number]), reason=REASON)
        ),
        2,
    )
    assert sorted(told) == ["denied", "done"]
    assert queries.managers(tenant).count() == 1


def test_managers_who_all_leave_at_once_leave_one_behind() -> None:
    crowd = [people.marta(), *(people.member(f"Vera{number}", "Aurora", "manager") for number in range(5))]
    tenant = people.tenant("Aurora")

    def leave(number: int) -> str:
        who = crowd[number]
        return outcome(lambda: members.change(tenant, who, Origin(who), role="secretary", permissions=()))

    assert sorted(race(leave, 6)) == [*["done"] * 5, "last_manager"]
    assert queries.managers(tenant).count() == 1


def test_of_two_pages_sent_at_once_one_is_out_of_date() -> None:
    pair, dario = [people.marta(), people.member("Vera", "Aurora", "manager")], people.dario()
    tenant, stamp = people.tenant("Aurora"), queries.stamp(Membership.objects.get(user=dario))
    wanted = [("secretary", ("patients.read",)), ("accountant", ("invoices.read",))]

    def run(number: int) -> str:
        role, permissions = wanted[number]
        return outcome(
            lambda: members.change(tenant, dario, Origin(pair[number]), role=role, permissions=permissions, stamp=stamp)
        )

    told = race(run, 2)
    assert sorted(told) == ["done", "stale"]
    held = Membership.objects.get(user=dario)
    assert (held.role, tuple(held.permissions.split())) == wanted[told.index("done")]
    assert Event.objects.filter(tag="member.changed").count() == 1


def test_a_link_used_many_times_at_once_joins_once() -> None:
    marta, davide = people.marta(), people.davide()
    member_invitations.invite(people.tenant("Aurora"), davide.email, Origin(marta), role="doctor")
    text = Message.objects.get(to=davide.email).text
    secret = text.split("token=")[1].split()[0]
    told = race(lambda _number: outcome(lambda: member_invitations.accept(secret, davide, Origin(davide))), 8)
    assert sorted(told) == ["done", *["invitation_over"] * 7]
    assert Membership.objects.filter(user=davide).count() == 1


def test_an_address_invited_many_times_at_once_gets_one_mail() -> None:
    tenant = people.tenant("Aurora")
    crowd = [people.marta(), *(people.member(f"Vera{number}", "Aurora", "manager") for number in range(5))]

    def run(number: int) -> str:
        return outcome(lambda: member_invitations.invite(tenant, "n@b.example", Origin(crowd[number]), role="doctor"))

    assert sorted(race(run, 6)) == ["done", *["invited_just_now"] * 5]
    assert MemberInvitation.objects.count() == Message.objects.filter(to="n@b.example").count() == 1


def test_two_clinics_that_invite_one_person_get_them_once() -> None:
    marta, luca, davide = people.marta(), people.luca(), people.davide()
    secrets = []
    for manager, clinic in ((marta, "Aurora"), (luca, "Levante")):
        member_invitations.invite(people.tenant(clinic), davide.email, Origin(manager), role="doctor")
        secrets.append(Message.objects.filter(to=davide.email).latest("pk").text.split("token=")[1].split()[0])
    told = race(lambda number: outcome(lambda: member_invitations.accept(secrets[number], davide, Origin(davide))), 2)
    assert "done" in told
    assert Membership.objects.filter(user=davide).count() == 1
    assert User.objects.filter(email=davide.email).count() == 1
