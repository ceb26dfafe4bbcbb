"""The room's numbers about decisions and the budget: the strict rate first, what must be read with it beside."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.engines import progress
from enishi.evaluation.enums import FollowUpState
from enishi.evaluation.models_decisions import FollowUp
from enishi.evaluation.published.answers import shown
from enishi.evaluation.reflection.access import reflection_access
from enishi.evaluation.reflection.calculations import (
    Fate,
    Reviewed,
    fates,
    reflection_rate,
    review_rate,
    reviewed,
)
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.metrics import Counted, Figure, Metric, Period, share
from enishi.foundation.metrics import register as offer

PERCENT = "%"
_TOGETHER = ("beside:evaluation.reflection",)
_REVIEW = ("beside:evaluation.review",)


def register() -> None:
    """Called once, in ``apps.ready``."""
    offer(
        _of_reflection(
            "strict",
            gettext_lazy("予算編成における行政評価結果の反映率"),
            gettext_lazy(
                "この年度の予算に表すと決めた、予算に関わる決定(継続を除く)のうち、当初予算の議決で「反映」になったものの割合。承認された記録だけを数える。"
            ),
            420,
        ),
        _of_reflection(
            "loose",
            gettext_lazy("反映率(一部反映を含む)"),
            gettext_lazy("同じ分母で、「反映」と「一部反映」を数えた割合。"),
            421,
        ),
        _of_reflection(
            "yen_weighted",
            gettext_lazy("反映率(金額)"),
            gettext_lazy("実現した増減額の合計 ÷ 決定した増減額の合計。向きが逆の増減は0とする。"),
            422,
        ),
        _of_review(
            "reviewed",
            gettext_lazy("事業見直し率"),
            gettext_lazy(
                "この年度の実績を評価した事業のうち、改善・縮小・統合・休止・廃止と決めたものの割合。"
            ),
            430,
        ),
        _of_review(
            "scrapped",
            gettext_lazy("スクラップ率"),
            gettext_lazy("この年度の実績を評価した事業のうち、縮小・統合・休止・廃止と決めたものの割合。"),
            431,
        ),
        Metric(
            "evaluation.followed_up",
            gettext_lazy("決定フォロー完了率"),
            gettext_lazy(
                "この期間に期限が来た、決定のフォローのうち、済んだものの割合。取りやめたものは数えない。"
            ),
            PERCENT,
            _followed,
            _followed_rows,
            target=Decimal(100),
            order=432,
            decimals=1,
        ),
    )


def _year(period: Period) -> int:
    return FiscalYear.of(period.first).year


def _figure(figure: progress.Figure, beside: Sequence[tuple[str, str]]) -> Figure:
    numerator, denominator = _decimal(figure.numerator), _decimal(figure.denominator)
    if isinstance(figure.value, progress.Missing):
        return Figure(None, numerator, denominator, figure.value.reason, beside)
    return Figure(figure.percent(), numerator, denominator, beside=beside)


def _decimal(value: Fraction | progress.Missing) -> Decimal | None:
    return None if isinstance(value, progress.Missing) else Decimal(int(value))


def _of_reflection(name: str, title: Promise | str, definition: Promise | str, order: int) -> Metric:
    def figure(house: int, period: Period, as_of: dt.date) -> Figure:
        found = reflection_rate(fates(house, _year(period)), _year(period))
        others = (found.strict, found.loose, found.yen_weighted)
        own = getattr(found, name)
        beside = [(each.name, shown(each)) for each in others if each is not own]
        beside.append((_("のちに補正で反映"), _("%(n)d件") % {"n": len(found.in_supplementary)}))
        return _figure(own, beside)

    def rows(house: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
        known = fates(house, _year(period))
        counted = set(reflection_rate(known, _year(period)).counted)
        if not reflection_access.allows(actor, "list", house):
            return []
        return [_counted(fate, name) for fate in known if fate.counted.key in counted]

    return Metric(
        f"evaluation.reflection_{name}",
        title,
        definition,
        PERCENT,
        figure,
        rows,
        tags=_TOGETHER,
        order=order,
        decimals=1,
    )


def _counted(fate: Fate, name: str) -> Counted:
    wins = {progress.Reflection.FULL}
    if name != "strict":
        wins.add(progress.Reflection.PARTIAL)
    note = "、".join(
        part for part in (fate.row.direction, str(fate.counted.reflection), fate.counted.reason) if part
    )
    return Counted(
        title=fate.row.subject.title,
        url=reverse("evaluation:reflection_detail", args=[fate.row.pk]),
        counts=fate.counted.reflection in wins,
        note=note,
    )


def _of_review(name: str, title: Promise | str, definition: Promise | str, order: int) -> Metric:
    courses = progress.REVIEWED if name == "reviewed" else progress.SCRAPPED

    def figure(house: int, period: Period, as_of: dt.date) -> Figure:
        found = review_rate(reviewed(house, _year(period)))
        beside = [(each.name, shown(each)) for each in (found.expanded, found.ended)]
        return _figure(getattr(found, name), beside)

    def rows(house: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
        if not reflection_access.allows(actor, "list", house):
            return []
        return [_reviewed(each, courses) for each in reviewed(house, _year(period))]

    return Metric(
        f"evaluation.{name}",
        title,
        definition,
        PERCENT,
        figure,
        rows,
        tags=_REVIEW,
        order=order,
        decimals=1,
    )


def _reviewed(each: Reviewed, courses: frozenset[progress.Course]) -> Counted:
    return Counted(
        title=each.subject.title,
        url=each.subject.get_absolute_url(),
        counts=each.course in {str(course) for course in courses},
        note=each.course or _("決定なし"),
    )


def _due(house: int, period: Period, as_of: dt.date) -> list[FollowUp]:
    rows = FollowUp.objects.filter(
        decision__organization_id=house, due_on__gte=period.first, due_on__lte=min(period.last, as_of)
    )
    return list(rows.exclude(state=FollowUpState.DROPPED).select_related("decision__subject"))


def _followed(house: int, period: Period, as_of: dt.date) -> Figure:
    rows = _due(house, period, as_of)
    done = sum(1 for row in rows if row.state == FollowUpState.DONE)
    return share(done, len(rows), missing=_("期限の来たフォローがありません。"))


def _followed_rows(house: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    if not reflection_access.allows(actor, "list", house):
        return []
    return [
        Counted(
            f"{row.decision.subject.title}: {row.what}",
            row.decision.get_absolute_url(),
            row.state == FollowUpState.DONE,
        )
        for row in _due(house, period, as_of)
    ]
