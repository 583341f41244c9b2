"""Counting what applications did: every row once, whoever counts, whenever it comes; by the day it happened."""

from collections.abc import Iterator

import pytest
from django.db import connections

from tests.conftest import FrozenClock
from tests.support import access_rows, people
from tests.support.races import race
from varco.audit.models import Event, RefusedRequest
from varco.audit.tags import Tag
from varco.clinical.models import AccessRecord
from varco.grants.models import Grant
from varco.usage import queries, records, refreshes, services
from varco.usage.models import Counted, DayCount

DAY_MS = 86_400_000
APPLICATION = 7


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """All of these have rows."""


def event(frozen: FrozenClock, tag: Tag, days_ago: int = 0, application_id: int | None = APPLICATION) -> None:
    Event.objects.create(tag=tag, at=frozen() - days_ago * DAY_MS, application_id=application_id)


def refusal(frozen: FrozenClock, error: str = "invalid_grant", status: int = 400, days_ago: int = 0) -> None:
    RefusedRequest.objects.create(
        at=frozen() - days_ago * DAY_MS, request_id="r", endpoint="/oauth2/token", application_id=APPLICATION,
        error=error, rule="x", status=status,
    )  # fmt: skip


def access(frozen: FrozenClock, alias: str = "clinic", days_ago: int = 0, outcome: str = "ok") -> AccessRecord:
    at = frozen() - days_ago * DAY_MS
    return access_rows.record(alias=alias, at=at, application_id=APPLICATION, outcome=outcome)


def settle(frozen: FrozenClock) -> None:
    frozen.advance(records.SETTLED_MS / 1000 + 1)


def counts() -> dict[tuple[str, str, int], int]:
    rows = DayCount.objects.filter(application_id=APPLICATION).order_by()
    found: dict[tuple[str, str, int], int] = {}
    for kind, operation, status, number in rows.values_list("kind", "operation", "status", "number"):
        found[kind, operation, status] = found.get((kind, operation, status), 0) + number
    return found


def test_each_kind_of_record_is_counted_once_on_its_day(frozen: FrozenClock) -> None:
    for tag in (Tag.CODE_ISSUED, Tag.DEVICE_APPROVED, Tag.GRANT_ISSUED, Tag.GRANT_ISSUED, Tag.CONSENT_GIVEN):
        event(frozen, tag)
    event(frozen, Tag.GRANT_ISSUED, application_id=None)
    event(frozen, Tag.GRANT_ISSUED, days_ago=2)
    refusal(frozen)
    refusal(frozen, status=429)
    for alias in ("clinic", "sandbox"):
        access(frozen, alias)
    access(frozen, outcome="not_found")  # stands in the log of refused requests
    settle(frozen)
    for _again in range(2):
        services.count()
    assert counts() == {
        ("authorization", "code.issued", 200): 1,
        ("authorization", "device.approved", 200): 1,
        ("token", "grant.issued", 200): 3,
        ("error", "/oauth2/token", 400): 1,
        ("error", "/oauth2/token", 429): 1,
        ("call", "patient.read", 200): 2,
    }
    found = queries.usage(APPLICATION)
    assert [(day.authorizations, day.tokens, day.calls, day.errors) for day in found.days[-3:]] == [
        (0, 1, 0, 0), (0, 0, 0, 0), (2, 2, 2, 2),
    ]  # fmt: skip
    assert found.statuses == [(200, 5), (400, 1), (429, 1)]


def test_waiting_for_a_device_and_words_of_the_log_are_no_errors(frozen: FrozenClock) -> None:
    refusal(frozen, "authorization_pending")
    refusal(frozen, "trace_incomplete", 503)
    refusal(frozen, "rolled_back", 200)
    settle(frozen)
    services.count()
    assert counts() == {}


def test_a_row_that_may_have_been_overtaken_waits_until_all_before_it_are_there(frozen: FrozenClock) -> None:
    event(frozen, Tag.GRANT_ISSUED)
    settle(frozen)
    event(frozen, Tag.GRANT_ISSUED)
    services.count()
    assert counts() == {("token", "grant.issued", 200): 1}
    settle(frozen)
    services.count()
    assert counts() == {("token", "grant.issued", 200): 2}


def test_what_is_older_than_two_months_is_passed_over_and_old_counts_go(frozen: FrozenClock) -> None:
    event(frozen, Tag.GRANT_ISSUED, days_ago=70)
    event(frozen, Tag.GRANT_ISSUED)
    settle(frozen)
    services.count()
    assert sum(counts().values()) == 1
    frozen.advance(62 * 86400)
    assert services.sweep() == 1
    assert counts() == {}


