"""Every answer of a deprecated operation says so (RFC 9745, RFC 8594), and nobody else's does."""

from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import MakeGate, bearing, core_of, tokens, written
from tests.support import deprecations as declared
from tests.support.people import Registered
from varco.accounts.models import User
from varco.changes.models import DeprecatedUse
from varco.gate.store import StoreUnavailable

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.either_engine,
]

PATIENTS = "/v2/tenants/tenant-aurora/patients"
ENTRY = f"http://localhost:8000/docs/changes/#{declared.CHANGE}"
SINCE = "@1796083200"  # midnight of 1 December 2026, UTC
NAMES = ("Deprecation", "Sunset", "Link")


@pytest.fixture
def gate(make_gate: MakeGate, tmp_path: Path) -> TestClient:
    return make_gate(
        catalog=declared.catalogue(tmp_path, declared.LIST_PATIENTS, declared.USERINFO, declared.ADD_PATIENT)
    )


@pytest.fixture
def token(gate: TestClient, dario: User, app: Registered) -> dict[str, str]:
    return bearing(tokens(gate, dario, app)["access_token"])


def told(answer: Any) -> dict[str, str]:
    return {name: answer.headers[name] for name in NAMES if name in answer.headers}


def all_of_it(answer: Any) -> bool:
    return told(answer) == {
        "Deprecation": SINCE,
        "Sunset": "Wed, 01 Dec 2027 00:00:00 GMT",
        "Link": f'<{ENTRY}>; rel="deprecation"; type="text/html", <{ENTRY}>; rel="sunset"; type="text/html"',
    }


def test_answers_of_success_and_refusal_say_it(gate: TestClient, token: dict[str, str]) -> None:
    for path in (PATIENTS, "/v2/userinfo"):
        answer = gate.get(path, headers=token)
        assert answer.status_code == 200
        assert all_of_it(answer)
        assert all_of_it(gate.head(path, headers=token))
    assert parsedate_to_datetime(answer.headers["Sunset"]).isoformat() == "2027-12-01T00:00:00+00:00"
    for refused, status in (
        (gate.get(PATIENTS), 401),
        (gate.get("/v2/tenants/tenant-levante/patients", headers=token), 404),
        (gate.get(PATIENTS, params={"nonsense": 1}, headers=token), 400),
        (gate.post(PATIENTS, json={}, headers=token), 422),
    ):
        assert refused.status_code == status
        assert all_of_it(refused)


def test_so_do_answers_of_failure(gate: TestClient, token: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = core_of(gate).stores.clinics["clinic"]
    for fault, status in ((StoreUnavailable("away"), 503), (ZeroDivisionError(), 500)):

        async def failing(*_arguments: Any, fault: Exception = fault) -> Any:
            raise fault

        with monkeypatch.context() as broken:
            broken.setattr(clinic, "all", failing)
            answer = gate.get(PATIENTS, headers=token)
        assert answer.status_code == status
        assert all_of_it(answer)


def test_other_operations_of_the_same_address_and_others_say_nothing(gate: TestClient, token: dict[str, str]) -> None:
    for answer in (
        gate.options(PATIENTS),
        gate.put(PATIENTS, json={}),
        gate.get(f"{PATIENTS}/3", headers=token),
        gate.get("/v2/tenants/tenant-aurora/agendas", headers=token),
        gate.get("/oauth2/userinfo", headers=token),
    ):
        assert told(answer) == {}


def test_scripts_in_browsers_may_read_it(gate: TestClient) -> None:
    exposed = gate.get("/v2/openapi.json").headers["access-control-expose-headers"].split(", ")
    assert {"deprecation", "sunset", "link"} <= {*exposed}


def test_without_a_day_of_its_end_there_is_no_sunset(make_gate: MakeGate, tmp_path: Path) -> None:
    gate = make_gate(catalog=declared.catalogue(tmp_path, declared.USERINFO, sunset=""))
    assert told(gate.get("/v2/userinfo")) == {
        "Deprecation": SINCE,
        "Link": f'<{ENTRY}>; rel="deprecation"; type="text/html"',
    }


@pytest.mark.parametrize("path", ["/v2/openapi.json", "/swagger/docs/v2"])
def test_both_documents_mark_it(gate: TestClient, path: str) -> None:
    paths = gate.get(path).json()["paths"]
    marked = {
        f"{method.upper()} {address}": operation
        for address, methods in paths.items()
        for method, operation in methods.items()
        if "deprecated" in operation
    }
    assert {*marked} == {declared.LIST_PATIENTS, declared.USERINFO, declared.ADD_PATIENT}
    for operation in marked.values():
        assert operation["deprecated"] is True
        assert operation["description"].endswith(
            f"Deprecated since 2026-12-01. It may cease to answer on 2027-12-01. What to do: {ENTRY}"
        )
        assert all({*NAMES} <= {*response["headers"]} for response in operation["responses"].values())
    assert "`patients.read`" in marked[declared.LIST_PATIENTS]["description"]
    untouched = paths["/v2/tenants/{tenantId}/agendas"]["get"]["responses"]["200"]["headers"]
    assert "Deprecation" not in untouched


def test_uses_that_leave_no_record_are_noted_once_an_hour(
    gate: TestClient, token: dict[str, str], app: Registered, frozen: FrozenClock
) -> None:
    first = frozen.seconds
    for path in ("/v2/userinfo", "/v2/userinfo", PATIENTS):
        assert gate.get(path, headers=token).status_code == 200
    assert gate.get("/v2/userinfo").status_code == 401
    written(gate)
    (use,) = DeprecatedUse.objects.all()
    assert (use.application_id, use.operation) == (app.application.pk, declared.USERINFO)
    assert use.last_used_at == first
    for seconds, at in ((500, first), (3100, first + 3600)):
        frozen.advance(seconds)
        now = core_of(gate).now_ms() // 1000
        core_of(gate).deprecated_uses.note(app.application.pk, declared.USERINFO, now)
        written(gate)
        use.refresh_from_db()
        assert use.last_used_at == at
