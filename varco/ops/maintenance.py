"""The upkeep inside `varco serve`: mail, the calendar of keys, and sweeping what is over.

Every step is idempotent and claims its work in the database, so any number of these may run at once.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from varco import clock, config

REFUSALS_KEPT = 30 * 86400  # seconds (S33)
ENDED_CODES_KEPT = 86400  # seconds after its end that a code which was never redeemed is still known
MAIL_KEPT = 30 * 86400  # seconds after sending
_TICK = 2.0  # seconds

_log = logging.getLogger("varco.maintenance")


@dataclass
class _Step:
    """Something done every so often, and when it is due next (on the monotonic clock)."""

    name: str
    every: float  # seconds
    act: Callable[[], object]
    due: float = field(default=0.0)


class Maintenance(threading.Thread):
    """Runs the steps until `stop()`. A step that fails is logged and tried again at its next turn."""

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(name="maintenance", daemon=True)
        self._stopping = threading.Event()
        self._steps = [
            _Step("mail", _TICK, lambda: send_mail(settings)),
            _Step("keys", 60, ensure_keys),
            _Step("sweep", 600, sweep),
        ]

    def run(self) -> None:
        """The thread's life."""
        from django.db import close_old_connections, connections

        while not self._stopping.wait(_TICK):
            close_old_connections()
            for step in self._steps:
                if not self._stopping.is_set() and step.due <= time.monotonic():
                    self._perform(step)
        connections.close_all()

    def _perform(self, step: _Step) -> None:
        try:
            step.act()
        except Exception:  # noqa: BLE001 - whatever it was, the other steps and the next turn must still come
            _log.exception("maintenance step %s failed", step.name, extra={"step": step.name})
        step.due = time.monotonic() + step.every

    def stop(self, timeout: float = 10) -> None:
        """Ask the thread to end after the step it is in, and wait for it (`timeout` in seconds)."""
        self._stopping.set()
        if self.is_alive():
            self.join(timeout)


def send_mail(settings: config.Settings) -> int:
    """Send what is due; without a mail server, or in the demo, it stays in the outbox."""
    from varco.mail import worker

    if not settings.smtp_url or settings.demo:
        return 0
    return worker.send_due(settings.mail_from, lambda: worker.connect(settings.smtp_url))


def ensure_keys() -> None:
    """Let the calendar of signing keys go on."""
    from varco.grants import keys

    keys.ensure()


def sweep() -> dict[str, int]:
    """Delete what is over and of no use, and return how many rows of each kind went.

    Grants that had tokens are kept: they are the history of who used what.
    """
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from varco.audit.models import Refusal
    from varco.grants.models import DeviceRequest, Grant, Interaction, PushedRequest, UsedJti
    from varco.mail.models import Message

    now = clock.now()
    over = {
        "interactions": Interaction.objects.filter(expires_at__lt=now - 3600),
        "device requests": DeviceRequest.objects.filter(expires_at__lt=now - ENDED_CODES_KEPT),
        "pushed requests": PushedRequest.objects.filter(expires_at__lt=now - 3600),
        "used jti": UsedJti.objects.filter(expires_at__lt=now),
        "unredeemed codes": Grant.objects.filter(state=Grant.State.CODE, code_expires_at__lt=now - ENDED_CODES_KEPT),
        "refusals": Refusal.objects.filter(at__lt=(now - REFUSALS_KEPT) * 1000),
        "sessions": Session.objects.filter(expire_date__lt=timezone.now()),
        "mail": Message.objects.filter(sent_at__lt=now - MAIL_KEPT),
    }
    return {name: query.delete()[0] for name, query in over.items()}
