"""What an application does at the gate is counted from what the gate records anyway."""

from tests.conftest import FrozenClock
from tests.gate.conftest import TestClient, bearing, refresh, tokens, written
from tests.support.people import Registered
from varco.accounts.models import User
from varco.usage import queries, services


def test_tokens_refreshes_calls_and_refusals_are_counted(
    gate: TestClient, app: Registered, dario: User, frozen: FrozenClock
) -> None:
    services.count()
    frozen.advance(1)
    found = tokens(gate, dario, app)
    for _ in range(2):
        found = refresh(gate, app, found["refresh_token"]).json()
    tenant = dario.membership.tenant.public_id
    assert gate.get(f"/v2/tenants/{tenant}/patients", headers=bearing(found["access_token"])).status_code == 200
    assert gate.get(f"/v2/tenants/{tenant}/patients/1", headers=bearing(found["access_token"])).status_code == 404
    assert refresh(gate, app, "vrt.x").status_code == 400
    written(gate)
    frozen.advance(120)
    services.count()
    usage = queries.usage(app.application.pk)
    assert (usage.total.tokens, usage.total.calls, usage.total.errors) == (3, 1, 2)
    assert usage.operations == [("patients.listed", 1)]
    assert sorted(usage.addresses) == [("/oauth2/token", 1), ("/v2/tenants/{tenantId}/patients/{patientId}", 1)]
    assert usage.statuses == [(200, 4), (400, 1), (404, 1)]
