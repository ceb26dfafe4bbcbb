"""The list of projects: conditions from the address, facets, and the same rows as a file."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from enishi.exchange.models import Field
from enishi.foundation.access import Actor
from enishi.foundation.forms import clean_text
from enishi.foundation.lists import Facet, FacetChoice, Sort
from enishi.organizations.models import Organization, Section
from enishi.organizations.visibility import reach_of
from enishi.projects.access import project_access, projects_taken_part_in
from enishi.projects.enums import ProjectStatus
from enishi.projects.models import Participant, Project

MOST_PARTNERS = 15
LATEST = 300
SORTS: dict[str, tuple[str, ...]] = {"recent": ("-updated_at", "-pk"), "title": ("title", "pk")}


@dataclass(frozen=True)
class Conditions:
    q: str = ""
    status: tuple[str, ...] = ()
    field: tuple[str, ...] = ()
    partner: tuple[int, ...] = ()
    section: tuple[int, ...] = ()
    trial: tuple[str, ...] = ()
    late: bool = False
    mine: bool = False
    sort: str = "recent"

    @classmethod
    def read(cls, given: QueryDict) -> "Conditions":
        """What the address asks for; what cannot be understood is left out."""
        sort = given.get("sort", "")
        return cls(
            q=clean_text(given.get("q", "")).strip()[:100],
            status=tuple(each for each in given.getlist("status") if each in ProjectStatus.values),
            field=tuple(clean_text(each)[:40] for each in given.getlist("field")[:30]),
            partner=_keys(given.getlist("partner")),
            section=_keys(given.getlist("section")),
            trial=tuple(each for each in given.getlist("trial") if each in {"1", "0"}),
            late=given.get("late") == "1",
            mine=given.get("mine") == "1",
            sort=sort if sort in SORTS else "recent",
        )

    @property
    def is_narrowed(self) -> bool:
        return any(
            (self.q, self.status, self.field, self.partner, self.section, self.trial, self.late, self.mine)
        )


def _keys(texts: Iterable[str]) -> tuple[int, ...]:
    return tuple(
        int(each) for each in list(texts)[:30] if each.isascii() and each.isdigit() and len(each) < 18
    )


def find(actor: Actor, conditions: Conditions, today: dt.date) -> QuerySet[Project, Project]:
    """The projects that meet the conditions, as far as this person may read them."""
    rows: QuerySet[Project, Project] = project_access.visible(actor)
    for word in conditions.q.split()[:8]:
        rows = rows.filter(
            Q(title__icontains=word) | Q(purpose__icontains=word) | Q(organization__name__icontains=word)
        )
    if conditions.status:
        rows = rows.filter(status__in=conditions.status)
    if conditions.field:
        chosen = Field.objects.filter(Q(code__in=conditions.field) | Q(parent__code__in=conditions.field))
        links = Project.fields.through._default_manager.filter(field__in=chosen)
        rows = rows.filter(pk__in=links.values("project_id"))
    if conditions.partner:
        taking_part = Participant.objects.filter(organization_id__in=conditions.partner)
        rows = rows.filter(pk__in=taking_part.values("project_id"))
    if conditions.section:
        rows = rows.filter(section_id__in=conditions.section)
    if len(conditions.trial) == 1:
        rows = rows.filter(is_trial=conditions.trial[0] == "1")
    if conditions.late:
        rows = rows.filter(status=ProjectStatus.RUNNING, ends_on__lt=today)
    if conditions.mine:
        rows = rows.filter(projects_taken_part_in(actor))
    return rows


def sorts() -> list[Sort]:
    return [Sort("recent", _("新しく動いた順")), Sort("title", _("名称の順"))]


def counts_by_status(actor: Actor) -> dict[str, int]:
    """How many projects this person may read, by status."""
    visible = project_access.visible(actor)
    return dict(visible.order_by().values_list("status").annotate(n=Count("pk")))


def facets(actor: Actor, conditions: Conditions, counts: Mapping[str, int]) -> list[Facet]:
    visible = project_access.visible(actor)
    statuses = [
        FacetChoice(each.value, each.label, counts.get(each.value, 0), each.value in conditions.status)
        for each in ProjectStatus
        if each != ProjectStatus.DRAFT or reach_of(actor).is_member
    ]
    trials = [
        FacetChoice("1", _("実証"), None, "1" in conditions.trial),
        FacetChoice("0", _("実証でないもの"), None, "0" in conditions.trial),
    ]
    found = [
        Facet("status", _("状態"), statuses),
        Facet("trial", _("実証"), trials),
        Facet("late", _("遅れ"), [FacetChoice("1", _("終わりの日を過ぎている"), None, conditions.late)]),
        Facet("field", _("分野"), _fields(conditions)),
        Facet("partner", _("参加する団体"), _partners(visible, conditions)),
    ]
    own = _sections(actor, conditions)
    if own:
        found.append(Facet("section", _("担当課"), own))
    if reach_of(actor).is_member:
        mine = FacetChoice("1", _("自分の団体が加わるもの"), None, conditions.mine)
        found.append(Facet("mine", _("関わり"), [mine]))
    return found


def _fields(conditions: Conditions) -> list[FacetChoice]:
    rows = Field.objects.filter(is_active=True, parent__isnull=True).order_by("order", "pk")
    return [FacetChoice(row.code, row.told_name, None, row.code in conditions.field) for row in rows]


def _partners(visible: QuerySet[Project, Project], conditions: Conditions) -> list[FacetChoice]:
    """Those who take part in the latest projects most often, and whoever is chosen. Without counts: they are a few of many."""
    latest = list(visible.order_by("-updated_at", "-pk").values_list("pk", flat=True)[:LATEST])
    rows = (
        Participant.objects.filter(project_id__in=latest, organization__isnull=False)
        .exclude(role="lead")
        .order_by()
        .values_list("organization_id", "organization__name")
        .annotate(n=Count("pk"))
        .order_by("-n", "organization_id")[:MOST_PARTNERS]
    )
    found = {key: name for key, name, _count in rows}
    for row in Organization.objects.filter(pk__in=[key for key in conditions.partner if key not in found]):
        found[row.pk] = row.name
    return [FacetChoice(str(key), name, None, key in conditions.partner) for key, name in found.items()]


def _sections(actor: Actor, conditions: Conditions) -> list[FacetChoice]:
    houses = reach_of(actor).organization_ids
    if not houses:
        return []
    with_projects = Project.objects.filter(organization_id__in=houses, deleted_at__isnull=True)
    rows = Section.objects.filter(
        organization_id__in=houses, pk__in=with_projects.values("section_id")
    ).order_by("code", "pk")[:40]
    return [FacetChoice(str(row.pk), row.name, None, row.pk in conditions.section) for row in rows]


def headings() -> list[str]:
    return [
        _("名称"),
        _("状態"),
        _("実証"),
        _("団体"),
        _("担当課"),
        _("参加する団体"),
        _("分野"),
        _("始まり"),
        _("終わり"),
        _("始めた日"),
        _("終えた日"),
        _("先へ進まない理由"),
        _("公開範囲"),
    ]


def as_rows(projects: QuerySet[Project, Project]) -> Iterator[list[Any]]:
    related = projects.select_related("organization", "section").prefetch_related(
        "participants__organization", "fields"
    )
    for row in related.iterator(chunk_size=500):
        partners = [str(each) for each in row.participants.all() if each.role != "lead"]
        yield [
            row.title,
            str(row.get_status_display()),
            _("はい") if row.is_trial else _("いいえ"),
            row.organization.name,
            row.section.name if row.section else "",
            "、".join(partners),
            "、".join(field.name for field in row.fields.all()),
            row.starts_on,
            row.ends_on,
            row.started_on,
            row.ended_on,
            str(row.get_end_reason_display()),
            str(row.get_visibility_display()),
        ]
