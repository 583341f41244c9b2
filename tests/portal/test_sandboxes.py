"""Sandboxes as each person meets them: made, entered, spoiled, made anew, forgotten, removed; and never another team's (S22 to S24)."""

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.support import people
from tests.support.html import parse
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.clinical.models import Agenda, Patient
from varco.mail.models import Message
from varco.people import sandbox_users, sandboxes
from varco.people.sandboxes import DAY, MAX_SANDBOXES, UNUSED_DAYS, WARN_DAYS, Wanted
from varco.registry import access
from varco.registry.errors import Denied
from varco.registry.models import Application, Sandbox, Team, TeamMember
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db(databases=["default", "clinic", "sandbox"])

ROOT = "/developer/sandboxes/"


@pytest.fixture
def made(application: Application, davide: User) -> Sandbox:
    return sandboxes.create(application.team, Wanted(name="Prova", seed="small", number=7), Origin(davide))


def team_of(sandbox: Sandbox) -> Team:
    assert sandbox.team
    return sandbox.team


@pytest.fixture
def dora(db: None) -> User:
    return people.person("Dora", "Rivale", developer_since=1)


def page(sandbox: Sandbox) -> str:
    return f"{ROOT}{sandbox.tenant.public_id}/"


def names(tenant: Tenant) -> list[tuple[str, str, str]]:
    rows = Patient.objects.using("sandbox").filter(tenant_id=tenant.public_id).order_by("pk")
    return list(rows.values_list("last_name", "first_name", "fiscal_code"))


def test_a_developer_makes_one_and_signs_in_as_its_doctor(as_user: AsUser, davide: User) -> None:
    browser = as_user(davide)
    answer = browser.post(f"{ROOT}new/", {"name": "Prova", "seed": "busy", "number": "12"}, follow=True)
    sandbox = Sandbox.objects.get()
    assert answer.redirect_chain == [(page(sandbox), 303)]
    shown = answer.content.decode()
    assert sandbox.password in shown
    assert sandbox.password.encode() not in bytes(sandbox.sealed_password)
    assert len(names(sandbox.tenant)) == 5_000
    assert (sandbox.tenant.kind, sandbox.tenant.database) == ("sandbox", "sandbox")
    assert not Patient.objects.using("clinic").exists()
    doctor = sandbox_users.user(sandbox, "doctor")
    assert doctor
    assert doctor.email in shown
    entered = browser.post(f"{page(sandbox)}users/doctor/enter/")
    assert entered.status_code == 303
    assert browser.session["_auth_user_id"] == str(doctor.pk)
    assert browser.get(page(sandbox)).status_code == 404, "a doctor is no developer"
    assert Event.objects.get(tag="sandbox.entered").actor == davide.public_id
    typed = Client().post("/account/login/", {"login": doctor.email, "password": sandbox.password})
    assert typed.status_code == 303


def test_the_ready_made_users_are_who_they_say(made: Sandbox) -> None:
    found = {each.key: person for each, person in sandbox_users.users(made)}
    assert set(found) == {
        "manager", "doctor", "secretary", "accountant", "dpo", "no-permissions", "deactivated", "wrong-clinic",
    }  # fmt: skip
    at = {key: Membership.objects.get(user=person) for key, person in found.items()}
    assert at["doctor"].permissions
    assert at["no-permissions"].permissions == ""
    assert not found["deactivated"].is_active
    assert at["wrong-clinic"].tenant == made.neighbour != made.tenant
    assert all(member.expires_at is None for member in at.values())
    locked = Client().post("/account/login/", {"login": found["deactivated"].email, "password": made.password})
    assert locked["Location"] == "/account/inactive/"


def test_mail_to_its_users_goes_nowhere(made: Sandbox) -> None:
    assert not Message.objects.filter(to__endswith=".invalid").exists()
    doctor = sandbox_users.user(made, "doctor")
    assert doctor
    Client().post("/account/password/reset/", {"email": doctor.email})
    assert not Message.objects.filter(to=doctor.email).exists()


