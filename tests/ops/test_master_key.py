"""Replacing the master key: what each opens, moving everything to the first one, and when one is spare."""

import argparse
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.races import race
from varco import clock, sealed_rows
from varco.accounts.models import User
from varco.audit.chain_key import chain_key
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.grants.models import Grant
from varco.keys import queries, services
from varco.keys.models import SigningKey
from varco.mail.services import enqueue
from varco.ops import keys as command
from varco.ops import master_status
from varco.ops.preflight import OperationError
from varco.portal import session_store
from varco.portal.account import sealed_factors
from varco.portal.session_store import SessionStore
from varco.protocol.signals.streams import PUSH, StreamSettings
from varco.registry import sandboxes
from varco.registry.models import Sandbox
from varco.signals import services as signals

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

OLD, NEW, OTHER = b"o" * 32, b"n" * 32, b"x" * 32
DAY = 86400
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OLD_ID, NEW_ID = queries.master_ids((OLD, NEW))


@pytest.fixture
def dario(settings: Any, frozen: FrozenClock) -> User:
    """Somebody with something sealed of every kind, under the old key."""
    settings.MASTER_KEYS = (OLD,)
    services.ensure(algorithms=["ES256"])
    user = people.dario()
    totp.TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    enqueue(user.email, "Hello", "a link")
    session = SessionStore()
    session["kept"] = "in it"
    session.create()
    Session.objects.update(expire_date=timezone.now() + timedelta(days=4000))  # the clock of the tests is not Django's
    return user


