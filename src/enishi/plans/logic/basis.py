"""What a draft may be made from: the texts of a branch, of its programmes and of their sheets."""

import datetime as dt

from django.utils.translation import gettext as _

from enishi.budgets.models import Programme, ProgrammeYear
from enishi.indicators.models import Indicator
from enishi.plans.logic.calculations import branches_above, paid_programmes
from enishi.plans.logic.proposing import Basis, Measured, Words, Work
from enishi.plans.models import Placement, PlanNode

MOST_WORKS = 12


def basis_of(owner: PlanNode | Programme, day: dt.date) -> Basis:
    return _of_branch(owner) if isinstance(owner, PlanNode) else _of_programme(owner, day)


def _of_branch(node: PlanNode) -> Basis:
    below = PlanNode.objects.below(node, and_itself=True)
    rows = Placement.objects.filter(node__in=below, is_primary=True).select_related("programme")
    programmes = [row.programme for row in rows.order_by("node__path", "programme__uid")[:MOST_WORKS]]
    indicators = Indicator.objects.filter(node_indicators__node=node, deleted_at__isnull=True).distinct()
    return Basis(
        target=_words(node, node.target, _("計画の「対象」")),
        intent=_words(node, node.intent, _("計画の「意図」")),
        result=_words(node, node.result, _("計画の「結果」")),
        works=_works(programmes),
        indicators=[_measured(each) for each in indicators.order_by("code")],
    )


def _of_programme(programme: Programme, day: dt.date) -> Basis:
    above = branches_above(programme.pk, programme.organization_id, day)
    node = above[0] if above else None
    return Basis(
        target=_words(node, node.target, _("上位の施策の「対象」")) if node else None,
        intent=_words(node, node.intent, _("上位の施策の「意図」")) if node else None,
        result=_words(node, node.result, _("上位の施策の「結果」")) if node else None,
        works=_works([programme]),
        indicators=[],
    )


def _words(node: PlanNode, text: str, origin: str) -> Words | None:
    return Words(text, f"{node}: {origin}", node.get_absolute_url()) if text.strip() else None


def _works(programmes: list[Programme]) -> list[Work]:
    keys = [each.pk for each in programmes]
    paid = paid_programmes(keys)
    newest: dict[int, ProgrammeYear] = {}
    for year in (
        ProgrammeYear.objects.filter(programme_id__in=keys).exclude(narrative="").order_by("fiscal_year")
    ):
        newest[year.programme_id] = year
    return [_work(each, each.pk in paid, newest.get(each.pk)) for each in programmes]


def _work(programme: Programme, is_paid: bool, year: ProgrammeYear | None) -> Work:
    narrative = None
    if year is not None:
        origin = _("%(title)s: %(year)d年度の取り組み") % {"title": programme.title, "year": year.fiscal_year}
        narrative = Words(year.narrative, origin, programme.get_absolute_url())
    elif programme.summary:
        narrative = Words(
            programme.summary, _("%(title)s: 概要") % {"title": programme.title}, programme.get_absolute_url()
        )
    return Work(programme.pk, programme.title, programme.get_absolute_url(), is_paid, narrative)


def _measured(indicator: Indicator) -> Measured:
    return Measured(indicator.pk, indicator.name, indicator.stage, indicator.get_absolute_url())
