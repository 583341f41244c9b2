"""The pages of tickets: opened, answered, decided and looked through by people with browsers; what is lost to nobody."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support import people, tickets
from tests.support.authorization_pages import signed_in
from tests.support.client_response import ClientResponse
from tests.support.html import Element, parse
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.tickets import services
from varco.tickets.models import Activation, Attachment, Entry, Ticket

pytestmark = pytest.mark.django_db
TEXT = "A long answer that took an hour to write."


@pytest.fixture(autouse=True)
def _data(settings: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    settings.VARCO = replace(settings.VARCO, data_dir=tmp_path)


@pytest.fixture
def sara(db: None) -> User:
    return people.sara()


def words(answer: ClientResponse) -> str:
    main = parse(answer.content).select_one("main")
    assert main
    return " ".join(main.get_text(" ").split())


def form_of(answer: ClientResponse, decision: str) -> Element:
    found = parse(answer.content).select_one(f'form:has(button[value="{decision}"])')
    assert found
    return found


def sent_by(form: Element, **typed: str) -> dict[str, Any]:
    """What a form would send: its hidden fields and what is typed."""
    hidden = {str(field["name"]): str(field.get("value", "")) for field in form.select("input[type=hidden]")}
    return hidden | typed


def at_desk(ticket: Ticket) -> str:
    return f"/support/{ticket.number}/"


def press(browser: Client, ticket: Ticket, decision: str, text: str = "", **more: str) -> ClientResponse:
    """Open the ticket at the desk and press a button of it, once more where that is asked."""
    form = form_of(browser.get(at_desk(ticket)), decision)
    answer = browser.post(at_desk(ticket), sent_by(form, text=text, decision=decision, **more))
    if decision != "approve" or answer.status_code != 200:
        return answer
    again = parse(answer.content).select_one("main form")
    assert again
    return browser.post(at_desk(ticket), sent_by(again, confirmed="yes"))


def test_a_manager_opens_a_ticket_with_a_file_and_support_activates_the_developer(sara: User) -> None:
    marta, dario = people.marta(), people.dario()
    browser = signed_in(marta)
    assert "Developer activation" in words(browser.get("/tickets/new/"))
    file = SimpleUploadedFile("offerta.pdf", tickets.PDF)
    given = tickets.GIVEN["developer_activation"] | {"email": dario.email, "files": file}
    opened = browser.post("/tickets/new/developer_activation/", given)
    ticket = Ticket.objects.get()
    assert (opened.status_code, opened["Location"]) == (303, f"/tickets/{ticket.number}/")
    assert "offerta.pdf" in words(browser.get(opened["Location"]))
    desk = signed_in(sara)
    assert "Nuova Srl" in words(desk.get("/support/"))
    shown = words(desk.get(at_desk(ticket)))
    assert "Clinic Aurora" in shown
    assert "Dario Aurora" in shown
    assert press(desk, ticket, "approve", "Welcome.").status_code == 303
    dario.refresh_from_db()
    assert dario.is_developer
    assert "The Developer role is on." in words(browser.get(f"/tickets/{ticket.number}/"))
    chain = words(desk.get(f"/support/developers/{dario.public_id}/"))
    assert "Marta Aurora" in chain
    assert "Clinic Aurora" in words(signed_in(dario).get("/tickets/developer/"))


def test_approving_asks_once_more_and_cancelling_keeps_the_words(sara: User) -> None:
    ticket = tickets.opened(people.davide(), "sandbox")
    desk = signed_in(sara)
    form = form_of(desk.get(at_desk(ticket)), "approve")
    asked = desk.post(at_desk(ticket), sent_by(form, text=TEXT, decision="approve"))
    assert (asked.status_code, TEXT in words(asked)) == (200, True)
    again = parse(asked.content).select_one("main form")
    assert again
    back = desk.post(at_desk(ticket), sent_by(again, confirmed="no"))
    assert (back.status_code, TEXT in back.content.decode()) == (200, True)
    assert tickets.fresh(ticket).outcome == ""


def test_two_of_the_desk_decide_at_once_and_the_second_loses_no_word(sara: User) -> None:
    olga = people.olga()
    ticket = tickets.opened(people.davide(), "sandbox")
    desks = [signed_in(user) for user in (sara, olga)]
    forms = [form_of(desk.get(at_desk(ticket)), "refuse") for desk in desks]
    answers = [
        desk.post(at_desk(ticket), sent_by(form, text=f"{TEXT} {number}", decision="refuse"))
        for number, (desk, form) in enumerate(zip(desks, forms, strict=True))
    ]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert f"{TEXT} 1" in words(answers[1])
    assert "Somebody else has decided" in words(answers[1])
    assert Entry.objects.filter(ticket=ticket, act="refused").count() == 1


def test_an_answer_that_comes_after_another_one_is_shown_again_with_what_came(sara: User) -> None:
    silvia = people.silvia()
    ticket = tickets.opened(silvia, "question")
    desk = signed_in(sara)
    form = form_of(desk.get(at_desk(ticket)), "reply")
    services.reply(ticket, Origin(silvia), text="It is settled, thank you.")
    late = desk.post(at_desk(ticket), sent_by(form, text=TEXT, decision="reply"))
    assert late.status_code == 409
    assert "It is settled, thank you." in words(late)
    field = form_of(late, "reply").select_one("textarea")
    assert field
    assert field.get_text(strip=True) == TEXT
    again = desk.post(at_desk(ticket), sent_by(form_of(late, "reply"), text=TEXT, decision="reply"))
    assert again.status_code == 303
    assert Entry.objects.filter(ticket=ticket, text=TEXT).count() == 1


def test_who_answers_after_the_time_for_it_gets_the_words_back(sara: User) -> None:
    silvia = people.silvia()
    ticket = tickets.opened(silvia, "question")
    services.close(ticket, Origin(silvia))
    Ticket.objects.filter(pk=ticket.pk).update(closed_at=1)
    answer = signed_in(silvia).post(f"/tickets/{ticket.number}/", {"text": TEXT})
    assert (answer.status_code, TEXT in words(answer)) == (409, True)


def test_a_hostile_file_is_refused_beside_its_field_and_the_words_stay() -> None:
    silvia = people.silvia()
    browser = signed_in(silvia)
    file = SimpleUploadedFile("x.svg", b"<svg/>", content_type="application/pdf")
    answer = browser.post("/tickets/new/question/", tickets.GIVEN["question"] | {"files": file})
    assert answer.status_code == 422
    shown = words(answer)
    assert "x.svg: Files of this type are not taken" in shown
    assert tickets.GIVEN["question"]["text"] in shown
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("kind", ["developer_activation", "integrator", "nothing", "question%00"])
def test_a_forged_kind_does_not_exist_and_its_form_is_recorded(kind: str) -> None:
    browser = signed_in(people.dario())
    assert browser.get(f"/tickets/new/{kind}/").status_code == 404
    assert not Event.objects.filter(tag="ticket.attempt_refused").exists()
    assert browser.post(f"/tickets/new/{kind}/", tickets.GIVEN["developer_activation"]).status_code == 404
    assert not Ticket.objects.exists()
    assert Event.objects.filter(tag="ticket.attempt_refused").count() == ("%" not in kind)


def test_foreign_numbers_do_not_exist_whatever_is_sent() -> None:
    ticket = tickets.opened(people.silvia(), "question")
    browser = signed_in(people.dario())
    for number in (ticket.number, ticket.number + 1, 2**64, 10**40):
        answers = {
            browser.post(f"/tickets/{number}/{act}", {"text": "x"}).status_code for act in ("", "close/", "confirm/")
        }
        assert answers == {404}
    assert tickets.fresh(ticket).version == ticket.version
    assert Event.objects.filter(tag="ticket.attempt_refused", detail__number=ticket.number).exists()


def test_a_manager_confirms_on_a_page_and_enter_decides_nothing(sara: User) -> None:
    marta, dario = people.marta(), people.dario()
    ticket = tickets.opened(dario, "lost_factor")
    browser = signed_in(marta)
    assert "Is it them?" in words(browser.get(f"/tickets/{ticket.number}/"))
    address = f"/tickets/{ticket.number}/confirm/"
    form = form_of(browser.get(address), "confirm")
    undecided = browser.post(address, sent_by(form, text="At the desk."))
    assert (undecided.status_code, "Choose what to do." in words(undecided)) == (422, True)
    assert browser.post(address, sent_by(form, text="", decision="confirm")).status_code == 422
    assert browser.post(address, sent_by(form, text="At the desk.", decision="confirm")).status_code == 303
    assert tickets.fresh(ticket).confirmed_by == marta
    assert "Marta Aurora" in words(signed_in(sara).get(at_desk(ticket)))


def test_the_inbox_is_searched_and_narrowed(sara: User) -> None:
    silvia, davide = people.silvia(), people.davide()
    question, sandbox = tickets.opened(silvia, "question"), tickets.opened(davide, "sandbox")
    services.assign(sandbox, Origin(sara), to=sara)
    closed = tickets.opened(davide, "question", topic="Something that is over")
    services.close(closed, Origin(davide))
    desk = signed_in(sara)

    def found(**query: str) -> set[Ticket]:
        shown = desk.get("/support/", query).content.decode()
        return {ticket for ticket in (question, sandbox, closed) if f"/support/{ticket.number}/" in shown}

    assert found() == {question, sandbox}
    assert found(state="all") == {question, sandbox, closed}
    assert found(state="closed") == {closed}
    assert found(kind="sandbox") == {sandbox}
    assert found(assignee="me") == {sandbox}
    assert found(assignee="nobody") == {question}
    for text in (str(question.number), str(question.number)[:5], "silvia", "SILV aurora", "accountant", silvia.email):
        assert found(words=text) == {question}, text
    assert found(words="davide aurora") == set()
    assert found(words="si") == set()  # too short to begin a word
    assert found(words="%") == found(words="'; drop") == set()
    assert found(state="nonsense", kind="nonsense") == {question, sandbox}


def test_a_developer_is_deactivated_on_a_page_that_says_what_goes_on(sara: User) -> None:
    marta, davide = people.marta(), people.davide()
    people.application(davide)
    services.approve(tickets.opened(marta, "developer_activation", email=davide.email), Origin(sara))
    desk, address = signed_in(sara), f"/support/developers/{davide.public_id}/"
    assert "Their one application goes on" in words(desk.get(f"{address}deactivate/"))
    assert desk.post(f"{address}deactivate/", {"text": ""}).status_code == 422
    assert desk.post(f"{address}deactivate/", {"text": "Contract over."}).status_code == 303
    assert "Contract over." in words(desk.get(address))
    assert "Contract over." in words(signed_in(davide).get("/tickets/developer/"))
    assert desk.post(f"{address}deactivate/", {"text": "Again."}).status_code == 409
    assert Activation.objects.get().state == "ended"


def test_an_invitation_is_sent_again_from_the_page(sara: User) -> None:
    services.approve(tickets.opened(people.marta(), "developer_activation"), Origin(sara))
    waiting = Activation.objects.get()
    desk, address = signed_in(sara), f"/support/developers/{waiting.user.public_id}/"
    assert "Send the invitation again" in words(desk.get(address))
    assert desk.post(f"{address}invite/{waiting.pk}/").status_code == 303
    assert desk.post(f"{address}invite/{waiting.pk + 1}/").status_code == 404


def test_a_note_goes_without_files_and_to_nobody_else(sara: User) -> None:
    silvia = people.silvia()
    ticket = tickets.opened(silvia, "question")
    assert press(signed_in(sara), ticket, "note", "Ask Olga first.").status_code == 303
    assert "Ask Olga first." not in words(signed_in(silvia).get(f"/tickets/{ticket.number}/"))
    assert "Internal note" in words(signed_in(sara).get(at_desk(ticket)))
    assert not Attachment.objects.exists()


def test_a_link_fills_a_form_in_and_sends_nothing() -> None:
    answer = signed_in(people.marta()).get(
        "/tickets/new/developer_activation/", {"email": "nina@nuova.example", "company": "<b>", "other": "x"}
    )
    fields = parse(answer.content).select("[name=email], [name=company]")
    assert [field["value"] for field in fields] == ["nina@nuova.example", "<b>"]
    assert not Ticket.objects.exists()
