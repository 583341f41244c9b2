"""The upkeep inside `varco serve`: mail, logout notices, the calendar of keys, and sweeping what is over.

Every step is idempotent and claims its work in the database, so any number of these may run at once.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from varco import clock, config

if TYPE_CHECKING:
    from varco.status.services import Recorder

_TICK = 2.0  # seconds
_NOTED_EVERY = 60.0  # seconds between two notes that a step was done, where it did nothing

_log = logging.getLogger("varco.maintenance")


@dataclass
class _Step:
    """Something done every so often, and when it is due next (on the monotonic clock)."""

    name: str
    every: float  # seconds
    act: Callable[[], object]
    due: float = field(default=0.0)
    noted: float = field(default=float("-inf"))  # when it was noted last that it was done


class Maintenance:
    """Runs the steps from `start()` to `stop()`, those that wait for applications in a thread that keeps nothing else waiting."""

    def __init__(self, settings: config.Settings) -> None:
        stopping = threading.Event()
        mail = _Step("mail", _TICK, lambda: send_mail(settings))
        logout = _Step("logout", _TICK, lambda: tell_of_logouts(settings, stopping))
        signals = _Step("signals", _TICK, lambda: push_signals(settings, stopping))
        own = [mail, _Step("keys", 60, ensure_keys), _Step("sweep", 600, sweep)]
        own += [_Step("dates", 5, act_on_dates), _Step("connections", 300, notice_connections)]
        status = StatusChecks(settings)
        own += [_Step("deprecations", 3600, tell_of_deprecations), _Step("status", 60, status.check)]
        own += [_Step("usage", 120, count_usage)]
        self._stopping = stopping
        chains = [_Step("link", _TICK, link_rows), _Step("chains", 600, tend_chains)]
        # Chains have a thread of their own: until a row is linked nobody notices that it was changed, so no mail server may delay it.
        self._threads = [
            _Thread("maintenance", own, stopping),
            _Thread("logout", [logout], stopping),
            _Thread("signals", [signals], stopping),
            _Thread("chains", chains, stopping),
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def is_alive(self) -> bool:
        """Whether something still runs."""
        return any(thread.is_alive() for thread in self._threads)

    def is_whole(self) -> bool:
        """Whether everything still runs."""
        return all(thread.is_alive() for thread in self._threads)

    def stop(self, timeout: float = 10) -> None:
        """Ask the threads to end after the step they are in, and wait for them (`timeout` in seconds, for each)."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout)


class StatusChecks:
    """Checks how the parts of the service stand, and keeps what it found until that can be written."""

    def __init__(self, settings: config.Settings) -> None:
        self._settings = settings
        self._recorder: Recorder | None = None

    def check(self) -> None:
        """Check once."""
        from varco.ops import status_checks
        from varco.status.services import Recorder

        self._recorder = self._recorder or Recorder()
        self._recorder.record(status_checks.check(self._settings))


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
        started_ms, started, fault = clock.now_ms(), time.monotonic(), ""
        done: Mapping[str, int] = {}
        try:
            done = _counted(step.name, step.act())
        except Exception as failure:  # noqa: BLE001 - whatever it was, the other steps and the next turn must still come
            _log.exception("maintenance step %s failed", step.name, extra={"step": step.name})
            fault = type(failure).__name__  # no more: texts of drivers name hosts and users
        now = time.monotonic()
        if fault or any(done.values()) or now - step.noted >= _NOTED_EVERY:
            step.noted = now
            self._note(step, started_ms, int((now - started) * 1000), done, fault)
        step.due = time.monotonic() + step.every

    @staticmethod
    def _note(step: _Step, at_ms: int, took_ms: int, done: Mapping[str, int], fault: str) -> None:
        from varco.upkeep import services as upkeep

        try:
            upkeep.note(step.name, every=step.every, at_ms=at_ms, took_ms=took_ms, done=done, fault=fault)
        except Exception as failure:  # noqa: BLE001 - that a run was not noted keeps nothing from being done
            _log.warning("maintenance step %s was not noted: %s", step.name, type(failure).__name__)


