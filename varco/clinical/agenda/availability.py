"""What is free in agendas, and the rule that emptied a day. Pure arithmetic on what the clinic keeps (S49).

A day of an agenda begins with its weekly hours. Rule after rule takes away from them: what is not for the treatment, breaks,
exceptions, closures, the past, lead, horizon, the daily cap, what is taken, rooms and machines that are not free. What is left is
free; the rule after which nothing was left is the one that emptied the day.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from varco.clinical.agenda.local_days import MINUTE, LocalDay, Span, day_of, holiday, local_day, united, without

RULES = (
    "inactive", "no_hours", "treatment_not_in_hours", "break", "exception", "holiday", "closure", "too_short", "past", "lead",
    "horizon", "daily_cap", "booked", "no_room", "no_machine",
)  # fmt: skip
"""The rules that can empty a day, in the order in which they are asked."""


class Block(NamedTuple):
    """Hours of a weekday (1 is Monday), valid from a day to another; of the treatments that are named, or of all. A break takes them away."""

    weekday: int
    opens: int
    closes: int
    is_break: bool = False
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    treatments: frozenset[int] = frozenset()

    def on(self, day: dt.date) -> bool:
        """Whether it stands on a day."""
        return (
            self.weekday == day.isoweekday()
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )


class Exceptional(NamedTuple):
    """Hours of the days from one to another that are open, or closed, besides the weekly ones."""

    first_day: dt.date
    last_day: dt.date
    opens: int
    closes: int
    is_open: bool


class Closure(NamedTuple):
    """Days on which the whole clinic is closed, or open although they are holidays."""

    first_day: dt.date
    last_day: dt.date
    name: str
    is_open: bool


class Agenda(NamedTuple):
    """The rules of one agenda; `minutes` is how long the treatment takes in it. Room and machine need none of the hours."""

    id: int
    kind: str = "doctor"
    active: bool = True
    minutes: int = 30
    step: int = 15
    buffer: int = 0
    lead: int = 0
    horizon_days: int = 365
    daily_cap: int = 0
    blocks: Sequence[Block] = ()
    exceptions: Sequence[Exceptional] = ()


class Clinic(NamedTuple):
    """What holds for all agendas of a clinic."""

    zone: ZoneInfo
    patron: str = ""
    closures: Sequence[Closure] = ()

    def closed_on(self, day: dt.date) -> tuple[str, str] | None:
        """The rule by which it is closed on a day, and the name of the holiday or closure; None if it is open."""
        own = [item for item in self.closures if item.first_day <= day <= item.last_day]
        if closed := next((item for item in own if not item.is_open), None):
            return "closure", closed.name
        name = holiday(day, self.patron)
        return ("holiday", name) if name and not own else None


class Need(NamedTuple):
    """What a treatment needs besides the doctor's agenda: one of the rooms, if there are any, and one of the machines."""

    treatment: int
    rooms: Sequence[Agenda] = ()
    machines: Sequence[Agenda] = ()


class Slot(NamedTuple):
    """A free time, in the order of time; `room` and `machine` are 0 where none is needed."""

    start: int
    agenda: int
    end: int
    room: int
    machine: int


class Emptied(NamedTuple):
    """The rule that left nothing of a day, with the name of a holiday or closure."""

    rule: str
    name: str = ""


LONGEST = 86_400
"""Seconds that an appointment lasts at most, the buffer after it included."""

Taken = Mapping[int, Sequence[Span]]
"""What is taken of each agenda, in order: appointments and holds, with the buffer after them."""


