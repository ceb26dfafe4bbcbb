"""The desk's own pages: the board, the list, the clock and the cost."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enishi.desk import budget_calendar, selectors, services
from enishi.desk.access import desk_access, proposal_access
from enishi.desk.enums import OPEN_STATUSES, ProposalKind, ProposalStatus
from enishi.desk.models import Proposal
from enishi.desk.next_steps import Answers, answers_of, next_step
from enishi.desk.tables import FORMATS, MOST_ROWS, download
from enishi.desk.wording import ending_in_words
from enishi.engines.progress.values import Missing
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import clean_text
from enishi.foundation.lists import Facet, FacetChoice, Sort, paginate
from enishi.foundation.numbers import whole
from enishi.knowledge.selectors import search
from enishi.organizations.models import Organization


def desk_of(request: HttpRequest) -> Organization:
    """The desk this page is about: the one named in the address, else the reader's first."""
    desks = desk_access.visible(request.user).order_by("pk")
    key = request.GET.get("desk", "")
    chosen = desks.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 18 else desks.first()
    if chosen is None:
        raise PermissionDenied(
            _("窓口のページは、自治体の職員が使います。提案の状況は「送った提案」で見られます。")
        )
    return chosen


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The stages side by side, the same as a table, and a menu on each card."""
    desk = desk_of(request)
    mine = request.GET.get("mine") == "1"
    columns = selectors.board(request.user, desk, officer_id=request.user.pk if mine else None)
    today = timezone.localdate()
    answers = answers_of(card for column in columns for card in column.cards)
    context = {
        "desk": desk,
        "desks": list(desk_access.visible(request.user).order_by("pk")),
        "columns": [
            (column, [_card(request, card, today, answers) for card in column.cards]) for column in columns
        ],
        "as_table": request.GET.get("as") == "table",
        "mine": mine,
        "late": selectors.late(request.user, desk, today).count(),
        "is_desk": desk_access.allows(request.user, "settings", desk),
    }
    return render(request, "desk/board.html", context)


def _card(
    request: HttpRequest, card: Proposal, today: dt.date, answers: Mapping[int, Answers]
) -> dict[str, Any]:
    return {
        "proposal": card,
        "next": next_step(card, answers.get(card.pk, Answers()), today) if card.stage.is_open else None,
        "is_late": card.stage_due_on is not None and card.stage_due_on < today and card.stage.is_open,
        "moves": [
            (stage, services.needs_reason(card.stage, stage)) for stage in services.possible_moves(card)
        ]
        if proposal_access.allows(request.user, "move", card)
        else [],
    }


@login_required
@require_safe
def proposal_list(request: HttpRequest) -> HttpResponseBase:
    """What came in, narrowed and sorted, on pages or as a sheet."""
    desk = desk_of(request)
    rows, narrowed = _narrowed(request, desk)
    if request.GET.get("format") in FORMATS:
        return _sheet(request, rows)
    counts = selectors.counts_by_stage(request.user, desk)
    sort = request.GET.get("sort", "received")
    order = {"due": ("stage_due_on", "pk"), "changed": ("-updated_at", "-pk")}.get(
        sort, ("-received_at", "-pk")
    )
    if sort == "due":
        rows = rows.filter(stage_due_on__isnull=False)
    page = paginate(
        rows.select_related("officer", "section", "proposer"), order_by=order, parameters=request.GET
    )
    context = {
        "desk": desk,
        "page": page,
        "total": rows.count() if narrowed or sort == "due" else sum(counts.values()),
        "facets": _facets(request, counts),
        "sorts": [
            Sort("received", _("届いた順")),
            Sort("due", _("目安の日が早い順")),
            Sort("changed", _("変わった順")),
        ],
        "sort": sort,
        "query": request.GET.get("q", ""),
        "narrowed": narrowed,
        "today": timezone.localdate(),
    }
    return render(request, "desk/proposal_list.html", context)


def _narrowed(request: HttpRequest, desk: Organization) -> tuple[Any, bool]:
    asked = request.GET
    rows: Any = selectors.of_desk(request.user, desk)
    narrowed = False
    for name in ("status", "kind"):
        known = set((ProposalStatus if name == "status" else ProposalKind).values)
        chosen = [value for value in asked.getlist(name) if value in known]
        if chosen:
            rows, narrowed = rows.filter(**{f"{name}__in": chosen}), True
    for name, conditions in _conditions(request).items():
        for value in asked.getlist(name):
            if value in conditions:
                rows, narrowed = rows.filter(conditions[value]), True
    query = clean_text(asked.get("q", "")).strip()[:200]
    if query:
        hits = search(
            request.user, query, kinds=["proposal"], limit=500, order="recent", counted=False, faceted=False
        )
        rows, narrowed = rows.filter(pk__in=hits.object_ids), True
    return rows, narrowed


def _conditions(request: HttpRequest) -> dict[str, dict[str, Q]]:
    waiting = Q(status__in=OPEN_STATUSES)
    return {
        "late": {
            "1": waiting & Q(stage_due_on__lt=timezone.localdate()),
            "reply": waiting & Q(first_reply_at__isnull=True),
        },
        "mine": {
            "1": Q(officer_id=request.user.pk),
            "nobody": waiting & Q(officer__isnull=True),
        },
    }


def _facets(request: HttpRequest, counts: Mapping[str, int]) -> list[Facet]:
    stages = [one for one in ProposalStatus if one != ProposalStatus.DRAFT]
    asked = request.GET
    return [
        Facet(
            "status",
            _("段階"),
            [
                FacetChoice(
                    one.value, one.label, counts.get(one.value, 0), one.value in asked.getlist("status")
                )
                for one in stages
            ],
        ),
        Facet(
            "kind",
            _("種類"),
            [
                FacetChoice(one.value, one.label, None, one.value in asked.getlist("kind"))
                for one in ProposalKind
            ],
        ),
        _facet(
            request, "late", _("期限"), {"1": _("目安を過ぎたもの"), "reply": _("最初の返事がまだのもの")}
        ),
        _facet(
            request,
            "mine",
            _("担当"),
            {"1": _("自分が担当のもの"), "nobody": _("担当者が決まっていないもの")},
        ),
    ]


def _facet(request: HttpRequest, name: str, legend: str, labels: Mapping[str, str]) -> Facet:
    asked = request.GET.getlist(name)
    return Facet(
        name, legend, [FacetChoice(value, label, None, value in asked) for value, label in labels.items()]
    )


def _sheet(request: HttpRequest, rows: Any) -> HttpResponse:
    headings = [
        _("受付番号"),
        _("題名"),
        _("種類"),
        _("経路"),
        _("提案者"),
        _("状態"),
        _("受付日"),
        _("目安の日"),
        _("窓口の担当者"),
        _("担当課"),
        _("最初の回答"),
        _("決定日"),
        _("事業の開始日"),
        _("提案の内容"),
    ]
    chosen = rows.select_related("officer", "section", "proposer").order_by("-received_at", "-pk")[:MOST_ROWS]
    return download(
        request.GET.get("format", "xlsx"), title=_("提案"), headings=headings, rows=_lines(chosen)
    )


def _lines(rows: Any) -> Iterator[list[object]]:
    """Open columns only."""
    for row in rows.iterator(chunk_size=500):
        yield [
            row.number,
            row.title,
            row.get_kind_display(),
            row.get_origin_display(),
            row.proposer.name if row.proposer else row.proposer_name,
            row.get_status_display(),
            _day(row.received_at),
            row.stage_due_on,
            row.officer.name if row.officer else "",
            row.section.name if row.section else "",
            _day(row.first_reply_at),
            _day(row.decided_at),
            row.started_on,
            row.summary,
        ]


def _day(at: dt.datetime | None) -> dt.date | None:
    return timezone.localdate(at) if at else None


@login_required
@require_safe
def clock(request: HttpRequest) -> HttpResponse:
    """What is late, where time goes, how long it takes until work begins, and what the desk costs."""
    desk = desk_of(request)
    today = timezone.localdate()
    year = _year(request, today)
    first, as_of = year.first_day, min(today, year.last_day)
    since = selectors.start_of(first)
    waited = selectors.days_to_start(desk.pk, first, year.last_day, today)
    page = paginate(
        selectors.late(request.user, desk, today).select_related("officer", "section"),
        order_by=("stage_due_on", "pk"),
        parameters=request.GET,
        size=10,
    )
    context = {
        "desk": desk,
        "year": year,
        "year_label": fiscal_year_in_words(year),
        "years": [(one.year, fiscal_year_in_words(one)) for one in _years(today)],
        "page": page,
        "late": selectors.late(request.user, desk, today).count(),
        "stages": selectors.stage_times(desk, since, today),
        "sections": selectors.section_times(desk, since, today),
        "waited": [
            (_("カプラン・マイヤー法の中央値"), _said(waited.kaplan_meier_median.value)),
            (_("単純な平均"), _said(waited.mean.value)),
            (_("単純な中央値"), _said(waited.median.value)),
        ],
        "endings": [(ending_in_words(ending), count) for ending, count in waited.counts.items()],
        "cost": selectors.cost(desk, since),
        "reach": budget_calendar.reach_of_proposal(desk.pk, today),
        "calendar": budget_calendar.steps_of(desk.pk),
        "as_of": as_of,
        "is_desk": desk_access.allows(request.user, "settings", desk),
    }
    return render(request, "desk/clock.html", context)


def _said(value: Any) -> str:
    """Days, or why there are none."""
    if isinstance(value, Missing):
        return str(value.reason)
    return _("%(days)s日") % {"days": f"{float(value):g}"}


def _year(request: HttpRequest, today: dt.date) -> FiscalYear:
    asked = whole(request.GET.get("year", ""), 2000, 2100)
    return FiscalYear(asked) if asked else FiscalYear.of(today)


def _years(today: dt.date) -> list[FiscalYear]:
    this = FiscalYear.of(today).year
    return [FiscalYear(this - back) for back in range(4)]
