"""Who has seen what, for whoever answers for a clinic: the log, its export, patients' questions, the chain of evidence (S36, S39, S41)."""

import csv
import io
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from tests.conftest import FrozenClock
from tests.support import access_rows, people
from varco import catalog
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.clinical.access.records import Wanted
from varco.clinical.models import Patient, PatientQuestion
from varco.gate.api.resources import OPERATIONS
from varco.grants.models import Consent
from varco.keys import services as keys
from varco.portal.common import operation_words
from varco.portal.records import table, words
from varco.proof import evidence
from varco.proof.evidence import Stage
from varco.registry.models import Application

pytestmark = [
    pytest.mark.django_db(databases=["default", "clinic", "sandbox"]),
    pytest.mark.usefixtures("told_context"),
]

LOG = "/clinic/records/log/"


def who(name: str) -> User:
    """Somebody of the cast, who is made when they are first asked for."""
    found = User.objects.filter(given_name=name.capitalize()).first()
    return found or getattr(people, name)()


def browser(user: User) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    session = client.session
    session["varco_signed_in_ms"] = 10**14  # a moment ago, whatever the clock of the test says
    session.save()
    return client


@pytest.fixture
def application() -> Application:
    made = people.application(who("davide")).application
    Consent.objects.create(user=who("dario"), application=made, tenant=people.tenant("Aurora"), scopes="openid")
    return made


@pytest.fixture
def petra(application: Application) -> Client:
    """The data protection officer of a clinic with some records: six of Dario's, two of Silvia's, and one of another clinic."""
    dario, silvia = who("dario"), who("silvia")
    for number in range(6):
        fields: dict[str, Any] = {
            "person": dario.public_id,
            "person_name": dario.name,
            "application_id": application.pk,
        }
        access_rows.record(number, [number % 2 + 1], **fields)
    for number in range(6, 8):
        access_rows.record(number, [3], person=silvia.public_id, person_name=silvia.name, application_id=999)
    access_rows.record(0, [1], tenant_id="tenant-levante", person="sub-lia", person_name="Lia Levante")
    access_rows.records([])
    return browser(people.member("Petra", "Aurora", "dpo"))


def found(client: Client, **query: Any) -> list[str]:
    """The rows of the log: when, who, what."""
    answer = client.get(LOG, query)
    assert answer.status_code == 200
    return [f"{item['record'].person_name} {item['record'].patients}" for item in answer.context["items"]]


def exported(client: Client, address: str = "/clinic/records/log/csv", **query: Any) -> list[list[str]]:
    answer = client.get(address, query)
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_the_log_is_narrowed_by_person_patient_application_and_time(petra: Client, application: Application) -> None:
    assert len(found(petra)) == 8
    assert found(petra, person="silvia@aurora.example") == found(petra, person="silvia") == ["Silvia Aurora 3"] * 2
    assert found(petra, person=who("silvia").public_id) == ["Silvia Aurora 3"] * 2
    assert found(petra, patient="2") == ["Dario Aurora 2"] * 3
    assert len(found(petra, application=application.client_id)) == 6
    assert found(petra, patient="1", person="silvia") == []
    assert found(petra, since="2027-01-04") == []
    assert len(found(petra, since="2027-01-03", until="2027-01-03")) == 8
    assert found(petra, until="2027-01-02") == []


def test_a_patient_is_found_by_fiscal_code_and_the_code_goes_into_no_record(petra: Client) -> None:
    patient = Patient.objects.using("clinic").create(
        pk=4711,
        tenant_id="tenant-aurora",
        first_name="Anna",
        last_name="Neri",
        search_name="neri anna",
        fiscal_code="NRENNA85M41H501X",
    )
    access_rows.record(20, [patient.pk])
    access_rows.records([])
    assert found(petra, patient="nrenna85m41h501x") == [f"Dario Aurora {patient.pk}"]
    assert b"no patient with this number" in petra.get(LOG, {"patient": "XXXXXX85M41H501X"}).content
    exported(petra, patient="NRENNA85M41H501X")
    event = Event.objects.get(tag="log.exported")
    assert event.detail == {"search": {"patient": patient.pk}}
    assert "NRENNA" not in json.dumps(event.detail)


