"""The last two knots of a case: how the work was evaluated (評価), and what the budget made of it (予算).

A case reaches a 事務事業 through rooms above (a project is carried out as one); those say so with ``link_programmes``.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.budgets.models import Programme
from enishi.evaluation.access import subject_access
from enishi.evaluation.enums import Place
from enishi.evaluation.models import Subject
from enishi.evaluation.models_decisions import ImprovementDecision
from enishi.evaluation.published.models import PublishedDataSet
from enishi.evaluation.reflection.access import reflection_access
from enishi.evaluation.reflection.enums import ReflectionStage
from enishi.evaluation.reflection.models import Reflection
from enishi.foundation.access import Actor
from enishi.foundation.money import yen_in_words
from enishi.foundation.thread import CaseRecord, CaseSource, Key, Stage, register_source


@dataclass(frozen=True)
class Carried:
    """A record of a case is carried out as a programme since a day: reviews decided before are not of this case."""

    programme_id: int
    record: Key
    since: dt.date | None = None

    def is_judged_by(self, decided_until: dt.date) -> bool:
        return self.since is None or decided_until >= self.since


@dataclass(frozen=True)
class ProgrammeLink:
    """How a room above ties its records to programmes, asked from either end."""

    of_programmes: Callable[[Sequence[int]], Iterable[Carried]]
    of_records: Callable[[str, Sequence[int]], Iterable[Carried]]


_links: list[ProgrammeLink] = []


def link_programmes(link: ProgrammeLink) -> None:
    """To be called by a room above in ``apps.ready``."""
    _links.append(link)


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_source(
        CaseSource("evaluation", Stage.EVALUATION, read_sheets, causes_of_sheets, sheets_that_came_of)
    )
    register_source(
        CaseSource(
            "reflection", Stage.BUDGET, read_reflections, causes_of_reflections, reflections_that_came_of
        )
    )


# --- 評価 ------------------------------------------------------------------------------------------------------------------------


def _sheets(actor: Actor, ids: Sequence[int]) -> list[tuple[Subject, bool]]:
    """The sheets this reader may know of; those who do not work here know what was published."""
    known = dict.fromkeys(subject_access.visible(actor).filter(pk__in=ids).values_list("pk", flat=True), True)
    public = Subject.objects.filter(pk__in=ids, published_at__isnull=False, cycle__deleted_at__isnull=True)
    open_to_all = public.filter(programme__in=Programme.objects.visible_to(actor).values("pk"))
    for pk in open_to_all.values_list("pk", flat=True):
        known.setdefault(pk, False)
    rows = Subject.objects.filter(pk__in=known).select_related("cycle__organization", "section")
    return [(row, known[row.pk]) for row in rows.prefetch_related("evaluations")]


def read_sheets(actor: Actor, ids: Sequence[int]) -> list[CaseRecord]:
    found = _sheets(actor, ids)
    decided = {
        row.subject_id: row
        for row in ImprovementDecision.objects.decided().filter(subject__in=[row.pk for row, _in in found])
    }
    return [_sheet(row, inside, decided.get(row.pk)) for row, inside in found]


def _sheet(row: Subject, inside: bool, decision: ImprovementDecision | None) -> CaseRecord:
    handed_in = [each.submitted_at for each in row.evaluations.all() if each.submitted_at]
    begun = min(handed_in, default=None) or row.cycle.opened_at or row.placed_at
    facts = [(str(_("評価する年度")), row.cycle.evaluated_year)]
    if decision is not None:
        facts.append((str(_("改善の決定")), str(decision.get_direction_display())))
    return CaseRecord(
        key=("evaluation", row.pk),
        stage=Stage.EVALUATION,
        label=_("評価"),
        title=row.title,
        url=row.get_absolute_url() if inside else reverse("evaluation:result_detail", args=[row.pk]),
        on=timezone.localdate(begun),
        until=timezone.localdate(decision.decided_at) if decision and decision.decided_at else None,
        state=row.get_place_display(),
        parties=[row.cycle.organization.name, *([str(row.section)] if row.section else [])],
        facts=facts,
    )


def causes_of_sheets(ids: Sequence[int]) -> Iterable[tuple[int, Key]]:
    rows = Subject.objects.filter(pk__in=ids, programme__isnull=False).values_list(
        "pk", "programme_id", "cycle__decision_due_on"
    )
    sheets = [(pk, programme, until) for pk, programme, until in rows if programme is not None]
    programmes = sorted({programme for _pk, programme, _until in sheets})
    carried = [each for link in _links for each in link.of_programmes(programmes)] if programmes else []
    return [
        (pk, each.record)
        for pk, programme, until in sheets
        for each in carried
        if each.programme_id == programme and each.is_judged_by(until)
    ]


def sheets_that_came_of(kind: str, ids: Sequence[int]) -> Iterable[int]:
    carried = [each for link in _links for each in link.of_records(kind, ids)]
    if not carried:
        return []
    rows = Subject.objects.chosen().filter(programme__in={each.programme_id for each in carried})
    sheets = rows.exclude(place=Place.FIRST).values_list("pk", "programme_id", "cycle__decision_due_on")
    return [
        pk
        for pk, programme, until in sheets
        if any(each.programme_id == programme and each.is_judged_by(until) for each in carried)
    ]


# --- 予算 ------------------------------------------------------------------------------------------------------------------------


def read_reflections(actor: Actor, ids: Sequence[int]) -> list[CaseRecord]:
    """Inside: every row; outside: what stands in a published data set of that year."""
    inside = set(reflection_access.visible(actor).filter(pk__in=ids).values_list("pk", flat=True))
    rows = Reflection.objects.filter(pk__in=ids).filter(
        Q(pk__in=inside) | Q(approved_at__isnull=False, stage=ReflectionStage.INITIAL)
    )
    found = list(rows.select_related("organization", "decision__subject"))
    sets = {
        (row.organization_id, row.fiscal_year): row
        for row in PublishedDataSet.objects.public().filter(
            organization__in={row.organization_id for row in found if row.pk not in inside}
        )
    }
    told = []
    for row in found:
        published = sets.get((row.organization_id, row.fiscal_year))
        if row.pk in inside:
            told.append(_reflection(row, row.get_absolute_url()))
        elif published is not None and _is_in(published, row):
            told.append(_reflection(row, published.get_absolute_url()))
    return told


def _is_in(published: PublishedDataSet, row: Reflection) -> bool:
    """Approved before the set was frozen, and of a programme whose name the set tells."""
    programme = row.decision.programme
    is_public = programme is not None and programme.visibility == "public"
    return is_public and row.approved_at is not None and row.approved_at <= published.frozen_at


def _reflection(row: Reflection, url: str) -> CaseRecord:
    facts = [(str(_("反映の状況")), str(row.get_status_display()))]
    if row.delta_yen is not None:
        facts.append((str(_("増減")), yen_in_words(row.delta_yen)))
    return CaseRecord(
        key=("reflection", row.pk),
        stage=Stage.BUDGET,
        label=_("予算"),
        title=f"{row.year_in_words} {row.stage_in_words}: {row.decision.subject.title}",
        url=url,
        on=timezone.localdate(row.approved_at or row.recorded_at),
        until=timezone.localdate(row.approved_at) if row.approved_at else None,
        state=row.get_status_display(),
        parties=[row.organization.name],
        facts=facts,
    )


def causes_of_reflections(ids: Sequence[int]) -> Iterable[tuple[int, Key]]:
    rows = Reflection.objects.filter(pk__in=ids).values_list("pk", "decision__subject_id")
    return [(pk, ("evaluation", subject)) for pk, subject in rows]


def reflections_that_came_of(kind: str, ids: Sequence[int]) -> Iterable[int]:
    if kind != "evaluation":
        return []
    return Reflection.objects.filter(decision__subject_id__in=ids).values_list("pk", flat=True)
