"""The list of a cycle's sheets: conditions from the address, facets, and the same rows as a file."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from enishi.evaluation import selectors
from enishi.evaluation.access import subject_access
from enishi.evaluation.enums import Place, Stage, Trigger
from enishi.evaluation.models import EvaluationCycle, Subject
from enishi.foundation.access import Actor
from enishi.foundation.forms import clean_text
from enishi.foundation.lists import Facet, FacetChoice
from enishi.organizations.models import Section

ORDER = ("code", "pk")


@dataclass(frozen=True)
class Conditions:
    q: str = ""
    place: tuple[str, ...] = ()
    section: tuple[int, ...] = ()
    trigger: tuple[str, ...] = ()
    late: bool = False
    mine: bool = False
    left_out: bool = False

    @classmethod
    def read(cls, given: QueryDict) -> "Conditions":
        """What the address asks for; what cannot be understood is left out."""
        return cls(
            q=clean_text(given.get("q", "")).strip()[:100],
            place=tuple(each for each in given.getlist("place") if each in Place.values),
            section=_keys(given.getlist("section")),
            trigger=tuple(each for each in given.getlist("trigger") if each in Trigger.values),
            late=given.get("late") == "1",
            mine=given.get("mine") == "1",
            left_out=given.get("left_out") == "1",
        )


def _keys(texts: Iterable[str]) -> tuple[int, ...]:
    return tuple(
        int(each) for each in list(texts)[:30] if each.isascii() and each.isdigit() and len(each) < 18
    )


def find(
    actor: Actor, cycle: EvaluationCycle, conditions: Conditions, today: dt.date
) -> QuerySet[Subject, Subject]:
    """The sheets of a cycle that meet the conditions, as far as this person may read them."""
    rows = subject_access.visible(actor).filter(cycle=cycle, included=not conditions.left_out)
    for word in conditions.q.split()[:8]:
        rows = rows.filter(
            Q(title__icontains=word) | Q(code__startswith=word) | Q(section__name__icontains=word)
        )
    if conditions.place:
        rows = rows.filter(place__in=conditions.place)
    if conditions.section:
        rows = rows.filter(section_id__in=conditions.section)
    if conditions.trigger:
        # Text in the stored sentences' keys: both databases know ``icontains`` on JSON as text.
        wanted = Q(pk__in=[])
        for trigger in conditions.trigger:
            wanted |= Q(why__icontains=f'"{trigger}"')
        rows = rows.filter(wanted)
    if conditions.late:
        rows = selectors.late(rows, cycle, today)
    if conditions.mine:
        rows = rows.filter(officer_id=actor.pk)
    return rows


def facets(actor: Actor, cycle: EvaluationCycle, conditions: Conditions) -> list[Facet]:
    counts = selectors.counts_by_place(actor, cycle)
    places = [
        FacetChoice(each.value, each.label, counts.get(each.value, 0), each.value in conditions.place)
        for each in cycle.places
    ]
    triggers = [
        FacetChoice(each.value, each.label, None, each.value in conditions.trigger)
        for each in Trigger
        if each in cycle.triggers
    ]
    return [
        Facet("place", _("段階"), places),
        Facet("late", _("遅れ"), [FacetChoice("1", _("期限を過ぎている"), None, conditions.late)]),
        Facet("mine", _("記入する人"), [FacetChoice("1", _("自分"), None, conditions.mine)]),
        Facet("trigger", _("選んだきっかけ"), triggers),
        Facet("section", _("担当課"), _sections(actor, cycle, conditions)),
        Facet(
            "left_out",
            _("対象"),
            [FacetChoice("1", _("対象にしなかったものを見る"), None, conditions.left_out)],
        ),
    ]


def _sections(actor: Actor, cycle: EvaluationCycle, conditions: Conditions) -> list[FacetChoice]:
    rows = subject_access.visible(actor).filter(cycle=cycle, included=True, section__isnull=False).order_by()
    counts: dict[int, int] = {
        key: n for key, n in rows.values_list("section_id").annotate(n=Count("pk")) if key is not None
    }
    named = Section.objects.filter(pk__in=counts).order_by("code", "pk")[:40]
    return [
        FacetChoice(str(each.pk), each.name, counts[each.pk], each.pk in conditions.section) for each in named
    ]


def headings() -> list[str]:
    return [
        _("番号"),
        _("名称"),
        _("担当課"),
        _("段階"),
        _("期限"),
        _("記入する人"),
        _("対象"),
        _("選んだ理由・選ばなかった理由"),
        _("手で変えた理由"),
        _("一次の判定"),
        _("一次の方向"),
        _("最後の判定"),
        _("決定"),
    ]


def as_rows(rows: QuerySet[Subject, Subject]) -> Iterator[list[Any]]:
    found = selectors.with_first(rows).order_by(*ORDER)
    for row in found.iterator(chunk_size=500):
        stages = {each.stage: each for each in row.evaluations.all() if each.is_handed_in}
        first = stages.get(Stage.FIRST)
        last = next((stages[stage] for stage in reversed(Stage.values) if stage in stages), None)
        decision = next(iter(row.standing_decisions), None)  # type: ignore[attr-defined]
        yield [
            row.code,
            row.title,
            row.section.name if row.section else "",
            str(row.get_place_display()) if row.included else "",
            row.due_on if row.included else None,
            row.officer.name if row.officer else "",
            _("対象") if row.included else _("対象外"),
            " ".join(row.reasons),
            row.why_by_hand,
            first.judgement if first else "",
            first.direction if first else "",
            last.judgement if last else "",
            f"{decision.direction}({decision.get_state_display()})" if decision else "",
        ]
