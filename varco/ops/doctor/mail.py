"""Whether mail goes out."""

from varco.config import Settings
from varco.ops.doctor.finding import Finding

DAY, LATE = 86400, 900
PATIENCE = 5.0
"""Seconds for each answer of the mail server."""


def mail(settings: Settings) -> list[Finding]:
    """Mail that was given up or does not go out, and a mail server that does not let us in; nothing is sent."""
    from varco.mail import queries

    found = []
    given_up = queries.given_up(7 * DAY)
    if given_up:
        found.append(f"{given_up} mails of the last week were given up; their last_error (table mail_message) says why")
    if settings.demo:
        return [Finding(text) for text in found]
    late = queries.waiting(LATE)
    if not settings.smtp_url:
        if late:
            found.append(f"{late} mails wait and no mail server is set; set VARCO_SMTP_URL")
        return [Finding(text) for text in found]
    fault = _connect(settings.smtp_url)
    if fault:
        found.append(f"the mail server did not let us in ({fault}); correct VARCO_SMTP_URL or start the server")
    elif late:
        found.append(
            f"{late} mails wait for longer than {LATE // 60} minutes; see that `varco serve portal` (or all) runs"
        )
    return [Finding(text) for text in found]


def _connect(url: str) -> str:
    """Connect, say EHLO and sign in, as for sending; empty, or what went wrong."""
    from varco.mail import worker
    from varco.ops.logs import redact

    try:
        with worker.connect(url, timeout=PATIENCE):
            return ""
    except OSError as fault:
        return redact(" ".join(str(fault).split())) or type(fault).__name__


def words(settings: Settings) -> str:
    """That all is well with it."""
    return "the server lets us in, nothing is stuck" if settings.smtp_url else "no server set: it waits"
