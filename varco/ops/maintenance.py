"""The upkeep inside `varco serve`: mail, logout notices, the calendar of keys, and sweeping what is over.

Every step is idempotent and claims its work in the database, so any number of these may run at once.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from varco import config

_TICK = 2.0  # seconds

_log = logging.getLogger("varco.maintenance")


@dataclass
class _Step:
    """Something done every so often, and when it is due next (on the monotonic clock)."""

    name: str
    every: float  # seconds
    act: Callable[[], object]
    due: float = field(default=0.0)


class Maintenance:
    """Runs the steps from `start()` to `stop()`, those that wait for applications in a thread that keeps nothing else waiting."""

    def __init__(self, settings: config.Settings) -> None:
        stopping = threading.Event()
        mail = _Step("mail", _TICK, lambda: send_mail(settings))
        logout = _Step("logout", _TICK, lambda: tell_of_logouts(settings, stopping))
        own = [mail, _Step("keys", 60, ensure_keys), _Step("sweep", 600, sweep)]
        self._stopping = stopping
        self._threads = [_Thread("maintenance", own, stopping), _Thread("logout", [logout], stopping)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def is_alive(self) -> bool:
        """Whether something still runs."""
        return any(thread.is_alive() for thread in self._threads)

    def stop(self, timeout: float = 10) -> None:
        """Ask the threads to end after the step they are in, and wait for them (`timeout` in seconds, for each)."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout)


class _Thread(threading.Thread):
    """Runs its steps until told to stop. A step that fails is logged and tried again at its next turn."""

    def __init__(self, name: str, steps: list[_Step], stopping: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self._stopping = stopping
        self._steps = steps

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


def send_mail(settings: config.Settings) -> int:
    """Send what is due; without a mail server, or in the demo, it stays in the outbox."""
    from varco.mail import worker

    if not settings.smtp_url or settings.demo:
        return 0
    return worker.send_due(settings.mail_from, lambda: worker.connect(settings.smtp_url))


def tell_of_logouts(settings: config.Settings, stopping: threading.Event) -> None:
    """Tell applications of sessions that are over, as long as there is somebody who listens."""
    from varco.grants import logout_worker

    while not stopping.is_set() and logout_worker.send_due(private_allowed=settings.demo):
        pass


def ensure_keys() -> None:
    """Let the calendar of signing keys go on, and note which master keys this server has."""
    from varco.keys import services as keys

    keys.ensure()
    keys.note_masters()


def sweep() -> dict[str, int]:
    """Delete what is over and of no use, and return how many rows of each kind went."""
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from varco.audit import services as audit
    from varco.clinical import services as clinical
    from varco.grants import services as grants
    from varco.mail import services as mail
    from varco.tickets import files
    from varco.tickets.queries import stored_names

    sessions = Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
    return {
        **grants.sweep(),
        **clinical.sweep(),
        "refusals": audit.sweep(),
        "mail": mail.sweep(),
        "sessions": sessions,
        "attachments": files.sweep(stored_names()),
    }
