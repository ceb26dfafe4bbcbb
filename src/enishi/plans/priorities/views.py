"""Pages of scorings: prepared, scored by several, read as a ranking that says how firm it is."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation import downloads
from enishi.foundation.form_pages import press, titled_page
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.foundation.trash import Shelf, put_back, throw_away, trash_page
from enishi.organizations.models import Organization
from enishi.plans import selectors as plans
from enishi.plans.errors import PlanError
from enishi.plans.models import MeasureScore, PlanNode, Scorer, ScoringRound
from enishi.plans.pages import (
    Crumb,
    now,
    require_restorable,
    signed_in,
    today,
)
from enishi.plans.priorities import selectors, services
from enishi.plans.priorities.access import readable_scorers, scoring_access
from enishi.plans.priorities.calculations import Ranking
from enishi.plans.priorities.enums import RoundState
from enishi.plans.priorities.forms import (
    Branch,
    CloseForm,
    CriteriaForm,
    MeasuresForm,
    RoundForm,
    ScorersForm,
    ScoresForm,
)

MOST_AT_ONCE = 5_000
MOST_PLACES = 2_000


def visible_round(request: HttpRequest, pk: int) -> ScoringRound:
    rows = scoring_access.visible(request.user).select_related(
        "organization", "section", "plan", "updated_by"
    )
    return get_object_or_404(rows, pk=pk)


def writable_round(request: HttpRequest, pk: int, action: str = "edit") -> ScoringRound:
    row = visible_round(request, pk)
    if scoring_access.allows(request.user, action, row):
        return row
    place = f"{row.organization.name} {row.section or ''}".strip()
    if action == "score":
        raise PermissionDenied(
            _("採点できるのは、採点中に、採点する人として選ばれた人です。%(place)sに確かめてください。")
            % {"place": place}
        )
    if action == "close":
        raise PermissionDenied(
            _("採点を締め切れるのは、%(place)sの管理職か、企画の人です。") % {"place": place}
        )
    raise PermissionDenied(_("この採点を準備できるのは、%(place)sの担当の人です。") % {"place": place})


def way_to(row: ScoringRound | None = None) -> list[Crumb]:
    way = [(reverse("plans:scoring_list"), _("施策の採点"))]
    return way if row is None else [*way, (row.get_absolute_url(), row.title)]


@signed_in
@require_safe
@limited("plans", times=240, seconds=60)
def scoring_list(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    states = [each for each in request.GET.getlist("state") if each in RoundState.values]
    rows = scoring_access.visible(request.user).select_related("organization", "plan")
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(measures__title__icontains=words)).distinct()
    counts = dict(rows.values_list("state").annotate(Count("pk", distinct=True)).order_by())
    found = rows.filter(state__in=states) if states else rows
    if request.GET.get("format") in downloads.FORMATS:
        headings = [_("団体"), _("名称"), _("状態"), _("計画"), _("採点の締切"), _("結論")]
        lines = [
            [
                r.organization.name,
                r.title,
                str(r.get_state_display()),
                str(r.plan or ""),
                r.due_on,
                r.conclusion,
            ]
            for r in found.order_by("-updated_at", "-pk")[:MOST_AT_ONCE]
        ]
        sheet = downloads.sheet(request.GET["format"], headings, lines, title=_("施策の採点"))
        return downloads.attachment(sheet.content, sheet.content_type, plain=f"scorings.{sheet.ending}")
    total = found.count()
    context = {
        "page": paginate(found, order_by=("-updated_at", "-pk"), parameters=request.GET),
        "facets": [
            Facet(
                "state",
                _("状態"),
                [
                    FacetChoice(each.value, each.label, counts.get(each.value, 0), each.value in states)
                    for each in RoundState
                ],
            )
        ],
        "query": words,
        "summary": ngettext("採点 %(count)s件", "採点 %(count)s件", total) % {"count": f"{total:,}"},
        "may_create": scoring_access.allows(request.user, "create", None),
    }
    return render(request, "plans/scoring_list.html", context)


@signed_in
@require_safe
def scoring_detail(request: HttpRequest, pk: int) -> HttpResponse:
    row = visible_round(request, pk)
    criteria, measures = list(row.criteria.all()), list(row.measures.all())
    scorers = list(readable_scorers(request.user, row).select_related("person"))
    tried = _tried(request, criteria)
    ranking = selectors.ranking(row, scorers, tried)
    if ranking and request.GET.get("format") in downloads.FORMATS:
        return _ranking_file(request.GET["format"], row, criteria, ranking)
    inside = scoring_access.allows(request.user, "read_inside", row)
    mine = row.scorers.filter(person_id=request.user.pk or 0).first()
    context = {
        "round": row,
        "criteria": [
            {
                "row": each,
                "tried": (tried or {}).get(each.pk, each.weight),
                "margin": _margin(ranking, each.pk) if ranking else "",
            }
            for each in criteria
        ],
        "ranking": _shown(ranking, measures) if ranking else None,
        "is_tried": tried is not None,
        "scorers": _scorers(row, scorers, measures, criteria),
        "handed_in": row.scorers.filter(submitted_at__isnull=False).count(),
        "asked": list(row.scorers.select_related("person")) if inside else [],
        "measures": measures,
        "may_score": row.state == RoundState.OPEN and mine is not None and mine.submitted_at is None,
        "is_hidden": mine is not None and mine.submitted_at is None and row.state == RoundState.OPEN,
        "may_prepare": row.state == RoundState.DRAFT and scoring_access.allows(request.user, "edit", row),
        "may_close": row.state == RoundState.OPEN and scoring_access.allows(request.user, "close", row),
        "inside": inside,
    }
    return render(request, "plans/scoring_detail.html", context)


def _tried(request: HttpRequest, criteria: list[Any]) -> dict[int, float] | None:
    """Other weights somebody wants to look at; nothing is stored."""
    asked = {each.pk: request.GET.get(f"w_{each.pk}", "") for each in criteria}
    if not any(asked.values()):
        return None
    found = {key: float(text) if text.isdecimal() and len(text) < 5 else 0.0 for key, text in asked.items()}
    return found if any(found.values()) else None


def _shown(ranking: Ranking, measures: list[Any]) -> dict[str, Any]:
    titles = {each.pk: each for each in measures}
    return {
        "rows": [{"measure": titles[each.measure], "found": each} for each in ranking.rows],
        "unscored": [titles[key].title for key in ranking.unscored],
        "split": ranking.split_cells,
        "scorers": ranking.scorers,
    }


def _margin(ranking: Ranking, criterion: int) -> str:
    """How far the weight of one criterion may move before another measure is first."""
    change = next((each.change for each in ranking.tipping if each.criterion == criterion), None)
    if change is None:
        return _("この重みだけを変えても、1位は入れ替わりません")
    percent = round(change * 100)
    if percent <= -100:
        return _("この重みを0にすると、別の施策が1位に並びます")
    return _("重みを%(p)s%%変えると、別の施策が1位に並びます") % {"p": f"{percent:+d}"}


def _scorers(
    row: ScoringRound, scorers: list[Scorer], measures: list[Any], criteria: list[Any]
) -> list[dict[str, Any]]:
    given: dict[tuple[int, int, int], MeasureScore] = {
        (each.scorer_id, each.measure_id, each.criterion_id): each
        for each in MeasureScore.objects.filter(scorer__in=scorers)
    }
    return [
        {
            "scorer": scorer,
            "rows": [
                {
                    "measure": measure,
                    "points": [
                        getattr(given.get((scorer.pk, measure.pk, criterion.pk)), "points", None)
                        for criterion in criteria
                    ],
                    "reason": next(
                        (
                            score.reason
                            for criterion in criteria
                            if (score := given.get((scorer.pk, measure.pk, criterion.pk))) and score.reason
                        ),
                        "",
                    ),
                }
                for measure in measures
            ],
        }
        for scorer in scorers
    ]


def _ranking_file(form: str, row: ScoringRound, criteria: list[Any], ranking: Ranking) -> HttpResponse:
    titles = {each.pk: each.title for each in row.measures.all()}
    headings = [
        _("順位"),
        _("施策"),
        _("点(重みつき平均)"),
        _("重みを変えても同じ順位の割合"),
        _("取りうる最良の順位"),
        _("取りうる最悪の順位"),
        *(each.label for each in criteria),
    ]
    lines = [
        [
            each.place,
            titles[each.measure],
            round(each.total, 3),
            round(each.kept, 3),
            each.best,
            each.worst,
            *(round(cell.mean, 3) for cell in each.cells),
        ]
        for each in ranking.rows
    ]
    sheet = downloads.sheet(form, headings, lines, title=_("施策の採点"))
    return downloads.attachment(
        sheet.content, sheet.content_type, plain=f"scoring.{sheet.ending}", name=f"{row.title}.{sheet.ending}"
    )


def _house(request: HttpRequest) -> Organization:
    house = scoring_access.owners(request.user).first()
    if house is None:
        raise PermissionDenied(
            _("採点を準備できるのは、自治体の担当の人です。所属の管理者に役割を確かめてください。")
        )
    return house


@signed_in
def scoring_new(request: HttpRequest) -> HttpResponse:
    house = _house(request)
    form = RoundForm(
        request.POST or None,
        instance=ScoringRound(organization=house),
        organization=house,
        actor=request.user,
    )
    return titled_page(
        request,
        form,
        lambda sent: services.create_round(
            organization=house, values=sent.values(), actor=person_of(request), at=now()
        ),
        title=_("施策の採点を準備する"),
        submit=_("作る"),
        done=_("作りました。次に、採点する施策と人を選びます。観点は五つ用意してあります。"),
        back=reverse("plans:scoring_list"),
        to=lambda made: made.get_absolute_url(),
        crumbs=way_to(),
    )


@signed_in
def scoring_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_round(request, pk)
    form = RoundForm(request.POST or None, instance=row, organization=row.organization, actor=request.user)
    return titled_page(
        request,
        form,
        lambda sent: services.edit_round(
            round_id=pk,
            values=sent.values(),
            version=sent.cleaned_data["version"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("採点の説明を書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
        back=row.get_absolute_url(),
        crumbs=way_to(row),
    )


@signed_in
def scoring_criteria(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_round(request, pk)
    lines = "\n".join(f"{each.label} | {each.weight} | {each.explanation}" for each in row.criteria.all())
    return titled_page(
        request,
        CriteriaForm(request.POST or None, initial={"lines": lines}),
        lambda sent: services.set_criteria(round_id=pk, rows=sent.rows(), actor=person_of(request), at=now()),
        title=_("観点と重みを決める"),
        submit=_("保存する"),
        done=_("観点を保存しました。"),
        back=row.get_absolute_url(),
        crumbs=way_to(row),
    )


@signed_in
def scoring_measures(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_round(request, pk)
    branches = _branches(request, row)
    measures = list(row.measures.all())
    initial = {
        "nodes": [each.identity_id for each in measures if each.identity_id],
        "others": "\n".join(
            f"{each.title} | {each.note}" if each.note else each.title
            for each in measures
            if not each.identity_id
        ),
    }
    form = MeasuresForm(request.POST or None, branches=branches, initial=initial)
    return titled_page(
        request,
        form,
        lambda sent: services.set_measures(round_id=pk, rows=sent.rows(), actor=person_of(request), at=now()),
        title=_("採点する施策を選ぶ"),
        submit=_("保存する"),
        done=lambda made: _("採点する施策を%(n)d件にしました。") % {"n": made.measures.count()},
        back=row.get_absolute_url(),
        to=reverse("plans:scoring_measures", args=[pk]) if form.by_range else "",
        crumbs=way_to(row),
        lead="" if branches else _("計画を選ぶと、その枝からも選べます(「説明を書き直す」)。"),
        template="plans/scoring_measures.html",
    )


def _branches(request: HttpRequest, row: ScoringRound) -> list[Branch]:
    version = plans.version_to_show(request.user, row.plan, today()) if row.plan else None
    if version is None:
        return []
    nodes = PlanNode.objects.filter(version=version).select_related("level", "section").order_by("path")
    return [
        Branch(node.uid, str(node), node.path, node.level.label, node.section.name if node.section else "")
        for node in nodes[:MOST_PLACES]
    ]


@signed_in
def scoring_scorers(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_round(request, pk)
    initial = {"people": [each.person_id for each in row.scorers.all()]}
    return titled_page(
        request,
        ScorersForm(request.POST or None, organization=row.organization, initial=initial),
        lambda sent: services.set_scorers(
            round_id=pk, people=list(sent.cleaned_data["people"]), actor=person_of(request), at=now()
        ),
        title=_("採点する人を選ぶ"),
        submit=_("保存する"),
        done=_("採点する人を保存しました。"),
        back=row.get_absolute_url(),
        crumbs=way_to(row),
        lead=_("それぞれの点は、提出するまでほかの人には見えません。"),
    )


@signed_in
@require_POST
def scoring_open(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_round(request, pk)
    return press(
        request,
        lambda: services.open_round(round_id=pk, actor=person_of(request), at=now()),
        done=_("採点を始めました。採点する人のホームに出ます。"),
        to=row,
    )


@signed_in
def scoring_score(request: HttpRequest, pk: int) -> HttpResponse:
    """The scorer's own sheet: kept as often as one likes, handed in once."""
    row = writable_round(request, pk, "score")
    scorer = row.scorers.get(person_id=request.user.pk or 0)
    if scorer.submitted_at is not None:
        messages.info(request, _("もう提出しています。"))
        return redirect(row)
    given = {(each.measure_id, each.criterion_id): (each.points, each.reason) for each in scorer.scores.all()}
    form = ScoresForm(request.POST or None, row=row, given=given)
    status = 200
    if request.method == "POST" and form.is_valid():
        answer = _kept(request, row, form, now())
        if answer is not None:
            return answer
        status = 422
    context = {"round": row, "form": form, "crumbs": way_to(row)}
    return render(request, "plans/scoring_score.html", context, status=status)