def test_of_several_people_of_a_name_one_is_chosen_and_strangers_are_nobody(petra: Client) -> None:
    answer = petra.get(LOG, {"person": "aurora"})
    assert [user.email for user in answer.context["search"].people] == ["dario@aurora.example", "silvia@aurora.example"]
    assert b"Nobody of this name" in petra.get(LOG, {"person": "Lia"}).content


def test_older_records_come_on_further_pages_without_counting_them(
    petra: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    access_rows.records(range(100, 220))
    seen, address = [], LOG
    while address:
        answer = petra.get(address)
        seen += [item["record"].pk for item in answer.context["items"]]
        address = LOG + answer.context["more"] if answer.context["more"] else ""
    assert len(seen) == len(set(seen)) == 128
    assert seen == sorted(seen, reverse=True)
    assert len(found(petra, before="no.position")) == 25


def test_another_clinic_s_records_are_nobody_s_here(petra: Client) -> None:
    assert not any("Lia" in row for row in found(petra))
    assert not any("Lia" in " ".join(row) for row in exported(petra))
    luca = browser(who("luca"))
    assert found(luca) == ["Lia Levante 1"]
    assert petra.get("/clinic/applications/").status_code == 404
    for stranger in (who("dario"), who("davide"), who("olga")):
        assert browser(stranger).get(LOG).status_code == 404


def test_a_data_protection_officer_has_no_permission_on_data(petra: Client) -> None:
    role = catalog.current().roles["dpo"]
    assert (role.permissions, role.manages_clinic) == ((), False)


def test_the_export_has_every_record_and_no_cell_is_a_formula(petra: Client) -> None:
    access_rows.record(30, [1, 2, 3], person_name='=HYPERLINK("https://evil.example")')
    access_rows.records([])
    lines = exported(petra)
    assert len(lines) == 1 + 9
    assert lines[-1][1] == '\'=HYPERLINK("https://evil.example")'
    assert lines[-1][7] == "1 2 3"
    for value in ("\uff1d1+1", " =1", "+1", "-1", "@x", "\tx", "=1"):
        assert table.cell(value) == f"'{value}"
    assert table.cell("Rossi;=HYPERLINK(1);x") == "Rossi;'=HYPERLINK(1);x", (
        "a cell of its own where the semicolon ends one"
    )
    assert table.cell('Rossi\t "@SUM(1)') == "Rossi\t' \"@SUM(1)"
    for value in ("a-b@c.example", '{"asked":{"id":"1"}}', "1 2 3", "Rossi; Anna", "2026-01-01T00:00:00Z"):
        assert table.cell(value) == value
    assert [len(exported(petra, person="silvia")), len(exported(petra, patient="1"))] == [3, 5]
    assert petra.get("/clinic/records/log/csv", {"person": "nobody"}).status_code == 422


def test_a_question_is_kept_with_its_clock_and_answered_from_the_records(petra: Client, frozen: FrozenClock) -> None:
    access_rows.record(50, [1], person_name="Ęlżbieta 医生", operation="patients.listed")
    access_rows.records([])
    answer = petra.post("/clinic/records/questions/new/", {"patient": "1", "day": "2027-01-10", "note": "letter 7"})
    assert answer.status_code == 303
    question = PatientQuestion.objects.using("clinic").get()
    assert (question.patient_id, question.due_at - question.asked_on) == (1, 16 * 86400 - 1)  # the end of that day
    page = petra.get(answer["Location"]).content.decode()
    assert "Dario Aurora" in page
    assert "Silvia" not in page
    pdf = petra.get(reverse("records:answer_pdf", args=[question.pk]))
    assert (pdf.content[:5], pdf["Content-Type"]) == (b"%PDF-", "application/pdf")
    lines = exported(petra, reverse("records:answer_csv", args=[question.pk]))
    assert [line[1] for line in lines[1:]] == ["Dario Aurora"] * 3 + ["Ęlżbieta 医生"]
    assert "Overdue" not in page
    frozen.advance(16 * 86400)
    assert "Overdue" in petra.get("/clinic/records/questions/").content.decode()
    assert petra.post(reverse("records:answered", args=[question.pk])).status_code == 303
    petra.post(reverse("records:answered", args=[question.pk]))
    assert Event.objects.filter(tag="question.answered").count() == 1
    assert Event.objects.filter(tag="question.opened", detail__question=question.pk).count() == 1
    # What comes after the answer is no part of it.
    access_rows.record(0, [1], at=frozen.milliseconds + 5000)
    access_rows.records([])
    assert len(exported(petra, reverse("records:answer_csv", args=[question.pk]))) == 5


@pytest.mark.either_engine
@pytest.mark.parametrize(
    ("said", "words_of_fault"),
    [
        ({"patient": "", "day": "2027-01-10"}, "Say which patient asks"),
        ({"patient": "NOBODY", "day": "2027-01-10"}, "no patient with this number"),
        ({"patient": "1", "day": "2099-01-10"}, "still to come"),
        ({"patient": "1", "day": ""}, "on which day"),
    ],
)
def test_a_question_that_cannot_be_is_said_so(
    petra: Client, frozen: FrozenClock, said: dict[str, str], words_of_fault: str
) -> None:
    answer = petra.post("/clinic/records/questions/new/", said)
    assert (answer.status_code, words_of_fault in answer.content.decode()) == (422, True)


@pytest.mark.either_engine
def test_the_answer_is_whole_in_italian_too(petra: Client) -> None:
    petra.post("/clinic/records/questions/new/", {"patient": "1", "day": "2026-01-10"})
    question = PatientQuestion.objects.using("clinic").get()
    italian = browser(who("marta"))
    User.objects.filter(pk=who("marta").pk).update(language="it")
    lines = exported(italian, reverse("records:answer_csv", args=[question.pk]))
    assert lines[0][1] == "Persona"
    assert lines[1][5] == "Ha visto un paziente"


def test_the_chain_of_evidence_goes_from_the_role_to_the_calls(petra: Client, application: Application) -> None:
    davide, dario, marta = who("davide"), who("dario"), who("marta")
    ivo = people.member("Ivo", "Aurora", "integrator")
    aurora, levante = people.tenant("Aurora"), people.tenant("Levante")
    record(Tag.TICKET_OPENED, Origin(marta), tenant=aurora, number=7, kind="developer_activation")  # before the account
    record(Tag.TICKET_OPENED, Origin(marta), tenant=aurora, number=8, kind="developer_activation")  # for somebody else
    record(Tag.TICKET_OPENED, Origin(who("luca")), tenant=levante, number=9, kind="developer_activation")
    for number, tenant in ((7, aurora), (9, levante)):
        record(Tag.DEVELOPER_ACTIVATED, Origin(who("olga")), user=davide, tenant=tenant, number=number)
    record(Tag.ACCOUNT_ROLE_CHANGED, Origin(who("olga")), user=davide, role="developer")
    record(Tag.APPLICATION_APPROVED, Origin(who("olga")), application=application, number=1)
    record(Tag.CONSENT_GIVEN, Origin(dario), application=application, tenant=people.tenant("Aurora"), user=dario)
    record(Tag.CONSENT_GIVEN, Origin(who("lia")), application=application, tenant=people.tenant("Levante"))
    record(Tag.INTEGRATOR_ACCEPTED, Origin(marta), user=ivo, tenant=people.tenant("Aurora"))
    record(
        Tag.INTEGRATOR_ENDED, Origin(who("luca")), user=ivo, tenant=people.tenant("Levante")
    )  # no matter of Aurora's
    access_rows.record(
        9, person=ivo.public_id, person_name="Ivo", person_kind="integrator", application_id=application.pk
    )
    access_rows.records([])
    address = reverse("records:evidence", args=[application.client_id])
    stages = {stage["code"]: stage for stage in petra.get(address).context["stages"]}
    assert list(stages) == ["ticket", "developer", "review", "consent", "people", "calls"]
    shown = [(item["event"].tag, item["event"].detail["number"]) for item in stages["ticket"]["events"]]
    assert shown == [("ticket.opened", 7), ("developer.activated", 7)]
    assert [item["event"].tag for item in stages["developer"]["events"]] == ["account.role_changed"]
    assert [item["event"].tag for item in stages["review"]["events"]] == ["application.approved"]
    assert [item["event"].actor_name for item in stages["consent"]["events"]] == ["Dario Aurora"]
    assert [item["event"].user for item in stages["people"]["events"]] == [ivo.public_id]
    lines = exported(petra, reverse("records:evidence_export", args=[application.client_id]))
    assert [line[3] for line in lines[1:]] == [
        "Marta Aurora",
        "Olga Operator",
        "Olga Operator",
        "Olga Operator",
        "Dario Aurora",
        "Marta Aurora",
        "Ivo",
        "Dario Aurora",
    ]
    assert lines[-1][6] == "6"


def test_what_other_parts_add_to_the_chain_is_shown(
    petra: Client, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "SOURCES", [*evidence.SOURCES, lambda _question: Stage("another")])
    page = petra.get(reverse("records:evidence", args=[application.client_id]))
    assert page.context["stages"][-1]["code"] == "another"


@pytest.mark.either_engine
def test_everything_that_a_chain_tells_has_words() -> None:
    told = {*evidence.TICKET, *evidence.ROLE, *evidence.REVIEW, *evidence.CONSENT, *evidence.MEMBERSHIP}
    assert told <= words.EVENTS.keys()


@pytest.mark.either_engine
def test_every_operation_of_the_api_has_words_in_the_log() -> None:
    recorded = {item.audit for item in OPERATIONS if item.audit}
    assert recorded <= operation_words.OPERATIONS.keys()


@pytest.mark.either_engine
def test_without_a_key_there_is_a_page_and_no_pack(petra: Client) -> None:
    said = {"about": "tenant", "named": "tenant-aurora", "since": "2026-01-01", "until": "2028-01-01", "reason": "lost"}
    answer = browser(who("olga")).post("/staff/audit/pack/", said)
    assert (answer.status_code, "could be signed" in answer.content.decode()) == (503, True)
    assert not Event.objects.filter(tag="pack.made").exists()


def test_an_operator_makes_a_pack_with_a_reason(petra: Client) -> None:
    keys.ensure(algorithms=["ES256"])
    olga = browser(who("olga"))
    said = {
        "about": "tenant",
        "named": "tenant-aurora",
        "since": "2026-01-01",
        "until": "2028-01-01",
        "reason": "a lost laptop",
    }
    answer = olga.post("/staff/audit/pack/", said)
    lines = [json.loads(line) for line in answer.getvalue().splitlines()]
    assert (answer.status_code, lines[-1]["rows"] >= 8) == (200, True)
    event = Event.objects.get(tag="pack.made")
    assert (event.detail["reason"], event.detail["about"]["tenant"]) == ("a lost laptop", "tenant-aurora")
    for wrong in (
        {"named": "tenant-nowhere"},
        {"reason": ""},
        {"until": "2025-01-01"},
        {"about": "person", "named": "a@b.example"},
        {"about": "application"},
    ):
        assert olga.post("/staff/audit/pack/", said | wrong).status_code == 422


def test_an_address_with_anything_in_it_is_answered(petra: Client) -> None:
    for text in ("%00", "9" * 40, "' OR 1=1 --", "ⅷ", "-1", "1.1.1"):
        for name in ("person", "patient", "application", "since", "until", "before"):
            assert petra.get(f"{LOG}?{name}={quote(text, safe='%')}").status_code == 200


def test_a_record_of_many_patients_is_found_once(petra: Client) -> None:
    access_rows.record(40, range(1, 60))
    access_rows.records([])
    wanted = Wanted("clinic", "tenant-aurora", patient=1, since=0, until=4_000_000_000_000)
    assert str(wanted.found(Q(shown__at__gte=0)).order_by("-shown__at").query).count("JOIN") == 1
    assert len(list(wanted.in_parts(("pk",)))) == len(wanted.newest(50)) == wanted.counted() == 4
