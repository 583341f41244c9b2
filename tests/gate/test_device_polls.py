"""What a device's polls leave behind: nothing, unless they come too fast (RFC 8628 §3.5)."""

from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import DEVICE_CODE, OF_A_DEVICE, MakeGate, core_of, written
from tests.support import people
from tests.support.people import Registered
from varco.gate.auth.device_polls import REMEMBERED, DevicePolls, Poll
from varco.gate.store import Database, StoreUnavailable
from varco.grants.models import DeviceRequest
from varco.protocol.device_authorization import DeviceRecord

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


@pytest.fixture
def box(transactional_db: None, frozen: FrozenClock) -> Registered:
    """A public application on a device."""
    return people.application(people.davide(), type="device", grant_types=OF_A_DEVICE, redirect_uris=[])


def begin(gate: TestClient, box: Registered) -> str:
    form = {"scope": "openid", "client_id": box.client_id}
    code: str = gate.post("/oauth2/device_authorization", data=form).json()["device_code"]
    return code


def said(gate: TestClient, box: Registered, code: str) -> str:
    form = {"client_id": box.client_id, "grant_type": DEVICE_CODE, "device_code": code}
    answer = gate.post("/oauth2/token", data=form)
    assert answer.status_code == 400
    return str(answer.json()["error"])


def test_polls_in_time_write_nothing(gate: TestClient, box: Registered, frozen: FrozenClock) -> None:
    code = begin(gate, box)
    before = DeviceRequest.objects.values().get()
    for _ in range(3):
        assert said(gate, box, code) == "authorization_pending"
        frozen.advance(5)
    written(gate)
    assert DeviceRequest.objects.values().get() == before


def test_a_device_slowed_down_by_one_process_is_slow_for_all(
    make_gate: MakeGate, box: Registered, frozen: FrozenClock
) -> None:
    one, other = make_gate(), make_gate()
    code = begin(one, box)

    assert [said(gate, box, code) for gate in (one, other, one)] == [
        "authorization_pending",
        "authorization_pending",
        "slow_down",
    ]
    written(one)
    frozen.advance(6)
    assert said(other, box, code) == "slow_down"  # ten seconds by now, since the poll that the other one refused
    written(other)
    assert DeviceRequest.objects.get().interval == 15
    frozen.advance(14)
    assert said(make_gate(), box, code) == "slow_down"  # also for one that has just started


def test_an_interval_that_could_not_be_written_yet_holds_and_is_written_later(
    gate: TestClient, box: Registered, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_arguments: Any) -> None:
        raise StoreUnavailable("the database is away")

    code = begin(gate, box)
    assert [said(gate, box, code) for _ in range(2)] == ["authorization_pending", "slow_down"]
    with monkeypatch.context() as patched:
        patched.setattr(core_of(gate).platform, "write_many", away)
        with pytest.raises(StoreUnavailable):
            written(gate)
    frozen.advance(9)
    assert said(gate, box, code) == "slow_down"
    written(gate)
    assert DeviceRequest.objects.get().interval == 15


def test_of_many_devices_those_that_polled_last_are_remembered() -> None:
    polls = DevicePolls(cast("Database", None))
    stored = DeviceRecord(application_id=1, state="pending", expires_at=600)
    for id_ in range(3 * REMEMBERED):
        polls.note(id_, Poll(id_, 10), slowed=True)
    known = [polls.known(id_, stored).interval for id_ in range(3 * REMEMBERED)]
    assert known.count(10) <= REMEMBERED
    assert set(known[-REMEMBERED // 2 :]) == {10}