def test_many_rows_are_counted_in_parts(frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PART", 3)
    monkeypatch.setattr(records, "PARTS", 2)
    for _ in range(8):
        refusal(frozen)
    settle(frozen)
    source = records.sources()["refusals"]
    assert [records.count(source) for _ in range(3)] == [6, 2, 0]


def test_until_when_everything_is_counted_is_told_by_the_source_that_is_behind(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queries.usage(APPLICATION).counted_until == 0
    services.count()
    first = frozen()
    frozen.advance(3600)
    monkeypatch.setattr(records, "PART", 1)
    monkeypatch.setattr(records, "PARTS", 1)
    for _ in range(3):
        refusal(frozen)
    settle(frozen)
    services.count()
    assert queries.usage(APPLICATION).counted_until == (first - records.SETTLED_MS) // 1000
    for _ in range(3):
        services.count()
    assert queries.usage(APPLICATION).counted_until == (frozen() - records.SETTLED_MS) // 1000


def test_a_database_restored_to_before_is_counted_on_from_where_it_is(frozen: FrozenClock) -> None:
    made = [access(frozen) for _ in range(3)]
    settle(frozen)
    services.count()
    AccessRecord.objects.using("clinic").filter(pk__gt=made[0].pk).delete()
    services.count()
    AccessRecord.objects.using("clinic").create(
        **access_rows.FIELDS | {"pk": made[0].pk + 1, "at": frozen(), "application_id": APPLICATION}
    )
    settle(frozen)
    services.count()
    assert counts() == {("call", "patient.read", 200): 4}


def refreshed(frozen: FrozenClock, grant: Grant, times: int) -> None:
    frozen.advance(600)
    grant.n += times
    grant.rotated_at = frozen()
    grant.save()


@pytest.fixture
def grant(frozen: FrozenClock) -> Grant:
    user = people.dario()
    made = people.application(people.davide()).application
    return Grant.objects.create(
        user=user, application=made, tenant=user.membership.tenant, state=Grant.State.ACTIVE, n=1, rotated_at=frozen()
    )


def refreshes_of(grant: Grant) -> int:
    found = DayCount.objects.filter(application_id=grant.application_id, operation=refreshes.OPERATION)
    return sum(found.values_list("number", flat=True))


def test_refreshes_are_what_the_number_of_a_grant_grew_by(frozen: FrozenClock, grant: Grant) -> None:
    services.count()
    fresh = Grant.objects.create(
        user=grant.user, application=grant.application, tenant=grant.tenant, state=Grant.State.ACTIVE, n=1
    )
    for times, expected in ((3, 3), (0, 3), (2, 5)):
        if times:
            refreshed(frozen, fresh, times)
        settle(frozen)
        services.count()
        assert refreshes_of(grant) == expected


def test_a_grant_of_before_counting_began_counts_from_its_next_refresh(frozen: FrozenClock, grant: Grant) -> None:
    grant.n, grant.created_at = 400, grant.created_at - 86400
    grant.save()
    frozen.advance(10)
    services.count()
    refreshed(frozen, grant, 1)
    settle(frozen)
    services.count()
    assert refreshes_of(grant) == 1
    refreshed(frozen, grant, 2)
    settle(frozen)
    services.count()
    assert refreshes_of(grant) == 3


def test_a_count_that_fails_counts_nothing_and_is_done_again(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_lines: Iterator[records.Line]) -> None:
        raise RuntimeError

    event(frozen, Tag.GRANT_ISSUED)
    settle(frozen)
    with monkeypatch.context() as patched:
        patched.setattr(records, "add", fail)
        with pytest.raises(RuntimeError):
            services.count()
    services.count()
    assert counts() == {("token", "grant.issued", 200): 1}


@pytest.mark.usefixtures("transactional_db")
def test_many_servers_that_count_at_once_count_every_row_once(frozen: FrozenClock, grant: Grant) -> None:
    services.count()
    for _ in range(20):
        event(frozen, Tag.GRANT_ISSUED)
        access(frozen)
    refreshed(frozen, grant, 2)
    settle(frozen)

    def run(_number: int) -> None:
        try:
            services.count()
        finally:
            for alias in ("clinic", "sandbox"):
                connections[alias].close()

    race(run, 4)
    services.count()
    assert counts() == {("token", "grant.issued", 200): 20, ("call", "patient.read", 200): 20}
    assert refreshes_of(grant) == 2
    assert Counted.objects.count() == 5
