"""Tasks that wait for each other: circles, and the chain that decides when everything is over. Values in, values out."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Bar:
    """A task as the plan sees it: its days, both included, and what it waits for."""

    key: int
    first: dt.date
    last: dt.date
    waits_for: tuple[int, ...] = ()

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Schedule:
    """When everything can be over, the chain that decides it, and how many days each other task may slip.

    ``chain`` is in the order of work. ``slack`` is counted in days. ``too_early`` are pairs (task, predecessor) where the
    task's first day comes before the predecessor's last.
    """

    ends_on: dt.date
    chain: tuple[int, ...]
    slack: Mapping[int, int]
    too_early: tuple[tuple[int, int], ...]


def circle(waits_for: Mapping[int, Iterable[int]], start: int) -> list[int]:
    """The keys of a circle through ``start``, in order and closed, or nothing.

    >>> circle({1: [2], 2: [3], 3: [1]}, 1)
    [1, 2, 3, 1]
    >>> circle({1: [2], 2: [3], 3: []}, 1)
    []
    """
    path: dict[int, int] = {}
    waiting = list(waits_for.get(start, ()))
    path.update(dict.fromkeys(waiting, start))
    while waiting:
        here = waiting.pop()
        if here == start:
            return _way_back(path, start)
        for further in waits_for.get(here, ()):
            if further not in path:
                path[further] = here
                waiting.append(further)
    return []


def _way_back(path: Mapping[int, int], start: int) -> list[int]:
    found = [start]
    here = path[start]
    while here != start:
        found.append(here)
        here = path[here]
    return [start, *reversed(found[1:]), start]


def schedule(bars: Sequence[Bar]) -> Schedule | None:
    """Return when the plan ends and why; ``None`` without tasks.

    A task begins on its planned first day, or on the day after the last of what it waits for, whichever is later.

    Examples
    --------
    >>> day = dt.date
    >>> plan = schedule([
    ...     Bar(1, day(2026, 4, 1), day(2026, 4, 10)),
    ...     Bar(2, day(2026, 4, 11), day(2026, 4, 20), (1,)),
    ...     Bar(3, day(2026, 4, 1), day(2026, 4, 5)),
    ... ])
    >>> plan.chain, plan.ends_on, plan.slack[3]
    ((1, 2), datetime.date(2026, 4, 20), 15)
    """
    if not bars:
        return None
    by_key = {bar.key: bar for bar in bars}
    order = _in_order(by_key)
    begins, ends = _forward(by_key, order)
    over = max(ends.values())
    slack = _slack(by_key, order, ends, over)
    early = tuple(
        (bar.key, key)
        for bar in bars
        for key in bar.waits_for
        if key in by_key and bar.first <= by_key[key].last
    )
    return Schedule(over, _chain(by_key, begins, ends, over), slack, early)


def _in_order(bars: Mapping[int, Bar]) -> list[int]:
    """Each task after those it waits for."""
    open_counts = {key: sum(each in bars for each in bar.waits_for) for key, bar in bars.items()}
    followers: dict[int, list[int]] = {key: [] for key in bars}
    for key, bar in bars.items():
        for each in bar.waits_for:
            if each in bars:
                followers[each].append(key)
    ready = [key for key, count in open_counts.items() if not count]
    order: list[int] = []
    while ready:
        key = ready.pop()
        order.append(key)
        for each in followers[key]:
            open_counts[each] -= 1
            if not open_counts[each]:
                ready.append(each)
    # A circle cannot be stored; should one be there all the same, its tasks stand at their planned days.
    return order + [key for key in bars if open_counts[key]]


def _forward(bars: Mapping[int, Bar], order: Sequence[int]) -> tuple[dict[int, dt.date], dict[int, dt.date]]:
    begins: dict[int, dt.date] = {}
    ends: dict[int, dt.date] = {}
    for key in order:
        bar = bars[key]
        free = [ends[each] + ONE_DAY for each in bar.waits_for if each in ends]
        begins[key] = max([bar.first, *free])
        ends[key] = begins[key] + ONE_DAY * (bar.days - 1)
    return begins, ends


def _slack(
    bars: Mapping[int, Bar], order: Sequence[int], ends: Mapping[int, dt.date], over: dt.date
) -> dict[int, int]:
    latest = dict.fromkeys(bars, over)
    for key in reversed(order):
        bar = bars[key]
        must_begin = latest[key] - ONE_DAY * (bar.days - 1)
        for each in bar.waits_for:
            if each in latest:
                latest[each] = min(latest[each], must_begin - ONE_DAY)
    return {key: (latest[key] - ends[key]).days for key in bars}


def _chain(
    bars: Mapping[int, Bar], begins: Mapping[int, dt.date], ends: Mapping[int, dt.date], over: dt.date
) -> tuple[int, ...]:
    """From the last task back through whatever it had to wait for to the day."""
    here: int | None = min(key for key in bars if ends[key] == over)
    chain: list[int] = []
    while here is not None and here not in chain:
        chain.append(here)
        bar = bars[here]
        held_by = [each for each in bar.waits_for if each in ends and ends[each] + ONE_DAY == begins[here]]
        here = min(held_by) if held_by else None
    return tuple(reversed(chain))
