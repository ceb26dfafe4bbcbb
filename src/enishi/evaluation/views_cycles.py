"""Pages of a cycle: the list, its rules, where its sheets lie, whom to ask, and the board."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.models import Person
from enishi.accounts.signed_in import person_of
from enishi.audit import selectors as acts
from enishi.audit.history import told
from enishi.evaluation import listing, selectors
from enishi.evaluation.access import cycle_access, subject_access
from enishi.evaluation.enums import CycleState, Direction, Place, Stage
from enishi.evaluation.errors import RefusedError
from enishi.evaluation.forms import CycleForm, PanelistForm
from enishi.evaluation.models import EvaluationCycle, Panelist
from enishi.evaluation.pages import (
    cycle_crumbs,
    house_of,
    now,
    page_with_form,
    require_cycle,
    signed_in,
    today,
    visible_cycle,
)
from enishi.evaluation.papers.forms import FORMS
from enishi.evaluation.papers.services import has_word_form
from enishi.evaluation.services import cycles
from enishi.foundation import downloads, form_pages
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.lists import paginate

ON_BOARD = 12
"""Sheets shown in one column of the board; the rest is behind the list."""


@signed_in
@require_safe
def cycle_list(request: HttpRequest) -> HttpResponse:
    rows = cycle_access.visible(request.user).select_related("organization")
    total = rows.count()
    if request.GET.get("format") in downloads.FORMATS:
        return _cycles_as_file(request.GET["format"], rows)
    house = house_of(request)
    context = {
        "page": paginate(rows, order_by=("-evaluated_fy", "-pk"), parameters=request.GET),
        "summary": ngettext("評価の周期 %(count)s件", "評価の周期 %(count)s件", total)
        % {"count": f"{total:,}"},
        "may_create": house is not None and cycle_access.allows(request.user, "create", house),
    }
    return render(request, "evaluation/cycle_list.html", context)


def _cycles_as_file(form: str, rows: Any) -> HttpResponse:
    headings = [
        _("名称"),
        _("団体"),
        _("評価の単位"),
        _("評価する年度"),
        _("決定を反映する年度"),
        _("状態"),
        _("決定の期限"),
    ]
    lines = (
        [
            each.title,
            each.organization.name,
            str(each.get_unit_display()),
            each.evaluated_year,
            each.decision_year,
            str(each.get_state_display()),
            each.decision_due_on,
        ]
        for each in rows.order_by("-evaluated_fy", "-pk")
    )
    return as_file(form, headings, lines, _("評価の周期"))


def as_file(form: str, headings: Any, lines: Any, title: str) -> HttpResponse:
    made = downloads.sheet(form, headings, lines, title=title)
    plain = f"enishi-evaluation.{made.ending}"
    return downloads.attachment(made.content, made.content_type, plain=plain, name=f"{title}.{made.ending}")


@signed_in
def cycle_new(request: HttpRequest) -> HttpResponse:
    house = house_of(request)
    if house is None or not cycle_access.allows(request.user, "create", house):
        raise PermissionDenied(_("評価の周期を作れるのは、自治体の行革の担当です。"))
    this = FiscalYear.of(today()).year
    cycle = EvaluationCycle(organization=house, evaluated_fy=this - 1, decision_fy=this + 1)
    form = CycleForm(request.POST or None, cycle=cycle)
    return page_with_form(
        request,
        form,
        lambda form: cycles.create_cycle(
            organization=house, values=form.values(), actor=person_of(request), at=now()
        ),
        title=_("評価の周期を準備する"),
        submit=_("準備する"),
        done=_("評価の周期を準備しました。次は「対象を選ぶ」です。"),
        to=lambda made: made.get_absolute_url(),
        crumbs=[(reverse("evaluation:cycle_list"), _("行政評価"))],
        template="evaluation/cycle_form.html",
        lead=_("何を、いつまでに、どのものさしで評価するかを決めます。始めるまでは、いつでも書き直せます。"),
    )


@signed_in
def cycle_edit(request: HttpRequest, pk: int) -> HttpResponse:
    cycle = visible_cycle(request, pk)
    require_cycle(request, cycle)
    form = CycleForm(request.POST or None, cycle=cycle)
    return page_with_form(
        request,
        form,
        lambda form: cycles.edit_cycle(
            cycle_id=cycle.pk,
            values=form.values(),
            version=form.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        ),
        title=_("「%(cycle)s」を書き直す") % {"cycle": cycle},
        submit=_("保存する"),
        done=_("評価の周期を保存しました。"),
        to=cycle.get_absolute_url(),
        crumbs=cycle_crumbs(cycle),
        template="evaluation/cycle_form.html",
    )


@signed_in
@require_safe
def cycle_detail(request: HttpRequest, pk: int) -> HttpResponse:
    cycle = visible_cycle(request, pk)
    day = today()
    visible = subject_access.visible(request.user).filter(cycle=cycle)
    counts = selectors.counts_by_place(request.user, cycle)
    total = sum(counts.values())
    late = selectors.with_first(selectors.late(visible, cycle, day)).order_by("place", "code", "pk")
    directions = selectors.counts_by_direction(cycle)
    manages = cycle_access.allows(request.user, "manage", cycle)
    context = {
        "cycle": cycle,
        "today": day,
        "stations": [(place, counts.get(place.value, 0), cycle.due_on(place)) for place in cycle.places],
        "chosen_by": selectors.counts_by_trigger(cycle)
        if total and cycle.state == CycleState.PREPARING
        else [],
        "total": total,
        "decided": counts.get(Place.DECIDED.value, 0),
        "left_out": visible.filter(included=False).count(),
        "late": list(late[:ON_BOARD]),
        "late_count": late.count(),
        "judgements": [
            (Stage(stage), letters, sum(letters.values()))
            for stage, letters in selectors.counts_by_judgement(cycle).items()
        ],
        "directions": [(each, directions.get(each.value, 0)) for each in Direction],
        "direction_total": sum(directions.values()),
        "triggers": selectors.trigger_words(cycle),
        "typed": selectors.typed_fields(cycle),
        "manages": manages,
        "panelists": list(cycle.panelists.select_related("person")) if manages else [],
        "forms": FORMS.values(),
        "has_word_form": has_word_form(cycle.organization_id),
        "events": told(acts.history(cycle)[:10]) if manages else None,
    }
    return render(request, "evaluation/cycle_detail.html", context)


VERBS = {
    "select": (cycles.select_subjects, gettext_lazy("対象を選びました。")),
    "open": (cycles.open_cycle, gettext_lazy("評価を始めました。担当課の「今日やること」に出ます。")),
    "close": (cycles.close_cycle, gettext_lazy("評価の周期を終了しました。")),
}


@signed_in
@require_POST
def cycle_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose, begin, end, throw away."""
    cycle = visible_cycle(request, pk)
    require_cycle(request, cycle)
    actor, verb = person_of(request), request.POST.get("do", "")
    if verb == "delete":
        return _delete(request, cycle, actor)
    if verb not in VERBS:
        return redirect(cycle)
    do, done = VERBS[verb]
    return form_pages.press(
        request, lambda: do(cycle_id=cycle.pk, actor=actor, at=now()), done=str(done), to=cycle
    )