def test_one_number_makes_one_clinic(application: Application, davide: User, made: Sandbox) -> None:
    other = sandboxes.create(application.team, Wanted(name="Altra", number=7), Origin(davide))
    third = sandboxes.create(application.team, Wanted(name="Terza", number=8), Origin(davide))
    assert names(made.tenant) == names(other.tenant) != names(third.tenant)
    assert len(names(made.tenant)) == 50


def test_made_anew_it_is_as_at_first_and_the_others_stay(
    as_user: AsUser, davide: User, application: Application, made: Sandbox
) -> None:
    beside = sandboxes.create(application.team, Wanted(name="Altra", number=7), Origin(davide))
    before, password = names(made.tenant), made.password
    doctor = sandbox_users.user(made, "doctor")
    assert doctor
    doctor.set_password("changed by somebody of the team")
    doctor.save()
    Membership.objects.filter(user=doctor).update(permissions="", active=False)
    Patient.objects.using("sandbox").filter(tenant_id=made.tenant.public_id).first().delete()  # type: ignore[union-attr]
    Patient.objects.using("sandbox").filter(tenant_id=beside.tenant.public_id).update(phone="kept")
    Agenda.objects.using("sandbox").create(tenant_id=made.tenant.public_id, name="Added")
    answer = as_user(davide).post(f"{page(made)}reset/", follow=True)
    assert "as it was at first" in parse(answer.content).get_text()
    assert names(made.tenant) == before
    assert not Agenda.objects.using("sandbox").filter(name="Added").exists()
    assert set(Patient.objects.using("sandbox").filter(tenant_id=beside.tenant.public_id).values_list("phone")) == {
        ("kept",)
    }
    member = Membership.objects.get(user=doctor)
    assert (member.active, bool(member.permissions)) == (True, True)
    assert Client().post("/account/login/", {"login": doctor.email, "password": password}).status_code == 303


def test_removed_it_is_gone_with_its_data_and_its_users(as_user: AsUser, davide: User, made: Sandbox) -> None:
    tenant, password = made.tenant, made.password
    doctor = sandbox_users.user(made, "doctor")
    assert doctor
    removed = as_user(davide).post(f"{page(made)}remove/", follow=True)
    assert removed.redirect_chain == [(ROOT, 303)]
    assert not Sandbox.objects.exists()
    tenant.refresh_from_db()
    assert tenant.state == "closed"
    assert names(tenant) == []
    answer = Client().post("/account/login/", {"login": doctor.email, "password": password})
    assert answer["Location"] == "/account/inactive/"


def test_a_team_has_five_at_most_and_what_is_typed_stays(as_user: AsUser, davide: User, made: Sandbox) -> None:
    for number in range(1, MAX_SANDBOXES):
        sandboxes.create(made.team, Wanted(name=f"N {number}", seed="empty"), Origin(davide))
    browser = as_user(davide)
    form = {"name": "Sesta", "team": team_of(made).public_id, "seed": "empty"}
    answer = browser.post(f"{ROOT}new/", form)
    assert answer.status_code == 409
    assert Sandbox.objects.count() == MAX_SANDBOXES
    for wrong in ({"name": "x"}, {"seed": "huge"}, {"number": "-1"}, {"number": "9" * 30}, {"number": "many"}):
        spoiled = browser.post(f"{ROOT}new/", form | wrong)
        assert spoiled.status_code == 422, wrong


