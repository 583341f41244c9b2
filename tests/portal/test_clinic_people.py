"""The people of a clinic, as its manager has them: role, permissions, switched off and on (S19, S39)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.support import people
from tests.support.authorization_pages import signed_in
from tests.support.client_response import ClientResponse
from tests.support.registration_pages import page
from varco import catalog
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.grants.models import Grant, LogoutNotice
from varco.mail.models import Message
from varco.people import members
from varco.people.errors import PeopleFault, Refused
from varco.registry.errors import Denied
from varco.tenants.models import MemberInvitation, Membership, Tenant

pytestmark = pytest.mark.django_db

LIST = "/clinic/people/"
REASON = "She stands in for the accountant until May."


@pytest.fixture
def marta() -> User:
    return people.marta()


@pytest.fixture
def browser(marta: User) -> Client:
    return signed_in(marta)


def address(user: User, act: str = "") -> str:
    return f"{LIST}{user.public_id}/{act}"


def stamp_of(browser: Client, user: User) -> str:
    return str(page(browser.get(address(user, "change/"))).one("[name=stamp]")["value"])


def change(browser: Client, user: User, **fields: Any) -> ClientResponse:
    form = {"role": "doctor", "custom": "custom", "permissions": [], "text": "", "stamp": stamp_of(browser, user)}
    return browser.post(address(user, "change/"), form | fields)


def text(browser: Client, path: str = LIST) -> str:
    return page(browser.get(path)).one("main").get_text(" ", strip=True)


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user)


def test_the_role_of_manager_gives_no_permission_by_itself() -> None:
    manages = [role for role in catalog.current().roles.values() if role.manages_clinic]
    assert [role.permissions for role in manages] == [()]


def test_the_list_says_who_works_there_as_what_and_how_they_sign_in(browser: Client) -> None:
    dario, silvia = people.dario(), people.silvia()
    Membership.objects.filter(user=silvia).update(permissions="patients.read", active=False)
    people.lia()
    shown = text(browser)
    for words in (
        "3 people",
        "Doctor",
        "Secretary (own permissions)",
        "Access switched off",
        "Never",
        "Clinic manager",
    ):
        assert words in shown, words
    assert "Lia" not in shown
    assert "Silvia" not in text(browser, f"{LIST}?words=dario")
    assert dario.email in text(browser, f"{LIST}?words=DARIO")
    person = text(browser, address(dario))
    assert "See medical reports" in person
    assert "medicalreports.read" not in person, "in words, not in names"


def test_another_role_brings_its_permissions_and_is_mailed(browser: Client, marta: User) -> None:
    dario = people.dario()
    assert change(browser, dario, role="secretary", custom="role").status_code == 303
    held = membership(dario)
    assert (held.role, held.permissions.split()) == (
        "secretary",
        list(catalog.current().roles["secretary"].permissions),
    )
    mail = Message.objects.get(to=dario.email)
    assert "Secretary" in mail.text
    assert "See patients" in mail.text
    event = Event.objects.get(tag="member.changed")
    assert (event.actor, event.user, event.tenant) == (marta.public_id, dario.public_id, "tenant-aurora")
    assert (event.detail["role_before"], event.detail["role"], event.detail["own"]) == ("doctor", "secretary", False)
    assert "− See medical reports" in text(browser, address(dario))


def test_permissions_can_differ_from_the_role_s(browser: Client) -> None:
    silvia = people.silvia()
    chosen = ["patients.read", "invoices.read"]
    assert change(browser, silvia, role="secretary", permissions=chosen, text=REASON).status_code == 303
    assert membership(silvia).permissions == "patients.read invoices.read"
    assert Event.objects.get(tag="member.changed").detail["text"] == REASON
    shown = page(browser.get(address(silvia, "change/")))
    assert [box["value"] for box in shown.select("[name=permissions][checked]")] == chosen


def test_a_manager_who_takes_a_permission_says_why_and_others_are_told(browser: Client, marta: User) -> None:
    vice, officer = people.member("Vera", "Aurora", "manager"), people.member("Olivia", "Aurora", "dpo")
    Tenant.objects.filter(public_id="tenant-aurora").update(dpo_email="Privacy@Studio.example")
    refused = change(browser, marta, role="manager", permissions=["patients.read"])
    assert refused.status_code == 422
    assert "Write a reason" in refused.content.decode()
    assert membership(marta).permissions == ""
    assert change(browser, marta, role="manager", permissions=["patients.read"], text=REASON).status_code == 303
    assert membership(marta).permissions == "patients.read"
    told = Message.objects.filter(subject__contains="gave permissions to themselves")
    assert {message.to for message in told} == {vice.email, officer.email, "Privacy@Studio.example"}
    assert all(REASON in message.text and "See patients" in message.text for message in told)
    assert Event.objects.get(tag="member.changed").detail["own"] is True


def test_taking_a_permission_by_another_role_is_the_same(browser: Client, marta: User) -> None:
    people.member("Vera", "Aurora", "manager")
    assert change(browser, marta, role="doctor", custom="role").status_code == 422
    assert change(browser, marta, role="doctor", custom="role", text=REASON).status_code == 303
    assert Message.objects.filter(subject__contains="gave permissions to themselves").count() == 1


def test_giving_a_permission_up_needs_no_reason(browser: Client, marta: User) -> None:
    Membership.objects.filter(user=marta).update(permissions="patients.read")
    assert change(browser, marta, role="manager", permissions=[]).status_code == 303
    assert not Message.objects.filter(subject__contains="themselves").exists()


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({"role": "doctor", "custom": "role"}, "Nothing differs"),
    "an unknown role": ({"role": "emperor"}, "valid choice"),
    "a temporary role": ({"role": "integrator"}, "valid choice"),
    "an unknown permission": ({"permissions": ["patients.destroy"]}, "valid choice"),
    "an officer who sees data": ({"role": "dpo", "permissions": ["patients.read"]}, "reads logs, not data"),
    "a reason that cannot be seen": ({"role": "secretary", "custom": "role", "text": "x\u202ey"}, "cannot be seen"),
}


@pytest.mark.either_engine
@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_told_beside_its_field_and_changes_nothing(browser: Client, what: str) -> None:
    dario, (fields, said) = people.dario(), REFUSED[what]
    before = membership(dario)
    answer = change(browser, dario, **fields)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert (membership(dario).role, membership(dario).permissions) == (before.role, before.permissions)
    assert not Event.objects.filter(tag="member.changed").exists()


def test_the_service_refuses_what_the_form_would_not_offer(marta: User) -> None:
    dario, tenant = people.dario(), people.tenant("Aurora")
    for role, permissions, code in (
        ("emperor", (), PeopleFault.UNKNOWN_ROLE),
        ("integrator", (), PeopleFault.TEMPORARY_ROLE),
        ("doctor", ("patients.destroy",), PeopleFault.UNKNOWN_PERMISSION),
    ):
        with pytest.raises(Refused, match=code):
            members.change(tenant, dario, Origin(marta), role=role, permissions=permissions)
    with pytest.raises(Denied):
        members.change(tenant, dario, Origin(people.luca()), role="secretary", permissions=())
    with pytest.raises(Denied):
        members.change(tenant, dario, Origin(dario), role="manager", permissions=())


def test_of_two_pages_the_later_one_is_out_of_date(browser: Client) -> None:
    dario = people.dario()
    old = stamp_of(browser, dario)
    assert change(browser, dario, role="secretary", custom="role").status_code == 303
    late = change(browser, dario, role="accountant", custom="role", text="hello", stamp=old)
    assert late.status_code == 409
    assert "changed while you were looking" in late.content.decode()
    assert "hello" in late.content.decode()
    assert membership(dario).role == "secretary"
    assert change(browser, dario, role="accountant", custom="role").status_code == 303


@pytest.mark.parametrize("act", ["change", "deactivate"])
def test_the_last_manager_cannot_leave(browser: Client, marta: User, act: str) -> None:
    people.member("Vera", "Levante", "manager")
    unfit = people.member("Ugo", "Aurora", "manager")
    unfit.set_password(None)
    unfit.save()
    answer = (
        change(browser, marta, role="secretary", custom="custom", text=REASON)
        if act == "change"
        else browser.post(address(marta, "deactivate/"), {"text": REASON})
    )
    assert answer.status_code == 422
    assert "last manager" in answer.content.decode()
    assert (membership(marta).role, membership(marta).active) == ("manager", True)
    User.objects.filter(pk=unfit.pk).update(password=marta.password)
    answer = (
        change(browser, marta, role="secretary", custom="custom", text=REASON)
        if act == "change"
        else browser.post(address(marta, "deactivate/"), {"text": REASON})
    )
    assert (answer.status_code, answer["Location"]) == (303, "/"), "who manages nothing any more has no such pages"
    assert browser.get(LIST).status_code == 404


def test_somebody_switched_off_has_lost_their_grants_and_is_told(browser: Client) -> None:
    dario = people.dario()
    application = people.application(people.davide(), backchannel_logout_uri="https://agenda.example/out").application
    granted: dict[str, Any] = {"user": dario, "application": application, "tenant": people.tenant("Aurora")}
    Grant.objects.create(state="active", sid="s", scopes="openid offline_access", last_used_at=1, **granted)
    Grant.objects.update(last_used_at=Grant.objects.get().created_at)
    assert browser.post(address(dario, "deactivate/"), {"text": ""}).status_code == 422
    assert browser.post(address(dario, "deactivate/"), {"text": REASON}).status_code == 303
    assert not membership(dario).active
    assert (Grant.objects.get().state, Grant.objects.get().end_reason) == ("ended", "membership_ended")
    assert LogoutNotice.objects.filter(user=dario).exists()
    assert Message.objects.get(to=dario.email).subject == "Your access to Clinic Aurora has ended"
    assert Event.objects.get(tag="member.deactivated").detail["text"] == REASON
    again = browser.post(address(dario, "deactivate/"), {"text": REASON})
    assert (again.status_code, "switched off already" in again.content.decode()) == (422, True)
    assert browser.post(address(dario, "activate/"), {"text": REASON}).status_code == 303
    assert membership(dario).active
    assert membership(dario).permissions
    assert Grant.objects.get().state == "ended", "what ended stays ended"


def test_invitations_of_who_manages_no_more_open_nothing(browser: Client) -> None:
    vera = people.member("Vera", "Aurora", "manager")
    MemberInvitation.objects.create(
        tenant=people.tenant("Aurora"),
        email="a@b.example",
        role="manager",
        digest="x",
        expires_at=9**10,
        invited_by=vera,
    )
    browser.post(address(vera, "deactivate/"), {"text": REASON})
    assert not MemberInvitation.objects.exists()


def test_an_integrator_user_can_only_be_switched_off(browser: Client) -> None:
    ivo = people.member("Ivo", "Aurora", "integrator")
    shown = browser.get(address(ivo)).content.decode()
    assert "change/" not in shown
    assert browser.post(address(ivo, "deactivate/"), {"text": REASON}).status_code == 303
    assert browser.post(address(ivo, "activate/"), {"text": REASON}).status_code == 422
    assert not membership(ivo).active


FORMS: dict[str, Callable[[Client, User], ClientResponse]] = {
    "change": lambda browser, user: browser.post(address(user, "change/"), {"role": "manager", "custom": "role"}),
    "deactivate": lambda browser, user: browser.post(address(user, "deactivate/"), {"text": REASON}),
    "activate": lambda browser, user: browser.post(address(user, "activate/"), {"text": REASON}),
}


@pytest.mark.parametrize("act", FORMS)
def test_another_clinic_s_manager_does_nothing_to_them(act: str) -> None:
    dario, luca = people.dario(), people.luca()
    before = Membership.objects.filter(user=dario).values().get()
    assert FORMS[act](signed_in(luca), dario).status_code == 404
    assert Membership.objects.filter(user=dario).values().get() == before
    assert FORMS[act](signed_in(people.silvia()), dario).status_code == 404
