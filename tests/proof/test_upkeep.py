"""Chains are linked in order, signed once a day, cut after the retention, and hold all the same."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import FrozenClock
from tests.support import access_rows, people, races
from varco.audit.chain_key import chain_key
from varco.audit.models import ChainHead, Event
from varco.chains import cutting, linking
from varco.chains.kinds import ChainedKind
from varco.clinical.models import AccessChain, AccessPatient, AccessRecord
from varco.keys import services as keys
from varco.ops import logs
from varco.ops.cli import main
from varco.proof import heads, streams, upkeep
from varco.proof.verification import verify

AURORA = "clinic:tenant-aurora"
MONTH = 2_629_746  # seconds
everything = pytest.mark.django_db(databases=["default", "clinic", "sandbox"])
committed = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


@pytest.fixture
def signing(frozen: FrozenClock, db: None) -> None:
    keys.ensure(algorithms=["ES256"])


def faults() -> list[object]:
    return [verdict.fault for verdict in verify() if verdict.fault]


def places(alias: str = "clinic", tenant: str = "tenant-aurora") -> list[int]:
    rows = AccessRecord.objects.using(alias).filter(tenant_id=tenant).exclude(seq=None)
    return [row.seq or 0 for row in rows.order_by("seq")]


@everything
def test_each_clinic_has_a_chain_without_gaps_in_its_own_database() -> None:
    for number in range(6):
        access_rows.record(number, tenant_id=f"tenant-{number % 2}")
        access_rows.record(number, alias="sandbox", tenant_id="tenant-0")
    assert upkeep.link_rows() == 12
    assert upkeep.link_rows() == 0
    assert [places(tenant="tenant-0"), places(tenant="tenant-1"), places("sandbox", "tenant-0")] == [
        [1, 2, 3],
        [1, 2, 3],
        [*range(1, 7)],
    ]
    assert faults() == []


@committed
def test_many_processes_that_link_at_once_make_one_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "BATCH", 7)
    chain_key()
    for number in range(40):
        access_rows.record(number, [number, number + 1])
    races.race(lambda _: upkeep.link_rows(), 4)
    upkeep.link_rows()
    assert places() == list(range(1, 41))
    assert AccessPatient.objects.using("clinic").count() == 80
    assert faults() == []


@everything
def test_a_list_stands_in_the_index_with_every_patient() -> None:
    access_rows.record(0, range(1, 200))
    access_rows.record(1, [])
    upkeep.link_rows()
    assert AccessPatient.objects.using("clinic").count() == 199
    assert faults() == []


@everything
def test_heads_are_signed_once_a_day_and_only_where_something_was_added(frozen: FrozenClock, signing: None) -> None:
    def signed() -> list[tuple[str, int]]:
        return sorted((head.stream, head.seq) for head in upkeep.sign_daily() if head.stream == AURORA)

    access_rows.records([1, 2])
    assert signed() == [(AURORA, 2)]
    access_rows.records([3])
    assert signed() == []
    frozen.advance(86400)
    keys.ensure(algorithms=["ES256"])
    assert signed() == [(AURORA, 3)]
    frozen.advance(86400)
    assert signed() == []
    claims = heads.claims_of(ChainHead.objects.filter(stream=AURORA).latest("seq").jws, heads.verifier())
    assert claims is not None
    assert (claims.stream, claims.seq, claims.kind) == (AURORA, 3, "daily")


@everything
def test_the_log_tells_a_head_whole_and_no_other_jwt(
    frozen: FrozenClock, signing: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.VARCO = replace(settings.VARCO, demo=False)
    access_rows.records([1])
    with caplog.at_level("INFO", "varco.audit"):
        upkeep.sign_daily()
    (line,) = [json.loads(logs.JsonFormatter().format(one)) for one in caplog.records if AURORA in one.getMessage()]
    claims = heads.claims_of(line["head"], heads.verifier())
    assert claims is not None
    assert (claims.stream, claims.seq) == (AURORA, 1)
    assert line["head"] not in logs.redact(f"somebody sent {line['head']}")


@everything
def test_what_is_kept_no_longer_goes_and_the_rest_still_proves_itself(frozen: FrozenClock, signing: None) -> None:
    now = frozen.milliseconds
    ages = [40, 38, 37, 35, 20, 0]  # months
    for age in ages:
        access_rows.record(0, [age], at=now - age * MONTH * 1000)
    upkeep.link_rows()
    upkeep.sign_now()
    assert upkeep.remove_old() == {AURORA: 3}
    assert places() == [4, 5, 6]
    assert AccessPatient.objects.using("clinic").count() == 3
    assert Event.objects.filter(tag="records.removed", detail__rows=3).exists()
    (verdict,) = (verdict for verdict in verify() if verdict.stream == AURORA)
    assert (verdict.cut, verdict.rows, verdict.fault) == (3, 3, None)
    assert upkeep.remove_old() == {}
    access_rows.records([1])
    assert faults() == []
    # All of it: the chain goes on where it was.
    frozen.advance(60 * MONTH)
    keys.ensure(algorithms=["ES256"])
    assert upkeep.remove_old() == {AURORA: 4}
    assert places() == []
    assert faults() == []
    access_rows.records([2])
    assert places() == [8]
    assert faults() == []


@everything
def test_a_row_that_came_late_keeps_what_stands_behind_it(frozen: FrozenClock, signing: None) -> None:
    """Places are in the order of coming: what is old and stands behind something young stays with it."""
    now = frozen.milliseconds
    for age in (40, 1, 40):
        access_rows.record(0, at=now - age * MONTH * 1000)
    upkeep.link_rows()
    assert upkeep.remove_old() == {AURORA: 1}
    assert places() == [2, 3]
    assert faults() == []


@everything
def test_a_cut_that_was_interrupted_holds_and_goes_on(
    frozen: FrozenClock, signing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "BATCH", 2)
    for _ in range(5):
        access_rows.record(0, at=frozen.milliseconds - 40 * MONTH * 1000)
    access_rows.records([1])
    calls: list[ChainedKind] = []

    def killed_at_the_second(kind: ChainedKind) -> None:
        calls.append(kind)
        if len(calls) == 2:
            raise KeyboardInterrupt
        linking.lock(kind)

    monkeypatch.setattr(cutting, "lock", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        upkeep.remove_old()
    assert places() == [3, 4, 5, 6]
    assert faults() == []
    assert upkeep.remove_old() == {AURORA: 3}
    assert places() == [6]
    assert faults() == []


@everything
def test_the_command_tells_what_holds_and_what_does_not(signing: None, capsys: pytest.CaptureFixture[str]) -> None:
    tenant = people.tenant("Aurora")
    access_rows.records(range(3), tenant_id=tenant.public_id)
    assert main(["audit", "sign"]) == 0
    assert capsys.readouterr().out.count(".") >= 2
    assert main(["audit", "verify"]) == 0
    assert "Every chain holds." in capsys.readouterr().out
    AccessRecord.objects.using("clinic").filter(seq=2).update(person="sub-other")
    row = AccessRecord.objects.using("clinic").get(seq=2)
    assert main(["audit", "verify", "--tenant", tenant.public_id]) == 1
    assert f"clinic:{tenant.public_id}: ALTERED at place 2 (row {row.pk})" in capsys.readouterr().out
    assert main(["audit", "verify", "--tenant", tenant.public_id, "--json"]) == 1
    (said,) = json.loads(capsys.readouterr().out)
    assert (said["fault"]["wrong"], said["fault"]["place"], said["fault"]["row"]) == ("altered", 2, row.pk)
    assert main(["audit", "verify", "--tenant", "tenant-nowhere"]) != 0


def test_every_kind_of_chained_rows_has_a_stream_of_its_own() -> None:
    prefixes = [kind.prefix for kind in streams.KINDS]
    assert len(set(prefixes)) == len(prefixes)


@everything
def test_a_head_signed_while_a_backup_was_made_is_no_fault_once_it_is_restored(signing: None) -> None:
    """The clinic was copied before the head's rows came, the platform after it was signed."""
    access_rows.records(range(4))
    chain = AccessChain.objects.using("clinic").get()
    access_rows.records(range(4, 6))
    upkeep.sign_now()
    AccessPatient.objects.using("clinic").filter(record__seq__gt=4).delete()
    AccessRecord.objects.using("clinic").filter(seq__gt=4).delete()
    chain.save(using="clinic")
    assert len(faults()) == 1
    assert upkeep.forget_heads_beyond() == 1
    assert faults() == []
