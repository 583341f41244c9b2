"""What patients are known by: any number of identifiers, or none, and what each may be (S47)."""

from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.gate.conftest import bearing, tokens
from tests.gate.test_patients import AURORA, identifier, names
from tests.support.people import Registered
from varco.accounts.models import User
from varco.clinical.models import Patient, PatientIdentifier

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

CODE, OMOCODIC = "RSSMRA80A01H501U", "RSSMRA80A01H50MM"
PROVISIONAL = "12345678903"
STP = {"kind": "stp", "value": "STP0301020000123", "issuer": "ASL Roma 1"}
MARIO = {"firstName": "Mario", "lastName": "Rossi"}


@pytest.fixture
def token(gate: TestClient, dario: User, app: Registered) -> str:
    found: str = tokens(gate, dario, app)["access_token"]
    return found


def add(gate: TestClient, token: str, **fields: Any) -> Response:
    return gate.post(AURORA, json=MARIO | fields, headers=bearing(token))


def change(gate: TestClient, token: str, patient: dict[str, Any], **fields: Any) -> Response:
    headers = bearing(token) | {"If-Match": f'"{patient["version"]}"'}
    return gate.patch(f"{AURORA}/{patient['id']}", json=fields, headers=headers)


def faults(answer: Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {fault["field"]: fault["code"] for fault in answer.json()["fields"]}


def test_a_foreigner_is_known_by_what_they_have_and_found_by_each(gate: TestClient, token: str) -> None:
    sent = [STP | {"validTo": "2026-12-31"}, {"kind": "passport", "value": " yb 12 34567 ", "issuer": "PE"}]
    made = add(gate, token, identifiers=sent).json()
    expected = [identifier(**STP, validTo="2026-12-31"), identifier("passport", "YB1234567", issuer="PE")]
    assert (made["identifiers"], made["fiscalCode"]) == (expected, "")
    assert gate.get(f"{AURORA}/{made['id']}", headers=bearing(token)).json() == made
    for value in ("STP0301020000123", "yb 1234567"):
        assert names(gate, token, identifier=value) == ["Rossi Mario"]
    assert change(gate, token, made, identifiers=None).json()["identifiers"] == []
    assert names(gate, token, identifier="YB1234567") == []
    assert not PatientIdentifier.objects.using("clinic").exists()


def test_the_fiscal_code_is_a_shorthand_for_the_one_in_use(gate: TestClient, token: str) -> None:
    made = add(gate, token, fiscalCode=PROVISIONAL).json()
    assert made["identifiers"] == [identifier("provisional", PROVISIONAL)]
    named = change(gate, token, made, fiscalCode=" rssmra80a01 h501u ").json()
    assert named["fiscalCode"] == CODE
    now, was = named["identifiers"]
    assert (now, was) == (
        identifier("fiscalCode", CODE),
        identifier("provisional", PROVISIONAL, current=False, validTo=was["validTo"]),
    )
    assert was["validTo"]
    for code in (CODE, PROVISIONAL):
        assert names(gate, token, fiscalCode=code) == ["Rossi Mario"]
    mended = change(gate, token, named, fiscalCode=OMOCODIC).json()
    assert mended["identifiers"] == [identifier("fiscalCode", OMOCODIC), was]
    assert names(gate, token, fiscalCode=CODE) == []
    phoned = change(gate, token, mended, phone="06 5550123").json()
    assert (phoned["identifiers"], phoned["phoneE164"]) == (mended["identifiers"], "+39065550123")
    assert change(gate, token, phoned, fiscalCode=None).json()["identifiers"] == [was]


def test_a_list_and_the_shorthand_agree_or_are_refused(gate: TestClient, token: str) -> None:
    listed = [{"kind": "fiscalCode", "value": CODE, "validFrom": "1980-02-01"}]
    assert faults(add(gate, token, fiscalCode=OMOCODIC, identifiers=listed)) == {"fiscalCode": "not_allowed"}
    made = add(gate, token, fiscalCode=CODE, identifiers=listed).json()
    assert made["identifiers"] == [identifier("fiscalCode", CODE, validFrom="1980-02-01")]
    assert add(gate, token, fiscalCode=OMOCODIC, identifiers=[STP]).json()["fiscalCode"] == OMOCODIC


def test_the_right_check_letter_is_named_in_both_languages(gate: TestClient, token: str) -> None:
    answer = add(gate, token, fiscalCode="RSSMRA80A01H501X")
    assert faults(answer) == {"fiscalCode": "wrong_check"}
    (fault,) = answer.json()["fields"]
    assert "must be U " in fault["message"]
    assert "dovrebbe essere U:" in fault["messageIt"]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"kind": "fiscalCode", "value": "RSSMRA80A41H501U"}, {"value": "wrong_check"}),
        ({"kind": "fiscalCode", "value": "RSSMRA80B30H501X"}, {"value": "out_of_range"}),
        ({"kind": "provisional", "value": "12345678901"}, {"value": "wrong_check"}),
        ({"kind": "stp", "value": "ENI0301020000123"}, {"value": "invalid_format", "issuer": "required"}),
        ({"kind": "passport", "value": " "}, {"value": "required"}),
        ({"kind": "other", "value": "a\nb"}, {"value": "invalid_format"}),
        (
            {"kind": "other", "value": "a", "validFrom": "2026-01-02", "validTo": "2026-01-01"},
            {"validTo": "out_of_range"},
        ),
        ({"kind": "tattoo", "value": "a"}, {"kind": "not_allowed"}),
        ({"kind": "other", "valeu": "a"}, {"valeu": "unknown_field", "value": "required"}),
    ],
)
def test_a_wrong_identifier_is_told_by_its_place(
    gate: TestClient, token: str, sent: dict[str, Any], expected: dict[str, str]
) -> None:
    answer = add(gate, token, identifiers=[{"kind": "other", "value": "1", "current": False}, sent])
    assert faults(answer) == {f"identifiers[1].{field}": code for field, code in expected.items()}


