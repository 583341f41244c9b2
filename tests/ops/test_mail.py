"""The outbox: written in the transaction, sent by a worker, retried, and given up in the end."""

import email
import email.policy
import smtplib
import socket
import threading
from collections.abc import Sequence
from email.message import EmailMessage
from types import TracebackType
from typing import Self

import pytest
from django.core.mail import EmailMessage as Outgoing
from django.core.mail import get_connection, send_mail
from django.db import transaction

from tests.conftest import FrozenClock
from varco import config
from varco.mail import services, worker
from varco.mail.models import Message
from varco.ops import maintenance

SENDER = "no-reply@varco.example"


class Server:
    """A mail server that takes everything, except what it is told to refuse."""

    def __init__(self, refused: str = "", *, down: bool = False) -> None:
        self.refused = refused
        self.down = down
        self.taken: list[EmailMessage] = []

    def __enter__(self) -> Self:
        if self.down:
            raise ConnectionRefusedError("nobody listens")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None, /
    ) -> None:
        pass

    def send_messages(self, email_messages: Sequence[Outgoing], /) -> int:
        for message in email_messages:
            if message.to == [self.refused]:
                raise smtplib.SMTPRecipientsRefused({self.refused: (550, b"no such user")})
            received = email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
            self.taken.append(received)
        return len(email_messages)


def test_a_message_that_is_rolled_back_was_never_written(transactional_db: None) -> None:
    with transaction.atomic():
        services.enqueue("dario@aurora.example", "Approved", "It is approved.")
        transaction.set_rollback(rollback=True)
    assert not Message.objects.exists()


def test_what_is_due_is_sent_once(db: None, frozen: FrozenClock) -> None:
    services.enqueue("dario@aurora.example", "È approvata", "Testo", "it")
    server = Server()
    assert worker.send_due(SENDER, lambda: server) == 1
    assert worker.send_due(SENDER, lambda: server) == 0
    (mail,) = server.taken
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "dario@aurora.example", "È approvata")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert '<html lang="it">' in list(mail.iter_parts())[1].get_content()
    message = Message.objects.get()
    assert (message.sent_at, message.next_try_at, message.tries) == (frozen.seconds, None, 1)


def test_one_refused_address_does_not_stop_the_others(db: None, frozen: FrozenClock) -> None:
    for name in ("anna", "bruno", "carla"):
        services.enqueue(f"{name}@aurora.example", "Hello", "Text")
    server = Server(refused="bruno@aurora.example")
    assert worker.send_due(SENDER, lambda: server) == 2
    refused = Message.objects.get(to="bruno@aurora.example")
    assert refused.sent_at is None
    assert "550" in refused.last_error
    assert refused.next_try_at == frozen.seconds + worker.PAUSES[0]


def test_a_server_that_is_down_is_tried_again_with_growing_pauses_and_given_up_in_the_end(
    db: None, frozen: FrozenClock
) -> None:
    services.enqueue("dario@aurora.example", "Hello", "Text")
    pauses = []
    for _ in range(20):
        assert worker.send_due(SENDER, lambda: Server(down=True)) == 0
        message = Message.objects.get()
        if message.next_try_at is None:
            break
        pauses.append(message.next_try_at - frozen.seconds)
        frozen.advance(pauses[-1])
    assert pauses == list(worker.PAUSES)
    assert "nobody listens" in message.last_error
    assert message.sent_at is None
    assert worker.send_due(SENDER, Server) == 0


def test_it_comes_through_after_the_server_is_back(db: None, frozen: FrozenClock) -> None:
    services.enqueue("dario@aurora.example", "Hello", "Text")
    worker.send_due(SENDER, lambda: Server(down=True))
    assert worker.send_due(SENDER, Server) == 0
    frozen.advance(worker.PAUSES[0])
    assert worker.send_due(SENDER, Server) == 1
    assert Message.objects.get().last_error == ""


def test_a_message_that_another_worker_holds_is_left_alone_until_its_lease_ends(db: None, frozen: FrozenClock) -> None:
    services.enqueue("dario@aurora.example", "Hello", "Text")
    server = Server()

    class Meanwhile(Server):
        def send_messages(self, email_messages: Sequence[Outgoing], /) -> int:
            worker.send_due(SENDER, lambda: server)
            return super().send_messages(email_messages)

    first = Meanwhile()
    assert worker.send_due(SENDER, lambda: first) == 1
    assert (len(first.taken), len(server.taken)) == (1, 0)


def test_the_words_are_sealed_and_gone_once_it_was_sent(db: None, frozen: FrozenClock) -> None:
    services.enqueue("dario@aurora.example", "Choose a password", "Follow this link")
    stored = Message.objects.values("sealed_text", "sealed_html").get()
    assert not any("Follow" in str(words) for words in stored.values())
    server = Server()
    assert worker.send_due(SENDER, lambda: server) == 1
    parts = [part.get_content() for part in server.taken[0].iter_parts()]
    assert parts[0].strip() == "Follow this link"
    assert "<p>Follow this link</p>" in parts[1]
    kept = Message.objects.get()
    assert (kept.to, kept.subject) == ("dario@aurora.example", "Choose a password")
    assert (kept.sealed_text, kept.sealed_html) == ("", "")


