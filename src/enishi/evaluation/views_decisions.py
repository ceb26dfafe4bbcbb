"""Pages of decisions: draft, confirm, decide, replace, follow up; and the list of what has no reflection yet."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.evaluation import selectors
from enishi.evaluation.access import decision_access
from enishi.evaluation.enums import DecisionState, Direction, FollowUpState
from enishi.evaluation.facts.building import year_words
from enishi.evaluation.forms import DecisionForm, EndFollowUpForm, FollowUpForm, ReplaceForm
from enishi.evaluation.models import FollowUp, ImprovementDecision
from enishi.evaluation.pages import (
    WHOSE_DECISION,
    Crumb,
    now,
    page_with_form,
    require,
    sheet_crumbs,
    signed_in,
    today,
    visible_decision,
    visible_sheet,
)
from enishi.evaluation.reflection.models import Reflection
from enishi.evaluation.services import decisions
from enishi.evaluation.views_cycles import as_file
from enishi.foundation import downloads, form_pages
from enishi.foundation.forms import clean_text
from enishi.foundation.lists import Facet, FacetChoice, paginate

ORDER = ("-proposed_at", "-pk")


def decision_crumbs(decision: ImprovementDecision) -> list[Crumb]:
    title = _("決定: %(direction)s") % {"direction": decision.get_direction_display()}
    return [*sheet_crumbs(decision.subject), (decision.get_absolute_url(), title)]


@signed_in
@require_safe
def decision_list(request: HttpRequest) -> HttpResponse:
    visible = decision_access.visible(request.user)
    rows = _narrowed(request, visible)
    if request.GET.get("format") in downloads.FORMATS:
        return as_file(request.GET["format"], _headings(), _lines(rows), _("改善の決定"))
    total = rows.count()
    page = paginate(_with_names(rows), order_by=ORDER, parameters=request.GET)
    reflected = set(
        Reflection.objects.filter(decision__in=[row.pk for row in page.rows]).values_list(
            "decision_id", flat=True
        )
    )
    context = {
        "page": page,
        "reflected": reflected,
        "query": clean_text(request.GET.get("q", ""))[:100],
        "summary": ngettext("改善の決定 %(count)s件", "改善の決定 %(count)s件", total)
        % {"count": f"{total:,}"},
        "facets": _facets(request, visible),
    }
    return render(request, "evaluation/decision_list.html", context)


def _with_names(rows: QuerySet[ImprovementDecision, ImprovementDecision]) -> Any:
    return rows.select_related("subject__cycle", "subject__section", "owner_section", "merges_into")


def _narrowed(
    request: HttpRequest, rows: QuerySet[ImprovementDecision, ImprovementDecision]
) -> QuerySet[ImprovementDecision, ImprovementDecision]:
    for word in clean_text(request.GET.get("q", ""))[:100].split()[:8]:
        rows = rows.filter(Q(subject__title__icontains=word) | Q(content__icontains=word))
    states = [each for each in request.GET.getlist("state") if each in DecisionState.values]
    rows = rows.filter(state__in=states) if states else rows.exclude(state=DecisionState.SUPERSEDED)
    directions = [each for each in request.GET.getlist("direction") if each in Direction.values]
    if directions:
        rows = rows.filter(direction__in=directions)
    years = [
        int(each)
        for each in request.GET.getlist("year")
        if each.isascii() and each.isdigit() and len(each) == 4
    ]
    if years:
        rows = rows.filter(target_fy__in=years)
    if request.GET.get("unreflected") == "1":
        rows = selectors.unreflected(rows)
    return rows


def _facets(request: HttpRequest, visible: QuerySet[ImprovementDecision, ImprovementDecision]) -> list[Facet]:
    def chosen(name: str) -> list[str]:
        return request.GET.getlist(name)

    years = visible.filter(target_fy__isnull=False).order_by("-target_fy").values_list("target_fy", flat=True)
    waiting = selectors.unreflected(visible).count()
    return [
        Facet(
            "unreflected",
            _("予算への反映"),
            [FacetChoice("1", _("反映の記録がまだない"), waiting, "1" in chosen("unreflected"))],
        ),
        Facet(
            "state",
            _("状態"),
            [
                FacetChoice(each.value, each.label, None, each.value in chosen("state"))
                for each in DecisionState
            ],
        ),
        Facet(
            "direction",
            _("方向"),
            [
                FacetChoice(each.value, each.label, None, each.value in chosen("direction"))
                for each in Direction
            ],
        ),
        Facet(
            "year",
            _("反映する年度"),
            [
                FacetChoice(str(year), year_words(year), None, str(year) in chosen("year"))
                for year in years.distinct()[:10]
                if year is not None
            ],
        ),
    ]


def _headings() -> list[str]:
    return [
        _("番号"),
        _("名称"),
        _("担当課"),
        _("評価の周期"),
        _("方向"),
        _("改善の内容"),
        _("予算に関わる"),
        _("予算の増減の見込み(円)"),
        _("反映する年度"),
        _("統合先の事務事業"),
        _("進める課"),
        _("状態"),
        _("決定の日時"),
    ]


def _lines(rows: QuerySet[ImprovementDecision, ImprovementDecision]) -> Iterator[list[Any]]:
    for row in _with_names(rows).order_by(*ORDER).iterator(chunk_size=500):
        yield [
            row.subject.code,
            row.subject.title,
            row.subject.section.name if row.subject.section else "",
            row.subject.cycle.title,
            row.direction,
            row.content,
            _("はい") if row.budget_relevant else _("いいえ"),
            row.expected_delta_yen,
            row.target_fy,
            str(row.merges_into or ""),
            row.owner_section.name if row.owner_section else "",
            str(row.get_state_display()),
            row.decided_at.date() if row.decided_at else None,
        ]


@signed_in
@require_safe
def decision_detail(request: HttpRequest, pk: int) -> HttpResponse:
    decision = visible_decision(request, pk)
    allows = {action: decision_access.allows(request.user, action, decision) for action in _ASKED}
    waits = allows["confirm"] and decision.state == DecisionState.PROPOSED
    is_own = decision.proposed_by_id == request.user.pk
    context = {
        "decision": decision,
        "subject": decision.subject,
        "crumbs": sheet_crumbs(decision.subject),
        "today": today(),
        "allows": allows,
        "follow_ups": list(decision.follow_ups.select_related("owner", "ended_by")),
        "replaced_by": (successor := ImprovementDecision.objects.filter(supersedes=decision).first()),
        "may_replace": allows["supersede"] and decision.state == DecisionState.DECIDED and successor is None,
        "is_open": decision.state in {DecisionState.PROPOSED, DecisionState.CONFIRMED},
        "is_decided": decision.state == DecisionState.DECIDED,
        "may_decide": allows["decide"] and decision.state == DecisionState.CONFIRMED,
        "may_confirm": waits and not is_own,
        "is_own": waits and is_own,
        "turn": WHOSE_DECISION.get(DecisionState(decision.state), ""),
        "is_unreflected": selectors.unreflected(ImprovementDecision.objects.filter(pk=decision.pk)).exists(),
    }
    return render(request, "evaluation/decision_detail.html", context)


_ASKED = ("edit", "confirm", "decide", "supersede", "follow_up")
_WHO = {
    "edit": gettext_lazy(
        "決定の案を書き直せるのは、担当課の管理職と行革・企画の担当です。決定の後は改めるだけです。"
    ),
    "confirm": gettext_lazy("案を確認できるのは、行革の担当です。"),
    "decide": gettext_lazy("決定できるのは、首長・庁議の人です。"),
    "supersede": gettext_lazy("決定を改められるのは、行革の担当です。"),
    "follow_up": gettext_lazy("フォローを書けるのは、進める人、担当課の人、行革の担当です。"),
}


def _require(request: HttpRequest, action: str, decision: ImprovementDecision) -> None:
    if not decision_access.allows(request.user, action, decision):
        raise PermissionDenied(str(_WHO[action]))


@signed_in
def decision_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft the decision of a sheet, begun with the words of the last stage."""
    subject = visible_sheet(request, pk)
    require(request, "propose", subject)
    form = DecisionForm(
        request.POST or None,
        subject=subject,
        people=selectors.officers_of(subject),
        actor=request.user,
        initial=decisions.draft_values(subject),
    )
    return page_with_form(
        request,
        form,
        lambda form: decisions.propose(
            subject_id=subject.pk, values=form.values(), actor=person_of(request), at=now()
        ),
        title=_("「%(title)s」の決定の案") % {"title": subject.title},
        submit=_("案を保存する"),
        done=_("決定の案を保存しました。行革の担当が確認します。"),
        to=lambda made: made.get_absolute_url(),
        crumbs=sheet_crumbs(subject),
        lead=_("最後の評価の言葉を写してあります。直すところだけ書き換えてください。"),
    )


