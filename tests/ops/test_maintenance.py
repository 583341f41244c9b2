"""What the maintenance thread sweeps away, what it keeps, and that one failing step does not stop the rest."""

import logging
import os
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.agendas import Bookable
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.changes.models import DeprecatedUse
from varco.clinical.models import IdempotencyKey
from varco.databases import CLINIC_ALIASES
from varco.grants.models import DeviceRequest, Grant, Interaction, LogoutNotice, PushedRequest, UsedJti
from varco.mail.models import Message
from varco.ops import maintenance
from varco.registry.models import Application, CreationKey, TeamInvitation, Transfer
from varco.signals.models import Signal, Stream
from varco.status.models import CheckedDay
from varco.tenants.models import MemberInvitation
from varco.tickets import files
from varco.upkeep.models import Run, Step
from varco.usage.models import DayCount

DAY = 86400


def test_the_sweep_takes_what_is_over_and_nothing_else(db: None, frozen: FrozenClock) -> None:
    made = people.application(people.davide())
    dario = people.dario()
    now = frozen.seconds
    attachments = [files.path_of(letter * 64) for letter in "ab"]
    for path, age in zip(attachments, (2 * DAY, 60), strict=True):
        path.parent.mkdir(parents=True)
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    for old in (True, False):
        past = now - 40 * DAY if old else now - 60
        end = past + 60
        name = "old" if old else "new"
        Interaction.objects.create(id=name, browser="x", client_id="c", parameters={}, expires_at=end)
        PushedRequest.objects.create(request_uri_hash=name, client_id="c", parameters={}, expires_at=end)
        UsedJti.objects.create(id=name, kind="dpop", expires_at=past if old else now + 60)
        DeviceRequest.objects.create(
            device_code_hash=name, user_code=name, application=made.application, expires_at=end
        )
        RefusedRequest.objects.create(
            at=past * 1000, request_id=name, endpoint="token", error="invalid_grant", rule="x"
        )
        Session.objects.create(
            session_key=name, session_data="", expire_date=timezone.now() + timedelta(days=-1 if old else 1)
        )
        Message.objects.create(to="a@b.example", subject=name, sealed_text="", sent_at=past, next_try_at=None)
        MemberInvitation.objects.create(
            tenant=dario.membership.tenant, email=f"{name}@b.example", role="doctor", digest=name, expires_at=past
        )
        today = datetime.fromtimestamp(now, UTC).date()
        CheckedDay.objects.create(part="mail", day=today - timedelta(days=91 if old else 1))
        Run.objects.create(step=name, at=past * 1000, took_ms=1)
        of_the_registry(made.application, dario, name, past if old else now + 60, past)
        _of_usage(past // DAY - (30 if old else 0))  # days are kept for longer than the rest
        LogoutNotice.objects.create(
            user=dario, application=made.application, tenant=dario.membership.tenant, sid=name, request_id=name,
            created_at=past, next_try_at=None,
        )  # fmt: skip
        stream, _ = Stream.objects.get_or_create(application=made.application)
        Signal.objects.create(stream=stream, jti=name, kind="verification", txn=name, created_at=past, next_try_at=None)
        for alias in CLINIC_ALIASES:
            IdempotencyKey.objects.using(alias).create(
                id=name, fingerprint="", status=201, headers="", body="", created_at=past, expires_at=past if old else now + 60,
            )  # fmt: skip
            Bookable("tenant-aurora", database=alias).add_hold("user-x", 1, past if old else now + 60)
        for state in (Grant.State.CODE, Grant.State.ENDED, Grant.State.ACTIVE):
            Grant.objects.create(
                state=state, user=dario, application=made.application, tenant=dario.membership.tenant,
                code_hash=f"{name}{state}", code_expires_at=end,
            )  # fmt: skip
    assert set(maintenance.sweep().values()) == {1}
    assert [path.exists() for path in attachments] == [False, True]
    assert Grant.objects.filter(code_hash__startswith="old").count() == 2
    assert Grant.objects.filter(code_hash__startswith="new").count() == 3
    kinds = (Interaction, PushedRequest, UsedJti, DeviceRequest, RefusedRequest, Session, Message, LogoutNotice, Signal)
    registry = (CreationKey, TeamInvitation, Transfer)
    for kept in (*kinds, *registry, MemberInvitation, Run, DayCount, DeprecatedUse, CheckedDay):
        assert kept._default_manager.count() == 1, kept
    assert [IdempotencyKey.objects.using(alias).get().id for alias in CLINIC_ALIASES] == ["new", "new"]
    assert set(maintenance.sweep().values()) == {0}


def _of_usage(day: int) -> None:
    DayCount.objects.create(application_id=1, day=day, kind="call", operation="x", status=200, number=1)


def of_the_registry(application: Application, person: User, name: str, ends: int, past: int) -> None:
    """A row of each kind that stands beside an application for a time."""
    team = people.team_of(application.owner)
    other = people.application(person, name=name).application
    TeamInvitation.objects.create(
        team=team, email=f"{name}@b.example", role="viewer", digest=name, expires_at=ends, created_at=past
    )
    Transfer.objects.create(application=other, team=team, offered_by=person, expires_at=ends, created_at=past)
    CreationKey.objects.create(id=name, application=application, expires_at=ends)
    DeprecatedUse.objects.create(application_id=application.pk, operation=name, last_used_at=past)


def test_unsent_mail_is_never_swept_and_what_was_given_up_after_its_time(db: None, frozen: FrozenClock) -> None:
    then = frozen.seconds - 400 * DAY
    Message.objects.create(to="a@b.example", subject="waiting", sealed_text="", created_at=then)
    Message.objects.create(to="a@b.example", subject="given up", sealed_text="", created_at=then, next_try_at=None)
    Message.objects.create(to="a@b.example", subject="given up now", sealed_text="", next_try_at=None)
    maintenance.sweep()
    assert set(Message.objects.values_list("subject", flat=True)) == {"waiting", "given up now"}


def test_a_logout_notice_that_still_waits_is_never_swept(db: None, frozen: FrozenClock) -> None:
    dario, made = people.dario(), people.application(people.davide())
    LogoutNotice.objects.create(
        user=dario, application=made.application, tenant=dario.membership.tenant, sid="s", request_id="r",
        created_at=frozen.seconds - 400 * DAY,
    )  # fmt: skip
    maintenance.sweep()
    assert LogoutNotice.objects.count() == 1


def test_applications_that_do_not_answer_keep_no_mail_waiting(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed, over = threading.Event(), threading.Event()
    monkeypatch.setattr(maintenance, "_TICK", 0.01)
    monkeypatch.setattr(maintenance, "tell_of_logouts", lambda *_: over.wait(20))
    monkeypatch.setattr(maintenance, "send_mail", lambda _: mailed.set())
    upkeep = maintenance.Maintenance(settings.VARCO)
    upkeep.start()
    try:
        assert mailed.wait(10)
    finally:
        over.set()
        upkeep.stop()
    assert not upkeep.is_alive()


def test_a_step_that_fails_is_logged_and_does_not_stop_the_others(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def broken() -> None:
        raise RuntimeError("the calendar is torn")

    monkeypatch.setattr(maintenance, "_TICK", 0.01)
    monkeypatch.setattr(maintenance, "ensure_keys", broken)
    monkeypatch.setattr(maintenance, "sweep", done.set)
    thread = maintenance.Maintenance(settings.VARCO)
    with caplog.at_level(logging.ERROR, "varco.maintenance"):
        thread.start()
        assert done.wait(10)
        thread.stop()
    assert not thread.is_alive()
    assert "the calendar is torn" in caplog.text
    # What drivers say names hosts and users: of a fault its kind alone is kept.
    assert Step.objects.get(name="keys").last_fault == Run.objects.get(step="keys").fault == "RuntimeError"
    assert Step.objects.get(name="sweep").last_fault_at is None
    assert not Run.objects.filter(step="sweep").exists(), "what did nothing leaves no run"
