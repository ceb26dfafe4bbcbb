"""The budget year of a municipality (予算暦): which fiscal year a proposal can still reach, and what needs no budget."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from enishi.desk.models import BudgetStep
from enishi.foundation.days import day_in_words, fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear

_FILE = Path(__file__).parent / "data" / "budget_calendar.json"
_STATUS = {
    "seen": gettext_lazy("資料で確認"),
    "statute": gettext_lazy("条文"),
    "memory": gettext_lazy("未確認(一般的な知識)"),
}
PROPOSE, REQUEST = "propose", "request"


@dataclass(frozen=True)
class CalendarStep:
    """One step: between these days of every year."""

    code: str
    label: str
    first: tuple[int, int]
    last: tuple[int, int]
    source: str

    def last_day_in(self, year: FiscalYear) -> dt.date:
        """Its last day within this fiscal year; a 31st of a shorter month is the last of it."""
        month, day = self.last
        calendar_year = year.year if month >= 4 else year.year + 1
        return _day(calendar_year, month, day)

    def first_day_in(self, year: FiscalYear) -> dt.date:
        month, day = self.first
        return _day(year.year if month >= 4 else year.year + 1, month, day)

    def in_words(self) -> str:
        return _("%(from_month)d月%(from_day)d日〜%(to_month)d月%(to_day)d日") % {
            "from_month": self.first[0],
            "from_day": self.first[1],
            "to_month": self.last[0],
            "to_day": self.last[1],
        }


@dataclass(frozen=True)
class Reach:
    """``year`` is the first fiscal year whose opening budget can still hold it; ``by`` the day it must be clear inside."""

    year: FiscalYear
    by: dt.date
    is_tight: bool
    extra: CalendarStep | None
    extra_on: dt.date | None

    @property
    def sentence(self) -> str:
        words = {"year": fiscal_year_in_words(self.year), "by": day_in_words(self.by, weekday=False)}
        if self.is_tight:
            return (
                _(
                    "%(year)sの当初予算には、%(by)sの予算要求までに庁内で固まれば間に合います。時間はあまりありません。"
                )
                % words
            )
        return _("いま提案すると、%(year)sの当初予算をめざせます(庁内の予算要求は%(by)sまで)。") % words

    @property
    def extra_sentence(self) -> str:
        if self.extra is None or self.extra_on is None:
            return ""
        return _("急ぐときは%(label)s(%(day)sごろから)もありますが、緊急のものに限られるのがふつうです。") % {
            "label": self.extra.label,
            "day": day_in_words(self.extra_on, weekday=False),
        }

    @property
    def without_budget(self) -> list[str]:
        """What a municipality can begin without a yen of its own."""
        return [
            _("費用を提案者が持つ小さな実証"),
            _("使っていない場所の一時的な使用(使用許可の手続きがいります)"),
            _("公開できるデータの提供、現場の見学や聞き取り"),
            _("広報への協力、後援の名義"),
            _("連携協定を結び、次の予算に向けて中身を詰めること"),
        ]


def reach_of_proposal(organization_id: int, today: dt.date) -> Reach:
    """What a proposal that comes today can still reach, by this municipality's own calendar."""
    steps = {step.code: step for step in steps_of(organization_id)}
    usual = {step.code: step for step in default_steps()}
    request, propose = steps.get(REQUEST, usual[REQUEST]), steps.get(PROPOSE, usual[PROPOSE])
    this = FiscalYear.of(today)
    deadline = request.last_day_in(this)
    if today <= deadline:
        year, by, tight = this.next, deadline, today > propose.last_day_in(this)
    else:
        year, by, tight = this.next.next, request.last_day_in(this.next), False
    extra, extra_on = _next_extra(list(steps.values()), today)
    return Reach(year, by, tight, extra, extra_on)


def _next_extra(steps: Sequence[CalendarStep], today: dt.date) -> tuple[CalendarStep | None, dt.date | None]:
    this = FiscalYear.of(today)
    coming = [
        (step.first_day_in(year), step)
        for step in steps
        if step.code.startswith("extra")
        for year in (this, this.next)
        if step.first_day_in(year) > today
    ]
    if not coming:
        return None, None
    on, step = min(coming, key=lambda pair: pair[0])
    return step, on


def steps_of(organization_id: int) -> list[CalendarStep]:
    """The municipality's own calendar, or the usual one until it wrote its own."""
    own = [
        CalendarStep(
            row.code,
            row.label,
            (row.first_month, row.first_day),
            (row.last_month, row.last_day),
            row.source,
        )
        for row in BudgetStep.objects.filter(organization_id=organization_id)
    ]
    return own or default_steps()


def steps_to_edit(organization_id: int) -> list[CalendarStep]:
    """In the language of the source: once saved, the words are the municipality's own, for readers of every language."""
    with translation.override(settings.LANGUAGE_CODE):
        return steps_of(organization_id)


@cache
def _defaults(language: str) -> tuple[CalendarStep, ...]:
    """The file's steps; its English stands beside the Japanese."""
    content = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        CalendarStep(
            row["code"],
            row.get(f"label_{language}", row["label"]),
            (row["first"][0], row["first"][1]),
            (row["last"][0], row["last"][1]),
            _("%(what)s(%(more)s)")
            % {
                "what": row.get(f"source_{language}", row["source"]),
                "more": _STATUS[row["status"]],
            },
        )
        for row in content["steps"]
    )


def default_steps() -> list[CalendarStep]:
    """The usual calendar, each step with where it is known from."""
    return list(_defaults((get_language() or "ja")[:2]))


def _day(year: int, month: int, day: int) -> dt.date:
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return min(
        dt.date(year, month, min(day, 28)) + dt.timedelta(days=max(0, day - 28)),
        following - dt.timedelta(days=1),
    )