def _kept(request: HttpRequest, row: ScoringRound, form: ScoresForm, at: dt.datetime) -> HttpResponse | None:
    """Save first, so that a refused hand-in loses nothing."""
    person, points, reasons = person_of(request), form.points(), form.reasons()
    try:
        services.save_scores(round_id=row.pk, points=points, reasons=reasons, actor=person, at=at)
        if request.POST.get("then") == "submit":
            services.save_scores(
                round_id=row.pk, points=points, reasons=reasons, actor=person, at=at, submit=True
            )
            messages.success(request, _("提出しました。ほかの人の点が見られるようになりました。"))
            return redirect(row)
    except PlanError as refused:
        form.add_error(None, refused.sentence)
        return None
    messages.success(request, _("書きかけの点を保存しました。まだほかの人には見えません。"))
    return redirect("plans:scoring_score", row.pk)


@signed_in
def scoring_close(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_round(request, pk, "close")
    waiting = row.scorers.filter(submitted_at__isnull=True).count()
    lead = (
        ngettext(
            "まだ%(n)d人が提出していません。その人の点は数えません。",
            "まだ%(n)d人が提出していません。その人の点は数えません。",
            waiting,
        )
        % {"n": waiting}
        if waiting
        else _("全員が提出しています。")
    )
    return titled_page(
        request,
        CloseForm(request.POST or None),
        lambda sent: services.close_round(
            round_id=pk, conclusion=sent.cleaned_data["conclusion"], actor=person_of(request), at=now()
        ),
        title=_("採点を締め切る"),
        submit=_("締め切って結果を残す"),
        done=_("締め切りました。"),
        back=row.get_absolute_url(),
        crumbs=way_to(row),
        lead=lead,
    )


@signed_in
def scoring_delete(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_round(request, pk, "delete")
    return throw_away(
        request,
        row,
        lambda: services.delete_round(round_id=pk, actor=person_of(request), at=now()),
        title=_("施策の採点を消す"),
        crumbs=way_to(row),
        to=reverse("plans:scoring_trash"),
    )


@signed_in
@require_safe
def scoring_trash(request: HttpRequest) -> HttpResponse:
    shelf = Shelf(scoring_access.thrown(request.user), "plans:scoring_restore")
    return trash_page(request, shelf, title=_("消した採点"), crumbs=way_to())


@signed_in
@require_POST
def scoring_restore(request: HttpRequest, pk: int) -> HttpResponse:
    require_restorable(request, scoring_access, pk)
    return put_back(
        request,
        lambda: services.restore_round(round_id=pk, actor=person_of(request), at=now()),
        to=reverse("plans:scoring_trash"),
    )
