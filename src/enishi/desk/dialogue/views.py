from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from enishi.accounts.signed_in import person_of
from enishi.desk.access import proposal_access
from enishi.desk.dialogue import services
from enishi.desk.dialogue.access import is_inside, meeting_access
from enishi.desk.dialogue.forms import MeetingForm, PromiseFormSet, promises_of
from enishi.desk.dialogue.models import Homework, Meeting
from enishi.desk.models import Proposal
from enishi.desk.pages import case_page
from enishi.exchange.asking import (
    now,
    signed_in,
    today,
)
from enishi.foundation.days import day_in_words
from enishi.foundation.form_pages import formset, press


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_new(request: HttpRequest, pk: int) -> HttpResponse:
    return _write(request, workable(request, pk), None)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_edit(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = get_object_or_404(meeting_access.visible(request.user).select_related("proposal"), pk=pk)
    if not meeting_access.allows(request.user, "edit", meeting):
        raise Http404
    return _write(request, meeting.proposal, meeting)


def _write(request: HttpRequest, proposal: Proposal, meeting: Meeting | None) -> HttpResponse:
    promises = formset(request, PromiseFormSet, prefix="promises")
    return case_page(
        request,
        proposal,
        MeetingForm(request.POST or None, instance=meeting, initial=_begun(proposal, meeting)),
        lambda form: services.write_meeting(
            proposal_id=proposal.pk,
            meeting_id=meeting.pk if meeting else None,
            values=form.cleaned_data,
            version=form.cleaned_data["version"] or 0,
            promises=promises_of(promises),
            actor=person_of(request),
            at=now(),
        ),
        title=_("打合せを記録する"),
        submit=_("記録する"),
        done=_("打合せを記録しました。"),
        template="desk/dialogue/meeting_form.html",
        rows=promises,
    )


def _begun(proposal: Proposal, meeting: Meeting | None) -> dict[str, object]:
    """A new record begins with today and what was promised and is still open."""
    if meeting is not None:
        return {"version": meeting.version}
    promised = Homework.objects.filter(meeting__proposal=proposal, done_at__isnull=True)
    lines = [
        _("・%(what)s(%(who)s、%(day)sまで): ")
        % {"what": each.what, "who": each.owner_name, "day": day_in_words(each.due_on, weekday=False)}
        for each in promised.order_by("due_on", "pk")[:10]
    ]
    minutes = "\n".join([_("前回までの宿題"), *lines, ""]) if lines else ""
    return {"held_on": today(), "minutes": minutes}


@signed_in
@require_POST
def homework_done(request: HttpRequest, pk: int) -> HttpResponse:
    homework = get_object_or_404(
        Homework.objects.filter(meeting__in=meeting_access.visible(request.user)).select_related(
            "meeting__proposal"
        ),
        pk=pk,
    )
    services.finish_homework(homework_id=pk, actor=person_of(request), at=now())
    messages.success(request, _("宿題を済みにしました。"))
    return redirect(homework.meeting.proposal)


@signed_in
@require_POST
def note_add(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = get_object_or_404(proposal_access.visible(request.user), pk=pk)
    if not is_inside(request.user, proposal):
        raise Http404
    return press(
        request,
        lambda: services.note(
            proposal_id=pk, body=request.POST.get("body", ""), actor=person_of(request), at=now()
        ),
        done=_("メモを残しました。"),
        to=proposal,
    )


def workable(request: HttpRequest, pk: int, action: str = "work") -> Proposal:
    """The proposal for those who accompany it; everybody else finds nothing."""
    proposal = get_object_or_404(proposal_access.visible(request.user).select_related("organization"), pk=pk)
    if not proposal_access.allows(request.user, action, proposal):
        raise Http404
    return proposal