def run(act: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    command.run(argparse.Namespace(act=act))
    return capsys.readouterr().out.splitlines()


def openings(masters: tuple[bytes, ...]) -> dict[str, dict[int | None, int]]:
    return {kind.name: dict(kind.census(masters)) for kind in master_status.kinds()}


def test_reseal_moves_everything_to_the_first_key_and_says_so(
    dario: User, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MASTER_KEYS = (OLD,)
    kept = chain_key()
    pushed = StreamSettings(method=PUSH, endpoint_url="https://a.example/", authorization="Bearer x")
    davide = people.davide()
    signals.save(people.application(davide).application, pushed, Origin(davide))
    made = Sandbox(
        tenant=people.tenant("S", "sandbox"), neighbour=people.tenant("T", "sandbox"), seed="empty", number=1
    )
    sandboxes.add(made, "of its users")
    settings.MASTER_KEYS = (NEW, OLD)
    sealed = {
        "signing keys": 2,
        "chain keys": 1,
        "second factors": 2,
        "waiting mail": 1,
        "signal streams": 1,
        "sandbox passwords": 1,
    }
    before = {kind: {1: number} for kind, number in sealed.items()}
    assert openings((NEW, OLD)) == before | {"browser sessions": {1: 1}}
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()
    assert run("reseal", capsys)[2] == f"second factors     2 moved, 2 open under key {NEW_ID} now"
    settings.MASTER_KEYS = (NEW,)
    assert all(set(found) == {0} for found in openings((NEW,)).values())
    made.refresh_from_db()
    assert made.password == "of its users"
    assert chain_key() == kept
    assert sealed_factors.opened(Authenticator.objects.get(type="totp").data["secret"]) == SECRET
    assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes() == codes
    assert SessionStore(Session.objects.get().session_key)["kept"] == "in it"
    assert queries.signer("ES256", "at+jwt", clock.now())
    events = {event.detail["kind"]: event for event in Event.objects.filter(tag="key.resealed")}
    assert events["second factors"].detail == {"kind": "second factors", "rows": 2, "key": NEW_ID}
    assert events["second factors"].actor.startswith("os:")
    assert len(events) == 7
    assert all(" 0 moved" in line for line in run("reseal", capsys))
    assert Event.objects.filter(tag="key.resealed").count() == 7


def test_an_interrupted_reseal_keeps_what_it_moved_and_goes_on(
    dario: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_rows, "BATCH", 1)
    masters = settings.MASTER_KEYS = (NEW, OLD)
    told: list[int] = []

    def cut_off(number: int) -> None:
        told.append(number)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sealed_factors.SEALED.move(masters, cut_off)
    assert sealed_factors.SEALED.census(masters) == {0: 1, 1: 1}
    assert sealed_factors.SEALED.move(masters, told.append) == 1
    assert sealed_factors.SEALED.census(masters) == {0: 2}


def test_sessions_that_are_written_meanwhile_keep_what_was_written(dario: User, settings: Any) -> None:
    masters = settings.MASTER_KEYS = (NEW, OLD)
    key = Session.objects.get().session_key

    def act(number: int) -> None:
        if number % 2:
            session_store.SEALED.move(masters, lambda _: None)
        else:
            session = SessionStore(key)
            session["kept"] = "written"
            session.save()

    race(act, 10)
    assert SessionStore(key)["kept"] == "written"
    assert session_store.SEALED.census(masters).total() == 1


def test_status_calls_no_key_spare_that_opens_anything(
    dario: User, settings: Any, frozen: FrozenClock, capsys: pytest.CaptureFixture[str]
) -> None:
    app = people.application(people.davide())
    services.note_masters()
    frozen.advance(3600)
    settings.MASTER_KEYS = (OLD, NEW)
    services.note_masters()
    assert run("status", capsys) == [
        f"{OLD_ID}  in front: seals and signs; opens 2 signing keys, 2 second factors, 1 waiting mail, 1 browser sessions",
        f"{NEW_ID}  waits: never stood in front; put it there when every server knows it",
    ]
    Grant.objects.create(
        user=dario, application=app.application, tenant=dario.membership.tenant, state="active", rid="r", n=3,
        rotated_at=frozen(), idle_expires_at=frozen.seconds + 200 * DAY, expires_at=frozen.seconds + 300 * DAY,
    )  # fmt: skip
    frozen.advance(3600)
    settings.MASTER_KEYS = (NEW, OLD)
    services.note_masters()
    assert run("status", capsys)[1].startswith(f"{OLD_ID}  needed: opens 2 signing keys, 2 second factors")
    run("reseal", capsys)
    frozen.advance(DAY)
    needed = run("status", capsys)[1]
    assert needed.startswith(f"{OLD_ID}  needed: opens up to 1 refresh tokens, links in mails and sign-ins until ")
    Grant.objects.update(rotated_at=frozen())  # turned over, under the new key
    frozen.advance(10 * DAY)
    assert run("status", capsys)[1].startswith(f"{OLD_ID}  needed: opens cookies of known devices until ")
    frozen.advance(80 * DAY)
    assert run("status", capsys)[1] == f"{OLD_ID}  spare: opens nothing any more and can be taken out"


def test_status_tells_of_servers_that_have_another_key_in_front(
    dario: User, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    services.note_masters()
    settings.MASTER_KEYS = (NEW, OLD)
    assert run("status", capsys)[-1].startswith(f"!         a server has {OLD_ID} in front until now")


def test_what_opens_under_no_key_is_told_and_left_alone(
    dario: User, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MASTER_KEYS = (OTHER,)
    before = list(Authenticator.objects.order_by("pk").values("data"))
    assert "2 signing keys, 2 second factors, 1 waiting mail" in run("status", capsys)[-1]
    with pytest.raises(OperationError, match="5 rows open under none of the master keys"):
        master_status.reseal()
    assert list(Authenticator.objects.order_by("pk").values("data")) == before


@pytest.mark.parametrize(
    ("spoil", "stops"),
    [
        (lambda: None, True),
        (lambda: SigningKey.objects.all().delete(), True),
        (lambda: (SigningKey.objects.all().delete(), totp.TOTP.activate(people.marta(), SECRET)), False),
    ],
    ids=["all", "no factor opens", "one opens"],
)  # fmt: skip
def test_readiness_and_start_fail_where_the_keys_are_wrong_not_where_a_row_is(
    dario: User, settings: Any, spoil: Callable[[], object], stops: bool
) -> None:
    from varco.ops import health

    settings.MASTER_KEYS = (OTHER,)
    spoil()
    stopping, others = health.sealing_faults()
    assert bool([text for text in stopping if "second factors" in text]) is stops
    assert any("second factors" in text for text in health.faults()) is stops
    assert stops or "2 of 3 second factors were sealed under another master key" in others[0]


@pytest.mark.parametrize("way", ["app", "recovery code"])
def test_a_factor_that_does_not_open_is_a_page_with_what_to_do(dario: User, settings: Any, way: str) -> None:
    settings.MASTER_KEYS = (OTHER, NEW)
    if way == "recovery code":
        Authenticator.objects.filter(type="totp").update(data={"secret": sealed_factors.seal(SECRET)})
    browser = Client(raise_request_exception=False)
    browser.post("/account/login/", {"login": dario.email, "password": people.PASSWORD})
    page = browser.post("/account/2fa/authenticate/", {"code": "123456"})
    assert page.status_code == 503
    assert "Your second step cannot be checked" in page.content.decode()
    assert not Event.objects.filter(tag="account.sign_in_failed").exists()
