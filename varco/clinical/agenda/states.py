"""What may become of an appointment: one table of moves, which the documentation publishes, and when each may be made."""

from collections.abc import Mapping

TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "booked": ("confirmed", "waiting", "inCare", "absent", "cancelled"),
    "confirmed": ("booked", "waiting", "inCare", "absent", "cancelled"),
    "waiting": ("confirmed", "inCare", "absent", "cancelled"),
    "inCare": ("waiting", "done"),
    "done": ("inCare",),
    "absent": ("booked", "waiting"),
    "cancelled": (),
}
"""From each state, those that may come next."""

MOVABLE = ("booked", "confirmed")
"""States in which an appointment can be given another time."""

_ON_ITS_DAY = frozenset({"waiting", "inCare", "done", "absent"})


def refusal(state: str, to: str, *, now: int, start: int, day: tuple[int, int]) -> str:
    """Why an appointment may not go from a state to another now: a code; empty if it may.

    `start` is when it begins, `day` the first instant of its day and of the next one, all in epoch seconds.
    """
    if to not in TRANSITIONS[state]:
        return "transition_not_allowed"
    first, after = day
    if to in _ON_ITS_DAY and now < first:
        return "too_early"
    if to == "cancelled" and now >= start:
        return "in_the_past"
    if state in {"done", "absent"} and now >= after:
        return "undo_too_late"
    return ""