@signed_in
def decision_edit(request: HttpRequest, pk: int) -> HttpResponse:
    decision = visible_decision(request, pk)
    _require(request, "edit", decision)
    form = DecisionForm(
        request.POST or None,
        subject=decision.subject,
        people=selectors.officers_of(decision.subject),
        actor=request.user,
        decision=decision,
    )
    return page_with_form(
        request,
        form,
        lambda form: decisions.edit(
            decision_id=decision.pk,
            values=form.values(),
            version=form.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        ),
        title=_("決定の案を書き直す"),
        submit=_("案を保存する"),
        done=_("決定の案を保存しました。確認はもう一度必要です。"),
        to=decision.get_absolute_url(),
        crumbs=decision_crumbs(decision),
    )


@signed_in
@require_POST
def decision_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, or decide."""
    decision = visible_decision(request, pk)
    verbs = {
        "confirm": (decisions.confirm, _("案を確認しました。首長・庁議の決定を待ちます。")),
        "decide": (decisions.decide, _("決定しました。反映する年度の予算で、どうなったかを確かめます。")),
    }
    verb = request.POST.get("do", "")
    if verb not in verbs:
        return redirect(decision)
    _require(request, verb, decision)
    do, done = verbs[verb]
    return form_pages.press(
        request,
        lambda: do(decision_id=decision.pk, actor=person_of(request), at=now()),
        done=done,
        to=decision,
    )


@signed_in
def decision_replace(request: HttpRequest, pk: int) -> HttpResponse:
    decision = visible_decision(request, pk)
    _require(request, "supersede", decision)
    form = ReplaceForm(
        request.POST or None,
        subject=decision.subject,
        people=selectors.officers_of(decision.subject),
        actor=request.user,
        decision=decision,
        initial={"superseding_reason": ""},
    )
    return page_with_form(
        request,
        form,
        lambda form: decisions.supersede(
            decision_id=decision.pk,
            values=form.values(),
            reason=form.cleaned_data["superseding_reason"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("決定を改める"),
        submit=_("改める案を保存する"),
        done=_("決定を改める案を保存しました。案が決定されるまで、前の決定が効力を持ちます。"),
        to=lambda made: made.get_absolute_url(),
        crumbs=decision_crumbs(decision),
        lead=_("決定したものは書き換えません。新しい案が確認・決定されると、そちらが効力を持ちます。"),
    )


@signed_in
def follow_up_new(request: HttpRequest, pk: int) -> HttpResponse:
    decision = visible_decision(request, pk)
    _require(request, "follow_up", decision)
    form = FollowUpForm(request.POST or None, people=selectors.officers_of(decision.subject))
    return page_with_form(
        request,
        form,
        lambda form: decisions.add_follow_up(
            decision_id=decision.pk,
            what=form.cleaned_data["what"],
            due_on=form.cleaned_data["due_on"],
            owner=form.cleaned_data["owner"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("フォローを加える"),
        submit=_("加える"),
        done=_("フォローを加えました。期限が近づくと知らせます。"),
        to=decision.get_absolute_url(),
        crumbs=decision_crumbs(decision),
    )


@signed_in
def follow_up_end(request: HttpRequest, pk: int) -> HttpResponse:
    rows = FollowUp.objects.filter(decision__in=decision_access.visible(request.user))
    row = get_object_or_404(rows, pk=pk)
    decision = visible_decision(request, row.decision_id)
    _require(request, "follow_up", decision)
    form = EndFollowUpForm(request.POST or None, initial={"state": FollowUpState.DONE, "on": today()})
    return page_with_form(
        request,
        form,
        lambda form: decisions.end_follow_up(
            follow_up_id=row.pk,
            state=form.cleaned_data["state"],
            evidence=form.cleaned_data["evidence"],
            on=form.cleaned_data["on"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("フォローを終える"),
        submit=_("記録する"),
        done=_("フォローの結果を記録しました。"),
        to=decision.get_absolute_url(),
        crumbs=decision_crumbs(decision),
        lead=row.what,
    )
