"""The list of indicators: conditions from the address, facets, and the rows as a table."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from enishi.foundation.access import Actor
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.lists import Facet, FacetChoice, Sort
from enishi.indicators.access import indicator_access
from enishi.indicators.enums import IndicatorRole, StandingStatus
from enishi.indicators.models import Indicator, Standing
from enishi.organizations.models import Section

SORTS = {"code": ("code", "pk"), "name": ("name", "pk"), "recent": ("-updated_at", "-pk")}
MOST_SECTIONS = 60


@dataclass(frozen=True)
class Conditions:
    """What the reader asked for."""

    q: str = ""
    role: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    section: tuple[int, ...] = ()
    state: tuple[str, ...] = ()
    sort: str = "code"
    year: int = 0

    @classmethod
    def read(cls, parameters: QueryDict, today: dt.date) -> "Conditions":
        sections = [each for each in parameters.getlist("section") if each.isascii() and each.isdigit()]
        year = parameters.get("year", "")
        fallback = FiscalYear.of(today).year - 1
        return cls(
            q=parameters.get("q", "").replace("\x00", "").strip()[:100],
            role=tuple(each for each in parameters.getlist("role") if each in IndicatorRole.values),
            status=tuple(each for each in parameters.getlist("status") if each in StandingStatus.values),
            section=tuple(int(each) for each in sections if len(each) < 18),
            state=tuple(each for each in parameters.getlist("state") if each in ("overdue", "retired")),
            sort=parameters.get("sort", "") if parameters.get("sort") in SORTS else "code",
            year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else fallback,
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.role or self.status or self.section or self.state)


def find(actor: Actor, conditions: Conditions, today: dt.date) -> models.QuerySet[Indicator, Indicator]:
    rows: models.QuerySet[Indicator, Indicator] = indicator_access.visible(actor)
    rows = rows.filter(retired_at__isnull="retired" not in conditions.state)
    for word in conditions.q.split()[:8]:
        rows = rows.filter(
            Q(name__icontains=word) | Q(code__istartswith=word) | Q(section__name__icontains=word)
        )
    if conditions.role:
        rows = rows.filter(role__in=conditions.role)
    if conditions.section:
        rows = rows.filter(section_id__in=conditions.section)
    if "overdue" in conditions.state:
        rows = rows.filter(next_due_on__lt=today)
    if conditions.status:
        stood = Standing.objects.filter(
            fiscal_year=conditions.year, frame="", status__in=conditions.status
        ).values("indicator_id")
        rows = rows.filter(pk__in=stood)
    return rows


def facets(actor: Actor, conditions: Conditions) -> list[Facet]:
    visible = indicator_access.visible(actor).filter(retired_at__isnull=True)
    by_status = dict(
        Standing.objects.filter(fiscal_year=conditions.year, frame="", indicator__in=visible)
        .values_list("status")
        .annotate(count=Count("pk"))
    )
    of_sections = dict(
        visible.filter(section__isnull=False).order_by().values_list("section_id").annotate(count=Count("pk"))
    )
    sections = Section.objects.filter(pk__in=of_sections).order_by("code", "pk")[:MOST_SECTIONS]
    return [
        Facet(
            "status",
            _("%(year)sの状況") % {"year": fiscal_year_in_words(FiscalYear(conditions.year))},
            [
                FacetChoice(
                    each.value, each.label, by_status.get(each.value, 0), each.value in conditions.status
                )
                for each in StandingStatus
            ],
        ),
        Facet(
            "role",
            _("役割"),
            [
                FacetChoice(each.value, each.label, chosen=each.value in conditions.role)
                for each in IndicatorRole
            ],
        ),
        Facet(
            "section",
            _("担当課"),
            [
                FacetChoice(str(each.pk), each.name, of_sections[each.pk], each.pk in conditions.section)
                for each in sections
            ],
        ),
        Facet(
            "state",
            _("そのほか"),
            [
                FacetChoice("overdue", _("値の期限切れ"), chosen="overdue" in conditions.state),
                FacetChoice("retired", _("使うのをやめたもの"), chosen="retired" in conditions.state),
            ],
        ),
    ]


def sorts() -> list[Sort]:
    return [Sort("code", _("番号の順")), Sort("name", _("名前の順")), Sort("recent", _("新しく変わった順"))]


def headings() -> list[str]:
    return [
        _("指標番号"), _("指標名"), _("担当課"), _("役割"), _("段階"), _("単位"), _("めざす向き"), _("年度"),
        _("実績値"), _("目標値"), _("状況"), _("進捗率"), _("年度達成率"), _("判定できない理由"), _("次に値を入れる期限"),
    ]  # fmt: skip


def as_rows(
    indicators: Iterable[Indicator], standings: Mapping[int, Standing], year: int
) -> Iterable[list[Any]]:
    for each in indicators:
        found = standings.get(each.pk)
        yield [
            each.code,
            each.name,
            each.section.name if each.section else "",
            each.role,
            str(each.get_stage_display()),
            each.unit,
            str(each.get_direction_display()),
            str(FiscalYear(year)),
            found.value if found else None,
            found.target if found else None,
            str(found.get_status_display()) if found else "",
            found.progress if found else None,
            found.attainment if found else None,
            found.reason if found else "",
            each.next_due_on,
        ]
