import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import NOW, fuzz
from varco.protocol.jose.key_schedule import KeySchedule, KeyTimes, Lifetimes, Phase, new_key

LIFETIMES = Lifetimes(period=1000, retirement=100)


def times(kid: str = "k", alg: str = "ES256", start: int = NOW, revoked_at: int | None = None) -> KeyTimes:
    """Published at `start`, signing from 100 to 1100, gone at 1200."""
    made = new_key(kid, alg, now=start, active_at=start + 100, lifetimes=LIFETIMES)
    return msgspec.structs.replace(made, revoked_at=revoked_at)


@pytest.mark.parametrize(
    ("after", "phase"),
    [
        (-1, Phase.PLANNED),
        (0, Phase.NEXT),
        (99, Phase.NEXT),
        (100, Phase.ACTIVE),
        (1099, Phase.ACTIVE),
        (1100, Phase.RETIRING),
        (1199, Phase.RETIRING),
        (1200, Phase.GONE),
    ],
)
def test_a_key_goes_through_its_phases(after: int, phase: Phase) -> None:
    key = times()
    schedule = KeySchedule([key])
    assert key.phase(NOW + after) is phase
    assert (
        schedule.published(NOW + after)
        == schedule.verifying(NOW + after)
        == ([key] if phase in {"next", "active", "retiring"} else [])
    )
    assert schedule.signer("ES256", NOW + after) == (key if phase is Phase.ACTIVE else None)


def test_a_revoked_key_is_gone_at_once() -> None:
    key = times(revoked_at=NOW + 500)
    assert key.phase(NOW + 499) is Phase.ACTIVE
    assert key.phase(NOW + 500) is Phase.GONE
    assert KeySchedule([key]).published(NOW + 500) == []
    assert KeySchedule([key]).signer("ES256", NOW + 500) is None


def test_the_latest_active_key_of_the_algorithm_signs() -> None:
    first, second = times("first"), times("second", start=NOW + 500)
    rsa_key = times("rsa", "RS256", start=NOW + 600)
    schedule = KeySchedule([second, rsa_key, first])
    assert schedule.signer("ES256", NOW + 599) == first
    assert schedule.signer("ES256", NOW + 600) == second
    assert schedule.signer("RS256", NOW + 700) == rsa_key
    assert schedule.signer("EdDSA", NOW + 700) is None


def test_the_published_key_that_signs_first_is_the_successor() -> None:
    first, second, third = times("first"), times("second", start=NOW + 10), times("third", start=NOW + 20)
    schedule = KeySchedule([third, second, first, times("rsa", "RS256", start=NOW + 5)])
    assert schedule.successor("ES256", NOW + 50) == first
    assert schedule.successor("ES256", NOW + 100) == second
    assert schedule.successor("ES256", NOW + 120) is None
    assert schedule.successor("EdDSA", NOW + 50) is None


def test_a_key_is_missing_where_nothing_signs_or_nothing_is_published_to_sign_next() -> None:
    assert KeySchedule([]).missing("ES256", NOW, LIFETIMES) == [NOW, NOW + 1000]
    alone = KeySchedule([times("first"), times("rsa", "RS256")])
    assert alone.missing("ES256", NOW + 500, LIFETIMES) == [NOW + 1100]
    assert alone.missing("ES256", NOW + 1100, LIFETIMES) == [NOW + 1100, NOW + 2100]
    assert alone.missing("ES256", NOW + 50, LIFETIMES) == [NOW + 50]
    assert KeySchedule([*alone.keys, times("second", start=NOW + 500)]).missing("ES256", NOW + 500, LIFETIMES) == []
    assert KeySchedule([times(revoked_at=NOW)]).missing("ES256", NOW, LIFETIMES) == [NOW, NOW + 1000]


def test_a_key_that_takes_over_signs_for_a_full_period_and_the_one_before_stays_published_for_its_retirement() -> None:
    before, after = times("before").retired(NOW + 200, LIFETIMES), times("after").activated(NOW + 200, LIFETIMES)
    assert (before.active_at, before.retires_at, before.gone_at) == (NOW + 100, NOW + 200, NOW + 300)
    assert (after.published_at, after.active_at, after.retires_at, after.gone_at) == (
        NOW,
        NOW + 200,
        NOW + 1200,
        NOW + 1300,
    )


def test_the_next_change_is_the_next_time_of_any_key() -> None:
    schedule = KeySchedule([times("first"), times("second", start=NOW + 500)])
    changes = [NOW - 1]
    while (change := schedule.next_change(changes[-1])) is not None:
        changes.append(change)
    assert [change - NOW for change in changes[1:]] == [0, 100, 500, 600, 1100, 1200, 1600, 1700]
    assert KeySchedule([]).next_change(NOW) is None


@fuzz
@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.sampled_from(["ES256", "RS256"]), st.none() | st.integers(0, 4000)),
        max_size=5,
    ),
    st.integers(0, 5000),
)
def test_whoever_signs_is_published(made: list[tuple[int, str, int | None]], now: int) -> None:
    schedule = KeySchedule(times(f"k{index}", alg, start, revoked) for index, (start, alg, revoked) in enumerate(made))
    for alg in ("ES256", "RS256"):
        found = schedule.signer(alg, now)
        assert found is None or (
            found.alg == alg
            and found in schedule.published(now)
            and found in schedule.verifying(now - 100) + schedule.published(now)
        )
