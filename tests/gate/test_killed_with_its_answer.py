"""kill -9 in the instant of the answer, a hundred times: what was told is recorded, on either engine (S41)."""

import os
import subprocess
import sys

import pytest

from tests.conftest import MASTER_KEY, FrozenClock
from tests.gate.conftest import MakeGate, tokens
from tests.support.people import Registered
from varco.accounts.models import User
from varco.clinical.models import AccessRecord, Patient
from varco.proof import upkeep
from varco.proof.verification import verify

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

ROUNDS = 100


def test_the_record_of_every_answer_outlives_the_process(
    make_gate: MakeGate, database_urls: dict[str, str], frozen: FrozenClock, dario: User, app: Registered
) -> None:
    patient = Patient.objects.using("clinic").create(
        tenant_id="tenant-aurora", first_name="Anna", last_name="Neri", search_name="neri anna"
    )
    token = tokens(make_gate(), dario, app)["access_token"]
    settings = {
        "VARCO_ISSUER": "http://localhost:8000",
        "VARCO_API_URL": "https://api.example",
        "VARCO_MASTER_KEYS": MASTER_KEY,
        "VARCO_DATABASE_POOLING": "session",  # nobody has to find out a hundred times
        "DYING_AT_MS": str(frozen.milliseconds),
    } | {f"VARCO_{alias.upper()}_DATABASE": url for alias, url in database_urls.items()}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VARCO_")}
    died = subprocess.run(
        [sys.executable, "-m", "tests.support.dying_gate"],
        env=inherited | settings,
        input=f"/v2/tenants/tenant-aurora/patients/{patient.pk} {token}\n" * ROUNDS,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (died.returncode, died.stdout.split()) == (0, ["200"] * ROUNDS), died.stderr[-2000:]
    records = AccessRecord.objects.using("clinic").filter(operation="patient.read", patients=str(patient.pk))
    assert records.count() == ROUNDS
    upkeep.link_rows()
    assert [verdict.fault for verdict in verify()] == [None, None]
