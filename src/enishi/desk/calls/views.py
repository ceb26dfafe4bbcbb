"""Pages of calls: for everybody to read and ask, for the office to run."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.models import Person
from enishi.accounts.signed_in import person_of
from enishi.desk import post
from enishi.desk.calls import services
from enishi.desk.calls.access import call_access
from enishi.desk.calls.calendar import calendar_of
from enishi.desk.calls.enums import CallStatus
from enishi.desk.calls.forms import (
    AddendumForm,
    AnswerForm,
    CallForm,
    CriterionFormSet,
    QuestionForm,
    StatusForm,
    criterion_initial,
    criterion_rows,
)
from enishi.desk.calls.models import Call, CallQuestion
from enishi.desk.pages import page_under
from enishi.desk.tables import FORMATS, MOST_ROWS, as_file, download
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.errors import RefusedError
from enishi.exchange.models import Challenge
from enishi.foundation.form_pages import EmptyForm, formset, press
from enishi.foundation.forms import clean_text
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.foundation.submissions import new_token, once
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of


@require_safe
@limited("desk-lists", times=240, seconds=60)
def call_list(request: HttpRequest) -> HttpResponse:
    rows = call_access.visible(request.user).select_related("organization", "section")
    query = clean_text(request.GET.get("q", "")).strip()[:100]
    for word in query.split()[:5]:
        rows = rows.filter(Q(title__icontains=word) | Q(purpose__icontains=word) | Q(asks__icontains=word))
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    chosen = [value for value in request.GET.getlist("status") if value in CallStatus.values]
    narrowed = rows.filter(status__in=chosen) if chosen else rows
    if request.GET.get("format") in FORMATS:
        return _table(request.GET["format"], narrowed)
    found = sum(counts.get(value, 0) for value in chosen) if chosen else sum(counts.values())
    context = {
        "page": paginate(narrowed, order_by=("-deadline", "-pk"), parameters=request.GET),
        "facets": [
            Facet(
                "status",
                _("状態"),
                [
                    FacetChoice(value, label, counts.get(value, 0), value in chosen)
                    for value, label in CallStatus.choices
                ],
            )
        ],
        "total": found,
        "query": query,
        "now": now(),
        "may_create": request.user.is_authenticated and call_access.allows(request.user, "create", None),
    }
    return render(request, "desk/calls/call_list.html", context)


def _table(form: str, rows: Any) -> HttpResponse:
    headings = [_("題名"), _("団体"), _("状態"), _("応募の締切"), _("公開日時"), _("問い合わせ先")]
    lines = (
        (
            row.title,
            row.organization.name,
            row.get_status_display(),
            timezone.localtime(row.deadline).strftime("%Y-%m-%d %H:%M"),
            timezone.localtime(row.published_at).strftime("%Y-%m-%d %H:%M") if row.published_at else "",
            row.contact_name,
        )
        for row in rows.order_by("-deadline", "-pk")[:MOST_ROWS]
    )
    return download(form, title=_("募集"), headings=headings, rows=lines)


@require_safe
@limited("desk-pages", times=240, seconds=60)
def call_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk))


def _page(request: HttpRequest, call: Call, status: int = 200, **also: Any) -> HttpResponse:
    runs = request.user.is_authenticated and call_access.allows(request.user, "edit", call)
    questions = call.questions.select_related("asker")
    moment = now()
    criteria = list(call.criteria.all())
    context = {
        "call": call,
        "challenges": Challenge.objects.visible_to(request.user)
        .filter(calls=call)
        .select_related("organization"),
        "criteria": criteria,
        "weights": sum(each.weight for each in criteria),
        "answered": [row for row in questions if row.answered_at],
        "waiting": [row for row in questions if not row.answered_at] if runs else [],
        "addenda": call.addenda.all(),
        "runs": runs,
        "accepts": call.accepts(moment),
        "takes_questions": call.takes_questions(timezone.localdate(moment), moment),
        "missing": services.missing(call, moment) if runs and call.status == CallStatus.DRAFT else [],
        "received": call.proposals.exclude(status="draft").count() if runs else None,
        "question_form": QuestionForm(initial={"token": new_token()}),
        "addendum_form": AddendumForm(initial={"token": new_token()}),
        "status_form": StatusForm(),
        "propose_url": services.proposal_address(call),
        "unsent": post.unsent(call.organization_id, moment) if runs else [],
        **also,
    }
    return render(request, "desk/calls/call_detail.html", context, status=status)


@require_safe
def call_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    call = _visible(request, pk)
    content = calendar_of(call, address=request.build_absolute_uri(call.get_absolute_url()), at=now())
    return as_file(content, f"{call.title[:40]}.ics", "text/calendar; charset=utf-8")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def call_new(request: HttpRequest) -> HttpResponse:
    owners = call_access.owners(request.user)
    organization: Organization | None = (
        owners.filter(pk=number_in(request.GET.get("organization"))).first() or owners.first()
    )
    if organization is None:
        raise PermissionDenied(_("募集を作れるのは、自治体の担当の人です。"))
    asked = Challenge.objects.visible_to(request.user).filter(
        pk=number_in(request.GET.get("challenge")), organization=organization
    )
    initial = {"challenges": list(asked), "title": asked[0].title if asked else ""}
    return page_under(
        request,
        "desk:call_list",
        None,
        CallForm(request.POST or None, organization=organization, actor=request.user, initial=initial),
        lambda form: services.create_call(
            organization=organization, values=form.values(), actor=person_of(request), at=now()
        ),
        title=_("募集を作る"),
        submit=_("下書きを作る"),
        done=_("下書きができました。審査の観点を決めると公開できます。"),
        to=lambda call: str(call.get_absolute_url()),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def call_edit(request: HttpRequest, pk: int) -> HttpResponse:
    call = _run(request, pk)
    form = CallForm(
        request.POST or None,
        instance=call,
        organization=call.organization,
        actor=request.user,
        initial={"version": call.version},
    )
    return page_under(
        request,
        "desk:call_list",
        call,
        form,
        lambda sent: services.edit_call(
            call_id=call.pk,
            values=sent.values(),
            version=sent.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        ),
        title=_("募集を書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def call_criteria(request: HttpRequest, pk: int) -> HttpResponse:
    call = _run(request, pk)
    rows = formset(request, CriterionFormSet, initial=criterion_initial(call.criteria.all()))
    return page_under(
        request,
        "desk:call_list",
        call,
        EmptyForm(request.POST or None),
        lambda _form: services.set_criteria(
            call_id=call.pk, rows=criterion_rows(rows), actor=person_of(request), at=now()
        ),
        title=_("審査の観点と重み"),
        submit=_("保存する"),
        done=_("審査の観点を保存しました。"),
        template="desk/criteria_form.html",
        rows=rows,
    )


@signed_in
@require_POST
def call_open(request: HttpRequest, pk: int) -> HttpResponse:
    call = _run(request, pk)
    return press(
        request,
        lambda: services.open_call(call_id=call.pk, actor=person_of(request), at=now()),
        done=_("募集を始めました。"),
        to=call,
    )


@signed_in
@require_POST
def call_status(request: HttpRequest, pk: int) -> HttpResponse:
    call = _run(request, pk)
    form = StatusForm(request.POST)
    status = request.POST.get("status", "")
    if status not in CallStatus.values or not form.is_valid():
        messages.error(request, _("変える先の状態を選んでください。"))
        return redirect(call)
    try:
        services.change_status(
            call_id=call.pk,
            status=CallStatus(status),
            reason=form.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        return _page(request, call, 422, status_form=form, refused=refused.sentence)
    messages.success(request, _("状態を変えました。"))
    return redirect(call)


@require_POST
@limited("call-questions", times=10, seconds=600)
def call_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """A question from anybody who may read the call."""
    call = _visible(request, pk)
    form = QuestionForm(request.POST)
    if not form.is_valid():
        return _page(request, call, 422, question_form=form)
    person = request.user if isinstance(request.user, Person) else None

    def make() -> str:
        services.ask(
            call_id=call.pk,
            text=form.cleaned_data["text"],
            name=form.cleaned_data["name"],
            email=form.cleaned_data["email"],
            person=person,
            at=now(),
        )
        return call.get_absolute_url()

    try:
        once(token=form.cleaned_data["token"], person=request.user, at=now(), make=make)
    except RefusedError as refused:
        form.add_error(None, refused.sentence)
        return _page(request, call, 422, question_form=form)
    messages.success(request, _("質問を受け付けました。回答は、このページでどなたにも公開します。"))
    return redirect(call)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def question_answer(request: HttpRequest, pk: int) -> HttpResponse:
    question = get_object_or_404(
        CallQuestion.objects.filter(call__in=call_access.visible(request.user)).select_related(
            "call__organization"
        ),
        pk=pk,
    )
    if not call_access.allows(request.user, "answer", question.call):
        raise Http404
    initial = {"public_text": question.public_text or question.text, "text": question.answer}
    return page_under(
        request,
        "desk:call_list",
        question.call,
        AnswerForm(request.POST or None, initial=initial),
        lambda form: services.answer(
            question_id=question.pk,
            text=form.cleaned_data["text"],
            public_text=form.cleaned_data["public_text"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("質問に答える"),
        submit=_("回答を公開する"),
        done=_("回答を公開しました。"),
        template="desk/calls/question_answer.html",
        quoted=question.text,
    )


@signed_in
@require_POST
def call_add(request: HttpRequest, pk: int) -> HttpResponse:
    call = _run(request, pk)
    form = AddendumForm(request.POST)
    if not form.is_valid():
        return _page(request, call, 422, addendum_form=form)

    def make() -> str:
        services.add(call_id=call.pk, text=form.cleaned_data["text"], actor=person_of(request), at=now())
        return call.get_absolute_url()

    try:
        once(token=form.cleaned_data["token"], person=request.user, at=now(), make=make)
    except RefusedError as refused:
        form.add_error(None, refused.sentence)
        return _page(request, call, 422, addendum_form=form)
    messages.success(request, _("追加・訂正を公開しました。"))
    return redirect(call)


def _visible(request: HttpRequest, pk: int) -> Call:
    rows = call_access.visible(request.user).select_related("organization", "section", "updated_by")
    return get_object_or_404(rows, pk=pk)


def _run(request: HttpRequest, pk: int) -> Call:
    call = _visible(request, pk)
    if not call_access.allows(request.user, "edit", call):
        if call.organization_id not in reach_of(request.user).organization_ids:
            raise Http404
        raise PermissionDenied(
            _("この募集を動かせるのは、%(owner)sの担当の人です。") % {"owner": call.organization.name}
        )
    return call


def number_in(text: str | None) -> int:
    """The key somebody sent, or 0, which is nobody's."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else 0
