"""Sending what is due in the outbox (`varco.outbox`), with growing pauses between tries and an end to them."""

import logging
import smtplib
from collections.abc import Callable, Sequence
from email.utils import make_msgid
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import unquote, urlsplit

from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection

from varco.mail.models import Message
from varco.setting_forms import LOOPBACK_HOSTS

LEASE = 300  # seconds a worker has for one message before another may try
PAUSES = (60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600)  # seconds after each failed try; then it gives up
BATCH = 50
TIMEOUT = 20  # seconds, for each exchange with the mail server

_log = logging.getLogger("varco.mail")


class Transport(Protocol):
    """A connection to a mail server, closed at the end of its `with`: what Django's mail backends are."""

    def __enter__(self) -> Self:
        """The open connection."""

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None, /
    ) -> object:
        """Close it."""

    def send_messages(self, email_messages: Sequence[EmailMessage], /) -> int:
        """Hand over messages. Raises `OSError` (of which `smtplib.SMTPException` is one)."""


def connect(url: str, *, timeout: float = TIMEOUT) -> Transport:
    """Open a signed-in connection to the mail server of `VARCO_SMTP_URL`.

    `smtps://` is TLS from the start. `smtp://` is upgraded whenever the server offers it, and a password is never sent
    without TLS except to this machine. `timeout`: seconds for each exchange. Raises `OSError`.
    """
    parts = urlsplit(url)
    if parts.scheme == "smtps":
        return _opened(url, timeout=timeout, port=parts.port or 465, use_ssl=True)
    port = parts.port or 587
    try:
        return _opened(url, timeout=timeout, port=port, use_tls=True)
    except smtplib.SMTPNotSupportedError:
        if parts.password and parts.hostname not in LOOPBACK_HOSTS:
            raise
    return _opened(url, timeout=timeout, port=port)


def _opened(url: str, **options: Any) -> Transport:
    parts = urlsplit(url)
    connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname or "localhost",
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        **{"use_ssl": False, "use_tls": False} | options,
    )
    try:
        connection.open()
    except BaseException:
        connection.close()
        raise
    return connection


def send_due(sender: str, opener: Callable[[], Transport]) -> int:
    """Send what is due and return how many messages went out; a failure is noted and tried again later."""
    due = list(Message.due().order_by("next_try_at")[:BATCH])
    claimed = [message for message in due if message.claim(LEASE)]
    if not claimed:
        return 0
    sent = 0
    try:
        with opener() as transport:
            for message in claimed:
                sent += _send(message, sender, transport)
    except OSError as fault:
        for message in claimed:
            if message.sent_at is None and message.next_try_at is not None:
                _failed(message, fault)
    return sent


def _send(message: Message, sender: str, transport: Transport) -> int:
    """Send one message; a refusal of this message alone does not stop the others."""
    try:
        transport.send_messages([_email(message, sender)])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError, ValueError) as fault:
        _failed(message, fault)
        return 0
    message.sent()
    return 1


def _failed(message: Message, fault: Exception) -> None:
    pause = message.failed(f"{type(fault).__name__}: {fault}", PAUSES)
    _log.warning(
        "mail %s was not sent, %s", message.pk, "giving up" if pause is None else f"next try in {pause} s",
        extra={"message_id": message.pk, "tries": message.tries, "error": message.last_error},
    )  # fmt: skip


def _email(message: Message, sender: str) -> EmailMessage:
    """The message as it travels. Sending it raises `ValueError` when an address or the subject cannot be a header."""
    email = EmailMultiAlternatives(
        message.subject,
        message.text,
        sender,
        [message.to],
        headers={
            "Message-ID": make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or None),
            "Auto-Submitted": "auto-generated",  # RFC 3834: no vacation replies
        },
    )
    if message.html:
        email.attach_alternative(message.html, "text/html")
    return email
