"""What everybody may read of results and endings, what the proposer answers, and what the office prepares for both."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.models import Person
from enishi.accounts.signed_in import person_of
from enishi.desk.access import proposal_access
from enishi.desk.behind_links import behind_link
from enishi.desk.calls.access import call_access
from enishi.desk.decisions import learning, onward
from enishi.desk.decisions.enums import AGAINST, Reason, Verdict
from enishi.desk.decisions.forms import LearnedForm
from enishi.desk.decisions.models import Decision, Learned, OnwardOffer
from enishi.desk.dialogue.views import workable
from enishi.desk.enums import LinkPurpose
from enishi.desk.models import Proposal, SecretLink
from enishi.desk.pages import number_in
from enishi.desk.tables import FORMATS, MOST_ROWS, download
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.errors import RefusedError
from enishi.foundation.form_pages import form_page, press
from enishi.foundation.forms import clean_text
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, paginate


@require_safe
@limited("desk-lists", times=240, seconds=60)
def result_list(request: HttpRequest) -> HttpResponse:
    """Published results: the text the office wrote for everybody, the proposer only where they agreed."""
    rows = Decision.objects.filter(
        published_at__isnull=False, proposal__deleted_at__isnull=True
    ).select_related("proposal__organization", "proposal__call")
    chosen = [value for value in request.GET.getlist("verdict") if value in Verdict.values]
    narrowed = rows.filter(verdict__in=chosen) if chosen else rows
    if request.GET.get("format") in FORMATS:
        headings = [_("団体"), _("募集"), _("決定"), _("提案者"), _("公表する文"), _("公表日")]
        lines = (
            (
                row.proposal.organization.name,
                row.proposal.call.title if row.proposal.call else "",
                row.get_verdict_display(),
                row.proposal.proposer_name if row.names_proposer else "",
                row.public_text,
                timezone.localdate(row.published_at) if row.published_at else "",
            )
            for row in narrowed.order_by("-published_at", "-pk")[:MOST_ROWS]
        )
        return download(request.GET["format"], title=_("提案の結果"), headings=headings, rows=lines)
    context = {
        "page": paginate(narrowed, order_by=("-published_at", "-pk"), parameters=request.GET),
        "facets": [
            Facet(
                "verdict",
                _("決定"),
                [FacetChoice(value, label, None, value in chosen) for value, label in Verdict.choices],
            )
        ],
        "total": narrowed.count(),
    }
    return render(request, "desk/decisions/result_list.html", context)


@require_safe
@limited("desk-lists", times=240, seconds=60)
def learned_list(request: HttpRequest) -> HttpResponse:
    """見送り・中止から学ぶ: endings and their reasons, without names."""
    rows = Learned.objects.filter(published_at__isnull=False).select_related("organization")
    query = clean_text(request.GET.get("q", "")).strip()[:100]
    for word in query.split()[:5]:
        rows = rows.filter(Q(title__icontains=word) | Q(tried__icontains=word) | Q(why__icontains=word))
    chosen = [value for value in request.GET.getlist("reason") if value in Reason.values]
    if chosen:
        condition = Q(pk__in=[])
        for value in chosen:
            # As text, which both databases compare alike; the quotes keep 「other」 apart from 「other_chosen」.
            condition |= Q(reasons__icontains=f'"{value}"')
        rows = rows.filter(condition)
    if request.GET.get("format") in FORMATS:
        headings = [
            _("題名"),
            _("団体"),
            _("終わり方"),
            _("何をしようとしたか"),
            _("なぜ進まなかったか"),
            _("次に生かせること"),
        ]
        lines = (
            (row.title, row.organization.name, row.get_ending_display(), row.tried, row.why, row.advice)
            for row in rows.order_by("-published_at", "-pk")[:MOST_ROWS]
        )
        return download(request.GET["format"], title=_("見送りと中止"), headings=headings, rows=lines)
    page = paginate(rows, order_by=("-published_at", "-pk"), parameters=request.GET)
    context = {
        "page": page,
        "rows": [
            (row, [Reason(each).label for each in row.reasons if each in Reason.values]) for row in page.rows
        ],
        "facets": [
            Facet(
                "reason",
                _("理由"),
                [FacetChoice(each.value, each.label, None, each in chosen) for each in AGAINST],
            )
        ],
        "total": rows.count(),
        "query": query,
        "may_write": request.user.is_authenticated and call_access.allows(request.user, "create", None),
    }
    return render(request, "desk/decisions/learned_list.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def learned_write(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = workable(request, pk)
    known = Learned.objects.filter(proposal=proposal).first()
    decision = Decision.objects.filter(proposal=proposal).first()
    initial: dict[str, Any] = (
        {name: getattr(known, name) for name in ("title", "tried", "why", "advice", "reasons")}
        if known
        else {"why": decision.sentence if decision else "", "reasons": decision.reasons if decision else []}
    )
    return _learned_page(
        request,
        proposal,
        known,
        initial,
        lambda form: learning.write_learned(
            proposal_id=pk, values=form.cleaned_data, actor=person_of(request), at=now()
        ),
        to=reverse("desk:learned_write", args=[pk]),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def learned_stopped(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """What was stopped on the way: written by the office, without a proposal behind it."""
    house = call_access.owners(request.user).first()
    known = _own_learned(request, pk) if pk else None
    if known is not None and known.proposal_id:
        return redirect("desk:learned_write", known.proposal_id)
    organization = known.organization if known else house
    if organization is None:
        raise PermissionDenied(_("学びを書けるのは、自治体の担当の人です。"))
    initial: dict[str, Any] = (
        {name: getattr(known, name) for name in ("title", "tried", "why", "advice", "reasons")}
        if known
        else {}
    )
    return _learned_page(
        request,
        None,
        known,
        initial,
        lambda form: learning.write_stopped(
            organization=organization,
            learned_id=pk,
            values=form.cleaned_data,
            actor=person_of(request),
            at=now(),
        ),
        to=lambda learned: reverse("desk:learned_stopped_edit", args=[learned.pk]),
    )


def _learned_page(
    request: HttpRequest,
    proposal: Proposal | None,
    known: Learned | None,
    initial: dict[str, Any],
    save: Callable[[Any], Any],
    *,
    to: Callable[[Any], str] | str,
) -> HttpResponse:
    return form_page(
        request,
        LearnedForm(request.POST or None, initial={**initial, "version": known.version if known else 0}),
        save,
        done=_("下書きを保存しました。名前がないことを確かめてから公表してください。"),
        to=to,
        template="desk/decisions/learned_form.html",
        also={
            "proposal": proposal,
            "learned": known,
            "found": learning.found_in(known) if known else [],
            "cancel": proposal.get_absolute_url() if proposal else reverse("desk:learned_list"),
        },
    )


@signed_in
@require_POST
def learned_publish(request: HttpRequest, pk: int) -> HttpResponse:
    learned = _own_learned(request, pk)
    try:
        if request.POST.get("act") == "take_back":
            learning.take_back_learned(learned_id=pk, actor=person_of(request), at=now())
            messages.success(request, _("公表を取りやめました。"))
        else:
            learning.publish_learned(
                learned_id=pk,
                has_looked=request.POST.get("has_looked") == "1",
                actor=person_of(request),
                at=now(),
            )
            messages.success(request, _("公表しました。"))
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    return redirect("desk:learned_stopped_edit", learned.pk)


def _own_learned(request: HttpRequest, pk: int) -> Learned:
    learned = get_object_or_404(Learned.objects.select_related("proposal", "organization"), pk=pk)
    if not learning.keeps(request.user, learned):
        raise Http404
    return learned


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_onward(request: HttpRequest, pk: int) -> HttpResponse:
    """Challenges a declined proposal may fit, to ask the proposer about."""
    proposal = workable(request, pk)
    chosen, why = number_in(request.POST.get("challenge")), request.POST.get("why", "")
    if request.method == "POST":
        try:
            onward.offer(proposal_id=pk, challenge_id=chosen, why=why, actor=person_of(request), at=now())
        except RefusedError as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(
                request,
                _("提案者にたずねました。返事があるまで、相手の自治体には何も伝わりません。"),
            )
            return redirect("desk:proposal_onward", pk)
    may = proposal.status == "declined" and proposal.agrees_to_onward
    context = {
        "proposal": proposal,
        "may": may,
        "candidates": onward.candidates(proposal) if may else [],
        "offers": proposal.onward_offers.select_related("challenge__organization"),
        "chosen": chosen,
        "why": why,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/decisions/onward.html", context, status=status)


@signed_in
@require_POST
def onward_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The proposer's yes or no, with an account."""
    offer = get_object_or_404(
        OnwardOffer.objects.select_related("proposal").filter(
            proposal__in=proposal_access.visible(request.user)
        ),
        pk=pk,
    )
    if not proposal_access.is_proposers(request.user, offer.proposal):
        raise Http404
    person = request.user if isinstance(request.user, Person) else None
    return press(
        request,
        lambda: onward.answer(offer_id=pk, actor=person, at=now(), **_onward_answer(request)),
        done=_("お返事を受け付けました。"),
        to=offer.proposal,
    )


@require_POST
@limited("desk-links", times=60, seconds=600)
@behind_link(LinkPurpose.STATUS)
def onward_answer_by_link(request: HttpRequest, link: SecretLink, secret: str, pk: int) -> HttpResponse:
    """The same for a visitor, whose secret link proves who they are."""
    offer = get_object_or_404(OnwardOffer, pk=pk, proposal_id=link.proposal_id)
    return press(
        request,
        lambda: onward.answer(
            offer_id=offer.pk, actor=None, by_link_of=link.proposal, at=now(), **_onward_answer(request)
        ),
        done=_("お返事を受け付けました。"),
        to=reverse("desk:status", args=[secret]),
    )


def _onward_answer(request: HttpRequest) -> dict[str, Any]:
    chosen = [number_in(each) for each in request.POST.getlist("files")]
    return {"agrees": request.POST.get("answer") == "yes", "file_ids": chosen}
