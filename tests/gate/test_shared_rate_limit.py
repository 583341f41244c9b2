"""Several processes, one limit: what each knows of the others, with a store that adds and a clock that stands where we say."""

from collections import Counter as Tally

from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import DEPTH
from varco.gate.rate_limit import RateLimits
from varco.gate.shared_rate_limit import BATCH, Counter, SharedRateLimits, Totals

MINUTE = 60_000
BEGIN = 1_800_000_000_000 // MINUTE * MINUTE


class Store:
    """Adds, as the real one does."""

    def __init__(self) -> None:
        self.kept: Tally[Counter] = Tally()

    def hear(self, limits: SharedRateLimits) -> None:
        """One turn of one process."""
        spent = limits.untold()
        self.kept.update(spent)
        totals = {(n, key): Totals(self.kept[n, key], self.kept[n - 1, key]) for n, key in spent}
        limits.record(spent, totals)


def processes(count: int, limit: int = 100, *, store: Store | None = None) -> list[SharedRateLimits]:
    """So many processes, which have each heard the store where there is one."""
    made = [SharedRateLimits(limit, 60, max(1, limit // count), count) for _ in range(count)]
    for one in made:
        if store:
            store.hear(one)
    return made


def allowed(limits: RateLimits, times: int, now_ms: int = BEGIN, key: str = "a") -> int:
    return sum(limits.count(key, now_ms).allowed for _ in range(times))


def test_what_one_process_spent_the_other_no_longer_has() -> None:
    store = Store()
    one, other = processes(2, store=store)
    assert allowed(one, 70) == 70
    store.hear(one)
    assert other.count("a", BEGIN).limit == 100
    store.hear(other)
    assert other.count("a", BEGIN).remaining == 28
    assert allowed(other, 100) == 28
    store.hear(other)
    assert allowed(one, 1) == 1  # it has not heard of that yet
    store.hear(one)
    budget = one.count("a", BEGIN)
    assert (budget.allowed, budget.limit, budget.remaining) == (False, 100, 0)


def test_a_window_slides_over_what_others_counted() -> None:
    store = Store()
    one, other = processes(2, store=store)
    assert allowed(one, 100) == 100
    store.hear(one)
    later = BEGIN + MINUTE + 30_000  # half of the window before still counts
    assert allowed(other, 1, later) == 1
    store.hear(other)
    assert allowed(other, 100, later) == 49


def test_a_first_look_that_costs_nothing_asks_what_others_counted() -> None:
    store = Store()
    one, other = processes(2, store=store)
    allowed(one, 100)
    store.hear(one)
    assert other.count("a", BEGIN, cost=0).remaining == 100
    assert other.waits.is_set()
    store.hear(other)
    assert not other.count("a", BEGIN, cost=0).allowed
    assert not other.waits.is_set(), "a second look asks nothing"


def test_what_is_refused_is_not_told() -> None:
    store = Store()
    one, _ = processes(2, limit=10, store=store)
    allowed(one, 10)
    store.hear(one)
    allowed(one, 1000)
    assert not one.waits.is_set()
    assert set(store.kept.values()) == {10}


def test_it_is_urgent_once_an_eighth_of_the_even_share_was_spent_untold() -> None:
    (one,) = processes(1, limit=90, store=Store())
    for _ in range(9):
        one.count("a", BEGIN)
        assert not one.urgent.is_set()
    one.count("a", BEGIN)
    assert one.urgent.is_set()


def test_what_is_counted_while_the_store_is_asked_is_told_the_next_time() -> None:
    store = Store()
    one, other = processes(2, store=store)
    allowed(one, 5)
    asked = one.untold()
    allowed(one, 3)
    store.kept.update(asked)
    one.record(asked, {counter: Totals(5, 0) for counter in asked})
    assert one.waits.is_set()
    assert one.count("a", BEGIN, cost=0).remaining == 92
    store.hear(one)
    other.count("a", BEGIN, cost=0)
    store.hear(other)
    assert other.count("a", BEGIN, cost=0).remaining == 92


def test_an_answer_that_comes_after_the_window_is_of_the_window_before() -> None:
    one, _ = processes(2, store=Store())
    allowed(one, 5)
    asked = one.untold()
    one.count("b", BEGIN + MINUTE)
    one.record(asked, {counter: Totals(80, 0) for counter in asked})
    assert one.count("a", BEGIN + MINUTE, cost=0).remaining == 20


def test_without_a_store_each_has_its_share_and_says_so() -> None:
    for one in processes(4):
        budget = one.count("a", BEGIN)
        assert (budget.limit, budget.remaining) == (25, 24)
        assert allowed(one, 100) == 24
    (*_, last) = processes(4, limit=2)
    assert allowed(last, 10) == 1, "a share is at least one"


def test_while_the_store_is_away_each_spends_its_part_of_what_was_left() -> None:
    store = Store()
    four = processes(4, store=store)
    assert allowed(four[0], 40) == 40
    for one in four:
        one.count("a", BEGIN, cost=0)
        store.hear(one)
        one.alone()
        one.alone()  # each try that fails says so
    told = [one.count("a", BEGIN, cost=0) for one in four]
    assert {(budget.limit, budget.remaining) for budget in told} == {(25, 15)}
    assert [allowed(one, 100) for one in four] == [15] * 4
    assert allowed(four[0], 100, BEGIN + 2 * MINUTE) == 25


def test_when_the_store_is_back_it_hears_of_what_was_spent_meanwhile() -> None:
    store = Store()
    four = processes(4, store=store)
    for one in four:
        one.alone()
        allowed(one, 20)
    for _ in range(2):
        for one in four:
            one.count("a", BEGIN, cost=0)
            store.hear(one)
            one.count("a", BEGIN)
    assert four[0].count("a", BEGIN, cost=0).limit == 100
    assert store.kept[BEGIN // MINUTE, "a"] == 84


def test_a_store_that_forgot_does_not_give_a_budget_twice() -> None:
    store = Store()
    one, _ = processes(2, store=store)
    allowed(one, 90)
    store.hear(one)
    store.kept.clear()
    assert allowed(one, 5) == 5
    store.hear(one)
    assert allowed(one, 100) == 5
    assert allowed(one, 2, BEGIN + MINUTE + 30_000) == 2
    store.kept.clear()
    store.hear(one)
    assert allowed(one, 100, BEGIN + MINUTE + 30_000) == 48


def test_an_answer_that_is_overdue_is_taken_all_the_same() -> None:
    (one, _) = processes(2, store=Store())
    allowed(one, 60)
    asked = one.untold()
    one.alone()  # 60 of 100 are known to be spent, and all of them here
    assert not one.count("a", BEGIN, cost=0).allowed
    one.count("b", BEGIN + 2 * MINUTE)
    one.alone()
    one.record(asked, {counter: Totals(60, 0) for counter in asked})
    assert one.count("b", BEGIN + 2 * MINUTE).remaining == 98
    assert set(one.untold()) == {(BEGIN // MINUTE + 2, "b")}


def test_what_a_store_that_is_away_was_not_told_is_forgotten_with_its_window() -> None:
    (one,) = processes(1, limit=10**6)
    for minute in range(5):
        for key in range(40):
            one.count(f"{key}", BEGIN + minute * MINUTE)
        one.alone()
    assert len(one.untold()) == 80


def test_many_keys_are_told_in_several_turns() -> None:
    store = Store()
    (one,) = processes(1, store=store)
    for key in range(BATCH + 1):
        one.count(f"{key}", BEGIN)
    store.hear(one)
    assert one.waits.is_set()
    assert one.urgent.is_set()
    store.hear(one)
    assert not one.waits.is_set()
    assert sum(store.kept.values()) == BATCH + 1


@DEPTH
@given(st.lists(st.integers(0, 3), min_size=50, max_size=150), st.integers(5, 60))
def test_together_they_pass_little_more_than_the_limit_whoever_is_asked(asked: list[int], limit: int) -> None:
    """Each is heard when it says that it is urgent, after the next request of all: as far behind as a turn takes."""
    store = Store()
    four = processes(4, limit, store=store)
    passed = 0
    for index in asked:
        urgent = [one for one in four if one.urgent.is_set()]
        passed += four[index].count("a", BEGIN).allowed
        for one in urgent:
            store.hear(one)
    assert min(limit, len(asked)) <= passed <= limit + limit // 8 + 8
