"""Agendas over the API."""

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import bearing, tokens
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.clinical.models import Agenda

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

AURORA = "/v2/tenants/tenant-aurora/agendas"


@pytest.fixture
def _agendas(transactional_db: None) -> None:
    for tenant, name in (("tenant-aurora", "Sala 2"), ("tenant-aurora", "Sala 1"), ("tenant-levante", "Altrove")):
        Agenda.objects.using("clinic").create(tenant_id=tenant, name=name, doctor_name="Dario Aurora", color="#336699")


@pytest.mark.usefixtures("_agendas")
def test_a_clinic_s_agendas_in_the_order_of_their_names(gate: TestClient, dario: User, app: Registered) -> None:
    token = tokens(gate, dario, app, "giponext.agenda")["access_token"]
    page = gate.get(AURORA, params={"limit": 1}, headers=bearing(token)).json()
    first = Agenda.objects.using("clinic").get(name="Sala 1")
    said = {"id": first.pk, "name": "Sala 1", "doctorName": "Dario Aurora", "color": "#336699", "active": True}
    rules = {
        "kind": "doctor",
        "stepMinutes": 15,
        "bufferMinutes": 0,
        "leadMinutes": 0,
        "horizonDays": 365,
        "dailyCap": 0,
    }
    assert page["items"] == [said | rules]
    assert page["hasMore"] is True
    second = gate.get(AURORA, params={"limit": 1, "after": page["next"]}, headers=bearing(token)).json()
    assert ([item["name"] for item in second["items"]], second["offset"], second["hasMore"]) == (["Sala 2"], 1, False)
    assert gate.get(AURORA, params={"limit": 1, "offset": 1}, headers=bearing(token)).json()["hasMore"] is False


@pytest.mark.usefixtures("_agendas")
def test_the_other_clinic_s_are_not_found(gate: TestClient, app: Registered) -> None:
    token = tokens(gate, people.lia(), app, "giponext.agenda")["access_token"]
    assert gate.get(AURORA, headers=bearing(token)).status_code == 404
    seen = gate.get("/v2/tenants/tenant-levante/agendas", headers=bearing(token)).json()["items"]
    assert [item["name"] for item in seen] == ["Altrove"]


def test_they_need_their_own_scope_and_permission(gate: TestClient, dario: User, app: Registered) -> None:
    told = gate.get(AURORA, headers=bearing(tokens(gate, dario, app)["access_token"])).json()
    assert (told["layer"], told["required"]) == ("scope", "giponext.agenda")
    carla = people.member("Carla", "Aurora", "accountant")
    told = gate.get(AURORA, headers=bearing(tokens(gate, carla, app, "giponext.agenda")["access_token"])).json()
    assert (told["layer"], told["required"]) == ("permission", "agenda.read")