def _counted(name: str, result: object) -> Mapping[str, int]:
    """How many of what a step did, of what its function returned."""
    if isinstance(result, Mapping):
        return result
    if isinstance(result, Sized):
        return {name: len(result)}
    return {name: result} if type(result) is int else {}


def send_mail(settings: config.Settings) -> int:
    """Send what is due; without a mail server, or in the demo, it stays in the outbox."""
    from varco.mail import worker

    if not settings.smtp_url or settings.demo:
        return 0
    return worker.send_due(settings.mail_from, lambda: worker.connect(settings.smtp_url))


def tell_of_logouts(settings: config.Settings, stopping: threading.Event) -> int:
    """Tell applications of sessions that are over, as long as there is somebody who listens; how many were tried."""
    from varco.grants import logout_worker

    told = 0
    while not stopping.is_set() and (tried := logout_worker.send_due(private_allowed=settings.demo)):
        told += tried
    return told


def push_signals(settings: config.Settings, stopping: threading.Event) -> int:
    """Push events to applications, as long as there is somebody who takes them; how many were taken."""
    from varco.signals import worker

    told = 0
    while not stopping.is_set() and (taken := worker.send_due(private_allowed=settings.demo)):
        told += taken
    return told


def link_rows() -> int:
    """Give committed events and access records their places in the chains."""
    from varco.proof import upkeep

    return upkeep.link_rows()


def tend_chains() -> None:
    """Sign the chains' heads once a day, and remove what is kept no longer."""
    from varco.proof import upkeep

    ensure_keys()  # heads are signed, and on a new installation this thread may come first
    upkeep.tend_chains()


def act_on_dates() -> int:
    """Do what is due at a date: invitations, warnings and ends of integrator access, reminders of the review desk, ends of secrets, sandboxes that nobody uses; at how many."""
    from varco.integrators import schedule as integrators
    from varco.people import sandboxes
    from varco.registry import schedule as reviews
    from varco.registry import secret_expiry, secret_overlap

    return integrators.run() + reviews.run() + secret_expiry.run() + secret_overlap.run() + sandboxes.run()


def notice_connections() -> int:
    """Begin to count until applications that people have connected are to be confirmed; how many are new."""
    from varco.integrators import confirmations

    return confirmations.notice_new()


def tell_of_deprecations() -> int:
    """Tell the developers of applications that use deprecated operations, once; of how many applications."""
    from varco import catalog

    known = catalog.current()
    if not known.deprecations:
        return 0
    # Only the gate knows what its operations record.
    from varco.changes import services as changes
    from varco.gate.api.operations import served
    from varco.gate.api.resources import OPERATIONS

    return changes.tell(
        changes.Deprecated(item.title, item.deprecation.change, item.audit or "", item.deprecation.sunset)
        for item in served(OPERATIONS, known)
        if item.deprecation
    )


def ensure_keys() -> int:
    """Let the calendar of signing keys go on, and note which master keys this server has; how many keys were made."""
    from varco.keys import services as keys

    made = keys.ensure()
    keys.note_masters()
    return len(made)


def count_usage() -> dict[str, int]:
    """Count what applications did since the last time, by day, for their developers."""
    from varco.usage import services as usage

    return usage.count()


def sweep() -> dict[str, int]:
    """Delete what is over and of no use, and return how many rows of each kind went."""
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from varco.audit import services as audit
    from varco.changes import services as changes
    from varco.clinical import services as clinical
    from varco.grants import services as grants
    from varco.mail import services as mail
    from varco.registry import services as registry
    from varco.signals import services as signals
    from varco.status import services as status
    from varco.tenants import services as tenants
    from varco.tickets import files
    from varco.tickets.queries import stored_names
    from varco.upkeep import services as upkeep
    from varco.usage import services as usage

    sessions = Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
    return {
        **grants.sweep(),
        **clinical.sweep(),
        "refusals": audit.sweep(),
        "mail": mail.sweep(),
        "signals": signals.sweep(),
        "member invitations": tenants.sweep(),
        **registry.sweep(),
        "runs of the upkeep": upkeep.sweep(),
        "uses of deprecated operations": changes.sweep(),
        "counts of usage": usage.sweep(),
        "days of the status page": status.sweep(),
        "sessions": sessions,
        "attachments": files.sweep(stored_names()),
    }
