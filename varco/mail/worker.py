"""Sending what is due in the outbox (`varco.outbox`), with growing pauses between tries and an end to them."""

import logging
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from varco.config import LOOPBACK_HOSTS
from varco.mail.models import Message

LEASE = 300  # seconds a worker has for one message before another may try
PAUSES = (60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600)  # seconds after each failed try; then it gives up
BATCH = 50
TIMEOUT = 20  # seconds, for each exchange with the mail server

_log = logging.getLogger("varco.mail")


class Transport(Protocol):
    """A connection to a mail server, closed at the end of its `with`."""

    def __enter__(self) -> Self:
        """The open connection."""

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None, /
    ) -> object:
        """Close it."""

    def send_message(self, msg: EmailMessage) -> object:
        """Hand over one message. Raises `OSError` (of which `smtplib.SMTPException` is one)."""


def connect(url: str) -> smtplib.SMTP:
    """A signed-in connection to the mail server of `VARCO_SMTP_URL`.

    `smtps://` is TLS from the start. `smtp://` is upgraded whenever the server offers it, and a password is never sent
    without TLS except to this machine. Raises `OSError`.
    """
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT)
    try:
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif parts.scheme == "smtp" and parts.password and host not in LOOPBACK_HOSTS:
            raise smtplib.SMTPNotSupportedError("the mail server offers no TLS, so the password was not sent")
        if parts.username and parts.password is not None:
            server.login(unquote(parts.username), unquote(parts.password))
    except BaseException:
        server.close()
        raise
    return server


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
        transport.send_message(_mime(message, sender))
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


def _mime(message: Message, sender: str) -> EmailMessage:
    """The message as it travels. Raises `ValueError` when an address or the subject cannot be a header."""
    mime = EmailMessage()
    mime["From"] = sender
    mime["To"] = message.to
    mime["Subject"] = message.subject
    mime["Date"] = formatdate(localtime=False)
    mime["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or None)
    mime["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation replies
    mime.set_content(message.text)
    if message.html:
        mime.add_alternative(message.html, subtype="html")
    return mime