def test_of_each_kind_one_is_in_use_and_none_stands_twice(gate: TestClient, token: str) -> None:
    assert faults(add(gate, token, identifiers=[STP, STP])) == {
        "identifiers[1]": "already_exists",
        "identifiers[1].current": "not_allowed",
    }


def test_what_does_not_fit_the_code_is_a_warning_and_no_refusal(gate: TestClient, token: str) -> None:
    fields = {"birthDate": "1981-01-01", "sex": "F", "birthPlace": "f205", "fiscalCode": CODE}
    answer = add(gate, token, **fields | {"firstName": "Maria"})
    assert answer.status_code == 201
    assert [warning["field"] for warning in answer.json()["warnings"]] == ["birthDate", "sex", "birthPlace"]
    assert {warning["code"] for warning in answer.json()["warnings"]} == {"does_not_fit_fiscal_code"}
    read = gate.get(f"{AURORA}/{answer.json()['id']}", headers=bearing(token)).json()
    assert "warnings" not in read
    assert (read["birthDate"], read["birthPlace"]) == ("1981-01-01", "F205")


def test_an_stp_code_is_one_patient_s_with_its_issuer(gate: TestClient, token: str) -> None:
    assert add(gate, token, identifiers=[STP]).status_code == 201
    again = add(gate, token, identifiers=[STP | {"issuer": "asl  roma 1"}])
    assert (again.status_code, again.json()["error"]) == (409, "already_exists")
    assert add(gate, token, identifiers=[STP | {"issuer": "ASL Roma 2"}]).status_code == 201
    assert Patient.objects.using("clinic").count() == 2


def test_what_the_release_before_wrote_since_is_what_is_told(gate: TestClient, token: str) -> None:
    made = add(gate, token, fiscalCode=CODE, identifiers=[STP]).json()
    Patient.objects.using("clinic").update(fiscal_code=OMOCODIC)
    read = gate.get(f"{AURORA}/{made['id']}", headers=bearing(token)).json()
    assert read["identifiers"] == [identifier("fiscalCode", OMOCODIC), identifier(**STP)]
