"""How long the API's answers took is tallied for the application that got them, and for nobody else's page."""

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing, core_of, on_its_loop, tokens, written
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.gate.store import StoreUnavailable
from varco.usage import queries, services
from varco.usage.models import AnswerTime

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

PATIENTS = "/v2/tenants/tenant-aurora/patients"
LIST, ADD = "GET /v2/tenants/{tenantId}/patients", "POST /v2/tenants/{tenantId}/patients"


def told(app: Registered) -> dict[str, int]:
    return {times.operation: times.number for times in queries.usage(app.application.pk).times}


def test_answers_are_tallied_by_operation_and_refusals_are_not(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    bearer = bearing(tokens(gate, dario, app)["access_token"])
    other = people.application(app.application.owner, name="Another")
    for _ in range(3):
        assert gate.get(PATIENTS, headers=bearer).status_code == 200
    assert gate.post(PATIENTS, headers=bearer, json={"firstName": "Ugo", "lastName": "Uno"}).status_code == 201
    assert gate.get("/v2/userinfo", headers=bearer).status_code == 200
    for refused in (PATIENTS + "?limit=x", "/v2/tenants/tenant-levante/patients", PATIENTS + "/999999"):
        assert gate.get(refused, headers=bearer).status_code in {400, 404}
    assert gate.get(PATIENTS, headers=bearing("vat.nothing")).status_code == 401
    written(gate)
    assert told(app) == {LIST: 3, ADD: 1, "GET /v2/userinfo": 1}
    assert told(other) == {}
    times = queries.usage(app.application.pk).times[0]
    assert 0 < times.half <= times.most < 60_000
    frozen.advance(62 * 86400)
    assert services.sweep() >= 3
    assert not AnswerTime.objects.exists()


def test_they_are_written_once_a_minute_and_wait_for_a_database_that_is_away(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = core_of(gate)
    times = core.answer_times

    async def away(*_arguments: object) -> None:
        raise StoreUnavailable("away")

    def write() -> None:
        on_its_loop(gate, lambda: times.flush(core.now_ms()))

    times.note(app.application.pk, LIST, 0.004)
    write()
    assert told(app) == {LIST: 1}
    times.note(app.application.pk, LIST, 0.004)
    write()
    assert told(app) == {LIST: 1}, "a minute is not over"
    frozen.advance(61)
    with monkeypatch.context() as broken:
        broken.setattr(core.platform, "write_many", away)
        with pytest.raises(StoreUnavailable):
            write()
    times.note(app.application.pk, LIST, 0.004)
    on_its_loop(gate, lambda: times.flush(core.now_ms(), last=True))
    assert told(app) == {LIST: 3}