def test_whoever_only_looks_on_changes_nothing_and_other_teams_see_nothing(
    as_user: AsUser, dora: User, made: Sandbox
) -> None:
    stranger = as_user(dora)
    acts = [f"{page(made)}{act}/" for act in ("reset", "remove", "users/doctor/enter")]
    assert [stranger.get(page(made)).status_code, *[stranger.post(act).status_code for act in acts]] == [404] * 4
    assert made.tenant.name not in stranger.get(ROOT).content.decode()
    assert (
        stranger.post(f"{ROOT}new/", {"name": "Mia", "team": team_of(made).public_id, "seed": "empty"}).status_code
        == 303
    )
    assert Sandbox.objects.exclude(pk=made.pk).get().team != made.team
    TeamMember.objects.create(team=team_of(made), user=dora, role="viewer")
    seen = stranger.get(page(made))
    assert (seen.status_code, made.password in seen.content.decode()) == (200, False)
    assert [stranger.post(act).status_code for act in acts] == [404] * 3
    with pytest.raises(Denied):
        sandboxes.reset(made, Origin(dora), language="en")


def test_an_application_locked_to_sandboxes_works_in_those_of_its_team(made: Sandbox, dora: User) -> None:
    locked = people.application(dora, sandboxes_only=True).application
    assert made.tenant not in access.sandboxes(locked)
    locked.team = made.team
    locked.save()
    assert {made.tenant, made.neighbour} <= set(access.sandboxes(locked))


def test_nobody_uses_it_for_ninety_days(frozen: FrozenClock, made: Sandbox, davide: User) -> None:
    def warned() -> int:
        return Message.objects.filter(to=davide.email, subject__contains="unless somebody uses it").count()

    frozen.advance((UNUSED_DAYS - WARN_DAYS) * DAY - 1)
    assert sandboxes.run() == 0
    frozen.advance(2)
    assert (sandboxes.run(), sandboxes.run(), warned()) == (1, 0, 1)
    frozen.advance(5 * DAY)
    sandboxes.reset(made, Origin(davide), language="en")  # that is a use
    frozen.advance(WARN_DAYS * DAY)
    assert (sandboxes.run(), Sandbox.objects.count()) == (0, 1)
    frozen.advance((UNUSED_DAYS - WARN_DAYS) * DAY)
    sandboxes.run()
    assert warned() == 2
    frozen.advance(WARN_DAYS * DAY + 1)
    assert sandboxes.run() == 1
    assert not Sandbox.objects.exists()
    assert Message.objects.filter(to=davide.email, subject__contains="is removed").count() >= 1


def test_a_name_may_look_like_an_address(application: Application, davide: User) -> None:
    made = sandboxes.create(application.team, Wanted(name="www.prova.it", seed="empty"), Origin(davide))
    assert len(sandbox_users.users(made)) == 8


def test_whoever_was_let_in_or_calls_themselves_otherwise_is_out_when_it_is_made_anew(
    made: Sandbox, davide: User
) -> None:
    guest, doctor = people.person("Gina", "Ospite"), sandbox_users.user(made, "doctor")
    assert doctor
    Membership.objects.create(user=guest, tenant=made.tenant, role="doctor")
    User.objects.filter(pk=doctor.pk).update(email="mine@elsewhere.example")
    sandboxes.reset(made, Origin(davide), language="en")
    assert not Membership.objects.filter(user__in=[guest, doctor]).exists()
    again = sandbox_users.user(made, "doctor")
    assert again
    assert Membership.objects.get(user=again).tenant == made.tenant


def test_a_password_that_no_key_opens_is_replaced_when_it_is_made_anew(
    as_user: AsUser, davide: User, made: Sandbox
) -> None:
    Sandbox.objects.update(sealed_password=b"of another key")
    browser = as_user(davide)
    assert "can no longer be read" in browser.get(page(made)).content.decode()
    assert browser.post(f"{page(made)}reset/", follow=True).status_code == 200
    made.refresh_from_db()
    assert made.password in browser.get(page(made)).content.decode()


def test_a_sandbox_goes_with_its_team(made: Sandbox) -> None:
    Sandbox.objects.update(team=None)
    assert (sandboxes.run(), Sandbox.objects.count()) == (1, 0)
    made.tenant.refresh_from_db()
    assert made.tenant.state == "closed"
