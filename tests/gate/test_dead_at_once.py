"""What is revoked or switched off is dead on the next request at every endpoint, though the gate kept the client (S12, S16, S21)."""

from collections.abc import Callable

import pytest
from django.db import connections
from httpx import Response
from starlette.testclient import TestClient

from tests.gate.conftest import DEVICE_CODE, MakeGate, bearing, grant, redeem, refresh, tokens
from tests.gate.test_device import approve
from tests.support import people
from tests.support.authorization_pages import parameters
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants import services
from varco.grants.consent_request import ConsentDecision
from varco.grants.models import DeviceRequest, Grant, PushedRequest
from varco.grants.parties import Parties
from varco.people import accounts, clinics, closing, members
from varco.registry.models import Application
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

END: dict[str, Callable[[Registered], object]] = {
    "its secret is revoked": lambda app: app.application.secrets.update(revoked_at=1),
    "it is suspended": lambda app: Application.objects.update(state="suspended"),
    "it is retired": lambda app: Application.objects.update(state="retired"),
}
ACTS = [
    "device authorization",
    "pushed request",
    "poll",
    "exchange",
    "refresh",
    "introspection",
    "introspection of garbage",
    "revocation",
    "revocation of garbage",
]


def prepared(gate: TestClient, app: Registered, user: User) -> dict[str, Callable[[], Response]]:
    """Every act of an application, each of which would succeed now; the gate has seen the application."""
    auth = (app.client_id, app.secret)
    got, (_, code) = tokens(gate, user, app), grant(user, app)
    device = gate.post("/oauth2/device_authorization", data={"scope": "openid"}, auth=auth).json()["device_code"]

    def post(path: str, **form: str) -> Callable[[], Response]:
        return lambda: gate.post(path, data=form, auth=auth)

    return {
        "device authorization": post("/oauth2/device_authorization", scope="openid"),
        "pushed request": post("/oauth2/par", **parameters(app)),
        "poll": post("/oauth2/token", grant_type=DEVICE_CODE, device_code=device),
        "exchange": lambda: redeem(gate, app, code),
        "refresh": lambda: refresh(gate, app, got["refresh_token"]),
        "introspection": post("/oauth2/introspect", token=got["access_token"]),
        "introspection of garbage": post("/oauth2/introspect", token="garbage"),
        "revocation": post("/oauth2/revoke", token=got["access_token"]),
        "revocation of garbage": post("/oauth2/revoke", token="garbage"),
    }


@pytest.mark.parametrize("end", END)
@pytest.mark.parametrize("act", ACTS)
def test_an_application_does_nothing_more_anywhere(
    gate: TestClient, everything: Registered, dario: User, act: str, end: str
) -> None:
    acts = prepared(gate, everything, dario)
    assert list(acts) == ACTS
    END[end](everything)
    Application.objects.update(version=2)
    before = [list(model.objects.order_by("pk").values()) for model in (DeviceRequest, PushedRequest, Grant)]
    answer = acts[act]()
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert [list(model.objects.order_by("pk").values()) for model in (DeviceRequest, PushedRequest, Grant)] == before


def here(user: User) -> Tenant:
    return Membership.objects.get(user=user).tenant


PEOPLE: dict[str, Callable[[User], object]] = {
    "account": lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
    "membership": lambda user: Membership.objects.filter(user=user).update(active=False),
    "membership's date": lambda user: Membership.objects.filter(user=user).update(expires_at=1),
    "membership moved": lambda user: Membership.objects.filter(user=user).update(tenant=people.tenant("Levante")),
    "deactivated": lambda user: accounts.deactivate(user, Origin()),
    "closed": lambda user: closing.close(user, Origin(user)),
    "taken out of the clinic": lambda user: clinics.remove_member(user, Origin()),
    "switched off by the manager": lambda user: members.deactivate(
        here(user), user, Origin(people.marta()), reason="x"
    ),
    "tenant": lambda user: Tenant.objects.update(state="suspended"),
    "tenant suspended": lambda user: clinics.suspend(here(user), Origin(), reason="x"),
    "tenant closed": lambda user: clinics.close(here(user), Origin(), reason="x"),
}
ENDED_BY_A_SERVICE = {
    "closed",
    "deactivated",
    "taken out of the clinic",
    "switched off by the manager",
    "tenant closed",
}


@pytest.mark.parametrize("end", PEOPLE)
def test_a_person_s_access_is_dead_in_every_form(
    gate: TestClient, everything: Registered, dario: User, end: str
) -> None:
    auth = (everything.client_id, everything.secret)
    got, (_, code) = tokens(gate, dario, everything), grant(dario, everything)
    device = gate.post("/oauth2/device_authorization", data={"scope": "openid"}, auth=auth).json()
    approve(dario, device["user_code"], "openid")
    PEOPLE[end](dario)
    poll = {"grant_type": DEVICE_CODE, "device_code": device["device_code"]}
    # What a service ended, the device's grant included, was taken back after it was approved.
    polled = "access_denied" if end in ENDED_BY_A_SERVICE else "invalid_grant"
    assert gate.post("/oauth2/token", data=poll, auth=auth).json()["error"] == polled
    assert redeem(gate, everything, code).json()["error"] == "invalid_grant"
    assert refresh(gate, everything, got["refresh_token"]).json()["error"] == "invalid_grant"
    for token in (got["access_token"], got["refresh_token"]):
        assert gate.post("/oauth2/introspect", data={"token": token}, auth=auth).json() == {"active": False}
    for path in ("/v2/userinfo", "/oauth2/userinfo", "/v2/tenants/tenant-aurora/patients"):
        assert gate.get(path, headers=bearing(got["access_token"])).status_code == 401, path


