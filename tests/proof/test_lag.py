"""That linking lags, or stopped at an end that was changed by hand, is told by the doctor and by the metrics."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import settings as django_settings

from tests.conftest import FrozenClock
from tests.support import access_rows
from varco.audit.chain_key import chain_key
from varco.audit.models import ChainKey
from varco.chains import linking
from varco.clinical.models import AccessChain, AccessRecord
from varco.ops import doctor
from varco.ops.cli import main
from varco.ops.doctor import audit, checks
from varco.ops.metrics import levels
from varco.ops.metrics.sample_file import series
from varco.proof import lag, upkeep

AURORA, LEVANTE = "clinic:tenant-aurora", "clinic:tenant-levante"
everything = pytest.mark.django_db(databases=["default", "clinic", "sandbox"])


@pytest.fixture(autouse=True)
def connections_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sampler closes old connections, and with that of the test all that it has written."""
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)


@pytest.fixture
def settings() -> Any:
    return dataclasses.replace(django_settings.VARCO, demo=False)


def told(settings: Any) -> tuple[list[str], list[str]]:
    """What the two lines of the doctor say."""
    found = (audit.chain_ends(settings), audit.linking(settings))
    return [finding.text for finding in found[0]], [finding.text for finding in found[1]]


def levels_of(database: str) -> tuple[float, float]:
    now: Mapping[Any, float] = levels.from_databases()
    names = ("varco_audit_unlinked_seconds", "varco_audit_ends_altered")
    seconds, altered = (now[series(name, database=database)] for name in names)
    return seconds, altered


def change_the_end(stream: str) -> None:
    assert AccessChain.objects.using("clinic").filter(pk=stream).update(seq=0) == 1


@everything
def test_rows_that_nobody_links_are_told_after_two_minutes(frozen: FrozenClock, settings: Any) -> None:
    access_rows.record(0, at=frozen.seconds * 1000)
    frozen.advance(lag.LATE)
    assert told(settings) == ([], [])
    frozen.advance(1)
    ((text,),) = (told(settings)[1],)
    assert text.startswith("the oldest audit row of clinic that is not linked is 2 minutes old; see that `varco serve`")
    assert levels_of("clinic") == (lag.LATE + 1, 0)
    assert levels_of("sandbox") == (0, 0)
    assert audit.linking(dataclasses.replace(settings, demo=True)) == [], "a demo invents a past"
    upkeep.link_rows()
    assert (told(settings), levels_of("clinic")) == (([], []), (0, 0))


@everything
def test_an_end_that_was_changed_by_hand_is_named_with_what_to_do_first(frozen: FrozenClock, settings: Any) -> None:
    for tenant in ("tenant-aurora", "tenant-levante"):
        access_rows.record(0, tenant_id=tenant, at=frozen.seconds * 1000)
    upkeep.link_rows()
    change_the_end(AURORA)
    ((text,), late) = told(settings)
    assert f"the end of the audit chain {AURORA} was changed by hand" in text
    assert LEVANTE not in text
    assert text.endswith("keep a copy of the databases as they are, then run: varco audit verify")
    assert late == []
    assert levels_of("clinic") == (0, 0), "nothing waits for it yet"
    access_rows.record(1, at=frozen.seconds * 1000)
    upkeep.link_rows()
    frozen.advance(lag.LATE + 1)
    assert levels_of("clinic") == (lag.LATE + 1, 1)
    assert len(told(settings)[1]) == 1


@everything
def test_rows_of_a_stream_that_is_stuck_keep_no_other_waiting(
    frozen: FrozenClock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tenant in ("tenant-aurora", "tenant-levante"):
        access_rows.record(0, tenant_id=tenant, at=frozen.seconds * 1000)
    upkeep.link_rows()
    change_the_end(AURORA)
    monkeypatch.setattr(linking, "BATCH", 3)
    for number in range(4):
        access_rows.record(number, at=frozen.seconds * 1000)
    for number in range(4):
        access_rows.record(number, tenant_id="tenant-levante", at=frozen.seconds * 1000)
    assert upkeep.link_rows() == 4
    waiting = AccessRecord.objects.using("clinic").filter(seq=None).values_list("tenant_id", flat=True)
    assert set(waiting) == {"tenant-aurora"}


@everything
def test_many_ends_are_named_by_three(frozen: FrozenClock, settings: Any) -> None:
    for number in range(5):
        access_rows.record(0, tenant_id=f"tenant-{number}", at=frozen.seconds * 1000)
    upkeep.link_rows()
    for number in range(5):
        change_the_end(f"clinic:tenant-{number}")
    assert "clinic:tenant-0, clinic:tenant-1, clinic:tenant-2 and 2 more was changed" in told(settings)[0][0]


@everything
def test_the_doctor_makes_no_key_and_bears_one_that_does_not_open(frozen: FrozenClock, settings: Any) -> None:
    assert told(settings) == ([], [])
    assert not ChainKey.objects.exists()
    chain_key()
    access_rows.record(0, at=frozen.seconds * 1000)
    upkeep.link_rows()
    ChainKey.objects.update(sealed=b"of another master key")
    assert told(settings) == ([], []), "the line of what is sealed tells of it"


@everything
def test_a_start_knows_nothing_of_lag_and_tells_of_ends(
    frozen: FrozenClock, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    access_rows.record(0, at=frozen.seconds * 1000)
    upkeep.link_rows()
    change_the_end(AURORA)
    access_rows.record(1, at=(frozen.seconds - 3600) * 1000)
    ours = [check for check in checks.checks() if check.name in {"chains", "linking"}]
    monkeypatch.setattr(checks, "checks", lambda: ours)
    doctor.before_start(settings)
    (warned,) = [record.getMessage() for record in caplog.records if record.name == "varco.doctor"]
    assert AURORA in warned


@everything
def test_what_the_doctor_bids_names_the_stream(frozen: FrozenClock, capsys: pytest.CaptureFixture[str]) -> None:
    access_rows.record(0, at=frozen.seconds * 1000)
    upkeep.link_rows()
    change_the_end(AURORA)
    assert main(["audit", "verify", "--json"]) == 1
    wrong = [found["stream"] for found in json.loads(capsys.readouterr().out) if found["fault"]]
    assert wrong == [AURORA]
