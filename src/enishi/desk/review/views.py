"""Pages of a review: each shows only what this person may know at this moment."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.desk.access import proposal_access
from enishi.desk.calls.access import call_access
from enishi.desk.calls.forms import CriterionFormSet, criterion_initial, criterion_rows
from enishi.desk.office.access import runs
from enishi.desk.pages import page_under
from enishi.desk.review import judging, seats, services
from enishi.desk.review.access import review_access, seat_of
from enishi.desk.review.calculations import VARIATION, ranking
from enishi.desk.review.enums import Interest, ReviewStatus
from enishi.desk.review.forms import ConclusionForm, DiscussForm, ReviewForm, SeatForm
from enishi.desk.review.models import InvitedReviewer, Review, Reviewer, ScoreRevision
from enishi.desk.tables import FORMATS, MOST_ROWS, download
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.errors import RefusedError
from enishi.foundation.form_pages import EmptyForm, formset, press
from enishi.foundation.lists import Facet, FacetChoice, paginate


@signed_in
@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    rows = review_access.visible(request.user).select_related("organization", "call")
    chosen = [value for value in request.GET.getlist("status") if value in ReviewStatus.values]
    narrowed = rows.filter(status__in=chosen) if chosen else rows
    if request.GET.get("format") in FORMATS:
        headings = [_("題名"), _("団体"), _("状態"), _("採点の締切"), _("作成日時")]
        lines = (
            (
                row.title,
                row.organization.name,
                row.get_status_display(),
                row.scoring_due_on,
                row.created_at.date(),
            )
            for row in narrowed.order_by("-created_at", "-pk")[:MOST_ROWS]
        )
        return download(request.GET["format"], title=_("審査"), headings=headings, rows=lines)
    choices = [FacetChoice(value, label, None, value in chosen) for value, label in ReviewStatus.choices]
    context = {
        "page": paginate(narrowed, order_by=("-created_at", "-pk"), parameters=request.GET),
        "facets": [Facet("status", _("状態"), choices)],
        "total": narrowed.count(),
    }
    return render(request, "desk/review/review_list.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def review_of_call(request: HttpRequest, pk: int) -> HttpResponse:
    call = get_object_or_404(call_access.visible(request.user), pk=pk)
    if not call_access.allows(request.user, "edit", call):
        raise Http404
    return _prepare(request, call.title, call=call)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def review_of_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = get_object_or_404(proposal_access.visible(request.user), pk=pk)
    if not runs(request.user, proposal.organization_id, proposal.section_id):
        raise Http404
    return _prepare(request, str(proposal), proposal=proposal)


def _prepare(request: HttpRequest, name: str, **source: Any) -> HttpResponse:
    initial = {"title": (_("%(name)sの審査") % {"name": name})[:150]}
    return page_under(
        request,
        "desk:review_list",
        None,
        ReviewForm(request.POST or None, initial=initial),
        lambda form: services.prepare(
            actor=person_of(request),
            at=now(),
            values={key: value for key, value in form.cleaned_data.items() if key != "token"},
            **source,
        ),
        title=_("審査を用意する"),
        submit=_("用意する"),
        done=_("審査を用意しました。次に、審査する人を選びます。"),
        to=lambda review: str(review.get_absolute_url()),
    )


@signed_in
@require_safe
def review_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, visible(request, pk))


def page(request: HttpRequest, review: Review, status: int = 200, **also: Any) -> HttpResponse:
    seat = seat_of(request.user, review)
    allows = {
        name: review_access.allows(request.user, name, review)
        for name in ("run", "chair", "declare", "score", "see_scores")
    }
    context: dict[str, Any] = {
        "review": review,
        "seat": seat,
        **allows,
        "entries": _entries(review, seat, allows),
        "declared": _declared(seat) if seat is not None and seat.is_excluded else [],
        "criteria": list(review.criteria.all()),
        "reviewers": list(review.reviewers.select_related("person"))
        if allows["run"] or allows["score"]
        else [],
        "waiting": services.waiting_for(review) if allows["run"] or allows["chair"] else [],
        "seat_form": SeatForm(),
        "invited": list(review.invited.select_related("invitation")) if allows["run"] else [],
        "discuss_form": DiscussForm(),
        "conclusion_form": ConclusionForm(),
        "variation": round(VARIATION * 100),
        **also,
    }
    if allows["see_scores"]:
        context["ranking"] = ranking(review)
        context["revisions"] = ScoreRevision.objects.filter(score__entry__review=review).select_related(
            "score__reviewer__person", "score__criterion", "score__entry__proposal"
        )
    return render(request, "desk/review/review_detail.html", context, status=status)


def _declared(seat: Reviewer) -> list[tuple[str, str, list[str], str]]:
    """What somebody who left sees: that the proposals exist, and the own word on each. Nothing of their content."""
    said = {row.entry_id: row for row in seat.declarations.all()}
    found = []
    for entry in seat.review.entries.select_related("proposal__proposer"):
        row = said.get(entry.pk)
        ties = [str(Interest(each).label) for each in row.interests] if row else []
        proposal = entry.proposal
        found.append((proposal.number, services.proposer_of(proposal), ties, row.details if row else ""))
    return found


def _entries(review: Review, seat: Reviewer | None, allows: dict[str, bool]) -> list[Any]:
    """The proposals, for the office and for those who may score; before they declare, nothing."""
    if not allows["score"] and (allows["declare"] or not allows["run"]):
        return []
    entries = list(review.entries.select_related("proposal__proposer"))
    done = (
        dict.fromkeys(seat.scores.values_list("entry_id", flat=True), True)
        if seat is not None and allows["score"]
        else {}
    )
    return [(entry, services.proposer_of(entry.proposal), done.get(entry.pk, False)) for entry in entries]


@signed_in
@require_POST
def review_seat(request: HttpRequest, pk: int) -> HttpResponse:
    review = held(request, pk)
    form = SeatForm(request.POST)
    if not form.is_valid():
        return page(request, review, 422, seat_form=form)
    data = {**form.cleaned_data, "review_id": pk, "actor": person_of(request), "at": now()}
    try:
        if form.person is None:
            data.pop("is_external")
            seats.invite(**data)
        else:
            seats.seat(**{name: value for name, value in data.items() if name != "email"}, person=form.person)
    except RefusedError as refused:
        form.add_error(None, refused.sentence)
        return page(request, review, 422, seat_form=form)
    told = (
        _("審査する人を加えました。")
        if form.person
        else _("招待のメールを送りました。受けた時点で席に着きます。")
    )
    messages.success(request, told)
    return redirect(review)


@signed_in
@require_POST
def review_uninvite(request: HttpRequest, pk: int) -> HttpResponse:
    invited = get_object_or_404(
        InvitedReviewer.objects.filter(review__in=review_access.visible(request.user)), pk=pk
    )
    review = held(request, invited.review_id)
    return press(
        request,
        lambda: seats.uninvite(invited_id=pk, actor=person_of(request), at=now()),
        done=_("席を空けておくのをやめました。"),
        to=review,
    )


@signed_in
@require_POST
def review_unseat(request: HttpRequest, pk: int) -> HttpResponse:
    reviewer = get_object_or_404(
        Reviewer.objects.filter(review__in=review_access.visible(request.user)), pk=pk
    )
    review = held(request, reviewer.review_id)
    return press(
        request,
        lambda: seats.unseat(reviewer_id=pk, actor=person_of(request), at=now()),
        done=_("外しました。"),
        to=review,
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def review_criteria(request: HttpRequest, pk: int) -> HttpResponse:
    review = held(request, pk)
    rows = formset(request, CriterionFormSet, initial=criterion_initial(review.criteria.all()))
    return page_under(
        request,
        "desk:review_list",
        review,
        EmptyForm(request.POST or None),
        lambda _form: services.set_criteria(
            review_id=pk, rows=criterion_rows(rows), actor=person_of(request), at=now()
        ),
        title=_("審査の観点と重み"),
        submit=_("保存する"),
        done=_("審査の観点を保存しました。"),
        template="desk/criteria_form.html",
        rows=rows,
    )


@signed_in
@require_POST
def review_open(request: HttpRequest, pk: int) -> HttpResponse:
    review = held(request, pk)
    act = lambda: services.open_scoring(review_id=pk, actor=person_of(request), at=now())  # noqa: E731
    return press(request, act, done=_("採点を始めました。審査する人に知らせが届きます。"), to=review)


@signed_in
@require_POST
def review_submit(request: HttpRequest, pk: int) -> HttpResponse:
    review = visible(request, pk)
    act = lambda: judging.submit(review_id=pk, actor=person_of(request), at=now())  # noqa: E731
    return press(request, act, done=_("採点を提出しました。ありがとうございます。"), to=review)


@signed_in
@require_POST
def review_discuss(request: HttpRequest, pk: int) -> HttpResponse:
    review = visible(request, pk)
    form = DiscussForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    act = lambda: services.discuss(review_id=pk, reason=reason, actor=person_of(request), at=now())  # noqa: E731
    return press(request, act, done=_("採点を開き、協議を始めました。"), to=review)


@signed_in
@require_POST
def review_close(request: HttpRequest, pk: int) -> HttpResponse:
    review = visible(request, pk)
    form = ConclusionForm(request.POST)
    if not form.is_valid():
        return page(request, review, 422, conclusion_form=form)
    act = lambda: services.close(  # noqa: E731
        review_id=pk, conclusion=form.cleaned_data["conclusion"], actor=person_of(request), at=now()
    )
    return press(request, act, done=_("審査を終えました。提案ごとに決定を記録してください。"), to=review)


@signed_in
@require_safe
def review_table(request: HttpRequest, pk: int) -> HttpResponse:
    """The ranking as a file, for whoever may see the scores now."""
    review = visible(request, pk)
    if not review_access.allows(request.user, "see_scores", review):
        raise Http404
    found = ranking(review)
    headings = [
        _("順位"), _("受付番号"), _("題名"), _("提案者"), *(each.name for each in found.criteria),
        _("得点率(%)"), _("重みを変えても順位が変わらない割合(%)"), _("最低基準"),
    ]  # fmt: skip
    rows = (
        (
            row.place,
            row.entry.proposal.number,
            row.entry.proposal.title,
            services.proposer_of(row.entry.proposal),
            *(round(mean, 2) for mean in row.means),
            round(row.percent, 1),
            round(row.kept * 100, 1),
            _("届く") if row.reaches_floor else _("届かない"),
        )
        for row in found.rows
    )
    form = request.GET.get("format", "xlsx")
    return download(form if form in FORMATS else "xlsx", title=_("審査の結果"), headings=headings, rows=rows)


def visible(request: HttpRequest, pk: int) -> Review:
    rows = review_access.visible(request.user).select_related("organization", "section", "call")
    return get_object_or_404(rows, pk=pk)


def held(request: HttpRequest, pk: int) -> Review:
    review = visible(request, pk)
    if not review_access.allows(request.user, "run", review):
        raise Http404
    return review