def test_the_words_stay_sealed_once_it_was_given_up_and_go_with_it(db: None, frozen: FrozenClock) -> None:
    services.enqueue("dario@aurora.example", "Hello", "Text")
    for pause in (*worker.PAUSES, 0):
        assert Message.objects.get().text == "Text"
        worker.send_due(SENDER, lambda: Server(down=True))
        frozen.advance(pause)
    given_up = Message.objects.get()
    assert (given_up.next_try_at, given_up.text) == (None, "Text")
    assert "Text" not in given_up.sealed_text
    frozen.advance(services.KEPT)
    assert services.sweep() == 1


def test_mail_of_a_version_that_sealed_none_is_sent_and_what_no_key_opens_stops_no_other(
    db: None, frozen: FrozenClock
) -> None:
    for words in ("As it was", "sealed:" + "A" * 80):
        Message.objects.create(to="dario@aurora.example", subject="Hello", sealed_text=words)
    server = Server()
    assert worker.send_due(SENDER, lambda: server) == 1
    assert [mail.get_content().strip() for mail in server.taken] == ["As it was"]
    assert "SealError" in Message.objects.get(sent_at=None).last_error


def test_djangos_mail_goes_to_the_outbox_one_row_a_recipient(db: None) -> None:
    message = Outgoing("Verify your address", "Text", "x@varco.example", ["a@aurora.example", "b@aurora.example"])
    backend = get_connection("varco.mail.backend.OutboxBackend")
    assert backend.send_messages([message]) == 1
    assert sorted((row.to, row.text) for row in Message.objects.all()) == [
        ("a@aurora.example", "Text"),
        ("b@aurora.example", "Text"),
    ]
    send_mail("Again", "Text", None, ["c@aurora.example"], connection=backend)
    assert Message.objects.count() == 3


def test_a_line_break_in_a_subject_makes_no_header(db: None, frozen: FrozenClock) -> None:
    services.enqueue("dario@aurora.example", "Hello\r\nBcc: everyone@aurora.example", "Text")
    server = Server()
    worker.send_due(SENDER, lambda: server)
    assert server.taken[0]["Bcc"] is None


def test_in_the_demo_and_without_a_server_nothing_is_sent(db: None) -> None:
    services.enqueue("dario@aurora.example", "Hello", "Text")
    environment = {"VARCO_ISSUER": "http://localhost:8000"}
    assert maintenance.send_mail(config.load(environment)) == 0
    demo = environment | {"VARCO_DEMO": "true", "VARCO_SMTP_URL": "smtp://127.0.0.1:1"}
    assert maintenance.send_mail(config.load(demo)) == 0
    assert Message.objects.get().tries == 0


class _Listening(threading.Thread):
    """The smallest SMTP server that smtplib talks to: no TLS, takes one message, after so many `visits`."""

    def __init__(self, visits: int = 1) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.data = b""
        self.visits = visits
        self.commands: list[bytes] = []

    def run(self) -> None:
        for _ in range(self.visits):
            self._serve_one()
        self.socket.close()

    def _serve_one(self) -> None:
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 ready\r\n")
            for line in lines:
                self.commands.append(line.split()[0].upper())
                if self.commands[-1] == b"DATA":
                    connection.sendall(b"354 go on\r\n")
                    while (body := next(lines)) != b".\r\n":
                        self.data += body
                connection.sendall(b"221 bye\r\n" if self.commands[-1] == b"QUIT" else b"250 fine\r\n")
                if self.commands[-1] == b"QUIT":
                    break


def test_a_real_mail_server_gets_the_message_over_smtp(db: None) -> None:
    services.enqueue("dario@aurora.example", "Hello", "A text with à accents")
    server = _Listening(visits=2)  # one of them finds that there is no TLS
    server.start()
    environment = {"VARCO_ISSUER": "https://varco.example", "VARCO_SMTP_URL": f"smtp://127.0.0.1:{server.port}"}
    assert maintenance.send_mail(config.load(environment)) == 1
    server.join(5)
    mail = email.message_from_bytes(server.data)
    assert mail["From"] == f"GipoNext <{SENDER}>"
    assert (mail["To"], mail["Auto-Submitted"]) == ("dario@aurora.example", "auto-generated")


def test_a_password_is_not_sent_without_tls_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    server = _Listening()
    server.start()
    real = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda address, *rest, **more: real(("127.0.0.1", address[1]), *rest, **more)
    )
    with pytest.raises(smtplib.SMTPNotSupportedError):
        worker.connect(f"smtp://mailer:secret@mail.example:{server.port}")
    server.join(5)
    assert b"AUTH" not in server.commands
