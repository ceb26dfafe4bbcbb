"""Pages of awards: the call, its entries, the vote, the jury, the results."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate
from enishi.organizations.enums import Role
from enishi.organizations.selectors import current_membership
from enishi.projects import downloads
from enishi.projects.access import project_access
from enishi.projects.awards import selectors, services, voting
from enishi.projects.awards.access import award_access, is_partial, may_enter
from enishi.projects.awards.enums import CallStatus, Method
from enishi.projects.awards.forms import CallForm, EntryForm, JurorsForm, ScoreForm, VoteForm
from enishi.projects.awards.models import AwardCall, AwardEntry, AwardScore
from enishi.projects.errors import RefusedError
from enishi.projects.forms import said_refusal
from enishi.projects.models import Project
from enishi.projects.pages import (
    form_page,
    now,
    signed_in,
    today,
)

HEADINGS = ("順位", "見出し", "取り組んだ人たち", "得票", "審査の平均点", "採点した人", "総合(100点)")


@require_safe
@limited("records", times=240, seconds=60)
def award_list(request: HttpRequest) -> HttpResponse:
    rows = award_access.visible(request.user).select_related("organization")
    total = rows.count()
    context = {
        "page": paginate(rows, order_by=("-entries_from", "-pk"), parameters=request.GET),
        "summary": ngettext("アワード %(count)s件", "アワード %(count)s件", total) % {"count": f"{total:,}"},
        "may_create": _house(request) is not None,
        "today": today(),
    }
    return render(request, "projects/award_list.html", context)


def _house(request: HttpRequest) -> Any:
    place = current_membership(request) if request.user.is_authenticated else None
    if place is None or not award_access.allows(request.user, "create", place.organization):
        return None
    return place.organization


def _works_somewhere(request: HttpRequest) -> bool:
    """Whether entering is for this reader at all; whether one of their projects fits is told on the next page."""
    place = current_membership(request) if request.user.is_authenticated else None
    return place is not None and place.role != Role.RESIDENT


def _call(request: HttpRequest, pk: int) -> AwardCall:
    return get_object_or_404(award_access.visible(request.user).select_related("organization"), pk=pk)


def _held(request: HttpRequest, pk: int) -> AwardCall:
    call = _call(request, pk)
    if not award_access.allows(request.user, "hold", call):
        raise PermissionDenied(
            _("このアワードを動かせるのは、%(house)sの管理職・企画・管理者です。")
            % {"house": call.organization.name}
        )
    return call


@signed_in
def award_new(request: HttpRequest) -> HttpResponse:
    house = _house(request)
    if house is None:
        raise PermissionDenied(_("アワードを開けるのは、自治体の管理職・企画・管理者です。"))
    form = CallForm(request.POST or None)
    return form_page(
        request,
        form=form,
        save=lambda form: services.write_call(
            organization=house,
            values=form.values(),
            criteria=form.cleaned_data["criteria"].splitlines(),
            actor=person_of(request),
            at=now(),
        ),
        title=_("アワードを準備する"),
        submit=_("保存する"),
        done=_("アワードを準備しました。審査員を決め、内容を確かめてから始めてください。"),
        back=reverse("projects:award_list"),
        to=lambda made: made.get_absolute_url(),
    )


@signed_in
def award_edit(request: HttpRequest, pk: int) -> HttpResponse:
    call = _held(request, pk)
    form = CallForm(request.POST or None, instance=call)
    return form_page(
        request,
        form=form,
        save=lambda form: services.write_call(
            call_id=call.pk,
            values=form.values(),
            criteria=form.cleaned_data["criteria"].splitlines(),
            version=form.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        ),
        title=_("アワードを書き直す"),
        submit=_("保存する"),
        done=_("アワードを保存しました。"),
        back=call.get_absolute_url(),
        row=call,
    )


@require_safe
@limited("records", times=240, seconds=60)
def award_detail(request: HttpRequest, pk: int) -> HttpResponse:
    call = _call(request, pk)
    holds = award_access.allows(request.user, "hold", call)
    is_over = today() > call.judging_until
    sees_standings = call.status == CallStatus.ANNOUNCED or (holds and is_over)
    found = selectors.standings(call) if sees_standings else []
    if request.GET.get("format") in downloads.FORMS and sees_standings:
        name = _("%(title)s_結果") % {"title": call.title}
        return downloads.table(request.GET["format"], HEADINGS, selectors.table(found), name)
    context = {
        "call": call,
        "method": Method(call.method),
        # The results name every entry already.
        "entries": [] if found else list(call.entries.filter(withdrawn_at__isnull=True)),
        "standings": found,
        "holds": holds,
        "jurors": list(call.jurors.select_related("person")) if holds else [],
        "is_juror": award_access.allows(request.user, "score", call),
        "may_enter": call.takes_entries(today()) and _works_somewhere(request),
        "votes_here": call.is_judged(today()) and Method(call.method).has_vote,
        "is_judged": call.is_judged(today()),
        "is_over": is_over,
        "votes": call.ballots.count() if holds else None,
        "mails_waiting": call.mails.exclude(email="").count() if holds else 0,
        "mails_failed": call.mails.filter(gave_up_at__isnull=False).count() if holds else 0,
    }
    return render(request, "projects/award_detail.html", context)


@signed_in
@require_POST
def award_move(request: HttpRequest, pk: int) -> HttpResponse:
    call = _held(request, pk)
    do, person = request.POST.get("do", ""), person_of(request)
    try:
        if do == "open":
            services.open_call(call_id=call.pk, actor=person, at=now())
            said = _("アワードを始めました。")
        elif do == "announce":
            remarks = request.POST.get("remarks", "")
            services.announce(call_id=call.pk, remarks=remarks, actor=person, at=now())
            said = _("結果を発表しました。")
        else:
            services.cancel_call(call_id=call.pk, actor=person, at=now())
            said = _("アワードを取りやめました。")
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, said)
    return redirect(call)


@signed_in
def award_jurors(request: HttpRequest, pk: int) -> HttpResponse:
    call = _held(request, pk)
    chosen = list(call.jurors.values_list("person_id", flat=True))
    form = JurorsForm(request.POST or None, house=call.organization, initial={"persons": chosen})
    if request.method == "POST" and form.is_valid():
        services.set_jurors(
            call_id=call.pk, persons=list(form.cleaned_data["persons"]), actor=person_of(request), at=now()
        )
        messages.success(request, _("審査員を決めました。"))
        return redirect(call)
    context = {"call": call, "form": form}
    return render(request, "projects/award_jurors.html", context, status=422 if form.is_bound else 200)


# --- Entries -------------------------------------------------------------------------------------------------------------------


@signed_in
def award_enter(request: HttpRequest, pk: int) -> HttpResponse:
    call = _call(request, pk)
    rows = project_access.visible(request.user).filter(status__in=["running", "completed"])
    mine = [row.pk for row in rows.order_by("-updated_at")[:200] if may_enter(request.user, row)]
    if not mine:
        raise PermissionDenied(_("応募できるのは、実施中か完了した事業に参加している団体の担当の人です。"))
    form = EntryForm(request.POST or None, projects=Project.objects.filter(pk__in=mine))
    if request.method == "POST" and form.is_valid():
        try:
            entry = services.enter(
                call_id=call.pk,
                project_id=form.cleaned_data["project"].pk,
                values=form.cleaned_data,
                actor=person_of(request),
                at=now(),
            )
        except (RefusedError, ValidationError) as refused:
            said_refusal(form, getattr(refused, "sentence", "") or str(refused))
        else:
            messages.success(request, _("応募しました。"))
            return redirect(entry)
    context = {"call": call, "form": form}
    return render(request, "projects/award_enter.html", context, status=422 if form.is_bound else 200)


def _entry(request: HttpRequest, pk: int, entry_pk: int) -> AwardEntry:
    call = _call(request, pk)
    entry = get_object_or_404(AwardEntry.objects.select_related("project"), pk=entry_pk, call=call)
    if entry.withdrawn_at is not None and not may_enter(request.user, entry.project):
        raise Http404
    entry.call = call
    return entry


def _page(request: HttpRequest, entry: AwardEntry, **forms: Any) -> HttpResponse:
    call, actor = entry.call, request.user
    judged, method = call.is_judged(today()), Method(call.method)
    scores = award_access.allows(actor, "score", call) and judged and method.has_jury
    given = None
    if scores and actor.pk is not None:
        given = AwardScore.objects.filter(entry=entry, juror__person_id=actor.pk).first()
    begun = {f"point{index}": point for index, point in enumerate(given.points)} if given else {}
    if given:
        begun["comment"] = given.comment
    context = {
        "call": call,
        "entry": entry,
        "may_vote": judged and method.has_vote and entry.withdrawn_at is None,
        "may_score": scores and entry.withdrawn_at is None and not is_partial(actor, entry),
        "is_partial": scores and is_partial(actor, entry),
        "may_withdraw": call.status == CallStatus.OPEN
        and entry.withdrawn_at is None
        and may_enter(actor, entry.project),
        "vote_form": forms.get("vote") or VoteForm(),
        "score_form": forms.get("score") or ScoreForm(criteria=call.criteria, initial=begun),
    }
    return render(request, "projects/award_entry.html", context, status=422 if forms else 200)


@require_safe
@limited("records", times=240, seconds=60)
def award_entry(request: HttpRequest, pk: int, entry_pk: int) -> HttpResponse:
    return _page(request, _entry(request, pk, entry_pk))


@signed_in
@require_POST
def award_entry_withdraw(request: HttpRequest, pk: int, entry_pk: int) -> HttpResponse:
    entry = _entry(request, pk, entry_pk)
    if not may_enter(request.user, entry.project):
        raise PermissionDenied(_("取り下げられるのは、応募した事業の担当の人です。"))
    try:
        services.withdraw_entry(entry_id=entry.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("応募を取り下げました。"))
    return redirect(entry.call)


@signed_in
@require_POST
def award_score(request: HttpRequest, pk: int, entry_pk: int) -> HttpResponse:
    entry = _entry(request, pk, entry_pk)
    if not award_access.allows(request.user, "score", entry.call):
        raise PermissionDenied(_("採点できるのは、このアワードの審査員です。"))
    form = ScoreForm(request.POST, criteria=entry.call.criteria)
    if not form.is_valid():
        return _page(request, entry, score=form)
    try:
        services.score(
            entry_id=entry.pk,
            points=form.points(),
            comment=form.cleaned_data["comment"],
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect(entry)
    messages.success(request, _("採点を保存しました。締切までは直せます。"))
    return redirect(entry.call)


# --- Voting --------------------------------------------------------------------------------------------------------------------


@require_POST
@limited("award-vote", times=20, seconds=3600)
def award_ask_vote(request: HttpRequest, pk: int, entry_pk: int) -> HttpResponseBase:
    """Send the link. The answer is the same whether the address has voted, asked often or is new."""
    entry = _entry(request, pk, entry_pk)
    form = VoteForm(request.POST)
    if not form.is_valid():
        return _page(request, entry, vote=form)
    try:
        voting.ask_link(entry_id=entry.pk, email=form.cleaned_data["email"], at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect(entry)
    return render(request, "projects/award_asked.html", {"call": entry.call, "entry": entry})


@limited("award-cast", times=60, seconds=3600)
def award_vote(request: HttpRequest, token: str) -> HttpResponseBase:
    """The page behind the mailed link: one button. Opening it counts nothing, so that a mail scanner does not vote."""
    try:
        entry, _voter = voting.entry_of_link(token)
        is_first = voting.cast(token=token, at=now())[1] if request.method == "POST" else False
    except RefusedError as refused:
        return render(request, "projects/award_refused.html", {"sentence": refused.sentence}, status=400)
    done = request.method == "POST"
    context = {"entry": entry, "call": entry.call, "done": done, "is_first": is_first}
    return render(request, "projects/award_vote.html", context)