def test_two_gates_agree_on_what_was_decided_a_moment_ago(make_gate: MakeGate, app: Registered, dario: User) -> None:
    one, other = make_gate(), make_gate()
    got = tokens(one, dario, app)
    scopes = [people.scope(name) for name in ("openid", "offline_access")]
    for gate in (one, other):
        assert gate.get("/v2/tenants/tenant-aurora/patients", headers=bearing(got["access_token"])).status_code == 200
    type(app.revision).objects.update(scopes=scopes)
    Application.objects.update(version=2)
    for gate in (one, other):
        called = gate.get("/v2/tenants/tenant-aurora/patients", headers=bearing(got["access_token"]))
        assert (called.status_code, called.json()["layer"]) == (403, "application")
    assert refresh(other, app, got["refresh_token"]).json()["scope"] == "openid offline_access"


def test_what_a_manager_gives_and_takes_holds_for_the_next_request(
    gate: TestClient, app: Registered, dario: User
) -> None:
    marta, tenant = Origin(people.marta()), here(dario)
    token = bearing(tokens(gate, dario, app)["access_token"])

    def reads() -> tuple[int, str]:
        answer = gate.get("/v2/tenants/tenant-aurora/patients", headers=token)
        return answer.status_code, answer.json().get("layer", "")

    assert reads() == (200, "")
    members.change(tenant, dario, marta, role="doctor", permissions=["agenda.read"])
    assert reads() == (403, "permission")
    members.change(tenant, dario, marta, role="doctor", permissions=["patients.read"])
    assert reads() == (200, "")
    members.change(tenant, dario, marta, role="dpo", permissions=[])
    assert reads() == (403, "permission"), "whoever watches over the data sees none"


def test_who_manages_a_clinic_reads_nothing_before_it_was_given(gate: TestClient, app: Registered) -> None:
    marta, tenant = people.marta(), people.tenant("Aurora")
    token = bearing(tokens(gate, marta, app)["access_token"])
    refused = gate.get("/v2/tenants/tenant-aurora/patients", headers=token)
    assert (refused.status_code, refused.json()["layer"]) == (403, "permission")
    members.change(tenant, marta, Origin(marta), role="manager", permissions=["patients.read"], reason="Holidays.")
    assert gate.get("/v2/tenants/tenant-aurora/patients", headers=token).status_code == 200


SCOPES = ("openid", "offline_access", "giponext.patients")
RACERS = 30


def consented(user: User, app: Registered) -> None:
    answer = ConsentDecision(SCOPES, (), frozenset({"tenant"}))
    services.give_consent(Parties(user, user.membership.tenant, app.application), answer, Origin(user))


def against(act: Callable[[int], Response], taking_back: Callable[[], object]) -> list[Response]:
    """What many requests are answered while the person takes something back."""

    def run(number: int) -> Response | None:
        if number < RACERS:
            return act(number)
        try:
            taking_back()
        finally:
            connections.close_all()
        return None

    return [answer for answer in race(run, RACERS + 1) if answer is not None]


def test_a_permission_withdrawn_while_codes_are_redeemed_is_in_no_token(
    gate: TestClient, app: Registered, dario: User
) -> None:
    consented(dario, app)
    codes = [grant(dario, app, " ".join(SCOPES))[1] for _ in range(RACERS)]
    answers = against(
        lambda number: redeem(gate, app, codes[number]),
        lambda: services.withdraw_scopes(dario, app.application, ["offline_access"], Origin(dario)),
    )
    assert {answer.status_code for answer in answers} == {200}
    assert set(Grant.objects.values_list("scopes", "rid")) == {("openid giponext.patients", None)}
    for answer in answers:
        if "refresh_token" in answer.json():  # it came before the withdrawal
            assert refresh(gate, app, answer.json()["refresh_token"]).json()["error"] == "invalid_grant"


def test_nothing_survives_a_withdrawal_among_codes_and_refreshes(
    gate: TestClient, app: Registered, dario: User
) -> None:
    consented(dario, app)
    held = [tokens(gate, dario, app)["refresh_token"] for _ in range(RACERS // 2)]
    codes = [grant(dario, app)[1] for _ in range(RACERS - len(held))]

    def act(number: int) -> Response:
        if number < len(held):
            return refresh(gate, app, held[number])
        return redeem(gate, app, codes[number - len(held)])

    answers = against(act, lambda: services.withdraw(dario, app.application, Origin(dario)))
    assert {answer.status_code for answer in answers} <= {200, 400}
    assert set(Grant.objects.values_list("state", flat=True)) == {"ended"}
    for answer in answers:
        if answer.status_code == 200:
            assert gate.get("/v2/userinfo", headers=bearing(answer.json()["access_token"])).status_code == 401
            assert refresh(gate, app, answer.json()["refresh_token"]).json()["error"] == "invalid_grant"