def _delete(request: HttpRequest, cycle: EvaluationCycle, actor: Person) -> HttpResponse:
    try:
        cycles.delete_cycle(cycle_id=cycle.pk, actor=actor, at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect(cycle)
    messages.success(request, _("準備中の周期を削除しました。"))
    return redirect("evaluation:cycle_list")


@signed_in
@require_safe
def sheet_list(request: HttpRequest, pk: int) -> HttpResponse:
    cycle = visible_cycle(request, pk)
    conditions = listing.Conditions.read(request.GET)
    rows = listing.find(request.user, cycle, conditions, today())
    if request.GET.get("format") in downloads.FORMATS:
        return as_file(request.GET["format"], listing.headings(), listing.as_rows(rows), str(cycle))
    total = rows.count()
    sentence = (
        ngettext("対象にしなかったもの %(count)s件", "対象にしなかったもの %(count)s件", total)
        if conditions.left_out
        else ngettext("評価シート %(count)s件", "評価シート %(count)s件", total)
    )
    context = {
        "cycle": cycle,
        "conditions": conditions,
        "today": today(),
        "page": paginate(selectors.with_first(rows), order_by=listing.ORDER, parameters=request.GET),
        "facets": [facet for facet in listing.facets(request.user, cycle, conditions) if facet.choices],
        "summary": sentence % {"count": f"{total:,}"},
        "manages": cycle_access.allows(request.user, "manage", cycle),
    }
    return render(request, "evaluation/sheet_list.html", context)


@signed_in
@require_safe
def cycle_board(request: HttpRequest, pk: int) -> HttpResponse:
    """Columns by station: whose turn it is, and what is late."""
    cycle = visible_cycle(request, pk)
    day = today()
    visible = subject_access.visible(request.user).filter(cycle=cycle, included=True)
    counts = selectors.counts_by_place(request.user, cycle)
    columns = []
    for place in cycle.places:
        rows = selectors.with_first(visible.filter(place=place)).order_by("code", "pk")[:ON_BOARD]
        due = cycle.due_on(place)
        columns.append(
            {
                "place": place,
                "count": counts.get(place.value, 0),
                "rows": list(rows),
                "due": due,
                "is_late": cycle.is_running and due is not None and due < day,
                "url": f"{reverse('evaluation:sheet_list', args=[cycle.pk])}?place={place.value}",
            }
        )
    return render(request, "evaluation/cycle_board.html", {"cycle": cycle, "columns": columns, "today": day})


@signed_in
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the members of the panel."""
    cycle = visible_cycle(request, pk)
    require_cycle(request, cycle)
    form = PanelistForm(request.POST or None)

    def save(form: Any) -> Panelist:
        person = Person.objects.filter(email__iexact=form.cleaned_data["email"], is_active=True).first()
        if person is None:
            raise RefusedError(
                _(
                    "このメールアドレスの人はまだ登録していません。本人に登録してもらってから、もう一度加えてください。"
                )
            )
        return cycles.add_panelist(cycle_id=cycle.pk, person=person, actor=person_of(request), at=now())

    return page_with_form(
        request,
        form,
        save,
        title=_("外部評価委員"),
        submit=_("委員に加える"),
        done=_("外部評価委員に加えました。"),
        to=reverse("evaluation:panel", args=[cycle.pk]),
        crumbs=cycle_crumbs(cycle),
        lead=_("委員は、外部評価の段階に来たシートの固定した記録だけを読み、意見を書きます。"),
        template="evaluation/panel.html",
        also={"cycle": cycle, "panelists": cycle.panelists.select_related("person").order_by("pk")},
    )


@signed_in
@require_POST
def panelist_remove(request: HttpRequest, pk: int) -> HttpResponse:
    panelist = get_object_or_404(
        Panelist.objects.filter(cycle__in=cycle_access.visible(request.user)).select_related(
            "cycle__organization"
        ),
        pk=pk,
    )
    require_cycle(request, panelist.cycle)
    return form_pages.press(
        request,
        lambda: cycles.remove_panelist(panelist_id=panelist.pk, actor=person_of(request), at=now()),
        done=_("委員から外しました。"),
        to=reverse("evaluation:panel", args=[panelist.cycle_id]),
    )
