"""What a reviewer does: declare, score, revise; and what the chair decides among equals."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enishi.accounts.signed_in import person_of
from enishi.desk import confidentiality
from enishi.desk.pages import page_under
from enishi.desk.review import judging, services
from enishi.desk.review.access import review_access, seat_of
from enishi.desk.review.forms import DeclarationForm, OrderForm, RevisionForm, ScoreForm
from enishi.desk.review.models import ReviewEntry, Score
from enishi.desk.review.views import visible
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.errors import RefusedError


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def review_declare(request: HttpRequest, pk: int) -> HttpResponse:
    """Ties to each proposer: the one thing a reviewer sees before anything else is their names."""
    review = visible(request, pk)
    seat = seat_of(request.user, review)
    if seat is None:
        raise Http404
    if not review_access.allows(request.user, "declare", review):
        return redirect(review)
    entries = list(review.entries.select_related("proposal__proposer"))
    form = DeclarationForm(request.POST or None, entries=entries)
    if request.method == "POST" and form.is_valid():
        try:
            seat = judging.declare(review_id=pk, answers=form.answers(), actor=person_of(request), at=now())
        except RefusedError as refused:
            form.add_error(None, refused.sentence)
        else:
            if seat.is_excluded:
                messages.info(
                    request, _("申告ありがとうございます。利害関係があるため、この審査からは外れます。")
                )
            else:
                messages.success(request, _("申告を受け付けました。提案を読めます。"))
            return redirect(review)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/review/declare.html", {"review": review, "form": form}, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def review_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal as a reviewer reads it, with the own points."""
    entry = _entry(request, pk)
    review = entry.review
    if not review_access.allows(request.user, "score", review):
        raise Http404
    person = person_of(request)
    mine = list(Score.objects.filter(entry=entry, reviewer__person=person).select_related("criterion"))
    form = ScoreForm(
        request.POST or None, criteria=list(review.criteria.all()), most=review.most_points, known=mine
    )
    proposal = entry.proposal
    may_read = confidentiality.may_read(request.user, proposal)
    seat = seat_of(request.user, review)
    return page_under(
        request,
        "desk:review_list",
        review,
        form,
        lambda sent: judging.score(entry_id=pk, points=sent.points(), actor=person, at=now()),
        title=str(proposal),
        submit=_("採点を保存する"),
        done=_("採点を保存しました。提出するまでは、あなただけが見られます。"),
        template="desk/review/entry.html",
        entry=entry,
        review=review,
        proposal=proposal,
        proposer=services.proposer_of(proposal),
        mine=mine,
        may_score=review.status == "scoring"
        and seat is not None
        and seat.submitted_at is None
        and entry.withdrawn_at is None,
        may_revise=review.status == "discussing",
        parts=confidentiality.read_parts(proposal, actor=request.user, at=now()) if may_read else [],
        has_more=not may_read and confidentiality.has_any(proposal),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def score_revise(request: HttpRequest, pk: int) -> HttpResponse:
    score = get_object_or_404(
        Score.objects.filter(reviewer__person=person_of(request)).select_related(
            "entry__review", "criterion"
        ),
        pk=pk,
    )
    review = score.entry.review
    if not review_access.allows(request.user, "score", review):
        raise Http404
    return page_under(
        request,
        "desk:review_list",
        review,
        RevisionForm(request.POST or None, most=review.most_points, initial={"points": score.points}),
        lambda form: judging.revise(
            score_id=pk,
            points=form.cleaned_data["points"],
            reason=form.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("「%(name)s」の点を直す") % {"name": score.criterion.name},
        submit=_("直す"),
        done=_("点を直しました。前の点と理由を記録しました。"),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def entry_order(request: HttpRequest, pk: int) -> HttpResponse:
    entry = _entry(request, pk)
    if not review_access.allows(request.user, "chair", entry.review):
        raise Http404
    initial = {"order": entry.chair_order, "reason": entry.chair_reason}
    return page_under(
        request,
        "desk:review_list",
        entry.review,
        OrderForm(request.POST or None, initial=initial),
        lambda form: judging.order_tied(
            entry_id=pk,
            order=form.cleaned_data["order"],
            reason=form.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("「%(name)s」の順を決める") % {"name": entry.proposal},
        submit=_("記録する"),
        done=_("同点のなかでの順を記録しました。"),
    )


def _entry(request: HttpRequest, pk: int) -> ReviewEntry:
    rows = ReviewEntry.objects.filter(review__in=review_access.visible(request.user))
    return get_object_or_404(
        rows.select_related("review", "proposal__organization", "proposal__proposer"), pk=pk
    )
