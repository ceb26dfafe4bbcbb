"""The Gantt chart as shapes: where each bar lies. Drawn by a template as SVG, so that it needs neither script nor style."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enishi.foundation.days import short_day
from enishi.projects.enums import TaskState
from enishi.projects.models import Milestone, Task

ROW = 28
TOP = 44
LABEL = 240
WIDE = 740
NARROWEST = 1.2
LETTERS = 15


@dataclass(frozen=True)
class Shape:
    """A task's bar. ``words`` says everything the picture shows."""

    y: int
    x: float
    width: float
    kind: str
    label: str
    words: str
    url: str
    is_critical: bool
    is_late: bool

    @property
    def middle(self) -> float:
        return self.y + ROW / 2

    @property
    def text_y(self) -> float:
        return self.y + ROW / 2 + 5

    @property
    def bar_y(self) -> int:
        return self.y + 5

    @property
    def end(self) -> float:
        return self.x + self.width


@dataclass(frozen=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True)
class Diamond:
    points: str
    x: float
    words: str


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    shapes: Sequence[Shape]
    ticks: Sequence[Tick]
    arrows: Sequence[str]
    diamonds: Sequence[Diamond]
    today_x: float | None
    label_width: int = LABEL
    top: int = TOP


def draw(
    tasks: Sequence[Task],
    milestones: Sequence[Milestone],
    *,
    chain: frozenset[int],
    slack: Mapping[int, int],
    urls: Mapping[int, str],
    today: dt.date,
) -> Chart | None:
    """Lay the tasks out over their time; ``None`` without tasks."""
    if not tasks:
        return None
    first = min(task.starts_on for task in tasks)
    last = max(task.due_on for task in tasks)
    in_span = [each for each in milestones if first <= each.due_on <= last + dt.timedelta(days=62)]
    last = max([last, *(each.due_on for each in in_span)])
    days = (last - first).days + 1
    scale = max(NARROWEST, min(20.0, WIDE / days))
    shapes = [
        _shape(task, place, first, scale, chain, slack, urls, today) for place, task in enumerate(tasks)
    ]
    height = TOP + ROW * len(tasks) + ROW
    inside = first <= today <= last
    return Chart(
        width=int(LABEL + days * scale) + 20,
        height=height,
        shapes=shapes,
        ticks=_ticks(first, last, scale),
        arrows=_arrows(tasks, shapes),
        diamonds=[_diamond(each, first, scale, height) for each in in_span],
        today_x=_x(today, first, scale) if inside else None,
    )


def _x(day: dt.date, first: dt.date, scale: float) -> float:
    return round(LABEL + (day - first).days * scale, 1)


def _shape(
    task: Task,
    place: int,
    first: dt.date,
    scale: float,
    chain: frozenset[int],
    slack: Mapping[int, int],
    urls: Mapping[int, str],
    today: dt.date,
) -> Shape:
    is_critical, is_late = task.pk in chain, task.is_late(today)
    return Shape(
        y=TOP + ROW * place,
        x=_x(task.starts_on, first, scale),
        width=round(max(3.0, ((task.due_on - task.starts_on).days + 1) * scale), 1),
        kind=task.state,
        label=task.title if len(task.title) <= LETTERS else f"{task.title[: LETTERS - 1]}…",
        words=_in_words(task, is_critical=is_critical, is_late=is_late, slack=slack.get(task.pk)),
        url=urls[task.pk],
        is_critical=is_critical,
        is_late=is_late,
    )


def _in_words(task: Task, *, is_critical: bool, is_late: bool, slack: int | None) -> str:
    words = [
        task.title,
        _("%(first)sから%(last)sまで") % {"first": short_day(task.starts_on), "last": short_day(task.due_on)},
        str(TaskState(task.state).label),
    ]
    if is_late:
        words.append(_("期限を過ぎています"))
    if is_critical:
        words.append(_("終わりの日を決める作業"))
    elif slack and task.is_open:
        words.append(_("%(days)d日の余裕") % {"days": slack})
    return "、".join(words)


def _ticks(first: dt.date, last: dt.date, scale: float) -> list[Tick]:
    """A line at the first of each month; of each quarter or year where months would crowd."""
    months = 1 if scale * 30 >= 70 else 3 if scale * 91 >= 70 else 12
    day = dt.date(first.year, first.month, 1)
    ticks = []
    while day <= last:
        if day >= first and (day.month - 1) % months == 0:
            ticks.append(Tick(_x(day, first, scale), _tick_label(day)))
        day = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return ticks or [Tick(_x(first, first, scale), short_day(first))]


def _tick_label(day: dt.date) -> str:
    return short_day(day) if day.month in {1, 4} else _("%(month)d月") % {"month": day.month}


def _arrows(tasks: Sequence[Task], shapes: Sequence[Shape]) -> list[str]:
    """From the end of what has to be done first to the beginning of what follows."""
    by_key = {task.pk: shape for task, shape in zip(tasks, shapes, strict=True)}
    paths = []
    for task in tasks:
        here = by_key[task.pk]
        for each in task.predecessors.all():
            before = by_key.get(each.pk)
            if before is not None:
                turn = max(before.end, here.x - 8) if before.end <= here.x else before.end + 6
                paths.append(f"M{before.end} {before.middle}H{turn}V{here.middle}H{here.x}")
    return paths


def _diamond(milestone: Milestone, first: dt.date, scale: float, height: int) -> Diamond:
    x, y = _x(milestone.due_on, first, scale), height - ROW / 2
    state = _("達した") if milestone.done_on else _("まだ")
    words = _("節目 %(title)s、%(day)s、%(state)s") % {
        "title": milestone.title,
        "day": short_day(milestone.due_on),
        "state": state,
    }
    return Diamond(f"{x},{y - 8} {x + 8},{y} {x},{y + 8} {x - 8},{y}", x, words)
