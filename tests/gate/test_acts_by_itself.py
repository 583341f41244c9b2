"""An application that acts by itself: every record of what it did says so."""

import json

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import bearing, tokens
from tests.support import people
from varco.accounts.models import User
from varco.audit.models import Event
from varco.clinical.models import AccessRecord, Patient

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])
AURORA = "/v2/tenants/tenant-aurora/patients"


@pytest.mark.parametrize("acts", [True, False])
def test_each_access_record_and_the_grant_say_that_nobody_watches(gate: TestClient, dario: User, *, acts: bool) -> None:
    agent = people.application(
        people.person("Delia", "Developer", developer_since=1), name="Agente", acts_by_itself=acts
    )
    patient = Patient.objects.using("clinic").create(
        tenant_id="tenant-aurora", first_name="Mario", last_name="Rossi", search_name="rossi mario"
    )
    token = tokens(gate, dario, agent)["access_token"]
    for address in (AURORA, f"{AURORA}/{patient.pk}", f"{AURORA}/999"):
        gate.get(address, headers=bearing(token))
    records = AccessRecord.objects.using("clinic").order_by("id")
    said = [(record.patients, json.loads(record.detail or "{}")) for record in records]
    mark = {"by_itself": True} if acts else {}
    assert said == [(str(patient.pk), mark), (str(patient.pk), mark), ("", mark | {"asked": {"patientId": "999"}})]
    assert Event.objects.get(tag="grant.issued").detail.get("by_itself") is (True if acts else None)
