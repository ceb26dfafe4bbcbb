"""Pages of calls: for everybody to read and ask, for the office to run."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
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
    criterion_initial,
    criterion_rows,
)
from enishi.desk.calls.models import Call, CallQuestion
from enishi.desk.office.forms import StatusForm
from enishi.desk.office.pages import OfficePages, minute_of
from enishi.desk.pages import number_in, page_under
from enishi.desk.tables import as_file
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.errors import RefusedError
from enishi.exchange.models import Challenge
from enishi.foundation.form_pages import EmptyForm, formset, press
from enishi.foundation.limits import limited
from enishi.foundation.submissions import new_token, once

PAGES = OfficePages[Call](
    access=call_access,
    form=CallForm,
    listed="desk:call_list",
    template="desk/calls/call_list.html",
    name=gettext_lazy("募集"),
    whose=gettext_lazy("この募集を動かせるのは、%(owner)sの担当の人です。"),
    only_offices=gettext_lazy("募集を作れるのは、自治体の担当の人です。"),
    searched=("title", "purpose", "asks"),
    columns=(
        (gettext_lazy("題名"), lambda call: call.title),
        (gettext_lazy("団体"), lambda call: call.organization.name),
        (gettext_lazy("状態"), lambda call: call.get_status_display()),
        (gettext_lazy("応募の締切"), lambda call: minute_of(call.deadline)),
        (gettext_lazy("公開日時"), lambda call: minute_of(call.published_at)),
        (gettext_lazy("問い合わせ先"), lambda call: call.contact_name),
    ),
)


@require_safe
@limited("desk-lists", times=240, seconds=60)
def call_list(request: HttpRequest) -> HttpResponse:
    return PAGES.listing(request)


@require_safe
@limited("desk-pages", times=240, seconds=60)
def call_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, PAGES.visible(request, pk))


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
    call = PAGES.visible(request, pk)
    content = calendar_of(call, address=request.build_absolute_uri(call.get_absolute_url()), at=now())
    return as_file(content, f"{call.title[:40]}.ics", "text/calendar; charset=utf-8")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def call_new(request: HttpRequest) -> HttpResponse:
    owners = call_access.owners(request.user)
    organization = owners.filter(pk=number_in(request.GET.get("organization"))).first() or owners.first()
    asked = Challenge.objects.visible_to(request.user).filter(
        pk=number_in(request.GET.get("challenge")), organization=organization
    )
    return PAGES.new(
        request,
        organization,
        lambda values, house: services.create_call(
            organization=house, values=values, actor=person_of(request), at=now()
        ),
        title=_("募集を作る"),
        done=_("下書きができました。審査の観点を決めると公開できます。"),
        initial={"challenges": list(asked), "title": asked[0].title if asked else ""},
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def call_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return PAGES.edit(
        request,
        pk,
        lambda values, version: services.edit_call(
            call_id=pk, values=values, version=version, actor=person_of(request), at=now()
        ),
        title=_("募集を書き直す"),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def call_criteria(request: HttpRequest, pk: int) -> HttpResponse:
    call = PAGES.held(request, pk)
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
    call = PAGES.held(request, pk)
    return press(
        request,
        lambda: services.open_call(call_id=call.pk, actor=person_of(request), at=now()),
        done=_("募集を始めました。"),
        to=call,
    )


@signed_in
@require_POST
def call_status(request: HttpRequest, pk: int) -> HttpResponse:
    call = PAGES.held(request, pk)
    return PAGES.change_status(
        request,
        call,
        lambda status, reason: services.change_status(
            call_id=pk, status=CallStatus(status), reason=reason, actor=person_of(request), at=now()
        ),
        again=_page,
    )


@require_POST
@limited("call-questions", times=10, seconds=600)
def call_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """A question from anybody who may read the call."""
    call = PAGES.visible(request, pk)
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
    call = PAGES.held(request, pk)
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
