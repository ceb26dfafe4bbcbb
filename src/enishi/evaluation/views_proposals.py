"""Proposals to review a programme, from residents and anybody signed in; and the indicators a programme is judged by."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from enishi.accounts.signed_in import person_of
from enishi.budgets.models import Programme
from enishi.evaluation.access import fills_programme, proposal_access
from enishi.evaluation.enums import ProposalState, ProposerKind
from enishi.evaluation.forms import AnswerForm, ProposalForm, YardsticksForm
from enishi.evaluation.models import ReviewProposal
from enishi.evaluation.pages import (
    now,
    page_with_form,
    signed_in,
)
from enishi.evaluation.services import proposals
from enishi.evaluation.views_cycles import as_file
from enishi.foundation import downloads
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate
from enishi.indicators.models import Indicator
from enishi.organizations.visibility import reach_of

MOST_OFFERED = 200


@signed_in
@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    rows = proposal_access.visible(request.user).select_related("programme", "organization")
    if request.GET.get("format") in downloads.FORMATS:
        return _as_file(request.GET["format"], rows)
    total, waiting = rows.count(), rows.filter(state=ProposalState.RECEIVED).count()
    sentence = ngettext(
        "見直しの提案 %(count)s件(返事待ち %(waiting)s件)",
        "見直しの提案 %(count)s件(返事待ち %(waiting)s件)",
        total,
    )
    context = {
        "page": paginate(rows, order_by=("-received_at", "-pk"), parameters=request.GET),
        "summary": sentence % {"count": f"{total:,}", "waiting": f"{waiting:,}"},
    }
    return render(request, "evaluation/proposal_list.html", context)


def _as_file(form: str, rows: object) -> HttpResponse:
    headings = [
        _("事業番号"),
        _("事務事業"),
        _("立場"),
        _("見直してほしいところと理由"),
        _("受け付けた日"),
        _("状態"),
        _("返事"),
    ]
    found = ReviewProposal.objects.filter(pk__in=rows.values("pk")).select_related("programme")  # type: ignore[attr-defined]
    lines = (
        [
            each.programme.uid,
            each.programme.title,
            str(each.get_kind_display()),
            each.reason,
            each.received_at.date(),
            str(each.get_state_display()),
            each.answer,
        ]
        for each in found.order_by("-received_at", "-pk").iterator(chunk_size=500)
    )
    return as_file(form, headings, lines, _("見直しの提案"))


@signed_in
@limited("review-proposal", times=30, seconds=3600, methods=("POST",))
def proposal_new(request: HttpRequest, pk: int) -> HttpResponse:
    programme = get_object_or_404(
        Programme.objects.visible_to(request.user).select_related("organization"), pk=pk
    )
    inside = programme.organization_id in reach_of(request.user).organization_ids
    kind = ProposerKind.STAFF if inside else ProposerKind.RESIDENT
    form = ProposalForm(request.POST or None, initial={"kind": kind})
    return page_with_form(
        request,
        form,
        lambda form: proposals.propose_review(
            programme=programme,
            kind=form.cleaned_data["kind"],
            reason=form.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("「%(title)s」の見直しを提案する") % {"title": programme.title},
        submit=_("提案する"),
        done=_("見直しの提案を受け付けました。次の評価で対象を選ぶときに、必ず数えます。"),
        to=lambda made: made.get_absolute_url(),
        crumbs=[(reverse("evaluation:result_list"), _("評価の結果"))],
        lead=_("どこが、なぜ気になるかを書いてください。お名前は担当の職員だけが読みます。"),
    )


@signed_in
def proposal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The proposal, and the answer or the form for it."""
    rows = proposal_access.visible(request.user).select_related(
        "programme", "organization", "proposer", "cycle", "answered_by"
    )
    proposal = get_object_or_404(rows, pk=pk)
    may_answer = proposal_access.allows(request.user, "answer", proposal)
    if request.method == "POST" and not may_answer:
        raise PermissionDenied(
            _("返事ができるのは、%(owner)sの行革の担当です。") % {"owner": proposal.organization.name}
        )
    form = AnswerForm(
        request.POST or None, initial={"state": ProposalState.TAKEN_UP, "answer": proposal.answer}
    )
    return page_with_form(
        request,
        form,
        lambda form: proposals.answer_proposal(
            proposal_id=proposal.pk,
            state=form.cleaned_data["state"],
            answer=form.cleaned_data["answer"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("見直しの提案"),
        submit=_("返事をする"),
        done=lambda answered: (
            _("返事をしました。提案した人に知らせが届きます。次に対象を選ぶとき、この事業が選ばれます。")
            if answered.state == ProposalState.TAKEN_UP
            else _("返事をしました。提案した人に知らせが届きます。")
        ),
        to=proposal.get_absolute_url(),
        crumbs=[(reverse("evaluation:proposal_list"), _("見直しの提案"))],
        template="evaluation/proposal_detail.html",
        also={
            "proposal": proposal,
            "may_answer": may_answer,
            "knows_proposer": proposal.organization_id in reach_of(request.user).organization_ids,
        },
    )


@signed_in
def yardsticks(request: HttpRequest, pk: int) -> HttpResponse:
    """Which indicators a programme is judged by."""
    programme = get_object_or_404(
        Programme.objects.visible_to(request.user).select_related("organization"), pk=pk
    )
    if not fills_programme(request.user, programme):
        raise PermissionDenied(_("評価の指標を選べるのは、担当課の人と行革の担当です。"))
    named = list(programme.yardsticks.values_list("indicator_id", flat=True))
    near = Indicator.objects.in_use().visible_to(request.user).filter(organization=programme.organization)
    ours = near.filter(Q(section=programme.section) | Q(pk__in=named)) if programme.section_id else near
    keys = list(ours.order_by("code", "pk").values_list("pk", flat=True)[:MOST_OFFERED])
    form = YardsticksForm(
        request.POST or None,
        indicators=Indicator.objects.filter(pk__in=keys).order_by("code", "pk"),
        initial={"indicators": named},
    )
    return page_with_form(
        request,
        form,
        lambda form: proposals.set_yardsticks(
            programme=programme,
            indicators=list(form.cleaned_data["indicators"]),
            actor=person_of(request),
            at=now(),
        ),
        title=_("「%(title)s」を評価する指標") % {"title": programme.title},
        submit=_("決める"),
        done=_("評価する指標を決めました。評価シートに目標・実績・状況が入ります。"),
        to=programme.get_absolute_url(),
        crumbs=[(programme.get_absolute_url(), programme.title)],
        lead=_("担当課の指標から選びます。ほかの指標は、ロジックモデルに結びつけると一緒に出ます。"),
    )