class Look:
    """One look at a clinic: at this moment, for this treatment. It keeps what it found of each day of rooms and machines."""

    def __init__(self, clinic: Clinic, need: Need, taken: Taken, now: int) -> None:
        self._clinic = clinic
        self._need = need
        self._taken = taken
        self._now = now
        self._kept: dict[tuple[int, dt.date], list[Span]] = {}

    def slots(self, agenda: Agenda, day: dt.date) -> list[Slot]:
        """The free slots of an agenda on a day."""
        if not agenda.active:
            return []
        local = local_day(self._clinic.zone, day)
        spans: list[Span] = []
        for _, _, spans in self._left(agenda, local):
            if not spans:
                return []
        found = (self._slot(agenda, local, start) for start in self._starts(agenda, local, spans))
        return [slot for slot in found if slot is not None]

    def emptied(self, agenda: Agenda, day: dt.date) -> Emptied | None:
        """The rule that left no slot of a day; None if there is one."""
        if not agenda.active:
            return Emptied("inactive")
        local = local_day(self._clinic.zone, day)
        starts: list[int] = []
        for rule, name, spans in self._left(agenda, local):
            starts = self._starts(agenda, local, spans)
            if not spans:
                return Emptied(rule, name)
            if not starts and rule != "no_hours":  # of hours that are for other treatments none begins
                return Emptied("too_short" if rule == "treatment_not_in_hours" else rule, name)
        for rule, rooms in (("no_room", self._need.rooms), ("no_machine", self._need.machines)):
            starts = [start for start in starts if self._one_free(rooms, local, start, agenda.minutes) is not None]
            if not starts:
                return Emptied(rule)
        return None

    def bookable(self, agenda: Agenda, start: int, room: int = 0) -> Slot | Emptied:
        """The slot at an instant, on the grid of steps or off it, in a room or in any; or the rule that stands against it."""
        if not agenda.active:
            return Emptied("inactive")
        local = local_day(self._clinic.zone, day_of(self._clinic.zone, start))
        end = start + agenda.minutes * MINUTE
        for rule, name, spans in self._left(agenda, local):
            if not _fits(spans, start, end):
                return Emptied(rule, name)
        rooms = [item for item in self._need.rooms if room in {0, item.id}]
        if room and not rooms:
            return Emptied("no_room")
        for rule, items in (("no_room", rooms), ("no_machine", self._need.machines)):
            if self._one_free(items, local, start, agenda.minutes) is None:
                return Emptied(rule)
        return self._slot(agenda, local, start, rooms) or Emptied("booked")

    def _left(self, agenda: Agenda, local: LocalDay) -> Iterator[tuple[str, str, list[Span]]]:
        """What each rule leaves of a day, in order: the rule, a name, and the spans."""
        day = local.day
        blocks = [block for block in agenda.blocks if block.on(day)]
        exceptions = [item for item in agenda.exceptions if item.first_day <= day <= item.last_day]
        extra = [span for item in exceptions if item.is_open for span in local.spans(item.opens, item.closes)]
        weekly = [block for block in blocks if not block.is_break]
        yield "no_hours", "", united([*_spans(weekly, local), *extra])
        ours = [block for block in weekly if not block.treatments or self._need.treatment in block.treatments]
        spans = united([*_spans(ours, local), *extra])
        yield "treatment_not_in_hours", "", spans
        spans = without(spans, united(_spans([block for block in blocks if block.is_break], local)))
        yield "break", "", spans
        closed = [span for item in exceptions if not item.is_open for span in local.spans(item.opens, item.closes)]
        spans = without(spans, united(closed))
        yield "exception", "", spans
        if shut := self._clinic.closed_on(day):
            yield *shut, []
        for rule, start, end in (
            ("past", self._now, local.end),
            ("lead", self._now + agenda.lead * MINUTE, local.end),
            ("horizon", local.start, self._now + agenda.horizon_days * 86_400),
        ):
            spans = [(max(begin, start), min(finish, end)) for begin, finish in spans if begin < end and finish > start]
            yield rule, "", spans
        taken = self._taken.get(agenda.id, ())
        if agenda.daily_cap and sum(start >= local.start for start, _ in _on(taken, local)) >= agenda.daily_cap:
            yield "daily_cap", "", []
        yield "booked", "", without(spans, _before(taken, agenda.buffer, local))

    def _starts(self, agenda: Agenda, local: LocalDay, spans: Sequence[Span]) -> list[int]:
        """Where slots can begin in what is left: at every step of the clock since hours opened."""
        if not spans:
            return []
        ours = [
            (block.opens, block.closes)
            for block in agenda.blocks
            if not block.is_break
            and block.on(local.day)
            and (not block.treatments or self._need.treatment in block.treatments)
        ]
        ours += [
            (item.opens, item.closes)
            for item in agenda.exceptions
            if item.is_open and item.first_day <= local.day <= item.last_day
        ]
        step, length = agenda.step * MINUTE, agenda.minutes * MINUTE
        found: set[int] = set()
        for opens, closes in ours:
            for piece in local.pieces:
                first, last = piece.span(opens, closes)
                grid = piece.midnight + opens * MINUTE
                for begin, finish in spans:
                    low, high = max(first, begin), min(last, finish - length + 1)
                    if low < high:
                        found.update(range(low + (grid - low) % step, high, step))
        return sorted(found)

    def _slot(self, agenda: Agenda, local: LocalDay, start: int, rooms: Sequence[Agenda] | None = None) -> Slot | None:
        room = self._one_free(self._need.rooms if rooms is None else rooms, local, start, agenda.minutes)
        machine = self._one_free(self._need.machines, local, start, agenda.minutes)
        if room is None or machine is None:
            return None
        return Slot(start, agenda.id, start + agenda.minutes * MINUTE, room, machine)

    def _one_free(self, items: Sequence[Agenda], local: LocalDay, start: int, minutes: int) -> int | None:
        """The first of rooms or machines that is free then; 0 if none is needed, None if none is free."""
        if not items:
            return 0
        for item in items:
            key = item.id, local.day
            if key not in self._kept:
                self._kept[key] = self._free_of(item, local)
            if _fits(self._kept[key], start, start + minutes * MINUTE):
                return item.id
        return None

    def _free_of(self, item: Agenda, local: LocalDay) -> list[Span]:
        """What is free of a room or a machine on a day: all of it, where it has no hours of its own."""
        if not item.active:
            return []
        blocks = [block for block in item.blocks if block.on(local.day)]
        spans = [(local.start, local.end)]
        if any(not block.is_break for block in item.blocks):
            spans = united(_spans([block for block in blocks if not block.is_break], local))
        spans = without(spans, united(_spans([block for block in blocks if block.is_break], local)))
        exceptions = [each for each in item.exceptions if each.first_day <= local.day <= each.last_day]
        shut = [span for each in exceptions if not each.is_open for span in local.spans(each.opens, each.closes)]
        return without(without(spans, united(shut)), _before(self._taken.get(item.id, ()), item.buffer, local))


def _spans(blocks: Sequence[Block], local: LocalDay) -> Iterator[Span]:
    return (span for block in blocks for span in local.spans(block.opens, block.closes))


def _before(taken: Sequence[Span], buffer: int, local: LocalDay) -> list[Span]:
    """What is taken on a day, each with the buffer that must stay free before it."""
    gap = buffer * MINUTE
    return united((start - gap, end) for start, end in _on(taken, local, gap))


def _on(taken: Sequence[Span], local: LocalDay, gap: int = 0) -> Sequence[Span]:
    """Those that begin on a day, a little after it, or less than a day before it."""
    return taken[bisect_left(taken, (local.start - LONGEST, 0)) : bisect_left(taken, (local.end + gap, 0))]


def _fits(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether one of the spans, which are in order, holds all from an instant to another."""
    at = bisect_right(spans, (start, 1 << 62)) - 1
    return at >= 0 and end <= spans[at][1]
