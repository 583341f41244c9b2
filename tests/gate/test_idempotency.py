"""`Idempotency-Key`: a call that is sent again gets the answer it got, and changes nothing (S54)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import MakeGate, bearing, tokens, written
from tests.support import people
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.clinical.models import AccessRecord, IdempotencyKey, Patient
from varco.ops.maintenance import sweep

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

AURORA = "/v2/tenants/tenant-aurora/patients"
ANNA = {"firstName": "Anna", "lastName": "Neri", "fiscalCode": "NRENNA85M41H501P"}


@pytest.fixture
def token(gate: TestClient, dario: User, app: Registered) -> str:
    found: str = tokens(gate, dario, app)["access_token"]
    return found


def add(gate: TestClient, token: str, key: str, body: Any = ANNA) -> Response:
    return gate.post(AURORA, json=body, headers=bearing(token) | {"Idempotency-Key": key})


def count() -> int:
    return Patient.objects.using("clinic").count()


def test_the_same_call_again_gets_the_same_answer_and_adds_nothing(gate: TestClient, token: str) -> None:
    first = add(gate, token, "k1")
    again = gate.post(
        AURORA,
        content=b'{ "lastName":"Neri",\n "fiscalCode": "NRENNA85M41H501P", "firstName":"Anna"}',
        headers=bearing(token) | {"Idempotency-Key": "k1", "Content-Type": "application/json"},
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("location", "etag", "content-type", "cache-control"):
        assert again.headers[name] == first.headers[name]
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert count() == 1
    written(gate)
    records = AccessRecord.objects.using("clinic").filter(operation="patient.added").order_by("pk")
    patient, ids = str(first.json()["id"]), [each.headers["x-request-id"] for each in (first, again)]
    assert list(records.values_list("patients", "outcome", "detail", "request_id")) == [
        (patient, "ok", "", ids[0]),
        (patient, "ok", '{"replayed":true}', ids[1]),  # she was shown once more
    ]


def test_the_answer_stays_the_one_that_was_given(gate: TestClient, token: str) -> None:
    made = add(gate, token, "k1").json()
    gate.patch(f"{AURORA}/{made['id']}", json={"phone": "1"}, headers=bearing(token) | {"If-Match": '"1"'})
    assert add(gate, token, "k1").json() == made


def test_a_key_is_not_used_for_anything_else(gate: TestClient, token: str) -> None:
    add(gate, token, "k1")
    other = add(gate, token, "k1", ANNA | {"firstName": "Bea"})
    assert (other.status_code, other.json()["error"]) == (422, "idempotency_key_reused")
    assert count() == 1


def test_a_call_that_failed_is_tried_anew(gate: TestClient, token: str) -> None:
    assert add(gate, token, "k1", {"firstName": "Anna"}).status_code == 422
    assert add(gate, token, "k1").status_code == 201
    assert add(gate, token, "k2").status_code == 409
    assert add(gate, token, "k2", {"firstName": "Bea", "lastName": "Neri"}).status_code == 201
    assert IdempotencyKey.objects.using("clinic").count() == 2


def test_a_key_belongs_to_the_application_and_the_person(
    gate: TestClient, token: str, dario: User, app: Registered
) -> None:
    body = {"firstName": "Anna", "lastName": "Neri"}
    add(gate, token, "k1", body)
    silvia = tokens(gate, people.silvia(), app)["access_token"]
    other = people.application(app.application.owner, name="Another")
    elsewhere = tokens(gate, dario, other)["access_token"]
    for another in (silvia, elsewhere):
        answer = add(gate, another, "k1", body)
        assert (answer.status_code, answer.headers.get("idempotency-replayed")) == (201, None)
    assert count() == 3


def test_who_may_not_write_any_more_is_not_told_an_old_answer(gate: TestClient, token: str, dario: User) -> None:
    add(gate, token, "k1")
    dario.membership.permissions = "patients.read"
    dario.membership.save()
    assert add(gate, token, "k1").status_code == 403


def test_after_a_day_the_key_is_new_and_its_row_is_swept(
    gate: TestClient, token: str, frozen: FrozenClock, dario: User, app: Registered
) -> None:
    body = {"firstName": "Anna", "lastName": "Neri"}
    add(gate, token, "k1", body)
    add(gate, token, "k2", body)
    frozen.advance(24 * 3600 - 1)
    token = tokens(gate, dario, app)["access_token"]
    assert add(gate, token, "k1", body).headers["idempotency-replayed"] == "true"
    frozen.advance(1)
    token = tokens(gate, dario, app)["access_token"]
    assert "idempotency-replayed" not in add(gate, token, "k1", body).headers
    assert count() == 3
    assert sweep()["idempotency keys of clinic"] == 0
    frozen.advance(1)
    assert sweep()["idempotency keys of clinic"] == 1  # k2's; k1 has begun anew


@pytest.mark.parametrize("key", ["", "a key", "k" * 256, "ü"])
def test_a_key_is_visible_ascii_and_not_endless(gate: TestClient, token: str, key: str) -> None:
    answer = gate.post(
        AURORA,
        json=ANNA,
        headers=[
            (name.encode(), value.encode()) for name, value in (bearing(token) | {"Idempotency-Key": key}).items()
        ],
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert count() == 0


def racing(acts: list[Callable[[], Response]]) -> list[Response]:
    """Run them all at the same moment."""
    return race(lambda at: acts[at](), len(acts))


def test_twins_at_the_same_moment_make_one_patient_and_hear_the_same(
    make_gate: MakeGate, dario: User, app: Registered
) -> None:
    gates = [make_gate(), make_gate()]
    token = tokens(gates[0], dario, app)["access_token"]
    body = {"firstName": "Anna", "lastName": "Neri"}
    for number in range(5):
        answers = racing([partial(add, gates[at % 2], token, f"k{number}", body) for at in range(8)])
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert count() == number + 1
    for gate in gates:
        written(gate)
    assert AccessRecord.objects.using("clinic").filter(operation="patient.added", detail="").count() == 5


def test_twins_with_a_fiscal_code_hear_the_same_as_well(make_gate: MakeGate, dario: User, app: Registered) -> None:
    gates = [make_gate(), make_gate()]
    token = tokens(gates[0], dario, app)["access_token"]
    answers = racing([partial(add, gates[at % 2], token, "k1") for at in range(8)])
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert count() == 1


def test_of_changes_at_the_same_moment_one_wins_and_the_others_hear_409(
    make_gate: MakeGate, dario: User, app: Registered
) -> None:
    gates = [make_gate(), make_gate()]
    token = tokens(gates[0], dario, app)["access_token"]
    made = add(gates[0], token, "k1").json()
    for version in range(1, 6):
        headers = bearing(token) | {"If-Match": f'"{version}"'}
        path = f"{AURORA}/{made['id']}"
        answers = racing(
            [partial(gates[at % 2].patch, path, json={"phone": str(at)}, headers=headers) for at in range(8)]
        )
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert won["version"] == version + 1
        assert gates[0].get(path, headers=bearing(token)).json() == won
