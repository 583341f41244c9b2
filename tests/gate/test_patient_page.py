"""The examples of the page on patients are carried out, one after the other, by a program that reads the page."""

import json
import re
import shlex

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import tokens
from tests.gate.test_patients import patient
from tests.support import source
from tests.support.people import Registered
from varco.accounts.models import User
from varco.clinical.models import Patient, PatientConsent
from varco.tenants.models import Membership

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def test_every_example_succeeds(gate: TestClient, dario: User, app: Registered) -> None:
    Membership.objects.filter(user=dario).update(permissions="patients.read patients.write patients.merge")
    token = tokens(gate, dario, app)["access_token"]
    page = source.read("docs/api/patients.md")
    calls = [
        line
        for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
        for line in re.sub(r"\\\n\s*", " ", block).split("\ncurl ")
    ]
    assert len(calls) > 7
    for call in calls:
        method, address, headers, body = read(call.replace("$API", "").replace("$TOKEN", token))
        one, other = patient("Rossi", "Anna"), patient("Rossi", "Anna")
        made = PatientConsent.objects.using("clinic").create(
            tenant_id="tenant-aurora", patient_id=one.pk, kind="privacy", given_on="2026-01-01", recorded_at=0
        )
        address = address.replace("/123", f"/{one.pk}").replace("/consents/9/", f"/consents/{made.pk}/")
        if body is not None:
            body = json.loads(body.replace("456", str(other.pk)))
        answer = gate.request(method, address, headers=headers, json=body)
        assert answer.status_code in {200, 201}, f"{call}\n{answer.text}"
        Patient.objects.using("clinic").all().delete()


def read(call: str) -> tuple[str, str, dict[str, str], str | None]:
    """Method, address, headers and body of a line of curl."""
    words = shlex.split(call.strip().removeprefix("curl "))
    method, address, headers, body = "GET", "", {}, None
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0)
        else:
            address = word
    return method, address, headers, body
