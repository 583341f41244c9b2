"""The gate's part of the first journey, in one go."""

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing, refresh, tokens
from tests.support.people import Registered
from varco.accounts.models import User
from varco.clinical.models import Patient
from varco.clinical.names import search_name
from varco.grants.models import Grant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def test_a_doctor_s_application_works_until_access_is_withdrawn(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    tenant = dario.membership.tenant.public_id
    Patient.objects.using("clinic").create(
        tenant_id=tenant, first_name="Mario", last_name="Rossi", search_name=search_name("Rossi", "Mario")
    )
    got = tokens(gate, dario, app)
    assert got["token_type"] == "Bearer"
    assert got["scope"] == "openid profile email offline_access giponext.patients"

    who = gate.get("/v2/userinfo", headers=bearing(got["access_token"]))
    assert who.json() == {
        "sub": dario.public_id,
        "name": "Dario Aurora",
        "tenants": [{"id": tenant, "name": "Clinic Aurora"}],
    }
    patients = gate.get(f"/v2/tenants/{tenant}/patients", headers=bearing(got["access_token"]))
    assert [patient["lastName"] for patient in patients.json()["items"]] == ["Rossi"]
    assert gate.get("/v2/tenants/tenant-levante/patients", headers=bearing(got["access_token"])).status_code == 404
    agendas = gate.get(f"/v2/tenants/{tenant}/agendas", headers=bearing(got["access_token"]))
    assert (agendas.status_code, agendas.json()["layer"]) == (403, "scope")

    second = refresh(gate, app, got["refresh_token"]).json()
    again = refresh(gate, app, got["refresh_token"]).json()
    assert second["refresh_token"] == again["refresh_token"] != got["refresh_token"]
    third = refresh(gate, app, second["refresh_token"]).json()
    assert gate.get("/v2/userinfo", headers=bearing(third["access_token"])).status_code == 200

    Grant.objects.update(state="ended", end_reason="withdrawn")
    assert gate.get("/v2/userinfo", headers=bearing(third["access_token"])).status_code == 401
